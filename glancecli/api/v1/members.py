"""Sharing images in v1 (https://docs.openstack.org/api-ref/image/v1/)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glancecli.api import decoding
from glancecli.errors import NotFound, Subject
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from glancecli.api.interfaces import Member, MemberList
    from glancecli.api.v1.client import ClientV1


class MembersV1:
    """Projects that images are shared with; they see a shared image at once."""

    def __init__(self, client: ClientV1) -> None:
        self.client = client

    def list(self, image_id: str) -> MemberList:
        """Returns the members of an image."""
        response = self.client.image_request("GET", image_id, "/members")
        rows = response.rows("members")
        return [decoding.member(row, image_id=image_id) for row in rows]

    def shared_with(self, project: str) -> MemberList:
        """Returns the memberships of a project: a member for each image shared with it."""
        response = self.client.request(
            "GET", f"/v1/shared-images/{quoted(project)}", subject=Subject("project", project)
        )
        rows = response.rows("shared_images")
        return [decoding.member(row, member_id=project) for row in rows]

    def get(self, image_id: str, project: str) -> Member:
        """Returns one member of an image; v1 lists all of them or none."""
        for member in self.list(image_id):
            if member["member_id"] == project:
                return member
        raise not_shared(image_id, project)

    def allow(self, image_id: str) -> None:
        """Does nothing: in v1 every image can have members."""

    def add(self, image_id: str, project: str, *, can_share: bool = False) -> Member:
        """Shares the image with a project; can_share lets that project share it further."""
        self.client.image_request(
            "PUT",
            image_id,
            f"/members/{quoted(project)}",
            body={"member": {"can_share": can_share}},
            expect=(204,),
        )
        return {"image_id": image_id, "member_id": project, "can_share": can_share}

    def accept(self, image_id: str, project: str) -> Member:
        """Returns the member, which sees the image at once."""
        return self.get(image_id, project)

    def remove(self, image_id: str, project: str) -> None:
        """Stops sharing the image with a project."""
        try:
            self.client.image_request(
                "DELETE", image_id, f"/members/{quoted(project)}", expect=(204,)
            )
        except NotFound as error:
            raise not_shared(image_id, project, error.request_id) from error


def not_shared(image_id: str, project: str, request_id: str = "") -> NotFound:
    """The error for a project that is not a member of the image."""
    return NotFound(
        f"it is not shared with project {project}",
        subject=Subject("image", image_id),
        request_id=request_id,
    )
