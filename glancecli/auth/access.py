"""What a login brings: a token, who it is for, and the service catalog."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MIN_LIFE = 30.0  # seconds that a token must have left to be worth sending


class Endpoint(NamedTuple):
    """One endpoint of the service catalog; interface is public, internal or admin."""

    type: str
    name: str
    region: str
    interface: str
    url: str


class Access(NamedTuple):
    """A token and what came with it.

    expires is in seconds since 1970; life is what the token had of it at first, in seconds. roles
    are names, None where they are unknown. An unscoped token has no project and an empty catalog.
    """

    token: str
    expires: float
    life: float
    user_id: str | None
    project_id: str | None
    roles: list[str] | None
    catalog: list[Endpoint]

    def lives_for(self, seconds: float) -> bool:
        """Whether the token has that much time left, and MIN_LIFE at least.

        Where the cloud's tokens do not live that long, half the life of one is enough.
        """
        needed = max(min(seconds, self.life / 2), MIN_LIFE)
        return self.expires - time.time() > needed


NO_ACCESS = Access("", expires=0, life=0, user_id=None, project_id=None, roles=None, catalog=[])


def read_access(saved: Mapping[str, Any]) -> Access:
    """Returns what was saved of a login (as JSON), NO_ACCESS when it is missing or damaged."""
    try:
        return Access(
            token=str(saved["token"]),
            expires=float(saved["expires"]),
            life=float(saved["life"]),
            user_id=saved["user_id"],
            project_id=saved["project_id"],
            roles=list(saved["roles"]),
            catalog=[Endpoint(*row) for row in saved["catalog"]],
        )
    except (KeyError, TypeError, ValueError):
        return NO_ACCESS
