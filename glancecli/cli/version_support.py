"""Which option works with which version of the Images API: one table.

By this table the program refuses, before anything is sent, what a server cannot honour; with -v it
says what an option was translated to. docs/flags-by-version.md is generated from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from glancecli.api.v1.unsupported import (
    NO_ACCEPTANCE,
    NO_CACHE,
    NO_DEACTIVATION,
    NO_IMPORTS,
    NO_LOCATION_METADATA,
    NO_LOCATION_REMOVAL,
    NO_METADEFS,
    NO_QUOTAS,
    NO_REACTIVATION,
    NO_SCHEMAS,
    NO_STAGING,
    NO_STORES,
    NO_TAGS,
    NO_TASKS,
)
from glancecli.cli.contents import CACHE, METADEFS
from glancecli.errors import UsageError

if TYPE_CHECKING:
    from glancecli.cli.console import Console


class How(Enum):
    """How a version of the API honours an option."""

    NATIVE = "native"  # the service does it
    CLIENT = "client"  # we do it, whatever the service
    TRANSLATED = "translated"  # in another way to the same end
    REFUSED = "refused"  # an error, exit code 2, before anything is sent


class Level(Enum):
    """How the words about a translated option are written: the methods of Console."""

    DETAIL = "detail"  # with -v
    NOTE = "note"
    WARNING = "warn"


class Support(NamedTuple):
    """How one version honours an option."""

    how: How
    words: str = ""  # how it is translated, or why it is refused
    level: Level = Level.DETAIL


class Versions(NamedTuple):
    """How each version honours an option."""

    v1: Support
    v2: Support

    def support(self, version: str) -> Support:
        """Returns how the version "1" or "2" honours the option."""
        if version == "1":
            return self.v1
        return self.v2


NATIVE = Support(How.NATIVE)
CLIENT = Support(How.CLIENT)


def translated(words: str, level: Level = Level.DETAIL) -> Support:
    """Returns the support of an option that is honoured in another way."""
    return Support(How.TRANSLATED, words, level)


def refused(words: str) -> Support:
    """Returns the support of an option that is refused for this reason."""
    return Support(How.REFUSED, words)


def only_v2(words: str, v2: Support = NATIVE) -> Versions:
    """Returns the support of an option that v1 refuses for this reason."""
    return Versions(refused(words), v2)


def each(options: str, versions: Versions) -> dict[str, Versions]:
    """Returns a table in which all these options, with blanks between, have the same support."""
    return dict.fromkeys(options.split(), versions)


BOTH = Versions(NATIVE, NATIVE)
OURS = Versions(CLIENT, CLIENT)

NO_USE = "Images v1 does not show which images other projects may use"
NO_HIDING = "Images v1 has no hidden images"
NO_OTHER_HASH = "Images v1 keeps no other hash than the MD5 checksum (--checksum)"
AS_PROPERTY = Versions(translated("an ordinary property"), NATIVE)
COMPARED = translated("compared with the data; refused where there is no data")
ONE_SORT_KEY = Versions(translated("one key that v1 can sort by; more are refused"), NATIVE)

TRANSFER = each(
    "--file --allow-empty --force --allow-unsafe --hash-algo --progress --retries"
    " --stall-timeout --no-verify --checksums --checksums-name --keyring --decompress --max-size"
    " --source-cacert --no-source-properties",
    OURS,
)

ATTRIBUTES: dict[str, Versions] = {
    **each("--name --disk-format --container-format --owner --min-disk --min-ram --property", BOTH),
    "--size": Versions(NATIVE, COMPARED),
    "--checksum": Versions(
        translated("compared with the data; without data only an MD5, kept with the image"),
        COMPARED,
    ),
    "--location": Versions(
        NATIVE, translated("the location API of 2.17 and later, else a PATCH of locations")
    ),
    "--copy-from": Versions(
        NATIVE, translated("an import by web-download, where the cloud offers it")
    ),
    "--visibility": Versions(
        translated("is_public True for public, False for private and shared; community is refused"),
        NATIVE,
    ),
    "--is-public": Versions(NATIVE, translated("visibility public or shared")),
    "--protected": BOTH,
    "--hidden": only_v2(NO_HIDING),
    **each(
        "--architecture --os-distro --os-version --instance-uuid --kernel-id --ramdisk-id",
        AS_PROPERTY,
    ),
    "--libvirt-type": OURS,
    "--project-domain": OURS,
    "--wait": OURS,
    **TRANSFER,
}

TABLE: dict[str, dict[str, Versions]] = {
    "image-list": {
        **each("--name --status --container-format --disk-format --size-min --size-max", BOTH),
        "--visibility": Versions(
            translated("is_public, then filtered here; community is refused"), NATIVE
        ),
        "--is-public": Versions(
            translated("is_public, then filtered here"),
            translated("visibility public, or filtered here"),
        ),
        "--owner": Versions(translated("all projects' images, filtered here"), NATIVE),
        **each(
            "--project-domain --older-than --newer-than --created-before --mine --latest --per",
            OURS,
        ),
        "--member-status": only_v2(
            NO_ACCEPTANCE,
            translated("with visibility shared; our own images are filtered out here"),
        ),
        "--tag": only_v2(NO_TAGS),
        "--checksum": Versions(translated("filtered here"), NATIVE),
        "--hash": only_v2(NO_OTHER_HASH),
        "--hidden": only_v2(NO_HIDING),
        **each("--used --unused", only_v2(NO_USE, CLIENT)),
        "--changes-since": Versions(
            NATIVE,
            translated(
                "new and changed images only, as Images v2 lists no deleted ones", Level.NOTE
            ),
        ),
        "--property-filter": BOTH,
        "--all-tenants": Versions(translated("is_public=None"), translated("visibility=all")),
        "--sort": ONE_SORT_KEY,
        "--sort-key": ONE_SORT_KEY,
        **each("--sort-dir --limit --marker --page-size", BOTH),
        "--include-stores": only_v2(NO_STORES),
        **each("--all-regions --long", OURS),
    },
    "image-show": each("--show-secrets", OURS),
    "image-create": {
        "--id": BOTH,
        **ATTRIBUTES,
        "--tag": only_v2(NO_TAGS),
        "--store": Versions(
            NATIVE,
            translated(
                "where the data or --copy-from goes; refused where there is neither, and "
                "with --location"
            ),
        ),
        **each("--keep --skip-existing --dry-run", OURS),
    },
    "image-create-via-import": {"": only_v2(NO_IMPORTS)},
    "image-update": {
        **ATTRIBUTES,
        "--remove-property": Versions(
            translated("all other properties are sent again, and the rest is purged"), NATIVE
        ),
        "--purge-props": Versions(
            NATIVE, translated("every other property is removed, in the same PATCH")
        ),
        **each("--tag --remove-tag", only_v2(NO_TAGS)),
    },
    "image-delete": each("--dry-run", OURS),
    "image-used-by": {"": only_v2(NO_USE, CLIENT)},
    "image-prune": {"": only_v2(NO_USE, CLIENT)},
    "image-meta": each("--libvirt-type", OURS),
    "image-download": {
        **each(
            "--file --force --expect-hash --sparse --progress --retries --stall-timeout"
            " --no-verify --allow-md5-fallback",
            OURS,
        ),
        "--parallel": only_v2("Images v1 sends an image as a whole, not in parts"),
        "--prefer": only_v2(NO_STORES),
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
        **each(
            "--to-os-cloud --to-region --keep --force --progress --retries"
            " --stall-timeout --no-verify",
            OURS,
        ),
        **each("--name --store", BOTH),
    },
    "image-wait": each("--for --timeout --interval", OURS),
    "image-deactivate": {"": only_v2(NO_DEACTIVATION)},
    "image-reactivate": {"": only_v2(NO_REACTIVATION)},
    "image-tag-update": {"": only_v2(NO_TAGS)},
    "image-tag-delete": {"": only_v2(NO_TAGS)},
    "stores-info": {"": only_v2(NO_STORES)},
    "stores-delete": {"": only_v2(NO_STORES)},
    "task-list": {"": only_v2(NO_TASKS)},
    "task-show": {"": only_v2(NO_TASKS)},
    "task-create": {"": only_v2(NO_TASKS)},
    "explain": {"": only_v2(NO_SCHEMAS)},
    **{name: {"": only_v2(NO_METADEFS)} for name in METADEFS},
    **{name: {"": only_v2(NO_CACHE)} for name in CACHE},
    "usage": {"": only_v2(NO_QUOTAS)},
    "member-list": {
        "--image-id": BOTH,
        "--tenant-id": Versions(NATIVE, translated("the members of every shared image we see")),
        "--pending": only_v2(NO_ACCEPTANCE),
        "--project-domain": OURS,
    },
    "member-get": {
        "": Versions(translated("picked from the list of members"), NATIVE),
        "--project-domain": OURS,
    },
    "member-create": {
        "--make-shared": Versions(
            translated("nothing to do: in Images v1 every image can have members"), NATIVE
        ),
        "--accept": Versions(
            translated("nothing to do: in Images v1 a member sees a shared image at once"), NATIVE
        ),
        "--can-share": Versions(
            NATIVE,
            translated(
                "shared, but members cannot share it further: in Images v2 only the owner can",
                Level.WARNING,
            ),
        ),
        "--project-domain": OURS,
    },
    "member-update": {"": only_v2(NO_ACCEPTANCE)},
    "member-delete": {"--project-domain": OURS},
    "location-add": {
        "": Versions(translated("a queued image's only location"), NATIVE),
        "--url": BOTH,
        "--metadata": only_v2(NO_LOCATION_METADATA),
        "--checksum": BOTH,
        **each("--hash-algo --hash-value --validation-data", only_v2(NO_OTHER_HASH)),
    },
    "location-update": {"": only_v2(NO_LOCATION_METADATA)},
    "location-delete": {"": only_v2(NO_LOCATION_REMOVAL)},
}

TABLE["add-location"] = TABLE["location-add"]


def check(
    command: str,
    options: Iterable[str],
    version: str,
    console: Console,
) -> None:
    """Writes what the given options are translated to, a line each.

    Raises UsageError for the first one that the version cannot honour.
    """
    table = TABLE.get(command, {})
    for name in ("", *options):
        if name not in table:
            continue
        support = table[name].support(version)
        if support.how is How.REFUSED:
            raise UsageError(_sentence(name, support))
        if support.how is How.TRANSLATED:
            write = getattr(console, support.level.value)
            write(_sentence(name or command, support))


def _sentence(name: str, support: Support) -> str:
    """Returns the words about an option; "" is the command itself."""
    if not name:
        return support.words
    return f"{name}: {support.words}"
