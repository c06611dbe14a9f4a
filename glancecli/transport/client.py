"""The client of one service: JSON requests, sent again where that is safe, and lists by pages."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

import requests

from glancecli.errors import (
    AuthError,
    ConnectionFailed,
    GlanceError,
    Subject,
    Unreachable,
    UsageError,
)
from glancecli.masking import mask, remember_token
from glancecli.transport.pages import (
    ListProgress,
    Page,
    fetch_in_background,
    fetch_on_demand,
    next_link,
    pagination_loop,
)
from glancecli.transport.resending import READ_ONLY, Resending
from glancecli.transport.responses import (
    Response,
    http_error,
    is_from_elsewhere,
    request_id,
    rows_under,
    unexpected_response,
)
from glancecli.transport.session import CloudSession
from glancecli.transport.trace import Params, Trace

if TYPE_CHECKING:
    from glancecli.transport.credentials import Credentials

CONNECT_TIMEOUT = 10.0  # seconds
READ_TIMEOUT = 30.0  # seconds without a byte of a response
MOST_REFUSALS = 2  # of tokens; the second one is that of a new token, which is an error
PAGE_SIZE = 1000  # the most that Glance gives (api_limit_max)


class _Request:
    """One request below the endpoint; headers are those beyond the ones of every request."""

    def __init__(
        self,
        method: str,
        path: str,
        params: Params | None,
        body: bytes | None,
        headers: Mapping[str, Any],
    ) -> None:
        self.method = method
        self.path = path
        self.params = params
        self.body = body
        self.headers = headers


class ServiceClient:
    """Sends requests to one service of the cloud, with the user's token.

    Redirects are never followed (a token would go to another host). A 401 costs one new login.
    Requests are sent again after a 429, 502, 503, 504 or a lost connection where that is safe and
    the time limit allows it.
    """

    def __init__(self, identity: Credentials, service: str) -> None:
        self.identity = identity
        self.service = service
        self.messages = identity.messages
        self.trace = Trace(identity.messages.trace)
        self.connect_timeout = CONNECT_TIMEOUT
        self.read_timeout = READ_TIMEOUT
        timeout = identity.client_options.timeout
        if timeout:
            self.connect_timeout = min(CONNECT_TIMEOUT, timeout)
            self.read_timeout = timeout
        self._base: str | None = None
        self._below = ""  # the end of the endpoint that is not in the base
        self._is_endpoint_checked = False
        self._is_fixed = False  # whether the base is not that of the catalog
        self._session: requests.Session | None = None

    def set_timeout(self, seconds: float) -> None:
        """Changes the timeout of all further requests."""
        self.connect_timeout = seconds
        self.read_timeout = seconds

    @property
    def base(self) -> str:
        """The endpoint without version and trailing slash."""
        if self._base is None:
            self._base = without_version(self.identity.endpoint(self.service))
        return self._base

    @base.setter
    def base(self, value: str) -> None:
        """Sends all further requests to this server, whatever the catalog says."""
        self._base = value
        self._is_fixed = True

    def shorten_base(self, root: str) -> None:
        """Makes this beginning of the endpoint the base: the rest is in the paths of requests."""
        self._below = self.base.removeprefix(root)
        self._base = root

    def endpoint_has_moved(self) -> bool:
        """Returns whether a fresh service catalog has another endpoint than the cached one, which
        is used from now on. Called when the endpoint does not answer as the service would.
        """
        if self._is_endpoint_checked or self._is_fixed:
            return False
        self._is_endpoint_checked = True
        endpoint = self.identity.moved_endpoint(self.service)
        return bool(endpoint) and self._use_endpoint(endpoint)

    def _use_endpoint(self, endpoint: str) -> bool:
        """Sends further requests to this endpoint of the service; returns whether it can be used:
        it may differ from the earlier one in what the paths of requests repeat.
        """
        endpoint = without_version(endpoint)
        if not endpoint.endswith(self._below):
            return False
        self._base = endpoint.removesuffix(self._below)
        return True

    @property
    def session(self) -> requests.Session:
        """The session with this cloud's certificates and proxies, made on first use."""
        if self._session is None:
            options = self.identity.client_options
            self._session = CloudSession(options.verify, options.cert, options.tls)
        return self._session

    def url(self, path: str) -> str:
        """Returns the whole URL of a path of this service."""
        return self.base + path

    def request_headers(self, extra: Mapping[str, Any], *, min_life: float = 0) -> dict[str, Any]:
        """Returns the headers of a request; its token has at least min_life seconds left."""
        headers: dict[str, Any] = {"Accept": "application/json", "User-Agent": "glancecli"}
        token = self.identity.token(min_life)
        if token:
            remember_token(token)
            headers["X-Auth-Token"] = token
        headers.update(extra)
        return headers

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Any = None,
        headers: Mapping[str, Any] | None = None,
        expect: tuple[int, ...] = (200,),
        subject: Subject | None = None,
    ) -> Response:
        """Returns the response to one request, whose status is one of expect.

        body is sent as JSON unless it is bytes. subject is what error messages say that the request
        was about. Raises HttpError for any other status, and ConnectionFailed when there is no
        response.
        """
        all_headers = dict(headers or {})
        data = body
        if body is not None and not isinstance(body, bytes):
            data = json.dumps(body, ensure_ascii=False).encode()
            all_headers.setdefault("Content-Type", "application/json")
        request = _Request(method, path, params, data, all_headers)
        response = self._send_to_endpoint(request)
        if response.status not in expect:
            raise refusal(self, response, subject)
        return response

    def _send_to_endpoint(self, request: _Request) -> Response:
        """Sends a request, and once more to the new endpoint when the cached one is out of date."""
        try:
            response = self._send_until_answered(request)
            if not is_from_elsewhere(response) or not self.endpoint_has_moved():
                return response
        except AuthError:
            raise
        except GlanceError as error:
            may_be_done = isinstance(error, ConnectionFailed) and not isinstance(error, Unreachable)
            is_repeatable = request.method in READ_ONLY or not may_be_done
            if not self.endpoint_has_moved() or not is_repeatable:
                raise
        return self._send_until_answered(request)

    def _send_until_answered(self, request: _Request) -> Response:
        """Sends a request, logs in again after a 401, and repeats what may be repeated."""
        resending = Resending(request.method, self.read_timeout)
        refusals = 0
        while True:
            headers = self.request_headers(request.headers)
            try:
                response = self._send(request, headers)
            except ConnectionFailed:
                pause = resending.pause_after(None)
                if pause is None:
                    raise
            else:
                if response.status == 401 and refusals < MOST_REFUSALS:
                    refusals += 1
                    renew_token(self.identity, headers.get("X-Auth-Token", ""), response.headers)
                    if not self._is_fixed:
                        self._use_endpoint(self.identity.endpoint(self.service))
                    continue
                pause = resending.pause_after(response)
                if pause is None:
                    return response
            time.sleep(pause)

    def _send(self, request: _Request, headers: dict[str, Any]) -> Response:
        """Returns the response to one attempt, whatever its status."""
        url = self.url(request.path)
        try:
            self.trace.request(
                request.method, url, headers, params=request.params, body=request.body
            )
            received = self.session.request(
                request.method,
                url,
                params=request.params,
                data=request.body,
                headers=headers,
                timeout=(self.connect_timeout, self.read_timeout),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            from glancecli.transport.failures import connection_error

            options = self.identity.client_options
            raise connection_error(error, url, self.read_timeout, options) from error
        self.trace.response(received, received.content)
        return Response(received.status_code, received.headers, received.content, mask(url))

    def pages(
        self,
        path: str,
        key: str,
        params: Params,
        *,
        ahead: bool = True,
        send: Callable[..., Response] | None = None,
    ) -> Iterator[list[dict[str, Any]]]:
        """Returns the pages of a list; with ahead the next one is fetched while the caller works.

        send is called as request() for each page, by default it is request(). Only the query of a
        ``next`` link is used: host and path stay ours. Raises GlanceError for a list of the wrong
        shape and for links that repeat, so that no partial list looks complete.
        """
        fetch = fetch_on_demand
        if ahead:
            fetch = fetch_in_background
        read = partial(_read_page, send or self.request, path, key)
        seen: set[str] = set()
        progress = ListProgress()
        page = read(params)
        while page.next_query:
            if page.next_query in seen:
                raise pagination_loop()
            seen.add(page.next_query)
            progress.check(page.rows)
            next_params = parse_qsl(page.next_query, keep_blank_values=True)
            next_page = fetch(partial(read, next_params))
            yield page.rows
            page = next_page()
        yield page.rows


def _read_page(send: Callable[..., Response], path: str, key: str, params: Params) -> Page:
    """Requests one page of a list. A page without rows has an empty list: null may be anything."""
    response = send("GET", path, params=params)
    document = response.object()
    if document.get(key) is None:
        raise unexpected_response(response.url, f"a list of {key}")
    rows = rows_under(key, document, response.url)
    link = next_link(document, key)
    if not link:
        return Page(rows, "")
    query = urlsplit(link).query
    if not query:
        raise pagination_loop()
    return Page(rows, query)


def without_version(endpoint: str) -> str:
    """Returns an endpoint without version and trailing slash."""
    return re.sub(r"/v\d[\w.]*$", "", endpoint.rstrip("/"))


# What belongs to a project in the services that we ask.
_OF_PROJECTS = {"image": "images", "compute": "servers"}


def refusal(client: ServiceClient, response: Response, subject: Subject | None) -> GlanceError:
    """Returns the error that a response stands for, with the scope of the token where that may be
    the cause of a 403.
    """
    error = http_error(response, subject)
    scope = client.identity.scope_without_project
    if response.status == 403 and scope:
        things = _OF_PROJECTS.get(client.service, "resources")
        error.with_context(
            f"{things} belong to projects: a {scope}-scoped token cannot list or change them",
            hint="Choose a project: --os-project-name or OS_PROJECT_NAME.",
        )
    return error


def renew_token(identity: Credentials, refused: str, headers: Mapping[str, str]) -> None:
    """Replaces a token after a 401 with these headers.

    Raises AuthError, with the ID of the request, when there is no better token.
    """
    try:
        identity.renew(refused)
    except AuthError as error:
        error.request_id = error.request_id or request_id(headers)
        raise


def quoted(part: str) -> str:
    """Returns one segment of a path, percent-encoded. Raises UsageError as check_part does."""
    check_part(part)
    return quote(part, safe="")


def check_part(part: str) -> None:
    """Raises UsageError for text that would change the path of a request: services and proxies
    resolve dots, and decode a quoted slash as a separator.
    """
    if not _CHANGES_PATH.isdisjoint(part.split("/")):
        raise UsageError(f"'{part}' cannot be an ID or a name: it would change the request's path")


_CHANGES_PATH = frozenset({"", ".", ".."})
