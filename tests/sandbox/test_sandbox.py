"""The sandbox without servers. Tests with real servers are in tests/live/nova/test_sandbox.py."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from glancecli.errors import GlanceError
from glancecli.sandbox import clients, clouds_file, home, services
from glancecli.sandbox import control as cloud
from glancecli.sandbox.configs import Site, keystone
from glancecli.sandbox.files import locked
from glancecli.sandbox.packages import server_python
from glancecli.sandbox.processes import Process, listen, start_time, stop
from glancecli.sandbox.progress import Progress
from glancecli.sandbox.state import State
from glancecli.sandbox.uv import uv_environment
from tests.support.programs import Result

ROOT = Path(cloud.__file__).parent.parent.parent


def test_the_folder_is_below_the_data_folder_that_xdg_names() -> None:
    assert home({"XDG_DATA_HOME": "/data", "HOME": "/home/x"}) == "/data/glancecli/sandbox"


@pytest.mark.parametrize("useless", ["", "relative/path"])
def test_without_an_absolute_data_folder_it_is_the_usual_one(useless: str) -> None:
    found = clouds_file({"XDG_DATA_HOME": useless, "HOME": "/home/x"})
    assert found == "/home/x/.local/share/glancecli/sandbox/clouds.yaml"


def test_the_path_of_clouds_yaml_needs_no_expensive_imports() -> None:
    code = "import sys, glancecli.sandbox; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith("glancecli")} == {
        "glancecli",
        "glancecli.sandbox",
        "glancecli.sandbox.paths",
    }
    assert not loaded & {"json", "pathlib", "re", "socket", "subprocess", "typing", "urllib"}


def test_this_python_runs_the_servers_when_it_is_new_enough() -> None:
    assert server_python((3, 11)) == sys.executable


def test_an_older_python_takes_one_on_path_that_works(tmp_path: Path) -> None:
    for name, code in (("python3.13", 1), ("python3.12", 0), ("python3.11", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    assert server_python((3, 10), str(tmp_path)) == str(tmp_path / "python3.12")


def test_without_a_python_for_the_servers_the_error_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(GlanceError) as caught:
        server_python((3, 10), str(tmp_path))
    assert str(caught.value) == (
        "The sandbox's servers need Python 3.11 or newer, and there is none on PATH. "
        "Install one (for example python3.12) and run `glancecli sandbox up` again."
    )


def test_uv_gets_the_settings_of_pip_and_its_own_variables_win(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in list(os.environ):
        if name.startswith(("UV_", "SSL_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("UV_INDEX", "https://mine.test/simple")
    environment = uv_environment(
        "global.index-url='https://far.test/simple'\n"
        ":env:.index-url='https://near.test/simple'\n"
        "install.find-links='/wheels\\n/more'\n"
        "global.extra-index-url='https://other.test/simple'\n"
        "global.timeout='30'\n"
    )
    assert {
        name: value for name, value in environment.items() if name.startswith(("UV_", "SSL_"))
    } == {
        "UV_DEFAULT_INDEX": "https://near.test/simple",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_INDEX": "https://mine.test/simple",
    }


def test_a_dollar_in_a_path_is_escaped() -> None:
    text = keystone(Site(Path("/home/a$b"), {"keystone": 1}, {"service": "x"}))["keystone.conf"]
    assert "connection = sqlite:////home/a$$b/db/keystone.sqlite?timeout=60\n" in text


def test_a_process_is_stopped_only_when_its_start_time_matches() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    )
    started = start_time(child.pid)
    stop([Process(child.pid, started + "0"), Process(child.pid, "")])
    assert Process(child.pid, started).alive
    stop([Process(child.pid, started)])
    assert not Process(child.pid, started).alive
    child.stdin.close()  # type: ignore[union-attr]
    child.wait()


def test_a_process_that_ignores_sigterm_is_killed() -> None:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True
    )
    child.stdout.readline()  # type: ignore[union-attr]
    process = Process(child.pid, start_time(child.pid))
    stop([process], grace=0.2)
    assert not process.alive
    child.stdout.close()  # type: ignore[union-attr]
    child.wait()


def test_a_pid_without_a_process_has_no_start_time() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert start_time(child.pid) == ""


def test_a_port_in_use_is_not_given_out_again() -> None:
    first = listen(0)
    assert first is not None
    with first:
        assert listen(first.getsockname()[1]) is None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"ports": ', "not JSON: Expecting value: line 1 column 11 (char 10)"),
        (b"[]", "not a JSON object"),
        (b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    ],
)
@pytest.mark.parametrize("words", [["up"], ["status"], ["env"], ["down"], ["down", "--wipe"]])
def test_a_state_file_that_cannot_be_read_is_kept_because_its_servers_may_run(
    words: list[str], content: bytes, why: str, program: Callable[..., Result]
) -> None:
    state_file = Path(home()) / "cloud.json"
    state_file.parent.mkdir(parents=True)
    state_file.touch(0o600)
    state_file.write_bytes(content)
    ran = program("glancecli", "sandbox", *words)
    assert (ran.code, ran.out, ran.err) == (
        1,
        "",
        f"glancecli: error: {state_file}, the state file of the sandbox, cannot be read ({why}). End the programs "
        f"of {state_file.parent}/venv, remove the file, and run `glancecli sandbox up`.\n",
    )
    assert state_file.read_bytes() == content


def test_a_state_is_read_as_it_was_saved_and_its_file_is_private(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.ports["keystone"] = 5000
    state.processes["keystone"] = Process(12, "34")
    state.make_passwords()
    state.save()
    loaded = State(tmp_path)
    assert (loaded.ports, loaded.passwords) == (state.ports, state.passwords)
    assert (loaded.processes["keystone"].pid, loaded.processes["keystone"].started) == (12, "34")
    assert state.path.stat().st_mode & 0o777 == 0o600


def test_a_second_command_waits_for_the_first_and_says_so(tmp_path: Path) -> None:
    reported: list[str] = []
    waits, done = threading.Event(), threading.Event()

    def report(line: str) -> None:
        reported.append(line)
        waits.set()

    def second() -> None:
        with locked(tmp_path / "folder", report):
            done.set()

    thread = threading.Thread(target=second)
    with locked(tmp_path / "folder", reported.append):
        thread.start()
        assert waits.wait(10)
        assert not done.is_set()
    thread.join(10)
    assert done.is_set()
    assert reported == ["Waiting for another `glancecli sandbox` command to finish ..."]


def test_a_lock_is_acquired_again_when_its_folder_was_removed_meanwhile(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    waits = threading.Event()
    found: list[bool] = []

    def second() -> None:
        with locked(folder, lambda line: waits.set()):
            found.append((folder / "lock").exists())

    thread = threading.Thread(target=second)
    with locked(folder, print):
        thread.start()
        assert waits.wait(10)
        (folder / "lock").unlink()
        folder.rmdir()
    thread.join(10)
    assert found == [True]


def test_without_a_sandbox_there_is_nothing_to_show_or_stop() -> None:
    assert cloud.status() == []
    assert cloud.down() == []
    assert not Path(home()).exists()


@pytest.mark.parametrize("words", [["sandbox", "--help"], ["sandbox", "up", "--help"]])
def test_help_says_who_the_clouds_are(program: Callable[..., Result], words: list[str]) -> None:
    text = " ".join(program("glancecli", *words).out.split())
    assert all(f"{cloud} ({who})" in text for cloud, who in clients.WHO.items())
    assert list(clients.WHO) == list(clients.USER_BY_CLOUD)


def test_the_clouds_are_printed_as_yaml_that_is_the_file_of_the_sandbox(tmp_path: Path) -> None:
    users = {user: f"pass'{user}" for user in ("admin", "demo", "reader", "other")}
    site = Site(tmp_path, {"keystone": 5}, users)
    clients.write_clouds_file(site)
    printed = yaml.safe_load("\n".join(clients.yaml_lines(site)))
    assert printed == yaml.safe_load((tmp_path / "clouds.yaml").read_text())


def test_a_wipe_removes_the_sandboxs_files_and_keeps_others() -> None:
    folder = Path(home())
    for name in ("logs", "mine"):
        (folder / name).mkdir(parents=True)
        (folder / name / "file").write_text("x")
    (folder / "clouds.yaml").write_text("x")
    assert cloud.down(wipe=True) == []
    assert sorted(path.name for path in folder.rglob("*")) == ["file", "mine"]


def test_a_file_in_the_place_of_the_folder_is_an_error_with_advice() -> None:
    folder = Path(home())
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    with pytest.raises(GlanceError) as caught:
        cloud.up()
    assert str(caught.value) == (
        f"The sandbox cannot use {folder}: File exists. Set XDG_DATA_HOME to a folder that you can write to."
    )


def test_a_folder_that_cannot_be_created_is_an_error_with_advice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nowhere(path: Path, *_: object, **__: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "/nowhere/x")

    monkeypatch.setenv("XDG_DATA_HOME", "/nowhere/x")
    monkeypatch.setattr(Path, "mkdir", nowhere)  # as below /proc, where no folder can be created
    with pytest.raises(GlanceError) as caught:
        cloud.up()
    assert str(caught.value) == (
        "The sandbox cannot use /nowhere/x: No such file or directory. "
        "Set XDG_DATA_HOME to a folder that you can write to."
    )


def test_an_installation_reports_the_logs_last_line_and_then_the_packages_installed(
    tmp_path: Path,
) -> None:
    reported: list[str] = []
    log, site = tmp_path / "install.log", tmp_path / "lib" / "python3.12" / "site-packages"
    digest = " \\\n    --hash=sha256:00\n"
    pins = f"Oslo.Config==1{digest}six==1.17{digest}old==2 ; python_version < '3'{digest}"
    log.write_text("Resolved 2 packages\n Downloaded oslo-config\n")
    progress = Progress(tmp_path, pins, reported.append, "uv")
    progress.report(log)
    for name in ("pip-24.0", "uv-1", "oslo_config-1"):
        (site / f"{name}.dist-info").mkdir(parents=True)
    progress.report(log)
    assert [re.sub(r"\d+ s", "N s", line) for line in reported] == [
        "  2 packages, with uv ...",
        "  N s: Downloaded oslo-config ...",
        "  N s: 1 of 2 packages installed ...",
    ]


def test_up_after_down_starts_what_was_there_before(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert cloud.wanted_services(state, with_nova=False) == services.BASE
    state.prepared = [service.name for service in services.BASE]
    assert cloud.wanted_services(state, with_nova=False) == services.BASE
    state.prepared = [service.name for service in services.ALL]
    assert cloud.wanted_services(state, with_nova=False) == services.ALL


def test_status_shows_a_sandbox_that_is_down_and_env_warns(program: Callable[..., Result]) -> None:
    Path(home()).mkdir(parents=True)
    state = State(Path(home()))
    state.ports, state.prepared, state.seeded = (
        {"keystone": 5, "glance": 9},
        ["keystone", "glance"],
        "x",
    )
    state.make_passwords()
    state.save()
    status = program(
        "glancecli", "sandbox", "status", "-f", "value", "-c", "name", "-c", "state", "-c", "url"
    )
    assert status.out == "keystone down http://127.0.0.1:5/v3\nglance down http://127.0.0.1:9\n"
    assert status.err == "glancecli: the sandbox is down: `glancecli sandbox up` starts it\n"
    env = program("glancecli", "sandbox", "env")
    assert (env.code, env.lines[0]) == (0, "export OS_AUTH_URL=http://127.0.0.1:5/v3")
    assert env.err == "glancecli: warning: the sandbox is down: `glancecli sandbox up` starts it\n"


@pytest.mark.parametrize(
    ("words", "code", "err"),
    [
        (["status"], 0, "glancecli: there is no sandbox: `glancecli sandbox up` starts one\n"),
        (["down"], 0, "glancecli: the sandbox was not running\n"),
        (
            ["env"],
            1,
            "glancecli: error: There is no sandbox. `glancecli sandbox up` creates one.\n",
        ),
    ],
)
def test_commands_report_that_there_is_no_sandbox(
    words: list[str], code: int, err: str, program: Callable[..., Result]
) -> None:
    ran = program("glancecli", "sandbox", *words)
    assert (ran.code, ran.err) == (code, err)


def test_status_says_that_another_command_is_at_work(program: Callable[..., Result]) -> None:
    with locked(Path(home()), print):
        status = program("glancecli", "sandbox", "status", "-f", "value")
    assert (status.code, status.out, status.err) == (
        0,
        "",
        "glancecli: another `glancecli sandbox` command is at work: the state is changing\n",
    )
