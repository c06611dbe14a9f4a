"""image-create-via-import: a new image whose data goes through the service's import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click
from click.core import ParameterSource

from glancecli.cli.app import App
from glancecli.cli.options import data_options, human_readable, keep, pass_app, show_output_options
from glancecli.cli.program import command
from glancecli.commands.create import show_new
from glancecli.commands.imports import (
    import_body,
    source_options,
    store_options,
    warn_of_failed_stores,
)
from glancecli.commands.shared.image_data import (
    data_source,
    formats,
    no_data,
    waited,
    without_promises,
)
from glancecli.commands.shared.image_fields import new_fields, new_image
from glancecli.errors import UsageError
from glancecli.image import Image

# Options that make no sense without data.
ABOUT_DATA = ("import_method", "store", "stores", "all_stores", "allow_failure")


@command(
    "image-create-via-import",
    examples=[
        "image-create-via-import debian-12 --file debian-12.qcow2 --stores fast,slow --wait",
        "image-create-via-import debian-12 --import-method web-download "
        "--uri https://example.com/debian.qcow2 --disk-format qcow2 --container-format bare",
        "image-create-via-import mine --import-method glance-download --remote-region two "
        "--remote-image-id cirros --disk-format qcow2 --container-format bare",
    ],
)
@new_image
@source_options
@store_options
@data_options
@keep
@human_readable
@show_output_options
@pass_app
def image_create_via_import(app: App, **given: Any) -> None:
    """Create an image, and have the service import its data.

    The data comes from --file or standard input (glance-direct), from a URL or from another region.
    Without --wait the import has only begun; image-tasks tells how it goes on. Without data and
    --import-method the image waits for both.
    """
    method = given["import_method"]
    if method == "copy-image":
        raise UsageError(
            "--import-method copy-image is for images that have their data: see image-import"
        )
    if given["file"] and method != "glance-direct":
        raise UsageError(f"--file goes with --import-method glance-direct, and not with {method}")
    fields = new_fields(app, given)
    if method != "glance-direct":
        from glancecli.api.sources import check_formats

        check_formats(fields)
    body = import_body(app, given)
    with data_source(app, given, app.stdin if method == "glance-direct" else None) as source:
        if source is not None:
            fields.update(formats(app, source, given, fields))
            from glancecli.transfer import create

            image = create(
                app.images,
                without_promises(fields),
                source,
                app.transfer(given),
                start_import=_import(app, body),
            )
        else:
            image = _without_our_data(app, fields, body, given)
    image = waited(app, image, given)
    warn_of_failed_stores(app, image)
    show_new(app, image, given)


def _without_our_data(
    app: App, fields: Mapping[str, Any], body: Mapping[str, Any], given: Mapping[str, Any]
) -> Image:
    """The image whose data the service gets by itself, or which waits for data."""
    from glancecli.transfer import create_without_upload

    if given["import_method"] != "glance-direct":
        return create_without_upload(
            app.images, fields, app.transfer(given), start_import=_import(app, body)
        )
    source = click.get_current_context().get_parameter_source
    if any(source(name) is ParameterSource.COMMANDLINE for name in ABOUT_DATA):
        raise no_data()
    return create_without_upload(app.images, fields, app.transfer(given))


def _import(app: App, body: Mapping[str, Any]) -> Callable[[Image], Image]:
    return lambda image: app.imports.start(image["id"], body)
