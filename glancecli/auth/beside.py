"""OS_* variables beside a cloud of clouds.yaml: which of them count.

They are about that cloud when OS_AUTH_URL is unset or is its auth_url. Then they choose the scope
and adjust how to connect, and they complete what the file lacks, such as the password; the user,
the secrets and the login type of the file are never replaced. When OS_AUTH_URL is another one, the
variables are that cloud's: none of them counts, and no secret of it is sent to this one. The same
goes for a whole openrc file, with OS_AUTH_URL, of another user of this cloud.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from glancecli.auth.layers import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Variables that say how to connect and not to which cloud.
ADJUSTERS = (
    "region_name",
    "interface",
    "cacert",
    "cert",
    "key",
    "insecure",
    "tls_min_version",
    "tls_ciphers",
    "api_timeout",
    "default_domain",
    "image_api_version",
    "compute_api_version",
)

# Settings that say where a cloud is.
ADDRESSES = ("auth_url", "endpoint")
FIXED_URLS = ("image_endpoint_override", "compute_endpoint_override")

PROJECT = ("project_id", "project_name", "project_domain_id", "project_domain_name")
SCOPE = (*PROJECT, "domain_id", "domain_name", "system_scope", "trust_id")

_USER_NAMES = ("username", "user_id")
_USER_DOMAINS = ("user_domain_id", "user_domain_name")
_OF_USER = (*_USER_NAMES, *_USER_DOMAINS, "password", "passcode")
# Any of these in a file is a login of its own, which a token would replace.
_LOGINS = ("password", "token", "application_credential_id", "application_credential_name")
_OTHER_LOGINS = (*_LOGINS[1:], "application_credential_secret")


class About(Enum):
    """What the variables are about."""

    THIS_CLOUD = "this cloud"
    OTHER_CLOUD = "another cloud"
    OTHER_USER = "another user of this cloud"


class Beside:
    """What the variables say about a cloud of a file, and the keys of those that do not count."""

    def __init__(
        self,
        scope: Layer,
        completion: Layer,
        adjustments: Layer,
        ignored: tuple[str, ...],
        about: About = About.THIS_CLOUD,
    ) -> None:
        self.scope = scope
        self.completion = completion
        self.adjustments = adjustments
        self.ignored = ignored
        self.about = about


def none_beside(ignored: tuple[str, ...] = (), about: About = About.THIS_CLOUD) -> Beside:
    """Returns that no variable counts."""
    empty = Layer({}, {})
    return Beside(empty, empty, empty, ignored, about)


def beside(cloud: Layer, auth_urls: Iterable[str], variables: Layer) -> Beside:
    """Returns which variables count for a cloud whose auth_url is one of these."""
    auth_url = variables.auth.get("auth_url")
    if auth_url and _place(auth_url) not in map(_place, auth_urls):
        return none_beside(_settings(variables), About.OTHER_CLOUD)
    if auth_url and _is_other_user(cloud, variables):
        return none_beside(_settings(variables), About.OTHER_USER)
    scope = {}
    if not _is_application(cloud):
        scope = _only(variables.auth, SCOPE)
    rest = {key: value for key, value in variables.auth.items() if key not in (*SCOPE, *ADDRESSES)}
    completing = {key: value for key, value in rest.items() if _completes(key, cloud, variables)}
    chosen_type = {}
    if "auth_type" not in cloud.options and cloud.auth.keys().isdisjoint(_OTHER_LOGINS):
        chosen_type = _only(variables.options, ("auth_type",))
    adjustments = _only(variables.options, ADJUSTERS)
    used = {*scope, *completing, *chosen_type, *adjustments, "auth_url"}
    equal = {key for key in rest if cloud.auth.get(key) == rest[key]}
    equal |= {key for key, value in variables.options.items() if cloud.options.get(key) == value}
    return Beside(
        Layer(scope, {}),
        Layer(completing, chosen_type),
        Layer({}, adjustments),
        tuple(key for key in _settings(variables) if key not in used | equal),
    )


def _settings(variables: Layer) -> tuple[str, ...]:
    """Returns the keys of those variables that are settings of a cloud."""
    known = ("auth_type", *FIXED_URLS, *ADJUSTERS)
    return (*variables.auth, *_only(variables.options, known))


def _completes(key: str, cloud: Layer, variables: Layer) -> bool:
    """Whether a credential of the variables completes those of the file."""
    own = cloud.auth.keys()
    if key in own:
        return False
    if key in _OF_USER and _is_other_user(cloud, variables):
        return False
    if key in _USER_NAMES:
        return own.isdisjoint(_USER_NAMES)
    if key in _USER_DOMAINS:
        return own.isdisjoint((*_USER_DOMAINS, "domain_id", "domain_name"))
    if key in _OTHER_LOGINS:
        return own.isdisjoint(_LOGINS) or key.startswith("application_credential_secret")
    return True


def _is_application(cloud: Layer) -> bool:
    """Whether the login of a cloud is an application credential, which belongs to one project."""
    is_named = str(cloud.options.get("auth_type", "")) == "v3applicationcredential"
    return is_named or any(key.startswith("application_credential") for key in cloud.auth)


def _is_other_user(cloud: Layer, variables: Layer) -> bool:
    """Whether the variables name another user than the file."""
    for key in _USER_NAMES:
        theirs = variables.auth.get(key)
        own = cloud.auth.get(key)
        if theirs and own and theirs != own:
            return True
    return False


def _only(values: Mapping[str, object], keys: Iterable[str]) -> dict[str, object]:
    return {key: values[key] for key in keys if key in values}


def _place(auth_url: object) -> str:
    """Returns an auth URL without what may differ between two URLs of one Keystone."""
    text = str(auth_url).strip()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return text
    path = re.sub(r"/v\d[\d.]*$", "", parts.path.rstrip("/"))
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}:{port or default}{path.rstrip('/')}"
