"""Random faults, which are the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from tests.faults import actions
from tests.faults.catalog import delete, get, look, post, put
from tests.faults.proxy import Exchange, Fault, Strike


class Drawn(NamedTuple):
    """One case: the transfer, its size, and its faults."""

    what: str  # file, pipe, download
    size: int
    strikes: tuple[Strike, ...]
    faults: tuple[str, ...]
    old: bool  # the file exists already


STATUSES = (400, 401, 403, 404, 408, 409, 410, 413, 415, 429, 500, 502, 503, 504)


def _up(rng: random.Random, size: int) -> tuple[str, Fault]:
    at, code = rng.choice((0, 1, size - 1, rng.randrange(size))), rng.choice(STATUSES)
    table: list[tuple[str, Callable[[], Fault]]] = [
        (f"early {code} at {at}", lambda: actions.early(code, at)),
        (f"late {code}", lambda: actions.late(code)),
        (f"instead {code}", lambda: actions.instead(code)),
        ("lost", lambda: actions.lost),
        (f"cut at {at}", lambda: actions.cut(at)),
        (f"flipped at {at}", lambda: actions.flipped_up(at)),
        (f"stalled at {at}", lambda: actions.stalled_up(at)),
        ("answer stalled", lambda: actions.stalled_answer),
        ("page", lambda: actions.page),
        ("redirect", lambda: actions.redirect),
        ("reset", lambda: Exchange.reset),
    ]
    name, make = rng.choice(table)
    return name, make()


def _down(rng: random.Random, size: int) -> tuple[str, Fault]:
    at, code = rng.choice((0, 1, size - 1, rng.randrange(size))), rng.choice((204, 416, *STATUSES))
    first = rng.randrange(size)
    table: list[tuple[str, Callable[[], Fault]]] = [
        (f"status {code}", lambda: actions.status(code)),
        (f"broken at {at}", lambda: actions.broken(at)),
        (f"truncated at {at}", lambda: actions.truncated(at)),
        (f"ended at {at}", lambda: actions.ended(at)),
        (f"flipped at {at}", lambda: actions.flipped_down(at)),
        (f"stalled at {at}", lambda: actions.stalled_down(at)),
        ("no ranges", lambda: actions.no_ranges),
        (f"lying from {first}", lambda: actions.lying(f"bytes {first}-{size - 1}/{size}")),
        ("all as part", lambda: actions.lying(f"bytes {at}-{size - 1}/{size}", drop=("Range",))),
        (f"promising {first}", lambda: actions.promising(first)),
        ("page", lambda: actions.page),
        ("redirect", lambda: actions.redirect),
        ("reset", lambda: Exchange.reset),
    ]
    name, make = rng.choice(table)
    return name, make()


def draw(rng: random.Random) -> Drawn:
    """Returns one to three faults for one transfer of up to 1.5 MB."""
    what = rng.choice(("file", "file", "pipe", "download", "download"))
    size = rng.choice((1, rng.randrange(1, 70_000), rng.randrange(1, 1_500_000)))
    strikes, names = [], []
    for _ in range(rng.choice((1, 1, 2, 3))):
        times, after = rng.choice((1, 1, 1, 2, 9)), rng.choice((0, 0, 0, 1))
        if what == "download":
            name, fault = _down(rng, size)
            where = rng.choice((get, get, get, get, look))
        else:
            name, fault = _up(rng, size)
            where = rng.choice((put, put, put, post, look, delete))
        strikes.append(where(fault, times)._replace(after=after))
        names.append(f"{where.__name__} {name} x{times} after {after}")
    return Drawn(what, size, tuple(strikes), tuple(names), rng.random() < 0.5)
