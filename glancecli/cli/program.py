"""How a command line is read: old spellings, options in any place, and help in the old clients' shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from inspect import cleandoc
from typing import Any, TypeVar

import click

from glancecli.commands import Entry, elsewhere, programs

F = TypeVar("F", bound=Callable[..., Any])

# What word processors make of the hyphens of an option.
DASHES = ("\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212")


class Option(click.Option):
    """An option with the habits of the old clients.

    optional_value: what the bare flag stands for when a value may follow (``--hidden [True|False]``): a word
    behind it is its value.
    greedy: the spelling that takes every word up to the next option (``--tags a b``).
    empty: takes a value without a letter; any other option refuses that, as an unset variable gives it.
    """

    def __init__(
        self,
        *args: Any,
        optional_value: str | None = None,
        greedy: str = "",
        empty: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.optional_value = optional_value
        self.greedy = greedy
        self.empty = empty

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, Any]:
        """As click does; UsageError for an empty value where it makes no sense."""
        value, source = super().consume_value(ctx, opts)
        if not self.empty:
            _refuse_empty(self, ctx, opts)
        return value, source


def _refuse_empty(param: click.Parameter, ctx: click.Context, given: Mapping[str, Any]) -> None:
    value = given.get(param.name or "")
    if value == "" or (isinstance(value, (list, tuple)) and "" in value):
        raise click.BadParameter("it is empty; is that an unset variable?", ctx, param)


class Command(click.Command):
    """A command whose help has examples, in the shape that the old clients' help had."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        kwargs.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(*args, **kwargs)
        self.examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does; an error about an option says whose it is, so that the hint names the right help."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; the App is told which of the command's options were given."""
        if ctx.obj is not None and ctx.parent is not None:
            path = ctx.command_path.split()[1:]
            ctx.obj.given = " ".join(path), [_given_as(p) for p in self.params if _was_given(p, ctx)]
        return super().invoke(ctx)

    def get_help(self, ctx: click.Context) -> str:
        """The help in the terminal's width."""
        from glancecli.cli.helptext import whole

        return whole(self, ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Usage, what it does, arguments, options, examples."""
        from glancecli.cli.helptext import argument_words, option_rows, section, usage

        formatter.write(usage(self, ctx) + "\n")
        if self.help:
            formatter.write(
                "\n" + click.formatting.wrap_text(cleandoc(self.help), 80, preserve_paragraphs=True) + "\n"
            )
        arguments = [p for p in self.params if isinstance(p, click.Argument)]
        section(
            formatter,
            "Positional arguments:",
            [(argument_words(a), getattr(a, "help", "") or "") for a in arguments],
        )
        section(formatter, "Options:", option_rows(self.get_params(ctx), ctx))
        if self.examples:
            program = ctx.find_root().info_name
            lines = "".join(f"  {program} {line}\n" for line in self.examples)
            formatter.write(f"\nExamples:\n{lines}")
        formatter.write(
            f'\nCloud options (--os-cloud ...) go anywhere: "{ctx.find_root().info_name} help" lists them.\n'
        )


def _was_given(param: click.Parameter, ctx: click.Context) -> bool:
    source = ctx.get_parameter_source(param.name or "")
    return isinstance(param, click.Option) and source in (
        click.core.ParameterSource.COMMANDLINE,
        click.core.ParameterSource.ENVIRONMENT,
    )


def _given_as(param: click.Parameter) -> str:
    """The name that an option goes by, its first long one."""
    return next((o for o in param.opts if o.startswith("--")), param.opts[0])


class Argument(click.Argument):
    """An argument that says what it is, and is never empty."""

    def __init__(self, *args: Any, help: str = "", **kwargs: Any) -> None:  # noqa: A002 - click's own word
        super().__init__(*args, **kwargs)
        self.help = help

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, Any]:
        """As click does; UsageError for an empty word, as an unset variable gives it."""
        _refuse_empty(self, ctx, opts)
        return super().consume_value(ctx, opts)


class Program(click.Group):
    """A program whose commands are imported when they are called.

    entries maps command names to where they live; nothing of a command is loaded to list it.
    """

    def __init__(self, entries: dict[str, Entry], **kwargs: Any) -> None:
        kwargs.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(no_args_is_help=False, **kwargs)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table of contents."""
        return list(self.entries)

    def shown(self) -> list[str]:
        """Names of the commands that help lists."""
        return [name for name, entry in self.entries.items() if not entry.hidden]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, its module imported now; a unique beginning of a name will not do, as ever."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        if entry.group:
            return Program(programs()[entry.group], name=cmd_name, help=entry.help)
        command = getattr(import_module(f"glancecli.commands.{entry.module}"), entry.attribute(cmd_name))
        assert isinstance(command, click.Command)  # noqa: S101 - told to the type checker
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; a mistyped one proposes the nearest."""
        command = self.get_command(ctx, args[0])
        if command is None:
            known = elsewhere(self.name or "", args[0])
            # Close enough for a slip, and not for nova's usage-list.
            where = _nearest(args[0], self.shown(), 0.85 if known else 0.75) or (known and f"; {known}")
            ctx.fail(f"there is no command '{args[0]}'{where}")
        return args[0], command, args[1:]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The program's own options; the command and all that follows stay in ctx.args."""
        return click.Command.parse_args(self, ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that ctx.args name; without one show help, as tools probe with the bare program."""
        if not ctx.args:
            click.echo(ctx.get_help())
            return None
        click.Command.invoke(self, ctx)
        name, found, words = self.resolve_command(ctx, ctx.args)
        assert found is not None  # noqa: S101 - resolve_command fails otherwise
        with found.make_context(name, words, parent=ctx) as inner:
            return found.invoke(inner)

    def get_help(self, ctx: click.Context) -> str:
        """The help in the terminal's width."""
        from glancecli.cli.helptext import whole

        return whole(self, ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Usage, the commands with a line each, the options."""
        from glancecli.cli.helptext import option_rows, section

        formatter.write(f"usage: {ctx.command_path} [options] COMMAND ...\n\n{self.help}\n")
        formatter.write("\nPositional arguments:\n  COMMAND\n")
        names = self.shown()
        width = max(map(len, names))
        for name in names:
            formatter.write(f"    {name:<{width}}  {self.entries[name].help}\n")
        section(formatter, "Options:", option_rows(self.get_params(ctx), ctx))
        formatter.write(f'\nSee "{ctx.command_path} help COMMAND" for help on one command.\n')


def command(
    name: str, *, examples: Sequence[str] = (), **kwargs: Any
) -> Callable[[Callable[..., Any]], Command]:
    """Make a function the command of this name; examples leave out the program's name."""
    return click.command(name, cls=Command, examples=examples, **kwargs)


def option(*args: Any, **kwargs: Any) -> Callable[[F], F]:
    """An option of ours."""
    return click.option(*args, cls=Option, **kwargs)


def argument(*args: Any, **kwargs: Any) -> Callable[[F], F]:
    """An argument that says what it is."""
    return click.argument(*args, cls=Argument, **kwargs)


# Reading a command line ---------------------------------------------------------------------------


def arrange(program: Program, words: Sequence[str], plugin_flags: Iterable[str] = ()) -> list[str]:
    """The same command line with every option spelled out and the program's own options in front.

    Knows unique beginnings (``--container``), underscores (``--os_auth_token``), ``[True|False]`` left
    out, greedy lists, and keystoneauth's plugin options. Raises click.UsageError for an ambiguous or
    unknown option, with the nearest one.
    """
    context = click.Context(program, info_name=program.name, **program.context_settings)
    known = list(program.get_params(context))
    own: list[str] = []
    path: list[str] = []
    rest: list[str] = []
    operands: list[str] = []
    current: click.Command = program
    scope: list[click.Parameter] = known
    todo = list(words)
    while todo:
        word = todo.pop(0)
        if word == "--":
            operands += todo
            break
        if _is_option(word):
            option, spelled, taken = _read_option(word, todo, scope, context, plugin_flags)
            (own if option is None or option in known else rest).extend([*spelled, *taken])
        elif isinstance(current, Program):
            found = current.get_command(context, word)
            if found is None:
                return [*own, *path, word, *todo]
            path.append(word)
            current = found
            context = click.Context(current, info_name=word, parent=context, **current.context_settings)
            # A command's own -f (format) goes before the program's -f (force).
            scope = [*current.get_params(context), *known]
        elif word[:1] in DASHES:
            raise click.UsageError(
                f"'{word}' begins with a dash that is no hyphen; if it is a name, write -- before it",
                ctx=context,
            )
        else:
            operands.append(word)
    return [*own, *path, *rest, *(["--"] if any(o.startswith("-") for o in operands) else []), *operands]


def from_command(program: Program, words: Sequence[str], plugin_flags: Iterable[str] = ()) -> list[str]:
    """The words from the command on; in front of it an option that nobody here knows stands alone."""
    context = click.Context(program, info_name=program.name, **program.context_settings)
    known = program.get_params(context)
    todo = list(words)
    while todo and _is_option(todo[0]):
        with suppress(click.UsageError):
            _read_option(todo.pop(0), todo, known, context, plugin_flags)
    return todo


def _is_option(word: str) -> bool:
    """Whether a word is written as an option; neither a hyphen alone nor a negative number is."""
    return word.startswith("-") and word != "-" and not word[1:].isdigit()


def _read_option(
    word: str,
    todo: list[str],
    scope: Sequence[click.Parameter],
    context: click.Context,
    plugin_flags: Iterable[str],
) -> tuple[click.Option | None, list[str], list[str]]:
    """One option off the front: itself (None: a login plugin's), full spelling, values out of todo."""
    name, equals, value = word.partition("=")
    if name.startswith("--"):
        name = name.replace("_", "-")
    if not word.startswith("--"):
        name, equals, value = _short(word, todo, scope)
    if name.startswith("--os-") and name[2:].replace("-", "_") in plugin_flags and not _exact(name, scope):
        given = value if equals else (todo.pop(0) if todo else "")
        return None, ["--os-plugin-option", f"{name[2:].replace('-', '_')}={given}"], []
    option = _exact(name, scope) or _by_prefix(name, scope, context)
    # Long, as click looks for what is like a short option before it takes it as one.
    is_long = name.startswith("--") and name in option.opts + option.secondary_opts
    full = name if is_long else max(option.opts, key=len)
    if equals:
        return option, [f"{full}={value}" if full.startswith("--") else full + value], []
    if option.is_flag or option.count:
        return option, [full], []
    if isinstance(option, Option) and option.optional_value is not None:
        follows = bool(todo) and not todo[0].startswith("-")
        return option, [f"{full}={todo.pop(0) if follows else option.optional_value}"], []
    if isinstance(option, Option) and full == option.greedy:
        taken: list[str] = []
        while todo and not todo[0].startswith("-"):
            taken += [full, todo.pop(0)]
        return option, [], taken or [full]
    if not todo:  # click tells of the option as it was typed that its value is missing
        return option, [full if name.startswith("--") else name], []
    return option, [full], [todo.pop(0)]


def _short(word: str, todo: list[str], scope: Sequence[click.Parameter]) -> tuple[str, str, str]:
    """``-fjson`` as an option and its value; of ``-dv`` the first, while the rest goes back into todo."""
    option = _exact(word[:2], scope)
    if option is None or len(word) == 2:
        return word, "", ""
    if not (option.is_flag or option.count):
        return word[:2], "=", word[2:]
    if not _is_cluster(word[2:], scope):  # told of as it was typed
        return word, "", ""
    todo.insert(0, f"-{word[2:]}")
    return word[:2], "", ""


def _is_cluster(letters: str, scope: Sequence[click.Parameter]) -> bool:
    """Whether these are short options, the last of them perhaps with its value."""
    for letter in letters:
        option = _exact(f"-{letter}", scope)
        if option is None or not (option.is_flag or option.count):
            return option is not None
    return True


def _options(scope: Sequence[click.Parameter]) -> Iterator[click.Option]:
    return (p for p in scope if isinstance(p, click.Option))


def _exact(name: str, scope: Sequence[click.Parameter]) -> click.Option | None:
    return next((o for o in _options(scope) if name in o.opts or name in o.secondary_opts), None)


def _by_prefix(name: str, scope: Sequence[click.Parameter], context: click.Context) -> click.Option:
    """The only option that begins like this; those that help does not list count where no other does."""
    listed = [(s, o) for o in _options(scope) if not o.hidden for s in o.opts + o.secondary_opts]
    others = [(s, o) for o in _options(scope) if o.hidden for s in o.opts]
    for candidates in (listed, others):
        found = {s: o for s, o in candidates if s.startswith(name) and len(name) > 2 and name[:2] == "--"}
        if len(set(map(id, found.values()))) == 1:
            return next(iter(found.values()))
        if found:
            raise click.UsageError(
                f"ambiguous option: {name} could match {', '.join(sorted(found))}", ctx=context
            )
    nearest = _nearest(name, [spelling for spelling, _ in listed])
    if not nearest and not isinstance(context.command, Program):
        nearest = "; if it is a name, write -- before it"
    raise click.UsageError(f"unrecognized arguments: {name}{nearest}", ctx=context)


def _nearest(word: str, candidates: Iterable[str], likeness: float = 0.75) -> str:
    import difflib

    near = difflib.get_close_matches(word, list(candidates), n=2, cutoff=likeness)
    return f"; did you mean {' or '.join(near)}?" if near else ""
