"""Image data that an Images v2 service gets by itself: copies, locations, and waiting."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import responses

from glancecli.api import connect
from glancecli.api.expected import check_data
from glancecli.api.interfaces import Images, Locations, NewLocation
from glancecli.api.negotiation import ImageService
from glancecli.api.sources import check_url
from glancecli.auth.clouds import load
from glancecli.auth.identity import Identity
from glancecli.changes import Changes, RemoteData
from glancecli.checksums import parse_checksum
from glancecli.errors import ConnectionFailed, Forbidden, GlanceError, HttpError, UsageError
from glancecli.transfer import Options, create_without_upload

CLOUD = "http://glance.test:9292"
IMAGES = f"{CLOUD}/v2/images"
ID = "7e5142af-1253-4634-bcc6-89482c5f2e8a"
WEB = "http://example.com/x.img"
SECRET = "http://user:key@example.com/x.img"
FIELDS = {"id": ID, "name": "x", "disk_format": "raw", "container_format": "bare"}
MD5 = "fe3a1ff59f3b89b2ad3d33f08984874b"


def image(status: str = "active", **more: Any) -> dict[str, Any]:
    return {**FIELDS, "status": status, "tags": [], **more}


@pytest.fixture
def cloud() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{CLOUD}/", status=300, json={"versions": [{"id": "v2.17"}]})
        yield mock


@pytest.fixture
def service() -> ImageService:
    identity = Identity(load({"os_image_url": CLOUD, "os_auth_token": "t"}, {}))
    return connect(identity, "2")


@pytest.fixture
def images(service: ImageService) -> Images:
    return service.images


@pytest.fixture
def locations(service: ImageService) -> Locations:
    return service.locations


def create(
    images: Images, data: dict[str, Any], *, keep: bool = False, protected: bool = False
) -> dict[str, Any]:
    """Creates an image in the way that commands do."""
    fields = {**FIELDS, "protected": True} if protected else FIELDS
    return create_without_upload(images, fields, Options(keep=keep), data=remote_data(**data))


def remote_data(*, checksum: str | None = None, **more: Any) -> RemoteData:
    """What options say about data, the checksum as users write it."""
    parsed = parse_checksum(checksum) if checksum is not None else None
    return RemoteData(**more, checksum=parsed)


def copying(cloud: responses.RequestsMock, *states: dict[str, Any]) -> None:
    """A cloud that copies from URLs; each look at the image shows the next of these states."""
    cloud.get(
        f"{CLOUD}/v2/info/import",
        json={"import-methods": {"value": ["glance-direct", "web-download"]}},
    )
    cloud.post(IMAGES, status=201, json=image("queued"))
    cloud.post(f"{IMAGES}/{ID}/import", status=202)
    cloud.get(f"{IMAGES}/{ID}/tasks", json={"tasks": []})
    for state in states:
        cloud.get(f"{IMAGES}/{ID}", json=state)
    cloud.delete(f"{IMAGES}/{ID}", status=204)


def asked(cloud: responses.RequestsMock) -> list[str]:
    return [f"{c.request.method} {(c.request.url or '').removeprefix(CLOUD)}" for c in cloud.calls]


def body(cloud: responses.RequestsMock, method: str, end: str) -> Any:
    """The JSON body of the first request with this method whose URL ends so."""
    sent = next(
        c.request
        for c in cloud.calls
        if c.request.method == method and str(c.request.url).endswith(end)
    )
    return json.loads(sent.body or b"null")


def refuse(work: Callable[[], object], kind: type[GlanceError] = GlanceError) -> str:
    with pytest.raises(kind) as caught:
        work()
    return str(caught.value)


# Copies -------------------------------------------------------------------------------------------


def test_a_copy_creates_an_image_and_imports_by_web_download(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud, image("importing"))
    assert create(images, {"copy_from": WEB, "store": "fast"})["status"] == "importing"
    assert asked(cloud) == [
        "GET /v2/info/import",
        "POST /v2/images",
        f"POST /v2/images/{ID}/import",
        f"GET /v2/images/{ID}",
    ]
    assert body(cloud, "POST", "/images") == FIELDS
    assert body(cloud, "POST", "/import") == {
        "method": {"name": "web-download", "uri": WEB},
        "stores": ["fast"],
    }


@pytest.mark.parametrize(
    "offer", [{"status": 404}, {"json": {"import-methods": {"value": ["glance-direct"]}}}]
)
def test_a_cloud_that_does_not_copy_says_what_to_do_instead_and_nothing_is_created(
    cloud: responses.RequestsMock, images: Images, offer: dict[str, Any]
) -> None:
    cloud.get(f"{CLOUD}/v2/info/import", **offer)
    assert refuse(lambda: images.create(FIELDS, RemoteData(copy_from=WEB))) == (
        "this cloud does not copy from URLs (it offers no import method web-download). "
        "Download the data, then send it: `glance image-create NAME --file FILE`."
    )
    assert not [line for line in asked(cloud) if line.startswith("POST")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"copy_from": ""}, "--copy-from: '' is not a URL"),
        ({"copy_from": "example.com/x"}, "--copy-from: 'example.com/x' is not a URL"),
        (
            {"copy_from": "ftp://user:key@example.com/x"},
            "--copy-from: the service copies from http and https URLs only, not from ftp://***@example.com/x",
        ),
        (
            {"location": "file:///etc/passwd"},
            "--location: no Image service accepts file:// URLs; use --file to send a local file",
        ),
        (
            {"copy_from": WEB, "checksum": "abc"},
            "'abc' is not a checksum. Give ALGORITHM:HEX, or the hex digits of an MD5, SHA-1, SHA-256, "
            "SHA-384 or SHA-512 hash.",
        ),
        (
            {"copy_from": WEB, "checksum": "md5:abc"},
            "'md5:abc' is not a checksum: md5 has 32 hex digits, not 3",
        ),
        (
            {"location": WEB, "checksum": "sha-256:" + "ab" * 16},
            f"'sha-256:{'ab' * 16}' is not a checksum: sha256 has 64 hex digits, not 32",
        ),
    ],
)
def test_a_source_that_cannot_work_is_refused_and_nothing_is_sent(
    cloud: responses.RequestsMock, images: Images, data: dict[str, str], said: str
) -> None:
    assert refuse(lambda: images.create(FIELDS, remote_data(**data)), UsageError) == said
    assert asked(cloud) == []


def test_data_that_the_service_gets_by_itself_needs_formats(
    cloud: responses.RequestsMock, images: Images
) -> None:
    said = refuse(lambda: images.create({"name": "x"}, RemoteData(copy_from=WEB)), UsageError)
    assert said == (
        "missing --disk-format: the service does not detect the format of the data, and the URL "
        "does not end with one (.qcow2, .raw, .iso ...)"
    )
    assert asked(cloud) == []


def test_an_import_that_is_refused_leaves_no_image(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud)
    cloud.replace(
        "POST", f"{IMAGES}/{ID}/import", status=400, json={"message": "URI does not pass filtering"}
    )
    said = refuse(lambda: create(images, {"copy_from": WEB}), HttpError)
    assert said == f"image {ID}: URI does not pass filtering; it was deleted (HTTP 400)"
    assert asked(cloud)[-1] == f"DELETE /v2/images/{ID}"


def test_an_import_without_a_response_fails_and_leaves_no_image(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud)
    cloud.replace("POST", f"{IMAGES}/{ID}/import", body=requests.ConnectionError("broken"))
    said = refuse(lambda: create(images, {"copy_from": WEB}), ConnectionFailed)
    assert said.startswith(f"the connection to {CLOUD} broke; image {ID} was deleted.")
    assert asked(cloud)[-1] == f"DELETE /v2/images/{ID}"


def test_a_protected_image_is_deleted_after_a_failure_as_well(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud)
    cloud.replace("POST", f"{IMAGES}/{ID}/import", status=400, json={"message": "no"})
    cloud.replace(
        "DELETE", f"{IMAGES}/{ID}", status=403, json={"message": f"Image {ID} is protected"}
    )
    cloud.patch(f"{IMAGES}/{ID}", json=image("queued"))
    cloud.delete(f"{IMAGES}/{ID}", status=204)
    said = refuse(lambda: create(images, {"copy_from": WEB}, protected=True))
    assert said == f"image {ID}: no; it was deleted (HTTP 400)"
    assert body(cloud, "PATCH", ID) == [{"op": "add", "path": "/protected", "value": False}]


def test_an_image_that_is_to_be_kept_is_kept_and_the_error_says_so(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud)
    cloud.replace("POST", f"{IMAGES}/{ID}/import", status=400, json={"message": "no"})
    assert refuse(lambda: create(images, {"copy_from": WEB}, keep=True)) == (
        f"image {ID}: no; it is kept (HTTP 400). "
        f"`glance image-upload {ID} --file FILE` uploads its data; `glance image-delete {ID}` deletes it."
    )
    assert not [line for line in asked(cloud) if line.startswith("DELETE")]


@pytest.mark.parametrize(
    ("source", "status", "words", "hint"),
    [
        (
            {"location": WEB},
            403,
            "It's not allowed to add locations if locations are invisible.",
            "Use --copy-from URL (image-create, image-update) to have the service copy the data.",
        ),
        (
            {"location": "swift://account:key@example.com/c/o"},
            400,
            "Invalid location",
            "Perhaps no store of this cloud accepts such URLs; --copy-from (image-create, image-update) copies "
            "from http and https.",
        ),
        (
            {"copy_from": WEB, "store": "nosuch"},
            409,
            "Store for identifier nosuch not found",
            "`glance stores-info` lists the stores of this cloud.",
        ),
    ],
)
def test_the_error_says_what_to_do_instead_although_the_image_was_deleted(
    cloud: responses.RequestsMock,
    images: Images,
    source: dict[str, str],
    status: int,
    words: str,
    hint: str,
) -> None:
    copying(cloud)
    cloud.post(f"{IMAGES}/{ID}/locations", status=404)
    cloud.patch(f"{IMAGES}/{ID}", status=status, json={"message": words})
    cloud.replace("POST", f"{IMAGES}/{ID}/import", status=status, json={"message": words})
    said = refuse(lambda: create(images, source))
    assert said.endswith(f"; it was deleted (HTTP {status}). {hint}")
    assert asked(cloud)[-1] == f"DELETE /v2/images/{ID}"


def test_a_hint_about_an_image_is_dropped_when_the_image_was_deleted(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud, image("queued"))
    cloud.replace(
        "GET", f"{IMAGES}/{ID}/tasks", json={"tasks": [{"status": "failure", "message": "gone"}]}
    )
    said = refuse(lambda: create(images, {"copy_from": WEB, "size": 64}))
    assert said == f"image {ID}: gone; image {ID} was deleted"


def test_an_image_that_could_not_be_deleted_is_named(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud)
    cloud.replace("POST", f"{IMAGES}/{ID}/import", status=400, json={"message": "no"})
    cloud.replace("DELETE", f"{IMAGES}/{ID}", status=409, json={"message": "busy"})
    assert refuse(lambda: create(images, {"copy_from": WEB})) == (
        f"image {ID}: no; deleting the image failed (image {ID}: busy (HTTP 409)); "
        f"it may still exist (HTTP 400). `glance image-delete {ID}` deletes it."
    )


def test_an_expected_checksum_and_size_are_verified_when_the_copy_is_done(
    cloud: responses.RequestsMock, images: Images
) -> None:
    done = image(size=64, checksum=MD5, os_hash_algo="sha512", os_hash_value="ab" * 64)
    copying(cloud, image("importing"), done)
    wanted = {"copy_from": WEB}
    assert create(images, {**wanted, "checksum": MD5.upper(), "size": 64}) == done
    said = refuse(lambda: create(images, {**wanted, "checksum": "0" * 32}))
    assert (
        said == f"image {ID} has the md5 {MD5}, not the expected {'0' * 32}; image {ID} was deleted"
    )
    said = refuse(lambda: create(images, {**wanted, "size": 65}))
    assert said == f"image {ID} has 64 bytes, not the expected 65; image {ID} was deleted"


@pytest.mark.parametrize(
    "promise", ["ab" * 64, "sha512:" + "AB" * 64, "SHA-512:" + "ab" * 64, f"md5:{MD5}"]
)
def test_every_hash_that_the_service_stores_can_be_verified(promise: str) -> None:
    done = image(size=64, checksum=MD5, os_hash_algo="sha512", os_hash_value="ab" * 64)
    wanted = RemoteData(checksum=parse_checksum(promise))
    warnings: list[str] = []
    assert (check_data(done, wanted, warnings.append), warnings) == (done, [])


@pytest.mark.parametrize("spelling", ["sha-256", "SHA256", "sha256"])
def test_a_copy_is_verified_however_its_checksum_is_spelled(
    cloud: responses.RequestsMock, images: Images, spelling: str
) -> None:
    done = image(size=64, os_hash_algo="sha256", os_hash_value="ab" * 32)
    copying(cloud, image("importing"), done)
    promise = {"copy_from": WEB, "checksum": f"{spelling}:{'ab' * 32}"}
    assert create(images, promise) == done


def test_a_hash_that_the_service_does_not_store_draws_a_warning() -> None:
    warnings: list[str] = []
    stored = image(checksum=MD5)
    wanted = RemoteData(checksum=parse_checksum("ab" * 32))
    assert check_data(stored, wanted, warnings.append) == stored
    assert warnings == [
        f"the data of image {ID} was not verified: sha256 is expected, and the service hashes by md5"
    ]


def test_of_several_published_hashes_the_one_that_the_service_stores_counts() -> None:
    stored = image(checksum=MD5, os_hash_algo="sha512", os_hash_value="ab" * 64)
    published = (parse_checksum("cd" * 32), parse_checksum("ab" * 64))
    warnings: list[str] = []
    assert check_data(stored, RemoteData(published=published), warnings.append) == stored
    wrong = (parse_checksum("cd" * 32), parse_checksum("cd" * 64))
    said = refuse(lambda: check_data(stored, RemoteData(published=wrong), warnings.append))
    assert said == f"image {ID} has the sha512 {'ab' * 64}, not the expected {'cd' * 64}"
    assert warnings == []


def test_a_queued_image_can_be_given_a_source_later(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud, image("queued"), image("importing"))
    cloud.patch(f"{IMAGES}/{ID}", json=image("queued"))
    assert (
        images.update(ID, Changes({"name": "y"}, data=RemoteData(copy_from=WEB)))["status"]
        == "importing"
    )
    assert body(cloud, "PATCH", ID) == [{"op": "add", "path": "/name", "value": "y"}]


@pytest.mark.parametrize("changed", [True, False])
def test_an_update_whose_source_is_refused_says_that_the_other_changes_were_made(
    cloud: responses.RequestsMock, images: Images, changed: bool
) -> None:
    copying(cloud, image("queued"))
    cloud.replace("POST", f"{IMAGES}/{ID}/import", status=400, json={"message": "no"})
    cloud.patch(f"{IMAGES}/{ID}", json=image("queued"))
    said = refuse(
        lambda: images.update(
            ID, Changes({"zz": "1"} if changed else {}, data=RemoteData(copy_from=WEB))
        )
    )
    more = "; the other changes have been made" if changed else ""
    assert said == f"image {ID}: no{more} (HTTP 400)"


def test_an_image_with_data_cannot_get_another_source(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud, image("active"))
    said = refuse(lambda: images.update(ID, Changes(data=RemoteData(copy_from=WEB))))
    assert said == (
        f"image {ID} is active: its data cannot be replaced. "
        "Create a new image, then delete or hide this one."
    )
    assert asked(cloud) == [f"GET /v2/images/{ID}"]


@pytest.mark.parametrize("data", [{"size": 5}, {"checksum": MD5}])
def test_a_size_or_checksum_without_data_is_refused_and_nothing_is_created(
    cloud: responses.RequestsMock, images: Images, data: dict[str, Any]
) -> None:
    for work in (
        lambda: images.create(FIELDS, remote_data(**data)),
        lambda: images.update(ID, Changes(data=remote_data(**data))),
    ):
        assert (
            refuse(work, UsageError)
            == "--size and --checksum are compared with data, and none is given"
        )
    assert asked(cloud) == ["GET /"]


def test_a_store_without_data_is_refused_and_nothing_is_created(
    cloud: responses.RequestsMock, images: Images
) -> None:
    said = refuse(lambda: images.create(FIELDS, RemoteData(store="fast")), UsageError)
    assert said == "--store says where data goes, and none is given"
    assert asked(cloud) == ["GET /"]


# Waiting --------------------------------------------------------------------------------------------


def test_waiting_ends_when_the_image_is_active(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud, image("queued"), image("importing"), image("active"))
    assert images.wait(ID, 60)["status"] == "active"


def test_waiting_goes_on_until_every_store_has_the_data(
    cloud: responses.RequestsMock, images: Images
) -> None:
    done = image("active", os_glance_importing_to_stores="", os_glance_failed_import="slow")
    copying(cloud, image("importing"), image("active", os_glance_importing_to_stores="slow"), done)
    assert images.wait(ID, 60) == done


def test_a_failed_import_shows_the_message_of_its_task(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud, image("queued"))
    old = {"status": "success", "message": "", "created_at": "2026-01-01T00:00:00"}
    new = {
        "status": "failure",
        "message": f"cannot read {SECRET}",
        "created_at": "2026-01-02T00:00:00",
    }
    cloud.replace("GET", f"{IMAGES}/{ID}/tasks", json={"tasks": [old, new]})
    assert refuse(lambda: images.wait(ID, 60)) == (
        f"image {ID}: cannot read http://***@example.com/x.img. Can the service reach the URL? "
        f"The image is left without data: `glance image-delete {ID}` deletes it."
    )


def test_a_task_without_a_reason_gets_an_explanation(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud, image("queued"))
    task = {"status": "failure", "message": "Task failed due to Internal Error"}
    cloud.replace("GET", f"{IMAGES}/{ID}/tasks", json={"tasks": [task]})
    assert "the service could not get the data and gives no other reason than" in refuse(
        lambda: images.wait(ID, 60)
    )


@pytest.mark.parametrize("status", ["killed", "deleted", "pending_delete"])
def test_an_image_that_cannot_become_active_is_not_waited_for(
    cloud: responses.RequestsMock, images: Images, status: str
) -> None:
    copying(cloud, image(status))
    hint = (
        ". The service could not read all data, or it was not what --checksum or --size promised; "
        f"`glance image-delete {ID}` removes the image."
    )
    said = refuse(lambda: images.wait(ID, 60))
    assert (
        said
        == f"image {ID} is {status}, and will not become active{hint if status == 'killed' else ''}"
    )


def test_waiting_ends_with_the_time_and_says_that_the_service_continues(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud, image("importing"))
    said = refuse(lambda: images.wait(ID, 0))
    assert said == (
        f"image {ID} is still importing after 0 seconds. The service continues; `glance image-show {ID}` shows its state."
    )


def test_waiting_works_on_a_cloud_that_shows_no_tasks(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud, image("queued"), image("active"))
    cloud.replace("GET", f"{IMAGES}/{ID}/tasks", status=404)
    assert images.wait(ID, 60)["status"] == "active"


# Locations ------------------------------------------------------------------------------------------


def test_a_location_is_added_by_the_location_api_and_waited_for(
    cloud: responses.RequestsMock, images: Images
) -> None:
    copying(cloud, image("queued"), image("active"))
    cloud.post(f"{IMAGES}/{ID}/locations", status=202)
    assert create(images, {"location": WEB, "checksum": "ab" * 32})["status"] == "active"
    assert body(cloud, "POST", "/locations") == {
        "url": WEB,
        "validation_data": {"os_hash_algo": "sha256", "os_hash_value": "ab" * 32},
    }


@pytest.mark.parametrize("status", [403, 404, 405, 409])
def test_locations_are_patched_where_the_location_api_refuses(
    cloud: responses.RequestsMock, locations: Locations, status: int
) -> None:
    cloud.post(f"{IMAGES}/{ID}/locations", status=status)
    cloud.patch(f"{IMAGES}/{ID}", json=image())
    assert locations.add(ID, NewLocation(WEB)) == image()
    assert body(cloud, "PATCH", ID) == [
        {"op": "add", "path": "/locations/-", "value": {"url": WEB, "metadata": {}}}
    ]


def test_metadata_and_md5_checksums_are_sent_by_patch_only(
    cloud: responses.RequestsMock, locations: Locations
) -> None:
    cloud.patch(f"{IMAGES}/{ID}", json=image())
    locations.add(ID, NewLocation(WEB, {"zone": "a"}, MD5, "sha512", "ab" * 64))
    hashes = {"os_hash_algo": "sha512", "os_hash_value": "ab" * 64, "checksum": MD5}
    assert body(cloud, "PATCH", ID)[0]["value"] == {
        "url": WEB,
        "metadata": {"zone": "a"},
        "validation_data": hashes,
    }


def test_a_cloud_without_locations_names_the_option_that_forbids_them(
    cloud: responses.RequestsMock, locations: Locations
) -> None:
    words = "It's not allowed to add locations if locations are invisible."
    cloud.post(f"{IMAGES}/{ID}/locations", status=404)
    cloud.patch(f"{IMAGES}/{ID}", status=403, json={"message": words})
    assert refuse(lambda: locations.add(ID, NewLocation(WEB)), Forbidden) == (
        f"image {ID}: this cloud does not let clients set locations (its option show_multiple_locations is off) "
        "(HTTP 403). Use --copy-from URL (image-create, image-update) to have the service copy the data."
    )


def test_a_filtered_url_is_refused_in_the_words_of_the_service_without_credentials(
    cloud: responses.RequestsMock, locations: Locations
) -> None:
    words = f"URI for add location does not pass filtering: {SECRET}"
    cloud.post(f"{IMAGES}/{ID}/locations", status=400, json={"message": words})
    said = refuse(lambda: locations.add(ID, NewLocation(SECRET)), HttpError)
    assert "http://***@example.com/x.img" in said
    assert "key" not in said


@pytest.mark.parametrize(
    "url", ["swift://account:key@example.com/c/o", "rbd://f/p/i/s", "s3+https://k:s@h/b/o"]
)
def test_urls_of_stores_can_be_locations(url: str) -> None:
    check_url(url, "--location")


TWO = [{"url": WEB, "metadata": {"n": 1}}, {"url": SECRET, "metadata": {}}]


def test_the_metadata_of_one_location_is_replaced_and_others_stay(
    cloud: responses.RequestsMock, locations: Locations
) -> None:
    cloud.get(f"{IMAGES}/{ID}", json=image(locations=TWO))
    cloud.patch(f"{IMAGES}/{ID}", json=image())
    locations.update(ID, SECRET, {"n": 2})
    changed = [TWO[0], {"url": SECRET, "metadata": {"n": 2}}]
    assert body(cloud, "PATCH", ID) == [{"op": "replace", "path": "/locations", "value": changed}]


def test_locations_are_removed_from_the_last_to_the_first_so_that_indexes_stay_valid(
    cloud: responses.RequestsMock, locations: Locations
) -> None:
    three = [{"url": f"{WEB}{n}", "metadata": {}} for n in range(3)]
    cloud.get(f"{IMAGES}/{ID}", json=image(locations=three))
    cloud.patch(f"{IMAGES}/{ID}", json=image())
    locations.remove(ID, (f"{WEB}0", f"{WEB}2", f"{WEB}0"))
    assert body(cloud, "PATCH", ID) == [
        {"op": "remove", "path": "/locations/2"},
        {"op": "remove", "path": "/locations/0"},
    ]


def test_the_last_location_stays_and_unknown_ones_are_named_without_credentials(
    cloud: responses.RequestsMock, locations: Locations
) -> None:
    cloud.get(f"{IMAGES}/{ID}", json=image(locations=TWO[:1]))
    assert refuse(lambda: locations.remove(ID, (WEB,))) == (
        f"image {ID} has no other location, and must keep one"
    )
    assert refuse(lambda: locations.remove(ID, (SECRET,))) == (
        f"image {ID} has no location http://***@example.com/x.img"
    )


def test_a_cloud_that_shows_no_locations_says_why(
    cloud: responses.RequestsMock, locations: Locations
) -> None:
    cloud.get(f"{IMAGES}/{ID}", json=image())
    assert refuse(lambda: locations.update(ID, WEB, {})) == (
        f"image {ID}: this cloud shows no locations. "
        "Its option show_multiple_locations is off, or a policy hides them."
    )
