"""The Image service: interfaces by topic (interfaces.py), one implementation for each version.

``connect()`` returns an ImageService, which has an attribute for each topic::

    service = connect(identity, asked_version)
    service.images.get(image_id)
    service.members.add(image_id, project)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from glancecli.api.errors import ambiguous, no_such_image
from glancecli.api.lookup import find, find_id

if TYPE_CHECKING:
    from glancecli.api.negotiation import ImageService
    from glancecli.auth.identity import Identity

__all__ = ["ambiguous", "connect", "find", "find_id", "no_such_image"]


def connect(
    identity: Identity,
    asked: str | None,
    *,
    check: Callable[[str], None] | None = None,
    node: str = "",
) -> ImageService:
    """Returns the Image service in the version asked for, else the newest that the server has.

    check is called with the version before it is used, and raises UsageError for options that this
    version cannot honour. node is the URL of one glance-api, in place of the endpoint.
    """
    from glancecli.api.negotiation import ImageService, in_url, nothing
    from glancecli.transport.client import ServiceClient, without_version

    http = ServiceClient(identity, "image")
    if node:
        http.base = without_version(node)
    asked = asked or in_url(identity.settings.image_url)
    return ImageService(http, asked, check or nothing)
