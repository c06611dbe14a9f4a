"""Web pages and other texts: an error page or a README that was taken for an image."""

from __future__ import annotations

import codecs
import re

from glancecli.diskformat.info import DiskInfo
from glancecli.diskformat.reader import Reader

MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!--", b"<?xml", b"<error")
ERROR = re.compile(r"[45][0-9][0-9]\b")  # "404: Not Found"
BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SPACES = dict.fromkeys(map(ord, "\t\n\r\f"))
HINT = (
    "Look at its first lines (`head FILE`): it may be an error page that was downloaded in "
    "place of the image."
)


def kind(head: bytes) -> str:
    """Returns what kind of text begins with these bytes, "" when it is not a text.

    One printable line is a text only when it is JSON or names an HTTP error: short data that
    somebody tries the upload with is often one.
    """
    start = head[:64].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith(MARKUP):
        return "HTML or XML page"
    text = _decoded(head)
    if not text.translate(SPACES).isprintable():
        return ""
    if start.startswith(b"{"):
        return "JSON document"
    has_lines = "\n" in text and len(text.split(None, 1)) > 1
    if has_lines or ERROR.match(text):
        return "text"
    return ""


def _decoded(head: bytes) -> str:
    """Returns the text, "" when the bytes are not one."""
    encoding = "utf-8-sig"
    if head.startswith(BYTE_ORDER_MARKS):
        encoding = "utf-16"
    try:
        # The last character may be cut: more of the file follows.
        return codecs.getincrementaldecoder(encoding)().decode(head)
    except ValueError:
        return ""


def inspect_page(reader: Reader) -> DiskInfo:
    """Inspects a text, for which Glance has no disk format."""
    return DiskInfo(None, kind(reader.head), hint=HINT, is_page=True)
