"""The cases: command lines, the check of a run's work, and the targets."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.programs import WrongRun
from tests.bench.stub import image_id

Words = tuple[str, ...]
IDS = re.compile(rb"[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}")


class Result(NamedTuple):
    """The result of a run."""

    output: Path  # its stdout, or the file that it had to write
    told: Mapping[str, Any]  # what the server reports: requests, deleted, digest
    payload: Path
    digest: str  # of the payload, SHA-512


class Target(NamedTuple):
    """The metric of a variant is at most limit times that of against, or at most limit if against is ""."""

    variant: str
    metric: str  # cpu, wall, memory (MiB), requests
    against: str
    limit: float


class Case(NamedTuple):
    """One case. commands are by variant: ours (warm), cold (after a login), the peers, the floors (with
    sha512: reading and hashing the payload, and nothing else).

    server: none, short, ten (thousand images), hundred (thousand), data, or glance, the sandbox's. In
    words, {id} and {name} name an image, {ids} sixty of them in a word each, {data} the one with the
    payload, {file} the payload, {out} a file to write, {url} the server, {web} the URL of the payload on the web.
    """

    name: str
    server: str
    commands: dict[str, Words]
    check: Callable[[Result], None]
    targets: tuple[Target, ...] = ()
    stdin: str = ""  # "", or pipe: the payload comes through a pipe
    stdout: str = "pipe"  # pipe, tty


def _need(right: bool, what: str) -> None:
    if not right:
        raise WrongRun(what)


def says(*words: str) -> Callable[[Result], None]:
    """The output must contain one of these words."""

    def check(result: Result) -> None:
        text = result.output.read_text(errors="replace")
        _need(any(word in text for word in words), f"none of {words} in: {text[:300]}")

    return check


def changes_one(result: Result) -> None:
    """One image must be changed."""
    count = sum(request.startswith("PATCH ") for request in result.told["requests"])
    _need(count == 1, f"{count} images changed, not 1")


def lists(count: int) -> Callable[[Result], None]:
    """The output must name this many images."""

    def check(result: Result) -> None:
        found = len(set(IDS.findall(result.output.read_bytes())))
        _need(found == count, f"{found} images listed, not {count}")

    return check


def is_json(count: int) -> Callable[[Result], None]:
    """The output must be JSON, a list of this many images."""

    def check(result: Result) -> None:
        found = {row.get("id") or row.get("ID") for row in json.loads(result.output.read_bytes())}
        _need(
            found == {image_id(number) for number in range(count)},
            f"{len(found)} images, not {count}",
        )

    return check


def deletes_sixty(result: Result) -> None:
    """Sixty images must be deleted."""
    _need(result.told["deleted"] == 60, f"{result.told['deleted']} images deleted, not 60")


def sends_payload(result: Result) -> None:
    """The server must have the bytes of the payload."""
    _need(result.told["digest"] == result.digest, "the server has other bytes than were sent")


def writes_payload(result: Result) -> None:
    """The output must be the payload."""
    same = subprocess.run(["cmp", "-s", result.payload, result.output], check=False).returncode == 0
    _need(same, "other bytes than the server sent")


def _floor(*modules: str) -> Words:
    return ("python", "-c", f"import {', '.join(modules)}")


SHA512 = """
import hashlib, sys
found, data = hashlib.sha512(), bytearray(2**20)
with open(sys.argv[1], "rb", 0) as file:
    while count := file.readinto(data):
        found.update(memoryview(data)[:count])
"""
HASH = ("python", "-c", SHA512, "{file}")
CLICK, HTTP = _floor("click"), _floor("click", "requests")
CURL = ("curl", "-sS", "-f", "-H", "X-Auth-Token: {token}")
NO_NETWORK = (
    Target("ours", "cpu", "glance", 0.20),
    Target("ours", "cpu", "openstack", 0.07),
    Target("ours", "cpu", "floor", 1.4),
)
SHORT = (
    Target("ours", "cpu", "glance", 0.36),
    Target("ours", "cpu", "openstack", 0.15),
    Target("ours", "cpu", "floor", 1.2),
    Target("ours", "requests", "", 1),
    Target("cold", "cpu", "glance", 0.42),
    Target("cold", "cpu", "openstack", 0.17),
    Target("cold", "requests", "", 2),
)


def _help(name: str, ours: Words, glance: Words, openstack: Words, *words: str) -> Case:
    commands = {
        "ours": ("glance", *ours),
        "glance": ("glance", *glance),
        "openstack": ("openstack", *openstack),
    }
    return Case(name, "none", {**commands, "floor": CLICK}, says(*words), NO_NETWORK)


def _short(
    name: str, check: Callable[[Result], None], ours: Words, glance: Words | None, openstack: Words
) -> Case:
    mine = ("glance", *ours)
    commands = {"cold": mine, "ours": mine, "openstack": ("openstack", *openstack), "floor": HTTP}
    targets: tuple[Target, ...] = SHORT
    if glance is not None:
        commands["glance"] = ("glance", *glance)
    else:
        targets = tuple(t for t in SHORT if t.against != "glance")
    return Case(name, "short", commands, check, targets)


def _many(name: str, count: int, words: Words, rivals: dict[str, Words], *targets: Target) -> Case:
    check = is_json(count) if "json" in words else lists(count)
    server = "ten" if count == 10_000 else "hundred"
    commands = {"ours": ("glance", "image-list", *words), **rivals}
    stdout = "tty" if "terminal" in name else "pipe"
    return Case(name, server, commands, check, targets, stdout=stdout)


START = [
    _help(
        "--version", ("--version",), ("--version",), ("--version",), "glance", "openstack", "4.13.0"
    ),
    _help("--help", ("--help",), ("--help",), ("--help",), "image-list", "--os-cloud"),
    _help(
        "help COMMAND",
        ("help", "image-list"),
        ("help", "image-list"),
        ("help", "image", "list"),
        "--limit",
    ),
    _help(
        "completion",
        ("complete", "bash", "--", "glance image-li", "image-li"),
        ("bash-completion",),
        ("complete",),
        "image-list",
        "image_list",
    ),
]
NEW = ("--disk-format", "raw", "--container-format", "bare")
SETTING = ("--property", "bench=new")
SHORTS = [
    _short("image-list", says(image_id(7)), ("image-list",), ("image-list",), ("image", "list")),
    _short(
        "image-show ID", says(image_id(7)), ("image-show", "{id}"), ("image-show", "{id}"), ("image", "show", "{id}")
    ),
    _short("image-show NAME", says(image_id(7)), ("image-show", "{name}"), None, ("image", "show", "{name}")),
    _short(
        "image-update", changes_one, ("image-update", "{id}", *SETTING), ("image-update", "{id}", *SETTING),
        ("image", "set", "{id}", *SETTING),
    ),
]  # fmt: skip
PEER_LISTS = {"glance": ("glance", "image-list"), "openstack": ("openstack", "image", "list")}
JSON = ("-f", "json")
MANY = [
    _many(
        "10,000 images", 10_000, (), PEER_LISTS,
        Target("ours", "cpu", "glance", 0.30), Target("ours", "cpu", "openstack", 0.03),
        Target("ours", "requests", "", 11), Target("ours", "memory", "", 50),
    ),
    _many(
        "10,000 images, json", 10_000, JSON, {"openstack": ("openstack", "image", "list", *JSON)},
        Target("ours", "cpu", "openstack", 0.03), Target("ours", "requests", "", 11), Target("ours", "memory", "", 50),
    ),
    _many(
        "10,000 images on a terminal", 10_000, ("--no-pager",), {"piped": ("glance", "image-list", "-f", "table")},
        Target("ours", "cpu", "piped", 1.2),
    ),
    _many(
        "100,000 images", 100_000, (), {"glance": PEER_LISTS["glance"]},
        Target("ours", "cpu", "glance", 0.25), Target("ours", "memory", "", 120),
    ),
    _many("100,000 images, json", 100_000, JSON, {}, Target("ours", "memory", "", 80)),
    _many("100,000 images, csv", 100_000, ("-f", "csv"), {}, Target("ours", "memory", "", 80)),
]  # fmt: skip


def _delete(server: str, where: str) -> Case:
    commands = {
        "ours": ("glance", "image-delete", "{ids}"),
        "glance": ("glance", "image-delete", "{ids}"),
        "openstack": ("openstack", "image", "delete", "{ids}"),
        "floor": (*CURL, "-X", "DELETE", "{url}/v2/images/{ids}"),
    }
    targets = [Target("ours", "cpu", "glance", 0.5)]
    targets += [Target("ours", "wall", "glance", 0.6), Target("ours", "wall", "openstack", 0.3)]
    targets += [Target("ours", "requests", "", 60)] if server == "short" else []
    return Case(f"delete of 60{where}", server, commands, deletes_sixty, tuple(targets))


def _transfers(server: str, where: str) -> list[Case]:
    put = (*CURL, "-H", "Content-Type: application/octet-stream", "{url}/v2/images/{queued}/file")
    get = (*CURL, "{url}/v2/images/{data}/file")
    sending = (
        Target("ours", "wall", "glance", 1.1), Target("ours", "memory", "", 40),
    )  # fmt: skip
    receiving = (
        Target("ours", "cpu", "glance", 0.9), Target("ours", "wall", "glance", 0.7),
        Target("ours", "wall", "openstack", 0.3), Target("ours", "memory", "", 40),
    )  # fmt: skip
    create, osc = (
        ("glance", "image-create", "--name", "bench-new", *NEW),
        ("openstack", "image", "create", *NEW),
    )
    download, save = (
        ("glance", "image-download", "{data}"),
        ("openstack", "image", "save", "{data}"),
    )
    file, out = ("--file", "{file}"), ("--file", "{out}")
    return [
        Case(
            f"upload from a file{where}", server,
            {"ours": (*create, *file), "glance": (*create, *file), "openstack": (*osc, *file, "bench-new"),
             "floor": (*put, "-X", "PUT", "-T", "{file}"), "sha512": HASH}, sends_payload,
            (*sending, Target("ours", "cpu", "glance", 1.35), Target("ours", "wall", "openstack", 0.9)),
        ),
        Case(
            f"upload from a pipe{where}", server,
            {"ours": create, "glance": create, "openstack": (*osc, "bench-new"),
             "floor": (*put, "-X", "PUT", "-T", "-"), "sha512": HASH}, sends_payload,
            (*sending, Target("ours", "cpu", "glance", 1.8), Target("ours", "wall", "openstack", 0.95)),
            stdin="pipe",
        ),
        Case(
            f"upload from the web{where}", server,
            {"ours": (*create, "--file", "{web}"),
             "curl": ("sh", "-c", 'curl -sS "$0" | "$@"', "{web}", *create)},
            sends_payload,
            (Target("ours", "memory", "", 40), Target("ours", "cpu", "curl", 1.0)),
        ),
        Case(
            f"download to a file{where}", server,
            {"ours": (*download, *out), "glance": (*download, *out), "openstack": (*save, *out),
             "floor": ("sh", "-c", '"$@" && sync "$0"', "{out}", *get, "-o", "{out}"), "sha512": HASH},
            writes_payload, receiving,
        ),
        Case(
            f"download to a pipe{where}", server,
            {"ours": download, "glance": download, "openstack": save, "floor": get, "sha512": HASH},
            writes_payload, receiving,
        ),
    ]  # fmt: skip


CASES = [
    *START,
    *SHORTS,
    *MANY,
    _delete("short", ""),
    *_transfers("data", ""),
    _delete("glance", ", Glance"),
    *_transfers("glance", ", Glance"),
]
