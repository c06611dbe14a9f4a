"""How far a transfer is, on stderr: a bar on a terminal, a line every few seconds elsewhere, or
nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import zip_longest
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from glancecli.text import human_size, safe_text, text_width

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

Clock = Callable[[], float]

# Seconds between two lines where there is no terminal.
PAUSE = 5.0
# Seconds over which the rate is taken, and between two looks at it.
WINDOW, GLANCE = 10.0, 0.5
# Columns: the most for a label beside a bar, the least and the most for the bar.
LABEL, LEAST_BAR, MOST_BAR = 32, 8, 40
# Styles that can be seen on black and on white.
DONE, REST = "color(28)", "dim"


class Progress:
    """Progress that nobody sees, and the shape of the others.

    start, any number of advance and phase, then stop, which is safe to call twice and at any time.
    advance may come from another thread and costs next to nothing.
    """

    def start(self, label: str, total: int | None, at: int = 0) -> None:
        """A transfer begins: label says of what; total bytes if known, of which at are there
        already.
        """

    def advance(self, n: int) -> None:
        """Move on by n bytes."""

    def phase(self, text: str) -> None:
        """The bytes are through, or wait; text says what goes on (``verifying``)."""

    def stop(self) -> None:
        """The transfer is over, well or badly: leave a last line and the terminal as it was."""


class Meter(Progress):
    """Counts bytes and takes the rate, in bytes a second over the last ten seconds."""

    def __init__(self, clock: Clock = monotonic) -> None:
        self.clock = clock
        self.lock = Lock()
        self.running = False

    def start(self, label: str, total: int | None, at: int = 0) -> None:
        """The count begins at at, the clock now."""
        self.stop()
        self.label = safe_text(label)
        self.doing = ""
        self.total = total
        self.at = self.done = at
        self.began = self.moved = self.clock()
        self.looks = deque([(self.began, at)])
        self.running = True

    def advance(self, n: int) -> None:
        """Count n bytes; from any thread."""
        with self.lock:
            self.done += n
            self.moved = self.clock()
            if self.moved - self.looks[-1][0] >= GLANCE:
                self.looks.append((self.moved, self.done))
                while self.moved - self.looks[0][0] > WINDOW and len(self.looks) > 2:
                    self.looks.popleft()

    def phase(self, text: str) -> None:
        """Say text where rate and time left stood."""
        self.doing = safe_text(text)

    def stop(self) -> None:
        """Nothing moves any more."""
        self.running = False

    def rate(self) -> float:
        """Bytes a second lately; 0 while there is nothing to tell."""
        then, had = self.looks[0]
        spent = self.clock() - then
        return max(0.0, (self.done - had) / spent) if spent > 0 else 0.0

    def figures(self) -> list[str]:
        """What is known, the most important first: how far, how fast, how long it takes."""
        far = _amount(self.done, self.total, between="/")
        words = [f"{min(100, self.done * 100 // self.total)}%", far] if self.total else [far]
        if self.doing:
            return [*words, self.doing]
        rate = self.rate()
        words.append(f"{human_size(int(rate))}/s")
        if self.total and self.done < self.total and rate:
            words.append(f"{_time((self.total - self.done) / rate)} left")
        return words

    def summary(self) -> str:
        """What is there, the time it took, and the rate over all that was moved."""
        spent = self.moved - self.began
        rate = (self.done - self.at) / spent if spent > 0 else 0
        far = _amount(self.done, None if self.done == self.total else self.total, between=" of ")
        return f"{far} in {_time(spent)}" + (f", {human_size(int(rate))}/s" if rate else "")


class Lines(Meter):
    """A line at most every five seconds, for logs."""

    def __init__(self, stderr: TextIO, clock: Clock = monotonic) -> None:
        super().__init__(clock)
        self.stderr = stderr

    def start(self, label: str, total: int | None, at: int = 0) -> None:
        """Begin in silence: a short transfer says one line."""
        super().start(label, total, at)
        self.said = self.began

    def advance(self, n: int) -> None:
        """Say the figures if the last line is five seconds old."""
        super().advance(n)
        if self.clock() - self.said >= PAUSE:
            self._say(", ".join(self.figures()))

    def phase(self, text: str) -> None:
        """Say what goes on."""
        super().phase(text)
        self._say(self.doing)

    def stop(self) -> None:
        """Say the summary."""
        if self.running:
            self._say(self.summary())
        super().stop()

    def _say(self, text: str) -> None:
        self.said = self.clock()
        self.stderr.write(f"{self.label}: {text}\n")
        self.stderr.flush()


class Bar(Meter):
    """One line on a terminal, drawn anew five times a second by a thread of rich's."""

    def __init__(self, stderr: TextIO, *, colour: bool, clock: Clock = monotonic) -> None:
        super().__init__(clock)
        self.stderr = stderr
        self.colour = colour
        self.live: Live | None = None

    def start(self, label: str, total: int | None, at: int = 0) -> None:
        """Draw the bar and hide the cursor."""
        super().start(label, total, at)
        from rich.console import Console
        from rich.live import Live

        self.rooms: list[int] = []
        self.console = Console(
            file=self.stderr, force_terminal=True, color_system="auto" if self.colour else None
        )
        # stdout may be taking the data; what others say on stderr meanwhile goes above the bar.
        self.live = Live(
            console=self.console,
            get_renderable=self.line,
            refresh_per_second=5,
            redirect_stdout=False,
        )
        self.live.start()

    def stop(self) -> None:
        """Leave the summary in the bar's place and show the cursor."""
        super().stop()
        live, self.live = self.live, None
        if live is not None:
            live.stop()

    def line(self) -> Text:
        """The line for the terminal's width: figures first, then as much label and bar as there is
        room.
        """
        from rich.text import Text

        width = self.console.width - 3  # a ^C typed behind the line must not wrap it
        figures = self._figures(width) if self.running else self.summary()
        room = width - len(figures) - 2
        label = _cut(self.label, min(room - LEAST_BAR - 2, LABEL) if self.running else room)
        room -= text_width(label) + 2
        line = Text(label, no_wrap=True, overflow="crop")
        if self.running and room >= LEAST_BAR:
            line.append("  " if label else "").append_text(self._bar(min(room, MOST_BAR)))
        return line.append(("  " if line else "") + figures)

    def _figures(self, width: int) -> str:
        """Those figures that fit, each in the most room that it took so far, so that they do not
        dance.
        """
        words = self.figures()
        rooms = zip_longest(self.rooms, map(len, words), fillvalue=0)
        self.rooms = [max(had, needed) for had, needed in rooms]
        padded = [word.rjust(room) for word, room in zip(words, self.rooms, strict=False)]
        while len(padded) > 1 and len("  ".join(padded)) > width:
            padded.pop()
        return "  ".join(padded)

    def _bar(self, width: int) -> Text:
        """What is done in heavy line, the rest in light; a thing on the move while no total is
        known.
        """
        from rich.text import Text

        heavy, light = "━─" if self.console.encoding.startswith("utf") else "#."
        if self.total:
            full = min(width, self.done * width // self.total)
            parts = [(heavy * full, DONE), (light * (width - full), REST)]
        else:
            at = int(self.clock() * 5) % width
            parts = [(light * at, REST), (heavy, DONE), (light * (width - at - 1), REST)]
        return Text.assemble(*parts)


def make(
    mode: bool | None,
    stderr: TextIO,
    terminal: bool,
    colour: bool = False,
    clock: Clock = monotonic,
) -> Progress:
    """The progress for --progress (True), --no-progress (False) or neither (None: on a terminal
    only).
    """
    if mode is False or (mode is None and not terminal):
        return Progress()
    return Bar(stderr, colour=colour, clock=clock) if terminal else Lines(stderr, clock=clock)


def _cut(label: str, room: int) -> str:
    """As much of the label as the room holds, or nothing where that would tell nothing."""
    if text_width(label) <= room:
        return label
    kept = label[: max(0, room - 2)]
    while text_width(kept) > room - 2 > 0:
        kept = kept[:-1]
    return f"{kept}.." if len(kept) > 5 else ""


def _amount(done: int, total: int | None, between: str) -> str:
    return human_size(done) + (f"{between}{human_size(total)}" if total is not None else "")


def _time(seconds: float) -> str:
    """``0:05``, ``12:34``, ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
