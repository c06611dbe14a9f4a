"""The login of one user on one cloud: token, endpoints, and facts about the services.

They come from the cache if possible (then keystoneauth1 is not imported), else from one login.
"""

from __future__ import annotations

import json
import threading
import time
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glancecli.auth.access import DAY, NO_ACCESS, Access, read_access
from glancecli.auth.catalog import NoEndpoint, find_endpoint, no_endpoint, regions
from glancecli.auth.facts import Facts
from glancecli.auth.identity_key import identity_key, may_be_cached, without_one_time_codes
from glancecli.auth.settings import Service, scope_without_project
from glancecli.auth.tokens import TokenCache, cache_folder
from glancecli.errors import AuthError, GlanceError, SettingsError
from glancecli.masking import is_loopback, remember_settings, without_credentials
from glancecli.text import SILENT, Messages
from glancecli.transport.options import ClientOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from glancecli.auth.settings import Settings

_FORMAT = 2  # of the cached login; one of another format is ignored

FRESH = 60.0  # seconds after a login in which another one cannot bring a better token

_PROJECT_MARKS = ("%(project_id)s", "%(tenant_id)s", "$(project_id)s", "$(tenant_id)s")


class Identity:
    """One user on one project of one cloud. Implements transport.credentials.Credentials.

    ask_password is called with a prompt when a secret is missing. Safe to use from several threads.
    """

    def __init__(
        self,
        settings: Settings,
        messages: Messages = SILENT,
        ask_password: Callable[[str], str] | None = None,
    ) -> None:
        _check_files(settings)
        remember_settings(settings.auth)
        self.settings = settings
        self.client_options = ClientOptions(
            settings.verify,
            settings.cert,
            settings.timeout,
            settings.no_answer_hint,
            settings.tls,
        )
        self.messages = messages
        self._ask_password = ask_password
        self._lock = threading.RLock()
        self._access = NO_ACCESS
        self._facts = Facts({})
        self._refusal: AuthError | None = None
        self._logged_in_at = 0.0  # by time.monotonic; 0 for a token of the cache
        self._unencrypted: set[str] = set()  # endpoints that a warning was about
        self._cache: TokenCache | None = None
        if settings.cache and may_be_cached(settings):
            self._cache = TokenCache(identity_key(settings), cache_folder())
            self._load(self._cache)
        if settings.insecure:
            messages.warn(
                "certificates are not verified (--insecure): "
                "others on the network can read and change the data."
            )

    @property
    def login_url(self) -> str:
        """The URL of Keystone, "" for a cloud without login."""
        if self._has_no_login:
            return ""
        return self._auth_url

    @property
    def project_id(self) -> str | None:
        """The ID of the token's project, None where it is unknown or the token has none."""
        return self._access.project_id

    @property
    def scope_without_project(self) -> str:
        """The scope of the token when that is no project: "system" or "domain"; else ""."""
        return scope_without_project(self.settings.auth)

    @property
    def user_id(self) -> str | None:
        """The ID of the user, None where it is unknown."""
        return self._access.user_id

    @property
    def roles(self) -> list[str] | None:
        """The names of the user's roles on the project, None where they are unknown."""
        return self._access.roles

    def token(self, min_life: float = 0) -> str | None:
        """Returns a token that is valid for at least min_life seconds (and 30), None for a cloud
        without login.

        Where the cloud's tokens do not live that long, half of their lifetime is enough. Raises
        AuthError or ConnectionFailed when a login is needed and fails.
        """
        if self._has_no_login:
            return self.settings.auth.get("token")
        return self._valid_access(min_life).token

    def renew(self, refused: str) -> str | None:
        """Replaces the token that a service refused with 401, and returns the new one.

        Raises AuthError when there is no other token: it was given by the user, Keystone has just
        issued it, or the login fails.
        """
        if self._has_no_login:
            raise _token_refused(self.settings)
        with self._lock:
            was_fresh = self._is_fresh
            if self._cache and self._access.token == refused:
                self._load(self._cache)  # another command may have logged in meanwhile
            if self._access.token == refused:
                if was_fresh:
                    raise _fresh_token_refused(self.settings)
                self._access = NO_ACCESS
                self._save()
            return self.token()

    def endpoint(self, service: str = "image") -> str:
        """Returns the URL of a service, without a slash at its end: the URL in the settings, else
        that of the catalog.

        service is "image", "compute", "volume" or a type of the catalog. Raises AuthError when the
        catalog has no such endpoint; it lists those that exist.
        """
        settings = self.settings
        wanted = settings.services.get(service)
        if wanted is None:
            wanted = Service(region=settings.region, interfaces=settings.interfaces)
        if wanted.url:
            return self._with_project(wanted.url)
        if not self._has_no_login:
            return self._endpoint_of_catalog(service, wanted)
        if "endpoint" in settings.auth:
            return str(settings.auth["endpoint"]).rstrip("/")
        url = f"--os-{service}-url or OS_{service.upper()}_URL"
        raise NoEndpoint(
            f"The {service} endpoint is unknown.",
            hint=f"Give {url}, or log in with --os-auth-url.",
        )

    def regions(self, service: str) -> list[str]:
        """Returns the regions in which the catalog has the service, sorted.

        Raises SettingsError where there is one endpoint whatever the region: it is set, or there is
        no login.
        """
        settings = self.settings
        wanted = settings.services.get(service)
        if wanted is None:
            wanted = Service(region=settings.region, interfaces=settings.interfaces)
        if wanted.url or self._has_no_login:
            raise SettingsError(f"The {service} endpoint is given, so regions do not matter.")
        catalog = self._valid_access().catalog
        found = regions(catalog, service, wanted)
        if not found:
            raise no_endpoint(catalog, service, wanted._replace(region=""))
        return found

    def moved_endpoint(self, service: str = "image") -> str:
        """Logs in again if the endpoint comes from a cached catalog; returns the service's endpoint
        when it is another one now, else "".

        A login that fails says nothing about the endpoint.
        """
        with self._lock:
            wanted = self.settings.services.get(service)
            is_fixed = wanted is not None and bool(wanted.url)
            if is_fixed or self._has_no_login or self._logged_in_at:
                return ""
            before = self.endpoint(service)
            try:
                self._log_in()
                found = self.endpoint(service)
            except GlanceError:
                return ""
        if found == before:
            return ""
        return found

    def fact(self, key: str) -> Any:
        """Returns what was stored about these endpoints within the last day, else None."""
        return self._facts.get(self._endpoints_key, key)

    def remember(self, key: str, value: Any) -> None:
        """Stores a JSON value that a service reported about itself, for later commands too."""
        with self._lock:
            if value is not None and self.fact(key) == value:
                return
            self._facts.put(self._endpoints_key, key, value)
            self._save()

    @property
    def _has_no_login(self) -> bool:
        return self.settings.auth_type in ("none", "admin_token")

    @property
    def _is_fresh(self) -> bool:
        """Whether Keystone has issued the token so recently that a new one would be no better."""
        if not self._logged_in_at:
            return False
        return time.monotonic() - self._logged_in_at < FRESH

    @property
    def _endpoints_key(self) -> str:
        """A text that is different for other endpoints of the same user."""
        return json.dumps(sorted(self.settings.services.items()))

    def _valid_access(self, min_life: float = 0) -> Access:
        """Returns a login whose token is valid long enough; logs in when that is needed."""
        with self._lock:
            if self._access.lives_for(min_life):
                return self._access
            return self._log_in()

    def _endpoint_of_catalog(self, service: str, wanted: Service) -> str:
        with self._lock:
            was_cached = self._access is not NO_ACCESS
            access = self._valid_access()
            found = find_endpoint(access.catalog, service, wanted)
            if not found and was_cached:
                access = self._log_in()  # the service may be new in the catalog
                found = find_endpoint(access.catalog, service, wanted)
        if not found:
            error = no_endpoint(access.catalog, service, wanted)
            error.hint = self.settings.missing_hint(service) or error.hint
            raise error
        self._warn_unencrypted(service, found)
        return found.rstrip("/")

    def _warn_unencrypted(self, service: str, url: str) -> None:
        """Warns once when an https Keystone names an endpoint that the token reaches by http."""
        is_downgrade = url.startswith("http://") and self._auth_url.startswith("https://")
        if is_downgrade and not is_loopback(url) and url not in self._unencrypted:
            self._unencrypted.add(url)
            self.messages.warn(
                f"the {service} endpoint {without_credentials(url)} is not encrypted, though "
                "Keystone is: others on the network can read the token and the data."
            )

    @property
    def _auth_url(self) -> str:
        return str(self.settings.auth.get("auth_url", ""))

    def _with_project(self, url: str) -> str:
        """Returns a URL with the ID of the project in place of its mark."""
        for mark in _PROJECT_MARKS:
            if mark in url:
                self.token()
                url = url.replace(mark, self.project_id or "")
        return url

    def _log_in(self) -> Access:
        """Logs in. What Keystone has refused is never sent again: it may count wrong passwords."""
        from glancecli.auth.login import log_in

        if self._refusal:
            raise _copied(self._refusal)
        try:
            login = log_in(self.settings, self.messages, self._ask_password)
        except AuthError as error:
            self._refusal = _copied(error)
            raise
        self.settings = without_one_time_codes(self.settings, login.settings)
        self._access = login.access
        self._logged_in_at = time.monotonic()
        self._save()
        if self._cache:
            self._cache.tidy()
            self._check_saved(self._cache)
        return login.access

    def _load(self, cache: TokenCache) -> None:
        """Loads login and facts of this user from the cache."""
        saved = cache.load()
        if saved.get("format") != _FORMAT:
            saved = {}
        access = read_access(saved)
        if access.expires > time.time() + DAY:
            access = NO_ACCESS  # no login of ours
        if access.token != self._access.token:
            self._logged_in_at = 0.0
        self._access = access
        self._facts = Facts(saved.get("facts", {}))

    def _save(self) -> None:
        if not self._cache:
            return
        saved: dict[str, Any] = {"format": _FORMAT, "facts": self._facts.by_endpoints}
        if self._access is not NO_ACCESS:
            saved.update(self._access._asdict())
        self._cache.save(saved)

    def _check_saved(self, cache: TokenCache) -> None:
        if not cache.load():
            self.messages.detail(
                "the login is not cached: "
                f"{cache_folder()} is not a folder of yours, or not writable"
            )


def forget_login(settings: Settings) -> None:
    """Removes the login of these settings from the cache."""
    TokenCache(identity_key(settings), cache_folder()).remove()


def _copied(error: AuthError) -> AuthError:
    """Returns the same error once more; whoever handles one of them may add details to it."""
    again = copy(error)
    again.details = list(error.details)
    return again


def _check_files(settings: Settings) -> None:
    """Raises SettingsError for a missing certificate file, which would look like a fault of the
    server.
    """
    paths: dict[str, Any] = {"cacert": settings.verify, "cert": settings.cert}
    if isinstance(settings.cert, tuple):
        paths["cert"], paths["key"] = settings.cert
    for option, path in paths.items():
        if isinstance(path, str) and not Path(path).exists():
            hint = f"It is set by --os-{option}, OS_{option.upper()} or {option} in clouds.yaml."
            raise SettingsError(f"File {path} does not exist.", hint=hint)


def _token_refused(settings: Settings) -> AuthError:
    """Returns the error for a 401 on a cloud without login."""
    if "token" in settings.auth:
        return AuthError(
            "The service refused the given token: it has expired or was revoked.",
            hint="Get a new token, or log in with a password.",
        )
    return AuthError(
        "The service requires a login, and no credentials are given.",
        hint="Give --os-auth-url and credentials, or choose a cloud with --os-cloud.",
    )


def _fresh_token_refused(settings: Settings) -> AuthError:
    """Returns the error for a 401 for a token that Keystone has just issued."""
    hint = (
        "The service may not reach Keystone, or ask another one: a cloud administrator can see why."
    )
    if settings.auth_type == "v3applicationcredential":
        hint = (
            "The access rules of the application credential may not allow this request; else the "
            "service cannot verify tokens with Keystone."
        )
    error = AuthError("The service refused a token that Keystone has just issued.", hint=hint)
    error.status = 401
    return error
