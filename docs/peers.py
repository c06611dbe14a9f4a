"""Commands and options of other clients, and what does the same here.

tests/data/peers.json has those of python-glanceclient 4.13.0, of novaclient 18.13 and its releases
before 8.0, which had image commands, and of openstackclient 10.5.0, as their help lists them. An
option that has the same name here needs no entry below.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from glancecli.auth.layers import PLUGIN_FLAGS
from glancecli.cli.argv import Scope
from glancecli.cli.main import build

DATA = Path(__file__).resolve().parent.parent / "tests" / "data" / "peers.json"
TITLES = {
    "glance": "glance (python-glanceclient 4.13.0)",
    "nova": "nova (python-novaclient 18.13.1, and the image commands that ended with 8.0)",
    "openstack": "openstack (python-openstackclient 10.5.0)",
}
ALL_COMMANDS = ""  # the program's own options, and those that all commands have
ANY_COMMAND = {"glance": "", "nova": "", "openstack": "image-list"}  # one that has the same

HEAD = """\
Every command of these clients, and what does the same here. Options that are not named have the
same name here.\
"""


class Use(NamedTuple):
    """What does the same: options of the same command, or else a whole command line."""

    words: str
    program: str = "glance"


class Reason(NamedTuple):
    """Why there is no counterpart, and what to do."""

    text: str


NO_OPTIONS: dict[str, Use | Reason] = {}


class Command(NamedTuple):
    """A command that does the same, and its options by the names that they have there."""

    words: str  # the command with the arguments that stand for what is in its name
    options: dict[str, Use | Reason] = NO_OPTIONS
    program: str = "glance"


VISIBILITY: dict[str, Use | Reason] = {
    f"--{word}": Use(f"--visibility {word}")
    for word in ("public", "private", "community", "shared")
}
SCOPE = {option: VISIBILITY[option] for option in ("--public", "--private")}
PROTECTION: dict[str, Use | Reason] = {"--unprotected": Use("--protected False")}
SIGNATURE = Reason(
    "Sign the data with openssl, and give the img_signature properties with --property"
)
PREFIX = Reason("It is for -f shell alone, which shows one thing")
SHAPE = Reason("A table fits the terminal by itself, and has full width in a pipe")
QUOTE = Reason("CSV has quotes only where a cell needs them (RFC 4180)")

# What all commands of a peer have.
SHARED: dict[str, dict[str, Use | Reason]] = {
    "glance": NO_OPTIONS,
    "nova": NO_OPTIONS,
    "openstack": {
        "--quote": QUOTE,
        "--prefix": PREFIX,
        "--max-width": SHAPE,
        "--fit-width": SHAPE,
        "--print-empty": Reason("An empty table is always printed"),
        "--sort-ascending": Reason("Rows are sorted in ascending order"),
        "--sort-descending": Reason("The service sorts with --sort KEY:desc"),
    },
}

OPENSTACK: dict[str, Command] = {
    "image add project": Command("member-create"),
    "image create": Command(
        "image-create",
        {
            **VISIBILITY,
            **PROTECTION,
            "--project": Use("--owner PROJECT"),
            "--import": Use("image-create-via-import --file FILE --name NAME"),
            "--volume": Reason(
                "It is a request to the volume service: `openstack image create --volume`"
            ),
            "--sign-key-path": SIGNATURE,
            "--sign-cert-id": SIGNATURE,
        },
    ),
    "image delete": Command("image-delete", {"--store": Use("stores-delete IMAGE --store STORE")}),
    "image import": Command(
        "image-import",
        {
            "--method": Use("--import-method METHOD"),
            "--remote-image": Use("--remote-image-id ID"),
            "--disallow-failure": Use("--allow-failure False"),
        },
    ),
    "image import info": Command("import-info"),
    "image list": Command(
        "image-list",
        {
            **VISIBILITY,
            "--all": Use("--visibility all"),
            "--property": Use("--property-filter KEY=VALUE"),
            "--project": Use("--owner PROJECT"),
            "--limit": Use("--page-size NUMBER"),
        },
    ),
    "image member get": Command("member-get"),
    "image member list": Command("member-list IMAGE"),
    "image metadef namespace create": Command("md-namespace-create", {**SCOPE, **PROTECTION}),
    "image metadef namespace delete": Command("md-namespace-delete"),
    "image metadef namespace list": Command("md-namespace-list"),
    "image metadef namespace set": Command(
        "md-namespace-update",
        {**SCOPE, **PROTECTION, "--tag": Use("md-tag-create NAMESPACE --name TAG")},
    ),
    "image metadef namespace show": Command("md-namespace-show"),
    "image metadef namespace unset": Command(
        "md-tag-delete",
        {
            "--tag": Use("md-tag-delete NAMESPACE TAG"),
            "--all-tags": Use("md-namespace-tags-delete NAMESPACE"),
        },
    ),
    "image metadef object create": Command(
        "md-object-create", {"--namespace": Use("md-object-create NAMESPACE --name N --schema {}")}
    ),
    "image metadef object delete": Command("md-object-delete"),
    "image metadef object list": Command("md-object-list"),
    "image metadef object property show": Command("md-object-property-show"),
    "image metadef object show": Command("md-object-show"),
    "image metadef object update": Command("md-object-update"),
    "image metadef property create": Command("md-property-create"),
    "image metadef property delete": Command("md-property-delete"),
    "image metadef property list": Command("md-property-list"),
    "image metadef property set": Command("md-property-update"),
    "image metadef property show": Command("md-property-show"),
    "image metadef resource type association create": Command("md-resource-type-associate"),
    "image metadef resource type association delete": Command(
        "md-resource-type-deassociate",
        {"--force": Use("md-namespace-update NAMESPACE --protected False")},
    ),
    "image metadef resource type association list": Command("md-namespace-resource-type-list"),
    "image metadef resource type list": Command("md-resource-type-list"),
    "image remove project": Command("member-delete"),
    "image save": Command(
        "image-download",
        {
            "--chunk-size": Reason("Chunks have the size that is fastest"),
            "--store-preference": Use("--prefer STORE"),
        },
    ),
    "image set": Command(
        "image-update",
        {
            **VISIBILITY,
            **PROTECTION,
            "--instance-id": Use("--instance-uuid ID"),
            "--deactivate": Use("image-deactivate IMAGE"),
            "--activate": Use("image-reactivate IMAGE"),
            "--project": Use("--owner PROJECT"),
            "--accept": Use("member-update IMAGE PROJECT accepted"),
            "--reject": Use("member-update IMAGE PROJECT rejected"),
            "--pending": Use("member-update IMAGE PROJECT pending"),
            "--unhidden": Use("--hidden False"),
        },
    ),
    "image show": Command("image-show"),
    "image stage": Command("image-stage"),
    "image stores list": Command("stores-info"),
    "image task list": Command("task-list", {"--limit": Use("--page-size NUMBER")}),
    "image task show": Command("task-show"),
    "image unset": Command(
        "image-update",
        {
            "--tag": Use("--remove-tag TAG"),
            "--property": Use("--remove-property KEY"),
        },
    ),
    "cached image clear": Command(
        "cache-clear", {"--cache": Use("--target cache"), "--queue": Use("--target queue")}
    ),
    "cached image delete": Command("cache-delete"),
    "cached image list": Command("cache-list"),
    "cached image queue": Command("cache-queue"),
    "server image create": Command(
        "image-create",
        {
            "--name": Use("image-create SERVER NAME", "nova"),
            "--property": Use("--metadata KEY=VALUE", "nova"),
            "--wait": Use("--poll", "nova"),
        },
        "nova",
    ),
    "server backup create": Command(
        "backup",
        {
            "--name": Use("backup SERVER NAME TYPE 7", "nova"),
            "--type": Use("backup SERVER NAME TYPE 7", "nova"),
            "--rotate": Use("backup SERVER NAME TYPE 7", "nova"),
            "--wait": Use("--poll", "nova"),
        },
        "nova",
    ),
    "aggregate cache image": Command("aggregate-cache-images", NO_OPTIONS, "nova"),
}


class Row(NamedTuple):
    """A command of a peer, and what does the same as it and as its options.

    Options of the same name are left out. None: nothing does the same, and no reason is given.
    """

    name: str
    ours: Command
    options: list[tuple[str, Use | Reason | None]]


def rows(peer: str) -> list[Row]:
    """Returns the commands of a peer."""
    peers: dict[str, dict[str, str]] = json.loads(DATA.read_text())
    found = []
    for name, words in peers[peer].items():
        ours = counterpart(peer, name)
        found.append(Row(name, ours, list(other_options(ours, option_names(words)))))
    return found


def option_names(words: str) -> list[str]:
    """Returns the options among the words of a command: ``-v/--verbose``."""
    return [word for word in words.split() if not word.startswith("<")]


def arguments(words: str) -> list[str]:
    """Returns the arguments among the words of a command: ``<IMAGE_ID>...``."""
    return [word for word in words.split() if word.startswith("<")]


def counterpart(peer: str, name: str) -> Command:
    """Returns the command here that does the same as a command of a peer."""
    program = "glance"
    if peer == "nova":
        program = "nova"
    if name == ALL_COMMANDS:
        return Command(ANY_COMMAND[peer], SHARED[peer], program)
    if peer == "openstack":
        return OPENSTACK[name]
    return Command(name, NO_OPTIONS, program)


def other_options(
    ours: Command, spellings: Sequence[str]
) -> Iterator[tuple[str, Use | Reason | None]]:
    """Returns the options that have another name here, or a reason."""
    scope = scope_of(ours)
    for spelling in spellings:
        names = spelling.split("/")
        known = ours.options.get(names[0])
        if isinstance(known, Use) or not all(map(scope.has, names)):
            yield spelling, known


class Options(Scope):
    """The options that may stand in one command line."""

    def has(self, name: str) -> bool:
        """Whether there is an option with this spelling."""
        return self.exact(name) is not None or self.has_plugin_flag(name)


def scope_of(command: Command) -> Options:
    """Returns the options that may stand behind a command."""
    program = build(command.program)
    context = program.make_context(command.program, [], resilient_parsing=True)
    params = list(program.get_params(context))
    if command.words:
        found = program.get_command(context, command.words.split()[0])
        assert found is not None, command.words  # noqa: S101 - for the type checker
        params += found.get_params(context)
    options = [param for param in params if isinstance(param, click.Option)]
    return Options(context, options, PLUGIN_FLAGS)


def page() -> str:
    """Returns the three tables."""
    lines = ["## Coming from glance, nova, openstack", "", HEAD, ""]
    for peer, title in TITLES.items():
        lines += [f"### {title}", "", "| there | here | what differs |", "|---|---|---|"]
        lines += map(table_row, rows(peer))
        lines.append("")
    return "\n".join(lines)


def table_row(row: Row) -> str:
    """Returns a line of a table."""
    name = "all commands"
    if row.name:
        name = f"`{row.name}`"
    here = "the same options"
    if row.name:
        word = row.ours.words.split()[0]
        here = f"[{row.ours.program} {row.ours.words}]({row.ours.program}_{word}.md)"
        if word == "add-location":
            here = f"{row.ours.program} {word}"
    differing = "; ".join(f"`{option}`: {shown(known)}" for option, known in row.options)
    return f"| {name} | {here} | {differing} |"


def shown(known: Use | Reason | None) -> str:
    """Returns what does the same as an option, or the reason why nothing does."""
    if isinstance(known, Use):
        if known.words.startswith("-"):
            return f"`{known.words}`"
        return f"`{known.program} {known.words}`"
    if isinstance(known, Reason):
        return known.text
    return "?"
