"""Copies the code blocks of the English pages into their translations in docs/zh.

python docs/translations.py

A translation has the headings of its page in the same order, and the same code blocks: commands and
output are the program's own, which speaks English. So one replay proves both pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent

BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def pages() -> Iterator[tuple[Path, Path]]:
    """Yields each English page that has a translation, and the translation."""
    yield ROOT / "README.md", ROOT / "README.zh-CN.md"
    for translation in sorted((ROOT / "docs" / "zh").glob("*.md")):
        yield ROOT / "docs" / translation.name, translation


def blocks(page: str) -> list[str]:
    """Returns the code blocks of a page."""
    return BLOCK.findall(page)


def with_blocks_of(page: str, translation: str) -> str:
    """Returns the translation with the code blocks of its page.

    Raises ValueError when it has more or fewer of them.
    """
    found = blocks(page)
    if len(found) != len(blocks(translation)):
        raise ValueError(f"{len(found)} code blocks, and {len(blocks(translation))} in Chinese")
    copied = iter(found)
    return BLOCK.sub(lambda _: next(copied), translation)


def main() -> None:
    """Brings the code blocks of all translations up to date."""
    for page, translation in pages():
        text = translation.read_text(encoding="utf-8")
        translation.write_text(with_blocks_of(page.read_text(encoding="utf-8"), text), "utf-8")


if __name__ == "__main__":
    main()
