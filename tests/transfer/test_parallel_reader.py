"""Downloads by several connections: the same bytes, whatever happens to one of them."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

import pytest

from glancecli import transfer
from glancecli.errors import GlanceError, Stopped
from glancecli.transfer.parallel_reader import BLOCK_SIZE
from tests.faults.actions import broken, flipped_down, lying, no_ranges, stalled_down, status
from tests.faults.proxy import Exchange, Fault, Strike
from tests.support.transferring import World, noise, terminated

DATA = noise(3 * BLOCK_SIZE + 54321)
ID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(autouse=True)
def image(world: World) -> dict[str, Any]:
    return world.glance.add(ID, DATA, name="disk", disk_format="raw")


def download(world: World, target: Any, **more: Any) -> transfer.Downloaded:
    return transfer.download(
        world.images, world.images.get(ID), target, world.options(parallel=3, **more)
    )


def ranges(world: World) -> list[str]:
    return sorted(headers.get("range", "") for headers in world.glance.requests("GET", "/file"))


def test_every_byte_is_requested_once_in_blocks(world: World, tmp_path: Path) -> None:
    target = tmp_path / "out.raw"
    assert download(world, str(target)).algorithm == "sha512"
    assert target.read_bytes() == DATA
    edges = [0, BLOCK_SIZE, 2 * BLOCK_SIZE, 3 * BLOCK_SIZE, len(DATA)]
    assert ranges(world) == sorted(f"bytes={a}-{b - 1}" for a, b in itertools.pairwise(edges))
    assert world.notes == []


def test_a_stream_gets_the_blocks_in_order(world: World) -> None:
    out = io.BytesIO()
    download(world, out)
    assert out.getvalue() == DATA


def test_an_image_of_one_block_takes_one_connection(world: World, tmp_path: Path) -> None:
    world.glance.add(ID, DATA[:BLOCK_SIZE], name="small", disk_format="raw")
    download(world, str(tmp_path / "out.raw"))
    assert ranges(world) == [""]


def to_a_block(fault: Fault) -> Fault:
    """The fault for requests for blocks alone: one may come after that of the one connection."""

    def met(exchange: Exchange) -> None:
        (fault if exchange.header("Range") else Exchange.pass_on)(exchange)

    return met


@pytest.mark.parametrize(
    "fault",
    [
        status(503),
        status(400),
        status(416),
        broken(1000),
        stalled_down(1000),
        no_ranges,
        lying(f"bytes 0-{len(DATA) - 1}/{len(DATA)}"),
        lying("nonsense"),
    ],
    ids=["503", "400", "416", "broken", "stalled", "no ranges", "lying", "nonsense"],
)
@pytest.mark.parametrize("times", [1, 3])
def test_after_any_fault_of_a_block_one_connection_reads_the_rest(
    world: World, tmp_path: Path, fault: Fault, times: int
) -> None:
    world.proxy.set(Strike("GET", "/file", to_a_block(fault), times=times))
    target = tmp_path / "out.raw"
    download(world, str(target))
    assert target.read_bytes() == DATA
    assert any("continuing with one connection" in note for note in world.notes)


def test_a_flipped_byte_in_a_block_is_noticed_and_the_data_read_again(
    world: World, tmp_path: Path
) -> None:
    world.proxy.set(Strike("GET", "/file", flipped_down(BLOCK_SIZE // 2)))
    target = tmp_path / "out.raw"
    download(world, str(target))
    assert target.read_bytes() == DATA


def test_sigterm_ends_a_parallel_download_at_once(world: World, tmp_path: Path) -> None:
    world.proxy.set(Strike("GET", "/file", stalled_down(1000), times=99))
    with terminated(after=0.2), pytest.raises(Stopped, match="terminated") as caught:
        download(world, str(tmp_path / "out.raw"), stall=30.0)
    assert caught.value.exit_code == 143
    assert ID in str(caught.value)


def test_a_parallel_download_from_a_service_that_fails_resumes_later(
    world: World, tmp_path: Path
) -> None:
    world.proxy.set(Strike("GET", "/file", status(503), times=99))
    target = tmp_path / "out.raw"
    with pytest.raises(GlanceError, match="HTTP 503"):
        download(world, str(target))
    assert not target.exists()
    world.proxy.set()
    download(world, str(target))
    assert target.read_bytes() == DATA
