"""Commands in hints can be pasted into a shell: program, options that choose the cloud, words."""

from __future__ import annotations

from pathlib import Path

import pytest

from glancecli.cli.cloud_options import options_for_hints
from glancecli.cli.hints import installed_name, write_command
from glancecli.errors import Words

LAB = ("--os-cloud", "lab")


@pytest.mark.parametrize(
    ("program", "words", "written"),
    [
        ("glance", ("image-show", "my image"), "`glance --os-cloud lab image-show 'my image'`"),
        ("glancecli", ("image-show", "x"), "`glancecli --os-cloud lab image-show x`"),
        ("nova", ("image-show", "x"), "`nova --os-cloud lab image-show x`"),
        ("nova", ("image-update", "x"), "`glance --os-cloud lab image-update x`"),
        ("nova", ("sandbox", "up"), "`glancecli sandbox up`"),
        ("glance", ("sandbox", "up"), "`glancecli sandbox up`"),
        ("glance", ("help", "image-list"), "`glance help image-list`"),
    ],
)
def test_a_command_is_written_with_a_program_that_has_it_and_with_the_cloud_that_it_needs(
    program: str, words: Words, written: str
) -> None:
    assert write_command(program, LAB, words) == written


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({}, ()),
        ({"os_cloud": None, "os_region_name": ""}, ()),
        (
            {"os_region_name": "two", "os_cloud": "lab"},
            ("--os-cloud", "lab", "--os-region-name", "two"),
        ),
        ({"os_project_name": "web", "insecure": True}, ("--os-project-name", "web", "--insecure")),
        ({"os_image_url": "http://g:9292"}, ("--os-image-url", "http://g:9292")),
        ({"os_image_url": "http://user:secret@g:9292"}, ()),
        ({"os_password": "secret", "os_auth_token": "secret"}, ()),
        ({"os_application_credential_secret": "secret"}, ()),
        ({"os_plugin_option": ("os_client_secret=secret",)}, ()),
        ({"os_service_type": "compute", "os_image_api_version": "1"}, ()),
    ],
)
def test_hints_repeat_the_options_that_choose_the_cloud_and_no_secret(
    flags: dict[str, object], words: Words
) -> None:
    assert options_for_hints(flags) == words


def test_the_name_of_a_program_is_one_that_leads_to_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for folder in ("ours", "theirs"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "glance").touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    for typed, path, expected in (
        ("ours/glancecli", "theirs", "ours/glance"),
        ("ours/glancecli", "nowhere", "ours/glance"),
        (f"{tmp_path}/ours/glancecli", "ours:theirs", "glance"),
        ("elsewhere/__main__.py", "theirs", "glance"),
        ("ours/pytest", "theirs", "glance"),
    ):
        monkeypatch.setattr("sys.argv", [typed])
        monkeypatch.setenv("PATH", ":".join(f"{tmp_path}/{name}" for name in path.split(":")))
        assert installed_name("glance") == expected
