"""image-import, image-tasks, import-info, stores-info, stores-delete, usage."""

from __future__ import annotations

from typing import Any

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import (
    ListOptions,
    ShowOptions,
    image_argument,
    list_options,
    short_show_options,
    show_options,
)
from glancecli.cli.parameters import option
from glancecli.commands.shared.image_data import note_running
from glancecli.commands.shared.import_options import (
    STORES,
    ImportSource,
    ImportStores,
    import_body,
    import_source_options,
    import_store_options,
    option_name,
    warn_of_missed_stores,
)
from glancecli.commands.shared.results import show_changed_image
from glancecli.errors import UsageError
from glancecli.output.columns import ListColumn
from glancecli.output.image_rows import masked

TASK = (
    ListColumn("message", "Message", prose=True),
    ListColumn("status", "Status"),
    ListColumn("updated_at", "Updated at"),
)
TASK_DETAIL = (
    ListColumn("image_id", "Image Id"),
    ListColumn("id", "Task Id"),
    *TASK,
    ListColumn("user_id", "User Id"),
    ListColumn("request_id", "Request Id"),
    ListColumn("result", "Result", prose=True),
    ListColumn("owner", "Owner"),
    ListColumn("input", "Input", prose=True),
    ListColumn("expires_at", "Expires at"),
)
STORE = (
    ListColumn("id", "ID"),
    ListColumn("description", "Description", prose=True),
    ListColumn("default", "Default"),
    ListColumn("read-only", "Read Only"),
)
STORE_DETAIL = (
    *STORE,
    ListColumn("type", "Type"),
    ListColumn("weight", "Weight"),
    ListColumn("properties", "Properties", prose=True),
)
QUOTA = (
    ListColumn("quota", "Quota"),
    ListColumn("limit", "Limit"),
    ListColumn("usage", "Usage"),
)


@command(
    "image-import",
    examples=[
        "image-import debian-12 --wait",
        "image-import debian-12 --import-method web-download --uri https://example.com/debian.qcow2",
        "image-import debian-12 --import-method copy-image --stores fast,slow --wait",
        "image-import debian-12 --import-method glance-download "
        "--remote-region two --remote-image-id cirros",
    ],
)
@image_argument
@import_source_options
@import_store_options
@option(
    "--wait",
    is_flag=True,
    help="Wait until the import is done (at most --timeout, else 600 seconds).",
)
@show_options
@pass_app
def image_import(
    app: App,
    image: str,
    source: ImportSource,
    stores: ImportStores,
    wait: bool,
    show: ShowOptions,
) -> None:
    """Import image data, and show the image.

    The service takes the data from the staging area (see image-stage), or gets it itself from a
    URL, another store or another region. Without --wait the command only starts the import;
    image-tasks shows its progress.
    """
    body = import_body(app, source, stores)
    has_stores = "stores" in body or "all_stores" in body
    if source.import_method == "copy-image" and not has_stores:
        names = ", ".join(map(option_name, STORES))
        raise UsageError(f"--import-method copy-image needs one of {names}")
    image_id = find_id(app.images, image)
    if wait:
        done = app.imports.run(image_id, body, app.wait_seconds)
        warn_of_missed_stores(app, done.image, done.missed_stores)
        show_changed_image(app, done.image, show)
        return
    imported = app.imports.start(image_id, body)
    note_running(app, imported)
    show_changed_image(app, imported, show)


@command(
    "image-tasks", examples=["image-tasks debian-12", "image-tasks debian-12 -v"], only_reads=True
)
@image_argument
@list_options
@pass_app
def image_tasks(app: App, image: str, listing: ListOptions) -> None:
    """List the tasks of an image, the newest first: its imports, and why one failed.

    The service deletes tasks after some time.
    """
    columns: tuple[ListColumn, ...] = TASK
    if app.console.verbose:
        columns = TASK_DETAIL
    tasks = app.tasks.list(find_id(app.images, image))
    app.console.out(listing).write_list(map(masked, tasks), columns)


@command("import-info", examples=["import-info", "import-info -f value -c import-methods"])
@short_show_options
@pass_app
def import_info(app: App, show: ShowOptions) -> None:
    """Show the import methods of the cloud."""
    found = app.imports.info()
    rows = {key: _info_text(value) for key, value in found.items()}
    app.console.out(show).write_properties(rows, native=found)


def _info_text(value: Any) -> Any:
    """Returns the value of a schema entry; a list as one text."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value


@command("stores-info", examples=["stores-info", "stores-info --detail"])
@option("--detail", is_flag=True, help="Show type, weight and properties as well (administrators).")
@list_options
@pass_app
def stores_info(app: App, detail: bool, listing: ListOptions) -> None:
    """List the stores of the cloud."""
    columns: tuple[ListColumn, ...] = STORE
    if detail:
        columns = STORE_DETAIL
    stores = app.stores.list(detail=detail)
    app.console.out(listing).write_list(map(masked, stores), columns)


@command("stores-delete", examples=["stores-delete debian-12 --store slow"])
@image_argument
@option("--store", metavar="STORE", required=True, help="Store to remove the data from.")
@pass_app
def stores_delete(app: App, image: str, store: str) -> None:
    """Remove an image's data from one of its stores, but not from the last.

    Prints nothing on success.
    """
    app.stores.remove_data(find_id(app.images, image), store)


@command("usage", examples=["usage"])
@list_options
@pass_app
def usage(app: App, listing: ListOptions) -> None:
    """Show the quotas of the project: sizes in MiB, counts in images; -1 means no limit."""
    rows = app.stores.usage()
    if not rows:
        app.console.note("the cloud sets no quotas")
    app.console.out(listing).write_list(rows, QUOTA)
