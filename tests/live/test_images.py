"""The image commands on a real Glance: every command, every option."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import Result
from tests.support.sandbox import PROGRAMS, Run, Sandbox, environment

RULE = re.compile(r"\+-[-+]+-\+")


def made(glance: Run, *words: str, **more: Any) -> dict[str, Any]:
    """The image that image-create made, as the service describes it."""
    ran = glance("image-create", *words, "-f", "json", **more)
    assert ran.code == 0, ran.err
    image: dict[str, Any] = ran.json
    return image


def names(ran: Result) -> list[str]:
    assert ran.code == 0, ran.err
    return sorted(ran.out.split())


def listed(glance: Run, *words: str, **more: Any) -> list[str]:
    return names(glance("image-list", "-f", "value", "-c", "name", *words, **more))


@pytest.fixture
def six(glance: Run, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Images that differ in everything a list can be filtered by."""
    (tmp_path / "small").write_bytes(b"x" * 100)
    (tmp_path / "large").write_bytes(b"y" * 5000)
    return {
        "small": made(
            glance, "small", "--file", "small", "--tag", "a", "--property", "os_distro=debian"
        ),
        "large": made(
            glance, "large", "--file", "large", "--tags", "a", "b", "--visibility", "public"
        ),
        "queued": made(glance, "queued", "--disk-format", "qcow2", "--container-format", "ovf"),
        "hidden": made(glance, "hidden", "--hidden", "True"),
        "private": made(glance, "private", "--visibility", "private"),
        "community": made(glance, "community", "--visibility", "community", cloud="sandbox-demo"),
    }


def test_each_filter_finds_what_it_should(
    glance: Run, six: dict[str, dict[str, Any]], sandbox: Sandbox
) -> None:
    owner = six["small"]["owner"]
    everything = ["large", "private", "queued", "small"]
    for words, expected in {
        (): everything,
        ("--name", "small"): ["small"],
        ("--status", "QUEUED", "--owner", owner): ["private", "queued"],
        ("--visibility", "public"): ["large"],
        ("--is-public", "True"): ["large"],
        ("--visibility", "community"): ["community"],
        ("--is-public", "False"): ["private", "queued", "small"],
        ("--tag", "a"): ["large", "small"],
        ("--tag", "a", "--tag", "b"): ["large"],
        ("--checksum", six["small"]["checksum"]): ["small"],
        ("--hash", six["large"]["os_hash_value"]): ["large"],
        ("--hidden",): ["hidden"],
        ("--container-format", "ovf"): ["queued"],
        ("--disk-format", "qcow2"): ["queued"],
        ("--size-min", "101"): ["large"],
        ("--size-min", "1", "--size-max", "100"): ["small"],
        ("--property-filter", "os_distro=debian"): ["small"],
        ("--owner", six["community"]["owner"], "--all-tenants"): ["community"],
        ("--changes-since", "2001-01-01T00:00:00Z"): everything,
        ("--changes-since", "2999-01-01T00:00:00Z"): [],
        ("--all-tenants",): ["community", *everything],
        ("--member-status", "pending"): [],
        ("--member-status", "pending", "--visibility", "shared"): [],
    }.items():
        assert listed(glance, *words) == expected, words


def test_a_list_is_sorted_limited_and_paged_by_the_service(
    glance: Run, six: dict[str, dict[str, Any]]
) -> None:
    def ordered(*words: str) -> list[str]:
        ran = glance("image-list", "-f", "value", "-c", "Name", *words)
        assert ran.code == 0, ran.err
        return ran.out.split()

    everything = ["large", "private", "queued", "small"]
    assert ordered() == everything
    assert ordered("--sort", "name:desc") == everything[::-1]
    assert ordered("--sort-key", "size", "--sort-dir", "desc", "--limit", "2") == ["large", "small"]
    assert ordered("--page-size", "2") == everything
    assert ordered("--page-size", "1", "--limit", "3") == everything[:3]
    assert ordered("--marker", six["large"]["id"]) == everything[1:]
    assert ordered("--limit", "0") == []


def test_the_table_is_the_guides_and_the_same_for_long_names(
    glance: Run, six: dict[str, dict[str, Any]]
) -> None:
    made(glance, "n" * 255)
    ran = glance("image-list")
    assert ran.err == ""
    assert RULE.fullmatch(ran.lines[0])
    assert ran.lines[0] == ran.lines[2] == ran.lines[-1]
    assert [cell.strip() for cell in ran.lines[1].split("|")[1:-1]] == [
        *("ID", "Name", "Disk Format", "Container Format", "Size", "Status"),
    ]
    assert len({len(line) for line in ran.lines}) == 1


def test_more_columns_on_demand(glance: Run, six: dict[str, dict[str, Any]]) -> None:
    assert "| Owner " in glance("image-list", "-v").lines[1]
    assert "| Owner " in glance("-v", "image-list").lines[1]
    assert "| Visibility | Protected | Owner " in glance("image-list", "--long").lines[1]
    stores = glance(
        "image-list", "--include-stores", "--name", "small", "-f", "value", "-c", "Stores"
    )
    assert stores.out == "fast\n"


def test_every_format_holds_the_same_images(glance: Run, six: dict[str, dict[str, Any]]) -> None:
    ids = sorted(i["id"] for name, i in six.items() if name not in ("hidden", "community"))
    assert sorted(i["id"] for i in glance("image-list", "-f", "json").json) == ids
    assert sorted(i["id"] for i in glance("image-list", "-f", "json", "--noindent").json) == ids
    assert names(glance("image-list", "-f", "value", "-c", "ID")) == ids
    csv = glance("image-list", "-f", "csv", "-c", "id", "--sort-column", "id").lines
    assert csv == ["ID", *ids]
    yaml = glance("image-list", "-f", "yaml", "-c", "id").out
    assert sorted(re.findall(r"^- id: (.*)$", yaml, re.M)) == ids
    assert glance("image-list", env={"GLANCECLI_FORMAT": "value"}, cwd=None).out.count("\n") == 4


def test_show_by_name_and_by_id_is_the_services_own_description(
    glance: Run, six: dict[str, dict[str, Any]], sandbox: Sandbox
) -> None:
    for ref in ("small", six["small"]["id"], "hidden", "community"):
        shown = glance("image-show", ref, "-f", "json")
        _, described = sandbox.ask("GET", f"/v2/images/{six[ref]['id'] if ref in six else ref}")
        assert shown.json == described
    rows = {
        line.split("|")[1].strip(): line.split("|")[2].strip()
        for line in glance("image-show", "small").lines[3:-1]
    }
    assert rows["size"] == "100"
    assert rows["os_distro"] == "debian"
    assert rows["tags"] == '["a"]'
    assert len(rows["os_hash_value"]) == 128
    assert "self" not in rows
    assert '"metadata"' in glance("image-show", "small", "--max-column-width", "0").out


def test_human_readable_sizes(glance: Run, six: dict[str, dict[str, Any]]) -> None:
    assert (
        glance("image-show", "large", "--human-readable", "-f", "value", "-c", "size").out
        == "4.9kB\n"
    )
    assert "| 4.9kB " in glance("image-list", "--human-readable").out


@pytest.mark.parametrize(
    "name",
    [
        *(
            "a b",
            "Grüße 日本",
            "n" * 255,
            "[bold]x[/bold] [/x]",
            "esc\x1b[31m",
            'q"uo,te',
            "%s",
            "a\\b",
        ),
        *("debian:12", "in:x", "eq:x", "12:30"),
    ],
)
def test_an_image_of_any_name_is_made_found_shown_and_deleted_by_it(glance: Run, name: str) -> None:
    image = made(glance, name)
    assert image["name"] == name
    assert glance("image-show", name, "-f", "json").json["id"] == image["id"]
    assert glance("image-list", "--name", name, "-f", "json").json[0]["id"] == image["id"]
    assert (glance("image-delete", name).code, listed(glance)) == (0, [])


def test_a_name_with_a_leading_dash_goes_after_a_double_dash(glance: Run) -> None:
    assert glance("image-create", "--", "-dash").code == 0
    assert glance("image-show", "-f", "value", "-c", "name", "--", "-dash").out == "-dash\n"
    assert glance("image-delete", "--", "-dash").code == 0


def test_an_ambiguous_name_lists_its_candidates(glance: Run) -> None:
    first, second = made(glance, "twin"), made(glance, "twin")
    ran = glance("image-show", "twin")
    assert (ran.code, ran.out) == (1, "")
    said, *rows = ran.err.splitlines()
    assert said == "glance: error: Multiple images are named 'twin', use an ID to be more specific:"
    assert {row[: row.index(" created")] for row in rows} == {
        f"  {image['id']} queued     " for image in (first, second)
    }


def test_every_field_of_create_arrives(glance: Run, sandbox: Sandbox) -> None:
    identifier = str(uuid.uuid4())  # a service never takes an ID twice
    words = [
        *("everything", "--id", identifier, "--disk-format", "raw", "--container-format", "bare"),
        *("--min-disk", "3", "--min-ram", "256", "--is-public", "True", "--is-protected", "True"),
        *("--property", "a=b=c", "--property", "empty=", "--tags", "t1", "t2", "--hidden", "true"),
        *("--architecture", "x86_64", "--os-distro", "debian", "--os-version", "12"),
        *("--instance-uuid", identifier, "--kernel-id", identifier, "--ramdisk-id", identifier),
    ]
    made(glance, *words)
    _, image = sandbox.ask("GET", f"/v2/images/{identifier}")
    expected: dict[str, Any] = {
        "name": "everything",
        "disk_format": "raw",
        "container_format": "bare",
        "min_disk": 3,
        "min_ram": 256,
        "visibility": "public",
        "protected": True,
        "a": "b=c",
        "empty": "",
        "os_hidden": True,
        "status": "queued",
        "architecture": "x86_64",
        "os_distro": "debian",
        "os_version": "12",
        "instance_uuid": identifier,
        "kernel_id": identifier,
        "ramdisk_id": identifier,
    }
    assert {key: image[key] for key in expected} == expected
    assert sorted(image["tags"]) == ["t1", "t2"]


@pytest.mark.parametrize("how", ["file", "redirected", "pipe"])
def test_data_from_a_file_a_redirect_or_a_pipe_makes_an_active_image_of_these_bytes(
    glance: Run, sandbox: Sandbox, tmp_path: Path, how: str
) -> None:
    data = os.urandom(2_500_000)
    (tmp_path / "disk").write_bytes(data)
    words = ["from-" + how, "--disk-format", "raw", "--container-format", "bare", "--store", "slow"]
    stdin: Any = {"file": None, "redirected": tmp_path / "disk", "pipe": data}[how]
    image = made(glance, *words, *(["--file", "disk"] if how == "file" else []), stdin=stdin)
    assert (image["status"], image["size"], image["stores"]) == ("active", len(data), "slow")
    assert image["os_hash_value"] == hashlib.sha512(data).hexdigest()
    assert sandbox.ask("GET", f"/v2/images/{image['id']}/file")[1] == data


def test_no_data_makes_a_queued_image(glance: Run) -> None:
    assert made(glance, "no-data")["status"] == "queued"
    empty = glance("image-create", "empty-pipe", "-f", "value", "-c", "status", stdin=b"")
    assert (empty.code, empty.out) == (1, "")
    listed = glance("image-list", "--name", "empty-pipe", "-f", "value", "-c", "ID")
    assert (listed.code, listed.out) == (0, "")


def test_the_guides_example_of_a_public_qcow2_works_as_printed(glance: Run, tmp_path: Path) -> None:
    header = (
        b"QFI\xfb"
        + (2).to_bytes(4, "big")
        + bytes(12)
        + (16).to_bytes(4, "big")
        + (1 << 20).to_bytes(8, "big")
    )
    (tmp_path / "centos63.qcow2").write_bytes(header + bytes(65536))
    words = ["--name", "centos63-image", "--disk-format", "qcow2", "--container-format", "bare"]
    image = made(glance, *words, "--is-public", "True", "--file", "./centos63.qcow2")
    assert (image["status"], image["visibility"], image["disk_format"]) == (
        "active",
        "public",
        "qcow2",
    )


def test_update_changes_and_removes_what_it_names(glance: Run, sandbox: Sandbox) -> None:
    image = made(glance, "f16-x86_64-openstack-sda", "--property", "old=1", "--property", "keep=2")
    ran = glance(
        *("image-update", "--property", "hw_disk_bus=scsi", "--property", "hw_cdrom_bus=ide"),
        *("--property", "hw_vif_model=e1000", "--remove-property", "old", "--min-ram", "512"),
        "f16-x86_64-openstack-sda",
    )
    assert (ran.code, ran.err) == (0, "")
    _, changed = sandbox.ask("GET", f"/v2/images/{image['id']}")
    assert (changed["hw_disk_bus"], changed["hw_cdrom_bus"], changed["hw_vif_model"]) == (
        "scsi",
        "ide",
        "e1000",
    )
    assert (changed["keep"], changed["min_ram"], "old" in changed) == ("2", 512, False)
    assert (
        glance(
            "image-update", image["id"], "--purge-props", "--property", "new=3", "--name", "renamed"
        ).code
        == 0
    )
    _, purged = sandbox.ask("GET", f"/v2/images/{image['id']}")
    assert (purged["name"], purged["new"]) == ("renamed", "3")
    assert not purged.keys() & {"keep", "hw_disk_bus", "hw_cdrom_bus", "hw_vif_model"}


def test_data_of_an_active_image_cannot_be_changed(glance: Run, tmp_path: Path) -> None:
    (tmp_path / "d").write_bytes(b"data")
    image = made(glance, "done", "--file", "d")
    ran = glance("image-update", "done", "--file", "d")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"glance: error: image {image['id']} is active: the data of an image cannot be changed once it is uploaded. "
        "Create a new image from the data, then delete or hide this one.\n"
    )


def test_a_queued_image_gets_its_data_by_update(glance: Run, tmp_path: Path) -> None:
    (tmp_path / "d").write_bytes(b"data")
    made(glance, "later")
    assert glance("image-update", "later", "--file", "d", "-f", "json").json["status"] == "active"


def test_meta_sets_and_deletes_silently(glance: Run, sandbox: Sandbox) -> None:
    image = made(glance, "meta", "--property", "gone=1")
    for words in (("set", "a/b=c", "d~e=f g"), ("delete", "gone")):
        ran = glance("image-meta", "meta", *words)
        assert (ran.code, ran.out, ran.err) == (0, "", "")
    _, changed = sandbox.ask("GET", f"/v2/images/{image['id']}")
    assert (changed["a/b"], changed["d~e"], "gone" in changed) == ("c", "f g", False)


def test_delete_goes_on_and_says_how_to_unprotect(glance: Run) -> None:
    images = [made(glance, f"d{n}")["id"] for n in range(3)]
    safe = made(glance, "safe", "--protected", "True")["id"]
    ran = glance("image-delete", "nosuch", images[0], "safe", "d1", images[2])
    assert (ran.code, ran.out) == (1, "")
    assert "No image with a name or ID of 'nosuch' exists." in ran.err
    assert f"Unprotect it first: `glance image-update {safe} --protected False`." in ran.err
    assert ran.err.count("\n") == 2
    assert listed(glance) == ["safe"]
    assert glance("image-update", "safe", "--protected", "False").code == 0
    assert glance("image-delete", "safe").code == 0


@pytest.mark.parametrize("how", ["redirected", "pipe"])
def test_a_queued_image_gets_attributes_and_the_data_on_stdin_once(
    glance: Run, sandbox: Sandbox, tmp_path: Path, how: str
) -> None:
    data = bytes(range(256)) * 100
    (tmp_path / "disk").write_bytes(data)
    image = made(glance, "later")
    words = ("--disk-format", "raw", "--container-format", "bare", "--property", "k=v")
    given = tmp_path / "disk" if how == "redirected" else data
    ran = glance("image-update", "later", *words, stdin=given)
    assert ran.code == 0, ran.err
    stored = sandbox.images()[image["id"]]
    assert (stored["status"], stored["k"], stored["checksum"]) == (
        "active",
        "v",
        hashlib.md5(data).hexdigest(),
    )
    ran = glance("image-update", "later", "--name", "named", stdin=b"not for us")
    assert (ran.code, sandbox.images()[image["id"]]["name"]) == (0, "named")


def test_delete_takes_ids_from_xargs_and_never_reads_stdin(
    glance: Run, sandbox: Sandbox, tmp_path: Path
) -> None:
    for n in range(3):
        made(glance, f"x{n}")
    env = {
        **environment(tmp_path / "home", sandbox.data),
        "OS_CLOUD": "sandbox",
        "G": str(PROGRAMS / "glance"),
    }
    loop = '"$G" image-list | grep " x[0-9] " | awk \'{print $2}\' | while read id; do "$G" image-delete $id; done'
    assert subprocess.run(["bash", "-c", loop], env=env, timeout=60, check=False).returncode == 0
    assert listed(glance) == []


def test_dry_run_deletes_nothing(glance: Run) -> None:
    image = made(glance, "stays")
    ran = glance("image-delete", "--dry-run", "stays", "-f", "json")
    assert [i["id"] for i in ran.json] == [image["id"]]
    assert listed(glance) == ["stays"]


def test_a_missing_role_is_explained(glance: Run) -> None:
    image = made(glance, "admins", "--visibility", "public")
    for cloud, words, right in (
        ("sandbox-reader", ["image-create", "x"], "policy forbids creating images (add_image)"),
        (
            "sandbox-demo",
            ["image-create", "x", "--is-public", "True"],
            "policy forbids making an image public (publicize_image)",
        ),
        ("sandbox-demo", ["image-update", image["id"], "--name", "x"], "policy forbids "),
        ("sandbox-other", ["image-delete", image["id"]], "policy forbids "),
    ):
        ran = glance(*words, cloud=cloud)
        assert (ran.code, ran.out) == (1, ""), words
        assert right in ran.err
        assert "A cloud administrator can allow it." in ran.err
        assert ran.err.count("\n") == 1


def test_a_private_image_of_another_project_is_not_found(glance: Run) -> None:
    image = made(glance, "mine", "--visibility", "private", cloud="sandbox-demo")
    ran = glance("image-show", image["id"], cloud="sandbox-other")
    assert ran.code == 1
    assert ran.err.startswith(
        f"glance: error: No image with a name or ID of '{image['id']}' exists"
    )


def test_giving_an_image_to_another_project_says_that_it_is_no_longer_visible(glance: Run) -> None:
    image = made(glance, "gift", "--visibility", "private", cloud="sandbox-demo")
    other = made(glance, "theirs", cloud="sandbox-other")["owner"]
    ran = glance(
        *("image-update", image["id"], "--owner", other, "--property", "colour=red"),
        cloud="sandbox-demo",
    )
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        f"glance: Identity shows you no project {other}; it is taken as the ID of one\n"
        f"glance: image {image['id']} is changed; it now belongs to another project and is no longer visible to yours\n"
    )
    gift = glance("image-show", "gift", "-f", "json", cloud="sandbox-other").json
    assert (gift["owner"], gift["colour"]) == (other, "red")


def test_debug_shows_no_secret(glance: Run, sandbox: Sandbox) -> None:
    password = sandbox.clouds["sandbox"]["auth"]["password"]
    ran = glance("image-list", "--debug", "--no-cache")
    assert ran.code == 0
    assert "> GET " in ran.err
    assert "gAAAA" not in ran.err
    assert f'"{password}"' not in ran.err


def test_version_1_shows_v1s_table_on_this_v2_cloud(
    glance: Run, six: dict[str, dict[str, Any]]
) -> None:
    ran = glance("--os-image-api-version", "1", "image-show", "small")
    rows = [line.split("|")[1].strip() for line in ran.lines[3:-1]]
    assert rows == [
        *(
            "Property 'os_distro'",
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


def test_tables_of_buses_and_models(glance: Run) -> None:
    ran = glance("image-property-values", "hw_vif_model", "--libvirt-type", "xen", cloud=None)
    assert ran.code == 0
    assert "netfront" in ran.out
    wrong = glance("image-create", "x", "--property", "hw_disk_bus=scsi", "--libvirt-type", "xen")
    assert (wrong.code, wrong.out) == (2, "")


def test_the_same_json_from_both_programs(glance: Run, glancecli: Run) -> None:
    made(glance, "one")
    assert (
        json.loads(glancecli("image-show", "one", "-f", "json").out)
        == glance("image-show", "one", "-f", "json").json
    )
