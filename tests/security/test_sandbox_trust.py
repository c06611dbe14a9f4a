"""What others could plant for the sandbox: programs, records of processes, packages."""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from glancecli.errors import GlanceError
from glancecli.sandbox import home
from glancecli.sandbox.files import check_trust
from glancecli.sandbox.packages import UV, WITH_NOVA, WITHOUT_NOVA
from glancecli.sandbox.processes import start_time
from glancecli.sandbox.uv import pip_environment
from tests.support.programs import Result

Program = Callable[..., Result]
COMMANDS = (["up"], ["status"], ["env"], ["down"], ["down", "--wipe"])
ADVICE = "Look at what is in it and remove it, or set XDG_DATA_HOME to a folder of your own."
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def folder() -> Path:
    """The sandbox's folder, with a planted interpreter."""
    made = Path(home())
    (made / "venv" / "bin").mkdir(parents=True)
    python = made / "venv" / "bin" / "python"
    python.write_text(f"#!/bin/sh\ntouch {made}/planted\n")
    python.chmod(0o755)
    (made / "venv" / "installed.txt").write_text(f"{WITHOUT_NOVA.digest}\n")
    return made


@pytest.fixture
def victim() -> Iterator[subprocess.Popen]:
    """A process of the user that has nothing to do with the sandbox."""
    child = subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True
    )
    yield child
    child.kill()
    child.wait()


def refused(ran: Result, path: Path, why: str) -> bool:
    message = f"glancecli: error: The sandbox does not trust {path}: {why}. {ADVICE}\n"
    return (ran.code, ran.out, ran.err) == (1, "", message)


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o722])
def test_a_folder_into_which_others_can_write_is_not_used(
    program: Program, folder: Path, words: list[str], mode: int
) -> None:
    folder.chmod(mode)
    assert refused(program("glancecli", "sandbox", *words), folder, "other users can write to it")
    assert sorted(path.name for path in folder.iterdir()) == ["venv"]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_folder_that_others_can_replace_is_not_used(
    program: Program, folder: Path, words: list[str]
) -> None:
    folder.parent.chmod(0o777)
    ran = program("glancecli", "sandbox", *words)
    assert refused(ran, folder.parent, "other users can write to it")
    assert not (folder / "planted").exists()


def test_a_shared_folder_with_the_sticky_bit_above_is_fine(folder: Path) -> None:
    folder.parent.chmod(0o1777)
    check_trust(folder)


@needs_root
@pytest.mark.parametrize("name", ["", "venv", "venv/bin", "venv/bin/python", "cloud.json", "etc"])
@pytest.mark.parametrize("words", COMMANDS)
def test_what_belongs_to_another_user_is_not_used(
    program: Program, folder: Path, words: list[str], name: str
) -> None:
    path = folder / name
    if not path.exists():
        path.write_text("{}")
    os.chown(path, 12345, 12345)
    assert refused(program("glancecli", "sandbox", *words), path, "it belongs to another user")
    assert not (folder / "planted").exists()


@needs_root
def test_a_parent_of_another_user_is_not_used(folder: Path) -> None:
    os.chown(folder.parent, 12345, 12345)
    with pytest.raises(GlanceError) as caught:
        check_trust(folder)
    assert str(caught.value) == (
        f"The sandbox does not trust {folder.parent}: it belongs to another user. {ADVICE}"
    )


def planted(folder: Path, processes: object, mode: int = 0o600) -> None:
    record = folder / "cloud.json"
    record.touch()
    record.chmod(mode)
    record.write_text(json.dumps({"prepared": ["keystone"], "seeded": "x", "processes": processes}))


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o606])
def test_a_record_that_others_may_read_or_write_ends_no_process(
    program: Program, folder: Path, victim: subprocess.Popen, mode: int
) -> None:
    planted(folder, {"keystone": [victim.pid, start_time(victim.pid)]}, mode)
    ran = program("glancecli", "sandbox", "down")
    assert ran.code == 1
    assert "(it is not a file that only you can read and write)" in ran.err
    assert victim.poll() is None


@pytest.mark.parametrize("kind", ["link", "fifo"])
def test_a_link_or_a_fifo_in_the_place_of_the_record_is_not_read(
    program: Program, folder: Path, kind: str, tmp_path: Path
) -> None:
    if kind == "link":
        (tmp_path / "other").write_text("{}")
        (folder / "cloud.json").symlink_to(tmp_path / "other")
    else:
        os.mkfifo(folder / "cloud.json", 0o600)
    ran = program("glancecli", "sandbox", "down")
    assert ran.code == 1
    assert "(it is not a file that only you can read and write)" in ran.err


@pytest.mark.parametrize(
    "process",
    [
        [0, "1"],
        [1, "1"],
        [-1, "1"],
        [True, "1"],
        ["12", "1"],
        [12],
        [12, ""],
        [12, None],
        [12, "1", 2],
        12,
        {},
    ],
)
def test_a_record_without_a_process_id_and_its_start_time_ends_no_process(
    program: Program, folder: Path, process: object
) -> None:
    planted(folder, {"keystone": process})
    ran = program("glancecli", "sandbox", "down")
    assert ran.code == 1
    assert "(keystone has no process ID and start time)" in ran.err


def test_a_process_with_another_start_time_is_not_ended(
    program: Program, folder: Path, victim: subprocess.Popen
) -> None:
    planted(folder, {"keystone": [victim.pid, start_time(victim.pid) + "0"]})
    assert program("glancecli", "sandbox", "down").code == 0
    assert victim.poll() is None


PIN = re.compile(
    r"[a-z0-9._-]+==[^ ;]+( ; python_[a-z_]+ >= '[0-9.]+')?( --hash=sha256:[0-9a-f]{64})+"
)


@pytest.mark.parametrize("packages", [UV, WITHOUT_NOVA, WITH_NOVA], ids=["uv", "base", "nova"])
def test_every_package_is_pinned_by_its_version_and_the_hashes_of_its_distributions(
    packages,
) -> None:
    lines = re.sub(r" \\\n *", " ", packages.pins).splitlines()
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    names = [line.partition("==")[0] for line in lines]
    assert len(names) == len(set(names))
    assert packages.options[:2] == ["--no-deps", "--require-hashes"]


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ("", None),
        ("global.extra-index-url='https://other.test/simple'\n", "https://pypi.org/simple"),
        (
            "global.index-url='https://mine.test'\ninstall.extra-index-url='https://other.test'\n",
            "https://mine.test",
        ),
    ],
)
def test_pip_asks_one_index(
    monkeypatch: pytest.MonkeyPatch, settings: str, url: str | None
) -> None:
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    assert pip_environment(settings).get("PIP_EXTRA_INDEX_URL") == url


def wheel(folder: Path) -> Path:
    """A package that an index offers."""
    path = folder / "planted-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("planted.py", "")
        made.writestr(
            "planted-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: planted\nVersion: 1\n"
        )
        made.writestr(
            "planted-1.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        made.writestr("planted-1.dist-info/RECORD", "")
    return path


INSTALLERS = {
    "pip": [sys.executable, "-m", "pip", "install"],
    "uv": ["uv", "pip", "install", "--no-cache", "--python", sys.executable],
}


@pytest.mark.parametrize("installer", INSTALLERS)
def test_a_package_is_installed_only_when_it_has_the_hash_of_its_pin(
    tmp_path: Path, installer: str
) -> None:
    if installer == "uv" and not shutil.which("uv"):
        pytest.skip("no uv")
    if installer == "pip" and not importlib.util.find_spec("pip"):
        pytest.skip("no pip")
    digest = hashlib.sha256(wheel(tmp_path).read_bytes()).hexdigest()
    installed = {}
    for name, pinned in (("right", digest), ("wrong", "0" * 64)):
        pins, target = tmp_path / f"{name}.txt", tmp_path / name
        pins.write_text(f"planted==1 --hash=sha256:{pinned}\n")
        options = WITHOUT_NOVA._replace(files=(pins,)).options
        source = ["--no-index", "--find-links", tmp_path, "--target", target]
        done = subprocess.run(
            [*INSTALLERS[installer], *source, *options], capture_output=True, check=False
        )
        installed[name] = (done.returncode == 0, (target / "planted.py").exists())
    assert installed == {"right": (True, True), "wrong": (False, False)}
