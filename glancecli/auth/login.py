"""Logs in to Keystone with keystoneauth1. Imported only when the cache has no valid token.

Identity API: https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from keystoneauth1 import exceptions as ksa

from glancecli.auth.access import DAY, Access, Endpoint
from glancecli.auth.login_errors import (
    Unscoped,
    cannot_listen,
    explain,
    missing_factors,
    not_sendable,
    refused,
    unexpected,
)
from glancecli.auth.login_needs import check_address, check_scope, completed
from glancecli.auth.login_plugins import (
    discovering_plugin,
    lacking,
    make_plugin,
    unscoped_token_plugin,
    version_in,
)
from glancecli.auth.login_session import LoginSession
from glancecli.auth.login_words import FailedLogin
from glancecli.errors import SettingsError
from glancecli.text import SILENT, Messages

if TYPE_CHECKING:
    from glancecli.auth.login_needs import Ask
    from glancecli.auth.settings import Settings

_LIFE_IF_UNKNOWN = 300.0  # seconds that a token is used whose end is unknown

# keystoneauth1 also logs what it raises; without a handler Python would print it on stderr.
logging.getLogger("keystoneauth").addHandler(logging.NullHandler())

# The loggers by which plugins tell the user which address to open.
_INSTRUCTIONS = ("keystoneauth.identity.v3.oidc", "keystoneauth.identity.v3.websso")


class Login(NamedTuple):
    """The result of a login, and the settings with what the user typed."""

    access: Access
    settings: Settings


def log_in(settings: Settings, messages: Messages = SILENT, ask: Ask | None = None) -> Login:
    """Gets a new token, with one request that has the password.

    ask is called with a prompt for a missing secret, None where there is no terminal. Raises
    AuthError when something is missing or refused, ConnectionFailed when Keystone or the identity
    provider does not respond.
    """
    session = LoginSession(settings, messages.trace)
    try:
        missing = lacking(settings)
    except ksa.ClientException as error:
        raise explain(FailedLogin(error, settings)) from error
    if missing:
        settings = completed(settings, missing, ask)
    check_address(settings)
    check_scope(settings)
    with _instructions_shown(messages.instruct):
        try:
            return Login(_get_access(session, settings), settings)
        except _NeedsPasscode as error:
            settings = _with_passcode(error, settings, ask)
            return Login(_get_access(session, settings), settings)


class _NeedsPasscode(Exception):
    """Keystone's receipt: what was sent is right, and a one-time code is all that is missing."""

    def __init__(self, receipt: Any, failed: FailedLogin) -> None:
        self.receipt = receipt
        self.failed = failed


def _with_passcode(needs: _NeedsPasscode, settings: Settings, ask: Ask | None) -> Settings:
    """Returns the settings of the login with a one-time code, which the user is asked for.

    Raises AuthError where there is no terminal.
    """
    if ask is None:
        raise explain(needs.failed) from needs.receipt
    auth = {**settings.auth, "auth_methods": [*needs.receipt.methods, "totp"]}
    multifactor = settings._replace(auth_type="v3multifactor", auth=auth)
    return completed(multifactor, lacking(multifactor), ask)


def _get_access(session: LoginSession, settings: Settings) -> Access:
    try:
        return _try(session, settings)
    except ksa.Unauthorized as error:
        failure = FailedLogin(error, settings, session.last_url)
        raise refused(failure, _try_token_unscoped(session, settings)) from error
    except ksa.MissingAuthMethods as error:
        failed = FailedLogin(error, settings, session.last_url)
        if ["totp"] in missing_factors(error) and "passcode" not in settings.auth:
            raise _NeedsPasscode(error, failed) from error
        raise explain(failed) from error
    except (ksa.ClientException, ksa.AuthPluginException) as error:
        raise explain(FailedLogin(error, settings, session.last_url)) from error
    except UnicodeEncodeError as error:
        raise not_sendable(error, settings) from None
    except (
        AssertionError,
        AttributeError,
        LookupError,
        SyntaxError,
        TypeError,
        ValueError,
    ) as error:
        # keystoneauth1 accepts any JSON as a token, and lxml calls invalid XML a SyntaxError.
        raise unexpected(FailedLogin(error, settings, session.last_url)) from error
    except OSError as error:
        raise cannot_listen(error, settings) from error


def _try(session: LoginSession, settings: Settings) -> Access:
    """Gets a token with the plugin of the login."""
    plugin = make_plugin(settings)
    if not hasattr(plugin, "get_access"):
        raise SettingsError(
            f"The login type {settings.auth_type} gives no token, and the Image service needs one."
        )
    session.otp = settings.auth.get("passcode")
    try:
        return _read_access(plugin.get_access(session))
    except ksa.NotFound:
        is_guess = settings.auth_type in ("password", "token")
        if not is_guess or version_in(settings.auth["auth_url"]):
            raise
    # The path /v3 was a guess: ask Keystone for its versions.
    return _read_access(discovering_plugin(settings).get_access(session))


def _try_token_unscoped(session: LoginSession, settings: Settings) -> Unscoped:
    """Tries a token without the scope, to tell a dead token from a project without access."""
    plugin = unscoped_token_plugin(settings)
    if plugin is None:
        return Unscoped.UNKNOWN
    try:
        plugin.get_access(session)
    except ksa.Unauthorized:
        return Unscoped.REFUSED
    except ksa.ClientException:
        return Unscoped.UNKNOWN
    return Unscoped.ACCEPTED


class _Instructions(logging.Handler):
    """Shows what a plugin tells the user to do, which keystoneauth1 only logs."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno == logging.WARNING:  # an error is raised as well
            self._tell(record.getMessage())


@contextmanager
def _instructions_shown(tell: Callable[[str], None]) -> Iterator[None]:
    handler = _Instructions(tell)
    loggers = [logging.getLogger(name) for name in _INSTRUCTIONS]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def _read_access(access: Any) -> Access:
    """Returns the parts that we use of keystoneauth1's access information.

    What it says is believed for a day at most.
    """
    now = time.time()
    expires = now + _LIFE_IF_UNKNOWN
    if access.expires:
        expires = min(access.expires.timestamp(), now + DAY)
    return Access(
        token=access.auth_token,
        expires=expires,
        life=expires - now,
        user_id=access.user_id,
        project_id=access.project_id,
        roles=list(access.role_names or []),
        catalog=list(_read_catalog(access)),
    )


def _read_catalog(access: Any) -> Iterator[Endpoint]:
    if not access.has_service_catalog():
        return
    for service in access.service_catalog.normalize_catalog():
        for endpoint in service["endpoints"]:
            if endpoint.get("url"):
                yield Endpoint(
                    type=service["type"],
                    name=service.get("name") or "",
                    region=endpoint.get("region_name") or "",
                    interface=str(endpoint.get("interface") or "").removesuffix("URL"),
                    url=endpoint["url"],
                )
