"""Names that would change the path of a request, with a real Glance behind."""

from __future__ import annotations

import json

import pytest

from tests.support.sandbox import Run

NAMES = ["..", ".", "a/..", "a/b"]


def test_tags_that_fit_in_no_path_are_set_and_removed_and_the_image_stays(glance: Run) -> None:
    created = glance("image-create", "--name", "dots", "-f", "value", "-c", "id")
    image_id = created.out.strip()
    for name in NAMES:
        assert glance("image-tag-update", image_id, name).code == 0
    shown = json.loads(glance("image-show", image_id, "-f", "json").raw)
    assert sorted(shown["tags"]) == sorted(NAMES)
    for name in NAMES:
        assert glance("image-tag-delete", image_id, name).code == 0
    shown = json.loads(glance("image-show", image_id, "-f", "json").raw)
    assert (shown["id"], shown["tags"]) == (image_id, [])
    assert glance("image-delete", image_id).code == 0


@pytest.mark.parametrize("name", ["..", ".", "a/.."])
def test_members_that_no_path_can_name_are_refused_and_the_image_stays(
    glance: Run, name: str
) -> None:
    created = glance("image-create", "--name", "dots", "-f", "value", "-c", "id")
    image_id = created.out.strip()
    for command in ("member-create", "member-get", "member-delete"):
        refused = glance(command, image_id, name)
        assert (refused.code, refused.out) == (2, "")
        assert refused.err == (
            f"glance: error: '{name}' cannot be an ID or a name: it would change the request's path\n"
        )
    assert glance("member-list", "--image-id", image_id, "-f", "value").out == ""
    assert glance("image-delete", image_id).code == 0
