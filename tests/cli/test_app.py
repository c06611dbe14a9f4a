"""What a command gets: settings, services, and the same run on another cloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from glancecli.cli.app import App, CommandLine
from tests.support.cloudplace import write

NOVA = CommandLine("nova", "image-list")
UMBRELLA = CommandLine("glancecli", "nova image-list")
GLANCE = CommandLine("glance", "image-list")
FLAGS: dict[str, Any] = {
    "os_image_url": "http://image.test",
    "os_service_type": "special",
    "os_service_name": "mine",
    "os_interface": "internal",
}


@pytest.mark.parametrize("line", [NOVA, UMBRELLA], ids=["nova", "glancecli nova"])
@pytest.mark.parametrize("settings_first", [False, True])
def test_the_service_options_of_nova_are_about_the_compute_service_whatever_is_read_first(
    line: CommandLine, settings_first: bool
) -> None:
    app = App(line, {**FLAGS, "os_compute_url": "http://compute.test"})
    if not settings_first:
        assert app.compute is not None
    services = app.settings.services
    assert (services["image"].type, services["image"].name) == ("", "")
    assert (services["compute"].type, services["compute"].name) == ("special", "mine")
    assert app.compute is not None
    assert app.settings.services["image"].type == ""


def test_the_service_options_of_glance_are_about_the_image_service() -> None:
    services = App(GLANCE, FLAGS).settings.services
    assert (services["image"].type, services["compute"].type) == ("special", "")


def test_novas_variable_for_the_endpoint_type_counts_for_novas_commands_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NOVA_ENDPOINT_TYPE", "admin")
    flags = {"os_image_url": "http://image.test"}
    assert App(NOVA, flags).settings.services["compute"].interfaces == ("admin",)
    assert App(GLANCE, flags).settings.services["compute"].interfaces == ("public",)


def test_another_cloud_inherits_no_cloud_option() -> None:
    app = App(GLANCE, {"os_cloud": "a", "os_project_name": "p", "verbose": 1, "timeout": 5.0})
    there = app.other("b", "two")
    assert there.flags == {"verbose": 1, "timeout": 5.0, "os_cloud": "b", "os_region_name": "two"}
    assert there.cloud_options == ("--os-cloud", "b", "--os-region-name", "two")


def test_another_cloud_inherits_no_variable_and_no_insecure_of_the_first(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clouds = "clouds: {a: {auth: {auth_url: 'https://a'}}, b: {auth: {auth_url: 'https://b'}}}"
    write(place, {"cwd/clouds.yaml": clouds})
    for name, value in (("PASSWORD", "of a"), ("CACERT", "/a"), ("CLOUD", "a")):
        monkeypatch.setenv(f"OS_{name}", value)
    app = App(GLANCE, {"insecure": True})
    assert (app.settings.verify, app.settings.auth["password"]) == (False, "of a")
    there = app.other("b").settings
    assert (there.cloud, there.verify) == ("b", True)
    assert there.auth == {"auth_url": "https://b"}
    same = app.other(None, "two").settings
    assert (same.verify, same.auth["password"], same.region) == (False, "of a", "two")


@pytest.mark.parametrize("value", ["1", "true", "yes"])
def test_os_insecure_counts_like_the_option(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OS_INSECURE", value)
    flags = {"insecure": False, "os_auth_url": "https://k.test/v3"}  # as click gives it
    assert App(GLANCE, flags).settings.verify is False


def test_insecure_in_clouds_yaml_counts_like_the_option(place: Path) -> None:
    write(place, {"cwd/clouds.yaml": "clouds: {a: {auth: {auth_url: http://k}, insecure: true}}"})
    assert App(GLANCE, {"insecure": False, "os_cloud": "a"}).settings.verify is False


def test_quiet_suppresses_no_instruction(capsys: pytest.CaptureFixture[str]) -> None:
    console = App(GLANCE, {"quiet": True}).console
    console.instruct("To authenticate please go to: https://idp.test")
    console.note("good to know")
    assert capsys.readouterr().err == "glance: To authenticate please go to: https://idp.test\n"


def test_another_region_is_one_of_the_same_cloud() -> None:
    there = App(GLANCE, {"os_cloud": "a", "os_project_name": "p"}).other(None, "two")
    assert there.cloud_options == (
        *("--os-cloud", "a", "--os-project-name", "p"),
        *("--os-region-name", "two"),
    )
