"""Runs the commands of a page on the sandbox, and writes their output into the page.

python docs/replay.py docs/guide.md

The ``console`` blocks of a page are one shell session in an empty folder, so that a reader can
follow it. A line ``<!-- run: COMMAND -->`` between them belongs to the session and is not shown: it
waits or cleans up, and makes nothing that the page uses. A line ``<!-- picture 80: COMMAND -->``
above an image runs the command in this session on a terminal with 80 columns, and the image is what
the terminal shows then (``picture 80 until 60%``: while a bar of progress shows this text). What
only a picture needs stands in ``<!-- for a picture: COMMAND -->``. The sandbox must be up and have
no images.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs.pictures import svg

MARK = "\x1e"
CAPTURES = Path(__file__).resolve().parent / "captures.py"
# Rates, and times that pass.
FIGURES = re.compile(r"[\d.]+[kMG]?B/s|\d+:\d\d")
PART = re.compile(
    r"^<!-- (?:run|for a picture): (?P<hidden>.*?) -->$|^```console\n(?P<block>.*?)^```$"
    r"|^<!-- picture (?P<columns>\d+)(?: until (?P<until>[^:\n]*))?: (?P<drawn>.*?) -->"
    r"\n!\[(?P<alternative>[^]]*)\]\((?P<file>[^)]*)\)$",
    re.MULTILINE | re.DOTALL,
)
# What is another with each run, and as wide: IDs of images and requests, hashes of projects, times.
VARYING = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
)
STEP = re.compile(r"^\$ (?P<command>.*\n(?:> .*\n)*)(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)


def walk(page: str, visit: Callable[[str], str | None]) -> str:
    """Returns the page with each output replaced by visit(command); None leaves it as it is."""

    def step(found: re.Match[str]) -> str:
        output = visit(found["command"].replace("\n> ", "\n"))
        return f"$ {found['command']}{found['output'] if output is None else output}"

    def part(found: re.Match[str]) -> str:
        if found["hidden"]:
            visit(found["hidden"])
            return found[0]
        if found["drawn"]:
            visit(recording(found))
            return found[0]
        return STEP.sub(step, found[0])

    return PART.sub(part, page)


def recording(picture: re.Match[str]) -> str:
    """Returns the command that records the screen of a picture in the folder of the session."""
    columns, until, command = picture["columns"], picture["until"] or "", picture["drawn"]
    file = f".screen-{Path(picture['file']).name}"
    return shlex.join([sys.executable, str(CAPTURES), columns, until, file, command])


def pictures(page: str, folder: Path) -> dict[str, str]:
    """Returns the pictures of a page as SVG, by file, after its replay in folder."""
    drawn = {}
    for picture in PART.finditer(page):
        if not picture["drawn"]:
            continue
        shown = (folder / f".screen-{Path(picture['file']).name}").read_text(encoding="utf-8")
        capture = f"$ {picture['drawn']}\n{shown}"
        drawn[picture["file"]] = svg(capture, picture["alternative"], int(picture["columns"]))
    return drawn


def settled_picture(picture: str) -> list[tuple[str, str]]:
    """Returns the texts of a picture and their colours, without what differs between runs."""
    found = re.findall(r'<text class="([^"]*)"[^>]*>([^<]*)</text>', picture)
    return [(colour, FIGURES.sub("FIGURE", _settled(text))) for colour, text in found]


def replay(page: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Returns the page with the output that its commands have now; they run in folder."""
    commands: list[str] = []
    walk(page, commands.append)  # append returns None, so nothing is replaced
    session = ["trap 'kill $(jobs -p) 2>/dev/null' EXIT"]
    session += [f"printf '\\036'; (exit ${{rc:-0}})\n{command}\nrc=$?" for command in commands]
    script = folder / ".session"
    script.write_text("\n".join(session))
    done = subprocess.run(
        ["bash", script.name],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    # Of a line that was overwritten (progress), keep the last state.
    seen = re.sub(r"[^\n]*\r(?!\n)", "", done.stdout.decode())
    outputs = iter(seen.split(MARK)[1:])
    return walk(page, lambda _: next(outputs))


def with_changes(page: str, now: str) -> str:
    """Returns the page with those outputs that have changed, now being the page after a replay.

    IDs, times and the like stay as they are on the page: only what differs is a change.
    """
    shown, printed = _outputs(page), _outputs(now)
    known: dict[str, str] = {}
    for old, new in zip(shown, printed, strict=True):
        pairs = list(zip(VARYING.findall(new), VARYING.findall(old), strict=False))
        if _settled(old) == _settled(new):
            known.update(pairs)
    outputs = []
    for old, new in zip(shown, printed, strict=True):
        if _settled(old) == _settled(new):
            outputs.append(old)
        else:
            outputs.append(VARYING.sub(lambda found: known.get(found[0], found[0]), new))
    chosen = iter(outputs)

    def step(found: re.Match[str]) -> str:
        return f"$ {found['command']}{next(chosen)}"

    return PART.sub(lambda part: STEP.sub(step, part[0]), page)


def _outputs(page: str) -> list[str]:
    return [step["output"] for part in PART.finditer(page) for step in STEP.finditer(part[0])]


def settled(page: str) -> list[tuple[str, str]]:
    """Returns the commands and outputs of a page, without what differs between runs."""
    found = [step for part in PART.finditer(page) for step in STEP.findall(part[0])]
    return [(command, _settled(output)) for command, output in found]


def _settled(text: str) -> str:
    """Returns the text without IDs, times, ports, folders and progress, and without the widths of
    columns, which depend on them.
    """
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r"\b[0-9a-f]{32}\b", "HEX", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "TIME", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "HOST", text)
    text = re.sub(r"\b(member,reader|reader,member)\b", "ROLES", text)
    text = re.sub(r"\btask_state \w+", "task_state TASK", text)
    text = text.replace("is DELETED", "was deleted")  # the first for a moment, then the second
    text = re.sub(r"Server snapshotting\.\.\. \d+% complete\s*(?=nova: error)", "", text)
    text = re.sub(r"[^\s\"]*/glancecli/sandbox/", "SANDBOX/", text)
    return re.sub(r"-{3,}|[\s|+]+", " ", text)


def main() -> None:
    """Replays the pages named on the command line."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    for path in map(Path, sys.argv[1:]):
        page = path.read_text()
        with tempfile.TemporaryDirectory() as folder:
            now = replay(page, Path(folder), environment)
            drawn = pictures(page, Path(folder))
        for name, picture in drawn.items():
            file = path.parent / name
            if not file.exists() or settled_picture(file.read_text()) != settled_picture(picture):
                file.write_text(picture)
                print(f"{file}: updated")  # noqa: T201 - what a script reports
        if settled(now) != settled(page):
            path.write_text(with_changes(page, now))
            print(f"{path}: updated")  # noqa: T201 - what a script reports


if __name__ == "__main__":
    main()
