"""Writes the manual pages into the wheel, as share/man/man1, where man looks for them.

They are made when the wheel is built, from the code in it, so that they are never out of date and
are not kept a second time beside docs/commands.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManualPages(BuildHookInterface[Any]):
    """Adds a manual page for each program and each command."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Writes the pages before the wheel is put together."""
        sys.path.insert(0, self.root)
        from glancecli.cli.manpage import manual_pages

        self.folder = TemporaryDirectory()
        for name, text in manual_pages():
            path = Path(self.folder.name, name)
            path.write_text(text)
            build_data["shared_data"][str(path)] = f"share/man/man1/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Removes what the wheel has now."""
        self.folder.cleanup()
