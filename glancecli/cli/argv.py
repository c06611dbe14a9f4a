"""Reading a command line: old spellings, unique beginnings, options in any place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

import click

from glancecli.cli.program import Option, Program
from glancecli.text import did_you_mean

# What word processors make of the hyphens of an option.
DASHES = ("\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212")


def arrange(program: Program, words: Sequence[str], plugin_flags: Iterable[str] = ()) -> list[str]:
    """The same command line with every option spelled out and the program's own options in front.

    Knows unique beginnings (``--container``), underscores (``--os_auth_token``), ``[True|False]``
    left out, greedy lists, and keystoneauth's plugin options. Raises click.UsageError for an
    ambiguous or unknown option, with the nearest one.
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
            context = click.Context(
                current, info_name=word, parent=context, **current.context_settings
            )
            # A command's own -f (format) goes before the program's -f (force).
            scope = [*current.get_params(context), *known]
        elif word[:1] in DASHES:
            raise click.UsageError(
                f"'{word}' begins with a dash that is no hyphen; if it is a name, write -- before it",
                ctx=context,
            )
        else:
            operands.append(word)
    return [
        *own,
        *path,
        *rest,
        *(["--"] if any(o.startswith("-") for o in operands) else []),
        *operands,
    ]


def from_command(
    program: Program, words: Sequence[str], plugin_flags: Iterable[str] = ()
) -> list[str]:
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
    if (
        name.startswith("--os-")
        and name[2:].replace("-", "_") in plugin_flags
        and not _exact(name, scope)
    ):
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
    """``-fjson`` as an option and its value; of ``-dv`` the first, while the rest goes back into
    todo.
    """
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
    """The only option that begins like this; those that help does not list count where no other
    does.
    """
    listed = [(s, o) for o in _options(scope) if not o.hidden for s in o.opts + o.secondary_opts]
    others = [(s, o) for o in _options(scope) if o.hidden for s in o.opts]
    for candidates in (listed, others):
        found = {
            s: o for s, o in candidates if s.startswith(name) and len(name) > 2 and name[:2] == "--"
        }
        if len(set(map(id, found.values()))) == 1:
            return next(iter(found.values()))
        if found:
            raise click.UsageError(
                f"ambiguous option: {name} could match {', '.join(sorted(found))}", ctx=context
            )
    nearest = did_you_mean(name, [spelling for spelling, _ in listed])
    if not nearest and not isinstance(context.command, Program):
        nearest = "; if it is a name, write -- before it"
    raise click.UsageError(f"unrecognized arguments: {name}{nearest}", ctx=context)
