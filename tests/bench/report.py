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
    """A target, what was reached, and what hashing alone takes of the same thing."""

    target: Target
    reached: float
    hashing: float

    @property
    def state(self) -> str:
        """Out of reach is what hashing the bytes, and nothing else, would miss as well."""
        if self.reached <= self.target.limit:
            return HOLDS
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
            found.append(
                Verdict(target, value(runs[variant], metric) / one, _hashing(runs, metric) / one)
            )
    return found


def _hashing(runs: Runs, metric: str) -> float:
    """What hashing the data takes and nothing else; 0 where nothing is hashed."""
    return value(runs["sha512"], metric) if "sha512" in runs and metric in ("cpu", "wall") else 0


def lines(case: Case, runs: Runs) -> list[str]:
    """A line for each variant of a case, with what ours takes of its time, then the case's targets."""
    found = []
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
    for state in (HOLDS, OUT_OF_REACH, MISSED):
        said = "; ".join(str(verdict) for verdict in verdicts(case, runs) if verdict.state == state)
        found += [f"    {state}: {said}"] if said else []
    return found


HEADER = f"{'case':<28} {'program':<10}{'cpu s':>8}{'wall s':>8}{'ours:cpu':>8}{'wall':>6}{'MiB':>6} {'requests':>8} {'spread':>7}"
