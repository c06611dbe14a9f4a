"""What the runs say: medians, ratios, and which targets hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from tests.bench.cases import Case, Target
from tests.bench.programs import Took

Runs = Mapping[str, Sequence[Took]]  # by variant


HOLDS, OUT_OF_REACH, MISSED = STATES = "holds", "out of reach", "missed"


class Verdict(NamedTuple):
    """A target, what was reached, and what the floors alone take of the same thing."""

    target: Target
    reached: float
    floor: float

    @property
    def state(self) -> str:
        """Out of reach is what moving and hashing the bytes, without us, would miss as well."""
        if self.reached <= self.target.limit:
            return HOLDS
        return OUT_OF_REACH if self.floor > self.target.limit else MISSED

    def __str__(self) -> str:
        variant, metric, against, limit = self.target
        times = f" x {against}" if against else {"memory": " MiB", "requests": ""}[metric]
        who = "" if variant == "ours" else f"{variant} "
        floor = f", and {self.floor:.4g} is what the floors take" if self.state == OUT_OF_REACH else ""
        return f"{who}{metric} {self.reached:.4g}{times} (<= {limit:g}{floor})"


def value(runs: Sequence[Took], metric: str) -> float:
    """The median, of memory and requests the most."""
    found = [getattr(took, metric) for took in runs]
    known = [each for each in found if each is not None]
    if not known:
        return float("nan")
    return float(median(known) if metric in ("cpu", "wall") else max(known))


def verdicts(case: Case, runs: Runs) -> list[Verdict]:
    """Each target of a case for which there are runs."""
    found = []
    for target in case.targets:
        variant, metric, against, _limit = target
        if variant in runs and (not against or against in runs):
            one = value(runs[against], metric) if against else 1
            found.append(Verdict(target, value(runs[variant], metric) / one, _floor(runs, metric) / one))
    return found


def _floor(runs: Runs, metric: str) -> float:
    """What the work itself takes: moving and hashing cost processor time each, and can be done side by side."""
    least = [value(runs[variant], metric) for variant in ("floor", "sha512") if variant in runs]
    if not least or metric not in ("cpu", "wall"):
        return 0
    return sum(least) if metric == "cpu" else max(least)


def lines(case: Case, runs: Runs) -> list[str]:
    """A line for each variant of a case, with what ours takes of its time, then the case's targets."""
    found = []
    for variant in case.commands:
        if variant not in runs:
            continue
        wall, cpu, memory, requests = (value(runs[variant], m) for m in ("wall", "cpu", "memory", "requests"))
        spread = max(took.wall for took in runs[variant]) / min(took.wall for took in runs[variant])
        asked = f"{requests:8.0f}" if requests == requests else "       -"
        ours = [value(runs["ours"], metric) / value(runs[variant], metric) for metric in ("cpu", "wall")]
        ratios = "".join(f"{ratio:7.2f}" for ratio in ours) if variant != "ours" else "      -      -"
        found.append(
            f"{case.name:<28} {variant:<10}{cpu:8.3f}{wall:8.3f}{ratios}{memory:6.0f} {asked} {spread:7.2f}"
        )
    for state in (HOLDS, OUT_OF_REACH, MISSED):
        said = "; ".join(str(verdict) for verdict in verdicts(case, runs) if verdict.state == state)
        found += [f"    {state}: {said}"] if said else []
    return found


HEADER = f"{'case':<28} {'program':<10}{'cpu s':>8}{'wall s':>8}{'ours:cpu':>8}{'wall':>6}{'MiB':>6} {'requests':>8} {'spread':>7}"
