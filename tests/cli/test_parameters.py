"""Families of options reach a command as one value each."""

from __future__ import annotations

from typing import NamedTuple

import click
import pytest

from glancecli.cli.command import Command, command
from glancecli.cli.parameters import argument, families_of, into, option
from glancecli.cli.program import Program
from tests.cli.commands import all_commands


class Size(NamedTuple):
    width: int
    height: int


class Picture(NamedTuple):
    name: str
    size: Size
    typed: frozenset[str]


size_options = into("size", Size, option("--width", default=1), option("--height", default=2))


def parse(made: Command, *words: str) -> None:
    program = Program({}, name="glance", params=[click.Option(["--timings"], is_flag=True)])
    root = program.make_context("glance", [])
    with made.make_context("draw", list(words), parent=root) as ctx:
        made.invoke(ctx)


def test_options_of_a_family_are_one_value_with_a_value_for_each_inner_family() -> None:
    seen: list[object] = []

    @command("draw")
    @into("picture", Picture, argument("name"), size_options)
    @option("--colour", default="red")
    def draw(picture: Picture, colour: str) -> None:
        seen.extend((picture, colour))

    parse(draw, "x", "--width", "3")
    assert seen == [Picture("x", Size(3, 2), frozenset({"name"})), "red"]


def test_a_value_says_which_of_its_options_were_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Choice(NamedTuple):
        store: str | None
        method: str | None
        wait: bool
        typed: frozenset[str]

    seen: list[Choice] = []

    @command("draw")
    @into(
        "choice",
        Choice,
        option("--store", envvar="STORE"),
        option("--method"),
        option("--wait", is_flag=True),
    )
    def draw(choice: Choice) -> None:
        seen.append(choice)

    monkeypatch.setenv("STORE", "slow")
    parse(draw, "--wait")
    assert seen == [Choice("slow", None, True, frozenset({"wait"}))]


def test_help_lists_options_in_the_order_of_their_families() -> None:
    @command("draw")
    @option("--first")
    @size_options
    @option("--last")
    def draw() -> None:
        """Draw."""

    assert [param.name for param in draw.params] == ["first", "width", "height", "last"]


@pytest.mark.parametrize("found", all_commands(), ids=lambda found: str(found.name))
def test_every_family_of_a_command_has_a_field_for_each_of_its_options(found: Command) -> None:
    assert found.callback is not None
    for family in families_of(found.callback):
        inner = {each.name for each in family.inner}
        fields = set(family.kind._fields) - {"typed"}
        optional = set(family.kind._field_defaults)
        assert set(family.options) | inner <= fields
        assert fields - optional <= set(family.options) | inner
