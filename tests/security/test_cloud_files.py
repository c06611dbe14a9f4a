"""Files of other users, and secrets of another folder, direct no login to a cloud of theirs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from glancecli.auth.clouds import load
from glancecli.auth.settings import Settings
from glancecli.errors import AuthError
from glancecli.sandbox import clouds_file
from glancecli.text import Messages
from tests.support.cloudplace import write

EVIL = "clouds: {c: {auth: {auth_url: 'https://evil.example/v3', username: u}}}"
OURS = "clouds: {c: {auth: {auth_url: 'https://ours.example/v3', username: u, password: p}}}"
HOME_FILE = "home/.config/openstack/clouds.yaml"

NOT_OURS = 54321  # a user and group ID


@pytest.fixture
def warnings() -> list[str]:
    return []


def load_c(warnings: list[str]) -> Settings:
    return load({"os_cloud": "c"}, os.environ, Messages(warnings.append))


@pytest.mark.parametrize("name", ["clouds.yaml", "clouds.yml", "clouds.json"])
@pytest.mark.parametrize("bits", [0o602, 0o646, 0o666])
def test_a_clouds_file_here_that_others_can_write_is_ignored(
    place: Path, warnings: list[str], name: str, bits: int
) -> None:
    write(place, {f"cwd/{name}": EVIL, HOME_FILE: OURS})
    (place / "cwd" / name).chmod(bits)
    settings = load_c(warnings)
    assert settings.auth["auth_url"] == "https://ours.example/v3"
    assert warnings == [
        f"{place}/cwd/{name} is ignored: other users can write it (chmod go-w makes it yours alone)"
    ]


def test_a_clouds_file_here_that_a_shared_group_can_write_is_ignored(
    place: Path, warnings: list[str]
) -> None:
    write(place, {"cwd/clouds.yaml": EVIL, HOME_FILE: OURS})
    path = place / "cwd" / "clouds.yaml"
    path.chmod(0o664)
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to another group")
    os.chown(path, -1, NOT_OURS)
    assert load_c(warnings).auth["auth_url"] == "https://ours.example/v3"
    assert len(warnings) == 1


def test_a_file_that_only_the_users_own_group_can_write_is_read(
    place: Path, warnings: list[str]
) -> None:
    import grp
    import pwd

    me = pwd.getpwuid(os.geteuid())
    group = grp.getgrgid(me.pw_gid)
    if group.gr_name != me.pw_name or set(group.gr_mem) - {me.pw_name}:
        pytest.skip("this user has no group of their own")
    write(place, {"cwd/clouds.yaml": OURS})
    (place / "cwd" / "clouds.yaml").chmod(0o664)
    assert load_c(warnings).auth["password"] == "p"
    assert warnings == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
@pytest.mark.parametrize("link", [False, True])
def test_a_clouds_file_or_a_link_here_of_another_user_is_ignored(
    place: Path, warnings: list[str], link: bool
) -> None:
    write(place, {"cwd/other.yaml": EVIL, HOME_FILE: OURS})
    path = place / "cwd" / "clouds.yaml"
    if link:
        path.symlink_to("other.yaml")
    else:
        path.write_text(EVIL)
    os.chown(path, NOT_OURS, NOT_OURS, follow_symlinks=False)
    assert load_c(warnings).auth["auth_url"] == "https://ours.example/v3"
    assert warnings == [f"{path} is ignored: it belongs to another user"]


def test_a_file_that_the_user_names_is_read_whoever_can_write_it(
    place: Path, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(place, {"cwd/clouds.yaml": OURS})
    path = place / "cwd" / "clouds.yaml"
    path.chmod(0o666)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    assert load_c(warnings).auth["password"] == "p"
    assert warnings == []


def test_profiles_and_secrets_here_that_others_can_write_are_ignored(
    place: Path, warnings: list[str]
) -> None:
    profile = "public-clouds: {acme: {auth: {auth_url: 'https://%s.example/v3'}}}"
    folder = "home/.config/openstack"
    write(
        place,
        {
            HOME_FILE: "clouds: {c: {profile: acme, auth: {username: u, password: p}}}",
            f"{folder}/clouds-public.yaml": profile % "ours",
            "cwd/clouds-public.yaml": profile % "evil",
            "cwd/secure.yaml": EVIL,
        },
    )
    for name in ("clouds-public.yaml", "secure.yaml"):
        (place / "cwd" / name).chmod(0o666)
    assert load_c(warnings).auth["auth_url"] == "https://ours.example/v3"
    assert [line.partition(" is ")[0] for line in warnings] == [
        f"{place}/cwd/secure.yaml",
        f"{place}/cwd/clouds-public.yaml",
    ]


def test_a_secret_of_the_home_is_not_sent_to_the_address_of_a_file_here(
    place: Path, warnings: list[str]
) -> None:
    secret = "home/.config/openstack/secure.yaml"
    write(place, {"cwd/clouds.yaml": EVIL, HOME_FILE: OURS})
    write(place, {secret: "clouds: {c: {auth: {password: hidden}}, d: {auth: {password: x}}}"})
    assert "password" not in load_c(warnings).auth
    assert warnings == [
        f"cloud c: {place}/{secret} is ignored, as it is in another folder than "
        f"{place}/cwd/clouds.yaml and has no auth_url for this cloud, or another one"
    ]


def test_a_secure_file_here_does_not_move_a_cloud_of_the_home(
    place: Path, warnings: list[str]
) -> None:
    write(place, {"cwd/secure.yaml": EVIL, HOME_FILE: OURS})
    assert load_c(warnings).auth["auth_url"] == "https://ours.example/v3"
    assert len(warnings) == 1


@pytest.mark.parametrize("beside", ["", OURS])
def test_a_secret_of_another_folder_counts_where_the_auth_url_agrees(
    place: Path, warnings: list[str], beside: str
) -> None:
    plain = "clouds: {c: {auth: {auth_url: 'https://ours.example/v3/', username: u}}}"
    secret = "clouds: {c: {auth: {auth_url: 'https://ours.example/v3', password: hidden}}}"
    if beside:
        secret = "clouds: {c: {auth: {password: hidden}}}"
        write(place, {HOME_FILE: beside})
    write(place, {"cwd/clouds.yaml": plain, "home/.config/openstack/secure.yaml": secret})
    assert load_c(warnings).auth["password"] == "hidden"
    assert warnings == []


def test_a_clouds_file_of_the_sandbox_that_others_can_write_is_ignored(
    place: Path, warnings: list[str]
) -> None:
    path = Path(clouds_file())
    path.parent.mkdir(parents=True)
    path.write_text(EVIL.replace("{c:", "{sandbox:"))
    path.chmod(0o666)
    with pytest.raises(AuthError):
        load({"os_cloud": "sandbox"}, os.environ, Messages(warnings.append))
    assert set(warnings) == {
        f"{path} is ignored: other users can write it (chmod go-w makes it yours alone)"
    }
