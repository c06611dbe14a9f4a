"""Aggregates of compute hosts (https://docs.openstack.org/api-ref/compute/#host-aggregates-os-aggregates)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from glancecli.api.compute.client import NotOffered
from glancecli.api.compute.microversions import Microversion
from glancecli.api.errors import ambiguous
from glancecli.errors import NotFound, Subject
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from glancecli.api.compute.client import ComputeClient

IMAGE_CACHE = Microversion(2, 81)  # the first that copies images to hosts


class Aggregates:
    """Aggregates of the cloud's compute hosts."""

    def __init__(self, client: ComputeClient) -> None:
        self.client = client

    def cache_images(self, ref: str, image_ids: Sequence[str]) -> None:
        """Has the hosts of an aggregate, given by name or ID, copy images into their caches."""
        version = self.client.microversion(IMAGE_CACHE)
        if version < IMAGE_CACHE:
            raise NotOffered(
                f"copying images to hosts needs Compute API {IMAGE_CACHE}; {version} is used"
            )
        if not ref.isdecimal():
            self._post(self._find_id(ref), ref, image_ids)
            return
        try:
            self._post(ref, ref, image_ids)
        except NotFound:
            self._post(self._find_id(ref), ref, image_ids)  # its name may be a number

    def _post(self, aggregate_id: str, ref: str, image_ids: Sequence[str]) -> None:
        self.client.call(
            "POST",
            f"/os-aggregates/{quoted(aggregate_id)}/images",
            best=IMAGE_CACHE,
            body={"cache": [{"id": image_id} for image_id in image_ids]},
            expect=(202,),
            subject=Subject("aggregate", ref),
        )

    def _find_id(self, name: str) -> str:
        """Returns the ID of the only aggregate with exactly this name."""
        aggregates = self.client.call("GET", "/os-aggregates").rows("aggregates")
        found = [each for each in aggregates if each.get("name") == name]
        if len(found) == 1:
            return str(found[0].get("id"))
        if found:
            raise ambiguous("aggregates", name, map(_candidate, found))
        known = ", ".join(str(each.get("name")) for each in aggregates)
        raise NotFound(
            f"No aggregate with a name or ID of '{name}' exists.",
            hint=f"Aggregates: {known or 'none'}.",
        )


def _candidate(aggregate: dict[str, Any]) -> str:
    """One line about an aggregate, to choose by."""
    return f"{aggregate.get('id')} zone {aggregate.get('availability_zone')}"
