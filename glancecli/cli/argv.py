"""Reads command lines: old spellings, unique beginnings, options in any place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

import click

from glancecli.cli.parameters import Option
from glancecli.cli.program import Program
from glancecli.cli.types import FALSE_WORDS, TRUE_WORDS, Count, TrueFalse
from glancecli.text import did_you_mean

# Word processors turn the hyphens of an option into these.
DASHES = ("\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212")


class Scope:
    """The options that may stand at one place of a command line.

    plugin_flags are those of login plugins (``os_identity_provider``).
    """

    def __init__(
        self,
        context: click.Context,
        options: Sequence[click.Option],
        plugin_flags: Iterable[str] = (),
    ) -> None:
        self.context = context
        self.options = options
        self.plugin_flags = plugin_flags

    def exact(self, name: str) -> click.Option | None:
        """Returns the option that has this spelling."""
        for option in self.options:
            if name in option.opts or name in option.secondary_opts:
                return option
        return None

    def by_prefix(self, name: str) -> click.Option:
        """Returns the only option that begins like this.

        Options that help does not list count where no listed one begins so. Raises
        click.UsageError for none or several.
        """
        listed = [option for option in self.options if not option.hidden]
        hidden = [option for option in self.options if option.hidden]
        for found in (_beginning(name, listed), _beginning(name, hidden)):
            options = {id(option): option for option in found.values()}
            if len(options) == 1:
                return next(iter(options.values()))
            if found:
                names = ", ".join(sorted(found))
                raise click.UsageError(
                    f"ambiguous option: {name} could match {names}", ctx=self.context
                )
        advice = self._advice(name, listed)
        raise click.UsageError(f"unrecognized arguments: {name}{advice}", ctx=self.context)

    def _advice(self, name: str, listed: Sequence[click.Option]) -> str:
        """Returns what an unknown option may have meant, as an end of a sentence."""
        from glancecli.cli.other_tools import advice_on_option

        known = advice_on_option(name)
        if known:
            return known
        nearest = did_you_mean(name, [spelling for spelling, _ in _spellings(listed)])
        if not nearest and self._may_be_name(name):
            return "; if it is a name, write -- before it"
        return nearest

    def _may_be_name(self, word: str) -> bool:
        """Whether an unknown option may be the name of an image: not where the command takes no
        names, and not where it looks like an option of another tool (``-o``, ``--os-foo``).
        """
        takes_names = any(isinstance(each, click.Argument) for each in self.context.command.params)
        return takes_names and len(word) > 2 and not word.startswith("--")

    def has_plugin_flag(self, name: str) -> bool:
        """Whether a login plugin has this option."""
        return name.startswith("--os-") and _plugin_key(name) in self.plugin_flags

    def is_cluster(self, letters: str) -> bool:
        """Whether these are short options, the last of them perhaps with its value."""
        for letter in letters:
            option = self.exact(f"-{letter}")
            if option is None:
                return False
            if not _takes_no_value(option):
                return True
        return True


class Typed:
    """An option as it was typed, and the words after it.

    value is None where no value stands in the same word.
    """

    def __init__(self, name: str, value: str | None, rest: list[str]) -> None:
        self.name = name
        self.value = value
        self.rest = rest


class Reading:
    """An option spelled out with its values, and the words after them.

    option is None for an option of a login plugin.
    """

    def __init__(self, option: click.Option | None, words: list[str], rest: list[str]) -> None:
        self.option = option
        self.words = words
        self.rest = rest


def arrange(program: Program, words: Sequence[str], plugin_flags: Iterable[str] = ()) -> list[str]:
    """Returns the command line with options spelled out and the program's own options in front.

    Understands unique beginnings (``--container``), underscores (``--os_auth_token``),
    ``[True|False]`` left out, greedy lists, and the options of keystoneauth's plugins. Raises
    click.UsageError for an ambiguous or unknown option, with the nearest one.
    """
    scope = program_scope(program, plugin_flags)
    own_options = list(scope.options)
    own: list[str] = []
    path: list[str] = []
    options: list[str] = []
    operands: list[str] = []
    current: click.Command = program
    rest = list(words)
    while rest:
        word = rest[0]
        if word == "--":
            operands += rest[1:]
            break
        if is_option(word):
            reading = read_option(rest, scope)
            rest = reading.rest
            if reading.option is None or reading.option in own_options:
                own += reading.words
            else:
                options += reading.words
            continue
        rest = rest[1:]
        if not isinstance(current, Program):
            _refuse_dash(word, scope.context)
            operands.append(word)
            continue
        found = current.get_command(scope.context, word)
        if found is None:
            return [*own, *path, word, *rest]
        path.append(word)
        current = found
        scope = command_scope(found, word, scope, own_options)
    return [*own, *path, *options, *_behind_dashes(operands)]


def _behind_dashes(operands: list[str]) -> list[str]:
    """Returns the operands, behind ``--`` if one of them begins with a dash."""
    if any(operand.startswith("-") for operand in operands):
        return ["--", *operands]
    return operands


def from_command(
    program: Program, words: Sequence[str], plugin_flags: Iterable[str] = ()
) -> list[str]:
    """Returns the words from the command on; an unknown option before it counts as one word."""
    scope = program_scope(program, plugin_flags)
    rest = list(words)
    while rest and is_option(rest[0]):
        behind = rest[1:]
        with suppress(click.UsageError):
            behind = read_option(rest, scope).rest
        rest = behind
    return rest


def read_option(words: Sequence[str], scope: Scope) -> Reading:
    """Reads the option that the first word is. Raises click.UsageError for an unknown one."""
    typed = _split(words, scope)
    exact = scope.exact(typed.name)
    if exact is None and scope.has_plugin_flag(typed.name):
        return _read_plugin_option(typed)
    option = exact or scope.by_prefix(typed.name)
    name = _full_name(option, typed.name)
    if typed.value is not None:
        return Reading(option, [_joined(name, typed.value)], typed.rest)
    if _takes_no_value(option):
        return Reading(option, [name], typed.rest)
    if isinstance(option, Option) and option.optional_value is not None:
        return _read_optional_value(option, name, option.optional_value, typed.rest)
    if isinstance(option.type, TrueFalse):
        return _read_boolean(option, name, typed.rest, scope.context)
    if isinstance(option, Option) and name == option.greedy:
        return _read_values(option, name, typed.rest)
    if not typed.rest:
        # Not left to click, which would take an operand for the value: options come first there.
        if not typed.name.startswith("--"):
            name = typed.name
        raise click.BadOptionUsage(name, f"Option '{name}' requires an argument.", scope.context)
    return Reading(option, [name, typed.rest[0]], typed.rest[1:])


def program_scope(program: Program, plugin_flags: Iterable[str] = ()) -> Scope:
    """Returns the scope before a command: the options of the program."""
    context = click.Context(program, info_name=program.name, **program.context_settings)
    return Scope(context, _options(program.get_params(context)), plugin_flags)


def command_scope(
    command: click.Command, word: str, outer: Scope, own_options: Sequence[click.Option]
) -> Scope:
    """Returns the scope behind a command's name.

    The command's options come first: its -f (format) hides the program's -f (force).
    """
    context = click.Context(
        command, info_name=word, parent=outer.context, **command.context_settings
    )
    options = [*_options(command.get_params(context)), *own_options]
    return Scope(context, options, outer.plugin_flags)


def _options(params: Sequence[click.Parameter]) -> list[click.Option]:
    return [param for param in params if isinstance(param, click.Option)]


def is_option(word: str) -> bool:
    """Whether a word is written as an option; a lone hyphen and a negative number are not."""
    return word.startswith("-") and word != "-" and not word[1:].isdigit()


def _refuse_dash(word: str, context: click.Context) -> None:
    """Raises click.UsageError for a word that was meant as an option."""
    if word[:1] in DASHES:
        raise click.UsageError(
            f"'{word}' begins with a dash that is not a hyphen; "
            "if it is a name, write -- before it",
            ctx=context,
        )


def _split(words: Sequence[str], scope: Scope) -> Typed:
    """Splits the first word into option and value."""
    word, rest = words[0], list(words[1:])
    if not word.startswith("--"):
        return _split_short(word, rest, scope)
    name, equals, value = word.partition("=")
    name = name.replace("_", "-")
    if not equals:
        return Typed(name, None, rest)
    return Typed(name, value, rest)


def _split_short(word: str, rest: list[str], scope: Scope) -> Typed:
    """Splits ``-fjson`` into option and value; of ``-dv`` it takes -d, and -v stays to be read."""
    name, attached = word[:2], word[2:]
    option = scope.exact(name)
    if option is None or not attached:
        return Typed(word, None, rest)
    if not _takes_no_value(option):
        return Typed(name, attached, rest)
    if not scope.is_cluster(attached):  # the error names the word as it was typed
        return Typed(word, None, rest)
    return Typed(name, None, [f"-{attached}", *rest])


def _takes_no_value(option: click.Option) -> bool:
    return option.is_flag or option.count


def _full_name(option: click.Option, typed: str) -> str:
    """Returns the long spelling of an option; click would guess at short and unfinished ones."""
    if typed.startswith("--") and typed in (*option.opts, *option.secondary_opts):
        return typed
    return max(option.opts, key=len)


def _joined(name: str, value: str) -> str:
    """Returns an option and its value as one word."""
    if name.startswith("--"):
        return f"{name}={value}"
    return f"{name}{value}"


def _plugin_key(name: str) -> str:
    return name.removeprefix("--").replace("-", "_")


def _read_plugin_option(typed: Typed) -> Reading:
    """Reads an option of a login plugin, which always has a value."""
    value, rest = typed.value, typed.rest
    if value is None:
        value, rest = "".join(rest[:1]), rest[1:]
    words = ["--os-plugin-option", f"{_plugin_key(typed.name)}={value}"]
    return Reading(None, words, rest)


def _read_optional_value(option: click.Option, name: str, default: str, rest: list[str]) -> Reading:
    """Reads an option whose value may be left out: a word behind it is its value, but only one of
    the words of an option that names them, and only a number where the value is one.
    """
    if rest and _may_be_value(option, rest[0]):
        return Reading(option, [f"{name}={rest[0]}"], rest[1:])
    return Reading(option, [f"{name}={default}"], rest)


def _read_boolean(
    option: click.Option, name: str, rest: list[str], context: click.Context
) -> Reading:
    """Reads ``[True|False]``: the word behind it is its value only if it is one of these two.

    Raises click.UsageError for a word that may be meant as the value or as a name.
    """
    if not rest:
        return Reading(option, [f"{name}=True"], rest)
    word = rest[0]
    if word.lower() in ("", "true", "false"):  # an empty word is an unset variable, and refused
        return Reading(option, [f"{name}={word}"], rest[1:])
    if word.lower() in TRUE_WORDS | FALSE_WORDS:
        raise click.UsageError(
            f"{name} {word}: write {name}={word} for the value; a name goes before the option",
            context,
        )
    return Reading(option, [f"{name}=True"], rest)


def _may_be_value(option: click.Option, word: str) -> bool:
    if isinstance(option.type, click.Choice):
        return word in option.type.choices
    if isinstance(option.type, Count):
        return word.removeprefix("-").isdecimal()
    return not word.startswith("-")


def _read_values(option: click.Option, name: str, rest: list[str]) -> Reading:
    """Reads a greedy option, which takes every word up to the next option."""
    words: list[str] = []
    while rest and not rest[0].startswith("-"):
        words += [name, rest[0]]
        rest = rest[1:]
    return Reading(option, words or [name], rest)


def _beginning(name: str, options: Sequence[click.Option]) -> dict[str, click.Option]:
    """Returns the long spellings that begin like this, with their options."""
    if len(name) < 3 or not name.startswith("--"):
        return {}
    return {
        spelling: option for spelling, option in _spellings(options) if spelling.startswith(name)
    }


def _spellings(options: Sequence[click.Option]) -> Iterator[tuple[str, click.Option]]:
    for option in options:
        for spelling in (*option.opts, *option.secondary_opts):
            yield spelling, option
