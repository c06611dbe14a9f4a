"""Text made to be slow to read: messages of errors are made from it in no time."""

from __future__ import annotations

import time

import pytest

from glancecli.transport.responses import Response, beginning, service_message
from glancecli.transport.service_messages import LONGEST_MESSAGE, describe_page

HALF = 2**19  # bytes; an answer with an error is cut at twice as many
PIECES = [
    b"<script ",
    b"<script>",
    b"<style a>",
    b"<title",
    b"<title ",
    b"<title>",
    b"<h1>",
    b"<",
    b"</",
    b"<a <",
    b"&",
    b"&#",
    b" ",
    b"\n",
    b"<br />",
    b"<title>x</title></head><body><h1>x</h1><br />",
    b" Failed validating x On instance['",
    b"browser does not understand ",
    b"https://a:b@",
    b"://",
    b'"password": "',
    b"?token=",
    b"[",
    b'{"a":',
    b'{"message": "',
]
BEGINNINGS = [
    b"",
    b"<html>",
    b"Provided object does not match schema 'image': ",
    b"This server could not verify that you are authorized to access the document you requested.",
    b'{"message": "',
]


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.decode()[:20])
def test_the_message_of_any_error_is_found_at_once(piece: bytes) -> None:
    for start in BEGINNINGS:
        for end in (b"", b'"}', b"</html>"):
            body = start + piece * (HALF // len(piece)) + end
            began = time.process_time()
            message = service_message(Response(403, {}, body, "http://glance.test"))
            description = describe_page(beginning(body))
            assert time.process_time() - began < 1, (start, end)
            assert len(message) <= 2 * LONGEST_MESSAGE  # masks add a little
            assert len(description) <= 2 * LONGEST_MESSAGE
