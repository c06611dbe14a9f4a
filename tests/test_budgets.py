"""The cost of commands, without a clock: requests, pages, memory, bytes read, written and hashed."""

from __future__ import annotations

import compileall
import hashlib
import lzma
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import glancecli
from tests.bench.servers import Quick
from tests.bench.stub import generated, image_id

SIZE = 2**29  # bytes of the transfers
NEW = ("image-create", "--name", "x", "--disk-format", "raw", "--container-format", "bare")
LAUNCH = Path(__file__).parent / "bench" / "launch.py"


class Cost(NamedTuple):
    """What a run took: requests, peak memory in MiB."""

    requests: list[str]
    memory: float


class Cloud:
    """A server, and glancecli as a process with a home of its own."""

    def __init__(self, server: Quick, home: Path) -> None:
        self.server, self.home = server, home
        self.environ = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            **server.environ,
        }

    def run(self, *words: str, stdin: str = os.devnull, stdout: str = "pipe:") -> Cost:
        """Run a command that works; its output goes into the file `out`."""
        self.server.call("GET", "/bench")
        target = f"{stdout}{self.home / 'out'}"
        errors = self.home / "errors"
        done = subprocess.run(
            [
                sys.executable,
                "-I",
                "-S",
                LAUNCH,
                stdin,
                target,
                errors,
                sys.executable,
                "-m",
                "glancecli",
                *words,
            ],
            env=self.environ,
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        memory, code = done.stdout.split()[2:]
        assert int(code) == 0, errors.read_text()
        return Cost(self.server.after()["requests"], int(memory) / 1024)

    @property
    def out(self) -> bytes:
        return (self.home / "out").read_bytes()


@contextmanager
def serving(images: int, home: Path, payload: Path | None = None) -> Iterator[Cloud]:
    server = Quick(images, payload)
    try:
        yield Cloud(server, home)
    finally:
        server.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Sixty images, and a token in the cache."""
    with serving(60, tmp_path_factory.mktemp("small")) as cloud:
        cloud.run("image-list", "--limit", "1")
        yield cloud


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A hundred thousand images."""
    with serving(100_000, tmp_path_factory.mktemp("large")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An image whose data is half a GiB of zeros, in the file `payload` too."""
    home = tmp_path_factory.mktemp("data")
    with (home / "payload").open("wb") as file:
        file.truncate(SIZE)
    with serving(1, home, home / "payload") as cloud:
        yield cloud


def test_a_first_command_logs_in_and_asks(small: Cloud) -> None:
    assert small.run("--no-cache", "image-list").requests == [
        "POST /v3/auth/tokens",
        "GET /v2/images?limit=1000&sort=name%3Aasc",
    ]


@pytest.mark.parametrize(
    ("words", "requests"),
    [
        (["image-list"], ["GET /v2/images?limit=1000&sort=name%3Aasc"]),
        (["image-list", "--limit", "20"], ["GET /v2/images?limit=20&sort=name%3Aasc"]),
        (["image-show", image_id(7)], [f"GET /v2/images/{image_id(7)}"]),
        (["image-show", "image-000007"], ["GET /v2/images?name=image-000007&limit=1000"]),
        (["image-update", image_id(7), "--property", "a=b"], [f"PATCH /v2/images/{image_id(7)}"]),
        (["image-meta", image_id(7), "set", "a=b"], [f"PATCH /v2/images/{image_id(7)}"]),
        (["image-create", "--name", "x"], ["POST /v2/images"]),
        (["image-delete", image_id(7)], [f"DELETE /v2/images/{image_id(7)}"]),
    ],
    ids=" ".join,
)
def test_a_later_command_sends_one_request(
    small: Cloud, words: list[str], requests: list[str]
) -> None:
    assert small.run(*words).requests == requests


def test_sixty_images_are_deleted_by_sixty_requests(small: Cloud) -> None:
    ids = [image_id(number) for number in range(60)]
    assert sorted(small.run("image-delete", *ids).requests) == [
        f"DELETE /v2/images/{i}" for i in ids
    ]


def test_an_update_by_name_takes_two_requests(small: Cloud) -> None:
    assert small.run("image-update", "image-000007", "--property", "a=b").requests == [
        "GET /v2/images?name=image-000007&limit=1000",
        f"PATCH /v2/images/{image_id(7)}",
    ]


@pytest.mark.parametrize(
    ("words", "memory"),
    [([], 120), (["-f", "json"], 80), (["-f", "csv"], 80)],
    ids=["table", "json", "csv"],
)
def test_a_hundred_thousand_images_take_a_page_per_thousand_and_little_memory(
    large: Cloud, words: list[str], memory: float
) -> None:
    """The page more is Glance's: it promises another one whenever a page is full."""
    cost = large.run("image-list", *words)
    assert sum(request.startswith("GET /v2/images?") for request in cost.requests) == 101
    assert large.out.count(b"-0000-4000-8000-") == 100_000 * (3 if words == ["-f", "json"] else 1)
    assert cost.memory <= memory


@pytest.mark.parametrize(
    ("words", "pages", "memory"),
    [
        (["image-*"], 101, 120),
        (["image-*", "-f", "csv"], 101, 80),
        (["*-[0-9]*", "--property-filter", "os_distro!=x", "-f", "json"], 101, 80),
        (["--latest"], 101, 120),
        (["--latest", "-f", "json"], 101, 80),
        (["--latest", "--sort", "name", "-f", "csv"], 202, 80),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_selection_from_a_hundred_thousand_images_takes_no_more_memory_than_the_list(
    large: Cloud, words: list[str], pages: int, memory: float
) -> None:
    """Each image is a family of its own, which is the worst case, and all are printed."""
    cost = large.run("image-list", *words)
    assert sum(request.startswith("GET /v2/images?limit") for request in cost.requests) <= pages + 1
    assert large.out.count(b"-0000-4000-8000-") == 100_000 * (3 if "json" in words else 1)
    assert cost.memory <= memory


def test_the_first_row_is_printed_before_the_second_page_arrives(tmp_path: Path) -> None:
    """The server holds the second page back until the first row has been read."""
    read = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Nothing."""

        def do_GET(self) -> None:
            if "marker" in self.path and not read.wait(60):
                self.send_error(400, "the first row has not come")
                return
            more = "" if "marker" in self.path else '"next": "/v2/images?marker=1", '
            body = f'{{{more}"images": [{generated(2 if "marker" in self.path else 1)}]}}'.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        command = [sys.executable, "-m", "glancecli", "image-list", "-f", "csv", "-c", "ID"]
        environ = {
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "OS_IMAGE_URL": url,
            "OS_TOKEN": "t",
        }
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            first = [process.stdout.readline(), process.stdout.readline()]
            read.set()
            rest = process.stdout.read()
        server.shutdown()
    assert (first, rest, process.returncode) == (
        ["ID\n", f"{image_id(1)}\n"],
        f"{image_id(2)}\n",
        0,
    )


@pytest.mark.parametrize("way", ["file", "pipe"])
def test_sending_takes_three_requests_and_40_mib_whatever_the_size(data: Cloud, way: str) -> None:
    payload = str(data.home / "payload")
    data.run("image-show", image_id(0))
    cost = (
        data.run(*NEW, "--file", payload)
        if way == "file"
        else data.run(*NEW, stdin=f"pipe:{payload}")
    )
    assert [request.split()[0] for request in cost.requests] == ["POST", "PUT", "GET"]
    assert cost.memory <= 40


def test_a_url_is_sent_in_constant_memory_and_read_once(data: Cloud) -> None:
    data.run("image-show", image_id(0))
    cost = data.run(*NEW, "--file", f"{data.server.url}/payload")
    assert [request.split()[0] for request in cost.requests] == ["GET", "POST", "PUT", "GET"]
    assert cost.requests[0] == "GET /payload"
    assert cost.memory <= 40


def test_an_xz_file_on_the_web_is_unpacked_in_constant_memory(data: Cloud) -> None:
    """`xz -6`: its dictionary alone takes 8 MiB."""
    packed = data.home / "packed"
    piece = lzma.compress(bytes(2**24), preset=6)
    packed.write_bytes(piece * (SIZE // 2**24))
    data.run("image-show", image_id(0))
    cost = data.run(*NEW, "--file", str(packed), "--decompress")
    assert [request.split()[0] for request in cost.requests] == ["POST", "PUT", "GET"]
    assert cost.memory <= 60


@pytest.mark.parametrize("way", ["file", "pipe"])
def test_receiving_takes_two_requests_and_40_mib_whatever_the_size(data: Cloud, way: str) -> None:
    data.run("image-show", image_id(0))
    target = data.home / "received"
    cost = data.run(
        "image-download", image_id(0), *(["--file", str(target)] if way == "file" else [])
    )
    received = target if way == "file" else data.home / "out"
    assert received.stat().st_size == SIZE
    received.unlink()
    assert cost.requests == [f"GET /v2/images/{image_id(0)}", f"GET /v2/images/{image_id(0)}/file"]
    assert cost.memory <= 40


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An image of 32 MiB, and programs that are compiled, as pip does it."""
    compileall.compile_dir(Path(glancecli.__file__).parent, quiet=2)
    home = tmp_path_factory.mktemp("little")
    (home / "payload").write_bytes(os.urandom(2**20) * 32)
    with serving(1, home, home / "payload") as cloud:
        cloud.run("image-list")
        yield cloud


def bytes_read_and_written(cloud: Cloud, *words: str, stdin: Path | None = None) -> tuple[int, int]:
    """In MiB, by read() and write() and their kin; what goes over sockets does not count."""
    command = [sys.executable, "-m", "glancecli", *words]
    with Path(stdin or os.devnull).open() as given, (cloud.home / "out").open("w") as taken:
        process = subprocess.Popen(command, env=cloud.environ, stdin=given, stdout=taken)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        told = dict(
            line.split(": ") for line in Path(f"/proc/{process.pid}/io").read_text().splitlines()
        )
        assert process.wait() == 0
    return int(told["rchar"]) >> 20, int(told["wchar"]) >> 20


def test_each_byte_is_read_once_to_be_sent_and_written_once_when_received(little: Cloud) -> None:
    """What a command without data reads are its own modules."""
    payload = little.home / "payload"
    idle, _ = bytes_read_and_written(little, "image-list")
    read, written = bytes_read_and_written(little, *NEW, "--file", str(payload))
    assert 32 <= read - idle <= 34
    assert written == 0
    read, written = bytes_read_and_written(little, *NEW, stdin=payload)
    assert 32 <= read - idle <= 34
    assert written == 0
    read, written = bytes_read_and_written(
        little, "image-download", image_id(0), "--file", f"{payload}.new"
    )
    assert read - idle <= 2
    assert written == 32


def test_each_byte_is_hashed_once_by_one_algorithm(
    little: Cloud, glance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: dict[str, int] = {}
    new = hashlib.new

    class Counted:
        def __init__(self, name: str, *args: Any, **more: Any) -> None:
            self.name, self.hash = name, new(name, *args, **more)
            self.digest_size, self.hexdigest = self.hash.digest_size, self.hash.hexdigest

        def update(self, data: Any) -> None:
            hashed[self.name] = hashed.get(self.name, 0) + len(data)
            self.hash.update(data)

    monkeypatch.setattr(hashlib, "new", Counted)
    for name, value in little.environ.items():
        monkeypatch.setenv(name, value)
    payload = str(little.home / "payload")
    assert glance(*NEW, "--file", payload).code == 0
    assert hashed == {"sha512": 32 * 2**20}
    hashed.clear()
    assert glance("image-download", image_id(0), "--file", f"{payload}.newer").code == 0
    assert hashed == {"sha512": 32 * 2**20}
