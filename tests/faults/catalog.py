"""The named faults: where each happens, and how the command must end.

0: the fault does no harm, or the command recovers from it. 1: the command fails, says so, and names everything
incomplete that it leaves.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.faults.actions import (
    broken,
    cut,
    early,
    ended,
    flipped_down,
    flipped_up,
    instead,
    late,
    lost,
    lying,
    no_ranges,
    page,
    promising,
    redirect,
    stalled_answer,
    stalled_down,
    stalled_up,
    status,
    truncated,
)
from tests.faults.proxy import Exchange, Fault, Strike

SIZE = 1_300_007  # bytes of the image that is moved
HALF = SIZE // 2
LAST = SIZE - 1
ALWAYS = 99


class Case(NamedTuple):
    """One fault: the transfer (file, pipe, upload, stage, download, stdout, resume), and its exit code."""

    name: str
    what: str
    code: int
    strikes: tuple[Strike, ...]


def post(fault: Fault, times: int = 1) -> Strike:
    return Strike("POST", "/v2/images$", fault, times)


def put(fault: Fault, times: int = 1) -> Strike:
    return Strike("PUT", "/(file|stage)$", fault, times)


def look(fault: Fault, times: int = 1) -> Strike:
    return Strike("GET", r"/v2/images/[0-9a-f-]{36}$", fault, times)


def get(fault: Fault, times: int = 1) -> Strike:
    return Strike("GET", "/file", fault, times)


def delete(fault: Fault, times: int = 1) -> Strike:
    return Strike("DELETE", "", fault, times)


def _records() -> list[Case]:
    """Faults of the request that creates the image."""
    return [
        *(
            Case(f"post-{s}-undone", "file", 0, (post(late(s)),))
            for s in (401, 429, 500, 502, 503, 504)
        ),
        *(Case(f"post-{s}-done", "file", 0, (post(instead(s)),)) for s in (500, 502, 503, 504)),
        *(Case(f"post-{s}", "file", 1, (post(late(s)),)) for s in (400, 403, 409, 413)),
        Case("post-answer-lost", "file", 0, (post(lost),)),
        Case("post-reset", "file", 0, (post(Exchange.reset),)),
        Case("post-answer-stalls", "file", 0, (post(stalled_answer),)),
        Case("post-answer-lost-and-look-404", "file", 0, (post(lost), look(status(404)))),
        Case("post-login-page", "file", 1, (post(page, ALWAYS),)),
        Case("post-redirect", "file", 1, (post(redirect),)),
    ]


def _uploads() -> list[Case]:
    """Faults of the request that sends the data of a file."""
    again = (401, 408, 429, 500, 502, 503, 504)
    return [
        *(Case(f"put-{s}-at-once", "file", 0, (put(early(s)),)) for s in again),
        *(
            Case(f"put-{s}-in-the-middle", "file", 0, (put(early(s, HALF)),))
            for s in (401, 500, 503)
        ),
        *(Case(f"put-{s}-after-all", "file", 0, (put(late(s)),)) for s in again),
        *(Case(f"put-{s}-although-stored", "file", 0, (put(instead(s)),)) for s in (500, 502, 504)),
        *(
            Case(f"put-{s}", "file", 1, (put(early(s, HALF)),))
            for s in (400, 403, 404, 409, 410, 413, 415)
        ),
        Case("put-503-retry-after", "file", 0, (put(late(503, Retry_After="1")),)),
        Case("put-503-for-ever", "file", 1, (put(late(503), ALWAYS),)),
        Case("put-401-for-ever", "file", 1, (put(early(401), ALWAYS),)),
        *(Case(f"put-reset-at-{at}", "file", 0, (put(cut(at)),)) for at in (0, 1, HALF, LAST)),
        Case("put-reset-for-ever", "file", 1, (put(cut(HALF), ALWAYS),)),
        Case("put-answer-lost", "file", 0, (put(lost),)),
        Case("put-answer-stalls", "file", 0, (put(stalled_answer),)),
        Case("put-answer-lost-and-no-look", "file", 1, (put(lost), look(status(503), ALWAYS))),
        *(
            Case(f"put-byte-{at}-turned", "file", 1, (put(flipped_up(at)),))
            for at in (0, HALF, LAST)
        ),
        *(Case(f"put-stalls-at-{at}", "file", 0, (put(stalled_up(at)),)) for at in (0, HALF)),
        Case("put-stalls-for-ever", "file", 1, (put(stalled_up(HALF), ALWAYS),)),
        Case("put-login-page", "file", 1, (put(page),)),
        Case("put-redirect", "file", 1, (put(redirect),)),
        Case("put-413-and-delete-500", "file", 1, (put(early(413)), delete(status(500), ALWAYS))),
        Case("put-413-and-delete-lost", "file", 1, (put(early(413)), delete(lost, ALWAYS))),
        Case("verify-503", "file", 0, (look(status(503)),)),
        Case("verify-reset", "file", 0, (look(Exchange.reset),)),
        Case("verify-login-page", "file", 1, (look(page, ALWAYS),)),
        Case("upload-503", "upload", 0, (put(late(503)),)),
        Case("upload-413", "upload", 1, (put(early(413)),)),
        Case("upload-byte-turned", "upload", 1, (put(flipped_up(HALF)),)),
        Case("upload-answer-lost", "upload", 0, (put(lost),)),
        Case("stage-503", "stage", 0, (put(late(503)),)),
        Case("stage-reset", "stage", 0, (put(cut(HALF)),)),
        Case("stage-answer-lost", "stage", 0, (put(lost),)),
    ]


def _pipes() -> list[Case]:
    """Faults of the request that sends the data of a pipe, which cannot be sent again."""
    return [
        *(Case(f"pipe-{s}-at-once", "pipe", 1, (put(early(s)),)) for s in (401, 413, 503)),
        *(Case(f"pipe-{s}-after-all", "pipe", 1, (put(late(s)),)) for s in (401, 500, 503)),
        Case("pipe-502-although-stored", "pipe", 0, (put(instead(502)),)),
        *(Case(f"pipe-reset-at-{at}", "pipe", 1, (put(cut(at)),)) for at in (0, 1, HALF, LAST)),
        Case("pipe-answer-lost", "pipe", 0, (put(lost),)),
        Case("pipe-answer-stalls", "pipe", 0, (put(stalled_answer),)),
        Case("pipe-byte-turned", "pipe", 1, (put(flipped_up(HALF)),)),
        Case("pipe-stalls", "pipe", 1, (put(stalled_up(HALF)),)),
        Case("pipe-post-lost", "pipe", 0, (post(lost),)),
    ]


def _downloads() -> list[Case]:
    """Faults of the request that downloads the data."""
    again = (401, 408, 429, 500, 502, 503, 504)
    all_of_it = f"bytes 0-{LAST}/{SIZE}"
    return [
        *(Case(f"get-{s}", "download", 0, (get(status(s)),)) for s in again),
        *(
            Case(f"get-{s}", "download", 1, (get(status(s), ALWAYS),))
            for s in (204, 400, 403, 404, 409, 410)
        ),
        Case("get-503-for-ever", "download", 1, (get(status(503), ALWAYS),)),
        *(
            Case(f"get-reset-at-{at}", "download", 0, (get(broken(at)),))
            for at in (0, 1, HALF, LAST)
        ),
        *(
            Case(f"get-cut-at-{at}", "download", 0, (get(truncated(at)),))
            for at in (0, 1, HALF, LAST)
        ),
        *(Case(f"get-ends-at-{at}", "download", 0, (get(ended(at)),)) for at in (0, HALF, LAST)),
        Case("get-cut-again-and-again", "download", 0, (get(truncated(HALF), 2),)),
        Case("get-cut-for-ever", "download", 1, (get(truncated(0), ALWAYS),)),
        Case("get-byte-turned", "download", 0, (get(flipped_down(HALF)),)),
        Case("get-byte-turned-for-ever", "download", 1, (get(flipped_down(HALF), ALWAYS),)),
        Case("get-stalls", "download", 0, (get(stalled_down(HALF)),)),
        Case("get-stalls-for-ever", "download", 1, (get(stalled_down(0), ALWAYS),)),
        Case("get-login-page", "download", 1, (get(page, ALWAYS),)),
        Case("get-redirect", "download", 1, (get(redirect, ALWAYS),)),
        Case("get-other-length", "download", 0, (get(promising(SIZE - 5)),)),
        Case("get-unasked-206", "download", 0, (get(lying(all_of_it)),)),
        Case("look-503", "download", 0, (look(status(503)),)),
        Case("look-login-page", "download", 1, (look(page, ALWAYS),)),
        Case("stdout-cut", "stdout", 0, (get(truncated(HALF)),)),
        Case("stdout-cut-and-no-ranges", "stdout", 0, (get(truncated(HALF)), get(no_ranges))),
        Case("stdout-byte-turned", "stdout", 1, (get(flipped_down(HALF)),)),
        Case("stdout-403", "stdout", 1, (get(status(403)),)),
        Case("resume", "resume", 0, ()),
        Case("resume-200", "resume", 0, (get(no_ranges),)),
        Case("resume-206-of-all", "resume", 0, (get(lying(all_of_it, drop=("Range",))),)),
        Case(
            "resume-206-lying",
            "resume",
            0,
            (get(lying(f"bytes {HALF}-{LAST}/{SIZE}", drop=("Range",))),),
        ),
        Case("resume-206-elsewhere", "resume", 0, (get(lying(f"bytes {HALF + 9}-{LAST}/{SIZE}")),)),
        *(Case(f"resume-{s}", "resume", 0, (get(status(s)),)) for s in (400, 416, 503)),
        Case("resume-byte-turned", "resume", 0, (get(flipped_down(9)),)),
        Case("resume-damaged-part", "damaged", 0, ()),
    ]


CASES = [*_records(), *_uploads(), *_pipes(), *_downloads()]
