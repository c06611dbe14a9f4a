"""Whether a request is sent again, and after how many seconds."""

from __future__ import annotations

import random
import time

from glancecli.transport.responses import Response, retry_after

RETRIES = 2  # of a request that may safely be sent again
FIRST_PAUSE = 0.4  # seconds; each further one is twice as long

READ_ONLY = frozenset({"GET", "HEAD"})
REPEATABLE = READ_ONLY | {"DELETE"}
NOTHING_DONE = frozenset({429, 503})  # statuses that say that the service has done nothing
GATEWAY_ERRORS = frozenset({502, 504})  # a gateway does not know what the service has done


class Resending:
    """The attempts to send one request, within a time limit in seconds."""

    def __init__(self, method: str, time_limit: float) -> None:
        self._method = method
        self._deadline = time.monotonic() + time_limit
        self._attempt = 0

    def pause_after(self, response: Response | None) -> float | None:
        """Returns the seconds to wait before the next attempt, None to make none.

        response is that of the last attempt, None when none came.
        """
        if self._attempt == RETRIES:
            return None
        if not self._is_safe_after(response):
            return None
        jitter = random.uniform(0.8, 1.4)  # noqa: S311 - no secret
        pause: float = FIRST_PAUSE * 2**self._attempt * jitter
        if response is not None:
            pause = max(pause, retry_after(response.headers) or 0)
        end_of_pause = time.monotonic() + pause
        if end_of_pause > self._deadline:
            return None
        self._attempt += 1
        return pause

    def _is_safe_after(self, response: Response | None) -> bool:
        """Returns whether the request can be sent again without being carried out twice."""
        if response is None:
            return self._method in READ_ONLY
        if response.status in NOTHING_DONE:
            return True
        return response.status in GATEWAY_ERRORS and self._method in REPEATABLE
