"""The sandbox itself, as its users see it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from glancecli.sandbox.processes import listen
from tests.support.programs import Result, examples
from tests.support.sandbox import PROGRAMS, Run, Sandbox, environment, request, run_program


def services(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    """Returns what status shows of each service, by name."""
    return {service["name"]: service for service in sandbox.control("status", "-f", "json").json}


SETTING_UP = (
    "keystone-manage db_sync",
    "keystone-manage bootstrap",
    "glance-manage db_sync",
    "glance-manage db_load_metadefs",
)


@pytest.fixture(scope="module")
def spare(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A second sandbox, for damage, in a folder with a space; it uses the packages of the first."""
    other = Sandbox(tmp_path_factory.mktemp("a blank"), sandbox.home)
    other.folder.mkdir(parents=True, mode=0o700)
    (other.folder / "venv").symlink_to(sandbox.folder / "venv")
    up = other.control("up")
    assert up.code == 0, up.err
    # The first start takes long, so it reports each step.
    assert {f"glancecli:   {step} ..." for step in SETTING_UP} <= set(up.err.splitlines())
    yield other
    assert other.control("down", "--wipe").code == 0


def test_every_user_of_the_sandbox_can_list_images_by_cloud_name_alone(
    sandbox: Sandbox, glance: Run
) -> None:
    for cloud in ("sandbox", "sandbox-demo", "sandbox-reader", "sandbox-other"):
        ran = glance("--os-cloud", cloud, "image-list", "-f", "json", cloud=None)
        assert (ran.code, ran.json, ran.err) == (0, [], "")


def test_status_shows_each_service_with_its_url_and_its_log(sandbox: Sandbox) -> None:
    found = services(sandbox)
    assert {"keystone", "glance"} <= set(found)
    for name, service in found.items():
        assert service["state"] == "up"
        assert service["url"].startswith("http://127.0.0.1:")
        assert Path(service["log"]) == sandbox.folder / "logs" / f"{name}.log"
        assert Path(service["log"]).stat().st_size > 0


def test_up_when_up_says_so_and_starts_nothing(sandbox: Sandbox) -> None:
    before = services(sandbox)
    up = sandbox.control("up")
    assert (up.code, up.out) == (0, "")
    assert up.err == "glancecli: the sandbox is up already: glance --os-cloud sandbox image-list\n"
    assert services(sandbox) == before


def test_env_makes_a_shell_use_the_sandbox_as_the_given_user(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    script = (
        'eval "$(glancecli sandbox env --user reader)"\n'
        "echo $OS_USERNAME $OS_PROJECT_NAME ${OS_CLOUD-unset} ${OS_TOKEN-unset}\n"
        "glance image-list -f json\n"
        "glance image-create --name x </dev/null\n"
    )
    env = {**environment(tmp_path, sandbox.data), "OS_CLOUD": "elsewhere", "OS_TOKEN": "stale"}
    done = subprocess.run(
        ["sh", "-c", script], env=env, capture_output=True, text=True, check=False
    )
    assert done.stdout == "reader demo unset unset\n[]\n"
    assert done.returncode == 1
    assert "reader" in done.stderr


def test_demo_prints_each_command_before_it_runs_it_and_says_how_to_go_on(
    sandbox: Sandbox,
) -> None:
    before = set(sandbox.images())
    ran = sandbox.control("demo")
    assert ran.code == 0, ran.err
    first, *commands = [line for line in ran.lines if line.startswith("$ ")]
    assert ran.lines[0] == first == "$ truncate -s 1M demo.raw"
    assert [line.split()[4] for line in commands] == [
        "image-create",
        "image-list",
        "image-show",
        "image-update",
        "image-delete",
        "image-list",
    ]
    assert all(line.startswith("$ glance --os-cloud sandbox-demo ") for line in commands)
    assert "| hw_disk_bus | virtio |" in ran.lines
    assert len(ran.lines) < 50
    assert ran.lines[-3:] == [
        "Keystone and Glance still run, on this machine only: glancecli sandbox status",
        "Use them:  export OS_CLOUD=sandbox-demo; glance image-list",
        "Stop them: glancecli sandbox down (with --wipe, nothing stays)",
    ]
    assert ran.err.startswith("glance: demo.raw: detected raw data")
    assert set(sandbox.images()) == before


def test_the_printed_clouds_serve_openstacksdk(sandbox: Sandbox, tmp_path: Path) -> None:
    done = sandbox.control("env", "--clouds-yaml")
    assert (done.code, done.err) == (0, "")
    (tmp_path / "clouds.yaml").write_text(done.out)
    code = "import openstack, sys; print(openstack.connect(sys.argv[1]).identity.get_user_id())"
    for cloud in ("sandbox", "sandbox-demo", "sandbox-reader", "sandbox-other"):
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, cloud],
            env=environment(tmp_path, tmp_path),
            cwd=tmp_path,
            check=True,
        )


def test_a_wipe_removes_the_cached_logins_of_the_sandbox_and_no_others(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    other = Sandbox(tmp_path / "data", sandbox.home)
    other.folder.mkdir(parents=True, mode=0o700)
    (other.folder / "venv").symlink_to(sandbox.folder / "venv")
    env = {**environment(tmp_path, other.data)}
    run_program("glancecli", "sandbox", "up", env=env, timeout=600)
    cache = tmp_path / ".cache" / "glancecli"
    for cloud in ("sandbox", "sandbox-demo"):
        assert run_program("glance", "--os-cloud", cloud, "image-list", env=env).code == 0
    found = {path.suffix for path in cache.iterdir()}
    assert found == {"", ".json", ".names"}
    (cache / f"{'0' * 64}.json").write_text("{}")
    assert run_program("glancecli", "sandbox", "down", "--wipe", env=env).code == 0
    assert sorted(path.name for path in cache.iterdir()) == [f"{'0' * 64}.json", "key"]


def test_every_example_of_the_sandboxs_help_pages_does_its_work(
    compute_sandbox: Sandbox, tmp_path: Path
) -> None:
    other = Sandbox(tmp_path, compute_sandbox.home)
    other.folder.mkdir(parents=True, mode=0o700)
    (other.folder / "venv").symlink_to(compute_sandbox.folder / "venv")
    known = [shlex.split(example) for example in examples("glancecli", "sandbox")]
    for words in [words[1:] for words in known if words[0] == "sandbox"]:
        ran = other.control(*takewhile(lambda word: word != ">", words))
        assert ran.code == 0, (words, ran.err)
    assert not other.folder.exists()


def test_files_with_a_password_are_private_and_no_log_has_one(
    sandbox: Sandbox,
) -> None:
    assert sandbox.folder.stat().st_mode & 0o777 == 0o700
    record = sandbox.folder / "cloud.json"
    secrets = json.loads(record.read_text())["passwords"].values()
    holders = [
        path
        for path in sandbox.folder.rglob("*")
        if path.is_file()
        and "venv" not in path.parts
        and any(secret.encode() in path.read_bytes() for secret in secrets)
    ]
    assert {record, sandbox.folder / "clouds.yaml"} <= set(holders)
    for path in holders:
        assert path.stat().st_mode & 0o077 == 0, path
        assert "logs" not in path.parts


def test_a_service_that_was_killed_is_restarted_and_the_other_continues(spare: Sandbox) -> None:
    before = services(spare)
    os.kill(before["glance"]["pid"], signal.SIGKILL)
    assert services(spare)["glance"]["state"] == "down"
    up = spare.control("up")
    assert (up.code, up.err.splitlines()[0]) == (0, "glancecli: Starting glance ...")
    after = services(spare)
    assert after["keystone"] == before["keystone"]
    assert after["glance"]["state"] == "up"
    assert after["glance"]["url"] == before["glance"]["url"]
    assert spare.ask("GET", "/v2/images")[0] == 200


def test_a_service_that_hangs_is_restarted(spare: Sandbox) -> None:
    before = services(spare)
    os.killpg(before["glance"]["pid"], signal.SIGSTOP)
    up = spare.control("up")
    assert (up.code, up.err.splitlines()) == (
        0,
        [
            "glancecli: glance does not answer: restarting it.",
            "glancecli: Starting glance ...",
            "glancecli: the sandbox is up: glance --os-cloud sandbox image-list",
        ],
    )
    after = services(spare)
    assert after["keystone"] == before["keystone"]
    assert (after["glance"]["state"], after["glance"]["url"]) == ("up", before["glance"]["url"])


def test_every_command_on_a_sandbox_that_is_down_says_so(spare: Sandbox, tmp_path: Path) -> None:
    assert spare.control("down").code == 0
    status = spare.control("status", "-f", "value", "-c", "state")
    assert (status.out, status.err) == (
        "down\ndown\n",
        "glancecli: the sandbox is down: `glancecli sandbox up` starts it\n",
    )
    show = [PROGRAMS / "glance", "--os-cloud", "sandbox", "image-list"]
    env = {**environment(tmp_path, spare.data), "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(show, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    up = f"{PROGRAMS}/glancecli sandbox up"  # PATH does not lead to it
    assert ran.stderr.endswith(f" refused the connection. `{up}` starts the sandbox.\n")
    assert spare.control("up").code == 0


@pytest.mark.parametrize("name", ["glance", "keystone"])
def test_a_port_that_another_program_uses_is_left_alone_and_clients_find_the_new_one(
    spare: Sandbox, tmp_path: Path, name: str
) -> None:
    spare.forget_tokens()
    env = environment(tmp_path, spare.data)
    show = [PROGRAMS / "glance", "--os-cloud", "sandbox", "image-list", "-f", "json"]
    assert subprocess.run(show, env=env, capture_output=True, check=True).stdout == b"[]\n"
    token, _ = spare.login("sandbox-demo")
    port = urlsplit(services(spare)[name]["url"]).port
    assert port
    assert spare.control("down").err == "glancecli: stopped: keystone, glance\n"
    taken = listen(port)
    assert taken is not None
    with taken:
        command = [PROGRAMS / "glancecli", "sandbox", "up"]
        up = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        assert up.stderr.splitlines()[0] == (
            f"glancecli: Port {port} of {name} is in use by another program: choosing a new one."
        )
        again = subprocess.run(show, env=env, capture_output=True, check=False)
        assert (again.returncode, again.stdout, again.stderr) == (0, b"[]\n", b"")
    # The passwords are the same: a new one would invalidate the tokens of users and services.
    keystone = spare.clouds["sandbox-demo"]["auth"]["auth_url"]
    assert request("GET", f"{keystone}/auth/projects", headers={"X-Auth-Token": token})[0] == 200


def test_several_ups_and_downs_at_once_end_in_a_sandbox_that_works(spare: Sandbox) -> None:
    ran: list[Result] = []
    words = ["up", "down", "up", "up"]
    threads = [threading.Thread(target=lambda w=w: ran.append(spare.control(w))) for w in words]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.code for one in ran] == [0] * len(words), [one.err for one in ran]
    assert spare.control("up").code == 0
    assert {service["state"] for service in services(spare).values()} == {"up"}


def test_nova_on_a_sandbox_without_it_says_how_to_start_it(spare: Sandbox, tmp_path: Path) -> None:
    ran = subprocess.run(
        [PROGRAMS / "nova", "--os-cloud", "sandbox", "image-list"],
        env=environment(tmp_path, spare.data),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith(
        "nova: error: The catalog has no compute service; it has identity, image. "
    )
    assert ran.stderr.endswith("glancecli sandbox up --with-nova` starts Nova in the sandbox.\n")


def test_nova_says_it_also_with_the_variables_of_sandbox_env(
    spare: Sandbox, tmp_path: Path
) -> None:
    place = environment(tmp_path, spare.data)
    login = subprocess.run(
        [PROGRAMS / "glancecli", "sandbox", "env"],
        env=place,
        capture_output=True,
        text=True,
        check=True,
    )
    ran = subprocess.run(
        ["/bin/sh", "-c", f'{login.stdout}exec "$0" image-list', PROGRAMS / "nova"],
        env=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.endswith("glancecli sandbox up --with-nova` starts Nova in the sandbox.\n")


def test_images_survive_down_and_up(spare: Sandbox) -> None:
    spare._tokens.clear()
    _, image = spare.ask(
        "POST", "/v2/images", {"name": "kept", "disk_format": "raw", "container_format": "bare"}
    )
    assert spare.ask("PUT", f"/v2/images/{image['id']}/file", b"data")[0] == 204
    assert spare.control("down").code == 0
    assert {service["state"] for service in services(spare).values()} <= {"down"}
    assert spare.control("up").code == 0
    assert spare.ask("GET", f"/v2/images/{image['id']}/file") == (200, b"data")


def test_a_service_that_cannot_start_is_named_with_the_cause_and_its_log(spare: Sandbox) -> None:
    assert spare.control("down").code == 0
    database = spare.folder / "db" / "glance.sqlite"
    kept = database.read_bytes()
    database.write_bytes(b"not a database, and longer than a header " * 100)
    up = spare.control("up")
    database.write_bytes(kept)
    assert up.code == 1
    assert up.err.splitlines()[-1].startswith("glancecli: error: glance ")
    assert str(spare.folder / "logs" / "glance.log") in up.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("retries", "reason"),
    [("1", "cannot be reached"), ("0", "cannot be reached, or lacks these versions")],
)
def test_without_a_reachable_package_index_up_fails_with_one_line(
    sandbox: Sandbox, tmp_path: Path, retries: str, reason: str
) -> None:
    nowhere = "http://127.0.0.1:1/simple"
    env = {
        **environment(tmp_path, tmp_path / "data"),
        "PIP_INDEX_URL": nowhere,
        "UV_DEFAULT_INDEX": nowhere,
        "PIP_RETRIES": retries,
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CACHE": "1",
        "PIP_NO_CACHE_DIR": "1",
        "PATH": str(tmp_path),  # without uv, whose own messages would come first
    }
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INDEX"):
        env.pop(name, None)
    command = [PROGRAMS / "glancecli", "sandbox", "up"]
    up = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    log = tmp_path / "data" / "glancecli" / "sandbox" / "logs" / "install.log"
    assert up.returncode == 1
    assert up.stderr.splitlines()[-1] == (
        f"glancecli: error: Cannot install the server packages: the package index {reason}. "
        f"Check the network and `pip config list`. Log: {log}"
    )
