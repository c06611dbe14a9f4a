"""Mistyped names of images, columns and commands: what is proposed, and at which cost."""

from __future__ import annotations

import json
import re
import sys
from contextlib import redirect_stderr
from urllib.parse import urlsplit

import pytest
import responses
from responses import RequestsMock

from glancecli.cli.main import run
from glancecli.text import similar_names
from tests.cli.test_console import Terminal
from tests.support.images import LIST, A, image
from tests.support.programs import Glance

NAMES = ["fedora-40", "fedora-41", "fedora-42", "fedora-43", "my image", "debian-12", "CentOS 9"]


def serve_names(cloud: RequestsMock, names: list[str], status: int = 200) -> None:
    """A cloud that has images of these names, and none of the name that is asked for; status is
    that of the list of all.
    """

    def answer(request: responses.PreparedRequest) -> tuple[int, dict[str, str], str]:
        assert request.url
        if "name=" in request.url:
            return 200, {}, json.dumps({"images": []})
        return status, {}, json.dumps({"images": [image(A, name) for name in names]})

    cloud.add_callback("GET", re.compile(re.escape(LIST)), answer)


def lists_of_all(cloud: RequestsMock) -> list[str]:
    """The queries of the lists that do not ask for a name."""
    queries = [urlsplit(call.request.url or "").query for call in cloud.calls]
    return [query for query in queries if query and "name=" not in query]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("fedor", ["fedora-40", "fedora-41", "fedora-42"]),
        ("fedora_41", ["fedora-41"]),
        ("40", ["fedora-40"]),
        ("my-image", ["my image"]),
        ("debain-12", ["debian-12"]),
        ("centos9", ["CentOS 9"]),
        ("windows", []),
        ("", ["CentOS 9", "debian-12", "fedora-40"]),
    ],
)
def test_names_that_begin_alike_come_first_then_those_that_look_alike(
    typed: str, expected: list[str]
) -> None:
    assert similar_names(typed, NAMES)[: len(expected)] == expected
    assert len(similar_names(typed, NAMES)) <= 3


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("fedor", "Did you mean fedora-40, fedora-41 or fedora-42?"),
        ("my imag", "Did you mean 'my image'?"),
        ("windows", "It may be another project's, or deleted."),
    ],
)
def test_a_command_that_reads_proposes_names_for_one_request_more(
    glance: Glance, cloud: RequestsMock, typed: str, hint: str
) -> None:
    serve_names(cloud, NAMES)
    result = glance("image-show", typed)
    assert result.err == (
        f"glance: error: No image with a name or ID of '{typed}' exists. {hint}\n"
    )
    assert lists_of_all(cloud) == ["limit=1000&sort=created_at%3Adesc"]


@pytest.mark.parametrize(
    "words", [["image-delete", "fedor"], ["image-update", "fedor", "--name", "x"]]
)
def test_a_command_that_changes_something_proposes_nothing_in_a_pipe(
    glance: Glance, cloud: RequestsMock, words: list[str]
) -> None:
    serve_names(cloud, NAMES)
    assert "Did you mean" not in glance(*words).err
    assert lists_of_all(cloud) == []


def test_on_a_terminal_a_command_that_changes_something_proposes_names_as_well(
    cloud: RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_names(cloud, NAMES)
    monkeypatch.setenv("TERM", "dumb")  # neither colours nor a bar
    with redirect_stderr(Terminal()) as err:
        assert run("glance", ["-q", "image-delete", "fedora-4", "debain-12"]) == 1
    assert err.getvalue().splitlines() == [
        "error: No image with a name or ID of 'fedora-4' exists.",
        "hint: Did you mean fedora-40, fedora-41 or fedora-42?",
        "error: No image with a name or ID of 'debain-12' exists.",
        "hint: Did you mean debian-12?",
    ]
    assert len(lists_of_all(cloud)) == 1


def test_an_id_that_no_image_has_is_not_guessed_at(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(f"{LIST}/{A}", status=404)
    serve_names(cloud, [])
    assert glance("image-show", A).code == 1
    assert lists_of_all(cloud) == []


def test_a_list_that_fails_leaves_the_error_as_it_was(glance: Glance, cloud: RequestsMock) -> None:
    serve_names(cloud, [], status=403)
    result = glance("image-show", "fedor")
    assert result.err == (
        "glance: error: No image with a name or ID of 'fedor' exists. "
        "It may be another project's, or deleted.\n"
    )


def test_a_name_from_a_service_cannot_act_on_the_terminal(
    glance: Glance, cloud: RequestsMock
) -> None:
    serve_names(cloud, ["fedora\x1b[2J\n$(reboot)"])
    result = glance("image-show", "fedora")
    assert result.err.endswith("Did you mean 'fedora\\x1b[2J\\n$(reboot)'?\n")


def test_a_mistyped_column_of_an_image_proposes_the_right_one(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(f"{LIST}/{A}", json=image())
    result = glance("image-show", A, "-c", "statu")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("glance: error: no column 'statu'; did you mean status? There are")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["image-list", "-f", "jsn"], "json"),
        (["image-list", "--member-status", "aceptd"], "accepted"),
        (["completion", "bsh"], "bash"),
    ],
)
def test_a_mistyped_word_of_an_option_proposes_the_right_one(
    glance: Glance, words: list[str], meant: str
) -> None:
    result = glance(*words)
    assert (result.code, result.out) == (2, "")
    assert f"; did you mean {meant}? (see glance " in result.err


@pytest.mark.parametrize(
    ("words", "note"),
    [
        (("fedora",), "note: names are exact here; a glob finds parts of them: '*fedora*'\n"),
        (
            ("it's",),
            "note: names are exact here; a glob finds parts of them: '*it'\"'\"'s*'\n",
        ),
        (("fedora-*",), ""),
        (("00000000-0000-4000-8000-000000000001",), ""),
        (("fedora", "--status", "queued"), ""),
    ],
)
def test_a_terminal_tells_how_to_find_parts_of_names(
    cloud: RequestsMock, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], note: str
) -> None:
    serve_names(cloud, [])
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, Terminal())
    assert run("glance", ("image-list", *words)) == 0
    assert isinstance(sys.stderr, Terminal)
    assert sys.stderr.getvalue() == note
