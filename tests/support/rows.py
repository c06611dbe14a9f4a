"""Command lines, and what one of their requests must contain with each version of the API."""

from __future__ import annotations

import json
from typing import Any

ID = "7e5142af-1253-4634-bcc6-89482c5f2e8a"
QUEUED = "df430cc2-3406-4061-b635-a51c16e488ac"
MARKER = "00000000-0000-0000-0000-000000000000"
CHOSEN = "0f5fd4b1-6ac5-4bd3-9a12-0a3a2c5f0a11"
MD5 = "fe3a1ff59f3b89b2ad3d33f08984874b"
WEB = "http://example.com/x.img"
PROJECT = "66265572db174a7aa66eba661f58eb9e"
FORMATS = "--disk-format raw --container-format bare"

# (command line, content of a v1 request, content of a v2 request); None: this version refuses it.
Row = tuple[str, tuple[str, ...] | None, tuple[str, ...] | None]

LIST: list[Row] = [
    (
        "image-list",
        ("GET /v1/images/detail", "sort_key=name sort_dir=asc"),
        ("GET /v2/images", "sort=name:asc"),
    ),
    ("image-list --name Grüße", ("name=Grüße",), ("name=Grüße",)),
    ("image-list --status ACTIVE", ("status=active",), ("status=active",)),
    ("image-list --container-format bare", ("container_format=bare",), ("container_format=bare",)),
    ("image-list --disk-format raw", ("disk_format=raw",), ("disk_format=raw",)),
    ("image-list --size-min 1", ("size_min=1",), ("size_min=1",)),
    ("image-list --size-max 9", ("size_max=9",), ("size_max=9",)),
    ("image-list --visibility public", ("is_public=True",), ("visibility=public",)),
    ("image-list --is-public True", ("is_public=True",), ("visibility=public",)),
    ("image-list --is-public False", ("is_public=False",), ("GET /v2/images",)),
    ("image-list --owner p", ("is_public=None",), ("owner=p",)),
    ("image-list --all-tenants", ("is_public=None",), ("visibility=all",)),
    (f"image-list --checksum {MD5}", ("GET /v1/images/detail",), (f"checksum={MD5}",)),
    (
        "image-list --changes-since 2026-01-01T00:00:00Z",
        ("changes-since=2026-01-01T00:00:00Z",),
        ("updated_at=gte:2026-01-01T00:00:00Z",),
    ),
    ("image-list --property-filter os=linux", ("property-os=linux",), ("os=linux",)),
    ("image-list --sort size:desc", ("sort_key=size sort_dir=desc",), ("sort=size:desc",)),
    (
        "image-list --sort-key size --sort-dir desc",
        ("sort_key=size sort_dir=desc",),
        ("sort=size:desc",),
    ),
    ("image-list --sort name,size", None, ("sort=name:asc,size:asc",)),
    ("image-list --limit 3", ("limit=3",), ("limit=3",)),
    ("image-list --page-size 7", ("limit=7",), ("limit=7",)),
    (f"image-list --marker {MARKER}", (f"marker={MARKER}",), (f"marker={MARKER}",)),
    ("image-list --member-status all", None, ("member_status=all",)),
    ("image-list --tag a --tag b", None, ("tag=a tag=b",)),
    ("image-list --hash abc", None, ("os_hash_value=abc",)),
    ("image-list --hidden", None, ("os_hidden=true",)),
    ("image-list --include-stores", None, ("GET /v2/images",)),
    ("image-list --visibility community", None, ("visibility=community",)),
]


def _both(command: str, v1: str, v2: str) -> list[Row]:
    """Returns the rows for the attributes that create and update share."""

    create = command == "image-create"

    def sets(key: str, value: Any) -> tuple[str, ...]:
        if create:
            return (json.dumps({key: value}, ensure_ascii=False)[1:-1],)
        return (json.dumps({"op": "add", "path": f"/{key}", "value": value}, ensure_ascii=False),)

    rows: list[Row] = []
    for flag, key in (
        ("--name Grüße", "name"),
        ("--disk-format raw", "disk_format"),
        ("--container-format bare", "container_format"),
        (f"--owner {PROJECT}", "owner"),
        ("--property os=linux", "property-os"),
        ("--architecture x", "property-architecture"),
        ("--os-distro x", "property-os_distro"),
        ("--os-version x", "property-os_version"),
        ("--instance-uuid x", "property-instance_uuid"),
        ("--kernel-id x", "property-kernel_id"),
        ("--ramdisk-id x", "property-ramdisk_id"),
    ):
        value = flag.split()[1].rpartition("=")[2]
        rows.append(
            (
                f"{command} {flag}",
                (v1, f"x-image-meta-{key}: {value}"),
                (v2, *sets(key.removeprefix("property-"), value)),
            )
        )
    for flag, header, key, value in (
        ("--min-disk 3", "min_disk: 3", "min_disk", 3),
        ("--min-disk 0", "min_disk: 0", "min_disk", 0),
        ("--min-ram 256", "min_ram: 256", "min_ram", 256),
        ("--visibility public", "is_public: True", "visibility", "public"),
        ("--visibility private", "is_public: False", "visibility", "private"),
        ("--is-public True", "is_public: True", "visibility", "public"),
        ("--is-public=false", "is_public: False", "visibility", "shared"),
        ("--protected True", "protected: True", "protected", True),
        ("--is-protected False", "protected: False", "protected", False),
    ):
        rows.append((f"{command} {flag}", (v1, f"x-image-meta-{header}"), (v2, *sets(key, value))))
    rows.append((f"{command} --hidden True", None, (v2, *sets("os_hidden", True))))
    rows.append((f"{command} --visibility community", None, (v2, *sets("visibility", "community"))))
    return rows


CHANGE: list[Row] = [
    (
        f"image-create --id {CHOSEN}",
        (f"x-image-meta-id: {CHOSEN}",),
        (f'"id": "{CHOSEN}"',),
    ),
    ("image-create --store file", ("x-image-meta-store: file",), None),
    (
        f"image-create --copy-from {WEB} {FORMATS} --store file",
        (f"x-glance-api-copy-from: {WEB}", "x-image-meta-store: file"),
        ("/import", '"stores": ["file"]'),
    ),
    ("image-create --tags a b", None, ('"tags": ["a", "b"]',)),
    ("image-create --size 5", ("x-image-meta-size: 5",), None),
    (f"image-create --checksum {MD5.upper()}", (f"x-image-meta-checksum: {MD5}",), None),
    (
        f"image-create --copy-from {WEB} {FORMATS}",
        (f"x-glance-api-copy-from: {WEB}",),
        ("/import", f'"uri": "{WEB}"'),
    ),
    (
        f"image-create --location {WEB} {FORMATS}",
        (f"x-image-meta-location: {WEB}",),
        ("/locations", f'"url": "{WEB}"'),
    ),
    (
        f"image-update {QUEUED} --copy-from {WEB}",
        (f"x-glance-api-copy-from: {WEB}",),
        ("/import", f'"uri": "{WEB}"'),
    ),
    (
        f"image-update {QUEUED} --location {WEB}",
        (f"x-image-meta-location: {WEB}",),
        ("/locations", f'"url": "{WEB}"'),
    ),
    (f"image-update {QUEUED} --size 5", ("x-image-meta-size: 5",), None),
    (f"image-update {QUEUED} --checksum {MD5}", (f"x-image-meta-checksum: {MD5}",), None),
    (
        f"image-update {ID} --property a=1",
        ("x-glance-registry-purge-props: false", "property-a: 1"),
        ("PATCH", '"path": "/a"'),
    ),
    (
        f"image-update {ID} --purge-props --property a=1",
        ("x-glance-registry-purge-props: true", "property-a: 1"),
        (
            "PATCH",
            '{"op": "remove", "path": "/kernel_id"}',
            '{"op": "remove", "path": "/os_type"}',
            '"/a"',
        ),
    ),
    (
        f"image-update {ID} --remove-property os_type",
        ("x-glance-registry-purge-props: true", "x-image-meta-property-kernel_id: k"),
        ("PATCH", '[{"op": "remove", "path": "/os_type"}]'),
    ),
    (
        f"image-meta {ID} set a=1",
        ("purge-props: false", "property-a: 1"),
        ("PATCH", '"path": "/a"'),
    ),
    (
        f"image-meta {ID} delete os_type",
        ("purge-props: true",),
        ('{"op": "remove", "path": "/os_type"}',),
    ),
    (f"image-show {ID}", (f"HEAD /v1/images/{ID}",), (f"GET /v2/images/{ID}",)),
    (f"image-delete {ID}", (f"DELETE /v1/images/{ID}",), (f"DELETE /v2/images/{ID}",)),
    (
        f"member-list --image-id {ID}",
        (f"GET /v1/images/{ID}/members",),
        (f"GET /v2/images/{ID}/members",),
    ),
    ("member-list --tenant-id p", ("GET /v1/shared-images/p",), ("GET /v2/images/", "/members")),
    (f"member-get {ID} p", (f"GET /v1/images/{ID}/members",), (f"GET /v2/images/{ID}/members/p",)),
    (
        f"member-create {ID} {PROJECT}",
        (f"PUT /v1/images/{ID}/members/{PROJECT}", '"can_share": false'),
        ("POST", f'{{"member": "{PROJECT}"}}'),
    ),
    (
        f"member-create {ID} {PROJECT} --can-share",
        ('"can_share": true',),
        ("POST", f'{{"member": "{PROJECT}"}}'),
    ),
    (
        f"member-create {ID} {PROJECT} --make-shared",
        (f"PUT /v1/images/{ID}/members/{PROJECT}",),
        (f"GET /v2/images/{ID} ",),
    ),
    (
        f"member-create {ID} {PROJECT} --accept",
        (f"PUT /v1/images/{ID}/members/{PROJECT}",),
        (f"PUT /v2/images/{ID}/members/{PROJECT}", '{"status": "accepted"}'),
    ),
    ("member-list --pending", None, ("visibility=shared member_status=pending",)),
    (f"image-update {ID} --tag a", None, ("PATCH", '"path": "/tags", "value": ["a"]')),
    (f"image-update {ID} --remove-tag a", None, ("PATCH", '"path": "/tags", "value": []')),
    (
        f"image-create --location {WEB} {FORMATS} --store file",
        (f"x-image-meta-location: {WEB}", "x-image-meta-store: file"),
        None,
    ),
    (
        f"member-update {ID} p accepted",
        None,
        (f"PUT /v2/images/{ID}/members/p", '{"status": "accepted"}'),
    ),
    (
        f"member-delete {ID} p",
        (f"DELETE /v1/images/{ID}/members/p",),
        (f"DELETE /v2/images/{ID}/members/p",),
    ),
    (
        f"location-add {QUEUED} --url {WEB}",
        (f"x-image-meta-location: {WEB}",),
        ("/locations", f'"url": "{WEB}"'),
    ),
    (
        f"location-add {QUEUED} --url {WEB} --checksum {MD5}",
        (f"x-image-meta-checksum: {MD5}",),
        ("PATCH", f'"checksum": "{MD5}"'),
    ),
    (
        f"location-add {ID} --url {WEB} --metadata {{}} --hash-algo sha256 --hash-value abc",
        None,
        ("/locations", '"validation_data": {"os_hash_algo": "sha256", "os_hash_value": "abc"}'),
    ),
    (
        f'location-add {ID} --url {WEB} --validation-data {{"os_hash_algo":"md5","os_hash_value":"abc"}}',
        None,
        ("/locations", '"validation_data": {"os_hash_algo": "md5", "os_hash_value": "abc"}'),
    ),
    (
        f'location-update {ID} --url {WEB} --metadata {{"a":"b"}}',
        None,
        ("PATCH", '"op": "replace", "path": "/locations"', '"metadata": {"a": "b"}'),
    ),
    (f"location-delete {ID} --url {WEB}", None, ('{"op": "remove", "path": "/locations/0"}',)),
]

ROWS = [
    *LIST,
    *_both("image-create", "POST /v1/images", "POST /v2/images"),
    *_both(f"image-update {ID}", f"PUT /v1/images/{ID}", f"PATCH /v2/images/{ID}"),
    *CHANGE,
]
