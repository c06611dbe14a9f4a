"""What can go wrong, said for people. Standard library only, so that every room may raise these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Self


Words = tuple[str, ...]  # a command of ours without the program: ("image-show", ID)
Writer = Callable[[Words], str]  # writes such a command so that it can be pasted into a shell


class Hint:
    """What to do next: text in which each {} stands for a command, given by its words, or for
    another text, such as a path.

    ``Hint("{} shows its state.", ("image-show", image_id))``
    """

    __slots__ = ("text", "values")

    def __init__(self, text: str, *values: Words | str) -> None:
        self.text = text
        self.values = values

    def written(self, write: Writer) -> str:
        """The hint with its commands written by write."""
        texts = []
        for value in self.values:
            if isinstance(value, str):
                texts.append(value)
            else:
                texts.append(write(value))
        return self.text.format(*texts)

    def names(self, word: str) -> bool:
        """Whether one of its commands has this word, such as an image ID."""
        commands = [value for value in self.values if not isinstance(value, str)]
        return any(word in command for command in commands)


class Subject(NamedTuple):
    """What a request is about: ``Subject("image", "cirros")``. A new image may have no name."""

    kind: str
    name: str

    def __str__(self) -> str:
        """The subject as messages name it: ``image cirros``."""
        return f"{self.kind} {self.name}".rstrip()


class Fate(Enum):
    """What has become of an image that a failed command worked on."""

    DELETED = "was deleted"
    KEPT = "is kept"
    ABSENT = "does not exist"
    DEACTIVATED = "has been deactivated"
    QUEUED = "is still queued, without data"
    UNKNOWN = "may still exist"


class Code(Enum):
    """The kind of a failure, in a word that scripts can rely on.

    docs/scripting.md says what each means; a test compares the two.
    """

    USAGE = "usage"
    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    SETTINGS = "settings"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    QUOTA = "quota"
    INVALID = "invalid"
    UNSUPPORTED = "unsupported"
    WRONG_DATA = "wrong_data"
    FILE = "file"
    UNREACHABLE = "unreachable"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    SERVICE = "service"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    DEFECT = "defect"


class ReportedError(BaseException):
    """What ends the command with one line on stderr. ``describe`` writes that line out of the
    fields.

    code: the kind of the failure, where it is another than that of the class. subject: what the
    failed request was about. message: what failed, and the cause. details:
    further facts, each a clause of its own. hint: what to do next. image_id and fate: the image
    that the command worked on, and what has become of it. status: the HTTP status. request_id: the
    service's name for the request (``X-Openstack-Request-Id``), by which an operator finds it in
    the logs. candidates: what to choose from, a line each below that line. cloud_options: options
    that hints need to reach the cloud that the error is about, where that is not the cloud of the
    command line. help_page: the command that shows what may be typed. typed_image: the image as the
    user called it.
    """

    exit_code = 1
    code = Code.FAILED

    def __init__(
        self,
        message: str,
        *,
        subject: Subject | None = None,
        hint: str | Hint = "",
        request_id: str = "",
        status: int = 0,
        image_id: str = "",
        fate: Fate | None = None,
        candidates: Sequence[str] = (),
        code: Code | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.subject = subject
        self.message = message
        self.details: list[str] = []
        self.hint = hint
        self.request_id = request_id
        self.status = status
        self.image_id = image_id
        self.fate = fate
        self.candidates = candidates
        self.cloud_options: Words = ()
        self.help_page = ""
        self.typed_image = ""

    def __str__(self) -> str:
        """The line as the program glance writes it."""
        return describe(self)

    @property
    def headline(self) -> str:
        """Subject and message: ``image cirros: no such store``."""
        return f"{self.subject}: {self.message}" if self.subject else self.message

    @property
    def image(self) -> str:
        """The image that the error is about, by ID where that is known; "" for none."""
        if self.subject and self.subject.kind == "image":
            return self.image_id or self.subject.name
        return self.image_id or self.typed_image

    def with_context(
        self,
        detail: str = "",
        *,
        hint: str | Hint | None = None,
        image_id: str = "",
        fate: Fate | None = None,
    ) -> Self:
        """The same error, which says more from now on; what is left out stays as it was."""
        if detail:
            self.details.append(detail)
        if hint is not None:
            self.hint = hint
        self.image_id = image_id or self.image_id
        self.fate = fate or self.fate
        return self


class GlanceError(ReportedError, Exception):
    """A failure."""


class Stopped(ReportedError, KeyboardInterrupt):
    """Interrupted by a signal: exit code 128 + its number (130 for Ctrl-C, 143 for SIGTERM).

    As Ctrl-C itself it passes by those who catch failures.
    """

    code = Code.INTERRUPTED

    def __init__(self, message: str = "interrupted", *, signal_number: int = 2) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number

    @classmethod
    def by(cls, error: KeyboardInterrupt) -> Stopped:
        """The same as one of ours, which can say more."""
        return error if isinstance(error, Stopped) else cls()


def shell_command(*words: str) -> str:
    """A command as a shell takes it, also where a word comes from a service."""
    from shlex import join

    return f"`{join(words)}`"


OWN_COMMANDS = frozenset({"sandbox", "clouds"})  # those in hints that only glancecli has


def pasteable(words: Words, program: str = "glance", options: Words = ()) -> str:
    """A command of ours as a shell takes it: the program, the options that choose the cloud, the
    words.

    OWN_COMMANDS are of the program glancecli and reach no cloud.
    cli/hints.py chooses program and options for what is printed.
    """
    if words[0] in OWN_COMMANDS and program == "glance":
        return shell_command("glancecli", *words)
    return shell_command(program, *options, *words)


def describe(error: ReportedError, write: Writer = pasteable) -> str:
    """One line for people: message, details, fate of the image, (HTTP status, request ID), hint."""
    line = describe_failure(error)
    hint = describe_hint(error, write)
    if not hint:
        return line
    return f"{line} {hint}" if line.endswith((".", "!", "?", ":")) else f"{line}. {hint}"


def describe_failure(error: ReportedError) -> str:
    """The line without the hint."""
    line, marks = failure_text(error), request_marks(error)
    if not marks:
        return line
    return f"{line.rstrip('.')} ({marks})"


def failure_text(error: ReportedError) -> str:
    """The line without the hint and what is in parentheses before it."""
    clauses = [error.headline, *error.details]
    if error.fate and error.subject == Subject("image", error.image_id):
        clauses.append(f"it {error.fate.value}")
    elif error.fate:
        clauses.append(f"image {error.image_id} {error.fate.value}")
    *others, last = clauses
    return "; ".join([*(clause.rstrip(".") for clause in others), last])


def request_marks(error: ReportedError) -> str:
    """By what an operator finds the request, and the help to read: ``HTTP 403, request req-...``;
    "" without any.
    """
    marks = []
    if error.status:
        marks.append(f"HTTP {error.status}")
    if error.request_id:
        marks.append(f"request {error.request_id}")
    if error.help_page:
        marks.append(f"see {error.help_page}")
    return ", ".join(marks)


def describe_hint(error: ReportedError, write: Writer = pasteable) -> str:
    """The hint alone, "" where there is none."""
    return error.hint.written(write) if isinstance(error.hint, Hint) else error.hint


E = TypeVar("E", bound=ReportedError)


class UsageError(GlanceError):
    """The command line makes no sense; nothing was sent."""

    exit_code = 2
    code = Code.USAGE


class SomeFailed(GlanceError):
    """Some of several failed; each has been reported already, so this one is silent."""

    def __init__(self) -> None:
        super().__init__("")


class AuthError(GlanceError):
    """Logging in failed, or what is needed for it is missing."""

    code = Code.UNAUTHORIZED


class SettingsError(AuthError):
    """The cloud is unknown, or what the settings say of it is wrong; nothing was sent."""

    code = Code.SETTINGS


class ConnectionFailed(GlanceError):
    """No usable answer: refused, reset, timed out or cut off."""

    code = Code.CONNECTION


class Unreachable(ConnectionFailed):
    """There was no connection at all, so nothing can have been done."""

    code = Code.UNREACHABLE


class Stalled(ConnectionFailed):
    """The connection is there, and nothing has moved over it for as long as it may."""

    code = Code.TIMEOUT


# The codes of statuses that have no class of their own.
CODES_OF_STATUSES = {
    400: Code.INVALID,
    408: Code.TIMEOUT,
    410: Code.NOT_FOUND,
    413: Code.QUOTA,
    415: Code.WRONG_DATA,
    422: Code.INVALID,
    429: Code.QUOTA,
    501: Code.UNSUPPORTED,
    504: Code.TIMEOUT,
}


def code_of_status(status: int) -> Code | None:
    """The code of an HTTP status, None where the class of the error decides."""
    if status >= 500:
        return CODES_OF_STATUSES.get(status, Code.SERVICE)
    return CODES_OF_STATUSES.get(status)


class HttpError(GlanceError):
    """The service answered with an error; status is the HTTP status, 0 where that is not worth
    telling.

    service_message is the service's own text, by which a case can be recognised that has no status
    of its own; message may say the same in other words. retry_after is the delay in seconds that
    the service asks for (RFC 9110, Retry-After), or None.
    """

    def __init__(
        self,
        message: str,
        *,
        subject: Subject | None = None,
        status: int = 0,
        hint: str | Hint = "",
        request_id: str = "",
        service_message: str = "",
        retry_after: float | None = None,
        code: Code | None = None,
    ) -> None:
        super().__init__(
            message,
            subject=subject,
            hint=hint,
            request_id=request_id,
            status=status,
            code=code or code_of_status(status),
        )
        self.service_message = service_message
        self.retry_after = retry_after


class Unauthorized(HttpError):
    """401: the token is missing, expired or revoked."""

    code = Code.UNAUTHORIZED


class Forbidden(HttpError):
    """403: a policy, or the image's protection, says no."""

    code = Code.FORBIDDEN


class NotFound(HttpError):
    """404: there is no such thing, or it is not ours to see."""

    code = Code.NOT_FOUND


class Conflict(HttpError):
    """409: the image is in a state, or in a use, that forbids it."""

    code = Code.CONFLICT


BY_STATUS: dict[int, type[HttpError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
}
