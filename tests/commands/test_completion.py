"""Completion scripts: what a shell offers after the words that are there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.programs import Result

ASK = """source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
"_$1"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(script: Path, *words: str) -> list[str]:
    done = subprocess.run(
        ["bash", "-c", ASK, "bash", script, *words],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("glance image-l", ["image-list"]),
        ("glance --os-cl", ["--os-cloud"]),
        ("glance image-list --sort-", ["--sort-key", "--sort-dir", "--sort-column"]),
        ("glance --os-cloud demo image-create --disk", ["--disk-format"]),
        ("glance image-create --name image-list --remo", []),
        ("glance help image-li", ["image-list"]),
        ("glance completion f", ["fish"]),
        ("glance image-meta x s", ["set"]),
        ("glancecli sandbox st", ["status"]),
        ("glancecli nova image-create --po", ["--poll"]),
        ("glancecli nova image-cr", ["image-create"]),
    ],
)
def test_bash_offers_what_may_follow(
    program: Callable[..., Result], tmp_path: Path, words: str, wanted: list[str]
) -> None:
    name, *rest = words.split()
    script = tmp_path / "script"
    script.write_text(program(name, "completion", "bash").out)
    assert offered(script, name, *rest) == wanted


def test_zsh_takes_the_same_script_by_its_own_emulation(glance: Callable[..., Result]) -> None:
    first, bash = glance("completion", "zsh").out.split("\n", 1)
    assert first == "autoload -U +X bashcompinit && bashcompinit"
    assert bash == glance("completion", "bash").out


def test_fish_has_a_line_for_every_word(glance: Callable[..., Result]) -> None:
    lines = glance("completion", "fish").lines
    assert 'complete -c glance -n "__fish_use_subcommand" -f -a image-list' in lines
    assert 'complete -c glance -n "__fish_seen_subcommand_from image-list" -l sort-key' in lines
    assert 'complete -c glance -n "__fish_seen_subcommand_from help" -f -a image-list' in lines
    assert all(line.startswith("complete -c glance -n ") for line in lines)


def test_bash_completion_prints_every_command_and_option_on_one_line(
    glance: Callable[..., Result],
) -> None:
    (line,) = glance("bash-completion").lines
    words = line.split()
    assert words == sorted(set(words))
    assert {"image-list", "image-create", "--os-cloud", "--sort-key", "--help"} <= set(words)
