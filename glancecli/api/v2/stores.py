"""Stores and quotas of a v2 service.

https://docs.openstack.org/api-ref/image/v2/ (discovery, quota usage, store-specific deletion)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glancecli.api import decoding
from glancecli.errors import Code, GlanceError, NotFound, Subject
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from glancecli.api.interfaces import InfoList
    from glancecli.api.v2.client import ClientV2
    from glancecli.transport.responses import Response


class StoresV2:
    """Stores of the service, and the project's quotas in them."""

    def __init__(self, client: ClientV2) -> None:
        self.client = client

    def list(self, *, detail: bool) -> InfoList:
        """Returns the stores; detail adds type, weight and properties."""
        topic = "stores"
        if detail:
            topic = "stores/detail"
        response = ask_service(
            self.client,
            topic,
            missing="this cloud lists no stores (multi-store is off, or the service is too old)",
        )
        return [decoding.info(row) for row in response.rows("stores")]

    def remove_data(self, image_id: str, store: str) -> None:
        """Removes the image's data from one of its stores; the service insists on keeping the last
        one.
        """
        path = f"/v2/stores/{quoted(store)}/{quoted(image_id)}"
        self.client.request("DELETE", path, expect=(204,), subject=Subject("image", image_id))

    def usage(self) -> InfoList:
        """Returns the project's quotas by name: quota, limit, usage.

        Sizes are in MiB, everything else is a number of images.
        """
        response = ask_service(
            self.client, "usage", missing="this cloud shows no quotas (Images API older than 2.13)"
        )
        quotas = response.object("usage")
        rows = [(name, values) for name, values in quotas.items() if isinstance(values, dict)]
        return [{"quota": name, **decoding.info(values)} for name, values in sorted(rows)]


def ask_service(client: ClientV2, topic: str, *, missing: str) -> Response:
    """What the service says about a topic. Raises GlanceError with the sentence missing where it
    says nothing.
    """
    try:
        return client.request("GET", f"/v2/info/{topic}")
    except NotFound as error:
        raise GlanceError(missing, request_id=error.request_id, code=Code.UNSUPPORTED) from error
