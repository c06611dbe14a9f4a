"""What is known of a piece of work that goes on: how much is done, how fast, and what is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import TextIO

from glancecli.text import human_size, safe_text

Clock = Callable[[], float]

# Seconds between two lines where there is no terminal.
LINE_INTERVAL = 5.0
# Seconds over which the rate is measured, and the least between two samples of it.
RATE_WINDOW, SAMPLE_INTERVAL = 10.0, 0.5
# Seconds without a byte after which the end that is waited for is shown.
LONG_WAIT = 2.0
# Things in a second below which the rate has a decimal place.
SLOW = 10.0


class Progress:
    """Progress that is not shown, and the interface of the other classes.

    start, any number of advance and phase, then stop, which is safe to call twice and at any time.
    advance may come from another thread and costs next to nothing.
    """

    def start(self, label: str, total: int | None, offset: int = 0, noun: str = "") -> None:
        """Work begins: its label, how much there is to do, if known, and how much is done.

        noun says what is counted, such as ``images``; "" are bytes.
        """

    def advance(self, count: int) -> None:
        """So much more is done."""

    def phase(self, text: str) -> None:
        """All is counted; text says what is done now (``verifying``)."""

    def waits_for(self, end: str) -> None:
        """The transfer waits from now on for one of its ends: the source, or the service."""

    def stop(self) -> None:
        """The work has ended or failed: leave a last line and the terminal as it was."""


class Meter(Progress):
    """Counts what is done, and measures the rate of the last ten seconds."""

    def __init__(self, clock: Clock = monotonic) -> None:
        self.clock = clock
        self.lock = Lock()
        self.running = False

    def start(self, label: str, total: int | None, offset: int = 0, noun: str = "") -> None:
        """Begins the count at offset, and the time now."""
        self.stop()
        self.label = safe_text(label)
        self.noun = noun
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
        """Counts; from any thread."""
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
        """Returns how much is done in a second, over the last ten seconds; 0 when nothing is."""
        since, done_then = self.samples[0]
        return _rate(self.done - done_then, self.clock() - since)

    def figures(self) -> list[str]:
        """Returns what is known, the most important first: amount, rate, time left."""
        figures = []
        if self.total:
            percent = min(100, self.done * 100 // self.total)
            figures.append(f"{percent}%")
        amount = self._shown(self.done)
        if self.total is not None:
            amount += f"/{self._shown(self.total)}"
        figures.append(self._with_noun(amount))
        if self.phase_text:
            figures.append(self.phase_text)
            return figures
        if self.awaited and self.clock() - self.advanced_at >= LONG_WAIT:
            figures.append(f"waiting for {self.awaited}")
            return figures
        rate = self.rate()
        figures.append(self._rate_text(rate))
        if self.total and self.done < self.total and rate:
            seconds_left = (self.total - self.done) / rate
            figures.append(f"{_time_text(seconds_left)} left")
        return figures

    def summary(self) -> str:
        """Returns the amount, the time it took, and the rate over all of that time."""
        seconds = self.advanced_at - self.started_at
        rate = _rate(self.done - self.offset, seconds)
        amount = self._shown(self.done)
        if self.total is not None and self.total != self.done:
            amount = f"{amount} of {self._shown(self.total)}"
        text = f"{self._with_noun(amount)} in {_time_text(seconds)}"
        if rate:
            text += f", {self._rate_text(rate)}"
        return text

    def _with_noun(self, amount: str) -> str:
        return f"{amount} {self.noun}".rstrip()

    def _rate_text(self, rate: float) -> str:
        if self.noun and rate < SLOW:
            return f"{rate:.1f}/s"
        return f"{self._shown(int(rate))}/s"

    def _shown(self, count: int) -> str:
        if self.noun:
            return str(count)
        return human_size(count)


class Lines(Meter):
    """Shows progress as lines for a log, at most one every five seconds."""

    def __init__(self, stderr: TextIO, clock: Clock = monotonic) -> None:
        super().__init__(clock)
        self.stderr = stderr

    def start(self, label: str, total: int | None, offset: int = 0, noun: str = "") -> None:
        """Begins without a line: short work has only its summary."""
        super().start(label, total, offset, noun)
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


def _rate(count: int, seconds: float) -> float:
    """Returns how much is done in a second, 0 where no time has passed."""
    if seconds <= 0:
        return 0.0
    return max(0.0, count / seconds)


def _time_text(seconds: float) -> str:
    """Returns ``0:05``, ``12:34``, ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{rest:02d}"
    return f"{minutes}:{rest:02d}"
