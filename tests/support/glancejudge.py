"""What Glance 33 says of image data: the rule of its upload, with the inspectors of oslo.utils."""

import logging

from oslo_utils.imageutils import format_inspector

CHUNK = 64 * 1024
CHECKED = format_inspector.ALL_FORMATS

logging.getLogger("oslo_utils.imageutils.format_inspector").setLevel(logging.CRITICAL)


class Judgement:
    """What the inspectors found in some data. A safety check of one format costs nothing twice."""

    def __init__(self, data: bytes) -> None:
        chunks = (data[start : start + CHUNK] for start in range(0, len(data), CHUNK))
        wrapper = format_inspector.InspectWrapper(chunks)
        for _ in wrapper:
            pass
        try:
            self.found = {str(each): each for each in wrapper.formats}
        except AttributeError:  # a text outside ASCII: Glance then stores it without a check
            self.found = {}

    @property
    def formats(self) -> tuple[str, ...]:
        """The names of the formats, without raw."""
        return tuple(sorted(set(self.found) - {"raw"}))

    @property
    def is_safe(self) -> bool:
        """Whether the one format that counts passes its checks."""
        chosen = self.found.get("iso") or next(iter(self.found.values()), None)
        try:
            if chosen is not None:
                chosen.safety_check()
        except (format_inspector.ImageFormatError, format_inspector.SafetyCheckFailed):
            return False
        return True

    def accepts(self, disk_format: str) -> bool:
        """Whether an upload with this disk format in a bare container becomes active."""
        if not self.found:
            return True
        if self.formats == ("gpt", "iso"):
            return disk_format == "iso" and self.is_safe
        if len(self.found) > 1:
            return False
        (name,) = self.found
        matches = disk_format in (name, "raw")
        is_unknown = name == "raw" and disk_format not in CHECKED
        return (matches or is_unknown) and self.is_safe
