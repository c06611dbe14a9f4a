"""What services reported about themselves (their API versions), remembered for a day."""

from __future__ import annotations

import time
from typing import Any

LIFE = 86400.0  # seconds that a fact is believed


class Facts:
    """Facts (JSON values) by the endpoints that they are about; by_place is what is saved."""

    def __init__(self, by_place: dict[str, Any]) -> None:
        self.by_place = by_place

    def get(self, place: str, key: str) -> Any:
        """Returns a fact about the endpoints of a place, None when it is unknown or too old."""
        facts = self.by_place.get(place, {})
        if _is_old(facts):
            return None
        return facts.get(key)

    def put(self, place: str, key: str, value: Any) -> None:
        """Remembers a fact about the endpoints of a place."""
        facts = self.by_place.setdefault(place, {})
        if _is_old(facts):
            facts.clear()
            facts["since"] = time.time()
        facts[key] = value


def _is_old(facts: dict[str, Any]) -> bool:
    since = float(facts.get("since", 0))
    return time.time() - since >= LIFE
