"""Completion in real shells: what a tab makes of a line, and that names of images stay data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from tests.support.images import LIST, image
from tests.support.programs import Glance
from tests.support.shells import SHELLS, Shell, open_shell

# Names that would run a command, or end a word or a line, if a shell took them for its own text.
NAMES = (
    "two words",
    "$(touch hacked)",
    "`touch hacked`",
    "; touch hacked",
    "& touch hacked &",
    "| touch hacked",
    "> hacked",
    "it's",
    'a "quote" in it',
    "back\\slash",
    "!! !x",
    "$HOME ${x} $x",
    "* ? [a-z] {a,b}",
    "(a) <b>",
    "#hash ~tilde",
    "%F{red} %n",
    "12:30 a=b c@d",
    "été 映像 😀",
    "-x",
)
CONTROL = ("\n touch hacked\n", "\r touch hacked\r", "\t", "\x1b[31m", "\x07\x03\x04", "\u202e")


QUOTES = ("", "'", '"')

# What is typed, and the words that glance gets.
LINES = {
    "glance image-sh\tsolo": ["image-show", "solo"],
    "glance image-show ubu\t": ["image-show", "ubuntu:22.04"],
    "glance image-show ubuntu:2\t": ["image-show", "ubuntu:22.04"],
    "glance image-show k=\t": ["image-show", "k=v"],
    "glance image-show 00000001-\t": ["image-show", "00000001-0000-4000-8000-000000000000"],
    "glance image-delete so\tubu\t": ["image-delete", "solo", "ubuntu:22.04"],
    "glance image-tag-delete solo gr\t": ["image-tag-delete", "solo", "green room"],
    "glance image-upload solo --store fa\t": ["image-upload", "solo", "--store", "fast"],
    "glance image-list --visibi\tpub\t": ["image-list", "--visibility", "public"],
    "glance image-list --visibility=pub\t": ["image-list", "--visibility=public"],
    "glance image-list --os-cl\tpro\t": ["image-list", "--os-cloud", "prod"],
    "glance image-upload solo --file dis\t": ["image-upload", "solo", "--file", "disk image.raw"],
    "glance image-upload solo --file=dis\t": ["image-upload", "solo", "--file=disk image.raw"],
    "FOO=1 glance image-show so\t": ["image-show", "solo"],
    "true && glance image-show so\t": ["image-show", "solo"],
}


@pytest.fixture(params=SHELLS)
def shell(
    request: pytest.FixtureRequest,
    cloud: responses.RequestsMock,
    glance: Glance,
    tmp_path: Path,
) -> Iterator[Shell]:
    names = [f"n{number:02} {name}" for number, name in enumerate(NAMES)]
    names += [f"c{number:02} {name}" for number, name in enumerate(CONTROL)]
    names += ["ubuntu:22.04", "k=v", "solo"]
    images = [image(f"{n:08x}-0000-4000-8000-000000000000", name) for n, name in enumerate(names)]
    images[0] |= {"tags": ["green room"], "stores": "fast,slow"}
    cloud.get(LIST, json={"images": images})
    assert glance("image-list").code == 0
    (config := Path(os.environ["HOME"], ".config", "openstack")).mkdir(parents=True)
    (config / "clouds.yaml").write_text("clouds: {prod: {auth: {auth_url: 'http://k'}}, test: {}}")
    bytecode = tmp_path.parent / "bytecode"
    with open_shell(request.param, tmp_path / request.param, bytecode) as opened:
        yield opened


def test_names_are_completed_as_data(shell: Shell) -> None:
    for number, name in enumerate(NAMES):
        for quote in QUOTES:
            if "!" in name and quote == '"':
                continue  # no shell but fish can have it there
            words = shell.run(f"glance image-show {quote}n{number:02}\t")
            assert words == ["image-show", f"n{number:02} {name}"]
    assert list(shell.work.iterdir()) == []


def test_a_name_with_a_control_character_is_not_completed(shell: Shell) -> None:
    for number in range(len(CONTROL)):
        words = shell.run(f"glance image-show c{number:02}\t")
        assert words == ["image-show", f"c{number:02}"]
    assert list(shell.work.iterdir()) == []


def test_a_tab_completes_commands_options_values_files_and_clouds(shell: Shell) -> None:
    (shell.work / "disk image.raw").touch()
    assert {line: shell.run(line) for line in LINES} == LINES
