"""Waiting until a snapshot or backup is finished, or cannot finish any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.api.waiting import FIRST_PAUSE, poll
from glancecli.errors import (
    Code,
    ConnectionFailed,
    Fate,
    GlanceError,
    Hint,
    HttpError,
    NotFound,
    describe_failure,
    shell_command,
)
from glancecli.text import counted

if TYPE_CHECKING:
    from glancecli.api.compute.images import Compute
    from glancecli.api.compute.servers import Server
    from glancecli.image import Image

Resource = dict[str, Any]

MOST_FAILURES = 5  # looks in a row that may fail before waiting is given up


def wait_for_snapshot(
    compute: Compute,
    image_id: str,
    server_id: str,
    *,
    timeout: float,
    pause: float = FIRST_PAUSE,
    progress: Callable[[int], None] = lambda percent: None,
) -> None:
    """Waits until the image is active and the server has finished its task.

    Without an image_id only the server is waited for. timeout is in seconds, pause the ones between
    the first two looks; progress is called with the percentage that the service shows. Raises
    GlanceError that says what has become of image and server: failed, deleted, or not finished in
    time.
    """
    wait = _SnapshotWait(compute, image_id, server_id, progress)
    if poll(wait.look, timeout, first_pause=pause) is None:
        raise wait.timed_out(timeout)


class _State(NamedTuple):
    """Image and server at one look; empty when they do not exist."""

    image: Image
    server: Server

    @property
    def task(self) -> str:
        """What the server is busy with, "" when it has no task."""
        return str(self.server.get("OS-EXT-STS:task_state") or "")

    @property
    def fault(self) -> str:
        """Why the server has failed, "" when that is not recorded."""
        fault = self.server.get("fault")
        if not isinstance(fault, dict):
            return ""
        return str(fault.get("message") or "")

    @property
    def image_status(self) -> str:
        """The status of the image, "" when it was deleted."""
        return str(self.image.get("status", ""))

    @property
    def percent(self) -> int:
        """How far the image is."""
        return int(self.image.get("progress") or 0)

    @property
    def image_state(self) -> str:
        """Status and progress of the image in words."""
        if not self.image:
            return "deleted"
        return f"{self.image_status} ({self.percent}%)"


class _SnapshotWait:
    """One wait for a snapshot, look by look."""

    def __init__(
        self, compute: Compute, image_id: str, server_id: str, progress: Callable[[int], None]
    ) -> None:
        self._compute = compute
        self._image_id = image_id
        self._server_id = server_id
        self._progress = progress
        self._failures = 0  # in a row
        self._is_idle = False  # whether the server had no task at the last look
        self._last_look = ""

    def look(self) -> bool | None:
        """Returns True when all is done, None to look again. Raises GlanceError when the snapshot
        cannot finish, and the error of the service when it fails too often.
        """
        try:
            state = self._ask()
        except (ConnectionFailed, HttpError) as error:
            self._failures += 1
            if self._failures > MOST_FAILURES or _is_final(error):
                raise
            self._last_look = describe_failure(error)
            return None
        self._failures = 0
        if self._is_finished(state):
            return True
        self._progress(state.percent)
        self._is_idle = not state.task
        self._last_look = self._describe(state)
        return None

    def timed_out(self, seconds: float) -> GlanceError:
        """Returns the error for a wait that took too long."""
        hint = may_still_finish(self._image_id, self._server_id)
        if self._is_idle:
            hint = Hint(
                "Nothing works on it any more: delete it with {}, and look for the cause in "
                "nova-compute.log.",
                ("image-delete", self._image_id),
            )
        return GlanceError(
            f"not finished within {counted(seconds, 'second')}: {self._last_look}",
            hint=hint,
            code=Code.TIMEOUT,
        )

    def _ask(self) -> _State:
        image: Image = {}
        if self._image_id:
            image = _get_or_empty(self._compute.image_by_id, self._image_id)
        server = _get_or_empty(self._compute.servers.get, self._server_id)
        return _State(image, server)

    def _is_finished(self, state: _State) -> bool:
        """Returns whether all is done. Raises GlanceError when it never will be."""
        if not self._image_id or state.image_status == "ACTIVE":
            return not state.task
        if state.image_status in ("", "ERROR", "DELETED"):
            raise self._failed(state)
        if not state.server:
            raise self._server_failed("was deleted", state)
        if state.server.get("status") == "ERROR":
            reason = state.fault or "no fault is recorded"
            raise self._server_failed(f"is ERROR: {reason}", state)
        return False

    def _server_failed(self, what: str, state: _State) -> GlanceError:
        error = GlanceError(f"server {self._server_id} {what}")
        return error.with_context(f"image {self._image_id} is {state.image_state}")

    def _failed(self, state: _State) -> GlanceError:
        """Returns the error for an image that has become unusable."""
        message = f"the snapshot of server {self._server_id} failed"
        shows = shell_command("openstack", "server", "event", "list", self._server_id)
        hint = f"{shows} may show why."
        if state.fault:
            message = f"{message}: {state.fault}"
            hint = ""
        error = GlanceError(message, hint=hint)
        if not state.image_status:
            return error.with_context(image_id=self._image_id, fate=Fate.DELETED)
        return error.with_context(f"image {self._image_id} is {state.image_status}")

    def _describe(self, state: _State) -> str:
        text = f"the task of server {self._server_id} is {state.task or 'none'}"
        if not self._image_id:
            return text
        return f"image {self._image_id} is {state.image_state}, {text}"


def may_still_finish(image_id: str, server_id: str) -> Hint:
    """Returns what to do about a snapshot that is no longer waited for."""
    if not image_id:
        shows = shell_command("openstack", "server", "show", server_id)
        return Hint("It may still finish: {} shows its state.", shows)
    return Hint("It may still finish: {} shows its state.", ("image-show", image_id))


def wait_until_gone(compute: Compute, image_ids: Sequence[str], *, timeout: float) -> set[str]:
    """Waits until these images are deleted. Returns those that are left after timeout seconds."""
    remaining = set(image_ids)

    def look() -> bool | None:
        for image_id in list(remaining):
            if not _get_or_empty(compute.image_by_id, image_id):
                remaining.discard(image_id)
        if remaining:
            return None
        return True

    poll(look, timeout)
    return remaining


def _get_or_empty(get: Callable[[str], Resource], resource_id: str) -> Resource:
    """Returns an image or a server, {} when it does not exist."""
    try:
        return get(resource_id)
    except NotFound:
        return {}


def _is_final(error: GlanceError) -> bool:
    """Returns whether another look would fail in the same way."""
    return isinstance(error, HttpError) and error.status < 500
