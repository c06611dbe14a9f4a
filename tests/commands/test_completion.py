"""Completion: what may follow the words of a command line, without asking any service."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import responses

from tests.support.images import LIST, A, B, image
from tests.support.programs import Glance, Result

Program = Callable[..., Result]


def offered(program: Program, *words: str) -> list[str]:
    """What fish is told to offer, as the last word; a tab and a description follow a word."""
    done = program(words[0], "complete", "fish", "--", *words[1:])
    assert (done.code, done.err) == (0, "")
    return done.lines


def offered_words(program: Program, *words: str) -> list[str]:
    return [line.partition("\t")[0] for line in offered(program, *words)]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("glance image-l", ["image-list"]),
        ("glance --os-cl", ["--os-cloud"]),
        ("glance image-list --os-cl", ["--os-cloud"]),
        ("glance image-list --sort-", ["--sort-key", "--sort-dir", "--sort-column"]),
        ("glance --os-cloud demo image-create --disk", ["--disk-format"]),
        ("glance image-create --disk-format vm", ["vmdk"]),
        ("glance image-create --disk-f=vm", []),
        ("glance image-create --disk-format=vm", ["--disk-format=vmdk"]),
        ("glance image-create --name image-list --remo", []),
        ("glance image-list --hidden F", ["False"]),
        ("glance image-list -f j", ["json"]),
        ("glance image-list -c id,min", ["id,min_disk", "id,min_ram"]),
        ("glance member-update x y acc", ["accepted"]),
        ("glance --os-interface in", ["internal"]),
        ("glance help image-li", ["image-list"]),
        ("glance completion f", ["fish"]),
        ("glance image-meta x s", ["set"]),
        ("glance image-show x ", []),
        ("glance no-such-command --f", []),
        ("glance image-list --no-such-option -- --fo", []),
        ("glancecli sandbox st", ["status"]),
        ("glancecli nova image-create --po", ["--poll"]),
        ("glancecli nova image-cr", ["image-create"]),
        ("nova image-cr", ["image-create"]),
        ("glance image-upload x --file ", ["=files"]),
        ("glance image-create --file=", ["=files"]),
        ("glance image-inspect a.raw b", ["=files"]),
    ],
)
def test_what_may_follow_is_offered(program: Program, words: str, wanted: list[str]) -> None:
    assert offered_words(program, *words.split(" ")) == wanted


def test_offers_have_the_first_sentence_of_their_help(program: Program) -> None:
    assert offered(program, "glance", "image-deac") == [
        "image-deactivate\tDeactivate images: block downloads of their data"
    ]
    assert offered(program, "glance", "image-list", "--libvirt") == []
    assert offered(program, "glance", "image-update", "--libvirt") == [
        "--libvirt-type\tCheck hw_* properties for this hypervisor: kvm, xen ... (GLANCECLI_LI…"
    ]


@pytest.mark.parametrize("words", [("bash",), ("bash", "glance "), ("fish",), ("zsh",)])
def test_a_wrong_number_of_words_offers_nothing(glance: Glance, words: tuple[str, ...]) -> None:
    done = glance("complete", *words)
    assert (done.code, done.out, done.err) == (0, "", "")


def test_every_command_offers_its_options_and_values(program: Program) -> None:
    for command in offered_words(program, "glancecli", "image-"):
        options = offered_words(program, "glancecli", command, "--")
        assert "--help" in options
        for option in options:
            offered(program, "glancecli", command, option, "")


@pytest.fixture
def listed(cloud: responses.RequestsMock, glance: Glance) -> responses.RequestsMock:
    """Two images have been listed; any further request fails."""
    images = [
        image(A, "debian-12", tags=["lts", "eu"], stores="fast,slow"),
        image(B, "-dash", tags=["eu"]),
    ]
    cloud.get(LIST, json={"images": images})
    assert glance("image-list").code == 0
    cloud.remove("GET", LIST)
    return cloud


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("image-show ", [f"debian-12\t{A}", f"{B}\t-dash"]),
        ("image-show -- ", [f"debian-12\t{A}", f"-dash\t{B}", f"{B}\t-dash"]),
        (f"image-show {A[:4]}", [f"{A}\tdebian-12"]),
        ("image-show deb", [f"debian-12\t{A}"]),
        (f"image-show {B[:4]}", [f"{B}\t-dash"]),
        ("image-delete debian-12 d", [f"{B}\t-dash"]),
        ("image-list --marker deb", [f"debian-12\t{A}"]),
        ("image-list deb", [f"debian-12\t{A}"]),
        ("image-list --tag ", ["eu", "lts"]),
        ("image-list --tag eu --tag l", ["lts"]),
        ("image-upload x --store ", ["fast", "slow"]),
        ("image-import x --stores fast,s", ["fast,slow"]),
        ("--os-image-url http://other.test image-show ", []),
        ("--os-token another image-show ", []),
        ("--no-cache image-show ", []),
    ],
)
def test_names_of_the_last_list_are_offered_to_the_same_user_of_the_same_cloud(
    listed: responses.RequestsMock, program: Program, words: str, wanted: list[str]
) -> None:
    assert offered(program, "glance", *words.split(" ")) == wanted
    assert len(listed.calls) == 1


def test_cache_forget_drops_the_names(
    listed: responses.RequestsMock, glance: Glance, program: Program
) -> None:
    folder = Path(os.environ["HOME"], ".cache", "glancecli")
    assert [path.suffix for path in folder.iterdir() if path.stat().st_mode & 0o777 == 0o600]
    assert glance("cache-forget").code == 0
    assert list(folder.iterdir()) == []
    assert offered(program, "glance", "image-show", "deb") == []


def test_clouds_are_offered_with_their_addresses(program: Program) -> None:
    (folder := Path(os.environ["HOME"], ".config", "openstack")).mkdir(parents=True)
    file = folder / "clouds.yaml"
    file.write_text("clouds: {prod: {auth: {auth_url: 'http://u:pw@k/v3'}}, pre: {profile: none}}")
    assert offered(program, "glance", "--os-cloud", "pr") == ["prod\thttp://k/v3", "pre"]
    assert offered(program, "glance", "image-copy", "x", "--to-os-cloud", "pro") == [
        "prod\thttp://k/v3"
    ]
    assert offered(program, "glance", "image-list", "--os-cloud", "prod,pre") == ["prod,pre"]
    file.write_text("clouds: [")
    assert offered(program, "glance", "--os-cloud", "p") == []
    assert offered(program, "glance", "--os-cloud", "p", "image-show", "x") == []


def test_a_script_is_printed_for_each_shell(glance: Glance) -> None:
    first = {shell: glance("completion", shell).lines[0] for shell in ("bash", "zsh", "fish")}
    assert first == {
        "bash": "_glance() {",
        "zsh": "#compdef glance",
        "fish": "function __glance_offers",
    }


def test_bash_completion_prints_every_command_and_option_on_one_line(glance: Glance) -> None:
    (line,) = glance("bash-completion").lines
    words = line.split()
    assert words == sorted(set(words))
    assert {"image-list", "image-create", "--os-cloud", "--sort-key", "--help"} <= set(words)
