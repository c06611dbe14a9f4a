"""Options of imports: where the data comes from, and into which stores it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.parameters import into, option
from glancecli.cli.types import TRUE_FALSE, Choice
from glancecli.errors import UsageError
from glancecli.image import Image


class ImportSource(NamedTuple):
    """Where an import gets its data."""

    import_method: str
    uri: str | None
    remote_region: str | None
    remote_image_id: str | None
    remote_service_interface: str | None
    typed: frozenset[str]


class ImportStores(NamedTuple):
    """Where an import puts its data."""

    store: str | None
    stores: str | None  # separated by commas
    all_stores: bool | None
    allow_failure: bool
    typed: frozenset[str]


class Method(NamedTuple):
    """The options that an import method needs, and those that it takes besides."""

    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """All options of the method."""
        return (*self.needed, *self.optional)


# A method that is not here needs no options.
METHODS = {
    "glance-direct": Method(),
    "web-download": Method(("uri",)),
    "copy-image": Method(),
    "glance-download": Method(("remote_region", "remote_image_id"), ("remote_service_interface",)),
}
STORES = ("store", "stores", "all_stores")

import_source_options = into(
    "source",
    ImportSource,
    option(
        "--import-method",
        metavar="METHOD",
        envvar="OS_IMAGE_IMPORT_METHOD",
        default="glance-direct",
        help="Import method: glance-direct (staged data), web-download, copy-image (to more "
        "stores) or glance-download (OS_IMAGE_IMPORT_METHOD; default: glance-direct).",
    ),
    option("--uri", metavar="URL", help="web-download: URL of the data."),
    option("--remote-region", metavar="REGION", help="glance-download: region that has the image."),
    option(
        "--remote-image-id",
        metavar="IMAGE",
        help="glance-download: name or ID of the image in that region.",
    ),
    option(
        "--remote-service-interface",
        type=Choice(["public", "internal", "admin"]),
        help="glance-download: endpoint of that region to use (default: public).",
    ),
    title="Import",
)

import_store_options = into(
    "stores",
    ImportStores,
    option(
        "--store",
        metavar="STORE",
        envvar="OS_IMAGE_STORE",
        help="Store for the data (OS_IMAGE_STORE; default: the cloud's default store).",
    ),
    option(
        "--stores",
        metavar="STORE,...",
        envvar="OS_IMAGE_STORES",
        help="Stores for the data, separated by commas (OS_IMAGE_STORES).",
    ),
    option(
        "--all-stores",
        type=TRUE_FALSE,
        help="Put the data into every store of the cloud (default: False).",
    ),
    option(
        "--allow-failure",
        type=TRUE_FALSE,
        default=True,
        help="True: one store with the data is enough. False: all stores must get it "
        "(default: True).",
    ),
    title="Stores",
)


def option_name(field: str) -> str:
    """Returns the option whose value is in this field."""
    return f"--{field.replace('_', '-')}"


def import_body(app: App, source: ImportSource, stores: ImportStores) -> dict[str, Any]:
    """Returns the body of an import request. Raises UsageError for options that contradict."""
    method = {"name": source.import_method, **_method_body(source)}
    stores_body = _stores_body(stores)
    if "glance_image_id" in method:
        remote = app.other(None, source.remote_region).images
        method["glance_image_id"] = find_id(remote, str(source.remote_image_id))
    return {"method": method, **stores_body}


def warn_of_missed_stores(app: App, image: Image, stores: Sequence[str]) -> None:
    """Warns of the stores that an import has not reached."""
    if stores:
        names = ", ".join(stores)
        app.console.warn(f"the import of image {image['id']} failed for these stores: {names}")


def _method_body(source: ImportSource) -> dict[str, str]:
    """Returns where the data comes from, in the words of the API."""
    method = source.import_method
    _check_method_options(source)
    if method == "web-download":
        from glancecli.api.sources import check_copy_url

        uri = str(source.uri)
        check_copy_url(uri, "--uri")
        return {"uri": uri}
    if method == "glance-download":
        return {
            "glance_region": str(source.remote_region),
            "glance_image_id": str(source.remote_image_id),
            "glance_service_interface": source.remote_service_interface or "public",
        }
    return {}


def _check_method_options(source: ImportSource) -> None:
    """Raises UsageError for an option that the method lacks, and for one of another method."""
    name = source.import_method
    method = METHODS.get(name, Method())
    given = {field for field, value in source._asdict().items() if value is not None}
    missing = [option_name(field) for field in method.needed if not getattr(source, field)]
    if missing:
        raise UsageError(f"--import-method {name} needs {' and '.join(missing)}")
    for other_name, other in METHODS.items():
        for field in other.options:
            if field in given and field not in method.options:
                raise UsageError(
                    f"{option_name(field)} needs --import-method {other_name}, not {name}"
                )


def _stores_body(stores: ImportStores) -> dict[str, Any]:
    """Returns where the data goes, in the words of the API."""
    chosen = _chosen_stores(stores)
    if not chosen:
        return {}
    body: dict[str, Any] = {"all_stores_must_succeed": not stores.allow_failure}
    if chosen == "all_stores":
        return {"all_stores": True, **body}
    text = getattr(stores, chosen)
    names = [name.strip() for name in text.split(",")]
    if "" in names:
        raise UsageError(f"{option_name(chosen)}: '{text}' has an empty name")
    return {"stores": names, **body}


def _chosen_stores(stores: ImportStores) -> str:
    """Returns the field that names the stores, "" for none; a typed one beats variables."""
    given = [field for field in STORES if getattr(stores, field)]
    chosen = [field for field in given if field in stores.typed] or given
    if len(chosen) > 1:
        names = " and ".join(map(option_name, chosen))
        raise UsageError(f"{names} cannot be used together")
    return "".join(chosen)
