"""The replay of a page: what counts as a change of its output, and what of it is written."""

from __future__ import annotations

from pathlib import Path

from tests.support.pages import script

replay = script("replay")
OLD, NEW = "11111111-2222-4333-8444-555555555555", "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"


def page(image_id: str, status: str, seconds: int) -> str:
    """A page with two commands about an image."""
    return (
        "# Title\n\n```console\n$ glance image-create x -f value -c id\n"
        f"{image_id}\n```\n\nText.\n\n```console\n$ glance image-show x\n"
        f"| created_at | 2026-11-27T01:00:0{seconds}Z |\n| id | {image_id} |\n"
        f"| status | {status} |\n```\n"
    )


def test_ids_and_times_are_no_change_of_a_page() -> None:
    before, now = page(OLD, "active", 1), page(NEW, "active", 2)
    assert replay.settled(before) == replay.settled(now)
    assert replay.with_changes(before, now) == before


def test_output_that_has_changed_is_written_with_the_ids_that_the_page_has() -> None:
    before, now = page(OLD, "active", 1), page(NEW, "queued", 1)
    assert replay.settled(before) != replay.settled(now)
    assert replay.with_changes(before, now) == page(OLD, "queued", 1)


def test_hidden_commands_run_in_the_session_and_their_output_is_not_shown(tmp_path: Path) -> None:
    text = "<!-- run: word=hello; echo no -->\n```console\n$ echo $word\nold\n$ (exit 3)\n$ echo $?\n```\n"
    found = replay.replay(text, tmp_path, {"PATH": "/usr/bin:/bin"})
    assert found == text.replace("old", "hello").replace("$ echo $?\n", "$ echo $?\n3\n")
