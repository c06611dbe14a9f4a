"""Images as the Compute service shows them.

Nova's image proxy serves them up to microversion 2.35, and their metadata up to 2.38. Where it is
gone the Image service does, in Nova's words, so that callers see no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from glancecli.api.compute.aggregates import Aggregates
from glancecli.api.compute.client import ComputeClient, NotOffered
from glancecli.api.compute.image_service import ImageServiceImages
from glancecli.api.compute.nova_images import Conditions, NovaImages, nova_status
from glancecli.api.compute.proxy import ImageProxy
from glancecli.api.compute.servers import Servers
from glancecli.api.errors import WrongVersion, ambiguous, no_such_image
from glancecli.errors import AuthError, ConnectionFailed, GlanceError, HttpError, NotFound
from glancecli.image import Image, check_properties, is_uuid
from glancecli.transport.client import ServiceClient

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images
    from glancecli.auth.identity import Identity

T = TypeVar("T")


class Compute:
    """Images and servers of one project, in Nova's words.

    An image is the dict of Nova's API: id, name, status, created, updated, minDisk, minRam,
    progress, ``OS-EXT-IMG-SIZE:size`` (bytes), metadata, and for snapshots server. Every method
    raises HttpError, and ConnectionFailed when there is no response.
    """

    def __init__(self, client: ComputeClient, images: Callable[[], Images]) -> None:
        self.client = client
        self.servers = Servers(client)
        self.aggregates = Aggregates(client)
        self._proxy = ImageProxy(client)
        self._image_service = ImageServiceImages(images)

    def image_list(
        self, *, name: str = "", status: str = "", server_id: str = "", limit: int | None = None
    ) -> list[Image]:
        """Returns images that meet all conditions, of those the newest `limit`, sorted by name."""
        conditions = Conditions(name, nova_status(status), server_id, limit)
        return sorted(self._newest(conditions), key=_name)

    def backups(self, server_id: str, kind: str) -> list[Image]:
        """Returns the backups of this kind of a server, newest first."""
        expected = {"image_type": "backup", "backup_type": kind}
        found = []
        for image in self._newest(Conditions(server_id=server_id)):
            metadata = image.get("metadata", {})
            if expected.items() <= metadata.items():
                found.append(image)
        return found

    def _newest(self, conditions: Conditions) -> list[Image]:
        if conditions.limit == 0:
            return []
        return self._read(lambda images: conditions.select(images.list(conditions)))

    def image_show(self, ref: str) -> Image:
        """Returns the image that ref names, by ID or by exact name.

        Raises NotFound, or GlanceError listing the candidates when several images have the name.
        """
        if not ref:
            return self._image_service.find(ref)
        try:
            return self._find_by_proxy(ref)
        except NotOffered:
            return self._image_service.find(ref)

    def _find_by_proxy(self, ref: str) -> Image:
        if is_uuid(ref):
            with suppress(NotFound):
                return self._proxy.get(ref)
        conditions = Conditions(name=ref)
        found = conditions.select(self._proxy.list(conditions))
        if len(found) == 1:
            return found[0]
        refusal: GlanceError = no_such_image(ref)
        if found:
            candidates = [image["id"] for image in found]
            refusal = ambiguous("images", ref, candidates)
        # The proxy lists no hidden images, and does not say whose an image is.
        return self._ask_image_service(refusal, lambda: self._image_service.find(ref))

    def image_by_id(self, image_id: str) -> Image:
        """Returns the image with this ID."""
        return self._read(lambda images: images.get(image_id))

    def image_delete(self, ref: str) -> None:
        """Deletes the image that ref names. An ID is not looked up first, and may be a name after
        all.
        """
        image_id = self._image_id(ref)
        try:
            self._delete(image_id)
        except NotFound:
            if not is_uuid(ref):
                raise
            self._delete(str(self.image_show(ref)["id"]))

    def _delete(self, image_id: str) -> None:
        self._change(lambda images: images.delete(image_id))

    def set_metadata(self, ref: str, pairs: Mapping[str, str]) -> None:
        """Sets these properties of an image, and leaves all others."""
        check_properties(pairs)
        image_id = self._image_id(ref)
        self._change(lambda images: images.set_metadata(image_id, pairs))

    def delete_metadata(self, ref: str, keys: Sequence[str]) -> None:
        """Deletes these properties of an image; NotFound names the first that it does not have."""
        check_properties(keys)
        image = self.image_show(ref)
        unique_keys = list(dict.fromkeys(keys))
        for key in unique_keys:
            if key not in image.get("metadata", {}):
                raise NotFound(f"image {ref} has no metadata '{key}'; nothing was deleted")
        if not self._proxy.takes_metadata(dict.fromkeys(unique_keys, "")):
            self._image_service.delete_metadata(image["id"], unique_keys)
            return
        for key in unique_keys:
            self._delete_one_key(image["id"], key)

    def _delete_one_key(self, image_id: str, key: str) -> None:
        self._change(lambda images: images.delete_metadata(image_id, [key]))

    def _image_id(self, ref: str) -> str:
        if is_uuid(ref):
            return ref
        return str(self.image_show(ref)["id"])

    def _read(self, work: Callable[[NovaImages], T]) -> T:
        """Returns what work does with the proxy, else with the Image service."""
        try:
            return work(self._proxy)
        except NotOffered:
            return work(self._image_service)

    def _change(self, work: Callable[[NovaImages], None]) -> None:
        """Has work done by the proxy, else by the Image service.

        What the proxy refuses, for reasons that it does not give, is tried with the Image service
        as well.
        """
        try:
            work(self._proxy)
        except NotOffered:
            work(self._image_service)
        except NotFound:
            raise
        except HttpError as refusal:
            self._ask_image_service(refusal, lambda: work(self._image_service))

    def _ask_image_service(self, refusal: GlanceError, work: Callable[[], T]) -> T:
        """Returns what work does with the Image service, which knows more than the proxy that
        refused.

        The refusal is raised where the Image service cannot be asked, or does not speak the version
        asked for.
        """
        try:
            return work()
        except (AuthError, ConnectionFailed, WrongVersion):
            raise refusal from None


def connect(
    identity: Identity,
    asked: str | None,
    *,
    images: Callable[[], Images],
) -> Compute:
    """Returns the Compute service in the microversion asked for; images returns the Image service
    when it is needed.
    """
    return Compute(ComputeClient(ServiceClient(identity, "compute"), asked), images)


def _name(image: Image) -> str:
    return str(image.get("name") or "")
