"""The session of a login: its requests to Keystone and to an identity provider."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from keystoneauth1 import exceptions as ksa
from keystoneauth1.session import Session

from glancecli.masking import mask_login, without_credentials
from glancecli.transport.resending import Resending
from glancecli.transport.responses import Response
from glancecli.transport.session import CloudSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from glancecli.auth.settings import Settings

TIMEOUT = 30.0  # seconds to wait for a response, unless --timeout is given


class LoginSession(Session):
    """A session of keystoneauth1 that repeats what a server had no time for (429, 503).

    last_url is the URL of the last request: when a login fails, it tells who is at fault. Redirects
    are not followed, because the password would be sent to the new address.
    """

    def __init__(self, settings: Settings, trace: Callable[[str], None] | None) -> None:
        self._time_limit = settings.timeout or TIMEOUT
        super().__init__(
            session=CloudSession(settings.verify, settings.cert, settings.tls),
            verify=settings.verify,
            cert=settings.cert,
            timeout=self._time_limit,
            redirect=False,
            user_agent="glancecli",
        )
        self.last_url = ""
        self.otp: str | None = None  # a one-time code that a plugin would ask for on stdout
        if trace:

            def show(response: Any, *_: Any, **__: Any) -> None:
                for line in _exchange(response):
                    trace(line)

            self.session.hooks["response"].append(show)

    def request(self, url: str, method: str, *args: Any, **options: Any) -> Any:
        """Returns the response to a request; repeats it while the server asks for that."""
        self.last_url = url
        resending = Resending(method, self._time_limit)
        while True:
            try:
                return super().request(url, method, *args, **options)
            except ksa.HttpError as error:
                pause = _pause_after(error, resending)
                if pause is None:
                    raise
            time.sleep(pause)


def _pause_after(error: Any, resending: Resending) -> float | None:
    """Returns the seconds to wait before the request is repeated, None not to repeat it."""
    if error.response is None:
        return None
    return resending.pause_after(Response(error.http_status, error.response.headers, b"", ""))


def _exchange(response: Any) -> Iterator[str]:
    """Yields the lines of --debug for a request and its response, without secrets."""
    request = response.request
    yield f"> {request.method} {without_credentials(request.url)}"
    if request.body:
        yield f"> {mask_login(request.body)}"
    size = len(response.content)
    seconds = response.elapsed.total_seconds()
    yield f"< {response.status_code} {response.reason} ({size} bytes, {seconds:.2f} s)"
    if response.content:
        yield f"< {mask_login(response.content)}"
