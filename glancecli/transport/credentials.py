"""What the transport needs to know about a user's login on a cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from glancecli.text import Messages
    from glancecli.transport.options import ClientOptions


class Credentials(Protocol):
    """The login of one user on one cloud: how to connect, the token, and where the services are.

    Safe to use from several threads. ``auth.identity.Identity`` is the implementation.
    """

    @property
    def client_options(self) -> ClientOptions:
        """Certificates and timeout of every connection to this cloud."""

    @property
    def messages(self) -> Messages:
        """What takes lines for the user."""

    @property
    def project_id(self) -> str | None:
        """The ID of the token's project, None where it is unknown or the token has none."""

    @property
    def scope_without_project(self) -> str:
        """The scope of the token when that is no project: "system" or "domain"; else ""."""

    def token(self, min_life: float = 0) -> str | None:
        """Returns a token with at least min_life seconds left, None for a cloud without login.

        Raises AuthError or ConnectionFailed when a login is needed and fails.
        """

    def renew(self, refused: str) -> str | None:
        """Replaces the token that a service refused with 401, and returns the new one.

        Raises AuthError when there is no other token.
        """

    def endpoint(self, service: str = "image") -> str:
        """Returns the URL of a service, without a slash at its end.

        Raises AuthError when the service catalog has no such endpoint.
        """

    def moved_endpoint(self, service: str = "image") -> str:
        """Logs in again if the endpoint comes from a cached catalog; returns the service's endpoint
        when it is another one now, else "".
        """

    def fact(self, key: str) -> Any:
        """Returns what was remembered about these endpoints under key, else None."""

    def remember(self, key: str, value: Any) -> None:
        """Stores a JSON value that a service reported about itself, for later commands too."""
