"""The progress of a transfer on stderr: a bar on a terminal, lines elsewhere, or nothing."""

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
LINE_INTERVAL = 5.0
# Seconds over which the rate is measured, and the least between two samples of it.
RATE_WINDOW, SAMPLE_INTERVAL = 10.0, 0.5
# Seconds without a byte after which the end that is waited for is shown.
LONG_WAIT = 2.0
# Columns: the most for a label beside a bar, the least and the most for the bar.
MOST_LABEL, LEAST_BAR, MOST_BAR = 32, 8, 40
# Characters: the least of a label that is shown.
LEAST_LABEL = 6
# Columns that stay free at the edge of the terminal: a ^C echoed after the line must not wrap it.
EDGE = 3
# Between label, bar and figures.
GAP = "  "
# Styles that can be seen on black and on white.
DONE_STYLE, REST_STYLE = "color(28)", "dim"


class Progress:
    """Progress that is not shown, and the interface of the other classes.

    start, any number of advance and phase, then stop, which is safe to call twice and at any time.
    advance may come from another thread and costs next to nothing.
    """

    def start(self, label: str, total: int | None, offset: int = 0) -> None:
        """A transfer begins: its label, its size in bytes if known, and the bytes already done."""

    def advance(self, count: int) -> None:
        """So many more bytes are done."""

    def phase(self, text: str) -> None:
        """No more bytes are transferred; text says what is done instead (``verifying``)."""

    def waits_for(self, end: str) -> None:
        """The transfer waits from now on for one of its ends: the source, or the service."""

    def stop(self) -> None:
        """The transfer has ended or failed: leave a last line and the terminal as it was."""


class Meter(Progress):
    """Counts bytes, and measures the rate of the last ten seconds."""

    def __init__(self, clock: Clock = monotonic) -> None:
        self.clock = clock
        self.lock = Lock()
        self.running = False

    def start(self, label: str, total: int | None, offset: int = 0) -> None:
        """Begins the count at offset, and the time now."""
        self.stop()
        self.label = safe_text(label)
        self.phase_text = ""
        self.awaited = ""
        self.total = total
        self.offset = offset
        self.done = offset
        self.started_at = self.clock()
        self.advanced_at = self.started_at
        self.samples = deque([(self.started_at, offset)])
        self.running = True

    def advance(self, count: int) -> None:
        """Counts bytes; from any thread."""
        with self.lock:
            self.done += count
            self.advanced_at = self.clock()
            if self.advanced_at - self.samples[-1][0] >= SAMPLE_INTERVAL:
                self._add_sample()

    def _add_sample(self) -> None:
        self.samples.append((self.advanced_at, self.done))
        oldest = self.advanced_at - RATE_WINDOW
        while len(self.samples) > 2 and self.samples[0][0] < oldest:
            self.samples.popleft()

    def phase(self, text: str) -> None:
        """Shows the text in place of the rate and the time left."""
        self.phase_text = safe_text(text)

    def waits_for(self, end: str) -> None:
        """Shows the end in place of the rate once it has been waited for."""
        self.awaited = end

    def stop(self) -> None:
        """Ends the count."""
        self.running = False

    def rate(self) -> float:
        """Returns the bytes per second of the last ten seconds, 0 when nothing moved."""
        since, done_then = self.samples[0]
        return _rate(self.done - done_then, self.clock() - since)

    def figures(self) -> list[str]:
        """Returns what is known, the most important first: amount, rate, time left."""
        figures = []
        if self.total:
            percent = min(100, self.done * 100 // self.total)
            figures.append(f"{percent}%")
        figures.append(_amount(self.done, self.total, separator="/"))
        if self.phase_text:
            figures.append(self.phase_text)
            return figures
        if self.awaited and self.clock() - self.advanced_at >= LONG_WAIT:
            figures.append(f"waiting for {self.awaited}")
            return figures
        rate = self.rate()
        figures.append(_rate_text(rate))
        if self.total and self.done < self.total and rate:
            seconds_left = (self.total - self.done) / rate
            figures.append(f"{_time_text(seconds_left)} left")
        return figures

    def summary(self) -> str:
        """Returns the amount, the time it took, and the rate over all of that time."""
        seconds = self.advanced_at - self.started_at
        rate = _rate(self.done - self.offset, seconds)
        amount = human_size(self.done)
        if self.done != self.total:
            amount = _amount(self.done, self.total, separator=" of ")
        text = f"{amount} in {_time_text(seconds)}"
        if rate:
            text += f", {_rate_text(rate)}"
        return text


class Lines(Meter):
    """Shows progress as lines for a log, at most one every five seconds."""

    def __init__(self, stderr: TextIO, clock: Clock = monotonic) -> None:
        super().__init__(clock)
        self.stderr = stderr

    def start(self, label: str, total: int | None, offset: int = 0) -> None:
        """Begins without a line: a short transfer has only its summary."""
        super().start(label, total, offset)
        self.written_at = self.started_at

    def advance(self, count: int) -> None:
        """Writes the figures if the last line is five seconds old."""
        super().advance(count)
        if self.clock() - self.written_at >= LINE_INTERVAL:
            self._write(", ".join(self.figures()))

    def phase(self, text: str) -> None:
        """Writes the text."""
        super().phase(text)
        self._write(self.phase_text)

    def stop(self) -> None:
        """Writes the summary."""
        if self.running:
            self._write(self.summary())
        super().stop()

    def _write(self, text: str) -> None:
        self.written_at = self.clock()
        self.stderr.write(f"{self.label}: {text}\n")
        self.stderr.flush()


class Bar(Meter):
    """Shows progress as one line on a terminal. A thread of rich redraws it five times a second."""

    def __init__(self, stderr: TextIO, *, colour: bool, clock: Clock = monotonic) -> None:
        super().__init__(clock)
        self.stderr = stderr
        self.colour = colour
        self.live: Live | None = None

    def start(self, label: str, total: int | None, offset: int = 0) -> None:
        """Draws the bar and hides the cursor."""
        super().start(label, total, offset)
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
        label = _shortened(self.label, min(label_room, MOST_LABEL))
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
        line = _text_line(_shortened(self.label, room))
        if line:
            line.append(GAP)
        return line.append(summary)

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


def make_progress(
    mode: bool | None,
    stderr: TextIO,
    terminal: bool,
    colour: bool = False,
    clock: Clock = monotonic,
) -> Progress:
    """Returns the progress for --progress (True), --no-progress (False), or neither (None).

    With neither it is shown on a terminal only.
    """
    if mode is None:
        mode = terminal
    if not mode:
        return Progress()
    if terminal:
        return Bar(stderr, colour=colour, clock=clock)
    return Lines(stderr, clock=clock)


def _text_line(text: str) -> Text:
    from rich.text import Text

    return Text(text, no_wrap=True, overflow="crop")


def _shortened(label: str, room: int) -> str:
    """Returns as much of the label as there is room for; "" if that is too little to be useful."""
    if text_width(label) <= room:
        return label
    room -= len("..")
    start = label[: max(0, room)]
    while text_width(start) > room > 0:
        start = start[:-1]
    if len(start) < LEAST_LABEL:
        return ""
    return f"{start}.."


def _amount(done: int, total: int | None, separator: str) -> str:
    if total is None:
        return human_size(done)
    return f"{human_size(done)}{separator}{human_size(total)}"


def _rate(count: int, seconds: float) -> float:
    """Returns bytes per second, 0 where no time has passed."""
    if seconds <= 0:
        return 0.0
    return max(0.0, count / seconds)


def _rate_text(rate: float) -> str:
    return f"{human_size(int(rate))}/s"


def _time_text(seconds: float) -> str:
    """Returns ``0:05``, ``12:34``, ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{rest:02d}"
    return f"{minutes}:{rest:02d}"
