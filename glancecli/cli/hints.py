"""Commands in hints, written so that they can be pasted into a shell."""

from __future__ import annotations

import sys
from functools import partial

from glancecli.cli.contents import OWN, programs
from glancecli.errors import Words, Writer, pasteable

# Commands that ask no cloud: cloud options make no sense in front of them.
LOCAL = frozenset({"sandbox", "image-inspect", "image-property-values", *OWN})


def hint_writer(program: str, cloud_options: Words) -> Writer:
    """Returns what writes the commands in hints of this program, for the cloud of these options."""
    return partial(write_command, program, cloud_options)


def write_command(program: str, cloud_options: Words, words: Words) -> str:
    """Returns a command as a shell takes it: program, options that choose the cloud, words."""
    name = program_with_command(words[0], program)
    options = cloud_options
    if words[0] in LOCAL:
        options = ()
    return pasteable(words, installed_name(name), options)


def program_with_command(command: str, preferred: str) -> str:
    """Returns the preferred program if it has the command, else one that has it."""
    known = programs()
    for name in (preferred, "glance"):
        if command in known[name]:
            return name
    return "glancecli"


def installed_name(program: str) -> str:
    """Returns how to call a program of ours: by name where PATH leads to it, else by path."""
    import os
    from pathlib import Path
    from shutil import which

    from glancecli.auth.cloud_files import working_folder

    typed = Path(sys.argv[0])
    if typed.suffix == ".pyz" and program != "nova":  # the one file, which has all commands
        return str(working_folder() / typed)
    beside = typed.with_name(program)
    if typed.name not in programs() or not os.access(beside, os.X_OK):
        return program
    found = which(program)
    if found and beside.samefile(found):
        return program
    return str(beside)
