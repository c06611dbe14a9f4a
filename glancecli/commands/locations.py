"""location-add, location-update, location-delete: places where an image's data lies."""

from __future__ import annotations

from typing import Any

import click

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.options import pass_app, show_output_options
from glancecli.cli.program import argument, command, option
from glancecli.errors import UsageError

image_argument = argument("image", metavar="IMAGE", help="Name or ID of the image.")


class JsonObject(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A JSON object."""

    name = "JSON"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        """The object, or a usage error."""
        import json

        try:
            found = json.loads(value)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self.fail(f"'{value}' is no JSON object", param, ctx)
        return found


@command(
    "location-add",
    examples=[
        "location-add cirros --url http://example.com/cirros.img",
        """location-add cirros --url http://example.com/cirros.img --metadata '{"zone": "a"}'""",
    ],
)
@image_argument
@option("--url", metavar="URL", required=True, help="Where the data lies.")
@option("--metadata", type=JsonObject(), metavar="JSON", help="What to keep with the location.")
@option("--checksum", metavar="MD5", default="", help="MD5 checksum of the data.")
@option("--hash-algo", metavar="NAME", default="", help="Algorithm of --hash-value, as sha512.")
@option("--hash-value", metavar="HASH", default="", help="Hash of the data.")
@option(
    "--validation-data",
    type=JsonObject(),
    metavar="JSON",
    help="The same as JSON: os_hash_algo, os_hash_value.",
)
@show_output_options
@pass_app
def location_add(
    app: App, image: str, url: str, validation_data: dict[str, Any] | None, **given: Any
) -> None:
    """Register a place where an image's data lies; a queued image becomes active by it.

    The cloud has to allow it: the location API (2.17) takes http URLs for queued images, everything
    else needs the service's option show_multiple_locations.
    """
    for key, value in (validation_data or {}).items():
        if key not in ("checksum", "os_hash_algo", "os_hash_value"):
            raise UsageError(
                f"--validation-data: '{key}' is none of checksum, os_hash_algo, os_hash_value"
            )
        given[key.removeprefix("os_")] = value
    from glancecli.api.sources import check_url

    if bool(given["hash_algo"]) != bool(given["hash_value"]):
        raise UsageError("--hash-algo and --hash-value go together")
    check_url(url, "--url")
    app.show(app.locations.add(find_id(app.images, image), url, **given), done=True)


@command(
    "location-update",
    examples=[
        """location-update cirros --url http://example.com/cirros.img --metadata '{"zone": "b"}'"""
    ],
)
@image_argument
@option("--url", metavar="URL", required=True, help="The location.")
@option(
    "--metadata",
    type=JsonObject(),
    metavar="JSON",
    required=True,
    help="What to keep with it from now on.",
)
@show_output_options
@pass_app
def location_update(app: App, image: str, url: str, metadata: dict[str, Any]) -> None:
    """Replace the metadata of one of an image's locations."""
    app.show(app.locations.update(find_id(app.images, image), url, metadata), done=True)


@command("location-delete", examples=["location-delete cirros --url http://example.com/cirros.img"])
@image_argument
@option(
    "--url", "urls", metavar="URL", multiple=True, required=True, help="The location; repeatable."
)
@pass_app
def location_delete(app: App, image: str, urls: tuple[str, ...]) -> None:
    """Remove locations from an image, which keeps at least one; says nothing on success."""
    app.locations.remove(find_id(app.images, image), urls)
