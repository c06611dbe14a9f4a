"""Commands of other tools, and of other habits: what to type instead."""

from __future__ import annotations

import json

import pytest

from glancecli.cli.contents import programs
from glancecli.cli.other_tools import advice_on_command
from tests.support.pages import script

peers = script("peers")
OPENSTACK = [name for name in json.loads(peers.DATA.read_text())["openstack"] if name]


@pytest.mark.parametrize("name", OPENSTACK)
def test_every_command_of_openstackclient_leads_to_ours(name: str) -> None:
    ours = peers.OPENSTACK[name]
    command = ours.words.split()[0]
    if ours.program != "glance":
        command = f"{ours.program} {command}"
    advice = advice_on_command([*name.split(), "cirros", "--name", "x"], programs()["glance"])
    assert advice == f"; use {command}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("list", "image-list"),
        ("image-rm cirros", "image-delete"),
        ("image-ls", "image-list"),
        ("image-save cirros", "image-download"),
        ("image-set cirros", "image-update"),
        ("member-add cirros web", "member-create"),
        ("md-tag-rm x", "md-tag-delete"),
        ("task ls", "task-list"),
        ("pull cirros", "image-download"),
        ("image", ""),
        ("image-lst", ""),
        ("frobnicate image", ""),
        ("--list", ""),
    ],
)
def test_words_of_other_habits_lead_to_ours(words: str, expected: str) -> None:
    advice = advice_on_command(words.split(), programs()["glance"])
    assert advice == (f"; use {expected}" if expected else "")
