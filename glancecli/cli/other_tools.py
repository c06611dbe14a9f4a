"""Words of other tools that people type here, and what to type instead."""

from __future__ import annotations

from collections.abc import Collection, Sequence

FORMAT = "-f FORMAT chooses the output format: -f json"
NOTHING_ASKED = "nothing is asked, so leave it out"
VISIBILITY = "use --visibility public, private, shared or community"

OPTIONS = {
    "-o": f"{FORMAT}; --file FILE names a file",
    "--output": f"{FORMAT}; --file FILE names a file",
    "--json": FORMAT,
    "--yaml": FORMAT,
    "--csv": FORMAT,
    "--format": FORMAT,
    "--fields": "-c COLUMN,... picks columns",
    "--columns": "-c COLUMN,... picks columns",
    "-y": NOTHING_ASKED,
    "--yes": NOTHING_ASKED,
    "--assume-yes": NOTHING_ASKED,
    "--all": "image-list lists every image that you can access; other commands take names or IDs",
    "--url": "--file URL reads it here; the service reads --copy-from, or --uri of image-import",
    "--public": VISIBILITY,
    "--private": VISIBILITY,
    "--shared": VISIBILITY,
    "--community": VISIBILITY,
    "--unprotected": "use --protected False",
    "--unhidden": "use --hidden False",
    "--project": "use --owner PROJECT",
}
COMMANDS = {
    "list": "image-list",
    "ls": "image-list",
    "index": "image-list",
    "details": "image-list",
    "images": "image-list",
    "show": "image-show",
    "get": "image-show",
    "describe": "image-show",
    "create": "image-create",
    "add": "image-create",
    "push": "image-create",
    "import": "image-create",
    "set": "image-update",
    "update": "image-update",
    "rm": "image-delete",
    "rmi": "image-delete",
    "delete": "image-delete",
    "remove": "image-delete",
    "save": "image-download",
    "pull": "image-download",
    "download": "image-download",
    "upload": "image-upload",
    "inspect": "image-inspect",
}


def advice_on_option(word: str) -> str:
    """Returns what to use instead of an option, as an end of a sentence; "" if unknown."""
    known = OPTIONS.get(word)
    if not known:
        return ""
    return f"; {known}"


def advice_on_command(words: Sequence[str], commands: Collection[str]) -> str:
    """Returns what to use instead of a command, as an end of a sentence; "" if unknown.

    commands are those of the program, which may join two words: image list is image-list.
    """
    for name in ("-".join(words[:2]), COMMANDS.get(words[0], "")):
        if name in commands:
            return f"; use {name}"
    return ""
