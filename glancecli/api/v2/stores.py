"""What a v2 service tells of itself: stores, import methods, quotas.

https://docs.openstack.org/api-ref/image/v2/ (discovery, quota usage, store-specific deletion)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glancecli.api import Info, Infos
from glancecli.errors import GlanceError, NotFound, Subject
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from glancecli.api.v2.images import ImagesV2


def import_info(images: ImagesV2) -> Info:
    """What the service tells of imports, by name; each has a description, a type and a value."""
    return _info(images, "import", "this cloud has no imports (Images API before 2.6)")


def stores(images: ImagesV2, *, detail: bool) -> Infos:
    """Stores as the service describes them; detail adds type, weight and properties."""
    found = _info(
        images,
        "stores/detail" if detail else "stores",
        "this cloud does not tell its stores (it has one alone, or is too old)",
    )
    return list(found.get("stores") or [])


def usage(images: ImagesV2) -> Infos:
    """Quotas of the project with limit and usage, by name: bytes in MiB, the rest in numbers of
    images.
    """
    found = (
        _info(images, "usage", "this cloud tells no quotas (Images API before 2.13)").get("usage")
        or {}
    )
    return [{"quota": name, **values} for name, values in sorted(found.items())]


def remove(images: ImagesV2, image_id: str, store: str) -> None:
    """Remove the image's data from one of its stores; the service insists on keeping the last."""
    path = f"/v2/stores/{quoted(store)}/{quoted(image_id)}"
    images.request("DELETE", path, expect=(204,), subject=Subject("image", image_id))


def _info(images: ImagesV2, what: str, missing: str) -> dict[str, Any]:
    try:
        return images.request("GET", f"/v2/info/{what}").object()
    except NotFound as error:
        raise GlanceError(missing, request_id=error.request_id) from error
