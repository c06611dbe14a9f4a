"""The progress bar of a terminal, drawn by rich."""

from __future__ import annotations

from itertools import zip_longest
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from glancecli.output.meter import Clock, Meter
from glancecli.output.wrapping import shortened
from glancecli.text import text_width

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

# Columns: the most for a label beside a bar, the least and the most for the bar.
MOST_LABEL, LEAST_BAR, MOST_BAR = 32, 8, 40
# Columns: the least for a label that is shortened.
LEAST_LABEL = 8
# Columns that stay free at the edge of the terminal: a ^C echoed after the line must not wrap it.
EDGE = 3
# Between label, bar and figures.
GAP = "  "
# Styles that can be seen on black and on white.
DONE_STYLE, REST_STYLE = "color(28)", "dim"


class Bar(Meter):
    """Shows progress as one line on a terminal. A thread of rich redraws it five times a second."""

    def __init__(self, stderr: TextIO, *, colour: bool, clock: Clock = monotonic) -> None:
        super().__init__(clock)
        self.stderr = stderr
        self.colour = colour
        self.live: Live | None = None

    def start(self, label: str, total: int | None, offset: int = 0, noun: str = "") -> None:
        """Draws the bar and hides the cursor."""
        super().start(label, total, offset, noun)
        from rich.console import Console
        from rich.live import Live

        self.figure_widths: list[int] = []
        self.console = Console(
            file=self.stderr, force_terminal=True, color_system="auto" if self.colour else None
        )
        # stdout may carry the data. What is written to stderr meanwhile appears above the bar.
        self.live = Live(
            console=self.console,
            get_renderable=self.line,
            refresh_per_second=5,
            redirect_stdout=False,
        )
        self.live.start()

    def stop(self) -> None:
        """Leaves the summary in place of the bar and shows the cursor."""
        super().stop()
        live = self.live
        self.live = None
        if live is not None:
            live.stop()

    def line(self) -> Text:
        """Returns the line for the width of the terminal."""
        width = self.console.width - EDGE
        if self.running:
            return self._running_line(width)
        return self._last_line(width)

    def _running_line(self, width: int) -> Text:
        """Returns label, bar and figures, the first two as far as there is room."""
        figures = self._steady_figures(width)
        room = width - len(figures) - len(GAP)
        label_room = room - LEAST_BAR - len(GAP)
        label = self._short_label(min(label_room, MOST_LABEL))
        room -= text_width(label) + len(GAP)
        line = _text_line(label)
        if room >= LEAST_BAR:
            if label:
                line.append(GAP)
            line.append_text(self._bar(min(room, MOST_BAR)))
        if line:
            line.append(GAP)
        return line.append(figures)

    def _last_line(self, width: int) -> Text:
        """Returns label and summary, the label as far as there is room."""
        summary = self.summary()
        room = width - len(summary) - len(GAP)
        line = _text_line(self._short_label(room))
        if line:
            line.append(GAP)
        return line.append(summary)

    def _short_label(self, room: int) -> str:
        """Returns the label as far as there is room; "" where that is too little to be useful."""
        if text_width(self.label) <= room:
            return self.label
        if room < LEAST_LABEL:
            return ""
        return shortened(self.label, room)

    def _steady_figures(self, width: int) -> str:
        """Returns the figures that fit, each as wide as it has ever been, so that they stay put."""
        figures = self.figures()
        widths = zip_longest(self.figure_widths, map(len, figures), fillvalue=0)
        self.figure_widths = [max(before, now) for before, now in widths]
        padded = list(map(str.rjust, figures, self.figure_widths))
        joined = GAP.join(padded)
        while len(padded) > 1 and len(joined) > width:
            padded.pop()
            joined = GAP.join(padded)
        return joined

    def _bar(self, width: int) -> Text:
        """Returns the bar: a heavy line for what is done; a moving spot without a total."""
        from rich.text import Text

        heavy, light = "#", "."
        if self.console.encoding.startswith("utf"):
            heavy, light = "━", "─"
        if self.total:
            before = 0
            marked = min(width, self.done * width // self.total)
        else:
            before = int(self.clock() * 5) % width
            marked = 1
        after = width - before - marked
        bar = Text()
        bar.append(light * before, REST_STYLE)
        bar.append(heavy * marked, DONE_STYLE)
        bar.append(light * after, REST_STYLE)
        return bar


def _text_line(text: str) -> Text:
    from rich.text import Text

    return Text(text, no_wrap=True, overflow="crop")
