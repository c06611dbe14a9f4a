"""image-copy carries data and what describes it: no key, no server, no volume, and no order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from glancecli import transfer
from glancecli.api.interfaces import Images
from glancecli.errors import GlanceError
from tests.support.images import A
from tests.support.transferring import World, noise

DATA = noise(1000)
KEY = "11111111-2222-4333-8444-555555555555"
SNAPSHOT = "0a1b2c3d-0000-4111-8222-333344445555"

OF_THE_FIRST_CLOUD = {
    "cinder_encryption_key_deletion_policy": "on_image_deletion",
    "os_encrypt_key_deletion_policy": "on_image_deletion",
    "img_signature": "c2ln",
    "img_signature_hash_method": "SHA-256",
    "img_signature_key_type": "RSA-PSS",
    "img_signature_certificate_uuid": KEY,
    "instance_uuid": KEY,
    "instance_type_flavorid": "1",
    "block_device_mapping": "[]",
    "img_mappings": "[]",
    "volume_id": KEY,
    "cinder_img_volume_type": "fast",
    "os_glance_importing_to_stores": "",
    "Kernel-Id": KEY,
}
ORDERS = {"copy_from": "http://evil.test/x", "location": "file:///etc/shadow", "store": "public"}


@pytest.fixture
def other() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def add(world: World, data: bytes = DATA, **more: Any) -> dict[str, Any]:
    fields = {"name": "x", "disk_format": "raw", "container_format": "bare", **more}
    return world.glance.add(A, data, **fields)


def properties(image: dict[str, Any]) -> set[str]:
    return set(image) & {*OF_THE_FIRST_CLOUD, *ORDERS, "os_distro", "kernel_id"}


def test_what_belongs_to_the_first_cloud_and_what_would_be_an_order_is_left_out(
    world: World, other: World
) -> None:
    image = add(world, os_distro="debian", **OF_THE_FIRST_CLOUD, **ORDERS)
    made = transfer.copy(world.images, image, other.images, {}, world.options())
    assert properties(other.glance.images[made["id"]]) == {"os_distro"}
    listed = ", ".join(sorted({**OF_THE_FIRST_CLOUD, **ORDERS}))
    assert world.notes == [f"left out, as they belong to the first cloud: {listed}"]


def test_a_server_with_images_v1_gets_no_orders_and_no_keys_either(
    world: World, v1_images: Images
) -> None:
    image = add(world, os_distro="debian", **OF_THE_FIRST_CLOUD, **ORDERS)
    made = transfer.copy(world.images, image, v1_images, {}, world.options())
    assert properties(made) == {"os_distro"}
    assert made["status"] == "active"


@pytest.mark.parametrize("name", ["copy_from", "location", "store"])
def test_a_property_is_never_an_order_to_a_server_with_images_v1(
    v1_images: Images, name: str
) -> None:
    made = v1_images.create({"name": "x", name: "http://evil.test/x"})
    assert (made["status"], made[name]) == ("queued", "http://evil.test/x")


@pytest.mark.parametrize("name", ["cinder_encryption_key_id", "os_encrypt_key_id"])
def test_an_encrypted_image_is_copied_only_by_force_and_without_its_key(
    world: World, other: World, name: str
) -> None:
    image = add(world, **{name: KEY})
    with pytest.raises(GlanceError) as caught:
        transfer.copy(world.images, image, other.images, {}, world.options())
    assert str(caught.value) == (
        f"image {A} is encrypted, and its key stays in its cloud: without the key the copy is "
        "of no use. --force copies the encrypted data all the same."
    )
    assert other.glance.images == {}
    made = transfer.copy(world.images, image, other.images, {}, world.options(), without_key=True)
    assert name not in other.glance.images[made["id"]]
    assert world.notes == [f"left out, as they belong to the first cloud: {name}"]


MAPPING = json.dumps([{"source_type": "snapshot", "snapshot_id": SNAPSHOT}])


@pytest.mark.parametrize(
    ("mapping", "place", "advised"),
    [
        (MAPPING, f"volume snapshot {SNAPSHOT}", SNAPSHOT),
        (
            json.dumps([{"snapshot_id": SNAPSHOT}, {"snapshot_id": KEY}, {"no_device": True}]),
            f"volume snapshots {SNAPSHOT}, {KEY}",
            SNAPSHOT,
        ),
        (
            json.dumps([{"snapshot_id": "$(reboot)"}]),
            "volumes, which its property block_device_mapping names",
            "SNAPSHOT",
        ),
        ("no JSON", "volumes, which its property block_device_mapping names", "SNAPSHOT"),
    ],
)
def test_a_snapshot_of_a_volume_backed_server_is_not_read_as_an_empty_image(
    world: World, other: World, tmp_path: Any, mapping: str, place: str, advised: str
) -> None:
    image = add(world, b"", block_device_mapping=mapping)
    said = (
        f"image {A} has no data of its own: it is the snapshot of a server that boots from a "
        f"volume, and its data is in {place}. Make a volume from it (openstack volume create "
        f"--snapshot {advised} VOLUME), and an image from the volume (openstack image create "
        "--volume VOLUME NAME)."
    )
    for size in (0, None):
        image["size"] = size
        with pytest.raises(GlanceError) as caught:
            transfer.copy(world.images, image, other.images, {}, world.options())
        assert str(caught.value) == said
        with pytest.raises(GlanceError) as caught:
            transfer.download(world.images, image, str(tmp_path / "x"), world.options())
        assert str(caught.value) == said
    assert (other.glance.images, list(tmp_path.glob("x*")), world.glance.seen) == ({}, [], [])


@pytest.mark.parametrize("mapping", ["[]", MAPPING])
def test_an_image_with_data_beside_its_volumes_is_downloaded(
    world: World, tmp_path: Any, mapping: str
) -> None:
    image = add(world, block_device_mapping=mapping)
    transfer.download(world.images, image, str(tmp_path / "x"), world.options())
    assert (tmp_path / "x").read_bytes() == DATA


def test_an_empty_image_without_volumes_is_downloaded(world: World, tmp_path: Any) -> None:
    image = add(world, b"", block_device_mapping="[]")
    transfer.download(world.images, image, str(tmp_path / "x"), world.options())
    assert (tmp_path / "x").read_bytes() == b""
