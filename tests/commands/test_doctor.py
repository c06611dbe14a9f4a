"""clouds and doctor: what this machine knows, and whether the cloud answers; never a secret."""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import responses

from glancecli import __version__
from tests.support.cloudplace import write
from tests.support.fakekeystone import URL, Keystone
from tests.support.programs import Glance, Result

CLOUDS = f"""\
clouds:
  prod:
    auth:
      auth_url: {URL}/v3
      username: alice
      password: secret
      project_name: demo
    region_name: one
  app:
    auth_type: v3applicationcredential
    auth: {{auth_url: 'http://u:s3cret@k/v3', application_credential_id: abc,
            application_credential_secret: s3cret}}
    regions: [one, two]
  odd: {{profile: vexxhost}}
"""


@pytest.fixture
def file(place: Path) -> Path:
    write(place, {"home/.config/openstack/clouds.yaml": CLOUDS})
    return place / "home/.config/openstack/clouds.yaml"


def test_clouds_are_listed_with_where_they_are_and_come_from(
    file: Path, glance: Glance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_CLOUD", "app")
    done = glance("clouds", "-f", "json")
    empty = {"region": "", "auth_url": "", "user": "", "project": "", "is_default": False}
    assert done.json == [
        {**empty, "name": "prod", "region": "one", "auth_url": f"{URL}/v3", "user": "alice",
         "project": "demo", "source": str(file)},
        {**empty, "name": "app", "region": "one", "auth_url": "http://k/v3", "user": "abc",
         "is_default": True, "source": str(file)},
        {**empty, "name": "odd", "source": str(file)},
    ]  # fmt: skip
    assert done.err == "glance: warning: cloud odd: Profile vexxhost of cloud odd is unknown.\n"
    lines = glance("clouds", "-f", "value").lines
    assert lines[0] == f"prod one {URL}/v3 alice demo False {file}"


def test_a_cloud_whose_region_is_set_up_wrongly_hides_none_of_the_others(
    place: Path, glance: Glance
) -> None:
    broken = "b: {regions: [{name: one, values: {auth: text}}]}"
    text = f"clouds: {{a: {{auth: {{auth_url: x}}}}, {broken}}}"
    write(place, {"home/.config/openstack/clouds.yaml": text})
    done = glance("clouds", "-f", "value", "-c", "name")
    problem = "In clouds.yaml, auth must be a mapping, not text."
    assert (done.code, done.out) == (0, "a\nb\n")
    assert done.err == f"glance: warning: cloud b: {problem}\n"
    lines = glance("--os-cloud", "nope", "image-list").err.splitlines()
    assert lines[1:] == ["  a  x", f"  b  {problem}"]


def test_the_cloud_of_the_variables_is_the_default_and_so_is_the_only_one(
    place: Path, glance: Glance, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = ("clouds", "-f", "value", "-c", "name", "-c", "default", "-c", "source")
    nothing = glance(*shape)
    assert (nothing.code, nothing.out) == (0, "")
    assert nothing.err.startswith("glance: no clouds: ")
    write(place, {"home/.config/openstack/clouds.yaml": "clouds: {a: {auth: {auth_url: x}}}"})
    source = place / "home/.config/openstack/clouds.yaml"
    assert glance(*shape).lines == [f"a True {source}"]
    monkeypatch.setenv("OS_AUTH_URL", URL)
    monkeypatch.setenv("OS_PASSWORD", "secret")
    assert glance(*shape).lines == ["envvars True OS_* variables", f"a False {source}"]


def by_check(done: Result) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for row in done.json:
        found.setdefault(row["check"], []).append((row["state"], row["detail"]))
    return found


def test_doctor_says_what_is_installed_set_and_whether_the_services_answer(
    file: Path, keystone: Keystone, mock: responses.RequestsMock, glance: Glance
) -> None:
    versions = [{"id": "v2.9"}, {"id": "v2.16"}, {"id": "v1.1"}]
    mock.get("https://image.one.test/", status=300, json={"versions": versions})
    done = glance("--os-cloud", "prod", "doctor", "-f", "json")
    found = by_check(done)
    assert found["glancecli"][0][1].startswith(__version__)
    assert re.search(r"click \d.*requests \d.*keystoneauth1 \d", found["packages"][0][1])
    assert found["clouds"] == [
        ("ok", f"prod, app, odd ({file})"),
        ("warning", "odd: Profile vexxhost of cloud odd is unknown."),
    ]
    home = file.parents[2]
    assert found["cache"] == [("ok", f"{home}/.cache/glancecli: empty")]
    assert found["settings"] == [("ok", "cloud prod, login password, its login is cached")]
    assert found["TLS"] == [("ok", "verified with the CA certificates of the package certifi")]
    assert found["proxy"] == [("ok", "none")]
    assert found["Keystone"] == [("ok", f"{URL}/v3 answers: user u1, project p1, roles member")]
    assert found["Glance"] == [("ok", "https://image.one.test answers: Images API v2.16")]
    assert "secret" not in done.out + done.err
    assert (keystone.logins, done.code) == (1, 0)
    assert not (home / ".cache").exists()


def test_doctor_fails_when_a_service_does_not_answer(
    file: Path, keystone: Keystone, mock: responses.RequestsMock, glance: Glance
) -> None:
    done = glance("--os-cloud", "prod", "doctor", "-f", "json")
    assert done.code == 1
    assert by_check(done)["Keystone"][0][0] == "ok"
    assert by_check(done)["Glance"][0][0] == "error"
    keystone.project = "another"
    done = glance("--os-cloud", "prod", "doctor", "-f", "json")
    assert by_check(done)["Keystone"][0][0] == "error"
    assert by_check(done)["Glance"] == [("warning", "not asked, as the login failed")]


@pytest.mark.parametrize(
    ("words", "check", "state", "detail"),
    [
        (["doctor"], "settings", "warning", "No cloud is chosen; "),
        (["--os-cloud", "prd", "doctor"], "settings", "error", "Cloud prd is not in "),
        (["--insecure", "--os-cloud", "prod", "doctor"], "TLS", "warning", "certificates are not"),
        (["--os-cloud", "app", "doctor"], "TLS", "warning", "none: the URL begins with http:"),
    ],
)
def test_doctor_names_what_is_not_as_it_should_be(
    file: Path, mock: responses.RequestsMock, glance: Glance, words: list[str], check: str, state: str, detail: str
) -> None:  # fmt: skip
    ((found, text),) = by_check(glance(*words, "-f", "json"))[check]
    assert found == state
    assert text.startswith(detail)


@pytest.fixture
def beside_novaclient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """python-novaclient is installed in our environment."""
    info = tmp_path / "site" / "python_novaclient-18.9.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: python-novaclient\nVersion: 18.9.0\n"
    )
    (info / "entry_points.txt").write_text("[console_scripts]\nnova = novaclient.shell:main\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))


BOTH = (
    "To have both, install glancecli in an environment of its own (`pipx install` or `uv tool "
    "install`). Then repair this one: `pip uninstall openstack-glancecli`, and `pip install "
    "--force-reinstall --no-deps python-novaclient`."
)


@pytest.mark.usefixtures("beside_novaclient")
def test_doctor_finds_a_package_whose_program_was_replaced(place: Path, glance: Glance) -> None:
    done = glance("doctor", "-f", "json")
    assert by_check(done)["conflicts"] == [
        (
            "error",
            "python-novaclient 18.9.0 has a program nova too, in the same environment: the one "
            f"installed later replaces the other. {BOTH}",
        )
    ]
    assert done.code == 1


@pytest.mark.usefixtures("beside_novaclient")
def test_nova_says_which_package_its_other_commands_were_of(
    program: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    done = program("nova", "list")
    assert done.code == 2
    assert done.err == (
        "nova: error: there is no command 'list'; glancecli has replaced the nova of "
        f"python-novaclient 18.9.0 in this environment. {BOTH[:-1]} (see nova --help)\n"
    )


def test_programs_of_others_on_path_are_named(
    tmp_path: Path, glance: Glance, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "glance"
    program.write_text(
        f"#!{sys.executable}\nimport re\nimport sys\nfrom glanceclient.shell import main\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = by_check(glance("doctor", "-f", "json"))
    assert found["PATH"] == [
        ("warning", f"glance is {program}, of the Python package glanceclient"),
        ("ok", "nova is not on it"),
        ("ok", "glancecli is not on it"),
        ("ok", "openstack is not on it"),
    ]


def test_one_file_on_path_is_ours(
    tmp_path: Path, glance: Glance, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "glance"
    with zipfile.ZipFile(program, "w") as archive:
        archive.writestr("environment.json", '{"entry_point": "glancecli.cli.start:by_name"}')
    program.chmod(0o755)
    (tmp_path / "nova").write_bytes(b"PK\x05\x06" + bytes(18))  # an archive without any file
    (tmp_path / "nova").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert by_check(glance("doctor", "-f", "json"))["PATH"][:2] == [
        ("ok", f"glance is {program}, of the Python package glancecli"),
        ("warning", f"nova is {tmp_path / 'nova'}"),
    ]


def test_a_working_folder_that_was_deleted_is_no_failure(
    tmp_path: Path, glance: Glance, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert (glance("clouds", "-f", "value").code, glance("image-list", "-q").code) == (0, 1)
    assert "No such file" not in glance("image-list").err
