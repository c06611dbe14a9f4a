"""Sharing images in v2 (https://docs.openstack.org/api-ref/image/v2/#sharing)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.api import decoding
from glancecli.api.errors import NotShared, no_such_image
from glancecli.api.v2.images import ImagesV2
from glancecli.errors import Conflict, Forbidden, NotFound, Subject
from glancecli.image import Query
from glancecli.transport.client import check_part, quoted

if TYPE_CHECKING:
    from glancecli.api.interfaces import Member, MemberList
    from glancecli.api.v2.client import ClientV2
    from glancecli.transport.responses import Response

SHARED = Query(filters=(("visibility", "shared"), ("member_status", "all")))


class MembersV2:
    """Projects that images are shared with, and whether they accepted."""

    def __init__(self, client: ClientV2) -> None:
        self.client = client

    def list(self, image_id: str) -> MemberList:
        """Returns the members of an image."""
        rows = self._request("GET", image_id).rows("members")
        return [decoding.member(row, image_id=image_id) for row in rows]

    def shared_with(self, project: str) -> MemberList:
        """Returns the memberships of a project in the images that we see: ours, and those shared
        with us.

        v2 has no list by project, so each shared image is asked.
        """
        found: MemberList = []
        for image in ImagesV2(self.client).list(SHARED):
            members = self.list(str(image["id"]))
            found += [member for member in members if member["member_id"] == project]
        return found

    def get(self, image_id: str, project: str) -> Member:
        """Returns one member of an image."""
        found = self._request("GET", image_id, project).object()
        return _member(found, image_id, project)

    def allow(self, image_id: str) -> None:
        """Changes the visibility of a private image to shared."""
        image = self.client.get_image(image_id)
        if image.get("visibility") == "private":
            patch = [{"op": "replace", "path": "/visibility", "value": "shared"}]
            self.client.patch_image(image_id, patch)

    def add(self, image_id: str, project: str, *, can_share: bool = False) -> Member:
        """Shares the image with a project, which then has to accept it, and cannot share it."""
        check_part(project)  # else the service adds a member that no request can remove
        try:
            found = self._request("POST", image_id, body={"member": project}).object()
        except Conflict as error:
            if "duplicated" not in error.service_message:
                raise  # the state of the image forbids it
            error.message = f"it is shared with project {project} already"
            raise
        return _member(found, image_id, project)

    def accept(self, image_id: str, project: str) -> Member:
        """Accepts the image in the place of a member; policies let administrators do it."""
        return self.set_status(image_id, project, "accepted")

    def remove(self, image_id: str, project: str) -> None:
        """Stops sharing the image with a project."""
        self._request("DELETE", image_id, project, expect=(204,))

    def set_status(self, image_id: str, project: str, status: str) -> Member:
        """Sets the member's status: accepted, rejected or pending."""
        response = self._request("PUT", image_id, project, body={"status": status})
        return _member(response.object(), image_id, project)

    def _request(
        self,
        method: str,
        image_id: str,
        project: str = "",
        body: Mapping[str, str] | None = None,
        expect: tuple[int, ...] = (200,),
    ) -> Response:
        subpath = "/members"
        if project:
            subpath += f"/{quoted(project)}"
        try:
            return self.client.image_request(method, image_id, subpath, body=body, expect=expect)
        except NotFound as error:
            if not project:
                raise no_such_image(image_id, error.request_id) from error
            raise NotFound(
                f"it is not shared with project {project}, or does not exist",
                subject=Subject("image", image_id),
                request_id=error.request_id,
            ) from error
        except Forbidden as error:
            visibility = str(self.client.get_image(image_id).get("visibility"))
            if visibility == "shared":
                raise
            raise NotShared(image_id, visibility, error) from error


def _member(row: Mapping[str, Any], image_id: str, project: str) -> Member:
    """The member that was asked for."""
    return decoding.member(row, image_id=image_id, member_id=project)
