"""image-list, image-show, image-delete, image-meta: what is asked, what is printed."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses
from responses import RequestsMock, matchers

from tests.support.cloud import IMAGE_URL
from tests.support.images import LIST, A, B, asked, image, query
from tests.support.programs import Glance


def test_the_list_has_the_guides_six_columns_and_costs_one_request(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(LIST, json={"images": [image(), image(B, "Grüße 日本", size=None, status="queued")]})
    result = glance("image-list")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "+--------------------------------------+------------+-------------+------------------+----------+--------+\n"
        "| ID                                   | Name       | Disk Format | Container Format | Size     | Status |\n"
        "+--------------------------------------+------------+-------------+------------------+----------+--------+\n"
        f"| {A} | cirros     | qcow2       | bare             | 25165824 | active |\n"
        f"| {B} | Grüße 日本 | qcow2       | bare             |          | queued |\n"
        "+--------------------------------------+------------+-------------+------------------+----------+--------+\n"
    )
    assert asked(cloud) == [("GET", "/v2/images")]
    assert query(cloud) == [("limit", "1000"), ("sort", "name:asc")]


def test_long_shows_every_zero_except_a_size_of_zero(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(
        LIST,
        json={"images": [image(size=0, min_disk=0, min_ram=0, checksum=None, updated_at=None)]},
    )
    cells = [cell.strip() for cell in glance("image-list", "--long").lines[3].split("|")[1:-1]]
    owner, created = "66265572db174a7aa66eba661f58eb9e", "2026-11-23T10:00:00Z"
    assert cells[:6] == [A, "cirros", "qcow2", "bare", "", "active"]
    assert cells[6:] == ["shared", "False", owner, "", "0", "0", created, "", "[]"]


def test_an_empty_list_is_header_and_rules(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": []})
    assert glance("image-list").out == (
        "+----+------+-------------+------------------+------+--------+\n"
        "| ID | Name | Disk Format | Container Format | Size | Status |\n"
        "+----+------+-------------+------------------+------+--------+\n"
        "+----+------+-------------+------------------+------+--------+\n"
    )


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (["--name", "a b"], [("name", "a b")]),
        (["--name", "debian:12"], [("name", "eq:debian:12")]),
        (["--status", "ACTIVE"], [("status", "active")]),
        (["--visibility", "public"], [("visibility", "public")]),
        (["--owner", "p"], [("owner", "p")]),
        (["--member-status", "Pending"], [("member_status", "pending"), ("visibility", "shared")]),
        (
            ["--member-status", "all", "--visibility", "all"],
            [("member_status", "all"), ("visibility", "all")],
        ),
        (
            ["--changes-since", "2026-01-31 10:00:00.5+02"],
            [("updated_at", "gte:2026-01-31 10:00:00.5+02")],
        ),
        (["--tag", "a", "--tag", "b"], [("tag", "a"), ("tag", "b")]),
        (["--checksum", "c"], [("checksum", "c")]),
        (["--hash", "h"], [("os_hash_value", "h")]),
        (["--hidden"], [("os_hidden", "true")]),
        (["--hidden", "False"], [("os_hidden", "false")]),
        (
            ["--container-format", "bare", "--disk-format", "raw"],
            [("container_format", "bare"), ("disk_format", "raw")],
        ),
        (["--size-min", "1", "--size-max", "0"], [("size_min", "1"), ("size_max", "0")]),
        (["--is-public", "True"], [("visibility", "public")]),
        (["--all-tenants"], [("visibility", "all")]),
        (["--property-filter", "a=b=c", "--property-filter", "d=e"], [("a", "b=c"), ("d", "e")]),
        (["--marker", A], [("marker", A)]),
    ],
)
def test_the_server_filters(
    glance: Glance, cloud: RequestsMock, words: list[str], sent: list[tuple[str, str]]
) -> None:
    cloud.get(LIST, json={"images": []})
    assert glance("-q", "image-list", *words).code == 0
    assert sorted(query(cloud)) == sorted([("limit", "1000"), ("sort", "name:asc"), *sent])


def test_needless_options_of_old_scripts_are_accepted(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": []})
    result = glance("--get-schema", "--os-cache", "--force", "image-list", "--limit", "1")
    assert (result.code, result.err) == (0, "")


def test_the_list_begins_after_an_image_given_by_name(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": [image(B, "debian")]})
    assert glance("image-list", "--marker", "debian").code == 0
    assert query(cloud) == [("name", "debian"), ("limit", "1000")]
    assert sorted(query(cloud, 1)) == [("limit", "1000"), ("marker", B), ("sort", "name:asc")]


@pytest.mark.parametrize(
    ("words", "sort"),
    [
        (["--sort", "size:desc,name"], "size:desc,name:asc"),
        (["--sort-key", "size", "--sort-dir", "desc"], "size:desc"),
        (["--sort-key", "size", "--sort-key", "name", "--sort-dir", "desc"], "size:desc,name:desc"),
        (
            ["--sort-key", "size", "--sort-key", "name", "--sort-dir", "desc", "--sort-dir", "asc"],
            "size:desc,name:asc",
        ),
        (["--sort-dir", "desc"], "name:desc"),
    ],
)
def test_the_server_sorts(glance: Glance, cloud: RequestsMock, words: list[str], sort: str) -> None:
    cloud.get(LIST, json={"images": []})
    assert glance("image-list", *words).code == 0
    assert dict(query(cloud))["sort"] == sort


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sort", "name:up"], "--sort name:up: the order is asc or desc, not 'up'"),
        (["--sort-dir", "up"], "--sort-dir up: the order is asc or desc, not 'up'"),
        (["--sort", "name,"], "--sort 'name,' has an empty key"),
        (
            ["--sort", "name", "--sort-key", "size"],
            "--sort cannot be used with --sort-key or --sort-dir",
        ),
        (["--limit", "-1"], "'-1' is not a whole number of 0 or more"),
        (
            ["--member-status", "bogus"],
            "'bogus' is not one of 'accepted', 'pending', 'rejected', 'all'",
        ),
        (["--changes-since", "yesterday"], "'yesterday' is not a time such as 2026-01-31 or"),
        (["--changes-since", "2026-13-31"], "'2026-13-31' is not a time such as 2026-01-31 or"),
        (
            ["--changes-since", "2026-01-31T25"],
            "'2026-01-31T25' is not a time such as 2026-01-31 or",
        ),
    ],
)
def test_a_wrong_sort_order_or_filter_sends_nothing(
    glance: Glance, cloud: RequestsMock, words: list[str], said: str
) -> None:
    result = glance("image-list", *words)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert len(cloud.calls) == 0


@pytest.mark.parametrize(
    "time",
    [
        "2026",
        "2026-01",
        "2026-01-31",
        "20260131",
        "2026-01-31T10",
        "20260131T100000Z",
        "2026-01-31T10:00+0200",
    ],
)
def test_a_time_may_have_any_form_that_glance_reads(
    glance: Glance, cloud: RequestsMock, time: str
) -> None:
    cloud.get(LIST, json={"images": []})
    assert glance("image-list", "--changes-since", time).code == 0
    assert ("updated_at", f"gte:{time}") in query(cloud)


@pytest.mark.parametrize("found", [[], [image()]])
def test_a_column_that_no_image_has_is_null_with_a_warning(
    glance: Glance, cloud: RequestsMock, found: list[dict[str, Any]]
) -> None:
    cloud.get(LIST, json={"images": found})
    result = glance(
        "image-list", "-f", "value", "-c", "ID", "-c", "os_distro", "-c", "visibilty", "-c", "owner"
    )
    owner = "66265572db174a7aa66eba661f58eb9e"
    assert (result.code, result.out) == (0, f"{A} None None {owner}\n" if found else "")
    nearest = "; did you mean visibility?" if found else ""
    assert result.err == (
        "glance: warning: no image has the column os_distro\n"
        f"glance: warning: no image has the column visibilty{nearest}\n"
    )


def test_is_public_false_is_everything_that_is_not_public(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(
        LIST,
        json={"images": [image(visibility="public"), image(B, "private", visibility="private")]},
    )
    assert (
        glance("image-list", "--is-public", "False", "-f", "value", "-c", "Name").out == "private\n"
    )


def test_pages_are_followed_on_the_same_endpoint_only(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(
        LIST,
        json={
            "images": [image()],
            "next": "http://elsewhere.test/v2/images?limit=1000&marker=" + A,
        },
        match=[matchers.query_param_matcher({"limit": "1000", "sort": "name:asc"})],
    )
    cloud.get(
        LIST,
        json={"images": [image(B, "two")]},
        match=[matchers.query_param_matcher({"limit": "1000", "marker": A})],
    )
    assert glance("image-list", "-f", "value", "-c", "ID").out == f"{A}\n{B}\n"


def test_an_empty_page_with_a_next_link_is_followed(glance: Glance, cloud: RequestsMock) -> None:
    first = matchers.query_param_matcher({"limit": "1000", "sort": "name:asc"})
    cloud.get(LIST, json={"images": [], "next": "/v2/images?marker=x"}, match=[first])
    cloud.get(
        LIST, json={"images": [image()]}, match=[matchers.query_param_matcher({"marker": "x"})]
    )
    assert glance("image-list", "-f", "value", "-c", "ID").out == f"{A}\n"


def test_a_pagination_loop_is_an_error(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": [image()], "next": f"/v2/images?marker={A}"})
    result = glance("image-list")
    assert result.code == 1
    assert result.err == (
        'glance: error: pagination loop: the "next" links repeat; the list is incomplete. '
        "Report this to the cloud's administrator; --limit lists the first images.\n"
    )


def test_a_second_page_that_fails_is_an_error_and_not_a_short_list(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(
        LIST,
        json={"images": [image()], "next": "/v2/images?marker=x"},
        match=[matchers.query_param_matcher({"limit": "1000", "sort": "name:asc"})],
    )
    cloud.get(
        LIST,
        status=400,
        json={"message": "no"},
        match=[matchers.query_param_matcher({"marker": "x"})],
    )
    result = glance("image-list")
    assert (result.code, result.out) == (1, "")
    assert result.err == "glance: error: no (HTTP 400)\n"


def test_limit_asks_for_no_more_than_it_shows(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": [image(), image(B)], "next": "/v2/images?marker=x"})
    assert len(glance("image-list", "--limit", "2", "-f", "value", "-c", "ID").lines) == 2
    assert dict(query(cloud))["limit"] == "2"
    assert len(cloud.calls) == 1


def test_a_login_page_with_status_200_is_an_error(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, body="<html><title>Please log in</title></html>", content_type="text/html")
    result = glance("image-list")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f'glance: error: {LIST} is not an OpenStack service: it returned a web page titled "Please log in". '
        "Check the endpoint.\n"
    )


def test_json_holds_every_field_with_its_type(glance: Glance, cloud: RequestsMock) -> None:
    given = [image(size=None, odd="x", os_hidden=False)]
    cloud.get(LIST, json={"images": given})
    assert glance("image-list", "-f", "json").json == given


def test_show_by_id_is_one_request(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(f"{LIST}/{A}", json=image(self="/v2/images/x", virtual_size=None, hw_disk_bus="scsi"))
    result = glance("image-show", A)
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "+------------------+--------------------------------------+\n"
        "| Property         | Value                                |\n"
        "+------------------+--------------------------------------+\n"
        "| container_format | bare                                 |\n"
        "| created_at       | 2026-11-23T10:00:00Z                 |\n"
        "| disk_format      | qcow2                                |\n"
        "| hw_disk_bus      | scsi                                 |\n"
        f"| id               | {A} |\n"
        "| name             | cirros                               |\n"
        "| owner            | 66265572db174a7aa66eba661f58eb9e     |\n"
        "| protected        | False                                |\n"
        "| size             | 25165824                             |\n"
        "| status           | active                               |\n"
        "| tags             | []                                   |\n"
        "| virtual_size     | Not available                        |\n"
        "| visibility       | shared                               |\n"
        "+------------------+--------------------------------------+\n"
    )
    assert asked(cloud) == [("GET", f"/v2/images/{A}")]


def test_show_by_name_is_one_request(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": [image(name="cirros 2"), image(B, "cirros")]})
    assert glance("image-show", "cirros", "-f", "value", "-c", "id").out == f"{B}\n"
    assert len(cloud.calls) == 1


def test_an_ambiguous_name_lists_its_candidates(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": [image(), image(B, status="queued", owner="me")]})
    result = glance("image-show", "cirros")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "glance: error: Multiple images are named 'cirros', use an ID to be more specific:\n"
        f"  {A} active      project 66265572db174a7aa66eba661f58eb9e created 2026-11-23T10:00:00Z\n"
        f"  {B} queued      project me created 2026-11-23T10:00:00Z\n"
    )


def test_candidates_of_one_project_do_not_name_it(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": [image(), image(B, status="queued")]})
    assert glance("image-show", "cirros").err == (
        "glance: error: Multiple images are named 'cirros', use an ID to be more specific:\n"
        f"  {A} active      created 2026-11-23T10:00:00Z\n"
        f"  {B} queued      created 2026-11-23T10:00:00Z\n"
    )


def test_an_unknown_name_is_searched_among_hidden_and_community_images_too(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(LIST, json={"images": []})
    result = glance("image-show", "nosuch")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "glance: error: No image with a name or ID of 'nosuch' exists. It may be another project's, or deleted.\n"
    )
    named = ("name", "nosuch"), ("limit", "1000")
    assert [query(cloud, call) for call in range(3)] == [
        [*named],
        [*named, ("os_hidden", "true"), ("visibility", "all")],
        [*named, ("visibility", "all")],
    ]


def test_null_is_shown_as_not_available_in_the_table_only(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(f"{LIST}/{A}", json=image(virtual_size=None))
    show = ("image-show", A, "-c", "virtual_size", "-f")
    assert "| virtual_size | Not available |" in glance(*show, "table").lines
    assert glance(*show, "value").out == "None\n"
    assert glance(*show, "csv").out == 'virtual_size\n""\n'
    assert glance(*show, "json").json == {"virtual_size": None}


def test_credentials_in_locations_are_masked_unless_asked_for(
    glance: Glance, cloud: RequestsMock
) -> None:
    locations = [{"url": "swift://acc:key@h/c/o", "metadata": {"mount": "http://u:p@h/"}}]
    cloud.get(f"{LIST}/{A}", json=image(locations=locations, direct_url="swift://acc:key@h/c/o"))
    shown = glance("image-show", A, "-f", "json").json
    assert shown["locations"] == [
        {"url": "swift://***@h/c/o", "metadata": {"mount": "http://***@h/"}}
    ]
    assert shown["direct_url"] == "swift://***@h/c/o"
    assert glance("image-show", A, "-f", "json", "--show-secrets").json["locations"] == locations


def test_human_readable_sizes(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": [image(size=14221312)]})
    assert glance("image-list", "--human-readable", "-f", "value", "-c", "Size").out == "13.6MB\n"


def test_version_1_on_a_v2_cloud_shows_v1s_table(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(f"{IMAGE_URL}/", status=300, json={"versions": [{"id": "v2.18"}]})
    cloud.get(
        LIST, json={"images": [image(hw_disk_bus="scsi", visibility="public", os_hidden=False)]}
    )
    rows = [
        r.split("|")[1].strip()
        for r in glance("--os-image-api-version", "1", "image-show", "cirros").lines[3:-1]
    ]
    assert rows == [
        *(
            "Property 'hw_disk_bus'",
            "checksum",
            "container_format",
            "created_at",
            "deleted",
            "disk_format",
            "id",
        ),
        *(
            "is_public",
            "min_disk",
            "min_ram",
            "name",
            "owner",
            "protected",
            "size",
            "status",
            "updated_at",
        ),
    ]


def test_delete_by_id_sends_one_request_and_prints_nothing(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.delete(f"{LIST}/{A}", status=204)
    cloud.delete(f"{LIST}/{B}", status=204)
    result = glance("image-delete", A, B, A)
    assert (result.code, result.out, result.err) == (0, "", "")
    assert sorted(asked(cloud)) == [("DELETE", f"/v2/images/{A}"), ("DELETE", f"/v2/images/{B}")]


def test_delete_continues_after_a_failure_and_exits_1(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": []})
    cloud.delete(
        f"{LIST}/{A}",
        status=403,
        json={"message": f"Image {A} is protected and cannot be deleted."},
    )
    cloud.delete(f"{LIST}/{B}", status=204)
    result = glance("image-delete", "nosuch", A, B)
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "glance: error: No image with a name or ID of 'nosuch' exists. It may be another project's, or deleted.\n"
        f"glance: error: image {A}: it is protected from deletion (HTTP 403). "
        f"Unprotect it first: `glance image-update {A} --protected False`.\n"
    )
    assert ("DELETE", f"/v2/images/{B}") in asked(cloud)


@pytest.mark.parametrize("status", [200, 202, 302])
def test_only_a_204_counts_as_deleted(glance: Glance, cloud: RequestsMock, status: int) -> None:
    cloud.delete(
        f"{LIST}/{A}",
        status=status,
        headers={"Location": "https://login.test/"} if status == 302 else {},
    )
    assert glance("image-delete", A).code == 1


@pytest.mark.parametrize("status", [400, 409])
def test_an_image_that_was_deleted_at_the_same_moment_is_told_as_one_that_does_not_exist(
    glance: Glance, cloud: RequestsMock, status: int
) -> None:
    text = "Image status transition from deleted to deleted is not allowed"
    cloud.delete(f"{LIST}/{A}", status=status, json={"message": text})
    cloud.get(LIST, json={"images": []})
    result = glance("image-delete", A)
    assert (result.code, result.err) == (
        1,
        f"glance: error: No image with a name or ID of '{A}' exists. It may be another project's, "
        "or deleted.\n",
    )


def test_delete_dry_run_shows_the_images_and_deletes_nothing(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(f"{LIST}/{A}", json=image())
    assert glance("image-delete", "--dry-run", A, "-q").lines[3].startswith(f"| {A} | cirros ")
    assert [method for method, _ in asked(cloud)] == ["GET"]


def test_delete_of_nothing_is_a_usage_error(glance: Glance, cloud: RequestsMock) -> None:
    assert glance("image-delete").code == 2


def test_meta_sets_and_deletes_in_one_patch_and_prints_nothing(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.patch(f"{LIST}/{A}", json=image())
    result = glance("image-meta", A, "set", "a/b=c=d", "e=")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert json.loads(cloud.calls[0].request.body or "") == [
        {"op": "add", "path": "/a~1b", "value": "c=d"},
        {"op": "add", "path": "/e", "value": ""},
    ]
    assert glance("image-meta", A, "delete", "a/b", "e=x").code == 0
    assert json.loads(cloud.calls[1].request.body or "") == [
        {"op": "remove", "path": "/a~1b"},
        {"op": "remove", "path": "/e"},
    ]


@pytest.mark.parametrize("words", [("set", "os_distro=debian", "name=x"), ("delete", "name")])
def test_meta_refuses_attributes_of_the_image(
    glance: Glance, cloud: RequestsMock, words: tuple[str, ...]
) -> None:
    result = glance("image-meta", A, *words)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "glance: error: 'name' is an attribute of the image, not a property. See `glance image-update --help`.\n"
    )
    assert not cloud.calls


def test_meta_warns_of_an_unknown_bus(glance: Glance, cloud: RequestsMock) -> None:
    cloud.patch(f"{LIST}/{A}", json=image())
    result = glance("image-meta", A, "set", "hw_disk_bus=scsi2")
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        "glance: warning: no hypervisor supports hw_disk_bus=scsi2; supported: "
        "ide, scsi, virtio, fdc, sata, usb, xen, lxc, uml\n"
    )


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("xen", "hw_disk_bus=scsi is not supported with libvirt type xen; supported: ide, xen"),
        (
            "nonsense",
            "unknown libvirt type 'nonsense'. Use one of qemu, kvm, xen, vmware, lxc, uml, parallels.",
        ),
    ],
)
@pytest.mark.parametrize("way", ["option", "variable"])
def test_meta_refuses_a_value_that_the_hypervisor_does_not_support(
    glance: Glance,
    cloud: RequestsMock,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    kind: str,
    said: str,
) -> None:
    monkeypatch.setenv("GLANCECLI_LIBVIRT_TYPE", kind if way == "variable" else "kvm")
    words = ["--libvirt-type", kind] if way == "option" else []
    result = glance("image-meta", A, "set", "hw_disk_bus=scsi", *words)
    assert (result.code, result.out, result.err) == (2, "", f"glance: error: {said}\n")
    assert not cloud.calls


def test_a_429_is_waited_for(glance: Glance, cloud: RequestsMock) -> None:
    cloud.add(responses.GET, LIST, status=429, headers={"Retry-After": "0"})
    cloud.add(responses.GET, LIST, json={"images": []})
    assert glance("image-list").code == 0
    assert len(cloud.calls) == 2


def test_a_refused_token_is_a_clear_error(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, status=401, body="<html><title>401 Unauthorized</title></html>")
    result = glance("image-list")
    assert (result.code, result.out, len(cloud.calls)) == (1, "", 1)
    assert "token" in result.err
    assert result.err.count("\n") == 1


def test_a_service_that_requires_a_login_is_a_clear_error(
    glance: Glance, cloud: RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OS_AUTH_TOKEN", raising=False)
    cloud.get(LIST, status=401, body="<html><title>401 Unauthorized</title></html>")
    result = glance("--os-auth-type", "none", "image-list")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "glance: error: The service requires a login, and no credentials are given. "
        "Give --os-auth-url and credentials, or choose a cloud with --os-cloud.\n"
    )


def test_debug_shows_requests_with_the_token_masked(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": []}, headers={"X-Openstack-Request-Id": "req-1"})
    result = glance("image-list", "--debug")
    assert f"> GET {LIST}?limit=1000&sort=name%3Aasc\n" in result.err
    assert "> X-Auth-Token: ***\n" in result.err
    assert "< 200 OK\n" in result.err
    assert "token-of-the-tests" not in result.err


def test_debug_shows_the_url_as_it_is_sent_and_no_secret_in_it(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(LIST, json={"images": []})
    secret = "swift://me:s3cret@h/c"
    for name, shown in (
        ("x&y=z ü", "x%26y%3Dz+%C3%BC"),
        (secret, "eq%3Aswift%3A%2F%2F***%40h%2Fc"),
    ):
        result = glance("image-list", "--debug", "--name", name)
        assert f"&name={shown}" in result.err
        assert "s3cret" not in result.err
    sent = cloud.calls[0].request.url
    assert f"> GET {sent}\n" in glance("image-list", "--debug", "--name", "x&y=z ü").err
