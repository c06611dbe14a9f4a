"""The results of the runs: medians, ratios, and which targets are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from tests.bench.cases import Case, Target
from tests.bench.programs import Took

Runs = Mapping[str, Sequence[Took]]  # by variant


MET, OUT_OF_REACH, MISSED = STATES = "met", "out of reach", "missed"


class Verdict(NamedTuple):
    """A target, the value that was measured, and the value of hashing alone."""

    target: Target
    reached: float
    hashing: float

    @property
    def state(self) -> str:
        """A target is out of reach when hashing the bytes, and nothing else, misses it too."""
        if self.reached <= self.target.limit:
            return MET
        return OUT_OF_REACH if self.hashing > self.target.limit else MISSED

    def __str__(self) -> str:
        variant, metric, against, limit = self.target
        times = f" x {against}" if against else {"memory": " MiB", "requests": ""}[metric]
        who = "" if variant == "ours" else f"{variant} "
        hashing = (
            f", and hashing alone takes {self.hashing:.4g}" if self.state == OUT_OF_REACH else ""
        )
        return f"{who}{metric} {self.reached:.4g}{times} (<= {limit:g}{hashing})"


def value(runs: Sequence[Took], metric: str) -> float:
    """Returns the median of times, and the maximum of memory and requests."""
    found = [getattr(took, metric) for took in runs]
    known = [each for each in found if each is not None]
    if not known:
        return float("nan")
    return float(median(known) if metric in ("cpu", "wall") else max(known))


def verdicts(case: Case, runs: Runs) -> list[Verdict]:
    """Returns a verdict on each target of a case that has runs."""
    found = []
    for target in case.targets:
        variant, metric, against, _limit = target
        if variant in runs and (not against or against in runs):
            reference = value(runs[against], metric) if against else 1
            found.append(
                Verdict(
                    target,
                    value(runs[variant], metric) / reference,
                    _hashing(runs, metric) / reference,
                )
            )
    return found


def _hashing(runs: Runs, metric: str) -> float:
    """Returns the value of hashing alone, 0 where nothing is hashed."""
    return value(runs["sha512"], metric) if "sha512" in runs and metric in ("cpu", "wall") else 0


def lines(case: Case, runs: Runs) -> list[str]:
    """Returns a line for each variant of a case, with the ratio of our time to its time, then the targets.

    Returns none where our own run was wrong.
    """
    found: list[str] = []
    if "ours" not in runs:
        return found
    for variant in case.commands:
        if variant not in runs:
            continue
        wall, cpu, memory, requests = (
            value(runs[variant], m) for m in ("wall", "cpu", "memory", "requests")
        )
        spread = max(took.wall for took in runs[variant]) / min(took.wall for took in runs[variant])
        asked = f"{requests:8.0f}" if requests == requests else "       -"
        ours = [
            value(runs["ours"], metric) / value(runs[variant], metric) for metric in ("cpu", "wall")
        ]
        ratios = (
            "".join(f"{ratio:7.2f}" for ratio in ours) if variant != "ours" else "      -      -"
        )
        found.append(
            f"{case.name:<28} {variant:<10}{cpu:8.3f}{wall:8.3f}{ratios}{memory:6.0f} {asked} {spread:7.2f}"
        )
    for state in (MET, OUT_OF_REACH, MISSED):
        said = "; ".join(str(verdict) for verdict in verdicts(case, runs) if verdict.state == state)
        found += [f"    {state}: {said}"] if said else []
    return found


HEADER = f"{'case':<28} {'program':<10}{'cpu s':>8}{'wall s':>8}{'ours:cpu':>8}{'wall':>6}{'MiB':>6} {'requests':>8} {'spread':>7}"
