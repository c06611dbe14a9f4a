"""Command lines as people type them."""

from __future__ import annotations

from collections.abc import Callable

import click
import pytest
from responses import RequestsMock

from glancecli.cli.argv import arrange
from glancecli.cli.main import build
from tests.support.programs import Result


def line(words: str) -> str:
    return " ".join(arrange(build("glance"), words.split(), ("os_identity_provider",)))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("image-list --debug", "--debug image-list"),
        (
            "--os-cloud a image-list --os-region-name r --limit 3",
            "--os-cloud a --os-region-name r image-list --limit 3",
        ),
        ("--os_auth_token t image-list", "--os-auth-token t image-list"),
        ("--os-image-api 1 image-list", "--os-image-api-version 1 image-list"),
        ("--insec image-list", "--insecure image-list"),
        ("--os-tenant-n t image-list", "--os-tenant-name t image-list"),
        ("image-show -- \u2013-odd", "image-show \u2013-odd"),
        ("image-show -1 --debug", "--debug image-show -- -1"),
        ("image-list --disk_format raw", "image-list --disk-format raw"),
        (
            "image-create --container bare --disk qcow2 x",
            "image-create --container-format bare --disk-format qcow2 x",
        ),
        ("image-create --is-pub True", "image-create --is-public=True"),
        ("image-create --disk=raw", "image-create --disk-format=raw"),
        ("image-create --tags a b --name n", "image-create --tags a --tags b --name n"),
        ("image-create --tag a n --tags b c", "image-create --tag a --tags b --tags c n"),
        ("image-create --protected False x", "image-create --protected=False x"),
        ("image-create --protected x", "image-create --protected=True x"),
        (
            "image-create --hidden fedora-40 --is-public",
            "image-create --hidden=True --is-public=True fedora-40",
        ),
        ("image-import x --allow-failure FALSE", "image-import --allow-failure=FALSE x"),
        ("image-list --hidden", "image-list --hidden=True"),
        ("image-list --hidden --long", "image-list --hidden=True --long"),
        ("image-list --property a=b", "image-list --property-filter a=b"),
        ("image-list -fjson -c ID", "image-list --format=json --column ID"),
        ("-f image-delete x", "--force image-delete x"),
        ("-dv image-list -vv", "--debug --verbose --verbose --verbose image-list"),
        ("-vf image-list -qfjson", "--verbose --force --quiet image-list --format=json"),
        ("image-delete -- -x --debug", "image-delete -- -x --debug"),
        (
            "image-show --os-identity-provider idp x",
            "--os-plugin-option os_identity_provider=idp image-show x",
        ),
        ("image-update --name --odd x", "image-update --name --odd x"),
    ],
)
def test_a_line_is_read_as_it_was_meant(typed: str, meant: str) -> None:
    assert line(typed) == meant


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "image-create --p x",
            "ambiguous option: --p could match --prefix, --progress, --project-domain, --property, --protected",
        ),
        ("image-list --limt 3", "unrecognized arguments: --limt; did you mean --limit?"),
        (
            "--os-tenant x image-list",
            "ambiguous option: --os-tenant could match --os-tenant-id, --os-tenant-name",
        ),
        ("image-show -dash", "unrecognized arguments: -dash; if it is a name, write -- before it"),
        ("image-show -dvx", "unrecognized arguments: -dvx; if it is a name, write -- before it"),
        (
            "image-create \u2013-progress",
            "'\u2013-progress' begins with a dash that is not a hyphen; if it is a name, write -- before it",
        ),
    ],
)
def test_an_unknown_option_suggests_the_nearest(typed: str, said: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        line(typed)
    assert caught.value.message.startswith(said)


def test_a_mistyped_command_suggests_the_nearest_and_exits_2(glance: Callable[..., Result]) -> None:
    result = glance("image-lst")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "glance: error: there is no command 'image-lst'; did you mean image-list or image-stage? (see glance --help)\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "image-show",
            "the following arguments are required: IMAGE (see glance image-show --help)",
        ),
        (
            "location-add x",
            "the following arguments are required: --url (see glance location-add --help)",
        ),
        (
            "member-update x y",
            "the following arguments are required: STATUS, one of pending, accepted, rejected "
            "(see glance member-update --help)",
        ),
        ("image-list -f", "Option '-f' requires an argument (see glance image-list --help)"),
        # Not "x": the word before an option is never its value.
        (
            "image-update x --protected yes",
            "--protected yes: write --protected=yes for the value; a name goes before the option "
            "(see glance image-update --help)",
        ),
        ("image-create x --tag", "Option '--tag' requires an argument"),
        ("image-delete x --os-cloud", "Option '--os-cloud' requires an argument"),
        (
            "image-list --limit x",
            "Invalid value for '--limit' / '--max-items': 'x' is not a whole number of 0 or more",
        ),
        ("image-show x y", "Got unexpected extra argument (y) (see glance image-show --help)"),
        (
            "image-create x d.raw",
            "Got unexpected extra argument (d.raw); use --file d.raw (see glance",
        ),
        (
            "image-download x ./copy",
            "Got unexpected extra argument (./copy); use --file ./copy (see glance",
        ),
        (
            "image-update x os=debian",
            "Got unexpected extra argument (os=debian); use --property os=debian (see",
        ),
        (
            "image-show x d.raw",
            "Got unexpected extra argument (d.raw) (see glance image-show --help)",
        ),
        ("image-update x a=1 b=2", "Got unexpected extra arguments (a=1 b=2) (see glance"),
        (
            "--timeout x image-list",
            "Invalid value for '--timeout': 'x' is not a number of seconds (see glance --help)",
        ),
        (
            "--timeout -1 image-list",
            "Invalid value for '--timeout': '-1' is not a number of seconds",
        ),
        (
            "--timeout inf image-list",
            "Invalid value for '--timeout': 'inf' is not a number of seconds",
        ),
    ],
)
def test_a_wrong_command_line_names_the_help_to_read(
    glance: Callable[..., Result], words: str, said: str
) -> None:
    result = glance(*words.split())
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"glance: error: {said}")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "which"),
    [
        (("image-list", "--name", ""), "'--name'"),
        (("image-list", "--name="), "'--name'"),
        (("image-list", "--status", ""), "'--status'"),
        (("image-list", "--owner", ""), "'--owner'"),
        (("image-list", "--tag", "a", "--tag", ""), "'--tag'"),
        (("image-list", "--marker", ""), "'--marker'"),
        (("image-list", "--hidden", ""), "'--hidden'"),
        (("image-create", "x", "--file", ""), "'--file'"),
        (("image-create", "--protected", ""), "'--protected' / '--is-protected'"),
        (("image-create", ""), "'NAME'"),
        (("image-show", ""), "'IMAGE'"),
        (("image-delete", "a", ""), "'IMAGE'"),
        (("image-update", "", "--name", "x"), "'IMAGE'"),
        (("image-tag-update", "x", ""), "'TAG'"),
    ],
)
def test_an_empty_word_is_a_usage_error_that_names_the_option(
    glance: Callable[..., Result], cloud: RequestsMock, words: tuple[str, ...], which: str
) -> None:
    result = glance(*words)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"glance: error: Invalid value for {which}: it is empty; is that an unset variable? "
        f"(see glance {words[0]} --help)\n"
    )
    assert not cloud.calls


@pytest.mark.parametrize("words", [(), ("help",), ("--help",), ("-h",)])
def test_the_bare_program_and_help_show_the_commands_and_exit_0(
    glance: Callable[..., Result], words: tuple[str, ...]
) -> None:
    result = glance(*words)
    assert (result.code, result.err) == (0, "")
    assert result.lines[0] == "usage: glance [options] COMMAND ..."
    assert "Images:" in result.lines
    assert "Cloud and login:" in result.lines
    assert any(row.startswith("  image-list ") for row in result.lines)


def test_help_of_a_command_begins_with_its_usage(glance: Callable[..., Result]) -> None:
    result = glance("help", "image-show")
    assert result.lines[0] == "usage: glance image-show [options] IMAGE"
    assert result.out == glance("image-show", "--help").out


@pytest.mark.parametrize(
    "words", [("help", "sandbox", "up"), ("sandbox", "help", "up"), ("sandbox", "up", "--help")]
)
def test_help_reaches_the_commands_below_a_word(
    program: Callable[..., Result], words: tuple[str, ...]
) -> None:
    result = program("glancecli", *words)
    assert (result.code, result.lines[0]) == (0, "usage: glancecli sandbox up [options]")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("help", "image-lst"),
            "there is no command 'image-lst'; did you mean image-list or image-stage? (see glance --help)",
        ),
        (
            ("help", "image-list", "x"),
            "glance image-list has no commands of its own (see glance help --help)",
        ),
    ],
)
def test_help_for_an_unknown_command_exits_2(
    glance: Callable[..., Result], words: tuple[str, ...], said: str
) -> None:
    result = glance(*words)
    assert (result.code, result.out, result.err) == (2, "", f"glance: error: {said}\n")


def test_under_version_1_help_lists_the_commands_that_v1_had(glance: Callable[..., Result]) -> None:
    result = glance("--os-image-api-version", "1", "help")
    commands = result.lines[: result.lines.index("Cloud and login:")]
    rows = [row.split()[0] for row in commands if row.startswith("  ")]
    assert rows == [
        *(
            "image-list",
            "image-show",
            "image-create",
            "image-update",
            "image-delete",
            "image-download",
        ),
        *("member-list", "member-create", "member-delete", "bash-completion", "help"),
    ]


def test_version_is_one_line(glance: Callable[..., Result]) -> None:
    from glancecli import __version__

    assert glance("--version").out == f"glance {__version__}\n"
