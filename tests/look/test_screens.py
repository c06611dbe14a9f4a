"""What terminals of three sizes show, compared with the files in screens/.

``UPDATE_SCREENS=1 pytest tests/look`` writes the files anew, to be read before they are committed.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.fakeglance import TOKEN, FakeGlance
from tests.support.terminals import SIZES, Size, Tmux, install, marked, plain, run_on_pty, unmarked

SCREENS = Path(__file__).parent / "screens"
StartTmux = Callable[[Size, Mapping[str, str]], Tmux]

IMAGES = (
    ("cirros", "active", 16300544),
    ("debian-12-genericcloud-amd64-20250115", "active", 339738624),
    ("ubuntu-24.04-server-cloudimg-amd64", "active", 623902720),
    ("Windows Server 2022 Datacenter (2024-11)", "active", 11811160064),
    ("中文镜像 测试 名字很长的一个镜像 版本二十四", "active", 2147483648),
    ("Grüße aus Köln", "saving", 0),
    ("later", "queued", None),
    ("later", "queued", None),
    ("broken", "killed", 4096),
    ("withdrawn", "deactivated", 52428800),
    (None, "active", 512),
)
COMMANDS = {
    "list": ("glance image-list",),
    "show": ("glance image-show cirros",),
    "error": (
        "glance image-delete cirros",
        "glance image-show later",
        "glance image-show no-such-image",
        "glance image-list --disk-fromat raw",
        "glance image-upload withdrawn --file /dev/null",
    ),
    "help": ("glance help",),
}
SETTINGS = {"colour": {}, "no-colour": {"NO_COLOR": "1"}, "dumb": {"TERM": "dumb"}}


@pytest.fixture(scope="module")
def service() -> Iterator[FakeGlance]:
    """A service with images of all kinds, which gives every request the same ID."""
    found = FakeGlance()
    found.request_id = "req-4d1a3f0c-3b0e-4a44-9b1a-0f5f1f3c9c55"
    for number, (name, status, size) in enumerate(IMAGES):
        found.add(
            f"8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5{number:03x}",
            name=name,
            status=status,
            size=size,
            disk_format="qcow2",
            container_format="bare",
            visibility="public",
            owner="66265572db174a7aa66eba661f58eb9e",
            protected=name == "cirros",
            created_at="2026-11-23T10:00:00Z",
        )
    found.images["8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5000"] |= {
        "checksum": "443b7623e27ecf03dc9e01ee93f67afe",
        "os_hash_algo": "sha512",
        "os_hash_value": "6513f21e44aa3da349f248188a44bc304a3653a04122d8fb4535423c8e1d14cd" * 2,
        "direct_url": "rbd://0a1b2c3d-fsid/images/8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5000/snap",
        "description": "A small system for tests of clouds: it boots in seconds, takes keys and "
        "user data from the metadata service, and has no package manager.",
        "os_hidden": False,
        "prop_2": "two",
        "prop_10": "ten",
        "tags": ["small", "test"],
        "virtual_size": None,
    }
    yield found
    found.close()


@pytest.fixture
def variables(service: FakeGlance, tmp_path: Path) -> dict[str, str]:
    """The variables of a user whose shell finds our programs."""
    install(tmp_path / "bin")
    return {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "LC_ALL": "C.UTF-8",
        "OS_IMAGE_URL": service.url,
        "OS_AUTH_TOKEN": TOKEN,
    }


def file_name(subject: str, size: Size) -> str:
    """Help is the same on every terminal that is wide enough."""
    if subject == "help":
        return subject
    return f"{subject}-{size}"


def compare(name: str, shown: str) -> None:
    """Compares what was shown with the file of this name."""
    path = SCREENS / f"{name}.txt"
    if os.environ.get("UPDATE_SCREENS"):
        path.write_text(shown)
    assert shown == path.read_text(), "if this is wanted: UPDATE_SCREENS=1 pytest tests/look"


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("subject", COMMANDS)
def test_tmux_shows_what_was_looked_at_before(
    subject: str, size: Size, tmux: StartTmux, variables: dict[str, str]
) -> None:
    shown = {}
    for name, settings in SETTINGS.items():
        shown[name] = tmux(size, {**variables, **settings}).run("\n".join(COMMANDS[subject]))
    assert plain(shown["colour"]) == shown["no-colour"] == shown["dumb"]
    compare(file_name(subject, size), marked(shown["colour"]))


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("subject", COMMANDS)
def test_the_bytes_for_a_terminal_are_those_that_tmux_shows(
    subject: str, size: Size, variables: dict[str, str]
) -> None:
    written = ""
    for command in COMMANDS[subject]:
        settings = {**variables, "TERM": "screen-256color"}
        written += run_on_pty(["sh", "-c", command], size, settings)
    compare(file_name(subject, size), marked(written))


BAR = """
import sys
from glancecli.output.progress import make_progress

now = 1000.0
progress = make_progress(None, sys.stderr, terminal=True, colour={colour}, clock=lambda: now)
for label, total, step, noun in (("uploading", 400 << 20, 1 << 20, ""), ("deleting", 40, 1, "images")):
    progress.start(label, total, noun=noun)
    for _ in range(total // step // 2):
        now += 0.04
        progress.advance(step)
    sys.stdin.readline()
    for _ in range(total // step // 2):
        now += 0.04
        progress.advance(step)
    progress.phase("verifying")
progress.stop()
"""


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("colour", [True, False], ids=["colour", "no-colour"])
def test_progress_is_a_bar_and_then_a_summary(
    colour: bool, size: Size, tmux: StartTmux, variables: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "bar.py"
    program.write_text(BAR.format(colour=colour))
    terminal = tmux(size, variables)
    terminal.start(f"stty -echo; {sys.executable} {program}")
    shown = [terminal.wait_for("50%")]
    terminal.press("Enter")
    shown.append(terminal.wait_for("20/40 images"))
    terminal.press("Enter")
    shown.append(terminal.wait_for("deleting  40 images"))
    text = "---\n".join(map(marked, shown))
    if not colour:
        assert plain("".join(shown)) == "".join(shown)
    compare(f"progress-{size}{'' if colour else '-no-colour'}", text)


def test_a_list_longer_than_the_screen_goes_through_the_pager(
    tmux: StartTmux, variables: dict[str, str]
) -> None:
    terminal = tmux(Size(80, 10), {**variables, "PAGER": "less"})
    terminal.start("glance image-list; echo the end")
    first = terminal.wait_for("\n:")
    assert len(plain(first).splitlines()) == 10
    terminal.press("G")
    assert "Not shown at 80 columns" in terminal.wait_for("(END)")
    terminal.press("q")
    assert terminal.wait_for("the end")


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ("glance --no-pager image-list", {}),
        ("glance image-list --no-pager", {}),
        ("glance image-list", {"GLANCECLI_PAGER": "cat"}),
        ("glance image-list", {"GLANCECLI_PAGER": "", "PAGER": "less"}),
        ("glance image-list", {"PAGER": "no-such-pager"}),
        ("glance image-list", {"TERM": "dumb"}),
        ("glance image-list -f csv", {}),
        ("glance image-list --limit 4", {}),
        ("glance image-show cirros", {}),
    ],
    ids=str,
)
def test_no_pager_starts_where_it_is_not_wanted(
    words: str, settings: dict[str, str], tmux: StartTmux, variables: dict[str, str]
) -> None:
    assert "8e9ba2a4" in tmux(Size(80, 10), {**variables, **settings}).run(words)


def test_another_pager_gets_the_whole_list(tmux: StartTmux, variables: dict[str, str]) -> None:
    settings = {**variables, "PAGER": "less", "GLANCECLI_PAGER": "tail -n 2 | head -n 1"}
    assert plain(tmux(Size(80, 10), settings).run("glance image-list")) == (
        "8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e500a                           512B  active\n"
    )


def test_ctrl_c_in_the_pager_leaves_the_pager_running(
    tmux: StartTmux, variables: dict[str, str]
) -> None:
    terminal = tmux(Size(80, 10), {**variables, "PAGER": "less"})
    terminal.start("trap : INT; glance image-list; echo code $?")
    terminal.wait_for("\n:")
    terminal.press("C-c")
    terminal.press_until("G", "(END)")
    terminal.press("q")
    assert terminal.wait_for("code 0")


@pytest.mark.skipif(shutil.which("watch") is None, reason="watch is not installed")
def test_watch_shows_what_its_terminal_shows_without_colour(
    tmux: StartTmux, variables: dict[str, str]
) -> None:
    terminal = tmux(Size(80, 24), variables)
    terminal.start("watch -t glance image-list")
    expected = (SCREENS / "list-80x24.txt").read_text()
    shown = terminal.wait_for("Not shown at 80 columns").splitlines()
    assert list(map(str.rstrip, shown)) == unmarked(expected).splitlines()


@pytest.mark.skipif(shutil.which("watch") is None, reason="watch is not installed")
def test_a_script_within_watch_reads_the_table_of_a_pipe(
    tmux: StartTmux, variables: dict[str, str]
) -> None:
    terminal = tmux(Size(80, 24), variables)
    terminal.start("watch -t \"glance image-list | awk '/ cirros / {print \\$2}'\"")
    assert terminal.wait_for("8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5000")
