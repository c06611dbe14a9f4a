"""The two styles of results: as the clients of Images v2 showed them, or as those of v1 did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glancecli.image import Image
from glancecli.output.columns import ListColumn, Row
from glancecli.output.image_rows import v1_properties, v2_properties

IMAGE = ListColumn("image_id", "Image ID")
MEMBER = ListColumn("member_id", "Member ID")
STATUS = ListColumn("status", "Status")
CAN_SHARE = ListColumn("can_share", "Can Share")


class Style:
    """The style of Images v2.

    has_owner: image-list -v has a column Owner. shows_new_members: member-create shows the members.
    """

    has_owner = True
    shows_new_members = True

    def image_properties(self, image: Image) -> dict[str, Any]:
        """Returns the properties of an image for a table."""
        return v2_properties(image)

    def members(self, members: Sequence[Row]) -> tuple[Sequence[Row], Sequence[ListColumn]]:
        """Returns the rows and columns of a list of members; those of a v1 server can share."""
        if any("can_share" in member for member in members):
            return _members_that_share(members)
        return members, (IMAGE, MEMBER, STATUS)


class StyleV1(Style):
    """The style of Images v1, whose scripts take the last column of image-list for the status."""

    has_owner = False
    shows_new_members = False

    def image_properties(self, image: Image) -> dict[str, Any]:
        """Returns the rows that scripts for Images v1 read (``Property 'k'``, is_public)."""
        return v1_properties(image)

    def members(self, members: Sequence[Row]) -> tuple[Sequence[Row], Sequence[ListColumn]]:
        """Returns the rows and columns of a list of members."""
        return _members_that_share(members)


def _members_that_share(
    members: Sequence[Row],
) -> tuple[Sequence[Row], Sequence[ListColumn]]:
    rows = [{"can_share": False, **member} for member in members]
    return rows, (IMAGE, MEMBER, CAN_SHARE)


def style_of(api_version: str | None) -> Style:
    """Returns the style of the version that was asked for; that of v2 where none was."""
    if (api_version or "").startswith("1"):
        return StyleV1()
    return Style()
