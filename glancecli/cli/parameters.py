"""Options and arguments of commands, and how a family of them becomes one value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Option(click.Option):
    """An option with the habits of the old clients.

    optional_value: the value of the bare flag when a value may follow (``--x [auto|always]``).
    greedy: the spelling that takes every word up to the next option (``--tags a b``). empty:
    whether an empty value is allowed; it usually is an unset variable. title: what help calls the
    options that it is listed with.
    """

    def __init__(
        self,
        *args: Any,
        optional_value: str | None = None,
        greedy: str = "",
        empty: bool = False,
        title: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.optional_value = optional_value
        self.greedy = greedy
        self.empty = empty
        self.title = title

    @property
    def long_name(self) -> str:
        """The first long spelling, else the first spelling."""
        return next((name for name in self.opts if name.startswith("--")), self.opts[0])

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, Any]:
        """Does as click does. Raises UsageError for an empty value unless empty is set."""
        value, source = super().consume_value(ctx, opts)
        if not self.empty:
            _refuse_empty(self, ctx, opts)
        return value, source


class Argument(click.Argument):
    """An argument that has a help text, and is not empty unless ``empty`` is set."""

    def __init__(self, *args: Any, help: str = "", empty: bool = False, **kwargs: Any) -> None:  # noqa: A002 - click's word
        super().__init__(*args, **kwargs)
        self.help = help
        self.empty = empty

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, Any]:
        """Does as click does. Raises UsageError for an empty word unless empty is set."""
        if not self.empty:
            _refuse_empty(self, ctx, opts)
        return super().consume_value(ctx, opts)


def _refuse_empty(param: click.Parameter, ctx: click.Context, given: Mapping[str, Any]) -> None:
    value = given.get(param.name or "")
    values = [value]
    if isinstance(value, (list, tuple)):
        values = list(value)
    if "" in values:
        raise click.BadParameter("it is empty; is that an unset variable?", ctx, param)


def option(*args: Any, **kwargs: Any) -> Callable[[F], F]:
    """Declares an option of a command."""
    return click.option(*args, cls=Option, **kwargs)


def argument(*args: Any, **kwargs: Any) -> Callable[[F], F]:
    """Declares an argument of a command."""
    return click.argument(*args, cls=Argument, **kwargs)


class Family:
    """Options that reach their command as one value, in its parameter name.

    kind is a NamedTuple, whose fields are the options and the inner families.
    """

    def __init__(
        self, name: str, kind: type[Any], options: tuple[str, ...], inner: tuple[Family, ...]
    ) -> None:
        self.name = name
        self.kind = kind
        self.options = options
        self.inner = inner

    def take(self, values: dict[str, Any], typed: Collection[str]) -> Any:
        """Returns the family's value, and removes its options from values.

        A kind may have a field ``typed``: it gets the names of the options that stood on the
        command line, unlike those from variables and defaults.
        """
        fields: dict[str, Any] = {name: values.pop(name) for name in self.options}
        for family in self.inner:
            fields[family.name] = family.take(values, typed)
        if "typed" in self.kind._fields:
            fields["typed"] = frozenset(self.options).intersection(typed)
        return self.kind(**fields)


def into(
    name: str, kind: type[Any], *decorators: Callable[[Any], Any], title: str = ""
) -> Callable[[F], F]:
    """Declares options that reach the command as one value of kind, in its parameter name.

    The fields of kind have the names of the options. Families may hold families. Help lists the
    options under the title of the innermost family that has one.
    """

    def decorate(function: F) -> F:
        params, families = _declared_params(function), families_of(function)
        params_before, families_before = len(params), len(families)
        together(*decorators)(function)
        inner = tuple(families[families_before:])
        taken = {option for family in inner for option in _all_options(family)}
        added = (str(param.name) for param in params[params_before:])
        options = tuple(option for option in added if option not in taken)
        families[families_before:] = [Family(name, kind, options, inner)]
        for param in params[params_before:]:
            if isinstance(param, Option):
                param.title = param.title or title
        return function

    return decorate


def together(*decorators: Callable[[Any], Any]) -> Callable[[F], F]:
    """Joins several decorators into one; help shows their options in this order."""

    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def families_of(function: Callable[..., Any]) -> list[Family]:
    """Returns the list of families that were declared for a command's function."""
    found: list[Family] = vars(function).setdefault("__option_families__", [])
    return found


def collect(
    families: Sequence[Family], params: Mapping[str, Any], typed: Iterable[str]
) -> dict[str, Any]:
    """Returns the parameters of a command, with a value for each family in place of its options."""
    values = dict(params)
    known = frozenset(typed)
    collected = {family.name: family.take(values, known) for family in families}
    return {**values, **collected}


def _declared_params(function: Callable[..., Any]) -> list[click.Parameter]:
    """Returns the list in which click keeps the parameters declared for a function, last first."""
    found: list[click.Parameter] = vars(function).setdefault("__click_params__", [])
    return found


def _all_options(family: Family) -> list[str]:
    """Returns the options of a family and of those within it."""
    names = list(family.options)
    for inner in family.inner:
        names += _all_options(inner)
    return names
