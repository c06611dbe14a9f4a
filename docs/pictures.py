"""Draws what a terminal shows as a picture: text with SGR sequences becomes SVG.

python docs/pictures.py "alternative text" < capture > picture.svg

The picture takes the colours of a light or a dark page from the reader's settings. Each run of text
is as wide as its columns, whatever font the reader has.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from glancecli.text import text_width

COLUMN, LINE, MARGIN, SIZE = 8.4, 19, 14, 14  # pixels
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"

PARTS = re.compile(r"\x1b\[([0-9;]*)m|([^\x1b]+)")

# The colours that we write, of 256 and of 16 colours, by the name of their class.
CLASSES = {
    "28": "good", "130": "busy", "160": "bad", "243": "faint", "31": "advice",
    "1": "bad", "2": "good", "5": "busy", "6": "advice",
}  # fmt: skip

# Colours on a light page, and on a dark one.
LIGHT = {
    "page": "#ffffff", "text": "#1f2328", "good": "#1a7f37", "busy": "#9a6700", "bad": "#cf222e",
    "faint": "#6e7781", "advice": "#0969a2",
}  # fmt: skip
DARK = {
    "page": "#0d1117", "text": "#e6edf3", "good": "#3fb950", "busy": "#d29922", "bad": "#ff7b72",
    "faint": "#8b949e", "advice": "#58a6d6",
}  # fmt: skip


class Look(NamedTuple):
    """How a run of text looks; colour is the name of a class, "" for that of the page."""

    colour: str = ""
    bold: bool = False
    dim: bool = False

    @property
    def classes(self) -> str:
        """Its classes in the picture."""
        names = [self.colour]
        if self.dim:
            names = ["faint"]
        if self.bold:
            names.append("bold")
        return " ".join(filter(None, names))

    def after(self, codes: str) -> Look:
        """Returns how text looks after these SGR codes."""
        if codes in ("", "0"):
            return Look()
        look = self
        if found := re.search(r"38;5;(\d+)|\b3([0-7])\b", codes):
            look = look._replace(colour=CLASSES.get(found[1] or found[2], ""))
        rest = re.sub(r"38;5;\d+", "", codes).split(";")
        if "1" in rest:
            look = look._replace(bold=True)
        if "2" in rest:
            look = look._replace(dim=True)
        if "39" in rest:
            look = look._replace(colour="")
        if "22" in rest:
            look = look._replace(bold=False, dim=False)
        return look


def runs(capture: str) -> Iterator[tuple[int, int, str, Look]]:
    """Yields each run of text with its line, its first column and its look."""
    look = Look()
    for number, line in enumerate(capture.splitlines()):
        column = 0
        for codes, text in PARTS.findall(line):
            if not text:
                look = look.after(codes)
                continue
            for piece in re.findall(r" +|[^ ]+", text):
                if piece.strip():
                    yield number, column, piece, look
                column += text_width(piece)


def svg(capture: str, alternative: str, columns: int = 80) -> str:
    """Returns a picture of what a terminal with so many columns shows."""
    width = round(columns * COLUMN) + 2 * MARGIN
    height = len(capture.splitlines()) * LINE + 2 * MARGIN
    texts = []
    for number, column, text, look in runs(capture):
        x, y = MARGIN + column * COLUMN, MARGIN + number * LINE + SIZE
        length = text_width(text) * COLUMN
        texts.append(
            f'<text class="{look.classes}" x="{x:.1f}" y="{y}" textLength="{length:.1f}">'
            f"{escape(text)}</text>"
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{escape(alternative)}">\n'
        f"<title>{escape(alternative)}</title>\n<style>\n{_rules()}</style>\n"
        f'<rect class="page" width="{width}" height="{height}" rx="6"/>\n'
        + "\n".join(texts)
        + "\n</svg>\n"
    )


def _rules() -> str:
    """Returns the style sheet."""
    rules = f"text {{ font: {SIZE}px {FONTS}; white-space: pre; }}\n.bold {{ font-weight: 700; }}\n"
    return rules + _colours(LIGHT) + f"@media (prefers-color-scheme: dark) {{\n{_colours(DARK)}}}\n"


def _colours(palette: dict[str, str]) -> str:
    rules = f"text {{ fill: {palette['text']}; }}\n"
    for name, colour in palette.items():
        if name != "text":
            rules += f".{name} {{ fill: {colour}; }}\n"
    return rules


if __name__ == "__main__":
    sys.stdout.write(svg(sys.stdin.read(), sys.argv[1]))
