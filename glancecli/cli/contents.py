"""The table of contents: every command of every program, as strings."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """Where a command is defined, and its line in lists of commands."""

    module: str  # below glancecli.commands
    help: str
    v1: bool = False  # glance had it for Images v1 as well
    group: str = ""  # the group of commands that this word opens
    hidden: bool = False
    function: str = ""  # default: the command's name with underscores

    def attribute(self, name: str) -> str:
        """Returns the name of the command in its module."""
        return self.function or name.replace("-", "_")


IMAGES = {
    "image-list": Entry("images", "List images.", v1=True),
    "image-show": Entry("images", "Show one image.", v1=True),
    "image-create": Entry("create", "Create an image, with or without its data.", v1=True),
    "image-create-via-import": Entry(
        "via_import", "Create an image whose data the service imports."
    ),
    "image-update": Entry("update", "Change an image's attributes and properties.", v1=True),
    "image-delete": Entry("images", "Delete images.", v1=True),
    "image-meta": Entry("meta", "Set or delete an image's properties."),
    "image-download": Entry("data", "Download an image's data and verify it.", v1=True),
    "image-upload": Entry("data", "Upload data for a queued image."),
    "image-stage": Entry("data", "Upload data to the staging area, for an import."),
    "image-import": Entry(
        "imports", "Import image data: staged, from a URL, or from another store."
    ),
    "image-tasks": Entry("imports", "List the tasks of an image: its imports and their results."),
    "import-info": Entry("imports", "Show the import methods of the cloud."),
    "image-copy": Entry("copy", "Copy an image to another cloud or region."),
    "image-deactivate": Entry("activation", "Deactivate images: block downloads of their data."),
    "image-reactivate": Entry("activation", "Reactivate images: allow downloads of their data."),
    "image-tag-update": Entry("tags", "Add a tag to an image."),
    "image-tag-delete": Entry("tags", "Remove a tag from an image."),
    "stores-info": Entry("imports", "List the stores of the cloud."),
    "stores-delete": Entry("imports", "Remove an image's data from one of its stores."),
    "usage": Entry("imports", "Show the quotas of the project."),
    "location-add": Entry("locations", "Add a location to an image."),
    "add-location": Entry(
        "locations", "The same as location-add.", function="location_add", hidden=True
    ),
    "location-update": Entry("locations", "Change a location's metadata."),
    "location-delete": Entry("locations", "Remove locations from an image."),
    "member-list": Entry(
        "members", "List the members of an image, or the images shared with a project.", v1=True
    ),
    "member-get": Entry("members", "Show one member of an image."),
    "member-create": Entry("members", "Share an image with a project.", v1=True),
    "member-update": Entry("members", "Accept or reject a shared image."),
    "member-delete": Entry("members", "Stop sharing an image with a project.", v1=True),
    "image-inspect": Entry("inspect", "Inspect local files: format, virtual size, dangers."),
    "image-property-values": Entry(
        "inspect", "Show values of hw_disk_bus, hw_cdrom_bus, hw_vif_model."
    ),
}


OWN = {
    "cache-forget": Entry("builtin", "Delete the cached tokens and endpoints."),
    "completion": Entry("completion", "Print the completion script for a shell."),
    "bash-completion": Entry(
        "completion", "Print all commands and options, for completion scripts.", v1=True
    ),
    "help": Entry(
        "builtin", "Show the help of this program or of one command.", v1=True, function="help_"
    ),
}


NOVA = {
    "image-list": Entry("compute", "List images, and the servers that they are snapshots of."),
    "image-show": Entry("compute", "Show one image."),
    "image-delete": Entry("compute", "Delete images."),
    "image-meta": Entry("compute", "Set or delete an image's properties."),
    "image-create": Entry("compute", "Create an image by taking a snapshot of a server."),
    "backup": Entry("compute", "Back up a server as an image, keeping the newest few."),
}


# Commands that python-glanceclient has and we do not: how they begin, and what to use instead.
REPLACEMENTS = {
    "md-": "for metadata definitions use `openstack image metadef ...`",
    "task-": "image-tasks lists the tasks of one image, `openstack image task list` all tasks",
    "cache-": "for the image cache of a service use `openstack cached image ...`",
}


SANDBOX = {
    "up": Entry("sandbox", "Start the sandbox; the first time installs its packages."),
    "status": Entry("sandbox", "Show its services, their addresses and their logs."),
    "env": Entry("sandbox", "Print exports of a login for a shell."),
    "demo": Entry("sandbox", "Walk through create, list, show, update, delete."),
    "down": Entry("sandbox", "Stop the sandbox; --wipe removes it."),
    "help": OWN["help"],
}


def elsewhere(program: str, command: str) -> str:
    """Returns what to use instead of a command that this program does not have, "" if unknown."""
    if program == "nova":
        names = ", ".join(NOVA)
        return (
            f"there are nova's image commands ({names}). The program nova passes any other command "
            "to the next nova on PATH, if there is one; for servers use `openstack server ...`"
        )
    for beginning, advice in REPLACEMENTS.items():
        if command.startswith(beginning):
            return advice
    return ""


def programs() -> dict[str, dict[str, Entry]]:
    """Returns the commands of each program and group."""
    umbrella = {
        **IMAGES,
        "nova": Entry(
            "",
            "nova's image commands: list, show, delete, metadata, snapshots, backups.",
            group="nova",
        ),
        "sandbox": Entry(
            "",
            "Run a real Keystone and Glance on this machine, to try things out.",
            group="sandbox",
        ),
        **OWN,
    }
    return {
        "glance": {**IMAGES, **OWN},
        "nova": {**NOVA, **OWN},
        "sandbox": SANDBOX,
        "glancecli": umbrella,
    }
