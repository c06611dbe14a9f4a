"""The table of contents: every command of every program, as strings; no command is imported here."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """Where a command lives, and the line that lists of commands show."""

    module: str  # below glancecli.commands
    help: str
    v1: bool = False  # one of the commands that glance had under Images v1
    group: str = ""  # the program whose commands stand below this word
    hidden: bool = False
    function: str = ""  # where it is not the command's name with underscores

    def attribute(self, name: str) -> str:
        """The name of the command in its module."""
        return self.function or name.replace("-", "_")


IMAGES = {
    "image-list": Entry("images", "List images.", v1=True),
    "image-show": Entry("images", "Show one image.", v1=True),
    "image-create": Entry("create", "Create an image, with or without its data.", v1=True),
    "image-create-via-import": Entry(
        "via_import", "Create an image, and have the service import its data."
    ),
    "image-update": Entry("update", "Change an image's attributes and properties.", v1=True),
    "image-delete": Entry("images", "Delete images.", v1=True),
    "image-meta": Entry("meta", "Set or delete an image's properties."),
    "image-download": Entry("data", "Download an image's data, verified.", v1=True),
    "image-upload": Entry("data", "Upload data for a queued image."),
    "image-stage": Entry("data", "Upload data to the staging area, for an import."),
    "image-import": Entry(
        "imports", "Have the service take in data: staged, from a URL, from another store."
    ),
    "image-tasks": Entry("imports", "List the tasks on an image: what became of its imports."),
    "import-info": Entry("imports", "Show the import methods of the cloud."),
    "image-copy": Entry("copy", "Copy an image to another cloud or region."),
    "image-deactivate": Entry("activation", "Let nobody read the data of images."),
    "image-reactivate": Entry("activation", "Let the data of images be read again."),
    "image-tag-update": Entry("tags", "Put a tag on an image."),
    "image-tag-delete": Entry("tags", "Take a tag off an image."),
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
        "members", "List whom an image is shared with, or what is shared with a project.", v1=True
    ),
    "member-get": Entry("members", "Show one member of an image."),
    "member-create": Entry("members", "Share an image with a project.", v1=True),
    "member-update": Entry("members", "Accept or reject a shared image."),
    "member-delete": Entry("members", "End a share.", v1=True),
    "image-inspect": Entry("inspect", "Tell what local files are: format, virtual size, dangers."),
    "image-property-values": Entry(
        "inspect", "Values of hw_disk_bus, hw_cdrom_bus, hw_vif_model by hypervisor."
    ),
}


OWN = {
    "cache-forget": Entry("builtin", "Drop the cached tokens and endpoints."),
    "completion": Entry("completion", "Print the completion script of a shell."),
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


# Beginnings of commands that python-glanceclient has and glance here has not, and where they are.
LACKED = {
    "md-": "metadata definitions are left to `openstack image metadef ...`",
    "task-": "image-tasks shows the tasks of an image, and `openstack image task list` all that there are",
    "cache-": "the cache of a glance-api is left to `openstack cached image ...`",
}


SANDBOX = {
    "up": Entry("sandbox", "Start it; installs what is needed the first time."),
    "status": Entry("sandbox", "Show what runs, where it listens and where its logs are."),
    "env": Entry("sandbox", "Print exports for a shell."),
    "demo": Entry("sandbox", "Walk through create, list, show, update, delete."),
    "down": Entry("sandbox", "Stop it; --wipe removes it."),
    "help": OWN["help"],
}


def elsewhere(program: str, command: str) -> str:
    """Where a command is that this program does not have, "" where nobody knows."""
    if program == "nova":
        return (
            f"here are nova's image commands ({', '.join(NOVA)}). The program nova hands any other to the "
            "next nova on PATH, where there is one; for servers use `openstack server ...`"
        )
    return next((where for beginning, where in LACKED.items() if command.startswith(beginning)), "")


def programs() -> dict[str, dict[str, Entry]]:
    """Program or group -> its commands."""
    umbrella = {
        **IMAGES,
        "nova": Entry(
            "",
            "nova's image commands: list, show, delete, metadata, snapshots, backups.",
            group="nova",
        ),
        "sandbox": Entry(
            "", "A real Keystone and Glance on this machine, for trying out.", group="sandbox"
        ),
        **OWN,
    }
    return {
        "glance": {**IMAGES, **OWN},
        "nova": {**NOVA, **OWN},
        "sandbox": SANDBOX,
        "glancecli": umbrella,
    }
