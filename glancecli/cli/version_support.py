"""Which option works with which version of the Images API: the one place where that is written.

The program refuses by this table what a server cannot honour, before anything is sent; -v tells
from it what an option was translated to; docs/flags-by-version.md is made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from glancecli.api.v1.unsupported import (
    NO_ACCEPTANCE,
    NO_DEACTIVATION,
    NO_IMPORTS,
    NO_LOCATION_METADATA,
    NO_LOCATION_REMOVAL,
    NO_QUOTAS,
    NO_REACTIVATION,
    NO_STAGING,
    NO_STORES,
    NO_TAGS,
    NO_TASKS,
)
from glancecli.errors import UsageError


class Support(NamedTuple):
    """How a version honours an option: native, client (our own work), translated, refused."""

    how: str
    words: str = ""
    note: bool = False  # worth a line on stderr even without -v


class Flag(NamedTuple):
    """An option with both versions of the API."""

    v1: Support
    v2: Support


NATIVE = Support("native")
CLIENT = Support("client")


def translated(words: str, *, note: bool = False) -> Support:
    """Another way to the same end."""
    return Support("translated", words, note)


def refused(words: str) -> Support:
    """An error that says why, exit code 2, nothing sent."""
    return Support("refused", words)


BOTH = Flag(NATIVE, NATIVE)
OURS = Flag(CLIENT, CLIENT)


def only_v2(words: str, v2: Support = NATIVE) -> Flag:
    """v2's alone."""
    return Flag(refused(words), v2)


def _ours(flags: str) -> dict[str, Flag]:
    return dict.fromkeys(flags.split(), OURS)


_NO_HIDING = "Images v1 hides no images"
_STRING = translated("a property like any other")
_DATA = translated("compared with the data; refused where no data is given")

TRANSFER = _ours(
    "--file --allow-empty --force --allow-unsafe --hash-algo --progress --retries --stall-timeout --no-verify"
)

ATTRIBUTES: dict[str, Flag] = {
    **dict.fromkeys(
        "--name --disk-format --container-format --owner --min-disk --min-ram --property".split(),
        BOTH,
    ),
    "--size": Flag(NATIVE, _DATA),
    "--checksum": Flag(
        translated("compared with the data; without data MD5 only, kept with the record"), _DATA
    ),
    "--location": Flag(
        NATIVE, translated("the location API of 2.17 and later, else a PATCH of locations")
    ),
    "--copy-from": Flag(
        NATIVE, translated("an import by web-download, where the cloud offers that")
    ),
    "--visibility": Flag(
        translated("is_public True for public, False for private and shared; community is refused"),
        NATIVE,
    ),
    "--is-public": Flag(NATIVE, translated("visibility public or shared")),
    "--protected": BOTH,
    "--hidden": only_v2(_NO_HIDING),
    **{
        f"--{k}": Flag(_STRING, NATIVE)
        for k in "architecture os-distro os-version instance-uuid".split()
    },
    **{f"--{k}": Flag(_STRING, NATIVE) for k in "kernel-id ramdisk-id".split()},
    "--libvirt-type": OURS,
    "--wait": OURS,
    "--human-readable": OURS,
    **TRANSFER,
}

TABLE: dict[str, dict[str, Flag]] = {
    "image-list": {
        **dict.fromkeys(
            "--name --status --container-format --disk-format --size-min --size-max".split(), BOTH
        ),
        "--visibility": Flag(
            translated("is_public, and sifted here; community is refused"), NATIVE
        ),
        "--is-public": Flag(
            translated("is_public, and sifted here"),
            translated("visibility public, or sifted here"),
        ),
        "--owner": Flag(translated("sifted here from everybody's images"), NATIVE),
        "--member-status": only_v2(
            NO_ACCEPTANCE,
            translated("with visibility shared, and our own images sifted out here"),
        ),
        "--tag": only_v2(NO_TAGS),
        "--checksum": Flag(translated("sifted here"), NATIVE),
        "--hash": only_v2("Images v1 keeps no other hash than the MD5 checksum (--checksum)"),
        "--hidden": only_v2(_NO_HIDING),
        "--changes-since": Flag(
            NATIVE,
            translated(
                "new and changed images only, as Images v2 lists no deleted ones", note=True
            ),
        ),
        "--property-filter": BOTH,
        "--all-tenants": Flag(translated("is_public=None"), translated("visibility=all")),
        "--sort": Flag(translated("one key of those that v1 sorts by; more are refused"), NATIVE),
        "--sort-key": Flag(
            translated("one key of those that v1 sorts by; more are refused"), NATIVE
        ),
        "--sort-dir": BOTH,
        "--limit": BOTH,
        "--marker": BOTH,
        "--page-size": BOTH,
        "--include-stores": only_v2(NO_STORES),
        **_ours("--long --human-readable"),
    },
    "image-show": _ours("--human-readable --show-secrets"),
    "image-create": {
        "--id": BOTH,
        **ATTRIBUTES,
        "--tag": only_v2(NO_TAGS),
        "--store": Flag(
            NATIVE, translated("where data or --copy-from goes; refused where there is neither")
        ),
        "--keep": OURS,
    },
    "image-create-via-import": {"": only_v2(NO_IMPORTS)},
    "image-update": {
        **ATTRIBUTES,
        "--remove-property": Flag(
            translated("all other properties are sent again, and the rest purged"), NATIVE
        ),
        "--purge-props": Flag(
            NATIVE, translated("every other property is removed, in the same PATCH")
        ),
    },
    "image-delete": _ours("--dry-run"),
    "image-meta": _ours("--libvirt-type"),
    "image-download": {
        **_ours(
            "--file --force --expect-hash --sparse --progress --retries --stall-timeout --no-verify"
        ),
        "--parallel": only_v2("Images v1 gives images as a whole, not in parts"),
        "--prefer": only_v2(NO_STORES),
        "--allow-md5-fallback": OURS,
    },
    "image-upload": {
        "--size": BOTH,
        "--checksum": OURS,
        "--store": BOTH,
        "--wait": OURS,
        **TRANSFER,
    },
    "image-stage": {"": only_v2(NO_STAGING)},
    "image-import": {"": only_v2(NO_IMPORTS)},
    "import-info": {"": only_v2(NO_IMPORTS)},
    "image-tasks": {"": only_v2(NO_TASKS)},
    "image-copy": {
        **_ours("--to-os-cloud --to-region --keep --human-readable"),
        **_ours("--progress --retries --stall-timeout --no-verify"),
        **dict.fromkeys(("--name", "--store"), BOTH),
    },
    "image-deactivate": {"": only_v2(NO_DEACTIVATION)},
    "image-reactivate": {"": only_v2(NO_REACTIVATION)},
    "image-tag-update": {"": only_v2(NO_TAGS)},
    "image-tag-delete": {"": only_v2(NO_TAGS)},
    "stores-info": {"": only_v2(NO_STORES)},
    "stores-delete": {"": only_v2(NO_STORES)},
    "usage": {"": only_v2(NO_QUOTAS)},
    "member-list": {
        "--image-id": BOTH,
        "--tenant-id": Flag(NATIVE, translated("asked of every shared image that we see")),
    },
    "member-get": {"": Flag(translated("picked from the list of members"), NATIVE)},
    "member-create": {
        "--can-share": Flag(
            NATIVE, refused("in Images v2 only an image's owner shares it: leave out --can-share")
        )
    },
    "member-update": {"": only_v2(NO_ACCEPTANCE)},
    "member-delete": {},
    "location-add": {
        "": Flag(translated("a queued image's only location"), NATIVE),
        "--url": BOTH,
        "--metadata": only_v2(NO_LOCATION_METADATA),
        "--checksum": BOTH,
        "--hash-algo": only_v2("Images v1 keeps no other hash than the MD5 checksum (--checksum)"),
        "--hash-value": only_v2("Images v1 keeps no other hash than the MD5 checksum (--checksum)"),
        "--validation-data": only_v2(
            "Images v1 keeps no other hash than the MD5 checksum (--checksum)"
        ),
    },
    "location-update": {"": only_v2(NO_LOCATION_METADATA)},
    "location-delete": {"": only_v2(NO_LOCATION_REMOVAL)},
}


TABLE["add-location"] = TABLE["location-add"]


def check(
    command: str,
    given: Iterable[str],
    version: str,
    *,
    note: Callable[[str], None],
    detail: Callable[[str], None],
) -> None:
    """Say what the options that were given are translated to, a line each.

    Raises UsageError for the first that the version cannot honour.
    """
    flags = TABLE.get(command, {})
    for name in ("", *given):
        flag = flags.get(name)
        support = flag and (flag.v1 if version == "1" else flag.v2)
        if support and support.how == "refused":
            raise UsageError(f"{name}: {support.words}" if name else support.words)
        if support and support.how == "translated":
            (note if support.note else detail)(f"{name or command}: {support.words}")


def markdown() -> str:
    """The table as docs/flags-by-version.md has it."""
    lines = [
        "# Options by version of the Images API",
        "",
        "One command set speaks both versions. An option that a server cannot honour is refused with the",
        "sentence below, exit code 2, before anything is sent; none is ever dropped. `yes`: the service does",
        "it. `client`: our own work, whatever the service. Otherwise: how it is done.",
        "",
        "This page is made by `python -m glancecli.cli.version_support > docs/flags-by-version.md`.",
    ]
    for command, flags in TABLE.items():
        if command == "add-location":
            continue
        lines += ["", f"## {command}", ""]
        if not flags:
            lines.append("The same with both versions.")
            continue
        lines += ["| option | Images v1 | Images v2 |", "|---|---|---|"]
        lines += [
            f"| {f'`{name}`' if name else 'the command'} | {_words(flag.v1)} | {_words(flag.v2)} |"
            for name, flag in flags.items()
        ]
    return "\n".join(lines) + "\n"


def _words(support: Support) -> str:
    if support.how == "native":
        return "yes"
    return {
        "client": "client",
        "translated": support.words,
        "refused": f"refused: {support.words}",
    }[support.how]


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())
