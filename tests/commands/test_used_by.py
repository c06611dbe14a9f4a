"""image-used-by, and what image-delete says about images in use: what is asked, printed and unknown."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.programs import Glance, Result
from tests.support.usedcloud import THEIRS, UsedCloud, server, uuid, volume

PLAIN = ("-f", "value", "-c", "Image,Kind,Name")
OTHERS = "there may be users that you cannot see: "
ONLY_OURS = "other projects may have access, and only this project's servers, volumes and images can be seen"


def test_servers_volumes_and_images_are_listed_with_their_projects(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    base = used.image(1, "base", visibility="public")
    used.image(2, "snap", base_image_ref=base, instance_uuid=uuid(90))
    used.servers = [server(10, base), server(11, base, project=THEIRS, status="SHUTOFF")]
    used.volumes = [volume(20, base, project=THEIRS), volume(21, uuid(5))]
    done = glance("image-used-by", "base")
    assert (done.code, done.err) == (0, "")
    rule = "+-------+----------+--------------------------------------+----------+---------+---------+\n"
    assert done.out == (
        f"{rule}"
        "| Image | Kind     | ID                                   | Name     | Status  | Project |\n"
        f"{rule}"
        f"| base  | server   | {uuid(10)} | server10 | ACTIVE  | p1      |\n"
        f"| base  | server   | {uuid(11)} | server11 | SHUTOFF | p2      |\n"
        f"| base  | volume   | {uuid(20)} | volume20 | in-use  | p2      |\n"
        f"| base  | snapshot | {uuid(2)} | snap     | active  | p1      |\n"
        f"{rule}"
    )


def test_each_list_is_read_once_however_many_images_are_asked_about(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    names = [f"image{number}" for number in range(30)]
    ids = [used.image(number, name) for number, name in enumerate(names)]
    done = glance("image-used-by", *names, *ids)
    assert done.code == 0
    assert used.requests == [
        "/v2.1/servers/detail",
        "/v3/p1/volumes/detail",
        "/v2/images",
        "/v2/images",
    ]


def test_every_page_of_every_list_is_read(glance: Glance, used: UsedCloud) -> None:
    used.is_admin = True
    used.page = 2
    base = used.image(1, "base")
    for number in (2, 3, 4):
        used.image(number, f"snap{number}", base_image_ref=base, instance_uuid=uuid(10))
    used.servers = [server(number, base) for number in range(10, 15)]
    used.volumes = [volume(number, base) for number in range(20, 25)]
    done = glance("image-used-by", "base", "-f", "value", "-c", "ID")
    expected = [*range(10, 15), *range(20, 25), 2, 3, 4]
    assert (done.code, done.lines) == (0, [uuid(number) for number in expected])


def test_hidden_images_are_asked_for_and_found(glance: Glance, used: UsedCloud) -> None:
    used.is_admin = True
    base = used.image(1, "base", os_hidden=True)
    used.image(2, "snap", base_image_ref=base, os_hidden=True)
    done = glance("image-used-by", "base", *PLAIN)
    assert (done.code, done.out, done.err) == (0, "base snapshot snap\n", "")


def test_an_image_that_nothing_uses_has_an_empty_list_and_a_note(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    used.image(1, "base", visibility="public")
    done = glance("image-used-by", "base", *PLAIN)
    assert (done.code, done.out, done.err) == (0, "", "glance: nothing uses image base\n")


def test_kernels_and_ramdisks_are_used_by_images_and_by_servers(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    kernel, ramdisk = used.image(1, "kernel"), used.image(2, "ramdisk")
    used.image(3, "disk", kernel_id=kernel, ramdisk_id=ramdisk)
    used.servers = [server(10, uuid(99), **{"OS-EXT-SRV-ATTR:kernel_id": kernel})]
    done = glance("image-used-by", "kernel", "ramdisk", *PLAIN)
    assert done.lines == [
        "kernel server server10",
        "kernel kernel-of disk",
        "ramdisk ramdisk-of disk",
    ]


@pytest.mark.parametrize(
    ("status", "task"),
    [
        ("SHELVED", None),
        ("SHELVED_OFFLOADED", None),
        ("ACTIVE", "shelving_image_uploading"),
        ("SHELVED_OFFLOADED", "unshelving"),
    ],
)
def test_the_disk_of_a_shelved_server_is_in_use_by_it(
    glance: Glance, used: UsedCloud, status: str, task: str | None
) -> None:
    used.is_admin = True
    base = used.image(1, "base")
    used.image(2, "old-name-shelved", base_image_ref=base, instance_uuid=uuid(10))
    used.servers = [server(10, base, status=status, **{"OS-EXT-STS:task_state": task})]
    done = glance("image-used-by", "old-name-shelved", *PLAIN)
    assert (done.code, done.out, done.err) == (0, "old-name-shelved shelved-server server10\n", "")


def test_an_image_with_such_a_name_is_free_once_its_server_is_unshelved_or_deleted(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    used.image(2, "a-shelved", instance_uuid=uuid(10))
    used.image(3, "b-shelved", instance_uuid=uuid(11))
    used.servers = [server(10, uuid(99))]
    done = glance("-q", "image-used-by", "a-shelved", "b-shelved")
    assert (done.code, len(done.lines), done.err) == (0, 4, "")


def test_a_snapshot_of_a_snapshot_uses_both_where_its_server_is_seen(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    base = used.image(1, "base")
    first = used.image(2, "first", base_image_ref=base, instance_uuid=uuid(10))
    used.image(3, "second", base_image_ref=base, instance_uuid=uuid(11))
    used.servers = [server(10, base), server(11, first)]
    done = glance("image-used-by", "base", "first", "second", *PLAIN)
    assert done.lines == [
        "base server server10",
        "base snapshot first",
        "base snapshot second",
        "first server server11",
        "first snapshot second",
    ]
    assert done.err == "glance: nothing uses image second\n"


def test_the_snapshot_between_is_unknown_once_the_server_of_the_later_one_is_deleted(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    base = used.image(1, "base")
    used.image(2, "first", base_image_ref=base, instance_uuid=uuid(10))
    used.image(3, "second", base_image_ref=base, instance_uuid=uuid(11))
    done = glance("image-used-by", "first", "second", "-f", "value", "-c", "Image,Kind,ID")
    assert (done.code, done.out) == (0, "first unknown None\n")
    assert done.err == (
        "glance: nothing uses image second\n"
        f"glance: warning: first: {OTHERS}a later snapshot may have been made from it: such a "
        "snapshot names only the first image of its chain, and its server cannot be seen or is "
        "deleted\n"
    )


def test_a_member_knows_his_own_private_images_and_no_others(
    glance: Glance, used: UsedCloud
) -> None:
    private = used.image(1, "private")
    used.image(2, "public", visibility="public")
    used.image(3, "shared", visibility="shared")
    used.image(4, "theirs", visibility="public", owner=THEIRS)
    used.servers = [server(10, uuid(2)), server(11, private, project=THEIRS)]
    done = glance("image-used-by", "private", "public", "shared", "theirs", *PLAIN)
    assert (done.code, done.lines) == (
        0,
        [
            "public server server10",
            "public unknown None",
            "shared unknown None",
            "theirs unknown None",
        ],
    )
    assert done.err == (
        "glance: nothing uses image private\n"
        f"glance: warning: public, shared, theirs: {OTHERS}{ONLY_OURS}\n"
    )


def test_verbose_says_how_much_of_each_list_was_seen(glance: Glance, used: UsedCloud) -> None:
    used.is_auditor = True
    used.without("volumev3")
    used.image(1, "base")
    done = glance("-v", "image-used-by", "base", *PLAIN)
    assert done.err.splitlines() == [
        "glance: servers were asked for their images: every project's",
        "glance: images were asked for their images: only this project's",
        "glance: nothing uses image base",
    ]


def test_json_has_the_reason_of_what_is_unknown(glance: Glance, used: UsedCloud) -> None:
    used.image(1, "public", visibility="public")
    done = glance("image-used-by", "public", "-f", "json")
    assert done.json == [
        {
            "image": "public",
            "kind": "unknown",
            "id": None,
            "name": None,
            "status": None,
            "project": None,
            "reason": ONLY_OURS,
        }
    ]


def test_without_nova_in_the_catalog_all_is_unknown(glance: Glance, used: UsedCloud) -> None:
    used.is_admin = True
    used.without("compute")
    used.image(1, "base")
    done = glance("image-used-by", "base", *PLAIN)
    assert (done.code, done.out) == (0, "base unknown None\n")
    assert done.err == (
        f"glance: warning: base: {OTHERS}servers cannot be seen: The catalog has no compute service; "
        "it has identity, image, volumev3\n"
    )


def test_without_cinder_in_the_catalog_the_answer_is_complete(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    used.without("volumev3")
    used.image(1, "base", visibility="public")
    done = glance("image-used-by", "base", *PLAIN)
    assert (done.code, done.out, done.err) == (0, "", "glance: nothing uses image base\n")


def test_a_server_that_boots_from_a_volume_shows_that_there_is_a_cinder_outside_the_catalog(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    used.without("volumev3")
    used.image(1, "base")
    used.servers = [server(10, "")]
    done = glance("image-used-by", "base", *PLAIN)
    assert (done.code, done.out) == (0, "base unknown None\n")
    assert "servers boot from volumes, and the catalog has no service for them" in done.err


def test_an_endpoint_of_cinder_need_not_name_the_project(glance: Glance, used: UsedCloud) -> None:
    used.is_admin = True
    used.move("volumev3", "one", "public", "https://volume.one.test/v3")
    used.volumes = [volume(20, used.image(1, "base"))]
    done = glance("image-used-by", "base", *PLAIN)
    assert (done.code, done.out, done.err) == (0, "base volume volume20\n", "")
    assert "/v3/volumes/detail" in used.requests


def test_cinder_of_another_region_is_none_and_one_out_of_reach_is_unknown(
    glance: Glance, used: UsedCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    used.is_admin = True
    used.image(1, "base")
    monkeypatch.setenv("OS_REGION_NAME", "one")
    used.move("volumev3", "two", "public", "https://volume.two.test/v3/p1")
    done = glance("image-used-by", "base", *PLAIN)
    assert (done.code, done.out, done.err) == (0, "", "glance: nothing uses image base\n")
    for region, interface in (("one", "admin"), ("", "public")):
        used.move("volumev3", region, interface, "https://volume.one.test/v3/p1")
        done = glance("image-used-by", "base", *PLAIN)
        assert (done.code, done.out) == (0, "base unknown None\n")
        assert "volumes cannot be seen: The block-storage service has no public" in done.err


def test_a_volume_of_another_project_shows_that_they_are_all_where_no_role_does(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_auditor = True
    used.image(1, "base", visibility="public")
    done = glance("image-used-by", "base", *PLAIN)
    only_ours = "only this project's volumes and images can be seen"
    assert (done.out, only_ours in done.err) == ("base unknown None\n", True)
    used.hides_volumes = False
    used.volumes = [volume(20, uuid(99), project=THEIRS)]
    done = glance("image-used-by", "base", *PLAIN)
    assert "only this project's images can be seen" in done.err


def test_a_renamed_disk_of_a_shelved_server_is_in_use_as_no_other_has_its_name(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    used.image(2, "web-golden", instance_uuid=uuid(10))
    used.image(3, "db-shelved", instance_uuid=uuid(11))
    used.image(4, "db-backup", instance_uuid=uuid(11))
    used.image(5, "volume-backup", instance_uuid=uuid(12))
    used.servers = [
        server(10, uuid(99), status="SHELVED_OFFLOADED"),
        server(11, uuid(99), status="SHELVED_OFFLOADED"),
        server(12, "", status="SHELVED_OFFLOADED"),
    ]
    words = ("web-golden", "db-shelved", "db-backup", "volume-backup")
    done = glance("-q", "image-used-by", *words, *PLAIN)
    assert done.lines == [
        "web-golden shelved-server server10",
        "db-shelved shelved-server server11",
    ]


def test_ids_are_compared_without_regard_to_case(glance: Glance, used: UsedCloud) -> None:
    used.is_admin = True
    base = used.image(1, "base", id=f"AB{uuid(1)[2:]}")
    used.images[f"AB{base[2:]}"] = used.images.pop(base)
    used.servers = [server(10, f"ab{base[2:]}")]
    done = glance("image-used-by", "base", *PLAIN)
    assert (done.code, done.out) == (0, "base server server10\n")


@pytest.mark.parametrize("status", ["creating", "downloading"])
def test_a_volume_that_is_being_made_names_no_image_yet_and_all_is_unknown(
    glance: Glance, used: UsedCloud, status: str
) -> None:
    used.is_admin = True
    used.image(1, "base")
    used.volumes = [volume(20, "", status=status, volume_image_metadata=None)]
    done = glance("image-used-by", "base", *PLAIN)
    assert (done.code, done.out) == (0, "base unknown None\n")
    assert f"the image of volume {uuid(20)} ({status}) cannot be seen" in done.err
    used.volumes[0]["status"] = "available"
    assert glance("image-used-by", "base", *PLAIN).out == ""


@pytest.mark.parametrize("odd", [None, {}, {"id": None}, [], "text", 5])
def test_a_server_with_an_odd_image_makes_all_unknown(
    glance: Glance, used: UsedCloud, odd: object
) -> None:
    used.is_admin = True
    used.image(1, "base")
    used.servers = [{**server(10, ""), "image": odd}]
    assert glance("image-used-by", "base", *PLAIN).out == "base unknown None\n"


@pytest.mark.parametrize("service", ["servers", "volumes", "images"])
def test_null_is_not_a_list_without_users(glance: Glance, used: UsedCloud, service: str) -> None:
    used.is_admin = True
    used.image(1, "base")
    used.null = service
    done = glance("image-list", "--unused")
    assert (done.code, done.out) == (1, "")
    assert f"not a list of {service}" in done.err


def test_names_of_servers_never_reach_a_terminal_as_commands(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    base = used.image(1, "base")
    used.servers = [server(10, base, name="\x1b[2Jweb\nx")]
    used.refused = {base: 409}
    shown = glance("image-used-by", "base")
    deleted = glance("image-delete", "base")
    for text in (shown.out, deleted.err):
        assert "\\x1b[2Jweb\\nx" in text
        assert "\x1b" not in text


def test_a_server_in_a_cell_that_is_down_makes_all_unknown(glance: Glance, used: UsedCloud) -> None:
    used.is_admin = True
    used.image(1, "base")
    used.servers = [{"id": uuid(10), "status": "UNKNOWN", "tenant_id": "p1", "links": []}]
    done = glance("image-used-by", "base", *PLAIN)
    assert (done.code, done.out) == (0, "base unknown None\n")
    assert f"the image of server {uuid(10)} (UNKNOWN) cannot be seen" in done.err
    used.servers += [{**used.servers[0], "id": uuid(number)} for number in range(11, 2000)]
    done = glance("image-used-by", "base")
    assert f"{uuid(10)} (UNKNOWN) and 1989 more cannot be seen" in done.err


@pytest.mark.parametrize("service", ["servers", "volumes", "images"])
def test_a_list_that_breaks_off_is_an_error_and_no_answer(
    glance: Glance, used: UsedCloud, service: str
) -> None:
    used.is_admin = True
    used.page = 2
    used.broken = service
    base = used.image(1, "base")
    for number in (2, 3, 4):
        used.image(number, f"other{number}")
    used.servers = [server(number, base) for number in range(10, 15)]
    used.volumes = [volume(number, base) for number in range(20, 25)]
    done = glance("image-used-by", "base")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("glance: error: ")
    assert "HTTP 500" in done.err


def test_a_list_that_breaks_off_is_read_once_for_all_images(
    glance: Glance, used: UsedCloud
) -> None:
    used.page, used.broken = 1, "servers"
    used.servers = [server(10, uuid(1)), server(11, uuid(1))]
    done = glance("image-used-by", *(used.image(number, "many") for number in range(1, 6)))
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert used.requests == ["/v2.1/servers/detail", "/v2.1/servers/detail"]


def test_before_rocky_images_have_nothing_to_hide_by(glance: Glance, used: UsedCloud) -> None:
    used.is_admin = True
    base = used.image(1, "base")
    used.image(2, "snap", base_image_ref=base)
    used.is_before_rocky = True
    done = glance("image-used-by", "base", *PLAIN)
    assert (done.code, done.out, done.err) == (0, "base snapshot snap\n", "")


def test_an_image_that_does_not_exist_is_named_and_the_others_are_answered(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    base = used.image(1, "base")
    used.servers = [server(10, base)]
    done = glance("image-used-by", "nothing", "base", *PLAIN)
    assert (done.code, done.out) == (1, "base server server10\n")
    assert done.err == (
        "glance: error: No image with a name or ID of 'nothing' exists. It may be another "
        "project's, or deleted.\n"
    )


def test_a_name_of_two_images_lists_the_candidates(glance: Glance, used: UsedCloud) -> None:
    used.image(1, "twin")
    used.image(2, "twin")
    done = glance("image-used-by", "twin")
    assert (done.code, done.out) == (1, "")
    assert "Multiple images are named 'twin', use an ID to be more specific:" in done.err


# image-delete -------------------------------------------------------------------------------------


def test_a_conflict_names_the_users_that_can_be_seen(glance: Glance, used: UsedCloud) -> None:
    base = used.image(1, "base", visibility="public")
    used.refused = {base: 409}
    used.servers = [server(10, base), server(11, base, project=THEIRS)]
    used.volumes = [volume(number, base) for number in (20, 21, 22)]
    done = glance("image-delete", "base")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"glance: error: image {base}: Image {base} could not be deleted because it is in use: the "
        f"store says so; it is used by server server10 ({uuid(10)}), volume volume20 ({uuid(20)}), "
        f"volume volume21 ({uuid(21)}) and 1 more (HTTP 409). `glance image-used-by {base}` lists "
        "what uses it.\n"
    )


def test_a_conflict_is_reported_alone_where_users_cannot_be_asked_for(
    glance: Glance, used: UsedCloud
) -> None:
    base = used.image(1, "base")
    used.refused = {base: 409}
    used.broken, used.page = "servers", 1
    used.servers = [server(10, base), server(11, base)]
    done = glance("image-delete", base)
    assert done.code == 1
    assert done.err == (
        f"glance: error: image {base}: Image {base} could not be deleted because it is in use: the "
        "store says so (HTTP 409)\n"
    )


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_deleting_the_disk_of_a_shelved_server_warns(
    glance: Glance, used: UsedCloud, words: tuple[str, ...]
) -> None:
    shelved = used.image(1, "web-shelved", instance_uuid=uuid(10))
    used.servers = [server(10, uuid(99), status="SHELVED_OFFLOADED")]
    done = glance("image-delete", "web-shelved", *words)
    assert done.code == 0
    assert done.err == (
        f"glance: warning: image web-shelved ({shelved}) is the disk of shelved server server10 "
        f"({uuid(10)}): without the image the server cannot be unshelved\n"
    )
    assert bool(used.images) is bool(words)


@pytest.mark.parametrize("servers", [[], [server(10, uuid(99))]])
def test_no_warning_where_the_server_is_deleted_or_runs(
    glance: Glance, used: UsedCloud, servers: list[dict[str, object]]
) -> None:
    used.image(1, "web-shelved", instance_uuid=uuid(10))
    used.servers = servers
    done = glance("image-delete", "web-shelved")
    assert (done.code, done.err, used.images) == (0, "", {})


def test_a_shelved_server_that_cannot_be_asked_for_is_a_warning_too(
    glance: Glance, used: UsedCloud
) -> None:
    used.without("compute")
    used.image(1, "web-shelved", instance_uuid=uuid(10))
    done = glance("image-delete", "web-shelved")
    assert (done.code, used.images) == (0, {})
    assert "may be the disk of shelved server" in done.err
    assert done.err.count("\n") == 1


def test_nova_warns_and_names_users_as_well(
    program: Callable[..., Result], used: UsedCloud
) -> None:
    base = used.image(1, "base")
    shelved = used.image(2, "web-shelved", instance_uuid=uuid(10))
    used.refused = {base: 409}
    used.servers = [server(10, base, status="SHELVED")]
    done = program("nova", "image-delete", "web-shelved", base)
    assert (done.code, done.out, list(used.images)) == (1, "", [base])
    warning, error = done.err.splitlines()
    assert warning.startswith(f"nova: warning: image web-shelved ({shelved}) is the disk of")
    assert f"it is used by server server10 ({uuid(10)}) (HTTP 409)." in error
