"""The guide's sample outputs, byte for byte, from the same data on either API, and other properties in tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import responses

from glancecli.output.image_rows import masked, v1_properties, v2_properties, with_units
from tests.support.cloud import IMAGE_URL
from tests.support.programs import Result
from tests.support.v1server import V1Server

GOLDEN = Path(__file__).parent.parent / "golden"

CIRROS = "7e5142af-1253-4634-bcc6-89482c5f2e8a"
PROPERTIES = {
    "base_image_ref": "397e713c-b95b-4186-ad46-6126863ea0a9",
    "image_location": "snapshot",
    "image_state": "available",
    "image_type": "snapshot",
    "instance_type_ephemeral_gb": "0",
    "instance_type_flavorid": "2",
    "instance_type_id": "5",
    "instance_type_memory_mb": "2048",
    "instance_type_name": "m1.small",
    "instance_type_root_gb": "20",
    "instance_type_rxtx_factor": "1",
    "instance_type_swap": "0",
    "instance_type_vcpu_weight": "None",
    "instance_type_vcpus": "1",
    "instance_uuid": "84c6e57d-a6b1-44b6-81eb-fcb36afd31b5",
    "kernel_id": "df430cc2-3406-4061-b635-a51c16e488ac",
    "owner_id": "66265572db174a7aa66eba661f58eb9e",
    "ramdisk_id": "3cf852bd-2332-48f4-9ae4-7d926d50945e",
    "user_id": "376744b5910b4b4da7d8e6cb483b06a8",
}
BASE: dict[str, Any] = {
    "id": CIRROS,
    "name": "myCirrosImage",
    "checksum": "8e4838effa1969ad591655d6485c7ba8",
    "container_format": "ami",
    "disk_format": "ami",
    "min_disk": 0,
    "min_ram": 0,
    "owner": "66265572db174a7aa66eba661f58eb9e",
    "protected": False,
    "size": 14221312,
    "status": "active",
}
LIST = [  # ID, name, format, size; the guide cuts the IDs
    ("397e7000", "cirros-0.3.2-x86_64-uec", "ami", 25165824),
    ("df430000", "cirros-0.3.2-x86_64-uec-kernel", "aki", 4955792),
    ("3cf85000", "cirros-0.3.2-x86_64-uec-ramdisk", "ari", 3714968),
    ("7e514000", "myCirrosImage", "ami", 14221312),
]


def golden(name: str) -> str:
    return (GOLDEN / name).read_text()


@pytest.fixture
def v1(v1_cloud: Callable[..., V1Server]) -> V1Server:
    """A cloud with Images v1, where version 1 is asked for."""
    return v1_cloud("admin", version="1")


def test_the_guides_image_show_comes_from_a_v1_server(
    v1: V1Server, glance: Callable[..., Result]
) -> None:
    times = {"created_at": "2013-07-22T19:45:58", "updated_at": "2013-07-22T19:46:42"}
    v1.add(**{**BASE, **times, "properties": PROPERTIES})
    shown = glance("image-show", "myCirrosImage")
    assert (shown.code, shown.err, shown.out) == (0, "", golden("guide-image-show.txt"))


def test_the_guides_image_show_comes_from_a_v2_server_when_version_1_is_asked_for(
    cloud: responses.RequestsMock, glance: Callable[..., Result]
) -> None:
    only_v2 = {
        "visibility": "shared",
        "os_hidden": False,
        "os_hash_algo": "sha512",
        "os_hash_value": "ab" * 64,
        "virtual_size": None,
        "tags": ["a"],
        "stores": "fast",
        "direct_url": f"file:///images/{CIRROS}",
        "locations": [{"url": f"file:///images/{CIRROS}", "metadata": {}}],
        "self": f"/v2/images/{CIRROS}",
        "file": f"/v2/images/{CIRROS}/file",
        "schema": "/v2/schemas/image",
        "os_glance_importing_to_stores": "",
    }
    times = {"created_at": "2013-07-22T19:45:58Z", "updated_at": "2013-07-22T19:46:42Z"}
    cloud.get(f"{IMAGE_URL}/", status=300, json={"versions": [{"id": "v2.17", "links": []}]})
    cloud.get(
        f"{IMAGE_URL}/v2/images", json={"images": [{**BASE, **PROPERTIES, **times, **only_v2}]}
    )
    shown = glance("--os-image-api-version", "1", "image-show", "myCirrosImage")
    assert (shown.code, shown.err, shown.out) == (0, "", golden("guide-image-show.txt"))


def test_the_guides_image_list_comes_from_a_v1_server(
    v1: V1Server, glance: Callable[..., Result]
) -> None:
    for image_id, name, kind, size in reversed(LIST):
        v1.add(
            b"",
            id=image_id,
            name=name,
            disk_format=kind,
            container_format=kind,
            size=size,
            is_public=True,
        )
    assert glance("image-list").out == golden("guide-image-list.txt").replace("...", "000")


@pytest.mark.parametrize("version", [(), ("--os-image-api-version", "2")])
def test_the_guides_image_list_comes_from_a_v2_server(
    cloud: responses.RequestsMock, glance: Callable[..., Result], version: tuple[str, ...]
) -> None:
    rows = [
        {
            "id": i,
            "name": name,
            "disk_format": kind,
            "container_format": kind,
            "size": size,
            "status": "active",
        }
        for i, name, kind, size in LIST
    ]
    cloud.get(f"{IMAGE_URL}/v2/images", json={"images": rows})
    assert glance(*version, "image-list").out == golden("guide-image-list.txt").replace(
        "...", "000"
    )


def test_a_queued_image_of_v2_has_all_rows_of_v1() -> None:
    image = {
        "id": "x",
        "name": None,
        "status": "queued",
        "size": None,
        "visibility": "shared",
        "tags": [],
    }
    assert v1_properties(image) == {
        "checksum": None,
        "container_format": None,
        "created_at": None,
        "deleted": False,
        "disk_format": None,
        "id": "x",
        "is_public": False,
        "min_disk": None,
        "min_ram": None,
        "name": None,
        "owner": None,
        "protected": None,
        "size": 0,
        "status": "queued",
        "updated_at": None,
    }


def test_v1_shows_the_time_of_deletion_and_a_known_virtual_size() -> None:
    image = {
        **BASE,
        "visibility": "shared",
        "deleted": True,
        "deleted_at": "2014",
        "virtual_size": 5,
    }
    rows = v1_properties(image)
    assert (rows["deleted"], rows["deleted_at"], rows["virtual_size"]) == (True, "2014", 5)
    rows = v1_properties({**image, "deleted": False, "deleted_at": None, "virtual_size": None})
    assert not {"deleted_at", "virtual_size"} & rows.keys()


def test_v2_shows_no_links_and_an_unknown_virtual_size() -> None:
    links = {"self": "/v2/images/x", "file": "/v2/images/x/file", "schema": "/v2/schemas/image"}
    assert v2_properties({"id": "x", "virtual_size": None, "k": "v", **links}) == {
        "id": "x",
        "virtual_size": None,
        "k": "v",
    }


def test_v2_shows_the_field_deleted_for_deleted_images_only() -> None:
    image = {"id": "x", "deleted": False, "deleted_at": None}
    assert v2_properties(image) == {"id": "x"}
    assert v2_properties({**image, "deleted": True, "deleted_at": "2014"})["deleted"] is True


def test_sizes_get_units_when_asked_for() -> None:
    rows = with_units({"id": "x", "size": 14221312, "virtual_size": 41126400})
    assert rows == {"id": "x", "size": "13.6MB", "virtual_size": "39.2MB"}


def test_credentials_in_urls_are_masked_at_any_depth() -> None:
    url = "swift+https://account:key@example.com/container/object"
    image = {
        "locations": [{"url": url, "metadata": {"copy": [url]}}],
        "direct_url": url,
        "note": url,
        "n": 1,
    }
    hidden = "swift+https://***@example.com/container/object"
    assert masked(image) == {
        "locations": [{"url": hidden, "metadata": {"copy": [hidden]}}],
        "direct_url": hidden,
        "note": hidden,
        "n": 1,
    }
