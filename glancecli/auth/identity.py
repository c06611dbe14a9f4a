"""Who we are for the services: token, endpoints, and what is known about them.

All of it comes from the cache where it can (then keystoneauth1 is never imported), else from one
login.
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glancecli.auth.settings import Service
from glancecli.auth.tokens import TokenCache, cache_folder
from glancecli.errors import AuthError
from glancecli.masking import host_and_port
from glancecli.transport.options import ClientOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from glancecli.auth.settings import Settings

MIN_LIFE = 30.0  # seconds that a token must have left to be worth sending
FACTS_LAST = 86400.0  # seconds that something learnt about a service is believed

_FORMAT = 1  # of the records in the cache; another number makes older records count as absent

# What a catalog may call a service, the usual name first.
_CATALOG_TYPES = {
    "image": ("image",),
    "compute": ("compute", "computev21"),
    "volume": ("block-storage", "volumev3", "block-store", "volume", "volumev2"),
}
_ONE_TIME = ("passcode", "idp_otp_key", "code")


class Identity:
    """One user on one project of one cloud.

    ask_password is called with a prompt when a password is needed and missing; warn takes one line
    for the user; detail takes those of -v, trace those of --debug. Safe to use from several
    threads.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        ask_password: Callable[[str], str] | None = None,
        warn: Callable[[str], None],
        detail: Callable[[str], None] = lambda line: None,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        _check_files(settings)
        self.settings = settings
        self.client_options = ClientOptions(
            settings.verify, settings.cert, settings.timeout, settings.no_answer_hint
        )
        self._ask_password = ask_password
        self._detail = detail
        self._trace = trace
        self._lock = threading.RLock()
        self._cache = TokenCache(_who(settings), cache_folder()) if settings.cache else None
        self._record = self._cached()
        if settings.insecure:
            warn(
                "certificates are not verified (--insecure): anybody on the way can read and change the data."
            )

    @property
    def project_id(self) -> str | None:
        """The project that the token is for; None where that is unknown or there is none."""
        return self._record.get("project_id")

    @property
    def user_id(self) -> str | None:
        """The user's ID, None where it is unknown."""
        return self._record.get("user_id")

    @property
    def roles(self) -> list[str] | None:
        """The names of the user's roles on the project, None where they are unknown."""
        return self._record.get("roles")

    def token(self, min_life: float = 0) -> str | None:
        """A token with at least min_life seconds left (30 at least), None for a cloud without
        login.

        Where the cloud's tokens do not live that long, one that has half its life left will do.
        Raises AuthError or ConnectionFailed when a login is needed and fails.
        """
        if self._has_no_login:
            return self.settings.auth.get("token")
        with self._lock:
            record = self._record
            life = min(min_life, record.get("life", 0) / 2)
            if record.get("token") and record["expires"] - time.time() > max(life, MIN_LIFE):
                return str(record["token"])
            return self._log_in()

    def renew(self, refused: str) -> str | None:
        """Another token in place of one that a service has refused with 401.

        Raises AuthError when there is no other: the token was given as such, or logging in fails.
        """
        if self._has_no_login:
            raise _token_refused(self.settings)
        with self._lock:
            if self._record.get("token") == refused and self._cache:
                self._record = self._cached()  # another command may have logged in meanwhile
            if self._record.get("token") == refused:
                self._record = {"facts": self._record.get("facts", {})}
                self._save()
            return self.token()

    def endpoint(self, service: str = "image") -> str:
        """The URL of a service ("image", "compute", "volume" or a type of the catalog), without a
        slash at its end: the one that is fixed in the settings, else the catalog's.

        Raises AuthError naming what the catalog has when it has no such endpoint.
        """
        settings = self.settings
        aim = settings.services.get(service) or Service(
            region=settings.region, interface=settings.interface
        )
        if aim.url:
            return self._filled_in(aim.url)
        if self._has_no_login:
            if "endpoint" in settings.auth:
                return str(settings.auth["endpoint"]).rstrip("/")
            hint = f"Give --os-{service}-url or OS_{service.upper()}_URL, or log in with --os-auth-url."
            raise AuthError(f"Nobody says where the {service} service is.", hint=hint)
        with self._lock:
            was_cached = "catalog" in self._record
            self.token()
            found = _pick(self._record["catalog"], service, aim)
            if not found and was_cached:
                self._log_in()
                found = _pick(self._record["catalog"], service, aim)
            if not found:
                raise _no_endpoint(self._record, service, aim, settings)
            return found.rstrip("/")

    def fact(self, key: str) -> Any:
        """What was remembered under this key for these endpoints within the last day, else None."""
        facts = self._record.get("facts", {}).get(self._place, {})
        return facts.get(key) if time.time() - facts.get("since", 0) < FACTS_LAST else None

    def remember(self, key: str, value: Any) -> None:
        """Keep something that a service told about itself (JSON values), for later commands too."""
        with self._lock:
            if self.fact(key) == value and value is not None:
                return
            facts = self._record.setdefault("facts", {}).setdefault(self._place, {})
            if time.time() - facts.get("since", 0) >= FACTS_LAST:
                facts.clear()
                facts["since"] = time.time()
            facts[key] = value
            self._save()

    @property
    def _has_no_login(self) -> bool:
        return self.settings.auth_type in ("none", "admin_token")

    @property
    def _place(self) -> str:
        """What tells endpoints of one identity apart."""
        return json.dumps(sorted(self.settings.services.items()))

    def _filled_in(self, url: str) -> str:
        """A fixed URL with the project's ID where it asks for that."""
        for mark in ("%(project_id)s", "%(tenant_id)s", "$(project_id)s", "$(tenant_id)s"):
            if mark in url:
                self.token()
                url = url.replace(mark, self.project_id or "")
        return url

    def _log_in(self) -> str:
        from glancecli.auth.login import log_in

        self._complete()
        facts = self._record.get("facts", {})
        fresh = log_in(self.settings, trace=self._trace)
        self._record = {**fresh, "facts": facts}
        self._save()
        if self._cache:
            self._cache.tidy()
            if not self._cached():
                self._detail(
                    f"the next command has to log in again: {cache_folder()} is not yours or not writable"
                )
        return str(fresh["token"])

    def _complete(self) -> None:
        """Ask for the password when that is all that is missing and somebody is there to answer."""
        auth = self.settings.auth
        user = auth.get("username") or auth.get("user_id")
        is_by_password = self.settings.auth_type in ("password", "v3password", "v2password")
        if (
            self._ask_password
            and is_by_password
            and user
            and "auth_url" in auth
            and "password" not in auth
        ):
            password = self._ask_password(
                f"Password of {user} at {host_and_port(str(auth['auth_url']))}: "
            )
            self.settings = self.settings._replace(auth={**auth, "password": password})

    def _cached(self) -> dict[str, Any]:
        """What the cache has of us, unless a release with other records put it there."""
        record = self._cache.load() if self._cache else {}
        return record if record.get("format") == _FORMAT else {}

    def _save(self) -> None:
        if self._cache:
            self._cache.save({**self._record, "format": _FORMAT})


def _check_files(settings: Settings) -> None:
    """Refuse certificate files that are not there, which would be reported as a fault of the
    server.
    """
    cert = settings.cert if isinstance(settings.cert, tuple) else (settings.cert, None)
    for flag, path in (("cacert", settings.verify), ("cert", cert[0]), ("key", cert[1])):
        if isinstance(path, str) and not Path(path).exists():
            hint = f"It is named by --os-{flag}, OS_{flag.upper()} or {flag} in clouds.yaml."
            raise AuthError(f"There is no file {path}.", hint=hint)


def _who(settings: Settings) -> str:
    """The identity as a text: where, who, for what, and with which secret; not a one-time code."""
    auth = {key: str(value) for key, value in settings.auth.items() if key not in _ONE_TIME}
    return json.dumps(
        [settings.auth_type, settings.identity_api_version, settings.default_domain, auth],
        sort_keys=True,
    )


def _pick(catalog: list[list[str]], service: str, aim: Service) -> str:
    """The first endpoint that fits, or ""; the catalog is a list of type, name, region, interface,
    URL.
    """
    for wanted in (aim.type,) if aim.type else _CATALOG_TYPES.get(service, (service,)):
        for kind, name, region, interface, url in catalog:
            fits = (kind, interface) == (wanted, aim.interface)
            if fits and aim.region in ("", region) and aim.name in ("", name):
                return url
    return ""


def _no_endpoint(
    record: dict[str, Any], service: str, aim: Service, settings: Settings
) -> AuthError:
    """The error for a service that the catalog lacks: says what there is instead."""
    catalog = record["catalog"]
    if not catalog:
        hint = "Name a project: --os-project-name, OS_PROJECT_NAME or project_name in clouds.yaml."
        return AuthError(
            "The login brought no catalog of services, as it is for no project.", hint=hint
        )
    wanted = (aim.type,) if aim.type else _CATALOG_TYPES.get(service, (service,))
    same = [entry for entry in catalog if entry[0] in wanted]
    if not same:
        return AuthError(
            f"The catalog has no {wanted[0]} service; it has {_listed(entry[0] for entry in catalog)}."
        )
    where = f" in region {aim.region}" if aim.region else ""
    there = _listed(f"{entry[3]} in {entry[2] or 'no region'}" for entry in same)
    hint = "Choose with --os-region-name and --os-interface."
    return AuthError(
        f"The {wanted[0]} service has no {aim.interface} endpoint{where}; it has {there}.",
        hint=hint,
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))


def _token_refused(settings: Settings) -> AuthError:
    if "token" in settings.auth:
        hint = "Get a new one, or log in with a password."
        return AuthError(
            "The service refused the token that was given: it has expired or was revoked.",
            hint=hint,
        )
    hint = "Give --os-auth-url and credentials, or name a cloud with --os-cloud."
    return AuthError("The service asks for a login, and none was given.", hint=hint)
