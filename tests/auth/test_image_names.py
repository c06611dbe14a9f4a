"""The names that lists have shown are kept for completion: bounded, private, per user and cloud."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from glancecli.auth.clouds import load
from glancecli.auth.image_names import MOST_IMAGES, MOST_WORDS, ImageNames, SeenNames

FLAGS = {"os_image_url": "http://g.test", "os_auth_token": "t"}


def keep(images: list[dict[str, Any]], *, is_whole: bool = True, **flags: Any) -> ImageNames:
    """Keeps the names of a list that was written; returns what the next command loads."""
    seen = SeenNames()
    assert list(seen.watch(images)) == images
    names(**flags).keep(seen, is_whole=is_whole)
    return names(**flags)


def names(**flags: Any) -> ImageNames:
    found = ImageNames(load({**FLAGS, **flags}, os.environ))
    found.load()
    return found


def files() -> list[Path]:
    return sorted(Path(os.environ["HOME"], ".cache", "glancecli").glob("*.names"))


def test_a_list_is_kept_for_its_user_and_endpoints() -> None:
    kept = keep([{"id": "1", "name": "a", "tags": ["x"], "stores": "s,f"}, {"id": "2"}])
    assert (kept.images, kept.tags, kept.stores) == ({"1": "a", "2": ""}, ["x"], ["f", "s"])
    assert names(os_image_url="http://other.test").images == {}
    assert names(os_auth_token="another").images == {}
    assert names(no_cache=True).images == {}
    (file,) = files()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_list_of_all_images_replaces_older_names_and_another_list_adds_to_them() -> None:
    keep([{"id": "1", "name": "a", "tags": ["x"]}, {"id": "2", "name": "b"}])
    assert list(keep([{"id": "3", "name": "c"}], is_whole=False).images) == ["3", "1", "2"]
    kept = keep([{"id": "2", "name": "renamed"}], is_whole=False)
    assert kept.images == {"2": "renamed", "3": "c", "1": "a"}
    assert keep([{"id": "2", "name": "b"}]).images == {"2": "b"}
    assert names().tags == []


def test_the_same_list_writes_nothing() -> None:
    keep([{"id": "1", "name": "a"}])
    before = files()[0].stat().st_ino
    keep([{"id": "1", "name": "a"}])
    assert files()[0].stat().st_ino == before
    keep([{"id": "1", "name": "b"}])
    assert files()[0].stat().st_ino != before


def test_nothing_is_kept_without_a_cache() -> None:
    keep([{"id": "1", "name": "a"}], no_cache=True)
    keep([{"id": "1", "name": "a"}], insecure=True)
    assert files() == []


def test_images_tags_and_long_names_are_bounded() -> None:
    images = [{"id": str(n), "name": "n" * (n % 300), "tags": [f"t{n}"]} for n in range(5000)]
    kept = keep(images)
    assert len(kept.images) <= MOST_IMAGES
    assert len(kept.tags) == MOST_WORDS
    assert max(map(len, kept.images.values())) == 255
    assert files()[0].stat().st_size < 1 << 20


def test_a_damaged_file_is_as_none() -> None:
    keep([{"id": "1", "name": "a"}])
    for content in ("", "[]", "{", '{"format": 1, "images": [1], "tags": [1], "stores": 7}'):
        files()[0].write_text(content)
        assert (names().images, names().tags, names().stores) == ({}, [], [])
