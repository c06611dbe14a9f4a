"""Requests to the Compute service in a microversion that it and the user accept."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from glancecli.api.compute.microversions import (
    BEFORE_VERSION_2,
    FIRST,
    LATEST,
    Microversion,
    MicroversionRange,
    parse_range,
    parse_wish,
)
from glancecli.errors import Code, GlanceError, HttpError

if TYPE_CHECKING:
    from glancecli.transport.client import ServiceClient
    from glancecli.transport.responses import Response

RANGE = "compute_microversions"  # the fact under which the server's range is remembered


class NotOffered(GlanceError):
    """The Compute service cannot do this, in this microversion or in this release; nothing was
    done.
    """

    code = Code.UNSUPPORTED


class ComputeClient:
    """Sends requests to the Compute service. asked is the microversion that the user asks for."""

    def __init__(self, http: ServiceClient, asked: str | None = None) -> None:
        self.http = http
        if asked in BEFORE_VERSION_2:
            http.messages.warn(f"Compute API version {asked} means version 2, as in novaclient")
            asked = None
        self.asked = parse_wish(asked)
        self._is_range_remembered = False  # whether it comes from an earlier command

    def call(
        self,
        method: str,
        path: str,
        *,
        best: Microversion = FIRST,
        last: Microversion = LATEST,
        **options: Any,
    ) -> Response:
        """Returns the response to one request below the endpoint.

        It is sent in the microversion nearest to best. last is the last one that has the resource:
        NotOffered is raised when a later one is spoken. options are those of
        ServiceClient.request.
        """
        try:
            return self._send(method, path, best, last, options)
        except HttpError as error:
            if error.status != 406 or not self._is_range_remembered:
                raise
        # The server was upgraded since its range was asked for. It has refused the request, so that
        # sending it again does nothing twice.
        self._forget_range()
        return self._send(method, path, best, last, options)

    def _send(
        self,
        method: str,
        path: str,
        best: Microversion,
        last: Microversion,
        options: dict[str, Any],
    ) -> Response:
        version = self.microversion(best)
        if version > last:
            raise NotOffered(f"the Compute service has no {path} in microversion {version}")
        headers = {}
        if version != FIRST:
            headers = {
                "OpenStack-API-Version": f"compute {version}",
                "X-OpenStack-Nova-API-Version": str(version),
            }
        return self.http.request(method, self.prefix + path, headers=headers, **options)

    def microversion(self, best: Microversion) -> Microversion:
        """Returns the microversion asked for, else the nearest to best that the server has."""
        oldest, newest = self.offered
        if self.asked is None:
            return max(oldest, min(best, newest))
        if self.asked == LATEST:
            return newest
        if not oldest <= self.asked <= newest:
            raise GlanceError(
                f"the Compute service has microversions {oldest} to {newest}, not {self.asked}",
                hint="Leave out --os-compute-api-version (OS_COMPUTE_API_VERSION).",
                code=Code.UNSUPPORTED,
            )
        return self.asked

    @cached_property
    def prefix(self) -> str:
        """The path before each resource: /v2.1, or /v2.1/PROJECT where the endpoint names the
        project.
        """
        root, prefix = split_endpoint(self.http.base)
        self.http.shorten_base(root)
        return prefix

    @cached_property
    def offered(self) -> MicroversionRange:
        """The microversions of the server, asked for once and remembered with the endpoint.

        A server that does not show them has the first alone; the next command asks it again.
        """
        remembered = parse_range(self.http.identity.fact(RANGE) or "")
        if remembered is not None:
            self._is_range_remembered = True
            return remembered
        found = self._ask_for_range()
        if found is None:
            return MicroversionRange(FIRST, FIRST)
        self.http.identity.remember(RANGE, str(found))
        return found

    def _ask_for_range(self) -> MicroversionRange | None:
        """Returns the range in the version document, None where it cannot be read."""
        path = re.sub(r"(/v\d[\w.]*)(/.*)?$", r"\1/", self.prefix)
        try:
            document = self.http.request("GET", path).object("version")
        except HttpError:
            return None
        return parse_range(f"{document.get('min_version')} {document.get('version')}")

    def _forget_range(self) -> None:
        self.http.identity.remember(RANGE, None)
        self._is_range_remembered = False
        del self.offered


def split_endpoint(endpoint: str) -> tuple[str, str]:
    """Returns an endpoint's root and the path before each resource (/v2.1 by default)."""
    found = re.fullmatch(r"(.*?)((?:/v2(?:\.\d+)?)(?:/.*)?)", endpoint)
    if found is None:
        return endpoint, "/v2.1"
    return found[1], found[2]
