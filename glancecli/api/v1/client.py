"""Requests to an Images v1 API (https://docs.openstack.org/api-ref/image/v1/)."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.api.errors import no_such_image
from glancecli.api.v1.headers import META
from glancecli.api.versions import ask_server, lacks_version, wrong_version
from glancecli.errors import Forbidden, HttpError, NotFound, Subject
from glancecli.transport.client import quoted
from glancecli.transport.policy import ADMINISTRATOR

if TYPE_CHECKING:
    from glancecli.transport.client import ServiceClient
    from glancecli.transport.responses import Response

# A response has a header for each of an image's properties, of which there may be 128; more than
# 100 headers would be refused by http.client.
http.client._MAXHEADERS = 1000  # type: ignore[attr-defined]

USE_V2 = "If this cloud has no Images v1, leave out --os-image-api-version (OS_IMAGE_API_VERSION)."

LISTS = ("/v1/images", "/v1/images/detail")  # a 404 to these tells that there is no v1


class ClientV1:
    """The requests that all topics of v1 need.

    Each raises WrongVersion where the refusal comes from a server without v1.
    """

    def __init__(self, http: ServiceClient) -> None:
        self.http = http

    def request(self, method: str, path: str, **options: Any) -> Response:
        """Sends one request; options are those of ServiceClient.request."""
        try:
            return self.http.request(method, path, **options)
        except Forbidden as error:
            # All that the server says is that access was denied.
            if makes_public(options.get("headers")):
                error.message = "policy forbids making an image public"
                error.hint = ADMINISTRATOR
            raise
        except HttpError as error:
            self._check_version(error, path)
            raise

    def image_request(
        self, method: str, image_id: str, subpath: str = "", **options: Any
    ) -> Response:
        """Sends one request about an image, whose errors name it."""
        try:
            return self.request(
                method,
                image_path(image_id) + subpath,
                subject=Subject("image", image_id),
                **options,
            )
        except NotFound as error:
            raise no_such_image(image_id, error.request_id) from error
        except HttpError as error:
            # The registry answers 404 for an image that is merely shared with us, which the server
            # does not handle.
            if error.status == 500 and method in ("PUT", "DELETE"):
                error.hint = (
                    "Images v1 responds like this when the image is only shared with you; "
                    "its owner can change it."
                )
            raise

    def _check_version(self, error: HttpError, path: str) -> None:
        """Raises WrongVersion when the server has lost its v1 since it was last asked."""
        no_list = error.status == 404 and path in LISTS
        if error.status != 300 and not no_list:
            return
        offered = ask_server(self.http)
        if not offered:
            error.hint = USE_V2
        if lacks_version(offered, "1"):
            raise wrong_version(self.http, "2") from error


def makes_public(headers: Mapping[str, bytes] | None) -> bool:
    """Whether a request with these headers makes an image public."""
    if not headers:
        return False
    return headers.get(f"{META}is_public") == b"True"


def image_path(image_id: str) -> str:
    """The path of an image."""
    return f"/v1/images/{quoted(image_id)}"
