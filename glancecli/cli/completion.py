"""What may follow the words of a command line: for the completion in shells.

It is read from the commands themselves. Only files of this machine are read: no service is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import click

from glancecli.cli.argv import Scope, command_scope, is_option, program_scope, read_option
from glancecli.cli.bash_line import read_line, read_piece, replacement
from glancecli.cli.offers import Known, Offer, Offers, offers_for
from glancecli.cli.parameters import Option
from glancecli.cli.program import Program
from glancecli.cli.types import TrueFalse
from glancecli.errors import GlanceError

FILES = "=files"  # tells a script that names of files may follow


LONGEST_HELP = 70  # characters: shells show one line


def answer_lines(root: click.Context, shell: str, words: Sequence[str]) -> list[str]:
    """Returns what the script of a shell reads: ``=files``, or a word, a tab, and a line about it.

    For bash the words are as they must stand in the line, and have no line about them. A failure,
    as of a broken clouds.yaml, offers nothing, and so does a wrong number of words.
    """
    program = root.command
    assert isinstance(program, Program)  # noqa: S101 - for the type checker
    try:
        if shell == "bash":
            line, replaced = words
            return _lines_for_bash(program, line, replaced)
        *before, current = words
        # These shells compare and quote themselves; a word with quotes is compared by them alone.
        found = offers(program, before, read_piece(current).value or "")
    except (click.ClickException, GlanceError, ValueError):
        return []
    return [*_files(found), *map(_described, found.words)]


def _lines_for_bash(program: Program, line: str, replaced: str) -> list[str]:
    read = read_line(line)
    current = read_piece(read.last).value
    if current is None:
        return []
    found = offers(program, read.words[1:], current)
    written = (replacement(each.value, read.last, replaced) for each in found.words)
    return [*_files(found), *(text for text in written if text is not None)]


def _files(found: Offers) -> list[str]:
    """Returns the line that stands for names of files, if they may follow."""
    return [FILES] * found.files


def _described(offer: Offer) -> str:
    """Returns a word with the first sentence of its help."""
    sentence = re.split(r"(?<![. ])\.(?: |$)", offer.help, maxsplit=1)[0]
    if not sentence.isprintable():
        return offer.value
    if len(sentence) > LONGEST_HELP:
        sentence = sentence[: LONGEST_HELP - 1] + "…"
    return f"{offer.value}\t{sentence}".rstrip("\t")


class Typed:
    """The finished words of a command line.

    command is the program, group or command that they have named, scope the options that may
    follow, pending the option whose value comes next, own_words the program's own options.
    """

    def __init__(self, program: Program, words: Sequence[str]) -> None:
        self.command: click.Command = program
        self.scope = program_scope(program)
        self.pending: click.Option | None = None
        self.operands: list[str] = []
        self.own_words: list[str] = []
        self.only_operands = False  # behind "--"
        self._own_options = list(self.scope.options)
        rest = list(words)
        while rest:
            rest = self._read(rest)

    @property
    def own_options(self) -> list[click.Option]:
        """The options of the command itself."""
        if isinstance(self.command, Program):
            return list(self.scope.options)
        return [option for option in self.scope.options if option not in self._own_options]

    @property
    def argument(self) -> click.Argument | None:
        """The argument that the next operand is, None if there is none left."""
        taken = len(self.operands)
        for param in self.command.params:
            if not isinstance(param, click.Argument):
                continue
            if param.nargs == -1 or taken < param.nargs:
                return param
            taken -= param.nargs
        return None

    def _read(self, rest: list[str]) -> list[str]:
        """Reads the first word, and its value if it has one; returns the words after them."""
        word, behind = rest[0], rest[1:]
        if self.only_operands or not is_option(word):
            self._read_operand(word)
            return behind
        if word == "--":
            self.only_operands = True
            return behind
        if not behind:
            self.pending = waiting_for_value(word, self.scope)
        try:
            reading = read_option(rest, self.scope)
        except click.UsageError:  # unknown, or without its value so far
            return behind
        if reading.option in self._own_options:
            self.own_words += reading.words
        return reading.rest

    def _read_operand(self, word: str) -> None:
        if not isinstance(self.command, Program):
            self.operands.append(word)
            return
        found = self.command.get_command(self.scope.context, word)
        if found is not None:
            self.command = found
            self.scope = command_scope(found, word, self.scope, self._own_options)


def waiting_for_value(word: str, scope: Scope) -> click.Option | None:
    """Returns the option that a word is, if the next word may be its value."""
    option = scope.exact(word.replace("_", "-"))
    if option is None or option.is_flag or option.count:
        return None
    return option


def offers(program: Program, words: Sequence[str], current: str) -> Offers:
    """Returns what the word that begins with ``current`` may become.

    words are those between the program and the current word.
    """
    typed = Typed(program, words)
    known = Known(program, typed.own_words, typed.command.name or "")
    if typed.pending is not None:
        return _values_and_more(typed.pending, typed, known, current)
    if not current.startswith("-") or typed.only_operands:
        return _operands(typed, known, current)
    name, equals, value = current.partition("=")
    if not equals:
        return Offers(list(_option_offers(typed, current)))
    option = waiting_for_value(name, typed.scope)
    if option is None:
        return Offers([])
    found = offers_for(option, known, value)
    return found._replace(words=[Offer(f"{name}={each.value}", each.help) for each in found.words])


def _values_and_more(option: click.Option, typed: Typed, known: Known, current: str) -> Offers:
    """Returns the values of an option; if its value may be left out, also what follows it."""
    found = offers_for(option, known, current)
    is_optional = isinstance(option.type, TrueFalse)
    if isinstance(option, Option):
        is_optional = is_optional or option.optional_value is not None
    if not is_optional:
        return found
    more = _operands(typed, known, current)
    return more._replace(words=[*found.words, *more.words])


def _operands(typed: Typed, known: Known, current: str) -> Offers:
    """Returns the offers for a command, or for an argument of a command."""
    command = typed.command
    if isinstance(command, Program):
        entries = (Offer(name, command.entries[name].help) for name in command.shown())
        return Offers(list(_beginning(entries, current)))
    if typed.argument is None:
        return Offers([])
    found = offers_for(typed.argument, known, current)
    return found._replace(words=[each for each in found.words if _is_new(each.value, typed)])


def _is_new(operand: str, typed: Typed) -> bool:
    """Whether an operand is not there yet, and is not read as an option."""
    return operand not in typed.operands and (typed.only_operands or not is_option(operand))


def _option_offers(typed: Typed, current: str) -> Iterator[Offer]:
    """Yields the options that begin like this; those of every command where they are meant."""
    found = list(_beginning(_spelled(typed.own_options), current))
    if found and not current.startswith("--os"):
        yield from found
    else:
        yield from _beginning(_spelled(typed.scope.options), current)


def _spelled(options: Iterable[click.Option]) -> Iterator[Offer]:
    """Yields the long spellings of the options that help lists."""
    for option in options:
        if not option.hidden:
            yield from (Offer(name, option.help or "") for name in option.opts if name[:2] == "--")


def _beginning(found: Iterable[Offer], current: str) -> Iterator[Offer]:
    return (offer for offer in found if offer.value.startswith(current))
