"""Every named fault, and a seeded random run, between our client and the sandbox's real Glance.

Judged by what Glance and the disk hold afterwards. FAULTS_SEED and FAULTS_COUNT change the random run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from glancecli import transfer
from glancecli.api.v2.client import ClientV2
from glancecli.api.v2.images import ImagesV2
from glancecli.errors import GlanceError
from glancecli.transport.client import ServiceClient
from tests.faults.actions import truncated
from tests.faults.catalog import CASES, HALF, SIZE, Case, get, put
from tests.faults.judge import settled, wrong_file, wrong_upload
from tests.faults.proxy import Exchange, FaultProxy
from tests.faults.randomly import Drawn, draw
from tests.support.programs import piped, run_here
from tests.support.sandbox import PROGRAMS, Sandbox, environment, request
from tests.support.transferring import Identity, noise
from tests.support.waiting import wait_until

CLOUD = "sandbox-demo"
DATA = noise(SIZE)
FORMATS = ("--disk-format", "raw", "--container-format", "bare")
QUICK = ("--retries", "2", "--stall-timeout", "2", "--timeout", "5")


class Field:
    """The sandbox's Glance with the proxy before it."""

    def __init__(self, sandbox: Sandbox, proxy: FaultProxy) -> None:
        self.sandbox, self.proxy = sandbox, proxy
        self.token, endpoints = sandbox.login(CLOUD)
        self.endpoint = endpoints["image"]

    @property
    def words(self) -> tuple[str, str]:
        """The option that leads through the proxy."""
        return "--os-image-url", self.proxy.url

    def images(self) -> list[dict[str, Any]]:
        _, found = self.sandbox.ask("GET", "/v2/images?limit=1000", cloud=CLOUD)
        return list(found["images"])

    def data(self, image_id: str) -> bytes:
        url = f"{self.endpoint}/v2/images/{image_id}/file"
        code, body, _ = request("GET", url, headers={"X-Auth-Token": self.token, "Accept": "*/*"})
        return body if code == 200 and isinstance(body, bytes) else b""

    def add(self, data: bytes | None) -> str:
        """An image that is there before the command runs."""
        fields = {"name": "there", "disk_format": "raw", "container_format": "bare"}
        _, image = self.sandbox.ask("POST", "/v2/images", fields, cloud=CLOUD)
        if data is not None:
            code, _ = self.sandbox.ask("PUT", f"/v2/images/{image['id']}/file", data, cloud=CLOUD)
            assert code == 204
        return str(image["id"])


@pytest.fixture(scope="module")
def proxy(sandbox: Sandbox) -> Iterator[FaultProxy]:
    at = urlsplit(sandbox.login(CLOUD)[1]["image"])
    made = FaultProxy((str(at.hostname), at.port or 80))
    yield made
    made.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def field(
    sandbox: Sandbox,
    proxy: FaultProxy,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    clean_images: None,
) -> Field:
    for name in list(os.environ):
        if name.startswith(("OS_", "GLANCE")):
            monkeypatch.delenv(name)
    for name, value in variables(sandbox, home).items():
        monkeypatch.setenv(name, value)
    proxy.set()
    made = Field(sandbox, proxy)
    # The faults meet a login of the cache: a 401 for a token that was just issued is an error.
    assert run_here("glance", *made.words, "image-list", "--limit", "1")[0] == 0
    return made


def variables(sandbox: Sandbox, home: Path) -> dict[str, str]:
    return {
        **environment(home, sandbox.data),
        "OS_CLIENT_CONFIG_FILE": str(sandbox.folder / "clouds.yaml"),
        "OS_CLOUD": CLOUD,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_named_fault_ends_as_expected_and_leaves_nothing_wrong(
    field: Field, tmp_path: Path, case: Case
) -> None:
    begun = time.monotonic()
    if case.what in ("file", "pipe", "upload", "stage"):
        code, wrong, said = upload(field, tmp_path, case)
    else:
        code, wrong, said = download(field, tmp_path, case)
    assert (code, wrong) == (case.code, ""), said
    assert time.monotonic() - begun < 60, "it hung"


def upload(field: Field, folder: Path, case: Case) -> tuple[int, str, str]:
    (folder / "disk").write_bytes(DATA)
    words: tuple[str, ...] = ("image-create", "--name", "made", *FORMATS)
    there = ""
    if case.what in ("upload", "stage"):
        there = field.add(None)
        words = (f"image-{case.what}", there)
    before = {i["id"] for i in field.images()} - {there}
    field.proxy.set(*case.strikes)
    if case.what == "pipe":
        code, _, said = run_here("glance", *field.words, *words, *QUICK, stdin=DATA)
    else:
        file = ("--file", str(folder / "disk"))
        code, _, said = run_here("glance", *field.words, *words, *QUICK, *file)
    assert len(field.proxy.struck) or not case.strikes, f"the fault did not strike: {said}"
    field.proxy.set()
    left = settled(lambda: [i for i in field.images() if i["id"] not in before])
    if case.what == "stage":
        fine = [i["status"] for i in left] == ["uploading"] and left[0]["size"] == SIZE
        return code, "" if code or fine else f"staged, and {left}", said
    if code and there:
        # What was there before stays: queued, or deactivated where it is wrong.
        left = [i for i in left if i["status"] != "queued"]
    return code, wrong_upload(code, said, left, field.data, DATA), said


def download(field: Field, folder: Path, case: Case) -> tuple[int, str, str]:
    image = field.add(DATA)
    target = folder / "out.raw"
    target.write_bytes(b"good and old")
    words = ["image-download", image, *QUICK]
    if case.what == "stdout":
        field.proxy.set(*case.strikes)
        code, out, said = run_here("glance", *field.words, *words)
        fine = out == DATA if code == 0 else bool(said)
        return code, "" if fine and "Traceback" not in said else "stdout has something else", said
    words += ["--file", str(target)]
    if case.what in ("resume", "damaged"):
        field.proxy.set(get(truncated(HALF)))
        code, _, said = run_here("glance", *field.words, *words, "--retries", "0")
        assert (code, "is kept in" in said) == (1, True), said
        (part,) = folder.glob("*.part")
        assert HALF - 500 < part.stat().st_size <= HALF  # the wire has a little more than the data
        if case.what == "damaged":
            part.write_bytes(bytes(HALF))
    field.proxy.set(*case.strikes)
    code, _, said = run_here("glance", *field.words, *words)
    assert len(field.proxy.struck) or not case.strikes, f"the fault did not strike: {said}"
    return code, wrong_file(code, said, target, b"good and old", DATA), said


def test_a_token_revoked_while_the_record_is_made_does_no_harm(
    field: Field, tmp_path: Path
) -> None:
    def revoke(exchange: Exchange) -> None:
        auth = field.sandbox.clouds[CLOUD]["auth"]["auth_url"]
        token = exchange.header("X-Auth-Token")
        code, _, _ = request(
            "DELETE",
            f"{auth}/auth/tokens",
            headers={"X-Auth-Token": token, "X-Subject-Token": token},
        )
        assert code == 204
        exchange.pass_on()

    (tmp_path / "disk").write_bytes(DATA)
    before = {i["id"] for i in field.images()}
    field.proxy.set(put(revoke))
    code, _, said = run_here(
        "glance",
        *field.words,
        "image-create",
        "--name",
        "x",
        *FORMATS,
        *QUICK,
        "--file",
        str(tmp_path / "disk"),
    )
    left = settled(lambda: [i for i in field.images() if i["id"] not in before])
    assert (code, wrong_upload(code, said, left, field.data, DATA)) == (0, "")


def test_a_full_disk_keeps_the_old_file_and_takes_no_room(
    field: Field, tmp_path: Path, home: Path
) -> None:
    image = field.add(DATA)
    target = tmp_path / "out.raw"
    target.write_bytes(b"good and old")
    limit = (
        f"ulimit -f {HALF // 512}; exec "  # a file that may not grow is what a full disk looks like
    )
    words = f"{PROGRAMS / 'glance'} {' '.join(field.words)} image-download {image} --file {target}"
    done = subprocess.run(
        ["bash", "-c", limit + words],
        capture_output=True,
        text=True,
        env=variables(field.sandbox, home),
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "cannot write" in done.stderr
    assert wrong_file(1, done.stderr, target, b"good and old", DATA) == ""
    assert list(tmp_path.glob("*.part")) == []


def started(field: Field, home: Path, *words: str) -> subprocess.Popen[str]:
    """A glance of its own that has come to its fault."""
    process = subprocess.Popen(
        [PROGRAMS / "glance", *field.words, *words],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=variables(field.sandbox, home),
    )
    wait_until(lambda: field.proxy.struck)
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_during_an_upload_stops_at_once_and_cleans_up(
    field: Field, tmp_path: Path, home: Path, number: signal.Signals, code: int
) -> None:
    (tmp_path / "disk").write_bytes(DATA)
    before = {i["id"] for i in field.images()}
    field.proxy.set(put(Exchange.stall))
    process = started(field, home, "image-create", *FORMATS, "--file", str(tmp_path / "disk"))
    begun = time.monotonic()
    process.send_signal(number)
    said = process.communicate(timeout=30)[1]
    assert time.monotonic() - begun < 10
    left = settled(lambda: [i for i in field.images() if i["id"] not in before])
    assert (process.returncode, left) == (code, [])
    assert "was deleted" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_a_download_that_was_stopped_resumes_where_it_was(
    field: Field, tmp_path: Path, home: Path, number: signal.Signals, code: int
) -> None:
    image = field.add(DATA)
    target = tmp_path / "out.raw"
    words = ("image-download", image, "--file", str(target))
    big = 1_200_000

    def held(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), limit=big)
        exchange.stall()

    field.proxy.set(get(held))
    process = started(field, home, *words)
    wait_until(lambda: [part for part in tmp_path.glob("*.part") if part.stat().st_size])
    process.send_signal(number)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == code
    assert not target.exists()
    (part,) = tmp_path.glob("*.part")
    assert number == signal.SIGKILL or str(part) in said
    size = part.stat().st_size
    assert size > 0
    asked: list[str] = []

    def listening(exchange: Exchange) -> None:
        asked.append(exchange.header("Range"))
        exchange.pass_on()

    field.proxy.set(get(listening))
    done = subprocess.run(
        [PROGRAMS / "glance", *field.words, *words],
        capture_output=True,
        text=True,
        env=variables(field.sandbox, home),
        check=False,
    )
    assert wrong_file(done.returncode, done.stderr, target, None, DATA) == ""
    assert asked == [f"bytes={size}-"]


COUNT = int(os.environ.get("FAULTS_COUNT", "300"))
SEED = int(os.environ.get("FAULTS_SEED", "20261123"))


def test_a_random_run_of_faults_leaves_nothing_wrong(field: Field, tmp_path: Path) -> None:
    found = []
    for number in range(COUNT):
        drawn = draw(random.Random(SEED + number))
        folder = tmp_path / str(number)
        folder.mkdir()
        begun = time.monotonic()
        wrong = struck_randomly(field, folder, drawn)
        if time.monotonic() - begun > 40:
            wrong += " it hung"
        if wrong:
            found.append(f"{SEED + number}: {drawn.what} {drawn.faults}: {wrong}")
    assert "\n".join(found) == ""


def struck_randomly(field: Field, folder: Path, drawn: Drawn) -> str:
    """Run one drawn case: what is wrong afterwards."""
    identity = Identity(field.proxy.url, field.token, fresh=field.token, timeout=1.5)
    images = ImagesV2(ClientV2(ServiceClient(identity, "image")))  # type: ignore[arg-type]
    said: list[str] = []
    options = transfer.Options(retries=2, stall=1, pause=0.01, note=said.append, warn=said.append)
    data = noise(drawn.size, drawn.size)
    target, code = folder / "file", 0
    there = field.add(data) if drawn.what == "download" else ""
    if drawn.old:
        target.write_bytes(b"old")
    field.proxy.set(*drawn.strikes)
    try:
        if drawn.what == "download":
            transfer.download(images, images.get(there), str(target), options)
        else:
            create(images, drawn.what, folder, data, options)
    except GlanceError as error:
        code = 1
        said.append(str(error))
    field.proxy.set()
    if drawn.what == "download":
        wrong = wrong_file(code, " ".join(said), target, b"old" if drawn.old else None, data)
        field.sandbox.ask("DELETE", f"/v2/images/{there}", cloud=CLOUD)
        return wrong
    left = settled(field.images)
    wrong = wrong_upload(code, " ".join(said), left, field.data, data)
    for image in left:
        field.sandbox.ask("DELETE", f"/v2/images/{image['id']}", cloud=CLOUD)
    return wrong


def create(
    images: ImagesV2, what: str, folder: Path, data: bytes, options: transfer.Options
) -> None:
    fields = {"name": "random", "disk_format": "raw", "container_format": "bare"}
    if what == "file":
        (folder / "disk").write_bytes(data)
        with transfer.source(str(folder / "disk"), None) as source:
            assert source
            transfer.create(images, fields, source, options)
        return
    with piped(data) as stdin, transfer.source(None, stdin) as source:
        assert source
        transfer.create(images, fields, source, options)


def test_the_service_itself_honours_a_range(field: Field) -> None:
    """What resuming stands on; were it not so, the faults above would prove less."""
    image = field.add(DATA)
    url = f"{field.endpoint}/v2/images/{image}/file"
    code, body, headers = request(
        "GET",
        url,
        headers={"X-Auth-Token": field.token, "Range": f"bytes={HALF}-", "Accept": "*/*"},
    )
    assert (code, body, headers["Content-Range"]) == (
        206,
        DATA[HALF:],
        f"bytes {HALF}-{SIZE - 1}/{SIZE}",
    )


def test_the_names_of_faults_are_unique() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 40
