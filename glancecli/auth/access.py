"""The result of a login: a token, its user and project, and the service catalog."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 86400.0  # seconds; what a login brought is used for a day at most
MIN_LIFE = 30.0  # seconds; a token that expires sooner is not sent


class Endpoint(NamedTuple):
    """One endpoint of the service catalog; interface is public, internal or admin."""

    type: str
    name: str
    region: str
    interface: str
    url: str


class Access(NamedTuple):
    """A token, its user and project, and the service catalog.

    expires is in seconds since 1970; life is the lifetime of the token in seconds, counted from the
    login. roles are names, None where they are unknown. An unscoped token has no project and an
    empty catalog.
    """

    token: str
    expires: float
    life: float
    user_id: str | None
    project_id: str | None
    roles: list[str] | None
    catalog: list[Endpoint]

    def lives_for(self, seconds: float) -> bool:
        """Whether the token is valid for at least so many seconds, and for MIN_LIFE.

        Where the cloud's tokens do not live that long, half of their lifetime is enough.
        """
        needed = max(min(seconds, self.life / 2), MIN_LIFE)
        return self.expires - time.time() > needed


NO_ACCESS = Access("", expires=0, life=0, user_id=None, project_id=None, roles=None, catalog=[])


def read_access(saved: Mapping[str, Any]) -> Access:
    """Returns the result of a login that was saved as JSON, NO_ACCESS when it is missing or
    invalid.
    """
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
