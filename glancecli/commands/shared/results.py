"""Images as results: rows of a list, or one table of properties."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from glancecli.cli.app import App
from glancecli.cli.options import ListOptions, ShowOptions
from glancecli.image import ATTRIBUTES, Image
from glancecli.output.columns import ListColumn
from glancecli.text import human_size, normalized_name

# Columns of lists of images.
SIX = (
    ListColumn("id", "ID"),
    ListColumn("name", "Name", rank=1),
    ListColumn("disk_format", "Disk Format", rank=5),
    ListColumn("container_format", "Container Format", rank=6),
    ListColumn("size", "Size", zero="", rank=4),
    ListColumn("status", "Status", rank=2),
)
OWNER = ListColumn("owner", "Owner", rank=3)
PROTECTED = ListColumn("protected", "Protected")

WarnOfColumn = Callable[[str, str], None]  # its name, and what may have been meant


def list_images(
    app: App, images: Iterable[Image], columns: Sequence[ListColumn], listing: ListOptions
) -> None:
    """Writes images as rows; credentials in URLs are masked where a URL can show at all."""
    if listing.human_readable:
        images = _with_units(images)
    out = app.console.out(listing)
    if out.shows_any_field:
        from glancecli.output.image_rows import masked

        images = map(masked, images)
    warn = _warning_of_missing_column(app)
    out.write_list(images, columns, warn, shows_one="image-show")


def _with_units(images: Iterable[Image]) -> Iterator[Image]:
    for image in images:
        yield {**image, "size": human_size(image.get("size"))}


def show_changed_image(app: App, image: Image, show: ShowOptions) -> None:
    """Writes an image that has been made or changed.

    A wrong -c is only a warning then: it must not make what is done look like a failure.
    """
    with app.console.writes_result(str(image["id"])):
        show_image(app, image, show, report_missing=_warning_of_missing_column(app))


def show_image(
    app: App,
    image: Image,
    show: ShowOptions,
    *,
    secrets: bool = False,
    report_missing: WarnOfColumn | None = None,
) -> None:
    """Writes one image as a table of properties, in the style of the version that was asked for.

    secrets: the credentials in URLs are shown. report_missing takes a wrong -c, which is a
    UsageError without it.
    """
    from glancecli.output.image_rows import NULLS, masked, with_units

    native = image
    if not secrets:
        native = masked(image)
    rows = app.style.image_properties(native)
    if show.human_readable:
        rows = with_units(rows)
    app.console.out(show).write_properties(
        rows, nulls=NULLS, native=native, report_missing=report_missing
    )


def _warning_of_missing_column(app: App) -> WarnOfColumn:
    """Returns what warns of a picked column that no image has."""

    def warn(name: str, suggestion: str) -> None:
        if normalized_name(name) in ATTRIBUTES:
            return  # an image may have it: the list is empty, or this service does not show it
        app.console.warn(f"no image has the column {name}{suggestion}")

    return warn
