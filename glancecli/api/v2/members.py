"""Sharing images in v2 (https://docs.openstack.org/api-ref/image/v2/#sharing)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.api import Member, no_such_image
from glancecli.errors import Forbidden, NotFound, Subject, UsageError
from glancecli.image import Query
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from glancecli.api.v2.images import ImagesV2


def members(images: ImagesV2, image_id: str) -> list[Member]:
    """Projects that the image is shared with, and what they answered."""
    return list(_call(images, "GET", image_id)["members"])


def memberships(images: ImagesV2, project: str) -> list[Member]:
    """Images that are shared with a project, as far as we see them: ours, and those shared with us.

    v2 does not tell by project, so each shared image is asked.
    """
    query = Query(filters=(("visibility", "shared"), ("member_status", "all")))
    found = (members(images, str(image["id"])) for image in images.list(query))
    return [member for several in found for member in several if member["member_id"] == project]


def member(images: ImagesV2, image_id: str, project: str) -> Member:
    """One project's share in the image."""
    return _call(images, "GET", image_id, project)


def add_member(images: ImagesV2, image_id: str, project: str, *, can_share: bool) -> Member:
    """Share the image with a project, which then has to accept it."""
    if can_share:
        images.confirm_version()
        raise UsageError("--can-share needs Images v1: in v2 only an image's owner shares it")
    return _call(images, "POST", image_id, body={"member": project})


def remove_member(images: ImagesV2, image_id: str, project: str) -> None:
    """Share the image no longer with this project."""
    _call(images, "DELETE", image_id, project)


def set_member_status(images: ImagesV2, image_id: str, project: str, status: str) -> Member:
    """The share after its member's answer: accepted, rejected or pending."""
    return _call(images, "PUT", image_id, project, body={"status": status})


def _call(
    images: ImagesV2,
    method: str,
    image_id: str,
    project: str = "",
    body: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    path = f"/v2/images/{quoted(image_id)}/members" + (f"/{quoted(project)}" if project else "")
    expect = (204,) if method == "DELETE" else (200,)
    try:
        answer = images.request(
            method, path, body=body, expect=expect, subject=Subject("image", image_id)
        )
    except NotFound as error:
        if not project:
            raise no_such_image(image_id, error.request_id) from error
        raise NotFound(
            f"image {image_id} is not shared with project {project}, or does not exist",
            request_id=error.request_id,
        ) from error
    except Forbidden as error:
        visibility = images.get(image_id).get("visibility")
        if visibility != "shared":
            error.subject = None
            error.message = f"image {image_id} is {visibility}, and only shared images have members"
            error.hint = f"'glance image-update {image_id} --visibility shared' lets it be shared."
        raise
    return {} if method == "DELETE" else answer.object()
