"""task-list, task-show, task-create: tasks of all images, for administrators."""

from __future__ import annotations

from glancecli.api.interfaces import Info, Pagination, TaskQuery
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import (
    ListOptions,
    ShowOptions,
    list_options,
    show_options,
)
from glancecli.cli.pagination import pagination_options
from glancecli.cli.parameters import argument, into, option
from glancecli.cli.types import JSON_OBJECT, Choice
from glancecli.image import warn_of_unknown_values
from glancecli.output.columns import ListColumn
from glancecli.output.image_rows import masked

COLUMNS = (
    ListColumn("id", "ID"),
    ListColumn("type", "Type"),
    ListColumn("status", "Status"),
    ListColumn("owner", "Owner", rank=1),
)
STATUSES = {"status": ("pending", "processing", "success", "failure")}
SORT_KEYS = ("id", "type", "status", "created_at", "updated_at", "expires_at")


@command("task-list", examples=["task-list", "task-list --status failure -f json"])
@into(
    "query",
    TaskQuery,
    option("--type", metavar="TYPE", help="Only tasks of this type: import."),
    option(
        "--status",
        metavar="STATUS",
        help="Only tasks with this status: pending, processing, success or failure.",
    ),
    option(
        "--sort-key",
        type=Choice(SORT_KEYS),
        default="status",
        metavar="KEY",
        help=f"Sort by this key: {', '.join(SORT_KEYS)} (default: status).",
    ),
    option(
        "--sort-dir",
        type=Choice(["asc", "desc"], case_sensitive=False),
        default="desc",
        metavar="DIR",
        help="asc or desc (default: desc).",
    ),
    title="Filters",
)
@pagination_options("tasks", "TASK_ID")
@list_options
@pass_app
def task_list(app: App, query: TaskQuery, pagination: Pagination, listing: ListOptions) -> None:
    """List the tasks of all images. By default only administrators may.

    image-tasks lists those of one image.
    """
    if query.status:
        query = query._replace(status=query.status.lower())
    warn_of_unknown_values({"status": query.status}, app.console.warn, STATUSES)
    tasks = app.tasks.search(query, pagination)
    app.console.out(listing).write_list(map(masked, tasks), COLUMNS, shows_one="task-show")


@command("task-show", examples=["task-show 5f0d1a3e-7d0c-4d6c-8a57-3f1c0a9e7b11"])
@argument("task", metavar="TASK_ID", help="ID of the task.")
@show_options
@pass_app
def task_show(app: App, task: str, show: ShowOptions) -> None:
    """Show a task with its input and its result. By default only administrators may."""
    write(app, app.tasks.get(task), show)


@command(
    "task-create",
    examples=[
        "task-create --type import"
        """ --input '{"import_from": "http://host/x", "import_from_format": "raw"}'""",
    ],
)
@option("--type", "kind", metavar="TYPE", required=True, help="Type of the task: import.")
@option(
    "--input",
    "task_input",
    type=JSON_OBJECT,
    required=True,
    help="Input of the task, in text or in a file: import_from, import_from_format, "
    "image_properties.",
)
@show_options
@pass_app
def task_create(app: App, kind: str, task_input: Info, show: ShowOptions) -> None:
    """Start a task. By default only administrators may.

    This request is deprecated, and many clouds refuse it: import data with image-import.
    """
    write(app, app.tasks.create(kind, task_input), show)


def write(app: App, task: Info, show: ShowOptions) -> None:
    """Writes one task without credentials in its URLs."""
    native = masked(task)
    rows = {key: value for key, value in native.items() if key not in ("self", "schema")}
    app.console.out(show).write_properties(rows, native=native)
