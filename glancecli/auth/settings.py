"""What is known of one cloud, typed and checked: where it is, who logs in, how to talk to it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

Config = dict[str, Any]

_SERVICES = {"image": "image", "compute": "compute", "volume": "block_storage"}


class Service(NamedTuple):
    """How one service is found: its URL when that is fixed, else what to look for in the catalog."""

    url: str = ""
    type: str = ""
    name: str = ""
    region: str = ""
    interface: str = "public"


class Settings(NamedTuple):
    """All that is known of the cloud that was chosen.

    verify is True, False, or the path of a CA bundle; cert is None, a path, or (certificate, key);
    timeout is in seconds, None when nobody set one. auth holds the options of the login by their
    names in clouds.yaml; a value that is missing is not there.
    """

    cloud: str
    source: str
    auth_type: str
    auth: Mapping[str, Any]
    services: Mapping[str, Service]
    region: str
    interface: str
    verify: bool | str
    cert: str | tuple[str, str] | None
    timeout: float | None
    identity_api_version: str
    image_api_version: str
    compute_api_version: str
    default_domain: str
    cache: bool

    @property
    def insecure(self) -> bool:
        """Whether certificates go unchecked."""
        return self.verify is False

    @property
    def way_up(self) -> str:
        """What to do when the cloud does not answer, where that is known: for our own sandbox."""
        is_sandbox = self.source.endswith("/glancecli/sandbox/clouds.yaml")
        return "`glancecli sandbox up` starts the sandbox." if is_sandbox else ""

    @property
    def image_url(self) -> str:
        """The Image service's URL when flags, variables or files fix it, else ""."""
        return self.services["image"].url

    @property
    def compute_url(self) -> str:
        """The Compute service's URL when flags, variables or files fix it, else ""."""
        return self.services["compute"].url

    @property
    def service_type(self) -> str:
        """What the catalog calls the Image service, when it has an unusual name, else ""."""
        return self.services["image"].type


def settled(config: Config, name: str, source: str, *, cache: bool) -> Settings:
    """The merged settings of a cloud, checked and typed.

    Raises UsageError for a timeout that is no number of seconds.
    """
    region = str(config.get("region_name", ""))
    auth = _with_domains(config["auth"])
    if "auth_url" in auth:
        auth["auth_url"] = str(auth["auth_url"]).replace("{region_name}", region)
    services = {name: _service(prefix, config, region) for name, prefix in _SERVICES.items()}
    fixed = services["image"].url or ("" if "auth_url" in auth else services["compute"].url)
    auth_type = _auth_type(config, fixed)
    return Settings(
        cloud=name,
        source=source,
        auth_type=auth_type,
        auth=auth,
        services=services,
        region=region,
        interface=_interface(config.get("interface", "public")),
        verify=_verify(config),
        cert=_cert(config),
        timeout=_seconds(config.get("api_timeout")),
        identity_api_version=str(config.get("identity_api_version", "")),
        image_api_version=str(config.get("image_api_version", "")),
        compute_api_version=str(config.get("compute_api_version", "")),
        default_domain=str(config.get("default_domain", "default")),
        cache=cache,
    )


def _with_domains(auth: Config) -> Config:
    """A domain given once counts for user and project; without a project it is what is logged in
    to.
    """
    if not auth.keys() & {"project_id", "project_name"}:
        return auth
    for end in ("id", "name"):
        domain = auth.pop(f"domain_{end}", None)
        if domain is not None:
            auth.setdefault(f"user_domain_{end}", domain)
            auth.setdefault(f"project_domain_{end}", domain)
    return auth


def _auth_type(config: Config, fixed_url: str) -> str:
    """The kind of login: as it is given, else what the credentials and a fixed endpoint are good
    for.
    """
    auth = config["auth"]
    named = config.get("auth_type")
    if named in ("None", "token_endpoint"):
        return "none" if named == "None" else "admin_token"
    if named:
        return str(named)
    if "token" in auth:
        return "admin_token" if fixed_url or "endpoint" in auth else "token"
    if fixed_url and "auth_url" not in auth:
        return "none"
    if auth.keys() & {"application_credential_id", "application_credential_name"}:
        return "v3applicationcredential"
    return "password"


def _service(prefix: str, config: Config, region: str) -> Service:
    """What is set for one service; the cloud's region and interface unless the service has its own."""
    url = str(config.get(f"{prefix}_endpoint_override", ""))
    return Service(
        url=url.replace("{region_name}", region).rstrip("/"),
        type=str(config.get(f"{prefix}_service_type", "")),
        name=str(config.get(f"{prefix}_service_name", "")),
        region=str(config.get(f"{prefix}_region_name", region)),
        interface=_interface(config.get(f"{prefix}_interface", config.get("interface", "public"))),
    )


def _interface(value: Any) -> str:
    """public, internal or admin, from ``internalURL`` and the like; of a list, the first."""
    text = str(value[0] if isinstance(value, list) and value else value)
    return text.removesuffix("URL")


def _verify(config: Config) -> bool | str:
    """Whether certificates are checked, and against which CA bundle (None: the usual one)."""
    verify = config.get("verify", True)
    if true(config.get("insecure", False)) or str(verify).lower() in ("false", "no", "off", "0"):
        return False
    named = config.get("cacert") or (verify if isinstance(verify, str) and os.sep in verify else "")
    return _expanded(str(named)) if named else True


def _cert(config: Config) -> str | tuple[str, str] | None:
    """The client certificate, with its key when that is in a file of its own."""
    if not config.get("cert"):
        return None
    cert = _expanded(str(config["cert"]))
    return (cert, _expanded(str(config["key"]))) if config.get("key") else cert


def true(value: Any) -> bool:
    """Whether a text stands for yes."""
    return str(value).strip().lower() in ("1", "true", "yes", "on", "t", "y")


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise UsageError(f"The timeout must be a number of seconds, not {value}.")
    return seconds or None


def _expanded(path: str) -> str:
    return str(Path(path).expanduser())
