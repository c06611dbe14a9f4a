"""Every flag that the guide and Images v1 had, on a cloud that speaks v2 alone; copies and locations for real."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import Result
from tests.support.sandbox import Run, Sandbox

DATA = bytes(range(256)) * 400
FORMATS = ("--disk-format", "raw", "--container-format", "bare")
V1 = ("--os-image-api-version", "1")
MD5 = hashlib.md5(DATA).hexdigest()
SHA512 = hashlib.sha512(DATA).hexdigest()
V1_ROWS = (
    "checksum container_format created_at deleted disk_format id is_public min_disk min_ram name owner "
    "protected size status updated_at"
).split()


class Source(BaseHTTPRequestHandler):
    """A web server with one file."""

    def do_HEAD(self) -> None:
        if self.path.partition("?")[0] != "/x.img":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(DATA)

    do_GET = do_HEAD  # noqa: N815 - http.server calls them so

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    """The URL of a folder on a web server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Source)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def good(ran: Result) -> Result:
    assert ran.code == 0, ran.err
    return ran


def shown(ran: Result) -> dict[str, str]:
    """The rows of a table of properties."""
    cells = [line.split("|") for line in good(ran).lines if line.startswith("|")]
    return {c[1].strip(): c[2].strip() for c in cells[1:]}


def made(glance: Run, *words: str, **more: Any) -> dict[str, Any]:
    image: dict[str, Any] = good(glance("image-create", *words, "-f", "json", **more)).json
    return image


# Attributes ---------------------------------------------------------------------------------------


def test_the_guides_upload_of_centos_works_as_it_is_written(
    glance: Run, sandbox: Sandbox, tmp_path: Path
) -> None:
    qcow2 = tmp_path / "centos63.qcow2"
    qcow2.write_bytes(
        b"QFI\xfb" + (3).to_bytes(4, "big") + bytes(16) + (2**20).to_bytes(8, "big") + bytes(65504)
    )
    words = "--name centos63-image --disk-format qcow2 --container-format bare --is-public True --file".split()
    rows = shown(glance(*V1, "image-create", *words, f"./{qcow2.name}", cwd=tmp_path))
    assert (rows["name"], rows["is_public"], rows["status"]) == ("centos63-image", "True", "active")
    assert rows["size"] == str(qcow2.stat().st_size)
    assert sandbox.images()[rows["id"]]["visibility"] == "public"


def test_version_1_asked_for_shows_v1s_rows_and_no_other(glance: Run) -> None:
    words = ("--name", "x", *FORMATS, "--is-public", "False", "--is-protected", "false")
    rows = shown(glance(*V1, "image-create", *words, "--property", "os_type=linux"))
    assert list(rows) == ["Property 'os_type'", *V1_ROWS]
    assert (rows["is_public"], rows["deleted"], rows["size"], rows["status"]) == (
        "False",
        "False",
        "0",
        "queued",
    )
    assert not rows["created_at"].endswith("Z")
    again = shown(glance("image-show", "x", env={"OS_IMAGE_API_VERSION": "1"}))
    assert list(again) == list(rows)


def test_is_public_and_visibility_may_be_mixed_with_either_version(glance: Run) -> None:
    assert "is_public" in shown(glance(*V1, "image-create", "a", "--visibility", "private"))
    assert shown(glance("image-create", "b", "--is-public", "False"))["visibility"] == "shared"
    ran = glance("-v", "image-update", "b", "--is-public", "True")
    assert shown(ran)["visibility"] == "public"
    assert ran.err == "glance: --is-public: visibility public or shared\n"
    assert glance("image-update", "b", "--is-public", "True", "--visibility", "private").code == 2


def test_an_ordinary_users_is_public_is_refused_with_the_reason(
    glance: Run, sandbox: Sandbox
) -> None:
    ran = glance("image-create", "mine", "--is-public", "True", cloud="sandbox-demo")
    assert ran.code == 1
    assert "making an image public" in ran.err
    assert not [i for i in sandbox.images().values() if i["name"] == "mine"]


def test_a_protected_image_stays_until_it_is_unprotected(glance: Run) -> None:
    image = made(glance, "x", "--is-protected", "True")
    ran = glance("image-delete", "x")
    assert ran.code == 1
    assert "protected" in ran.err
    good(glance("image-update", "x", "--is-protected", "False"))
    good(glance("image-delete", image["id"]))


def test_size_and_checksum_are_compared_with_the_data(
    glance: Run, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "x.raw").write_bytes(DATA)
    words = ("x", *FORMATS, "--file", str(tmp_path / "x.raw"))
    assert made(glance, *words, "--size", str(len(DATA)), "--checksum", MD5)["status"] == "active"
    before = set(sandbox.images())
    for wrong in (("--size", "5"), ("--checksum", "0" * 32)):
        assert glance("image-create", *words, *wrong).code != 0
    assert glance("image-create", "y", "--size", "5").code == 2
    assert set(sandbox.images()) == before


def test_purging_removes_every_other_property_in_one_request(glance: Run, sandbox: Sandbox) -> None:
    image = made(glance, "x", "--property", "a=1", "--property", "b=2", "--tag", "kept")
    ran = good(glance("--debug", "image-update", image["id"], "--purge-props", "--property", "c=3"))
    assert ran.err.count("> PATCH ") == 1
    now = sandbox.images()[image["id"]]
    assert (now.get("a"), now.get("b"), now["c"], now["tags"]) == (None, None, "3", ["kept"])
    good(glance("image-update", image["id"], "--remove-property", "c"))
    assert "c" not in sandbox.images()[image["id"]]


# Lists --------------------------------------------------------------------------------------------


def test_old_filters_find_the_same_on_v2(glance: Run) -> None:
    first = made(glance, "first", *FORMATS, "--is-public", "True")
    second = made(glance, "second", *FORMATS, cloud="sandbox-demo")

    def names(*words: str) -> set[str]:
        found = good(glance("image-list", *words, "-f", "value", "-c", "Name")).out.split()
        return {*found} & {"first", "second"}

    assert names("--is-public", "True") == {"first"}
    assert names("--is-public", "False", "--all-tenants") == {"second"}
    assert names("--all-tenants") == {"first", "second"}
    assert names("--all-tenants", "--owner", second["owner"]) == {"second"}
    assert names("--changes-since", first["created_at"]) >= {"first"}
    assert names("--changes-since", "2999-01-01T00:00:00Z") == set()
    assert names("--name", "first", "--status", "QUEUED", "--disk-format", "raw") == {"first"}
    note = glance("image-list", "--changes-since", "2020-01-01T00:00:00Z").err
    assert note == (
        "glance: --changes-since: new and changed images only, as Images v2 lists no deleted ones\n"
    )


# Copies and locations -----------------------------------------------------------------------------


@pytest.mark.parametrize("user", ["sandbox", "sandbox-demo"])
def test_copy_from_copies_and_wait_follows_it(glance: Run, web: str, user: str) -> None:
    words = ("--copy-from", f"{web}/x.img", *FORMATS)
    begun = shown(glance(*V1, "image-create", "now", *words, cloud=user))
    assert begun["status"] in ("queued", "importing", "active")
    done = made(glance, "later", *words, "--wait", cloud=user)
    assert (done["status"], done["checksum"], done["size"]) == ("active", MD5, len(DATA))


def test_the_checksum_and_size_of_a_copy_are_verified_and_a_wrong_one_leaves_nothing(
    glance: Run, sandbox: Sandbox, web: str
) -> None:
    words = ("--copy-from", f"{web}/x.img", *FORMATS, "--store", "slow")
    right = made(glance, "right", *words, "--checksum", SHA512, "--size", str(len(DATA)))
    assert (right["status"], right["stores"]) == ("active", "slow")
    ran = glance("image-create", "wrong", *words, "--checksum", "0" * 32)
    assert ran.code == 1
    assert f"not the expected {'0' * 32}; image " in ran.err
    assert " was deleted" in ran.err
    assert "wrong" not in [i["name"] for i in sandbox.images().values()]


def test_a_copy_that_fails_says_so_when_it_is_waited_for(glance: Run, web: str) -> None:
    ran = glance("image-create", "x", "--copy-from", f"{web}/missing", *FORMATS, "--wait")
    assert (ran.code, ran.out) == (1, "")
    assert "the service could not get the data" in ran.err


def test_a_protected_image_whose_copy_is_refused_is_deleted_and_the_hint_says_what_to_do(
    glance: Run, sandbox: Sandbox, web: str
) -> None:
    before = set(sandbox.images())
    words = ("--copy-from", f"{web}/x.img", *FORMATS, "--protected", "True", "--store", "nosuch")
    ran = glance("image-create", "x", *words)
    assert (ran.code, " was deleted" in ran.err) == (1, True)
    assert ran.err.endswith("stores-info` lists the stores of this cloud.\n")
    assert set(sandbox.images()) == before


def test_an_update_whose_location_is_refused_says_what_has_been_changed(
    glance: Run, sandbox: Sandbox
) -> None:
    image = made(glance, "x", *FORMATS)
    where = ("--location", "swift://account:key@h/c/o")
    ran = glance("image-update", image["id"], *where, "--property", "zz=1")
    assert ran.code == 1
    assert "; the other changes have been made" in ran.err
    assert (sandbox.images()[image["id"]]["zz"], "key" in ran.err) == ("1", False)


@pytest.mark.parametrize("where", ["http://10.1.2.3/x", "http://user:key@10.1.2.3/x"])
def test_a_url_that_the_cloud_forbids_leaves_nothing_and_shows_no_credentials(
    glance: Run, sandbox: Sandbox, where: str
) -> None:
    before = set(sandbox.images())
    ran = glance("image-create", "x", "--copy-from", where, *FORMATS)
    assert ran.code == 1
    assert "does not pass filtering" in ran.err
    assert "key" not in ran.err
    assert set(sandbox.images()) == before


def test_a_queued_image_can_be_copied_into(glance: Run, web: str) -> None:
    image = made(glance, "x", *FORMATS)
    ran = good(
        glance("image-update", image["id"], "--copy-from", f"{web}/x.img", "--wait", "-f", "json")
    )
    assert (ran.json["status"], ran.json["checksum"]) == ("active", MD5)
    ran = glance("image-update", image["id"], "--copy-from", f"{web}/x.img")
    assert ran.code == 1
    assert "its data cannot be replaced" in ran.err


@pytest.mark.parametrize("user", ["sandbox", "sandbox-demo"])
def test_a_location_is_active_at_once_and_its_data_can_be_read(
    glance: Run, web: str, user: str
) -> None:
    image = made(glance, "x", "--location", f"{web}/x.img", *FORMATS, cloud=user)
    assert image["status"] == "active"
    assert [loc["url"] for loc in image["locations"]] == [f"{web}/x.img"]
    assert good(glance("image-download", image["id"], cloud=user)).raw == DATA


def test_a_locations_checksum_is_verified_by_the_service(
    glance: Run, sandbox: Sandbox, web: str
) -> None:
    words = ("--location", f"{web}/x.img", *FORMATS)
    right = made(glance, "right", *words, "--checksum", SHA512, "--size", str(len(DATA)))
    assert (right["status"], right["os_hash_value"]) == ("active", SHA512)
    assert glance("image-create", "wrong", *words, "--checksum", "0" * 128).code == 1
    assert glance("image-create", "wrong", *words, "--size", "5").code == 1
    assert glance("image-create", "wrong", "--location", f"{web}/missing", *FORMATS).code == 1
    assert (
        glance("image-create", "wrong", "--location", "swift://account:key@h/c/o", *FORMATS).code
        == 1
    )
    assert glance("image-create", "wrong", "--location", "file:///etc/passwd", *FORMATS).code == 2
    assert "wrong" not in [i["name"] for i in sandbox.images().values()]


def test_locations_are_added_changed_shown_and_removed(
    glance: Run, sandbox: Sandbox, web: str
) -> None:
    image = made(glance, "x", *FORMATS)
    first, second = f"{web}/x.img", f"{web}/x.img?copy=2"
    added = good(glance("location-add", image["id"], "--url", first, "-f", "json")).json
    assert (added["status"], len(added["locations"])) == ("active", 1)
    metadata = '{"mountpoint": "/var/lib/glance/images/"}'
    good(glance("location-add", "x", "--url", second, "--metadata", metadata))
    table = good(glance("image-show", "x")).out
    assert "mountpoint" in table
    assert len(sandbox.images()[image["id"]]["locations"]) == 2
    good(glance("location-update", "x", "--url", second, "--metadata", '{"mountpoint": "/srv"}'))
    found = {loc["url"]: loc["metadata"] for loc in sandbox.images()[image["id"]]["locations"]}
    assert found[second]["mountpoint"] == "/srv"
    removed = glance("location-delete", "x", "--url", second)
    assert (removed.code, removed.out) == (0, ""), removed.err
    assert [loc["url"] for loc in sandbox.images()[image["id"]]["locations"]] == [first]
    last = glance("location-delete", "x", "--url", first)
    assert last.code == 1
    assert "has no other location, and must keep one" in last.err


# Members ------------------------------------------------------------------------------------------


def test_a_member_is_added_accepts_is_listed_and_is_removed(glance: Run, sandbox: Sandbox) -> None:
    image = made(glance, "shared one", *FORMATS, "--is-public", "False")
    project = made(glance, "theirs", *FORMATS, cloud="sandbox-demo")["owner"]
    row = f"{image['id']} {project}"
    created = good(glance("member-create", "shared one", project, "-f", "value"))
    assert created.out == f"{row} pending\n"
    seen = glance("image-list", "-f", "value", "-c", "ID", cloud="sandbox-demo").out.split()
    assert image["id"] not in seen
    answer = glance(
        "member-update", image["id"], project, "accepted", "-f", "value", cloud="sandbox-demo"
    )
    assert good(answer).out == f"{row} accepted\n"
    seen = glance("image-list", "-f", "value", "-c", "ID", cloud="sandbox-demo").out.split()
    assert image["id"] in seen
    for words in (("--image-id", "shared one"), ("--tenant-id", project)):
        assert f"{row} accepted" in good(glance("member-list", *words, "-f", "value")).lines
    old = shown(glance(*V1, "member-list", "--image-id", image["id"]))
    assert old == {image["id"]: project}
    assert (
        good(glance("member-get", image["id"], project, "-f", "json")).json["status"] == "accepted"
    )
    assert good(glance("member-delete", "shared one", project)).out == ""
    assert glance("member-delete", "shared one", project).code == 1
    assert sandbox.ask("GET", f"/v2/images/{image['id']}/members")[1]["members"] == []


def test_under_version_1_sharing_says_nothing_and_can_share_is_a_warning(glance: Run) -> None:
    image = made(glance, "x", *FORMATS)
    ran = glance(*V1, "member-create", "x", "demo")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    ran = glance(*V1, "member-create", image["id"], "f1" * 16, "--can-share")
    assert (ran.code, ran.out) == (0, "")
    assert "--can-share" in ran.err


def test_an_image_of_another_kind_says_how_it_can_be_shared(glance: Run) -> None:
    made(glance, "x", "--visibility", "private")
    ran = glance("member-create", "x", "demo")
    assert ran.code == 1
    assert "member-create x demo --make-shared` sets its visibility to shared first." in ran.err
    image = made(glance, "y", "--visibility", "public")
    ran = glance("member-create", "y", "demo", "--make-shared")
    assert ran.code == 1
    assert f"image-update {image['id']} --visibility shared` lets it be shared." in ran.err
