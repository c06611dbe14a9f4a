"""Habits of those who come from glance, nova and openstack: what they type works, or says what does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from responses import RequestsMock

from tests.support.cloud import IMAGE_URL
from tests.support.images import LIST, A, B, asked, image, query
from tests.support.programs import Glance

VERSIONS = {"versions": [{"id": "v2.5"}, {"id": "v1.1"}]}
V1_IMAGE = {"id": A, "name": "x", "status": "active", "is_public": False, "properties": {}}
URL = "http://example.com/x.qcow2"
SCHEMA = f"{IMAGE_URL}/v2/schemas/image"


# Values --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("--min-ram 2GiB", {"min_ram": 2048}),
        ("--min-ram 2g", {"min_ram": 2048}),
        ("--min-disk 1TB", {"min_disk": 1024}),
        ("--min-disk 10", {"min_disk": 10}),
        ("--min-ram 512", {"min_ram": 512}),
    ],
)
def test_sizes_with_units_are_sent_in_the_unit_of_the_service(
    glance: Glance, cloud: RequestsMock, words: str, size: dict[str, int]
) -> None:
    cloud.post(LIST, status=201, json=image(status="queued"))
    done = glance("image-create", "x", *words.split())
    assert done.code == 0, done.err
    assert json.loads(cloud.calls[0].request.body or "") == {
        "name": "x",
        **size,
        "id": json.loads(cloud.calls[0].request.body or "")["id"],
    }


def test_a_size_that_is_converted_is_noted(glance: Glance, cloud: RequestsMock) -> None:
    cloud.post(LIST, status=201, json=image(status="queued"))
    done = glance("image-create", "x", "--min-ram", "2GiB", "--min-disk", "10")
    assert done.err == "glance: --min-ram 2GiB is 2048 MiB\n"


def test_sizes_of_a_list_are_bytes_or_have_units(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": []})
    assert glance("image-list", "--size-min", "1GiB", "--size-max", "1.5B").code == 2
    assert glance("image-list", "--size-min", "1GiB", "--size-max", "1073741825").code == 0
    assert ("size_min", "1073741824") in query(cloud)
    assert ("size_max", "1073741825") in query(cloud)


def test_a_part_of_the_services_unit_is_refused(glance: Glance, cloud: RequestsMock) -> None:
    done = glance("image-create", "x", "--min-disk", "1500MiB")
    assert (done.code, done.err) == (
        2,
        "glance: error: Invalid value for '--min-disk': '1500MiB' is not a whole number of GiB "
        "(see glance image-create --help)\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--status", "activ"], "--status: 'activ' is not a known value; did you mean active?"),
        (["--disk-format", "qcow"], "--disk-format: 'qcow' is not a known value; did you mean"),
        (["--container-format", "bar"], "'bar' is not a known value; did you mean bare?"),
        (["--visibility", "pubic"], "'pubic' is not a known value; did you mean public?"),
        (["--status", "xyz"], "'xyz' is not a known value; known are active, queued, saving"),
    ],
)
def test_a_value_that_is_not_known_draws_a_warning_and_is_sent(
    glance: Glance, cloud: RequestsMock, words: list[str], said: str
) -> None:
    cloud.get(LIST, json={"images": []})
    done = glance("image-list", *words)
    assert done.code == 0
    assert done.err.startswith("glance: warning: ")
    assert said in done.err
    assert (words[0][2:].replace("-", "_"), words[1]) in query(cloud)


def test_known_values_are_those_of_the_services_schema_once_it_was_read(
    glance: Glance, cloud: RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GLANCECLI_CACHE", raising=False)
    formats = {"type": ["string", "null"], "enum": [None, "raw", "zvol"]}
    cloud.get(SCHEMA, json={"properties": {"disk_format": formats, "name": {}}})
    cloud.get(LIST, json={"images": []})
    assert glance("explain", "image").code == 0
    assert glance("image-list", "--disk-format", "zvol").err == ""
    assert glance("image-list", "--disk-format", "qcow2").err == (
        "glance: warning: --disk-format: 'qcow2' is not a known value; known are raw, zvol\n"
    )
    assert glance("image-list", "--status", "active").err == ""
    assert [call.request.path_url.partition("?")[0] for call in cloud.calls] == [
        "/v2/schemas/image", "/v2/images", "/v2/images", "/v2/images",
    ]  # fmt: skip


def test_known_values_draw_no_warning(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": []})
    done = glance("image-list", "--status", "ACTIVE", "--visibility", "all", "--disk-format", "raw")
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("words", [["--sort", "sise:desc"], ["--sort-key", "sise"]])
def test_a_key_that_cannot_be_sorted_by_is_a_usage_error_that_lists_the_keys(
    glance: Glance, cloud: RequestsMock, words: list[str]
) -> None:
    done = glance("image-list", *words)
    assert (done.code, done.out, len(cloud.calls)) == (2, "", 0)
    assert done.err == (
        "glance: error: images cannot be sorted by 'sise'; did you mean size? Use one of name, "
        "status, container_format, disk_format, size, id, created_at, updated_at.\n"
    )


# Options of other clients ----------------------------------------------------------------------------


def test_columns_may_be_separated_by_commas(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": [image()]})
    assert glance("image-list", "-f", "value", "-c", "name,size").out == "cirros 25165824\n"
    assert glance("image-list", "-f", "value", "-c", "name, size", "-c", "status").out == (
        "cirros 25165824 active\n"
    )
    assert glance("image-list", "-c", "name,").code == 2


def test_an_image_is_shown_as_variables_for_a_shell(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(f"{LIST}/{A}", json=image())
    done = glance("image-show", A, "-f", "shell", "--prefix", "image_", "-c", "id,size")
    assert (done.code, done.out) == (0, f'image_id="{A}"\nimage_size="25165824"\n')


def test_a_list_is_not_shown_as_variables(glance: Glance, cloud: RequestsMock) -> None:
    done = glance("image-list", "-f", "shell")
    assert (done.code, len(cloud.calls)) == (2, 0)


def test_a_prefix_that_cannot_begin_a_name_is_a_usage_error(
    glance: Glance, cloud: RequestsMock
) -> None:
    done = glance("image-show", A, "-f", "shell", "--prefix", "x;id;")
    assert (done.code, len(cloud.calls)) == (2, 0)
    assert "'x;id;' cannot begin the name of a variable" in done.err


def test_max_items_is_the_limit(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": [image(A), image(B)]})
    assert glance("image-list", "--max-items", "1", "-f", "value", "-c", "id").out == f"{A}\n"


def test_a_profile_of_openstack_is_accepted(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": []})
    assert glance("--os-profile", "key", "image-list").code == 0


def test_the_members_of_an_image_are_listed_by_its_name(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(LIST, json={"images": [image()]})
    cloud.get(f"{LIST}/{A}/members", json={"members": []})
    assert glance("member-list", "cirros").code == 0
    assert asked(cloud)[-1] == ("GET", f"/v2/images/{A}/members")


def test_tags_are_added_and_removed_in_one_patch(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(f"{LIST}/{A}", json=image(tags=["a", "b"]))
    cloud.patch(f"{LIST}/{A}", json=image(tags=["b", "ü"]))
    done = glance("image-update", A, "--tag", "ü", "--remove-tag", "a", "--tag", "b")
    assert done.code == 0, done.err
    assert json.loads(cloud.calls[1].request.body or "") == [
        {"op": "add", "path": "/tags", "value": ["b", "ü"]}
    ]


def test_a_tag_to_add_and_to_remove_is_a_usage_error(glance: Glance, cloud: RequestsMock) -> None:
    done = glance("image-update", A, "--tag", "a", "--remove-tag", "a")
    assert (done.code, len(cloud.calls)) == (2, 0)
    assert done.err == "glance: error: tag a cannot be both added and removed\n"


def test_a_tag_that_is_to_be_removed_and_is_not_there_is_named(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(f"{LIST}/{A}", json=image(tags=["a"]))
    cloud.patch(f"{LIST}/{A}", json=image())
    done = glance("image-update", A, "--remove-tag", "a", "--remove-tag", "z")
    assert done.code == 0
    assert done.err == f"glance: image {A} has no tag z, so it is not removed\n"


def test_a_property_that_the_image_lacks_is_said_and_the_others_are_removed(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.patch(f"{LIST}/{A}", status=409, json={"message": "Property b does not exist."})
    cloud.get(f"{LIST}/{A}", json=image(a="1"))
    cloud.patch(f"{LIST}/{A}", json=image())
    done = glance("image-update", A, "--remove-property", "b", "--remove-property", "a")
    assert done.code == 0
    assert done.err == f"glance: image {A} has no property b, so it is not removed\n"
    assert json.loads(cloud.calls[2].request.body or "") == [{"op": "remove", "path": "/a"}]


def test_another_conflict_stays_an_error(glance: Glance, cloud: RequestsMock) -> None:
    cloud.patch(f"{LIST}/{A}", status=409, json={"message": "busy"})
    cloud.get(f"{LIST}/{A}", json=image(a="1"))
    done = glance("image-update", A, "--remove-property", "a")
    assert (done.code, done.err) == (1, f"glance: error: image {A}: busy (HTTP 409)\n")


def test_a_location_without_metadata_warns_that_it_is_emptied(
    glance: Glance, cloud: RequestsMock
) -> None:
    located = image(locations=[{"url": URL, "metadata": {"a": "b"}}])
    cloud.get(f"{LIST}/{A}", json=located)
    cloud.patch(f"{LIST}/{A}", json=located)
    done = glance("location-update", A, "--url", URL)
    assert (done.code, done.err) == (
        0,
        "glance: warning: the location's metadata is empty now, as --metadata was not given\n",
    )
    assert json.loads(cloud.calls[1].request.body or "")[0]["value"][0]["metadata"] == {}


def test_a_location_that_the_image_lacks_draws_no_warning_about_metadata(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(f"{LIST}/{A}", json=image(locations=[]))
    done = glance("location-update", A, "--url", URL)
    assert (done.code, done.err) == (1, f"glance: error: image {A} has no location {URL}\n")


def test_a_verbose_list_in_the_clothes_of_v1_ends_with_the_status(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(f"{IMAGE_URL}/", status=300, json={"versions": [{"id": "v2.9"}]})
    cloud.get(LIST, json={"images": [image()]})
    done = glance("-v", "--os-image-api-version", "1", "image-list")
    assert done.lines[3].split("|")[-2].strip() == "active"


# Data from elsewhere ---------------------------------------------------------------------------------


def test_the_formats_of_a_copy_are_bare_and_the_ending_of_the_url(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(f"{IMAGE_URL}/v2/info/import", json={"import-methods": {"value": ["web-download"]}})
    cloud.post(LIST, status=201, json=image(status="queued"))
    cloud.post(f"{LIST}/{A}/import", status=202)
    cloud.get(f"{LIST}/{A}", json=image(status="importing"))
    done = glance("image-create", "--id", A, "--copy-from", f"{URL}?key=1")
    assert done.code == 0, done.err
    assert json.loads(cloud.calls[1].request.body or "") == {
        "id": A,
        "disk_format": "qcow2",
        "container_format": "bare",
    }


@pytest.mark.parametrize("verbose", [False, True])
def test_v1_copies_where_v2_cannot_and_the_cloud_has_both(
    glance: Glance, cloud: RequestsMock, verbose: bool
) -> None:
    cloud.get(f"{IMAGE_URL}/", status=300, json=VERSIONS)
    cloud.get(f"{IMAGE_URL}/v2/info/import", status=404)
    cloud.post(f"{IMAGE_URL}/v1/images", status=201, json={"image": V1_IMAGE})
    options = ["-v"] if verbose else []
    done = glance(*options, "image-create", "x", "--copy-from", URL, "--store", "rbd")
    assert done.code == 0, done.err
    headers = cloud.calls[-1].request.headers
    assert headers["x-glance-api-copy-from"] == URL.encode()
    assert headers["x-image-meta-store"] == b"rbd"
    assert ("Images v1 is used, as v2 cannot do this" in done.err) is verbose
    assert bool(done.err) is verbose


def test_v1_takes_a_location_with_a_store_where_the_cloud_has_both(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(f"{IMAGE_URL}/", status=300, json=VERSIONS)
    cloud.post(f"{IMAGE_URL}/v1/images", status=201, json={"image": V1_IMAGE})
    location = "rbd://a/b/c/d.raw"
    done = glance("image-create", "x", "--location", location, "--store", "rbd")
    assert (done.code, done.err) == (0, "")
    headers = cloud.calls[-1].request.headers
    assert headers["x-image-meta-location"] == location.encode()
    assert headers["x-image-meta-store"] == b"rbd"


def test_v1_registers_a_location_that_v2_is_not_allowed_to_set(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(f"{IMAGE_URL}/", status=300, json=VERSIONS)
    cloud.post(LIST, status=201, json=image(status="queued"))
    cloud.post(f"{LIST}/{A}/locations", status=404)
    cloud.patch(
        f"{LIST}/{A}",
        status=403,
        json={"message": "It's not allowed to add locations if locations are invisible."},
    )
    cloud.put(f"{IMAGE_URL}/v1/images/{A}", json={"image": V1_IMAGE})
    done = glance("image-create", "x", "--id", A, "--location", URL)
    assert (done.code, done.err) == (0, "")
    assert cloud.calls[-1].request.headers["x-image-meta-location"] == URL.encode()


@pytest.mark.parametrize(
    ("words", "versions"),
    [
        (["--location", URL, "--store", "rbd"], {"versions": [{"id": "v2.17"}]}),
        (["--location", URL, "--store", "rbd", "--tag", "t"], VERSIONS),
    ],
)
def test_a_location_with_a_store_is_refused_where_no_version_can(
    glance: Glance, cloud: RequestsMock, words: list[str], versions: dict[str, Any]
) -> None:
    cloud.get(f"{IMAGE_URL}/", status=300, json=versions)
    done = glance("image-create", "x", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "glance: error: --store cannot be used with --location: the data stays where it is "
        "(only Images v1 takes both)\n"
    )


# Hypervisors -----------------------------------------------------------------------------------------

XEN_SCSI = (
    "glance: warning: hw_disk_bus=scsi is not supported with hypervisor_type=xen; "
    "supported: ide, xen\n"
)


def test_a_bus_is_checked_against_the_images_own_hypervisor(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.post(LIST, status=201, json=image(status="queued"))
    properties = ("--property", "hypervisor_type=xen", "--property", "hw_disk_bus=scsi")
    done = glance("image-create", "x", *properties)
    assert (done.code, done.err) == (0, XEN_SCSI)


@pytest.mark.parametrize(
    ("stored", "words", "said"),
    [
        ({"hypervisor_type": "xen"}, "hw_disk_bus=scsi", XEN_SCSI),
        ({"hw_disk_bus": "scsi"}, "hypervisor_type=xen", XEN_SCSI),
        ({"hypervisor_type": "qemu"}, "hw_disk_bus=scsi", ""),
        ({"hypervisor_type": "xen", "hw_disk_bus": "scsi"}, "os_distro=debian", ""),
        (
            {"img_hv_type": "vmware"},
            "hw_vif_model=virtio",
            "glance: warning: hw_vif_model=virtio is not supported with img_hv_type=vmware; "
            "supported: VirtualE1000, VirtualPCNet32, VirtualVmxnet, VirtualE1000e, "
            "VirtualSriovEthernetCard, VirtualVmxnet3, e1000, e1000e, pcnet, sriov, vmxnet, "
            "vmxnet3\n",
        ),
    ],
)
def test_an_update_is_checked_against_what_the_image_has_already(
    glance: Glance, cloud: RequestsMock, stored: dict[str, str], words: str, said: str
) -> None:
    key, value = words.split("=")
    cloud.patch(f"{LIST}/{A}", json=image(**{**stored, key: value}))
    done = glance("image-update", A, "--property", words)
    assert (done.code, done.err) == (0, said)
    assert glance("image-meta", A, "set", words).err == said


# Words of other tools --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "image-list -o json",
            "unrecognized arguments: -o; -f FORMAT chooses the output format: -f json",
        ),
        ("image-list --json", "unrecognized arguments: --json; -f FORMAT chooses"),
        ("image-upload x --format=yaml", "unrecognized arguments: --format; -f FORMAT chooses"),
        ("image-list --fields id", "unrecognized arguments: --fields; -c COLUMN,... picks columns"),
        ("image-delete -y x", "unrecognized arguments: -y; nothing is asked, so leave it out"),
        (
            "image-delete --yes x",
            "unrecognized arguments: --yes; nothing is asked, so leave it out",
        ),
        ("image-delete --all", "unrecognized arguments: --all; image-list lists every image"),
        (
            "image-create --url u",
            "unrecognized arguments: --url; --file URL reads it here; the service reads",
        ),
        ("image-create --bad", "unrecognized arguments: --bad (see"),
        ("stores-info -odd", "unrecognized arguments: -odd (see"),
        ("image-show -x", "unrecognized arguments: -x (see"),
        ("image-show -odd", "unrecognized arguments: -odd; if it is a name, write -- before it"),
        ("list", "there is no command 'list'; use image-list"),
        ("show x", "there is no command 'show'; use image-show"),
        ("image list", "there is no command 'image'; use image-list"),
        ("member create a b", "there is no command 'member'; use member-create"),
        ("images", "there is no command 'images'; use image-list"),
        ("rm x", "there is no command 'rm'; use image-delete"),
        ("share x y", "there is no command 'share'; use member-create"),
        ("version", "there is no command 'version'; use --version"),
        ("wait x", "there is no command 'wait'; use image-wait"),
        ("sandbox up", "there is no command 'sandbox'; use glancecli sandbox"),
        ("help metadefs", "there is no command 'metadefs'; use help md"),
        ("help snapshot", "there is no command 'snapshot'; use nova image-create"),
        ("hide x", "there is no command 'hide'; use image-update --hidden True"),
        (
            "help location",
            "there is no command 'location'; did you mean location-add, location-update or "
            "location-delete?",
        ),
        ("tags", "there is no command 'tags'; `glance help images` lists commands for it"),
        ("help nothing", "there is no command 'nothing' (see glance --help)"),
    ],
)
def test_a_word_of_another_tool_gets_the_word_of_ours(
    glance: Callable[..., Any], words: str, said: str
) -> None:
    done = glance(*words.split())
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"glance: error: {said}")


def test_commands_for_servers_are_left_to_another_nova(program: Callable[..., Any]) -> None:
    done = program("nova", "list")
    assert "use image-list" not in done.err
