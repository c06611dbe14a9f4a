"""Nothing that python-glanceclient, novaclient and `openstack image` can do is missing here."""

from __future__ import annotations

import json
import shlex
from functools import cache

import click
import pytest

from glancecli.auth.layers import PLUGIN_FLAGS
from glancecli.cli.argv import arrange
from glancecli.cli.main import build
from tests.support.pages import script

peers = script("peers")
PEERS: dict[str, dict[str, str]] = json.loads(peers.DATA.read_text())
COMMANDS = [(peer, name) for peer, commands in PEERS.items() for name in commands]


@cache
def rows(peer: str) -> dict[str, peers.Row]:  # type: ignore[name-defined]
    return {row.name: row for row in peers.rows(peer)}


def parse(program_name: str, line: str) -> None:
    """Parses a command line. Raises click.UsageError for an option or argument that is wrong."""
    program = build(program_name)
    context = program.make_context(program_name, arrange(program, shlex.split(line), PLUGIN_FLAGS))
    word, command, rest = program.resolve_command(context, context.args)
    assert command is not None
    command.make_context(word, rest, parent=context)


def test_the_tables_have_every_command_of_the_peers() -> None:
    for peer, commands in PEERS.items():
        assert list(rows(peer)) == list(commands)
        assert len(commands) > 7


@pytest.mark.parametrize(("peer", "name"), COMMANDS)
def test_every_command_and_option_has_its_counterpart_or_a_reason(peer: str, name: str) -> None:
    row = rows(peer)[name]
    assert [option for option, known in row.options if known is None] == []


@pytest.mark.parametrize(
    ("peer", "name"), [each for each in COMMANDS if each[0] != "openstack" and each[1]]
)
def test_every_command_takes_as_many_arguments_as_theirs(peer: str, name: str) -> None:
    row = rows(peer)[name]
    program = build(row.ours.program)
    context = program.make_context(row.ours.program, [], resilient_parsing=True)
    command = program.get_command(context, name)
    assert command is not None
    required = [each for each in command.params if isinstance(each, click.Argument)]
    ours = [each.nargs == -1 for each in required if each.required]
    theirs = [word.endswith("...") for word in peers.arguments(PEERS[peer][name])]
    assert len(ours) == len(theirs)
    assert all(ours[place] for place, repeated in enumerate(theirs) if repeated)


@pytest.mark.parametrize(("peer", "name"), COMMANDS)
def test_every_counterpart_exists(peer: str, name: str) -> None:
    row = rows(peer)[name]
    for _, known in row.options:
        if isinstance(known, peers.Reason):
            continue
        if not known.words.startswith("-"):
            parse(known.program, known.words)
            continue
        option = known.words.split()[0]
        assert peers.scope_of(row.ours).has(option), option


def test_every_entry_of_the_tables_is_about_an_option_of_the_peers() -> None:
    assert set(peers.OPENSTACK) == set(PEERS["openstack"]) - {""}
    for name, command in peers.OPENSTACK.items():
        theirs = {each.split("/")[0] for each in PEERS["openstack"][name].split()}
        assert set(command.options) <= theirs, name
    for peer, options in peers.SHARED.items():
        theirs = {each.split("/")[0] for each in PEERS[peer][""].split()}
        assert set(options) <= theirs, peer


@pytest.mark.parametrize(("peer", "name"), COMMANDS)
def test_no_reason_is_about_an_option_that_exists_here(peer: str, name: str) -> None:
    row = rows(peer)[name]
    reasons = {
        option for option, known in row.ours.options.items() if isinstance(known, peers.Reason)
    }
    assert reasons <= {option.split("/")[0] for option, _ in row.options}


@pytest.mark.parametrize("line", ["image-list --no-such-option", "image-show"])
def test_a_wrong_counterpart_does_not_pass(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse("glance", line)


def test_an_option_without_counterpart_is_found() -> None:
    missing = list(peers.other_options(peers.Command("image-list"), ["--limit", "--nothing"]))
    assert missing == [("--nothing", None)]
