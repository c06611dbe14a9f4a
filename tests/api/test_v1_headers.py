"""Images in headers: what v1 stores, what it would change, what no header can carry."""

from __future__ import annotations

import pytest
import responses

from glancecli.api.interfaces import Images
from glancecli.changes import Changes, RemoteData
from glancecli.checksums import Checksum
from tests.support.v1client import DEMO, UMLAUTS, VERSIONS, refuse, sent, speak
from tests.support.v1server import V1Server

# Headers ------------------------------------------------------------------------------------------


def test_names_outside_ascii_are_raw_utf8_in_both_directions(
    v1_server: V1Server, v1_images: Images
) -> None:
    made = v1_images.create({"name": UMLAUTS, "os": UMLAUTS})
    assert v1_server.images[made["id"]]["name"] == UMLAUTS
    assert (made["name"], made["os"]) == (UMLAUTS, UMLAUTS)
    shown = v1_images.get(made["id"])
    assert (shown["name"], shown["os"]) == (UMLAUTS, UMLAUTS)


@pytest.mark.parametrize(
    "name", ["a b 50%+1", "Gr%C3%BC%C3%9Fe", 'a"b\\c', "[bold]x[/]", "a:b=c;d,e", "-x"]
)
def test_no_value_is_percent_encoded_or_quoted(
    v1_server: V1Server, v1_images: Images, name: str
) -> None:
    made = v1_images.create({"name": name, "note": name})
    assert sent(v1_server) == {"x-image-meta-name": name, "x-image-meta-property-note": name}
    assert v1_images.get(made["id"])["note"] == name


@pytest.mark.parametrize("value", [" x", "x ", "\tx", "x\t", " "])
def test_spaces_that_would_be_stripped_are_refused_and_nothing_is_sent(
    v1_server: V1Server, v1_images: Images, value: str
) -> None:
    before = len(v1_server.seen)
    said = refuse(lambda: v1_images.create({"name": value}))
    assert said == "name: Images v1 would strip the spaces around it"
    refuse(lambda: v1_images.update("x", Changes({"note": value})))
    assert len(v1_server.seen) == before


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"tags": ["a"]}, "Images v1 has no tags"),
        ({"os_hidden": True}, "Images v1 has no os_hidden"),
        ({"note": "a\nb"}, "note: Images v1 cannot store line breaks"),
        ({"note": "a\0b"}, "note: Images v1 cannot store line breaks"),
        ({"note": "\udcff"}, "note: it is not valid UTF-8"),
        (
            {"note": "x" * 16384},
            "note: it is 16384 bytes long, and an Images v1 server accepts 16384 in a header line",
        ),
        (
            {"größe": "1"},
            "property 'größe': Images v1 sends property names as header names, which are ASCII letters, "
            "digits and !#$%&'*+-.^_`|~",
        ),
        (
            {"a b": "1"},
            "property 'a b': Images v1 sends property names as header names, which are ASCII letters, "
            "digits and !#$%&'*+-.^_`|~",
        ),
        (
            {"os_type": "a", "os-type": "b"},
            "property 'os-type' is given twice: Images v1 ignores case and takes - for _",
        ),
        (
            {"visibility": "community"},
            "visibility 'community' needs Images v2: v1 has public, private and shared",
        ),
    ],
)
def test_values_that_no_header_can_carry_are_refused_and_nothing_is_sent(
    v1_server: V1Server, v1_images: Images, fields: dict[str, str], said: str
) -> None:
    before = len(v1_server.seen)
    assert refuse(lambda: v1_images.create(fields)) == said
    assert len(v1_server.seen) == before


def test_a_checksum_other_than_md5_is_refused_and_nothing_is_sent(
    v1_server: V1Server, v1_images: Images
) -> None:
    before = len(v1_server.seen)
    data = RemoteData(checksum=Checksum("sha256", "a" * 64))
    said = refuse(lambda: v1_images.create({"name": "x"}, data))
    assert said == "Images v1 keeps an MD5 checksum, which has 32 hexadecimal digits"
    assert len(v1_server.seen) == before


def test_the_longest_value_that_fits_is_stored_whole(v1_images: Images) -> None:
    value = "x" * (16384 - len("x-image-meta-property-note: "))
    made = v1_images.create({"note": value})
    assert v1_images.get(made["id"])["note"] == value


def test_a_property_name_that_the_server_changes_causes_a_warning_with_the_new_name(
    v1_server: V1Server,
) -> None:
    warnings: list[str] = []
    made = speak(v1_server.url, warnings=warnings).create(
        {"Distro": "Debian", "kernel-id": "k", "plain": "1"}
    )
    assert (made["distro"], made["kernel_id"], made["plain"]) == ("Debian", "k", "1")
    assert warnings == [
        "Images v1 stores property 'Distro' as 'distro'",
        "Images v1 stores property 'kernel-id' as 'kernel_id'",
    ]


def test_null_attributes_have_no_header_and_are_none(
    v1_server: V1Server, v1_images: Images
) -> None:
    image = v1_server.add(properties={"distro": "Debian", "empty": None})
    assert v1_images.get(image["id"]) == {
        "id": image["id"],
        "name": None,
        "status": "queued",
        "owner": DEMO,
        "checksum": None,
        "container_format": None,
        "disk_format": None,
        "created_at": image["created_at"],
        "updated_at": image["updated_at"],
        "deleted_at": None,
        "size": 0,
        "virtual_size": None,
        "min_disk": 0,
        "min_ram": 0,
        "protected": False,
        "deleted": False,
        "visibility": "shared",
        "distro": "Debian",
    }


def test_headers_in_title_case_are_read_as_texts_numbers_and_booleans() -> None:
    with responses.RequestsMock() as mock:
        mock.get("http://v1.test:9292/", status=300, json=VERSIONS)
        mock.head(
            "http://v1.test:9292/v1/images/1546eb88",
            headers={
                "X-Image-Meta-Id": "1546eb88",
                "X-Image-Meta-Deleted": "False",
                "X-Image-Meta-Container_format": "bare",
                "X-Image-Meta-Checksum": "fe3a1ff59f3b89b2ad3d33f08984874b",
                "X-Image-Meta-Protected": "True",
                "X-Image-Meta-Min_disk": "3",
                "X-Image-Meta-Created_at": "2026-11-23T14:41:52.620371",
                "X-Image-Meta-Size": "64",
                "X-Image-Meta-Status": "active",
                "X-Image-Meta-Is_public": "True",
                "X-Image-Meta-Min_ram": "256",
                "X-Image-Meta-Owner": "someone",
                "X-Image-Meta-Disk_format": "raw",
                "X-Image-Meta-Name": "full",
                "X-Image-Meta-Property-Distro": "Debian",
                "X-Image-Meta-Property-Os_version": "12",
                "X-Image-Meta-Property-Kernel_id": "k1",
            },
        )
        image = speak("http://v1.test:9292").get("1546eb88")
    assert {k: v for k, v in image.items() if v is not None} == {
        "id": "1546eb88",
        "deleted": False,
        "container_format": "bare",
        "checksum": "fe3a1ff59f3b89b2ad3d33f08984874b",
        "protected": True,
        "min_disk": 3,
        "created_at": "2026-11-23T14:41:52.620371",
        "size": 64,
        "status": "active",
        "visibility": "public",
        "min_ram": 256,
        "owner": "someone",
        "disk_format": "raw",
        "name": "full",
        "distro": "Debian",
        "os_version": "12",
        "kernel_id": "k1",
    }
