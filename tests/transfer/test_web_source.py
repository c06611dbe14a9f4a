"""Images from the web: what a web server may do, and what the Images service holds afterwards."""

from __future__ import annotations

import gzip
import re
import time
from typing import Any

import pytest

from glancecli import transfer
from glancecli.checksums import parse_checksum
from glancecli.errors import GlanceError, describe_failure
from glancecli.transfer.options import Reading
from glancecli.transfer.web_source import strong_validator
from tests.faults.actions import cut, flipped_up, lost
from tests.faults.proxy import Strike
from tests.support.transferring import MIB, Shown, World, noise
from tests.support.webserver import (
    DATE,
    LONG_AGO,
    Fault,
    WebServer,
    cut_after,
    fine,
    refused,
    replaced_by,
    reset_at_once,
    silent,
    stalled_after,
    whole_file,
    with_headers,
)

PATH = "/images/disk.raw"
DATA = noise(3 * MIB + 12345)
SIZE = len(DATA)
HALF = SIZE // 2
OTHER = noise(SIZE, seed=2)
AS_IT_IS = Reading()


@pytest.fixture
def served(web: WebServer) -> WebServer:
    web.files[PATH] = DATA
    return web


def create(world: World, url: str, reading: Reading = AS_IT_IS, **more: Any) -> dict[str, Any]:
    options = world.options(**more)
    with transfer.open_data(url, None, reading, options) as opened:
        assert opened
        opened.source.head(1000)  # as the inspection of the format does
        return transfer.create(world.images, {"name": "x"}, opened.source, opened.options)


def held(world: World) -> bytes | None:
    """The data of the only image, None when there is no image."""
    assert len(world.glance.images) <= 1
    for image_id, image in world.glance.images.items():
        assert image["status"] == "active"
        return world.glance.data[image_id]
    return None


def failure(world: World, url: str, *args: Any, **more: Any) -> str:
    with pytest.raises(GlanceError) as caught:
        create(world, url, *args, **more)
    return describe_failure(caught.value)


def test_a_url_is_streamed_into_an_image(world: World, served: WebServer) -> None:
    create(world, served.url(PATH))
    assert held(world) == DATA
    assert served.ranges(PATH) == [""]
    (put,) = world.glance.requests("PUT")
    assert put["content-length"] == str(SIZE)


@pytest.mark.parametrize(
    "faults",
    [
        [reset_at_once],
        [refused(503), refused(429)],
        [cut_after(0)],
        [cut_after(1)],
        [cut_after(HALF)],
        [cut_after(SIZE - 1)],
        [cut_after(HALF), reset_at_once],
        [cut_after(HALF), refused(503)],
        [cut_after(HALF), cut_after(MIB + 1)],
        [stalled_after(HALF)],
        [cut_after(HALF, ETag=None), with_headers(ETag=None)],  # by Last-Modified
    ],
    ids=[
        "reset", "503 and 429", "byte 0", "byte 1", "middle", "last byte", "reset at resume",
        "503 at resume", "broken twice", "stalled", "Last-Modified",
    ],
)  # fmt: skip
def test_a_source_that_breaks_is_resumed_while_the_upload_stays_open(
    world: World, served: WebServer, faults: list[Fault]
) -> None:
    served.faults = list(faults)
    create(world, served.url(PATH))
    assert held(world) == DATA
    assert served.faults == []
    assert len(world.glance.requests("PUT")) == 1


def test_the_rest_is_requested_with_the_validator_of_the_beginning(
    world: World, served: WebServer
) -> None:
    served.faults = [cut_after(HALF)]
    create(world, served.url(PATH))
    _, resumed = (headers for path, headers in served.seen if path == PATH)
    assert resumed["range"] == f"bytes={HALF}-"
    assert resumed["if-range"].startswith('"')


def test_more_breaks_than_retries_are_fine_while_data_comes(
    world: World, served: WebServer
) -> None:
    served.faults = [cut_after(MIB + 4096), cut_after(MIB + 4096)]
    create(world, served.url(PATH), retries=1)
    assert held(world) == DATA


NAME = "http://127.0.0.1:{port}/images/disk.raw"


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        (
            [cut_after(HALF), whole_file],
            f"{NAME} broke off after {HALF} bytes, and cannot be resumed: its server did not send the rest",
        ),
        (
            [cut_after(HALF), replaced_by(OTHER)],
            f"{NAME} changed on its server while it was being read",
        ),
        (
            [cut_after(HALF), with_headers(ETag=None, Last_Modified=None)],
            f"{NAME} broke off after {HALF} bytes, and cannot be resumed: its server did not send the rest",
        ),
        (
            [cut_after(HALF), with_headers(Content_Range=f"bytes {HALF + 1}-{SIZE - 1}/{SIZE}")],
            f"{NAME} broke off after {HALF} bytes, and cannot be resumed: its server did not send the rest",
        ),
        (
            [cut_after(HALF), refused(416)],
            f"{NAME} changed on its server while it was being read",
        ),
        (
            [cut_after(HALF), refused(403)],
            f"cannot read {NAME}: forbidden (HTTP 403)",
        ),
        (
            [cut_after(HALF, ETag='W/"weak"', Last_Modified=DATE)],
            f"{NAME} broke off after {HALF} bytes, and cannot be resumed: its server sends neither a "
            "strong ETag nor an old Last-Modified",
        ),
        (
            [with_headers(Content_Length=str(SIZE + 1))],
            f"{NAME} changed on its server while it was being read",
        ),
    ],
    ids=[
        "200 to a Range", "changed", "206 without validator", "another part", "416", "403 at resume",
        "weak validators", "wrong length",
    ],
)  # fmt: skip
def test_what_is_not_certainly_the_rest_is_never_appended(
    world: World, served: WebServer, faults: list[Fault], message: str
) -> None:
    served.faults = list(faults)
    said = failure(world, served.url(PATH), retries=1)
    status = ""
    if said.endswith(")"):
        said, _, status = said.rpartition(" (HTTP")
    fate = said.rpartition("; image ")[2]
    assert fate.endswith(" was deleted")
    expected = message.format(port=served.server_port)
    assert said.rpartition("; image ")[0] + (f" (HTTP{status}" if status else "") == expected
    assert held(world) is None


def test_before_anything_is_used_a_changed_source_is_read_afresh(
    world: World, served: WebServer
) -> None:
    served.faults = [cut_after(100), replaced_by(OTHER)]
    create(world, served.url(PATH))
    assert held(world) == OTHER


@pytest.mark.parametrize("before", [[], [cut_after(HALF)]], ids=["at once", "in the middle"])
def test_a_source_that_is_silent_ends_as_every_stall_does(
    world: World, served: WebServer, before: list[Fault]
) -> None:
    served.faults = [*before, *[silent] * 9]
    begun = time.monotonic()
    said = failure(world, served.url(PATH), retries=9, stall=1.0)
    assert re.match(rf"no data to or from {served.url(PATH)} for [\d.]+ s", said)
    assert (held(world), time.monotonic() - begun < 20) == (None, True)


def test_a_source_that_never_comes_ends_within_the_retries(world: World, served: WebServer) -> None:
    served.faults = [refused(503)] * 3
    url = served.url(PATH)
    assert failure(world, url, retries=2) == f"cannot read {url}: service unavailable (HTTP 503)"
    assert (world.glance.seen, len(served.seen)) == ([], 3)


def test_when_the_upload_breaks_the_source_is_read_again_from_its_beginning(
    world: World, served: WebServer
) -> None:
    world.proxy.set(Strike("PUT", "/file", cut(MIB)))
    create(world, served.url(PATH))
    assert held(world) == DATA
    assert served.ranges(PATH) == ["", ""]


def test_a_source_that_changed_before_it_is_read_again_is_refused(
    world: World, served: WebServer
) -> None:
    world.proxy.set(Strike("PUT", "/file", cut(MIB)))
    served.faults = [fine, replaced_by(OTHER)]
    url = served.url(PATH)
    assert failure(world, url).startswith(f"{url} changed on its server while it was being read")
    assert held(world) is None


def test_a_break_of_the_source_and_a_lost_answer_of_the_cloud_end_with_the_right_image(
    world: World, served: WebServer
) -> None:
    served.faults = [cut_after(HALF)]
    world.proxy.set(Strike("PUT", "/file", lost))
    create(world, served.url(PATH))
    assert held(world) == DATA


def test_data_without_a_length_is_sent_as_it_comes(world: World, served: WebServer) -> None:
    def chunked(handler: Any) -> None:
        handler.send_response_only(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for at in range(0, SIZE, 100_000):
            piece = DATA[at : at + 100_000]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n")

    served.faults = [chunked]
    create(world, served.url(PATH))
    assert held(world) == DATA
    assert world.warnings == []


def test_data_that_ends_with_the_connection_draws_a_warning_without_a_checksum(
    world: World, served: WebServer
) -> None:
    served.headers = {"Content-Length": None}
    served.faults = [cut_after(SIZE)]
    url = served.url(PATH)
    create(world, url)
    assert held(world) == DATA
    assert world.warnings == [
        f"the server does not say how long {url} is: without --checksum, data that is cut off "
        "cannot be told from all of it"
    ]


def test_cut_off_data_without_a_length_is_found_by_its_checksum(
    world: World, served: WebServer
) -> None:
    served.headers = {"Content-Length": None}
    served.faults = [cut_after(HALF)]
    checksum = parse_checksum(hex_of(DATA))
    assert " has the sha256 " in failure(world, served.url(PATH), checksum=checksum)
    assert held(world) is None
    assert world.warnings == []


def hex_of(data: bytes) -> str:
    import hashlib

    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_a_flipped_byte_on_the_way_is_found_by_the_checksum(
    world: World, served: WebServer
) -> None:
    served.files[PATH] = DATA[:HALF] + bytes([DATA[HALF] ^ 1]) + DATA[HALF + 1 :]
    url = served.url(PATH)
    said = failure(world, url, checksum=parse_checksum(hex_of(DATA)))
    found = hex_of(served.files[PATH]).partition(":")[2]
    expected = hex_of(DATA).partition(":")[2]
    assert said.startswith(
        f"{url} has the sha256 {found}, not {expected} as --checksum says; image "
    )
    assert held(world) is None


def test_an_encoding_that_was_not_asked_for_is_undone(world: World, served: WebServer) -> None:
    served.files[PATH] = gzip.compress(DATA)
    served.headers = {"Content-Encoding": "gzip"}
    create(world, served.url(PATH))
    assert held(world) == DATA
    assert served.seen[0][1]["accept-encoding"] == "identity"


def test_a_gz_file_that_the_server_calls_encoded_stays_as_it_is(
    world: World, served: WebServer
) -> None:
    packed = gzip.compress(DATA)
    served.files["/disk.gz"] = packed
    served.headers = {"Content-Encoding": "x-gzip"}
    create(world, served.url("/disk.gz"))
    assert held(world) == packed


def test_an_unknown_encoding_is_refused(world: World, served: WebServer) -> None:
    served.headers = {"Content-Encoding": "br"}
    url = served.url(PATH)
    assert failure(world, url) == f"{url} comes in the encoding br, which is not known"
    assert world.glance.seen == []


def test_an_empty_file_is_refused_before_anything_is_sent(world: World, served: WebServer) -> None:
    served.files[PATH] = b""
    url = served.url(PATH)
    assert failure(world, url) == f"{url} is empty"
    assert world.glance.seen == []


def test_more_than_the_largest_size_is_refused_before_anything_is_sent(
    world: World, served: WebServer
) -> None:
    url = served.url(PATH)
    said = failure(world, url, max_size=SIZE - 1)
    assert said == f"{url} has more than the {SIZE - 1} bytes that --max-size allows"
    assert world.glance.seen == []


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"ETag": '"a"', "Last-Modified": LONG_AGO, "Date": DATE}, '"a"'),
        ({"ETag": 'W/"a"', "Last-Modified": LONG_AGO, "Date": DATE}, LONG_AGO),
        ({"ETag": 'W/"a"'}, ""),
        ({"Last-Modified": DATE, "Date": DATE}, ""),
        ({"Last-Modified": LONG_AGO}, ""),
        ({"Last-Modified": "yesterday", "Date": DATE}, ""),
        ({}, ""),
    ],
)
def test_only_a_strong_validator_identifies_data(headers: dict[str, str], validator: str) -> None:
    assert strong_validator(headers) == validator


def test_progress_says_which_end_is_waited_for(world: World, served: WebServer) -> None:
    ends: list[str] = []

    class Recorded(Shown):
        def waits_for(self, end: str) -> None:
            ends.append(end)

    create(world, served.url(PATH), progress=Recorded())
    assert ends[:4] == ["the source", "the service", "the source", "the service"]


def test_a_byte_that_flips_behind_the_decompression_is_found(
    world: World, served: WebServer
) -> None:
    packed = gzip.compress(DATA, 1)
    served.files["/disk.gz"] = packed
    world.proxy.set(Strike("PUT", "/file", flipped_up(2 * MIB)))
    checksum = parse_checksum(hex_of(packed))
    said = failure(world, served.url("/disk.gz"), Reading(decompress="auto"), checksum=checksum)
    assert " and the data that was sent has " in said
    assert held(world) is None


@pytest.mark.parametrize("damage", ["flipped", "cut"])
def test_what_was_published_is_compared_with_what_was_downloaded(
    world: World, served: WebServer, damage: str
) -> None:
    packed = gzip.compress(DATA, 1)
    at = len(packed) // 2
    served.files["/disk.gz"] = {
        "flipped": packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1 :],
        "cut": packed[:at],
    }[damage]
    checksum = parse_checksum(hex_of(packed))
    failure(world, served.url("/disk.gz"), Reading(decompress="auto"), checksum=checksum)
    assert held(world) is None


def test_a_file_that_unpacks_well_and_is_another_one_leaves_no_image(
    world: World, served: WebServer
) -> None:
    served.files["/disk.gz"] = gzip.compress(OTHER, 1)
    checksum = parse_checksum(hex_of(gzip.compress(DATA, 1)))
    url = served.url("/disk.gz")
    said = failure(world, url, Reading(decompress="auto"), checksum=checksum)
    assert said.startswith(f"{url} has the sha256 ")
    assert held(world) is None


def test_more_than_the_largest_size_is_refused_while_it_is_unpacked(
    world: World, served: WebServer
) -> None:
    served.files["/disk.gz"] = gzip.compress(bytes(64 * MIB), 9)
    url = served.url("/disk.gz")
    said = failure(world, url, Reading(decompress="auto"), max_size=MIB)
    assert said.startswith(f"{url} has more than the {MIB} bytes that --max-size allows; image ")
    assert held(world) is None


def test_decompressed_data_is_resumed_and_sent_again_too(world: World, served: WebServer) -> None:
    packed = gzip.compress(DATA, 1)
    served.files["/disk.gz"] = packed
    served.faults = [cut_after(len(packed) // 2), fine, cut_after(len(packed) // 3)]
    world.proxy.set(Strike("PUT", "/file", cut(MIB)))
    create(world, served.url("/disk.gz"), Reading(decompress="auto"))
    assert held(world) == DATA
