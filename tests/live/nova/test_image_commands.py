"""nova's image commands on a real Nova: through its image proxy, and where a later release has none."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator

import pytest

from tests.support.novasite import DATA, RaisedFloor, Site
from tests.support.programs import Result
from tests.support.sandbox import Run, Sandbox
from tests.support.waiting import wait_until

MISSING = "0a0e3e36-29b3-4a0b-8a4f-7e9a6a9d0a11"
POLLED = "\nServer snapshotting... 100% complete\nFinished\n"


@pytest.fixture(scope="module")
def site(compute_sandbox: Sandbox) -> Iterator[Site]:
    found = Site(compute_sandbox)
    yield found
    found.close()


@pytest.fixture(scope="module")
def web(site: Site) -> str:
    """A server named web-1."""
    return site.server("web-1")


@pytest.fixture(autouse=True)
def few_servers(site: Site, web: str) -> Iterator[None]:
    """Servers of one test are gone after it: ten are all that a project may have."""
    yield
    site.delete_servers(but=web)


@pytest.fixture(scope="module")
def no_proxy(compute_sandbox: Sandbox) -> Iterator[list[str]]:
    """Words that lead to a Compute service without the image proxy."""
    with RaisedFloor(compute_sandbox.login()[1]["compute"]) as floor:
        yield ["--os-compute-url", floor.url]
        floor.shutdown()


@pytest.fixture(params=["proxy", "no proxy"])
def room(request: pytest.FixtureRequest) -> list[str]:
    """Words for each of the two ways to the images."""
    return [] if request.param == "proxy" else list(request.getfixturevalue("no_proxy"))


def value(nova: Run, image: str, key: str) -> str:
    done = nova("image-show", image, "-f", "value", "-c", key)
    assert done.code == 0, done.err
    return done.out.rstrip("\n")


def silent(done: Result) -> None:
    assert (done.code, done.out, done.err) == (0, "", "")


def test_lists_and_shows_are_the_same_with_the_proxy_and_without(
    nova: Run, site: Site, web: str, no_proxy: list[str]
) -> None:
    silent(nova("image-create", "web-1", "Snapshot of web", "--metadata", "team=größe"))
    wait_until(lambda: value(nova, "Snapshot of web", "status") == "ACTIVE")
    names = ["in:list", "Zebra", "aardvark", "q"]
    for name in names:
        site.new_image(
            name, DATA if name != "q" else None, min_disk=1, min_ram=32, os_distro="debian"
        )
    unnamed = site.new_image(None, DATA, auto_disk_config="True", tags=["a", "b"])
    unready = site.new_image("out of use", DATA)
    site.glance("POST", f"/v2/images/{unready}/actions/deactivate", b"")
    for words in (
        ["image-list"],
        ["image-list", "--minimal"],
        ["image-list", "--limit", "3"],
        ["image-list", "--server", "web-1"],
        ["image-list", "--server", web],
        ["image-list", "--name", "in:list"],
        ["image-list", "--name", "snapshot of web"],
        ["image-list", "--status", "active"],
        ["image-list", "--status", "SAVING"],
        ["image-list", "--status", "UNKNOWN"],
        ["image-list", "-f", "json"],
        ["image-list", "-f", "yaml", "-c", "ID"],
        ["image-list", "-f", "csv", "--sort-column", "Status"],
        ["image-show", "Snapshot of web"],
        ["image-show", "Snapshot of web", "-f", "json"],
        ["image-show", "q"],
        ["image-show", "in:list"],
        ["image-show", unnamed],
        ["image-show", unready],
    ):
        proxied, served = nova(*words), nova(*no_proxy, *words)
        assert (proxied.code, proxied.err) == (0, ""), words
        assert (served.code, served.err, served.out) == (0, "", proxied.out), words
    for image, hint in (
        ("nothing", "It may be another project's, or deleted."),
        (MISSING, "It may be another project's, or deleted."),
        ("snapshot of web", "Did you mean 'Snapshot of web'?"),
    ):
        told = refused_alike(nova, no_proxy, "image-show", image)
        assert told == f"nova: error: No image with a name or ID of '{image}' exists. {hint}\n"


def refused_alike(nova: Run, no_proxy: list[str], *words: str, cloud: str = "sandbox") -> str:
    """What is said with the proxy and without it, which is the same but for the request's ID."""
    proxied, served = nova(*words, cloud=cloud), nova(*no_proxy, *words, cloud=cloud)
    assert (proxied.code, proxied.out) == (served.code, served.out) == (1, "")
    served_hint = served.err.replace(f" {' '.join(no_proxy)} ", " ")
    told, told_too = (
        re.sub(r" \(request [^)]*\)|, request [^)]*", "", err) for err in (proxied.err, served_hint)
    )
    assert told == told_too
    return told


def test_refusals_are_the_same_with_the_proxy_and_without(
    nova: Run, site: Site, web: str, no_proxy: list[str]
) -> None:
    guarded = site.new_image("guarded", protected=True)
    ours = site.new_image("ours", visibility="public")
    one, two = site.new_image("twin"), site.new_image("twin", visibility="public")
    assert refused_alike(nova, no_proxy, "image-delete", "guarded") == (
        f"nova: error: image {guarded}: it is protected from deletion (HTTP 403). "
        f"Unprotect it first: `glance image-update {guarded} --protected False`.\n"
    )
    said = refused_alike(nova, no_proxy, "image-delete", ours, cloud="sandbox-demo")
    assert said.startswith(
        f"nova: error: image {ours}: policy forbids deleting this image (delete_image)"
    )
    said = refused_alike(nova, no_proxy, "image-meta", ours, "set", "a=b", cloud="sandbox-demo")
    assert said.startswith(
        f"nova: error: image {ours}: policy forbids changing this image (modify_image)"
    )
    many = [f"k{i}=v" for i in range(140)]
    assert refused_alike(nova, no_proxy, "image-meta", ours, "set", *many) == (
        f"nova: error: image {ours}: The limit has been exceeded on the number of allowed image properties. "
        "Attempted: 140, Maximum: 128 (HTTP 413)\n"
    )
    said = refused_alike(nova, no_proxy, "image-show", "twin")
    assert said.startswith(
        "nova: error: Multiple images are named 'twin', use an ID to be more specific:\n"
    )
    assert {one, two} == set(re.findall(r"^  (\S{36}) queued +created \S+Z$", said, re.MULTILINE))
    words = [f"--metadata={pair}" for pair in many]
    said = refused_alike(nova, no_proxy, "image-create", web, "snap", *words)
    assert said.endswith("140 of yours and about a dozen of Nova's: the usual quota is 128.\n")


def test_a_hidden_image_is_found_and_deleted_by_its_name(
    nova: Run, site: Site, sandbox: Sandbox, room: list[str]
) -> None:
    hidden = site.new_image("hid", os_hidden=True)
    done = nova(*room, "image-show", "hid", "-f", "value", "-c", "id")
    assert (done.code, done.out, done.err) == (0, f"{hidden}\n", "")
    silent(nova(*room, "image-delete", "hid"))
    assert hidden not in sandbox.images()


def test_the_list_is_novas_table_sorted_by_name(
    nova: Run, site: Site, web: str, room: list[str]
) -> None:
    silent(nova(*room, "image-create", web, "a-snapshot"))
    snapshot = value(nova, "a-snapshot", "id")
    wait_until(lambda: value(nova, snapshot, "status") == "ACTIVE")
    other = site.new_image("Other")
    done = nova(*room, "image-list")
    lines = done.out.splitlines()
    assert lines[1].split("|")[1:-1] == [
        " ID                                   ",
        " Name       ",
        " Status ",
        " Server                               ",
    ]
    assert [line.split() for line in lines[3:-1]] == [
        ["|", other, "|", "Other", "|", "SAVING", "|", "|"],
        ["|", snapshot, "|", "a-snapshot", "|", "ACTIVE", "|", web, "|"],
        ["|", site.image, "|", "nova-base", "|", "ACTIVE", "|", "|"],
    ]


def test_filters_find_what_they_name(nova: Run, site: Site, web: str, room: list[str]) -> None:
    silent(nova("image-create", web, "snap"))
    wait_until(lambda: value(nova, "snap", "status") == "ACTIVE")
    site.new_image("queued one")
    for words, names in (
        (["--server", "web-1"], ["snap"]),
        (["--name", "nova-base"], ["nova-base"]),
        (["--name", "Nova-Base"], []),
        (["--status", "saving"], ["queued one"]),
        (["--status", "active"], ["nova-base", "snap"]),
        (["--status", "error"], []),
        (["--limit", "1"], ["queued one"]),
        (["--limit", "0"], []),
    ):
        done = nova(*room, "image-list", *words, "-f", "value", "-c", "Name")
        assert (done.code, done.out.splitlines(), done.err) == (0, names, ""), words


def test_images_are_deleted_by_name_and_id_and_failures_are_reported(
    nova: Run, site: Site, sandbox: Sandbox, room: list[str]
) -> None:
    one, two, three = (site.new_image(name) for name in ("one", "two", "two"))
    guarded = site.new_image("guarded", protected=True)
    done = nova(*room, "image-delete", "one", "nothing", guarded, "two", MISSING)
    assert (done.code, done.out) == (1, "")
    nothing, protected, ambiguous, *candidates, missing = done.err.splitlines()
    assert nothing.startswith("nova: error: No image with a name or ID of 'nothing' exists.")
    assert "rotected" in protected
    assert guarded in protected
    assert "Multiple images are named 'two'" in ambiguous
    assert {line.split()[0] for line in candidates} == {two, three}
    assert missing.startswith(f"nova: error: No image with a name or ID of '{MISSING}' exists")
    silent(nova(*room, "image-delete", two, three))
    assert not {one, two, three} & sandbox.images().keys()
    assert guarded in sandbox.images()


def test_metadata_is_set_changed_and_deleted(
    nova: Run, site: Site, sandbox: Sandbox, room: list[str]
) -> None:
    image = site.new_image("meta", old="stays", gone="x", **{"a/b": "y"})
    silent(nova(*room, "image-meta", "meta", "set", "os_distro=debian", "note=a = b", "größe=10"))
    silent(nova(*room, "image-meta", image, "set", "os_distro=ubuntu", "empty="))
    silent(nova(*room, "image-meta", "meta", "delete", "gone", "a/b=whatever"))
    found = sandbox.images()[image]
    ours = {k: found.get(k) for k in ("os_distro", "note", "größe", "old", "empty", "gone", "a/b")}
    assert ours == {
        "os_distro": "ubuntu",
        "note": "a = b",
        "größe": "10",
        "old": "stays",
        "empty": "",
        "gone": None,
        "a/b": None,
    }
    done = nova(*room, "image-meta", "meta", "delete", "old", "never")
    assert (done.code, done.out) == (1, "")
    assert "image meta has no metadata 'never'; nothing was deleted" in done.err
    assert sandbox.images()[image]["old"] == "stays"


@pytest.mark.parametrize(
    ("pair", "code"), [("location=http://x/y", 2), ("name=other", 2), ("os_glance_x=y", 2)]
)
def test_reserved_keys_are_refused(
    nova: Run, site: Site, room: list[str], pair: str, code: int
) -> None:
    image = site.new_image("kept")
    done = nova(*room, "image-meta", image, "set", pair)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("nova: error: ")
    assert done.err.count("\n") == 1
    assert value(nova, image, "name") == "kept"


def test_a_snapshot_is_silent_and_carries_its_metadata(
    nova: Run, sandbox: Sandbox, web: str, room: list[str]
) -> None:
    silent(
        nova(
            *room,
            "image-create",
            "web-1",
            "snap",
            "--metadata",
            "team=web",
            "--metadata",
            "why=a=b",
        )
    )
    (found,) = (i for i in sandbox.images().values() if i["name"] == "snap")
    ours = {k: found[k] for k in ("team", "why", "image_type", "instance_uuid")}
    assert ours == {"team": "web", "why": "a=b", "image_type": "snapshot", "instance_uuid": web}


@pytest.mark.parametrize("version", ["2.1", "2.44", "2.45", "2.latest"])
def test_a_snapshot_in_any_microversion_tells_its_image(nova: Run, web: str, version: str) -> None:
    done = nova(
        "--os-compute-api-version",
        version,
        "image-create",
        web,
        "snap",
        "--poll",
        "--show",
        "-f",
        "json",
    )
    assert (done.code, done.err) == (0, "")
    shown = done.json
    assert (shown["name"], shown["status"], shown["server"], shown["progress"]) == (
        "snap",
        "ACTIVE",
        web,
        100,
    )
    assert shown["OS-EXT-IMG-SIZE:size"] == 4096


def test_polling_waits_for_the_image_and_for_the_servers_task(
    nova: Run, site: Site, room: list[str]
) -> None:
    server = site.server("slow")
    done = nova(*room, "image-create", server, "slow-snap", "--poll")
    assert (done.code, done.err) == (0, "")
    shown = done.out.replace("\r", "\n").splitlines()
    assert shown[:2] == ["", ""]
    assert shown[-2:] == ["Server snapshotting... 100% complete", "Finished"]
    assert "Server snapshotting... 25% complete" in shown
    assert site.task(server) is None
    assert value(nova, "slow-snap", "status") == "ACTIVE"


def test_poll_and_show_end_with_the_table(nova: Run, web: str, room: list[str]) -> None:
    done = nova(*room, "image-create", web, "shown", "--poll", "--show")
    assert (done.code, done.err) == (0, "")
    progress, finished, table = done.out.partition("Finished\n")
    assert progress.startswith("\n\rServer snapshotting... ")
    assert (finished, table) == ("Finished\n", nova("image-show", "shown").out)
    assert web in table


def test_a_snapshot_that_never_finishes_ends_by_its_time_limit(
    nova: Run, site: Site, room: list[str]
) -> None:
    server = site.server("stuck")
    done = nova(*room, "image-create", server, "stuck-snap", "--poll", "--timeout", "1", "--show")
    assert done.code == 1
    assert done.out == "\n\rServer snapshotting... 25% complete\n"
    image = value(nova, "stuck-snap", "id")
    assert done.err.startswith(
        f"nova: error: not finished within 1 second: image {image} is SAVING (25%), the task"
    )
    assert done.err.endswith(
        " is none. Nothing works on it any more: delete it with "
        f"`{' '.join(['nova', *room, 'image-delete', image])}`, and look for the cause in nova-compute.log.\n"
    )


def test_a_snapshot_that_fails_says_so(nova: Run, site: Site, room: list[str]) -> None:
    server = site.server("broken")
    done = nova(*room, "image-create", server, "broken-snap", "--poll")
    assert done.code == 1
    assert "Finished" not in done.out
    assert done.err.startswith(f"nova: error: the snapshot of server {server} failed")
    assert done.err.count("\n") == 1


def test_a_busy_server_gives_a_clear_error(nova: Run, site: Site, room: list[str]) -> None:
    server = site.server("slow and busy")
    silent(nova(*room, "image-create", server, "first"))
    done = nova(*room, "image-create", "slow and busy", "second")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(
        f"nova: error: server slow and busy: Cannot 'createImage' instance {server} while "
    )
    assert done.err.endswith(
        "The server must be active, shut off, paused or suspended, with no other task.\n"
    )
    wait_until(lambda: site.task(server) is None)


def test_backups_rotate_by_type_and_name_the_deleted_ones(
    nova: Run, site: Site, sandbox: Sandbox, room: list[str]
) -> None:
    server = site.server("saved")
    for name in ("mon", "tue"):
        silent(nova(*room, "backup", "saved", name, "daily", "2"))
        wait_until(lambda: site.task(server) is None)
        made_in = int(time.time())  # the service orders backups by whole seconds
        wait_until(lambda second=made_in: int(time.time()) > second)
    silent(nova(*room, "backup", "saved", "week", "weekly", "1"))
    wait_until(lambda: site.task(server) is None)
    monday = value(nova, "mon", "id")
    done = nova(
        *room,
        "-v",
        "backup",
        "saved",
        "wed",
        "daily",
        "2",
        "--poll",
        "--show",
        "-c",
        "metadata backup_type",
    )
    assert done.code == 0
    assert done.err.splitlines()[1:] == [f"nova: deleted by rotation: mon ({monday})"]
    assert "| metadata backup_type | daily |" in done.out
    assert {i["name"] for i in sandbox.images().values() if i.get("image_type") == "backup"} == {
        "tue",
        "wed",
        "week",
    }


@pytest.mark.parametrize("version", ["2.1", "2.45"])
def test_rotation_0_deletes_every_backup_of_the_type(
    nova: Run, site: Site, sandbox: Sandbox, version: str
) -> None:
    server = site.server(f"emptied {version}")
    silent(nova("backup", f"emptied {version}", "kept", "weekly", "1"))
    wait_until(lambda: site.task(server) is None)
    one = nova("backup", f"emptied {version}", "one", "daily", "1", "--poll")
    assert (one.code, one.err) == (0, "")
    words = [
        "--os-compute-api-version",
        version,
        "-v",
        "backup",
        f"emptied {version}",
        "two",
        "daily",
        "0",
    ]
    identifier = value(nova, "one", "id")
    done = nova(*words, "--poll")
    assert (done.code, done.out[-10:]) == (0, "\nFinished\n")
    assert done.err.splitlines()[1:] == [f"nova: deleted by rotation: one ({identifier})"]
    wait_until(
        lambda: (
            {i["name"] for i in sandbox.images().values() if i.get("image_type") == "backup"}
            == {"kept"}
        )
    )


def test_servers_are_named_exactly(nova: Run, site: Site, room: list[str]) -> None:
    first, second = site.server("db.1 (x)"), site.server("db.1 (x)")
    site.server("dbx1 (x)")
    done = nova(*room, "image-create", "db.1 (x)", "snap")
    assert (done.code, done.out) == (1, "")
    assert "Multiple servers are named 'db.1 (x)'" in done.err
    assert first in done.err
    assert second in done.err
    unknown = nova(*room, "image-create", "db.1", "snap")
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.startswith("nova: error: No server with a name or ID of 'db.1' exists.")
    silent(nova(*room, "image-create", "dbx1 (x)", "snap"))


def test_a_server_of_another_project_is_not_found(nova: Run, web: str) -> None:
    for ref in ("web-1", web):
        done = nova("image-create", ref, "snap", cloud="sandbox-demo")
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"nova: error: No server with a name or ID of '{ref}' exists")
        assert done.err.endswith("Servers of other projects are not visible.\n")


def test_a_key_that_nova_refuses_is_reported_in_its_words(nova: Run, web: str) -> None:
    done = nova("image-create", web, "snap", "--metadata", "größe=1")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(
        f"nova: error: server {web}: Invalid input for field/attribute metadata."
    )
    assert done.err.count("\n") == 1


def test_a_warm_list_is_one_request(nova: Run, room: list[str]) -> None:
    nova(*room, "image-list")
    done = nova(*room, "image-list", "--debug")
    assert sum(line.startswith("> GET ") for line in done.err.splitlines()) == 1


def test_the_umbrella_does_the_same(nova: Run, glancecli: Run, web: str) -> None:
    done = glancecli(
        "nova", "image-list", "--os-service-type", "compute", "--endpoint-type", "publicURL"
    )
    assert (done.code, done.out) == (0, nova("image-list").out)


def test_a_service_type_that_the_catalog_lacks_is_named(nova: Run) -> None:
    done = nova("image-list", "--service-type", "computation")
    assert (done.code, done.out) == (1, "")
    assert "The catalog has no computation service" in done.err


def test_nova_works_after_down_and_up_at_once(
    nova: Run, site: Site, compute_sandbox: Sandbox
) -> None:
    """A plain up starts Nova too. Its services last reported long ago, as on the next morning."""
    assert compute_sandbox.control("down").code == 0
    with sqlite3.connect(compute_sandbox.folder / "db" / "nova.sqlite") as database:
        database.execute("UPDATE services SET last_seen_up = '2020-01-01 00:00:00'")
    assert compute_sandbox.control("up").code == 0
    compute_sandbox.forget_tokens()
    site.server("after-up")
    done = nova("image-create", "--poll", "after-up", "snap-after-up")
    assert (done.code, done.out[-9:], done.err) == (0, "Finished\n", "")
    assert value(nova, "snap-after-up", "status") == "ACTIVE"
    silent(nova("image-delete", "snap-after-up"))
