"""Which versions of the Images API a server offers, and which one to speak."""

from __future__ import annotations

import re

from glancecli.errors import GlanceError, UsageError
from glancecli.transport.client import ServiceClient

FACT = "image_versions"


def chosen(http: ServiceClient, asked: str) -> str:
    """The version to speak, "1" or "2", given the one asked for ("": none).

    Without a wish, or with one for 2, v2 is tried at once unless the server is known to have v1
    alone: that saves a request on nearly every cloud. 1 is spoken where the server has it. Raises
    UsageError for a version that does not exist, and GlanceError when 2 is asked for and the server
    is known to have v1 alone.
    """
    if asked and not re.fullmatch(r"[12](\.\d+)?", asked):
        raise UsageError(
            f"'{asked}' is no version of the Images API, which are 1 and 2",
            hint="See --os-image-api-version and OS_IMAGE_API_VERSION.",
        )
    asked = asked[:1]
    known = http.identity.fact(FACT) or (learn(http) if asked == "1" else "")
    if asked == "2" and known == "1":
        raise GlanceError(
            f"{http.base} speaks Images v1 only",
            hint="Leave out --os-image-api-version (OS_IMAGE_API_VERSION).",
        )
    return "1" if known == "1" or (asked == "1" and "1" in known) else "2"


def learn(http: ServiceClient) -> str:
    """Ask the server what it offers, and remember it: "1", "2" or "12".

    Raises GlanceError when what answers is no Image service.
    """
    answer = http.request("GET", "/", expect=(200, 300))
    found = {
        str(v.get("id", ""))[1:2]
        for v in answer.object().get("versions", [])
        if isinstance(v, dict)
    }
    versions = "".join(sorted(found & {"1", "2"}))
    if not versions:
        raise GlanceError(
            f"{answer.url} offers no version of the Images API that is known",
            hint="Check the endpoint.",
        )
    http.identity.remember(FACT, versions)
    return versions


def in_url(url: str) -> str:
    """The major version that an endpoint names (``http://host:9292/v1``), else ""."""
    found = re.search(r"/v([12])(?:\.\d+)?/?$", url or "")
    return found.group(1) if found else ""
