"""Exit codes, signals and streams of a whole program."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from responses import RequestsMock

from tests.support.images import LIST, A, B, image
from tests.support.programs import Result


@pytest.fixture
def asked() -> threading.Event:
    """Set when the server has received a request that it does not answer."""
    return threading.Event()


@pytest.fixture
def server(asked: threading.Event) -> Iterator[str]:
    """A Glance with 3,000 images in its list that never answers when asked for a single one."""
    page = json.dumps({"images": [image(name=f"image {i}") for i in range(3000)]}).encode()
    over = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/v2/images?"):
                self.send_response(200)
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)
            else:
                asked.set()
                over.wait(20)

        def do_DELETE(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        found.daemon_threads = True
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_port}"
        over.set()
        found.shutdown()


def start(server: str, *words: str, program: list[str] | None = None) -> subprocess.Popen[bytes]:
    environ = {
        "OS_IMAGE_URL": server,
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "LC_ALL": "C",
    }
    command = program or [sys.executable, "-m", "glancecli", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ)


@pytest.mark.parametrize("format_", ["table", "csv", "json"])
def test_a_reader_that_closes_the_pipe_ends_the_list_quietly(server: str, format_: str) -> None:
    with start(server, "image-list", "-f", format_) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        assert run.stdout.readline()
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait(20) == 0


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, b"glancecli: interrupted\n"),
        (signal.SIGTERM, 143, b"glancecli: terminated\n"),
    ],
)
def test_a_signal_ends_the_command_at_once(
    server: str, asked: threading.Event, number: int, code: int, said: bytes
) -> None:
    with start(server, "image-show", A) as run:
        assert asked.wait(60)
        run.send_signal(number)
        assert run.stderr is not None
        assert (run.wait(10), run.stderr.read()) == (code, said)


@pytest.mark.parametrize(
    ("locale", "encoding", "shown"),
    [
        ("C", "utf-8", "ü 日本"),
        ("C.UTF-8", "utf-8", "ü 日本"),
        ("latin", "latin-1", "ü \\u65e5\\u672c"),
    ],
)
def test_names_outside_the_locale_do_not_crash(locale: str, encoding: str, shown: str) -> None:
    """Under every locale the table comes out; what cannot be written is written as escapes."""
    page = json.dumps({"images": [image(name="ü 日本")]}).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as found:
        threading.Thread(target=found.handle_request, daemon=True).start()
        environ = {
            "OS_IMAGE_URL": f"http://127.0.0.1:{found.server_port}",
            "PATH": os.environ["PATH"],
            "LC_ALL": locale,
        }
        if encoding != "utf-8":
            environ["PYTHONIOENCODING"] = encoding
        command = [sys.executable, "-m", "glancecli", "image-list", "-f", "value", "-c", "name"]
        done = subprocess.run(command, capture_output=True, env=environ, timeout=30, check=False)
    assert (done.returncode, done.stderr, done.stdout.decode(encoding)) == (0, b"", shown + "\n")


@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_a_result_for_a_closed_stdout_is_an_error(server: str, closed: str) -> None:
    for words, code in (("image-list", 1), ("--version", 1), ("help", 1), ("image-lst", 2)):
        line = f"exec {sys.executable} -m glancecli {words} {closed}"
        with start(server, program=["sh", "-c", line]) as run:
            out, said = run.communicate(timeout=20)
        assert (run.returncode, out) == (code, b"")
        if code == 1 and "2>&-" not in closed:
            assert said == b"glancecli: error: standard output is closed\n"


def test_a_closed_stderr_stops_no_work_on_several_images(server: str) -> None:
    line = f"exec {sys.executable} -m glancecli image-delete {A} {B} 2>&-"
    with start(server, program=["sh", "-c", line]) as run:
        run.communicate(timeout=20)
    assert run.returncode == 0


def test_data_is_not_written_to_a_closed_stdout(server: str) -> None:
    with start(
        server, program=["sh", "-c", f"exec {sys.executable} -m glancecli image-download {A} >&-"]
    ) as run:
        said = run.communicate(timeout=20)[1]
    assert (run.returncode, said) == (1, b"glancecli: error: standard output is closed\n")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("k\udcff", "'k\\xff' is not UTF-8 text"),
        ("k\udcc3\udcbc", "'k\\xfc' is not text in this locale; use UTF-8 (LC_ALL=C.UTF-8)"),
        ("k\ud800", "'k\\ud800' is not text"),
    ],
)
def test_a_name_that_is_not_text_is_an_error_and_not_sent(
    glance: Callable[..., Result], cloud: RequestsMock, word: str, said: str
) -> None:
    for words in (("image-show", word), ("image-create", "--name", "n", "--property", f"a={word}")):
        result = glance(*words)
        assert (result.code, result.out, result.err) == (1, "", f"glance: error: {said}\n")
    assert not cloud.calls


def test_an_unreachable_server_is_one_line_and_exit_1(
    glance: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_IMAGE_URL", "http://127.0.0.1:9")
    result = glance("--timeout", "1", "image-list")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "glance: error: cannot connect to http://127.0.0.1:9: connection refused. "
        "Check that the service is up and reachable from here.\n"
    )


def test_a_defect_is_one_line_and_its_traceback_comes_with_debug(
    glance: Callable[..., Result], cloud: RequestsMock
) -> None:
    cloud.get(f"{LIST}/{A}", body=RuntimeError("of the test"))
    line = "glance: error: unexpected RuntimeError: of the test. Please report it, with --debug.\n"
    assert glance("image-show", A).err == line
    debug = glance("image-show", A, "--debug").err
    assert debug.endswith(line)
    assert "Traceback (most recent call last):" in debug


def test_text_from_a_server_cannot_act_on_the_terminal(
    glance: Callable[..., Result], cloud: RequestsMock
) -> None:
    cloud.get(LIST, json={"images": [image(name="\x1b[31mred [bold]x[/bold] [/x]\x07")]})
    shown = glance("image-list").out
    assert "\x1b" not in shown
    assert "\\x1b[31mred [bold]x[/bold] [/x]\\x07" in shown


def test_no_cloud_at_all_says_how_to_name_one(
    glance: Callable[..., Result], tmp_path: Path
) -> None:
    result = glance("image-list")
    assert (result.code, result.out) == (1, "")
    assert "--os-cloud" in result.err
    assert result.err.count("\n") == 1
