"""The topics of the Image service that Images v1 has."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from glancecli.api.v1.client import ClientV1

if TYPE_CHECKING:
    from glancecli.api.v1.images import ImagesV1
    from glancecli.api.v1.locations import LocationsV1
    from glancecli.api.v1.members import MembersV1
    from glancecli.transport.client import ServiceClient


class ServiceV1:
    """The topics of a server with v1, each made on first use; unsupported.py has the others."""

    def __init__(self, http: ServiceClient) -> None:
        self.client = ClientV1(http)

    @cached_property
    def images(self) -> ImagesV1:
        """Images: their records and their data."""
        from glancecli.api.v1.images import ImagesV1

        return ImagesV1(self.client)

    @cached_property
    def members(self) -> MembersV1:
        """Projects that images are shared with."""
        from glancecli.api.v1.members import MembersV1

        return MembersV1(self.client)

    @cached_property
    def locations(self) -> LocationsV1:
        """URLs at which the data of images is stored."""
        from glancecli.api.v1.locations import LocationsV1

        return LocationsV1(self.images)
