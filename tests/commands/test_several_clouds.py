"""image-list of several clouds and regions at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from responses import RequestsMock

from glancecli.cli.app import App, CommandLine
from glancecli.commands.shared.several_clouds import Places
from tests.support.cloudplace import write
from tests.support.fakekeystone import URL, Keystone
from tests.support.images import A, B, image, query
from tests.support.programs import Glance

LOGIN = {"auth_url": URL, "username": "alice", "password": "secret", "project_name": "demo"}


def write_clouds(place: Path, **clouds: Any) -> None:
    """Writes clouds.yaml, which JSON is as well."""
    write(place, {"cwd/clouds.yaml": json.dumps({"clouds": clouds})})


def without_login(name: str) -> dict[str, Any]:
    """A cloud whose Image service needs no token."""
    return {"auth_type": "none", "auth": {"endpoint": f"http://{name}.test"}}


@pytest.fixture
def three(place: Path, mock: RequestsMock) -> RequestsMock:
    """The clouds a, b and c, of which b cannot be reached."""
    write_clouds(place, a=without_login("a"), b=without_login("b"), c=without_login("c"))
    mock.get("http://a.test/v2/images", json={"images": [image(A, "x"), image(B, "y")]})
    mock.get("http://b.test/v2/images", status=403)
    mock.get("http://c.test/v2/images", json={"images": [image(A, "z", cloud="mine")]})
    return mock


def test_the_images_of_several_clouds_are_one_table_in_the_order_asked_for(
    glance: Glance, three: RequestsMock
) -> None:
    result = glance("--os-cloud", "c, a,c", "image-list")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "+-------+--------------------------------------+------+-------------+------------------+----------+--------+\n"
        "| Cloud | ID                                   | Name | Disk Format | Container Format | Size     | Status |\n"
        "+-------+--------------------------------------+------+-------------+------------------+----------+--------+\n"
        f"| c     | {A} | z    | qcow2       | bare             | 25165824 | active |\n"
        f"| a     | {A} | x    | qcow2       | bare             | 25165824 | active |\n"
        f"| a     | {B} | y    | qcow2       | bare             | 25165824 | active |\n"
        "+-------+--------------------------------------+------+-------------+------------------+----------+--------+\n"
    )


def test_a_cloud_that_cannot_be_listed_is_named_at_the_end(
    glance: Glance, three: RequestsMock
) -> None:
    words = ("-f", "csv", "-c", "cloud,name")
    result = glance("--os-cloud", "b,nope,a,c", "image-list", *words)
    assert (result.code, result.out) == (1, "Cloud,Name\na,x\na,y\nc,z\n")
    assert result.err.splitlines() == [
        "glance: error: Forbidden; the list of cloud b is missing or incomplete (HTTP 403). "
        "A cloud administrator can allow it.",
        f"glance: error: Cloud nope is not in {Path('clouds.yaml').absolute()}; "
        "the list of cloud nope is missing or incomplete",
        *(f"  {name}  http://{name}.test" for name in "abc"),
    ]


def test_nothing_is_printed_if_no_cloud_can_be_listed(glance: Glance, three: RequestsMock) -> None:
    result = glance("--os-cloud", "b,nope", "image-list", "-f", "json")
    assert (result.code, result.out) == (1, "")
    assert len(result.err.splitlines()) == 2


def test_an_empty_cloud_is_a_list(glance: Glance, three: RequestsMock) -> None:
    three.replace("GET", "http://a.test/v2/images", json={"images": []})
    result = glance("--os-cloud", "a,b", "image-list", "-f", "json")
    assert (result.code, result.out) == (1, "[]\n")


def test_limits_and_groups_count_for_each_cloud(glance: Glance, three: RequestsMock) -> None:
    words = ("--latest", "--per", "status", "-f", "json", "-c", "cloud", "-c", "name", "--noindent")
    result = glance("--os-cloud", "a,c", "image-list", *words)
    assert (result.code, result.err) == (0, "")
    assert result.out == '[{"cloud":"a","name":"x"},{"cloud":"c","name":"z"}]\n'
    assert glance("--os-cloud", "a,c", "image-list", "--limit", "1", "-f", "id").out == f"{A}\n" * 2


def test_eight_clouds_are_asked_at_a_time(glance: Glance, place: Path, mock: RequestsMock) -> None:
    names = [f"cloud{number}" for number in range(10)]
    write_clouds(place, **{name: without_login(name) for name in names})
    eight = threading.Barrier(8)
    lock = threading.Lock()
    asked: list[str] = []

    def answer_once_eight_are_asked(name: str) -> Callable[[Any], tuple[int, dict[str, str], str]]:
        def answer(_: Any) -> tuple[int, dict[str, str], str]:
            with lock:
                asked.append(name)
                is_first = len(asked) <= 8
            if is_first:
                eight.wait(60)
            return 200, {}, json.dumps({"images": [image(A, name)]})

        return answer

    for name in names:
        mock.add_callback("GET", f"http://{name}.test/v2/images", answer_once_eight_are_asked(name))
    words = ("image-list", "-f", "value", "-c", "name")
    result = glance("--os-cloud", ",".join(names), *words)
    assert (result.code, result.out.splitlines(), result.err) == (0, names, "")
    assert sorted(asked[:8]) == names[:8]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--os-cloud", "a,", "image-list"],
            "--os-cloud 'a,' has an empty name; is that an unset variable?",
        ),
        (
            ["--os-cloud", "a,c", "--os-password", "secret", "image-list"],
            "--os-password cannot be used with several clouds",
        ),
        (
            ["--os-cloud", "a,c", "--os-region-name", "one", "image-list", "--all-regions"],
            "--all-regions cannot be used with --os-region-name",
        ),
        (["--os-cloud", "a,c", "image-list", "--per", "name"], "--per needs --latest"),
        (
            ["--os-cloud", "a,c", "image-list", "--marker", A],
            "--marker cannot be used with several clouds or regions",
        ),
        *(
            (
                ["--os-cloud", "a,c", *command],
                "several clouds (a,c) are for image-list only; choose one",
            )
            for command in (
                ["image-delete", A],
                ["image-show", A],
                ["image-create", "x"],
                ["image-update", A, "--name", "x"],
                ["member-list", "--image-id", A],
            )
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_only_one_cloud_can_have_or_do_is_refused(
    glance: Glance, three: RequestsMock, words: list[str], said: str
) -> None:
    result = glance(*words)
    assert (result.code, result.out, result.err) == (2, "", f"glance: error: {said}\n")
    assert len(three.calls) == 0


def test_all_regions_are_those_of_the_catalog(
    glance: Glance, place: Path, keystone: Keystone, mock: RequestsMock
) -> None:
    write_clouds(place, a={"auth": LOGIN})
    mock.get("https://image.one.test/v2/images", json={"images": [image(A, "x")]})
    mock.get("https://image.two.test/v2/images", json={"images": [image(B, "y")]})
    result = glance("--os-cloud", "a", "image-list", "--all-regions", "-f", "value")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        f"one {A} x qcow2 bare 25165824 active\ntwo {B} y qcow2 bare 25165824 active\n"
    )
    assert keystone.logins == 1


def test_all_regions_are_those_of_clouds_yaml_in_its_order(
    glance: Glance, place: Path, keystone: Keystone, mock: RequestsMock
) -> None:
    write_clouds(place, a={"auth": LOGIN, "regions": ["two", "one", "three"]}, c=without_login("c"))
    mock.get("https://image.one.test/v2/images", json={"images": [image(A, "x")]})
    mock.get("https://image.two.test/v2/images", json={"images": [image(B, "y")]})
    words = ("--all-regions", "-f", "csv", "-c", "cloud,region,name")
    result = glance("--os-cloud", "c,a", "image-list", *words)
    assert (result.code, result.out) == (1, "Cloud,Region,Name\na,two,y\na,one,x\n")
    assert result.err.splitlines() == [
        "glance: error: The image endpoint is given, so regions do not matter; "
        "the list of cloud c is missing or incomplete",
        "glance: error: The image service has no public endpoint in region three; it has internal "
        "in one, public in one, public in two; the list of cloud a, region three is missing or "
        "incomplete. Choose with --os-region-name and --os-interface.",
    ]


def test_a_copy_to_a_region_that_does_not_exist_says_how_to_choose_another(
    glance: Glance, place: Path, keystone: Keystone, mock: RequestsMock
) -> None:
    write_clouds(place, a={"auth": LOGIN, "region_name": "one"})
    hashed = image(A, "x", os_hash_algo="sha512", os_hash_value="0" * 128)
    mock.get(f"https://image.one.test/v2/images/{A}", json=hashed)
    result = glance("--os-cloud", "a", "image-copy", A, "--to-region", "three")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "glance: error: The image service has no public endpoint in region three; it has internal "
        "in one, public in one, public in two. Choose another region with --to-region.\n"
    )


def test_a_wrong_password_is_sent_once_for_all_regions(
    glance: Glance, place: Path, keystone: Keystone
) -> None:
    write_clouds(place, a={"auth": {**LOGIN, "password": "wrong"}, "regions": ["one", "two"]})
    result = glance("--os-cloud", "a", "image-list", "--all-regions")
    assert (result.code, result.out) == (1, "")
    assert keystone.logins == 1


def test_the_variable_may_name_several_clouds(
    glance: Glance, three: RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_CLOUD", "c,a")
    result = glance("image-list", "-f", "value", "-c", "cloud,name")
    assert (result.code, result.out, result.err) == (0, "c z\na x\na y\n", "")
    assert glance("image-delete", A).code == 2


def test_regions_that_cannot_be_found_out_are_an_error_of_the_cloud(
    glance: Glance, place: Path, keystone: Keystone
) -> None:
    write_clouds(place, a={"auth": {**LOGIN, "password": "wrong"}})
    result = glance("--os-cloud", "a", "image-list", "--all-regions")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("glance: error: ")
    assert "missing or incomplete" not in result.err


def test_each_cloud_has_its_own_filters(glance: Glance, three: RequestsMock) -> None:
    assert glance("--os-cloud", "a,c", "image-list", "--status", "active").code == 0
    assert [dict(query(three, call))["status"] for call in (0, 1)] == ["active", "active"]


def test_a_warning_is_written_once_and_names_its_clouds(
    glance: Glance, three: RequestsMock
) -> None:
    known = "known are public, private, shared, community"
    words = ("image-list", "--visibility", "secret", "-f", "id")
    result = glance("--os-cloud", "a,c", *words)
    assert (result.code, result.out) == (0, f"{A}\n{B}\n{A}\n")
    assert result.err == (
        f"glance: warning: each cloud: --visibility: 'secret' is not a known value; {known}\n"
    )
    said = glance("--os-cloud", "a,nope,c", *words).err.splitlines()[0]
    assert said.startswith("glance: warning: cloud a and cloud c: --visibility: 'secret' is")
    assert glance("--os-cloud", "a,c", "image-list", "--name", "x*", "-q", "-f", "id").err == ""


def test_what_is_only_true_of_one_cloud_names_that_cloud(
    glance: Glance, three: RequestsMock
) -> None:
    result = glance("--os-cloud", "a,c", "image-list", "--latest", "--per", "cloud", "-f", "id")
    assert (result.code, result.out) == (0, f"{A}\n{B}\n{A}\n")
    assert result.err == (
        "glance: warning: cloud a: no image has cloud (--per): each is a group of its own\n"
    )


def test_a_warning_about_all_regions_is_written_once_also_where_they_had_to_be_found_out(
    glance: Glance, place: Path, keystone: Keystone, mock: RequestsMock
) -> None:
    write_clouds(place, a={"auth": LOGIN, "verify": False})
    for region in ("one", "two"):
        mock.get(f"https://image.{region}.test/v2/images", json={"images": [image(A, region)]})
    result = glance("--os-cloud", "a", "image-list", "--all-regions", "-f", "value", "-c", "name")
    assert (result.code, result.out) == (0, "one\ntwo\n")
    warning = (
        "certificates are not verified (--insecure): "
        "others on the network can read and change the data."
    )
    assert result.err == f"glance: warning: each region: {warning}\n"

    write_clouds(place, a={"auth": {**LOGIN, "password": "wrong"}, "verify": False})
    lines = glance("--os-cloud", "a", "image-list", "--all-regions").err.splitlines()
    assert lines[0] == f"glance: warning: {warning}"


def test_a_warning_that_comes_while_the_others_are_written_stops_none_of_them(
    three: RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App(CommandLine("glance"), {"os_cloud": "a,c"})
    places = Places(app)
    consoles = [place.app.console for place in places.all]

    class Stderr(StringIO):
        """Stands for a cloud that is listed while this is written, as after Ctrl-C."""

        def write(self, text: str) -> int:
            for console in consoles:
                console.warn("of both")
                console.warn(f"after {text.strip()}")
            return super().write(text)

    consoles[1].warn("of both")
    consoles[0].warn("of a")
    stderr = Stderr()
    monkeypatch.setattr("sys.stderr", stderr)
    places.remarks.write(app.console, places)
    assert stderr.getvalue() == (
        "glance: warning: cloud c: of both\nglance: warning: cloud a: of a\n"
    )
