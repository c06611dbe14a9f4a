"""location-add, location-update, location-delete: where an image's data is."""

from __future__ import annotations

from typing import Any, NamedTuple

from glancecli.api import find_id
from glancecli.api.interfaces import NewLocation
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ShowOptions, image_argument, show_options
from glancecli.cli.parameters import into, option
from glancecli.cli.types import JSON_OBJECT
from glancecli.commands.shared.results import show_changed_image
from glancecli.errors import UsageError


class Registration(NamedTuple):
    """A location to register, with its hashes, some of which may be in validation_data."""

    location: NewLocation
    validation_data: dict[str, Any] | None  # checksum, os_hash_algo, os_hash_value

    @property
    def whole(self) -> NewLocation:
        """The location with the values of --validation-data in their fields. Raises UsageError for
        other values.
        """
        found = self.validation_data or {}
        for key in found:
            if key not in VALIDATION:
                known = ", ".join(VALIDATION)
                raise UsageError(f"--validation-data: '{key}' is not one of {known}")
        return self.location._replace(**{VALIDATION[key]: value for key, value in found.items()})


# Key of --validation-data -> the field that it stands for.
VALIDATION = {
    "checksum": "checksum",
    "os_hash_algo": "hash_algo",
    "os_hash_value": "hash_value",
}


@command(
    "location-add",
    examples=[
        "location-add cirros --url http://example.com/cirros.img",
        """location-add cirros --url http://example.com/cirros.img --metadata '{"zone": "a"}'""",
    ],
)
@image_argument
@into(
    "registration",
    Registration,
    into(
        "location",
        NewLocation,
        option("--url", metavar="URL", required=True, help="URL of the data."),
        option(
            "--metadata",
            type=JSON_OBJECT,
            help="Metadata of the location: a JSON object.",
        ),
        option("--checksum", metavar="MD5", default="", help="MD5 checksum of the data."),
        option(
            "--hash-algo",
            metavar="NAME",
            default="",
            help="Algorithm of --hash-value, such as sha512.",
        ),
        option("--hash-value", metavar="HASH", default="", help="Hash of the data."),
    ),
    option(
        "--validation-data",
        type=JSON_OBJECT,
        help="The same hashes as JSON: checksum, os_hash_algo, os_hash_value.",
    ),
    title="Location",
)
@show_options
@pass_app
def location_add(app: App, image: str, registration: Registration, show: ShowOptions) -> None:
    """Add a location, the URL of an image's data; a queued image becomes active.

    The cloud must allow it: the location API (2.17) accepts http URLs for queued images; anything
    else needs the service's option show_multiple_locations.
    """
    from glancecli.api.sources import check_url

    location = registration.whole
    if bool(location.hash_algo) != bool(location.hash_value):
        raise UsageError("give --hash-algo and --hash-value together")
    check_url(location.url, "--url")
    changed = app.locations.add(find_id(app.images, image), location)
    show_changed_image(app, changed, show)


@command(
    "location-update",
    examples=[
        """location-update cirros --url http://example.com/cirros.img --metadata '{"zone": "b"}'"""
    ],
)
@image_argument
@option("--url", metavar="URL", required=True, help="URL of the location.")
@option(
    "--metadata",
    type=JSON_OBJECT,
    help="New metadata of the location: a JSON object (default: none; prints a warning).",
)
@show_options
@pass_app
def location_update(
    app: App, image: str, url: str, metadata: dict[str, Any] | None, show: ShowOptions
) -> None:
    """Replace the metadata of one of an image's locations."""
    changed = app.locations.update(find_id(app.images, image), url, metadata or {})
    if metadata is None:
        app.console.warn("the location's metadata is empty now, as --metadata was not given")
    show_changed_image(app, changed, show)


@command("location-delete", examples=["location-delete cirros --url http://example.com/cirros.img"])
@image_argument
@option(
    "--url",
    "urls",
    metavar="URL",
    multiple=True,
    required=True,
    help="URL of the location; repeatable.",
)
@pass_app
def location_delete(app: App, image: str, urls: tuple[str, ...]) -> None:
    """Remove locations from an image, but not the last. Prints nothing on success."""
    app.locations.remove(find_id(app.images, image), urls)
