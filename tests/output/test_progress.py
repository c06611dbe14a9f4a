"""Progress on stderr, driven by a simulated clock."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable

import pytest

from glancecli.output.bar import Bar
from glancecli.output.meter import Lines, Progress
from glancecli.output.progress import make_progress

MIB = 1 << 20


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def move(progress: Progress, clock: Clock, mib: int, seconds: float) -> None:
    """Advance by so many MiB, one at a time, in so many seconds."""
    for _ in range(mib):
        clock.now += seconds / mib
        progress.advance(MIB)


def written(act: Callable[[Lines, Clock], None]) -> list[str]:
    err, clock = io.StringIO(), Clock()
    act(Lines(err, clock), clock)
    return err.getvalue().splitlines()


def test_a_transfer_that_stands_still_shows_the_end_that_it_waits_for() -> None:
    clock = Clock()
    progress = Lines(io.StringIO(), clock)
    progress.start("uploading x", 100 * MIB)
    move(progress, clock, 10, 1)
    progress.waits_for("the source")
    clock.now += 1
    assert progress.figures() == ["10%", "10MB/100MB", "5MB/s", "0:18 left"]
    clock.now += 1
    assert progress.figures() == ["10%", "10MB/100MB", "waiting for the source"]
    progress.waits_for("the service")
    assert progress.figures() == ["10%", "10MB/100MB", "waiting for the service"]
    move(progress, clock, 1, 0.1)
    assert "waiting" not in " ".join(progress.figures())


# Lines in a log


def test_a_log_gets_a_line_every_five_seconds_then_the_phase_then_a_summary() -> None:
    def act(progress: Lines, clock: Clock) -> None:
        progress.start("uploading x", 512 * MIB)
        move(progress, clock, 512, 16)
        progress.phase("verifying")
        clock.now += 60
        progress.stop()

    assert written(act) == [
        "uploading x: 31%, 160MB/512MB, 32MB/s, 0:11 left",
        "uploading x: 62%, 320MB/512MB, 32MB/s, 0:06 left",
        "uploading x: 93%, 480MB/512MB, 32MB/s, 0:01 left",
        "uploading x: verifying",
        "uploading x: 512MB in 0:16, 32MB/s",
    ]


def test_a_short_transfer_is_one_line() -> None:
    def act(progress: Lines, clock: Clock) -> None:
        progress.start("downloading x", 10 * MIB)
        move(progress, clock, 10, 1)
        progress.stop()

    assert written(act) == ["downloading x: 10MB in 0:01, 10MB/s"]


def test_a_stream_of_unknown_length_shows_bytes_and_rate() -> None:
    def act(progress: Lines, clock: Clock) -> None:
        progress.start("uploading -", None)
        move(progress, clock, 100, 10)
        progress.stop()

    assert written(act) == [
        "uploading -: 50MB, 10MB/s",
        "uploading -: 100MB, 10MB/s",
        "uploading -: 100MB in 0:10, 10MB/s",
    ]


def test_the_rate_is_that_of_the_last_ten_seconds_and_the_summary_is_over_all() -> None:
    def act(progress: Lines, clock: Clock) -> None:
        progress.start("x", None)
        move(progress, clock, 1280, 10)
        move(progress, clock, 20, 20)
        progress.stop()

    assert written(act) == [
        "x: 640MB, 128MB/s",
        "x: 1.2GB, 128MB/s",
        "x: 1.3GB, 64.5MB/s",
        "x: 1.3GB, 1MB/s",
        "x: 1.3GB, 1MB/s",
        "x: 1.3GB, 1MB/s",
        "x: 1.3GB in 0:30, 43.3MB/s",
    ]


def test_bytes_from_an_earlier_attempt_count_as_done_but_not_in_the_rate() -> None:
    def act(progress: Lines, clock: Clock) -> None:
        progress.start("downloading x", 1024 * MIB, offset=512 * MIB)
        move(progress, clock, 512, 8)
        progress.stop()

    assert written(act)[0] == "downloading x: 81%, 832MB/1GB, 64MB/s, 0:03 left"
    assert written(act)[-1] == "downloading x: 1GB in 0:08, 64MB/s"


def test_a_failed_transfer_shows_once_how_much_was_done() -> None:
    def act(progress: Lines, clock: Clock) -> None:
        progress.start("x", 100 * MIB)
        move(progress, clock, 40, 2)
        progress.stop()
        progress.stop()

    assert written(act) == ["x: 40MB of 100MB in 0:02, 20MB/s"]


def test_no_bytes_and_an_empty_image_cause_no_division_by_zero() -> None:
    def act(progress: Lines, clock: Clock) -> None:
        progress.stop()
        progress.start("x", 0)
        progress.stop()
        progress.start("y", 5)
        progress.stop()

    assert written(act) == ["x: 0B in 0:00", "y: 0B of 5B in 0:00"]


def test_a_start_ends_the_transfer_before_it() -> None:
    def act(progress: Lines, clock: Clock) -> None:
        progress.start("one", 2 * MIB)
        move(progress, clock, 2, 1)
        progress.start("two", None)
        progress.stop()

    assert written(act) == ["one: 2MB in 0:01, 2MB/s", "two: 0B in 0:00"]


def test_labels_and_phases_are_shown_as_safe_text() -> None:
    def act(progress: Lines, clock: Clock) -> None:
        progress.start("a\x1b[2J\nb", None)
        progress.phase("c\x9bd")
        progress.stop()

    assert written(act) == [r"a\x1b[2J\nb: c\x9bd", r"a\x1b[2J\nb: 0B in 0:00"]


def test_a_long_transfer_shows_hours() -> None:
    def act(progress: Lines, clock: Clock) -> None:
        progress.start("x", 100 * MIB)
        move(progress, clock, 50, 7200)
        progress.stop()

    lines = written(act)
    assert lines[-1] == "x: 50MB of 100MB in 2:00:00, 7.1kB/s"
    assert lines[-2].endswith("2:00:00 left")


def test_things_are_counted_by_their_name() -> None:
    def act(progress: Lines, clock: Clock) -> None:
        progress.start("deleting", 40, 1, "images")
        for _ in range(39):
            clock.now += 0.4
            progress.advance(1)
        progress.stop()

    assert written(act) == [
        "deleting: 35%, 14/40 images, 2.5/s, 0:10 left",
        "deleting: 67%, 27/40 images, 2.5/s, 0:05 left",
        "deleting: 100%, 40/40 images, 2.5/s",
        "deleting: 40 images in 0:16, 2.5/s",
    ]


def test_what_was_not_done_to_all_says_so() -> None:
    def act(progress: Lines, clock: Clock) -> None:
        progress.start("deleting", 400, noun="images")
        clock.now += 1
        progress.advance(100)
        progress.stop()

    assert written(act) == ["deleting: 100 of 400 images in 0:01, 100/s"]


# Choosing a display


@pytest.mark.parametrize(
    ("mode", "terminal", "kind"),
    [
        (None, False, Progress),
        (None, True, Bar),
        (True, False, Lines),
        (True, True, Bar),
        (False, True, Progress),
        (False, False, Progress),
    ],
)
def test_a_terminal_gets_a_bar_and_a_log_gets_lines_if_progress_is_forced(
    mode: bool | None, terminal: bool, kind: type[Progress]
) -> None:
    assert type(make_progress(mode, io.StringIO(), terminal=terminal, colour=True)) is kind


def test_progress_that_is_off_writes_nothing() -> None:
    err = io.StringIO()
    progress = make_progress(None, err, terminal=False)
    progress.start("x", 1)
    progress.advance(1)
    progress.phase("verifying")
    progress.stop()
    assert err.getvalue() == ""


# The bar


def drawn(
    columns: int, monkeypatch: pytest.MonkeyPatch, total: int | None = 400, **words: str
) -> list[str]:
    """The line half way, while verifying, and in the end."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    clock = Clock()
    bar = Bar(io.StringIO(), colour=False, clock=clock)
    bar.start(words.get("label", "uploading cirros.img"), total and total * MIB)
    move(bar, clock, 200, 8)
    lines = [bar.line().plain]
    move(bar, clock, 200, 8)
    bar.phase("verifying")
    lines.append(bar.line().plain)
    bar.stop()
    return [*lines, bar.line().plain]


def test_the_bar_at_120_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(120, monkeypatch) == [
        "uploading cirros.img  " + "━" * 20 + "─" * 20 + "  50%  200MB/400MB  25MB/s  0:08 left",
        "uploading cirros.img  " + "━" * 40 + "  100%  400MB/400MB  verifying",
        "uploading cirros.img  400MB in 0:16, 25MB/s",
    ]


def test_the_bar_at_80_columns_fills_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(80, monkeypatch)[0] == (
        "uploading cirros.img  " + "━" * 9 + "─" * 9 + "  50%  200MB/400MB  25MB/s  0:08 left"
    )


def test_40_columns_have_room_for_the_figures_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(40, monkeypatch) == [
        "50%  200MB/400MB  25MB/s  0:08 left",
        "100%  400MB/400MB  verifying",
        "uploadi…os.img  400MB in 0:16, 25MB/s",
    ]


def test_20_columns_have_room_for_the_most_important_figures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert drawn(20, monkeypatch)[0] == "50%  200MB/400MB"


@pytest.mark.parametrize("columns", [*range(12, 60), 80, 100, 200])
@pytest.mark.parametrize(
    "label", ["uploading 中文镜像中文镜像中文镜像中文镜像.img", "x" * 90, "", "é"]
)
def test_a_running_line_never_reaches_the_edge_of_the_terminal(
    columns: int, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.cells import cell_len

    for line in drawn(columns, monkeypatch, label=label)[:1]:
        assert cell_len(line) <= columns - 3


def test_a_bar_without_a_total_has_no_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    running, verifying, done = drawn(80, monkeypatch, total=None)
    assert re.fullmatch(r"uploading cirros.img  ─*━─*  200MB  25MB/s", running)
    assert re.fullmatch(r"uploading cirros.img  ─*━─*  400MB +verifying", verifying)
    assert done == "uploading cirros.img  400MB in 0:16, 25MB/s"


DEMO = """
import sys
from glancecli.output.progress import make_progress
progress = make_progress(None, sys.stderr, terminal=True, colour=False)
try:
    progress.start("uploading x", 50 << 20)
    for n in range(50):
        progress.advance(1 << 20)
        if n == 20:
            print("a warning", file=sys.stderr)
        if n == 25:
            {fault}
finally:
    progress.stop()
    progress.stop()
"""


def on_a_pty(fault: str) -> tuple[str, str]:
    """stderr on a terminal of 80 columns, and stdout in a pipe, of a process that shows a bar."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-c", DEMO.format(fault=fault)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
        text=True,
    ) as process:
        os.close(theirs)
        seen = b""
        while chunk := _read(ours):
            seen += chunk
        out = process.stdout.read() if process.stdout else ""
    os.close(ours)
    return seen.decode(), out


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 65536)
    except OSError:  # what a terminal says when the other side is closed
        return b""


@pytest.mark.parametrize("fault", ["pass", "raise KeyboardInterrupt", "raise SystemExit(3)"])
def test_the_terminal_is_left_with_one_summary_and_its_cursor(fault: str) -> None:
    err, out = on_a_pty(fault)
    assert out == ""
    assert err.count("\x1b[?25l") == 1
    assert err.count("\x1b[?25h") == 1
    last = [
        line
        for line in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", err).split("\n")
        if "uploading x" in line
    ][-1]
    moved = "50MB" if fault == "pass" else "26MB of 50MB"
    assert last.split("\r")[-2].startswith(f"uploading x  {moved} in 0:0")


def test_a_warning_on_stderr_has_a_line_of_its_own() -> None:
    err, _ = on_a_pty("pass")
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", err).replace("\r", "\n").split("\n")
    assert plain.count("a warning") == 1
