"""Waits for many images at once, with few requests however many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from glancecli.api.errors import no_such_image
from glancecli.api.waiting import (
    HINTS_WITHOUT_DATA,
    LONGEST_PAUSE,
    import_failed,
    poll,
    still_waiting,
)
from glancecli.errors import GlanceError, Hint
from glancecli.image import has_data

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images
    from glancecli.image import Image

# Images that one look asks for. The ID of an image takes 39 characters of a request line, which
# some servers let have 4,094.
MOST_AT_ONCE = 90

FAILED_STORES = "os_glance_failed_import"  # of the newest import, separated by commas
# A service that deletes later (pending_delete) shows the image to administrators until then.
DELETED = ("deleted", "pending_delete")
WITHOUT_DATA = ("queued", "uploading")


class Goal(Enum):
    """What images are waited for."""

    ACTIVE = "active"
    DELETED = "deleted"
    DEACTIVATED = "deactivated"
    QUEUED = "queued"
    ANY_END = "any-end"


class WatchedImage:
    """An image that is waited for.

    ref is how the user called it. image is the image as it was last seen, None once it is deleted.
    failure says why it cannot reach the goal.
    """

    def __init__(self, ref: str, image_id: str) -> None:
        self.ref = ref
        self.image_id = image_id
        self.image: Image | None = None
        self.is_done = False
        self.failure: GlanceError | None = None
        self.may_have_failed = False  # an import, into one store at least
        self.has_fallen_back = False  # since the look before

    @property
    def status(self) -> str:
        """The status as it was last seen."""
        if self.image is None or self.image["status"] in DELETED:
            return "deleted"
        return str(self.image["status"])

    @property
    def has_ended(self) -> bool:
        """Whether there is nothing to wait for any more."""
        return self.is_done or self.failure is not None

    def update(self, image: Image | None, goal: Goal) -> None:
        """Takes note of the image as it is now, None for one that does not exist."""
        before, self.image = self.image, image or self._deleted()
        self.may_have_failed = bool(self.image.get(FAILED_STORES))
        if self._has_reached(goal):
            self.is_done = True
        elif image is None and before is None:
            self._fail(no_such_image(self.ref))
        elif self.status in ("deleted", "killed"):
            self._fail(self._lost(f"is {self.status}, and will not become {goal.value}"))
        elif goal is Goal.QUEUED and has_data(self.image):
            self._fail(self._lost(f"is {self.status}, and will not become queued: it has its data"))
        self.has_fallen_back = before is not None and _has_fallen_back(before, self.image)

    def _deleted(self) -> Image:
        """The image as it was, without its data."""
        known = self.image or {"id": self.image_id, "name": None}
        return {**known, "status": "deleted"}

    def _has_reached(self, goal: Goal) -> bool:
        assert self.image  # noqa: S101 - for the type checker
        if goal is Goal.ANY_END:
            return has_data(self.image) or self.status in ("deleted", "killed")
        if goal is Goal.ACTIVE and not has_data(self.image):
            return False  # active already, while an import into more stores is running
        return bool(self.status == goal.value)

    def import_failed(self, message: str, goal: Goal) -> None:
        """Takes note that the data will not come."""
        if goal is Goal.ANY_END:
            self.is_done = True
        else:
            self._fail(import_failed(self.ref, message))

    def _lost(self, text: str) -> GlanceError:
        """The error for an image that cannot reach the goal."""
        hint = Hint(HINTS_WITHOUT_DATA.get(self.status, ""), ("image-delete", self.ref))
        return GlanceError(f"image {self.ref} {text}", hint=hint)

    def _fail(self, error: GlanceError) -> None:
        error.image_id = self.image_id
        self.failure = error

    def time_out(self, seconds: float) -> None:
        """Takes note that the time is over."""
        assert self.image  # noqa: S101 - for the type checker: each was looked at
        self._fail(still_waiting(self.ref, self.image, seconds))

    def may_get_no_data(self, goal: Goal) -> bool:
        """Whether a failed import would end the wait for this image."""
        needs_data = goal not in (Goal.QUEUED, Goal.DELETED)
        return needs_data and not self.has_ended and self.status in WITHOUT_DATA


def _has_fallen_back(before: Image, now: Image) -> bool:
    """Whether an import that was running has failed in every store."""
    if now["status"] not in WITHOUT_DATA:
        return False
    has_new_failures = now.get(FAILED_STORES) not in (None, "", before.get(FAILED_STORES))
    is_importing = bool(now.get("os_glance_importing_to_stores"))
    return before["status"] == "importing" or (has_new_failures and not is_importing)


class ImageWait:
    """The wait for many images. show is called after each look, to show the progress."""

    def __init__(
        self,
        images: Images,
        watched: Sequence[WatchedImage],
        goal: Goal,
        show: Callable[[], None],
    ) -> None:
        self._images = images
        self._goal = goal
        self._show = show
        self._open = list(watched)
        self._just_seen = 0  # of the open ones, which are the last of them
        self._turn = 0

    def run(self, seconds: float, pause: float | None = None) -> None:
        """Returns when every image has ended, at the latest after so many seconds.

        pause is how many seconds pass between two looks at an image; None: more and more, up to
        five. Of many images each look sees a part.
        """
        longest = (pause or LONGEST_PAUSE) / max(1, _parts(len(self._open)))
        if pause:
            poll(self._look, seconds, first_pause=longest, longest_pause=longest)
        else:
            poll(self._look, seconds, longest_pause=longest)
        # A last look at those that another part of the images was looked at instead of.
        for _ in range(_parts(len(self._open) - self._just_seen)):
            self._look()
        for watched in self._open:
            watched.time_out(seconds)

    def _look(self) -> bool | None:
        """Looks at the images that were not looked at for longest; True: none is left."""
        part = self._open[:MOST_AT_ONCE]
        found = self._images.by_ids([watched.image_id for watched in part])
        for watched in part:
            watched.update(found.get(watched.image_id), self._goal)
        self._check_imports(part)
        still_open = [watched for watched in part if not watched.has_ended]
        self._open = self._open[MOST_AT_ONCE:] + still_open
        self._just_seen = len(still_open)
        self._show()
        return not self._open or None

    def _check_imports(self, part: Sequence[WatchedImage]) -> None:
        """Ends the wait for images whose import has failed.

        The tasks of an image are a request of their own: those are asked for that say themselves
        that an import failed, and one other, in turn.
        """
        waiting = [watched for watched in part if watched.may_get_no_data(self._goal)]
        doubtful = [each for each in waiting if each.may_have_failed or each.has_fallen_back]
        others = [watched for watched in waiting if watched not in doubtful]
        if others:
            self._turn = (self._turn + 1) % len(others)
            doubtful.append(others[self._turn])
        for watched in doubtful:
            message = self._images.import_failure(watched.image_id)
            if not message and watched.has_fallen_back:
                message = "the import failed: the image is queued again, without data"
            if message:
                watched.import_failed(message, self._goal)


def _parts(count: int) -> int:
    """Returns in how many looks so many images are seen."""
    return -(-count // MOST_AT_ONCE)
