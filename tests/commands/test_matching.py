"""Globs, properties and times, compared here, on generated texts."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from glancecli.cli.types import MOMENT
from glancecli.commands.shared.families import Grouping, family
from glancecli.commands.shared.matching import (
    Names,
    creation_check,
    expression,
    is_glob,
    property_check,
    unescaped,
)
from tests.support.images import A, B, image

TEXTS = st.text(st.sampled_from("aB1-*?[]!\\ é\n"), max_size=12)


def escaped(text: str) -> str:
    """The glob that stands for exactly this text."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", text)


@given(TEXTS)
def test_a_text_with_its_special_characters_escaped_is_that_text(text: str) -> None:
    assert not is_glob(escaped(text))
    assert unescaped(escaped(text)) == text
    assert re.match(expression(escaped(text)), text)
    assert not re.match(expression(escaped(text)), f"{text}x")


@given(TEXTS.filter(lambda text: "\\" not in text), TEXTS)
def test_a_glob_without_backslashes_is_that_of_the_standard_library(glob: str, text: str) -> None:
    assert bool(re.match(expression(glob), text)) == fnmatch.fnmatchcase(text, glob)


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=4), TEXTS)
def test_an_image_is_named_by_the_words_that_fit_it(words: list[str], name: str) -> None:
    fits = any(
        unescaped(word) == name if not is_glob(word) else re.match(expression(word), name)
        for word in words
    )
    assert Names(words).check()(image(A, name)) == bool(fits)


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=4))
def test_an_exact_name_is_found_by_itself(words: list[str]) -> None:
    names = Names(words)
    names.prefer_exact([image(A, word) for word in words])
    assert names.globs == ()
    is_named = names.check()
    assert all(is_named(image(A, word)) for word in words if is_glob(word))


@given(TEXTS, TEXTS)
def test_differs_is_the_opposite_of_is_equal(value: str, glob: str) -> None:
    for one in (image(A, key=value), image(B)):
        assert property_check(("key", "=", glob))(one) != property_check(("key", "!=", glob))(one)


MOMENTS = st.datetimes(
    datetime(1900, 1, 2), datetime(2199, 1, 1), timezones=st.just(timezone.utc)
).map(lambda moment: moment.replace(microsecond=0))


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_a_time_with_an_offset_is_read_in_utc(moment: datetime, minutes: int) -> None:
    there = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert MOMENT.convert(there.isoformat(), None, None) == f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@given(MOMENTS, MOMENTS, MOMENTS, st.booleans())
def test_a_time_of_creation_is_compared_with_both_limits(
    created: datetime, since: datetime, before: datetime, as_v1: bool
) -> None:
    texts = [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (since, before)]
    written = f"{created:%Y-%m-%dT%H:%M:%S}{'.000000' if as_v1 else 'Z'}"
    is_in_time = creation_check(*texts)(image(A, created_at=written))
    assert is_in_time == (since <= created < before)


RELEASES = st.sampled_from(
    "22.04 24.04 8 9 9.5 0.6.2 0.6.3 2019 2022 8.4.2105 v1.27.14 15.6 12 3815.2.0 2009 10.13.22".split()
)
WORDS = st.sampled_from("ubuntu windows server genericcloud amd64 x86_64 minimal std arm64".split())
MARKS = st.sampled_from(["-", "_", " ", "."])
STAMPS = st.sampled_from(
    [
        "20250115", "2025-01-20", "2025.01.20", "20240101.0", "20250115-1993", "20150628_01",
        "20250115.n.0", "20250112T170324Z", "202401010317", "240530-1413", "1694096374", "latest",
        "Latest", "build142", "Build1.129", "Snapshot20250115", "b259", "v20240101",
    ]
)  # fmt: skip


DAY = r"20\d\d[-._]\d\d[-._]\d\d"  # releases in a row may look like one


@given(WORDS, st.lists(st.tuples(MARKS, st.one_of(WORDS, RELEASES)), max_size=5))
def test_a_name_without_stamps_is_its_own_family(first: str, rest: list[tuple[str, str]]) -> None:
    name = first + "".join(mark + word for mark, word in rest)
    assume(not re.search(r"[-.]\d\d?-\d", name))  # it has the release of an RPM
    assume(not re.search(DAY, name))
    assert family(name) == name


@given(
    WORDS,
    st.lists(st.tuples(st.sampled_from("-_ "), st.one_of(WORDS, RELEASES)), max_size=3),
    MARKS,
    STAMPS,
    st.lists(st.tuples(st.sampled_from("-_ "), WORDS), max_size=3),
)
def test_a_stamp_is_left_out_wherever_it_stands(
    first: str,
    before: list[tuple[str, str]],
    mark: str,
    stamp: str,
    after: list[tuple[str, str]],
) -> None:
    start = first + "".join(mark + word for mark, word in before)
    end = "".join(mark + word for mark, word in after)
    assume(not re.search(DAY, f"{start}-20"))
    assert family(f"{start}{mark}{stamp}{end}") == start + end


IMAGES = st.lists(
    st.builds(
        lambda name, distro, hours: {
            "name": name,
            "os_distro": distro,
            "created_at": f"2026-01-{1 + hours // 24:02}T{hours % 24:02}:00:00Z",
        },
        st.sampled_from([None, "", "a", "a-20250101", "a-20250102", "b", "b-latest"]),
        st.sampled_from([None, "", "debian", "ubuntu"]),
        st.integers(0, 400),
    ),
    max_size=30,
)


@given(IMAGES, st.integers(1, 3), st.sampled_from([("name~",), ("name",), ("os_distro", "name~")]))
def test_the_newest_of_every_group_are_kept_and_nothing_without_a_group_is_hidden(
    images: list[dict[str, Any]], number: int, keys: tuple[str, ...]
) -> None:
    images.sort(key=lambda each: str(each["created_at"]), reverse=True)
    grouping = Grouping(keys)
    kept = list(grouping.newest(images, number))
    groups = Counter(grouping.group(each) for each in images)
    kept_groups = Counter(grouping.group(each) for each in kept)
    for group, count in groups.items():
        assert kept_groups[group] == (count if group is None else min(count, number))
        members = [each for each in images if grouping.group(each) == group]
        assert [each for each in kept if grouping.group(each) == group] == (
            members[: kept_groups[group]]
        )
