"""The vocabulary of images: what an image is, and a query for images. No HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from glancecli.errors import Hint, UsageError
from glancecli.text import did_you_mean, normalized_name

Image = dict[str, Any]
Fields = Mapping[str, Any]  # attributes and custom properties, by name
Filter = tuple[str, str]  # name and value of an attribute or a custom property
SortKey = tuple[str, str]  # name of an attribute, "asc" or "desc"

# The names of an image's fields, each set for one meaning -----------------------------------------

# Attributes of an image. Every other key at its top level is a custom property.
ATTRIBUTES = frozenset(
    "id name status visibility owner size virtual_size checksum os_hash_algo os_hash_value "
    "os_hidden container_format disk_format min_disk min_ram protected tags created_at updated_at "
    "deleted deleted_at file self schema access locations direct_url stores".split()
)

# Attributes that a copy of the image shares. The others come from the service that has the image,
# or are decided anew for the copy (visibility, protection).
COPIED_ATTRIBUTES = frozenset("name container_format disk_format min_disk min_ram tags".split())

# Attributes in bytes, by their names in both services and in what we find out about a file.
BYTES = frozenset({"size", "virtual_size", "OS-EXT-IMG-SIZE:size"})

# Attributes that are links within the API and tell people nothing.
API_LINKS = frozenset({"self", "file", "schema", "access"})

# Attributes that Images v1 shows of every image, and those that it shows where they have a value.
V1_ATTRIBUTES = (
    "checksum container_format created_at deleted disk_format id is_public min_disk min_ram name "
    "owner protected size status updated_at".split()
)
V1_OPTIONAL_ATTRIBUTES = ("deleted_at", "virtual_size")

# Attributes by which lists can be sorted, the same in both versions of the API.
SORT_KEYS = (
    "name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at",
)  # fmt: skip

# The values of attributes that are known. A service may take others.
KNOWN_VALUES = {
    "status": tuple(
        "active queued saving uploading importing deactivated killed pending_delete deleted".split()
    ),
    "visibility": ("public", "private", "shared", "community"),
    "disk_format": tuple("ami ari aki vhd vhdx vmdk raw qcow2 vdi iso ploop gpt".split()),
    "container_format": tuple("ami ari aki bare ovf ova docker compressed".split()),
}

# What the service's own description of images says about them is remembered under this name.
KNOWN_VALUES_FACT = "known_values"

# Custom properties that belong to a server, an image, a user or a volume of one cloud.
CLOUD_PROPERTIES = frozenset(
    "base_image_ref image_location image_state image_type instance_uuid user_id boot_roles "
    "owner_id owner_project_name owner_user_name img_base_image_ref img_owner_id network_allocated "
    "block_device_mapping bdm_v2 mappings root_device_name img_block_device_mapping img_bdm_v2 "
    "img_mappings img_root_device_name volume_id snapshot_id cinder_img_volume_type "
    "signature_verified kernel_id ramdisk_id".split()
)
# The same by how they begin: keys and certificates of a key manager, and the flavor of a server. A
# service that deletes the image may delete such a key.
CLOUD_PREFIXES = ("cinder_encryption_key_", "os_encrypt_key_", "img_signature", "instance_type_")

# Custom properties with the ID of the key without which the data cannot be read.
KEY_IDS = ("cinder_encryption_key_id", "os_encrypt_key_id")

# Custom properties that the service keeps for itself begin so. They are never purged or copied.
RESERVED_PREFIX = "os_glance_"

# Words of options that are easily taken for properties, and the command that has them.
NOT_PROPERTIES = {
    "location": "location-add",
    "locations": "location-add",
    "copy_from": "image-create",
    "store": "image-create",
}

# As RFC 9562 writes it, with dashes.
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

# What a service may give as the ID of an image: a UUID, a number of the first services, and nothing
# that has a meaning in a path.
IMAGE_ID = "[0-9A-Za-z][0-9A-Za-z.-]{0,63}"


class Query(NamedTuple):
    """Which images to list, in which order. What is None or empty does not matter.

    names, ids, created_since and created_before spare pages: a service that cannot filter by them
    lists other images as well.
    """

    filters: tuple[Filter, ...] = ()  # an image must have all these values
    tags: tuple[str, ...] = ()
    size_min: int | None = None  # bytes, inclusive
    size_max: int | None = None
    hidden: bool | None = None
    public: bool | None = None  # v1's is_public; False is everything that is not public
    all_projects: bool = False  # for administrators
    of_others: bool = False  # none of our own project, if its ID is known (v2)
    changes_since: str = ""  # ISO 8601
    names: tuple[str, ...] = ()  # images with any of these names
    ids: tuple[str, ...] = ()
    created_since: str = ""  # ISO 8601, inclusive
    created_before: str = ""  # exclusive
    sort: tuple[SortKey, ...] = (("name", "asc"),)
    limit: int | None = None
    marker: str = ""
    page_size: int | None = None
    ahead: bool = True  # a page may be requested before the one before it is read

    @property
    def is_for_all(self) -> bool:
        """Whether it leaves out no image that lists show."""
        return self._replace(sort=(), page_size=None) == Query(sort=())


def warn_of_unknown_values(
    fields: Fields,
    warn: Callable[[str], None],
    known_values: Mapping[str, Sequence[str]] = KNOWN_VALUES,
) -> None:
    """Calls warn for values that are not among the known ones of their field, with the nearest."""
    for key, known in known_values.items():
        value = str(fields.get(key) or "")
        if value and value.lower() not in known:
            option = key.replace("_", "-")
            advice = did_you_mean(value, known) or f"; known are {', '.join(known)}"
            warn(f"--{option}: '{value}' is not a known value{advice}")


def is_uuid(text: str) -> bool:
    """Whether this is written as an image ID."""
    return re.fullmatch(UUID, text, re.IGNORECASE) is not None


def has_data(image: Image) -> bool:
    """Whether the image has its data, in every store that an import puts them into."""
    done = image.get("status") in ("active", "deactivated")
    return done and not image.get("os_glance_importing_to_stores")


def is_custom_property(key: str) -> bool:
    """Whether this key of an image is a property that users set, neither attribute nor reserved."""
    return key not in ATTRIBUTES and not key.startswith(RESERVED_PREFIX)


def belongs_to_cloud(key: str) -> bool:
    """Whether this property names something of the cloud that the image is in.

    Images v1 stores ``Kernel-Id`` as kernel_id, so that spelling counts as well.
    """
    name = normalized_name(key)
    return name in CLOUD_PROPERTIES or name.startswith((*CLOUD_PREFIXES, RESERVED_PREFIX))


def is_encrypted(image: Image) -> bool:
    """Whether the data can be read only with a key of the image's cloud."""
    return any(value and normalized_name(key) in KEY_IDS for key, value in image.items())


def check_properties(keys: Iterable[str]) -> None:
    """Raises UsageError for what is not a property, or is one that the service keeps for itself."""
    for key in keys:
        if key.startswith(RESERVED_PREFIX):
            raise UsageError(f"'{key}' is reserved for the Image service itself")
        if key in NOT_PROPERTIES:
            raise UsageError(
                f"'{key}' is not a property", hint=Hint("See {}.", (NOT_PROPERTIES[key], "--help"))
            )
        if key in ATTRIBUTES:
            raise UsageError(
                f"'{key}' is an attribute of the image, not a property",
                hint=Hint("See {}.", ("image-update", "--help")),
            )
