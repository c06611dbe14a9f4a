"""image-import, image-tasks, import-info, stores-info, stores-delete, usage: data that the service
moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from click.core import ParameterSource

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.options import (
    family,
    list_output_options,
    output_options,
    pass_app,
    show_output_options,
)
from glancecli.cli.program import argument, command, option
from glancecli.cli.types import TRUE_FALSE
from glancecli.errors import UsageError
from glancecli.image import Image
from glancecli.output.columns import ListColumn
from glancecli.output.image_rows import masked

image_argument = argument("image", metavar="IMAGE", help="Name or ID of the image.")

# Import method -> the options that are its own: (needed, others). A method that is not here needs
# none.
METHODS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "glance-direct": ((), ()),
    "web-download": (("--uri",), ()),
    "copy-image": ((), ()),
    "glance-download": (("--remote-region", "--remote-image-id"), ("--remote-service-interface",)),
}
STORES = ("--store", "--stores", "--all-stores")

TASK = (
    ListColumn("message", "Message"),
    ListColumn("status", "Status"),
    ListColumn("updated_at", "Updated at"),
)
TASK_FRONT = (ListColumn("image_id", "Image Id"), ListColumn("id", "Task Id"))
TASK_MORE = tuple(
    ListColumn(key, key.replace("_", " ").capitalize().replace(" id", " Id"))
    for key in "user_id request_id result owner input expires_at".split()
)
STORE = (
    ListColumn("id", "ID"),
    ListColumn("description", "Description"),
    ListColumn("default", "Default"),
    ListColumn("read-only", "Read Only"),
)
STORE_DETAIL = (
    ListColumn("type", "Type"),
    ListColumn("weight", "Weight"),
    ListColumn("properties", "Properties"),
)

source_options = family(
    option(
        "--import-method",
        metavar="METHOD",
        envvar="OS_IMAGE_IMPORT_METHOD",
        default="glance-direct",
        help="glance-direct (what image-stage has sent), web-download, copy-image (to further stores) or "
        "glance-download (OS_IMAGE_IMPORT_METHOD; glance-direct).",
    ),
    option("--uri", metavar="URL", help="web-download: where the service gets the data."),
    option(
        "--remote-region", metavar="REGION", help="glance-download: the region that has the image."
    ),
    option(
        "--remote-image-id", metavar="IMAGE", help="glance-download: name or ID of the image there."
    ),
    option(
        "--remote-service-interface",
        type=click.Choice(["public", "internal", "admin"]),
        help="glance-download: the endpoint to ask there (public).",
    ),
)

store_options = family(
    option(
        "--store",
        metavar="STORE",
        envvar="OS_IMAGE_STORE",
        help="Store for the data (OS_IMAGE_STORE).",
    ),
    option(
        "--stores",
        metavar="STORE,...",
        envvar="OS_IMAGE_STORES",
        help="Stores for the data, separated by commas (OS_IMAGE_STORES).",
    ),
    option(
        "--all-stores", type=TRUE_FALSE, optional_value="True", help="Every store of the cloud."
    ),
    option(
        "--allow-failure",
        type=TRUE_FALSE,
        optional_value="True",
        default=True,
        help="True: one of the stores is enough; False: none gets the data unless all do (True).",
    ),
)


@command(
    "image-import",
    examples=[
        "image-import debian-12 --wait",
        "image-import debian-12 --import-method web-download --uri https://example.com/debian.qcow2",
        "image-import debian-12 --import-method copy-image --stores fast,slow --wait",
        "image-import debian-12 --import-method glance-download --remote-region two --remote-image-id cirros",
    ],
)
@image_argument
@source_options
@store_options
@option("--wait", is_flag=True, help="Wait until the import is done (--timeout; 600 seconds).")
@show_output_options
@pass_app
def image_import(app: App, image: str, wait: bool, **given: Any) -> None:
    """Have the service take in an image's data, and show the image.

    The data is what image-stage has sent, or what the service gets by itself. Without --wait the
    import has only begun; image-tasks tells how it goes on.
    """
    body = import_body(app, given)
    if given["import_method"] == "copy-image" and "stores" not in body and "all_stores" not in body:
        raise UsageError(f"--import-method copy-image needs one of {', '.join(STORES)}")
    image_id = find_id(app.images, image)
    if wait:
        done = app.imports.run(image_id, body, app.settings.timeout or 600.0)
        warn_of_failed_stores(app, done)
    else:
        done = app.imports.start(image_id, body)
    app.show(done, done=True)


def import_body(app: App, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the options say of an import, in the API's words."""
    method, stores = {"name": given["import_method"], **_source(given)}, _stores(given)
    if "glance_image_id" in method:
        remote = app.other(None, given["remote_region"]).images
        method["glance_image_id"] = find_id(remote, given["remote_image_id"])
    return {"method": method, **stores}


def warn_of_failed_stores(app: App, image: Image) -> None:
    """Say which stores an import has not reached."""
    if image.get("os_glance_failed_import"):
        app.warn(
            f"image {image['id']} did not get into every store: {image['os_glance_failed_import']} failed"
        )


def _source(given: Mapping[str, Any]) -> dict[str, str]:
    """Where the data comes from, in the API's words; UsageError for what does not go with the
    method.
    """
    method = given["import_method"]
    needed, others = METHODS.get(method, ((), ()))
    missing = [name for name in needed if not _value(given, name)]
    if missing:
        raise UsageError(f"--import-method {method} needs {' and '.join(missing)}")
    for owner, (its_needed, its_others) in METHODS.items():
        for name in (*its_needed, *its_others):
            if _value(given, name) is not None and name not in (*needed, *others):
                raise UsageError(f"{name} goes with --import-method {owner}, and not with {method}")
    if method == "web-download":
        from glancecli.api.sources import check_url

        check_url(given["uri"], "--uri", ("http", "https"))
        return {"uri": given["uri"]}
    if method == "glance-download":
        return {
            "glance_region": given["remote_region"],
            "glance_image_id": given["remote_image_id"],
            "glance_service_interface": given["remote_service_interface"] or "public",
        }
    return {}


def _stores(given: Mapping[str, Any]) -> dict[str, Any]:
    """Where the data goes, in the API's words; what was typed goes before what variables say."""
    context = click.get_current_context()
    chosen = [name for name in STORES if _value(given, name)]
    typed = [
        n
        for n in chosen
        if context.get_parameter_source(_key(n)) is not ParameterSource.ENVIRONMENT
    ]
    chosen = typed or chosen
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} exclude each other")
    if not chosen:
        return {}
    if chosen == ["--all-stores"]:
        stores: dict[str, Any] = {"all_stores": True}
    else:
        names = [name.strip() for name in _value(given, chosen[0]).split(",")]
        if "" in names:
            raise UsageError(f"{chosen[0]}: '{_value(given, chosen[0])}' has an empty name")
        stores = {"stores": names}
    return {**stores, "all_stores_must_succeed": not given["allow_failure"]}


def _key(name: str) -> str:
    return name[2:].replace("-", "_")


def _value(given: Mapping[str, Any], name: str) -> Any:
    return given[_key(name)]


@command("image-tasks", examples=["image-tasks debian-12", "image-tasks debian-12 -v"])
@image_argument
@list_output_options
@pass_app
def image_tasks(app: App, image: str) -> None:
    """List the tasks on an image, the newest first: what became of its imports, and why one failed.

    The service forgets them after some time.
    """
    columns = (*TASK_FRONT, *TASK, *TASK_MORE) if app.verbose else TASK
    app.out.write_list(map(masked, app.tasks.list(find_id(app.images, image))), columns)


@command("import-info", examples=["import-info", "import-info -f value -c import-methods"])
@output_options
@pass_app
def import_info(app: App) -> None:
    """Show the import methods of the cloud."""
    found = app.imports.info()
    plain = {k: v.get("value") if isinstance(v, dict) else v for k, v in found.items()}
    app.out.write_properties(
        {k: ", ".join(v) if isinstance(v, list) else v for k, v in plain.items()}, native=found
    )


@command("stores-info", examples=["stores-info", "stores-info --detail"])
@option("--detail", is_flag=True, help="Type, weight and properties as well (administrators).")
@list_output_options
@pass_app
def stores_info(app: App, detail: bool) -> None:
    """List the stores of the cloud."""
    columns = (*STORE, *STORE_DETAIL) if detail else STORE
    app.out.write_list(map(masked, app.stores.list(detail=detail)), columns)


@command("stores-delete", examples=["stores-delete debian-12 --store slow"])
@image_argument
@option("--store", metavar="STORE", required=True, help="The store that is to forget the data.")
@pass_app
def stores_delete(app: App, image: str, store: str) -> None:
    """Remove an image's data from one of its stores, not the last; says nothing on success."""
    app.stores.remove_data(find_id(app.images, image), store)


@command("usage", examples=["usage"])
@list_output_options
@pass_app
def usage(app: App) -> None:
    """Show the quotas of the project: sizes in MiB, counts in images; -1 is no limit."""
    rows = app.stores.usage()
    if not rows:
        app.note("the cloud sets no quotas")
    app.out.write_list(
        rows,
        (ListColumn("quota", "Quota"), ListColumn("limit", "Limit"), ListColumn("usage", "Usage")),
    )
