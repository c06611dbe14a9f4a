"""Words of other tools that people type here, and what to type instead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import takewhile

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
# What other tools call what is done with an image or another thing, and what it is called here.
VERBS = {
    "list": "list",
    "ls": "list",
    "index": "list",
    "details": "list",
    "images": "list",
    "show": "show",
    "get": "show",
    "describe": "show",
    "create": "create",
    "add": "create",
    "push": "create",
    "import": "create",
    "set": "update",
    "unset": "update",
    "edit": "update",
    "update": "update",
    "rm": "delete",
    "rmi": "delete",
    "delete": "delete",
    "remove": "delete",
    "destroy": "delete",
    "save": "download",
    "pull": "download",
    "export": "download",
    "download": "download",
    "upload": "upload",
    "inspect": "inspect",
}
# Words that openstackclient has in front of what is one word here.
BEGINNINGS = (
    (("image", "metadef"), ("md",)),
    (("cached", "image"), ("cache",)),
    (("image", "member"), ("member",)),
    (("image", "task"), ("task",)),
    (("image", "stores"), ("stores",)),
    (("image", "import", "info"), ("import", "info")),
)
# Commands of openstackclient that go by another name here, and words for what a command does.
PHRASES = {
    "share": "member-create",
    "unshare": "member-delete",
    "accept": "member-update",
    "reject": "member-update",
    "snapshot": "nova image-create",
    "quota": "usage",
    "quotas": "usage",
    "hide": "image-update --hidden True",
    "metadata": "image-meta",
    "metadef": "help md",
    "metadefs": "help md",
    "sandbox": "glancecli sandbox",
    "version": "--version",
    "logout": "cache-forget",
    "image add project": "member-create",
    "image remove project": "member-delete",
    "stores list": "stores-info",
    "md namespace unset": "md-tag-delete",
    "md resource type association create": "md-resource-type-associate",
    "md resource type association delete": "md-resource-type-deassociate",
    "md resource type association list": "md-namespace-resource-type-list",
    "server image create": "nova image-create",
    "server backup create": "nova backup",
    "aggregate cache image": "nova aggregate-cache-images",
}
LONGEST_PHRASE = 5  # words
OF_OTHERS = ("nova ", "glancecli ", "--")  # what is not among the commands of the program


def advice_on_option(word: str) -> str:
    """Returns what to use instead of an option, as an end of a sentence; "" if unknown."""
    known = OPTIONS.get(word)
    if not known:
        return ""
    return f"; {known}"


def advice_on_command(words: Sequence[str], commands: Collection[str]) -> str:
    """Returns what to use instead of a command, as an end of a sentence; "" if unknown.

    words are the command and what follows, commands those of the program: image list and image-ls
    are image-list.
    """
    parts = words[0].split("-")
    parts += takewhile(lambda word: not word.startswith("-"), words[1:])
    for theirs, ours in BEGINNINGS:
        if tuple(parts[: len(theirs)]) == theirs:
            parts[: len(theirs)] = ours
    for length in range(LONGEST_PHRASE, 0, -1):
        found = _counterpart(parts[:length], commands)
        if found:
            return f"; use {found}"
    return ""


def _counterpart(parts: Sequence[str], commands: Collection[str]) -> str:
    """Returns the command that these words mean, "" for none."""
    known = PHRASES.get(" ".join(parts), "")
    if known.startswith(OF_OTHERS) or known.partition(" ")[0] in commands:
        return known
    *things, verb = parts
    joined = "-".join(parts)
    for name in (joined, f"image-{joined}"):
        if name in commands:
            return name
    name = "-".join([*(things or ["image"]), VERBS.get(verb, "")])
    if name in commands:
        return name
    return ""
