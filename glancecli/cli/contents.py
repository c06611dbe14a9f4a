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
    "image-list": Entry("image_list", "List images.", v1=True),
    "image-show": Entry("images", "Show one image.", v1=True),
    "image-create": Entry("create", "Create an image, with or without its data.", v1=True),
    "image-update": Entry("update", "Change an image's attributes and properties.", v1=True),
    "image-delete": Entry("images", "Delete images.", v1=True),
    "image-prune": Entry("prune", "Keep the newest images of each group, remove others."),
    "image-used-by": Entry("used_by", "List what uses an image: servers, volumes, images."),
    "image-wait": Entry("wait", "Wait until images are active, or deleted ..."),
    "image-meta": Entry("meta", "Set or delete an image's properties."),
    "image-tag-update": Entry("tags", "Add a tag to an image."),
    "image-tag-delete": Entry("tags", "Remove a tag from an image."),
    "image-deactivate": Entry("activation", "Deactivate images: block downloads of their data."),
    "image-reactivate": Entry("activation", "Reactivate images: allow downloads of their data."),
}


DATA = {
    "image-upload": Entry("data", "Upload data for a queued image."),
    "image-download": Entry("data", "Download an image's data and verify it.", v1=True),
    "image-copy": Entry("copy", "Copy an image to another cloud or region."),
    "image-inspect": Entry("inspect", "Inspect local files: format, virtual size, dangers."),
    "image-property-values": Entry("inspect", "Show values of hw_disk_bus, hw_vif_model ..."),
}


SHARING = {
    "member-list": Entry(
        "members", "List the members of an image, or a project's shares.", v1=True
    ),
    "member-get": Entry("members", "Show one member of an image."),
    "member-create": Entry("members", "Share an image with projects.", v1=True),
    "member-update": Entry("members", "Accept or reject a shared image."),
    "member-delete": Entry("members", "Stop sharing an image with a project.", v1=True),
}


IMPORTS = {
    "image-create-via-import": Entry(
        "via_import", "Create an image whose data the service imports."
    ),
    "image-stage": Entry("data", "Upload data to the staging area, for an import."),
    "image-import": Entry("imports", "Import image data: staged, from a URL or a store."),
    "image-tasks": Entry("imports", "List the imports of an image and their results."),
    "import-info": Entry("imports", "Show the import methods of the cloud."),
    "stores-info": Entry("imports", "List the stores of the cloud."),
    "stores-delete": Entry("imports", "Remove an image's data from one of its stores."),
    "location-add": Entry("locations", "Add a location to an image."),
    "add-location": Entry(
        "locations", "The same as location-add.", function="location_add", hidden=True
    ),
    "location-update": Entry("locations", "Change a location's metadata."),
    "location-delete": Entry("locations", "Remove locations from an image."),
    "task-list": Entry("tasks", "List the tasks of all images (administrators)."),
    "task-show": Entry("tasks", "Show a task (administrators)."),
    "task-create": Entry("tasks", "Start a task as before imports (administrators)."),
}


SERVICE = {
    "explain": Entry("explain", "Show which attributes images, members, tasks have."),
    "usage": Entry("imports", "Show the quotas of the project."),
}


METADEFS = {
    "md-namespace-list": Entry("metadef_namespaces", "List the namespaces."),
    "md-namespace-show": Entry("metadef_namespaces", "Show a namespace and the definitions in it."),
    "md-namespace-create": Entry("metadef_namespaces", "Create a namespace."),
    "md-namespace-import": Entry("metadef_namespaces", "Create a namespace from JSON."),
    "md-namespace-update": Entry("metadef_namespaces", "Change or rename a namespace."),
    "md-namespace-delete": Entry(
        "metadef_namespaces", "Delete a namespace with all that is in it."
    ),
    "md-namespace-properties-delete": Entry("metadefs", "Delete all properties of a namespace."),
    "md-namespace-objects-delete": Entry("metadefs", "Delete all objects of a namespace."),
    "md-namespace-tags-delete": Entry("metadefs", "Delete all tags of a namespace."),
    "md-namespace-resource-type-list": Entry("metadefs", "List its resource types."),
    "md-resource-type-list": Entry("metadefs", "List all resource types."),
    "md-resource-type-associate": Entry("metadefs", "Associate a namespace with a resource type."),
    "md-resource-type-deassociate": Entry("metadefs", "Remove such an association."),
    "md-property-list": Entry("metadefs", "List the properties of a namespace."),
    "md-property-show": Entry("metadefs", "Show a property of a namespace."),
    "md-property-create": Entry("metadefs", "Create a property in a namespace."),
    "md-property-update": Entry("metadefs", "Change or rename a property."),
    "md-property-delete": Entry("metadefs", "Delete a property of a namespace."),
    "md-object-list": Entry("metadefs", "List the objects of a namespace."),
    "md-object-show": Entry("metadefs", "Show an object of a namespace."),
    "md-object-property-show": Entry("metadefs", "Show a property of an object."),
    "md-object-create": Entry("metadefs", "Create an object, a group of properties."),
    "md-object-update": Entry("metadefs", "Change or rename an object."),
    "md-object-delete": Entry("metadefs", "Delete an object of a namespace."),
    "md-tag-list": Entry("metadefs", "List the tags of a namespace."),
    "md-tag-show": Entry("metadefs", "Show a tag of a namespace."),
    "md-tag-create": Entry("metadefs", "Create a tag in a namespace."),
    "md-tag-create-multiple": Entry("metadefs", "Create several tags of a namespace."),
    "md-tag-update": Entry("metadefs", "Rename a tag of a namespace."),
    "md-tag-delete": Entry("metadefs", "Delete a tag of a namespace."),
}


CACHE = {
    "cache-list": Entry("cache", "List the images in the cache of a glance-api."),
    "cache-queue": Entry("cache", "Have images copied into the cache."),
    "cache-delete": Entry("cache", "Remove images from the cache and its queue."),
    "cache-clear": Entry("cache", "Empty the cache, its queue, or both."),
    "cache-clean": Entry("cache", "Remove invalid and incomplete entries of the cache."),
    "cache-prune": Entry("cache", "Shrink the cache to its configured size."),
    "cache-nodes-list": Entry("cache", "List the nodes that have an image in their cache."),
}


OWN = {
    "clouds": Entry("clouds", "List the clouds of clouds.yaml and OS_* variables."),
    "doctor": Entry("doctor", "Check the installation, the settings and the cloud."),
    "cache-forget": Entry("builtin", "Delete the cached tokens and endpoints."),
    "completion": Entry("completion", "Print the completion script for a shell."),
    "complete": Entry("completion", "Print what may follow some words.", hidden=True),
    "bash-completion": Entry(
        "completion", "Print all commands and options (for completion).", v1=True
    ),
    "help": Entry(
        "builtin", "Show the help of this program or of one command.", v1=True, function="help_"
    ),
}


NOVA = {
    "image-list": Entry("compute", "List images, and the servers of snapshots."),
    "image-show": Entry("compute", "Show one image."),
    "image-delete": Entry("compute", "Delete images."),
    "image-meta": Entry("compute", "Set or delete an image's properties."),
    "image-create": Entry("compute", "Create an image by taking a snapshot of a server."),
    "backup": Entry("compute", "Back up a server as an image; keep the newest few."),
    "aggregate-cache-images": Entry("aggregates", "Copy images to the hosts of an aggregate."),
}


SANDBOX = {
    "up": Entry("sandbox", "Start the sandbox; the first time installs its packages."),
    "status": Entry("sandbox", "Show its services, their addresses and their logs."),
    "env": Entry("sandbox", "Print a login for other programs."),
    "demo": Entry("sandbox", "Walk through create, list, show, update, delete."),
    "down": Entry("sandbox", "Stop the sandbox; --wipe removes it."),
    "help": OWN["help"],
}


def elsewhere(program: str) -> str:
    """Returns what to use instead of a command that this program does not have, "" if unknown."""
    if program == "nova":
        from glancecli.cli.neighbours import neighbours

        for other in neighbours("nova"):
            return (
                f"glancecli has replaced the nova of {other} in this environment. "
                f"{other.how_to_have_both}"
            )
        return (
            "nova here has image commands only, and no other nova is on PATH; "
            "for servers use `openstack server ...`"
        )
    if program == "glancecli nova":
        return "glancecli has nova's image commands only; for servers use `openstack server ...`"
    return ""


class Group(NamedTuple):
    """Commands that help lists together.

    word stands for the group in help (``glance help data``). A brief group has one line in the
    overview, which counts its commands.
    """

    word: str
    title: str
    commands: dict[str, Entry]
    is_brief: bool = False


GLANCE = (
    Group("images", "Images", IMAGES),
    Group("data", "Image data", DATA),
    Group("sharing", "Sharing", SHARING),
    Group("imports", "Imports, stores and locations", IMPORTS),
    Group("md", "Metadata definitions", METADEFS, is_brief=True),
    Group("service", "The service and its cache", {**SERVICE, **CACHE}),
)
PROGRAM = Group("program", "This program", OWN)

# Words that open a group of commands in the program glancecli.
UMBRELLA = {
    "nova": Entry(
        "",
        "nova's image commands: snapshots, backups, list ...",
        group="nova",
    ),
    "sandbox": Entry(
        "",
        "Run a real Keystone and Glance here, to try things.",
        group="sandbox",
    ),
}


# What help says of a group on its own page.
ABOUT = {
    "sandbox": (
        "Run a real Keystone and Glance here, to try things. They listen on this machine only.\n\n"
        "Clouds for --os-cloud: sandbox (the administrator), sandbox-demo (a member of project "
        "demo), sandbox-reader (who may only read in project demo), sandbox-other (a member of "
        "another project)."
    ),
}


def groups() -> dict[str, tuple[Group, ...]]:
    """Returns the groups of commands of each program, in the order of help."""
    return {
        "glance": (*GLANCE, PROGRAM),
        "nova": (Group("images", "Images and snapshots", NOVA), PROGRAM),
        "sandbox": (Group("sandbox", "Sandbox", SANDBOX),),
        "glancecli": (*GLANCE, Group("program", "This program", {**UMBRELLA, **OWN})),
    }


def programs() -> dict[str, dict[str, Entry]]:
    """Returns the commands of each program and group."""
    found: dict[str, dict[str, Entry]] = {}
    for name, parts in groups().items():
        found[name] = {}
        for part in parts:
            found[name].update(part.commands)
    return found
