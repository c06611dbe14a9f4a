"""Facts that services reported about themselves (such as API versions), kept for a day."""

from __future__ import annotations

import time
from typing import Any

from glancecli.auth.access import DAY


class Facts:
    """Facts (JSON values) by the endpoints that they are about."""

    def __init__(self, by_endpoints: dict[str, Any]) -> None:
        self.by_endpoints = by_endpoints

    def get(self, endpoints: str, key: str) -> Any:
        """Returns a fact about these endpoints, None when it is unknown or too old."""
        facts = self.by_endpoints.get(endpoints, {})
        if _is_old(facts):
            return None
        return facts.get(key)

    def put(self, endpoints: str, key: str, value: Any) -> None:
        """Stores a fact about these endpoints."""
        facts = self.by_endpoints.setdefault(endpoints, {})
        if _is_old(facts):
            facts.clear()
            facts["since"] = time.time()
        facts[key] = value


def _is_old(facts: dict[str, Any]) -> bool:
    since = float(facts.get("since", 0))
    return time.time() - since >= DAY
