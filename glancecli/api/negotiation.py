"""Chooses the version of the Images API, and changes it when the server refuses it.

Unless another version is asked for, v2 is tried at once, which saves a request on nearly every
cloud. A server that has only v1 refuses the first request. Then the refused method call is repeated
in v1, and the versions that the server offers are remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar, cast

from glancecli.api.errors import NotOffered, Unsupported, WrongVersion
from glancecli.api.versions import known_versions, lacks_version, offered_versions, wrong_version
from glancecli.errors import GlanceError, UsageError

if TYPE_CHECKING:
    from glancecli.api.interfaces import (
        Cache,
        Images,
        Imports,
        Locations,
        Members,
        Metadefs,
        Schemas,
        Stores,
        Tags,
        Tasks,
    )
    from glancecli.api.v1.service import ServiceV1
    from glancecli.api.v2.service import ServiceV2
    from glancecli.transport.client import ServiceClient

T = TypeVar("T")


def nothing(_: str) -> None:
    """Does nothing."""


class ImageService:
    """The Image service of one cloud, with an attribute for each topic.

    check is called with each version before it is used; it raises UsageError for options that this
    version cannot honour.
    """

    def __init__(
        self,
        http: ServiceClient,
        asked: str = "",
        check: Callable[[str], None] = nothing,
    ) -> None:
        self._http = http
        self._asked = asked
        self._check = check
        self.version = choose_version(http, asked)
        self._check_version()

    @cached_property
    def images(self) -> Images:
        """Images: their records and their data."""
        return cast("Images", Topic(self, "images"))

    @cached_property
    def members(self) -> Members:
        """Projects that images are shared with."""
        return cast("Members", Topic(self, "members"))

    @cached_property
    def tags(self) -> Tags:
        """Single tags of images."""
        return cast("Tags", Topic(self, "tags"))

    @cached_property
    def locations(self) -> Locations:
        """URLs at which the data of images is stored."""
        return cast("Locations", Topic(self, "locations"))

    @cached_property
    def imports(self) -> Imports:
        """Imports of image data by the service."""
        return cast("Imports", Topic(self, "imports"))

    @cached_property
    def tasks(self) -> Tasks:
        """Tasks of the service on images."""
        return cast("Tasks", Topic(self, "tasks"))

    @cached_property
    def stores(self) -> Stores:
        """Stores of the service, and quotas."""
        return cast("Stores", Topic(self, "stores"))

    @cached_property
    def metadefs(self) -> Metadefs:
        """Metadata definitions."""
        return cast("Metadefs", Topic(self, "metadefs"))

    @cached_property
    def cache(self) -> Cache:
        """The image cache of the glance-api."""
        return cast("Cache", Topic(self, "cache"))

    @cached_property
    def schemas(self) -> Schemas:
        """Descriptions of the service's models."""
        return cast("Schemas", Topic(self, "schemas"))

    @property
    def base_url(self) -> str:
        """The URL of the service without the version of its API."""
        return self._http.base

    def call(self, topic: str, method: str, *args: Any, **options: Any) -> Any:
        """Calls a method of a topic, and repeats the call in the other version if this one is
        refused.

        The refused call has changed nothing: it was refused before a request was sent, or the
        server did not have the path of its first request.
        """
        try:
            return self._call(topic, method, *args, **options)
        except (WrongVersion, Unsupported, NotOffered) as refusal:
            self._change_version(refusal)
        return self._call(topic, method, *args, **options)

    def _call(self, topic: str, method: str, *args: Any, **options: Any) -> Any:
        implementation = getattr(self._versioned, topic, None)
        work = getattr(implementation, method, None)
        if work is None:
            from glancecli.api.v1.unsupported import unsupported

            raise unsupported(topic, method)
        result = work(*args, **options)
        if isinstance(result, Iterator):
            return with_first_item(result)
        return result

    @property
    def _versioned(self) -> ServiceV1 | ServiceV2:
        if self.version == "1":
            return self._v1
        return self._v2

    @cached_property
    def _v1(self) -> ServiceV1:
        from glancecli.api.v1.service import ServiceV1

        return ServiceV1(self._http)

    @cached_property
    def _v2(self) -> ServiceV2:
        from glancecli.api.v2.service import ServiceV2

        return ServiceV2(self._http)

    def _change_version(self, refusal: GlanceError) -> None:
        """Uses the other version from now on.

        Raises the refusal where the server lacks the other version, where this one was asked for,
        and where the other one cannot honour all options either.
        """
        offered = offered_versions(self._http)
        version = choose_version(self._http, self._asked)
        if version == self.version == "2" and not self._asked and "1" in offered:
            version = "1"
        if version == self.version:
            raise refusal
        try:
            self._check(version)
        except UsageError:
            if self.version in offered:
                raise refusal from None
            raise
        if self.version in offered:
            self._http.messages.detail(
                f"Images v{version} is used, as v{self.version} cannot do this"
            )
        self.version = version

    def _check_version(self) -> None:
        """Raises UsageError for options that the version cannot honour, if the server has it."""
        try:
            self._check(self.version)
        except UsageError as refusal:
            self._change_version(refusal)


class Topic:
    """One topic of the Image service. Its methods are those of the version that the server has."""

    def __init__(self, service: ImageService, name: str) -> None:
        self._service = service
        self._name = name

    @property
    def version(self) -> str:
        """The major version of the Images API that is used: "1" or "2"."""
        return self._service.version

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            return self._service.call(self._name, method, *args, **options)

        return call


def choose_version(http: ServiceClient, asked: str) -> str:
    """Returns the version to use, "1" or "2". asked is the version asked for, "" for any.

    It is 1 if the server is known to have only v1, or if 1 is asked for and the server does not
    tell that it lacks it, else 2. Raises UsageError for a version that does not exist, and
    WrongVersion when 2 is asked for and the server is known to have only v1.
    """
    if asked and not re.fullmatch(r"[12](\.\d+)?", asked):
        raise UsageError(
            f"'{asked}' is not a version of the Images API; choose 1 or 2",
            hint="See --os-image-api-version and OS_IMAGE_API_VERSION.",
        )
    major = asked[:1]
    known = known_versions(http)
    if major == "1" and not known:
        known = offered_versions(http)
    if major == "2" and known == "1":
        raise wrong_version(http, "1").with_context(
            hint="Leave out --os-image-api-version (OS_IMAGE_API_VERSION)."
        )
    if known == "1":
        return "1"
    if major == "1" and not lacks_version(known, "1"):
        return "1"
    return "2"


def in_url(url: str) -> str:
    """The major version that an endpoint names (``http://host:9292/v1``), else ""."""
    found = re.search(r"/v([12])(?:\.\d+)?/?$", url or "")
    if found is None:
        return ""
    return found.group(1)


def with_first_item(items: Iterator[T]) -> Iterator[T]:
    """Reads the first item, so that a refusal shows at once; returns all items."""
    for first in items:
        return chain((first,), items)
    return items
