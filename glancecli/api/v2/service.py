"""The topics of the Image service as Images v2 has them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from glancecli.api.v2.client import ClientV2

if TYPE_CHECKING:
    from glancecli.api import interfaces
    from glancecli.transport.client import ServiceClient


class ServiceV2:
    """The topics of a server with v2, each made on first use."""

    def __init__(self, http: ServiceClient) -> None:
        self.client = ClientV2(http)

    @cached_property
    def images(self) -> interfaces.Images:
        """Images: their records and their data."""
        from glancecli.api.v2.images import ImagesV2

        return ImagesV2(self.client)

    @cached_property
    def members(self) -> interfaces.Members:
        """Projects that images are shared with."""
        from glancecli.api.v2.members import MembersV2

        return MembersV2(self.client)

    @cached_property
    def tags(self) -> interfaces.Tags:
        """Single tags of images."""
        from glancecli.api.v2.tags import TagsV2

        return TagsV2(self.client)

    @cached_property
    def locations(self) -> interfaces.Locations:
        """URLs at which the data of images is stored."""
        from glancecli.api.v2.locations import LocationsV2

        return LocationsV2(self.client)

    @cached_property
    def imports(self) -> interfaces.Imports:
        """Imports of image data by the service."""
        from glancecli.api.v2.imports import ImportsV2

        return ImportsV2(self.client)

    @cached_property
    def tasks(self) -> interfaces.Tasks:
        """Tasks of the service on images."""
        from glancecli.api.v2.tasks import TasksV2

        return TasksV2(self.client)

    @cached_property
    def stores(self) -> interfaces.Stores:
        """Stores of the service, and quotas."""
        from glancecli.api.v2.stores import StoresV2

        return StoresV2(self.client)

    @cached_property
    def metadefs(self) -> interfaces.Metadefs:
        """Metadata definitions."""
        from glancecli.api.v2.metadefs import MetadefsV2

        return MetadefsV2(self.client)

    @cached_property
    def cache(self) -> interfaces.Cache:
        """The image cache of the glance-api."""
        from glancecli.api.v2.cache import CacheV2

        return CacheV2(self.client)

    @cached_property
    def schemas(self) -> interfaces.Schemas:
        """Descriptions of the service's models."""
        from glancecli.api.v2.schemas import SchemasV2

        return SchemasV2(self.client)
