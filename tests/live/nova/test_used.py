"""Who uses images, and prunes that spare them, on a real Nova: as admin, as a member and as a stranger."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.novasite import DATA, Site
from tests.support.sandbox import PROGRAMS, Run, Sandbox, environment
from tests.support.waiting import wait_until

USERS = ("-f", "value", "-c", "Kind,Name,Status")


@pytest.fixture(scope="module")
def site(compute_sandbox: Sandbox) -> Iterator[Site]:
    found = Site(compute_sandbox)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def few_servers(site: Site) -> Iterator[None]:
    """Servers of one test are gone after it: ten are all that a project may have."""
    yield
    site.delete_servers()


def delete_server(site: Site, server: str) -> None:
    site.compute("DELETE", f"/servers/{server}")
    site.servers.remove(server)
    wait_until(lambda: server not in servers(site))


def servers(site: Site) -> dict[str, dict[str, Any]]:
    found = site.compute("GET", "/servers/detail")["servers"]
    return {server["id"]: server for server in found}


def snapshot(nova: Run, site: Site, server: str, name: str, **more: Any) -> str:
    done = nova("image-create", server, name, "--poll", **more)
    assert done.code == 0, done.err
    (found,) = (i["id"] for i in site.sandbox.images().values() if i["name"] == name)
    return str(found)


def test_servers_and_their_snapshots_use_an_image(nova: Run, glance: Run, site: Site) -> None:
    image = site.new_image("in use", DATA)
    server = site.server("web1", image)
    taken = snapshot(nova, site, server, "web1-snap")
    done = glance("image-used-by", image, "-f", "value", "-c", "Kind,ID,Name,Status")
    assert (done.code, done.err) == (0, "")
    assert done.lines == [f"server {server} web1 ACTIVE", f"snapshot {taken} web1-snap active"]
    assert glance("image-list", "--used", "-f", "id").lines == [image]
    assert glance("image-list", "--unused", "-f", "id").lines == [site.image, taken]
    delete_server(site, server)
    site.glance("DELETE", f"/v2/images/{taken}")
    done = glance("image-used-by", "in use", *USERS)
    assert (done.code, done.out, done.err) == (0, "", "glance: nothing uses image in use\n")


def test_a_snapshot_of_a_snapshot_uses_both_while_its_server_is_there(
    nova: Run, glance: Run, site: Site
) -> None:
    first = snapshot(nova, site, site.server("web1"), "first")
    second_server = site.server("web2", first)
    second = snapshot(nova, site, second_server, "second")
    # The last one names the first image of the chain, not the one between.
    assert site.sandbox.images()[second]["base_image_ref"] == site.image
    assert glance("image-used-by", "first", *USERS).lines == [
        "server web2 ACTIVE",
        "snapshot second active",
    ]
    assert "snapshot second active" in glance("image-used-by", site.image, *USERS).lines
    assert glance("image-list", "--unused", "-f", "id").lines == [second]
    delete_server(site, second_server)
    done = glance("image-used-by", "first", "-f", "value", "-c", "Kind")
    assert (done.code, done.out) == (0, "unknown\n")
    done = glance("image-list", "--unused", "-f", "id")
    assert done.lines == [second]
    assert "1 image left out, as it is unknown whether used: a later snapshot may" in done.err


def test_snapshots_of_one_server_do_not_use_each_other(nova: Run, glance: Run, site: Site) -> None:
    server = site.server("web1")
    names = ["monday", "tuesday", "wednesday"]
    taken = [snapshot(nova, site, server, name) for name in names]
    assert glance("image-list", "--unused", "-f", "id").lines == taken
    delete_server(site, server)
    assert glance("image-list", "--unused", "-f", "id").lines == taken


def test_hidden_images_are_users_too(nova: Run, glance: Run, site: Site) -> None:
    base = site.new_image("base", DATA)
    server = site.server("web1", base)
    snapshot(nova, site, server, "snap")
    delete_server(site, server)
    assert glance("image-update", "snap", "--hidden", "True").code == 0
    assert glance("image-used-by", base, *USERS).lines == ["snapshot snap active"]
    assert glance("image-list", "--unused", "-f", "id").lines == [site.image]


def test_kernels_and_ramdisks_are_used_by_the_images_that_name_them(
    nova: Run, glance: Run, site: Site
) -> None:
    kernel, ramdisk = site.new_image("kernel", DATA), site.new_image("ramdisk", DATA)
    site.new_image("disk", DATA, kernel_id=kernel, ramdisk_id=ramdisk)
    assert glance("image-used-by", "kernel", *USERS).lines == ["kernel-of disk active"]
    assert glance("image-used-by", "ramdisk", *USERS).lines == ["ramdisk-of disk active"]


def test_the_disk_of_a_shelved_server_is_never_pruned_and_its_deletion_warns(
    nova: Run, glance: Run, site: Site
) -> None:
    server = site.server("web1")
    snapshot(nova, site, server, "snap")
    site.compute("POST", f"/servers/{server}/action", {"shelve": None})
    wait_until(lambda: servers(site)[server]["status"] == "SHELVED_OFFLOADED")
    done = glance("image-used-by", "web1-shelved", *USERS)
    assert (done.code, done.out) == (0, "shelved-server web1 SHELVED_OFFLOADED\n")
    snapshot(nova, site, site.server("web2"), "newer")
    words = ("--per", "base_image_ref", "--keep", "1", "--yes", "-f", "value", "-c", "Name,Reason")
    done = glance("image-prune", *words, "--ignore-unknown-use")
    assert done.code == 0, done.err
    assert "web1-shelved the disk of a shelved server" in done.lines
    assert "snap" not in {image["name"] for image in site.sandbox.images().values()}
    warned = glance("image-delete", "--dry-run", "web1-shelved", "-c", "Name")
    assert "without the image the server cannot be unshelved" in warned.err
    site.compute("POST", f"/servers/{server}/action", {"unshelve": None})
    wait_until(lambda: servers(site)[server]["status"] == "ACTIVE")


def test_a_member_knows_his_private_images_alone(nova: Run, glance: Run, site: Site) -> None:
    base = site.new_image("for all", DATA, visibility="public")
    ours = Site(site.sandbox, "sandbox-demo")
    try:
        site.server("theirs", base)
        server = ours.server("ours", base)
        taken = snapshot(nova, ours, server, "ours-snap", cloud="sandbox-demo")
        words = ("image-used-by", "for all", "nova-base", "ours-snap", "-f", "value")
        done = glance(*words, "-c", "Image,Kind,Name", cloud="sandbox-demo")
        assert done.lines == [
            "for all server ours",
            "for all snapshot ours-snap",
            "for all unknown None",
            "nova-base unknown None",
        ]
        assert "nothing uses image ours-snap" in done.err
        assert (
            "other projects may have access, and only this project's servers and images" in done.err
        )
        done = glance("image-list", "--unused", "-f", "id", cloud="sandbox-demo")
        assert (done.code, done.lines) == (0, [taken])
        assert "1 image left out" in done.err
        # A third project sees neither, and the administrator sees both.
        done = glance("image-used-by", "for all", *USERS, cloud="sandbox-other")
        assert done.lines == ["unknown None None"]
        done = glance("image-used-by", "for all", *USERS)
        assert sorted(done.lines) == [
            "server ours ACTIVE",
            "server theirs ACTIVE",
            "snapshot ours-snap active",
        ]
    finally:
        ours.close()


def builds(site: Site, number: int, **more: Any) -> list[str]:
    """Builds of one family, the oldest first."""
    made = [site.new_image(f"deb-12-2026{day + 100:04}", DATA, **more) for day in range(1, number)]
    wait_until(lambda: made[-1] in site.sandbox.images())
    newest = site.sandbox.images()[made[-1]]["created_at"]
    made.append(
        wait_until(lambda: _later_build(site, f"deb-12-2026{number + 100:04}", newest, **more))
    )
    return made


def _later_build(site: Site, name: str, than: str, **more: Any) -> str:
    """A build of a later second, "" if the second has not passed yet."""
    made = site.new_image(name, DATA, **more)
    if site.sandbox.images()[made]["created_at"] > than:
        return made
    site.glance("DELETE", f"/v2/images/{made}")
    return ""


def test_a_prune_deletes_what_nothing_uses_and_keeps_the_rest(
    nova: Run, glance: Run, site: Site
) -> None:
    made = builds(site, 6)
    site.server("web1", made[1])
    site.glance("POST", f"/v2/images/{made[2]}/actions/deactivate", b"")
    glance("image-update", made[3], "--protected", "True")
    words = ("image-prune", "deb-12-*", "--keep", "1")
    plan = glance(*words, "-f", "json").json
    assert {row["id"]: row["reason"] for row in plan} == {
        made[0]: "surplus",
        made[1]: "used",
        made[2]: "surplus",
        made[3]: "protected",
        made[4]: "surplus",
        made[5]: "newest",
    }
    assert set(made) <= site.sandbox.images().keys()
    done = glance(*words, "--yes")
    size = len(DATA) * 3 // 1024
    assert (done.code, done.err) == (0, f"glance: 3 images deleted, {size}kB freed\n")
    assert set(made) & site.sandbox.images().keys() == {made[1], made[3], made[5]}
    done = glance(*words, "--yes")
    assert (done.code, done.err) == (0, "glance: nothing to delete\n")


def test_old_builds_are_hidden_even_if_they_are_used(nova: Run, glance: Run, site: Site) -> None:
    made = builds(site, 3, visibility="public")
    site.server("web1", made[0])
    done = glance("image-prune", "deb-12-*", "--keep", "1", "--action", "hide", "--yes")
    assert (done.code, done.err) == (0, "glance: 2 images hidden\n")
    hidden = {each: site.sandbox.images()[each]["os_hidden"] for each in made}
    assert hidden == {made[0]: True, made[1]: True, made[2]: False}
    done = glance("image-prune", "deb-12-*", "--hidden", "True", "--keep", "1", "-f", "json")
    assert [row["reason"] for row in done.json][-1] in ("used", "newest")


def test_another_project_is_spared_unless_all_projects_are_asked_for(
    nova: Run, glance: Run, site: Site, sandbox: Sandbox
) -> None:
    ours = Site(sandbox, "sandbox-demo")
    try:
        theirs = builds(ours, 3)
        words = ("image-prune", "deb-12-*", "--keep", "1", "--visibility", "all", "--yes")
        done = glance(*words)
        assert done.code == 0
        assert "3 images of other projects left alone (--all-projects)" in done.err
        assert set(theirs) <= sandbox.images().keys()
        done = glance(*words, "--all-projects")
        assert (done.code, set(theirs) & sandbox.images().keys()) == (0, {theirs[2]})
    finally:
        ours.close()


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_prune_that_is_stopped_at_any_time_is_finished_by_the_next(
    nova: Run, glance: Run, site: Site, tmp_path: Path, signal_number: int
) -> None:
    made = builds(site, 16)
    words = ["image-prune", "deb-12-*", "--keep", "1", "--yes", "-f", "json"]
    env = {**environment(tmp_path / "home", site.sandbox.data), "OS_CLOUD": "sandbox"}
    running = subprocess.Popen(
        [PROGRAMS / "glance", *words],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_until(lambda: set(made) - site.sandbox.images().keys() or running.poll() is not None)
    os.kill(running.pid, signal_number)
    _, err = running.communicate(timeout=60)
    left = set(made) & site.sandbox.images().keys()
    assert made[-1] in left
    if signal_number != signal.SIGKILL and running.returncode:
        assert running.returncode == 128 + signal_number
        assert b"Run the command again for the others." in err
    done = glance(*words)
    assert done.code == 0, done.err
    assert set(made) & site.sandbox.images().keys() == {made[-1]}
