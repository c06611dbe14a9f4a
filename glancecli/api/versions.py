"""Which versions of the Images API a server offers, asked once and remembered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from glancecli.api.errors import WrongVersion
from glancecli.errors import GlanceError

if TYPE_CHECKING:
    from glancecli.transport.client import ServiceClient

FACT = "image_versions"  # the name under which the offer is remembered


def known_versions(http: ServiceClient) -> str:
    """The versions that are remembered: "1", "2" or "12", "" when the server was not asked yet."""
    return str(http.identity.fact(FACT) or "")


def offered_versions(http: ServiceClient) -> str:
    """The versions that the server offers: "1", "2" or "12". Asks it where they are not known; ""
    when it does not tell them.
    """
    return known_versions(http) or ask_server(http)


def ask_server(http: ServiceClient) -> str:
    """Asks the server which versions it offers, and remembers them: "1", "2" or "12".

    Returns "" when it does not tell: the root of an endpoint may be a web page, or be forbidden,
    while the API works.
    """
    try:
        ids = _version_ids(http)
    except GlanceError:
        return ""
    majors = {version_id[1:2] for version_id in ids}
    versions = "".join(sorted(majors & {"1", "2"}))
    if versions:
        http.identity.remember(FACT, versions)
    return versions


def newest_version(http: ServiceClient) -> str:
    """Asks the server for the newest version that it offers, such as "v2.18"; "unknown" where it
    offers none. Raises GlanceError when it does not answer as an Image service.
    """
    ids = _version_ids(http)
    return max(
        ids, key=lambda name: [int(part) for part in re.findall(r"\d+", name)], default="unknown"
    )


def _version_ids(http: ServiceClient) -> list[str]:
    response = http.request("GET", "/", expect=(200, 300))
    return [str(version.get("id")) for version in response.rows("versions")]


def lacks_version(offered: str, version: str) -> bool:
    """Returns whether a server with this offer lacks a version. Nothing is known of an offer that
    could not be read ("").
    """
    return bool(offered) and version not in offered


def wrong_version(http: ServiceClient, offered: str) -> WrongVersion:
    """The error for a server that offers one version, and not the one that was tried."""
    return WrongVersion(f"{http.base} speaks Images v{offered} only")
