"""Proxies: which one a request goes through, whether it can be used, and what it refuses."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import requests
import urllib3

from glancecli.errors import Code, GlanceError
from glancecli.masking import is_loopback, origin, without_credentials
from glancecli.transport.causes import causes

WEB = ("http", "https")
SOCKS = ("socks4", "socks4a", "socks5", "socks5h")
VARIABLES = "HTTPS_PROXY, HTTP_PROXY and NO_PROXY"

_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (?P<status>\d{3})\b")


class Proxy:
    """A proxy, without its user and password, and the variable that names it."""

    def __init__(self, url: str, variable: str) -> None:
        self.url = url
        self.variable = variable

    def __str__(self) -> str:
        """The proxy as messages name it: ``http://proxy:3128 (HTTPS_PROXY)``."""
        return f"{self.url} ({self.variable})"


def proxy_for(url: str) -> Proxy | None:
    """Returns the proxy that requests to this URL go through, None when they go directly."""
    if is_loopback(url):
        return None
    value = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
    if not value:
        return None
    return _described(value, url)


def check_proxy(url: str, proxies: Mapping[str, Any]) -> None:
    """Raises GlanceError when a request to this URL would go through a proxy that cannot be used:
    its variable does not name one, or the package for it is missing.
    """
    value = requests.utils.select_proxy(url, proxies)
    if not value:
        return
    scheme = _scheme(value)
    if scheme in SOCKS:
        _check_socks(_described(value, url))
    if scheme not in WEB + SOCKS or not _has_host(value):
        proxy = _described(value, url)
        raise GlanceError(
            f"{proxy.variable} does not name a proxy: '{proxy.url}'",
            hint="It should look like http://proxy.example.com:3128; unset it to use no proxy.",
            code=Code.INVALID,
        )


def _described(value: str, url: str) -> Proxy:
    """Returns the proxy for a URL by its value in the environment."""
    scheme = _scheme(url)
    for name in (f"{scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            if os.environ.get(variable) == value:
                return Proxy(without_credentials(value), variable)
    return Proxy(without_credentials(value), "the settings of the system")


def _scheme(value: str) -> str:
    scheme, mark, _ = value.partition("://")
    if not mark:
        return "http"  # as requests takes it
    return scheme.lower()


def _has_host(value: str) -> bool:
    if "://" not in value:
        value = f"http://{value}"
    try:
        return bool(urllib3.util.parse_url(value).host)
    except urllib3.exceptions.LocationParseError:
        return False


def _check_socks(proxy: Proxy) -> None:
    from importlib.util import find_spec

    if find_spec("socks") is None:
        raise GlanceError(
            f"the proxy {proxy} is a SOCKS proxy, and the package for it is not installed",
            hint="Install it: pip install 'openstack-glancecli[socks]'.",
            code=Code.UNSUPPORTED,
        )


def refusal_by_proxy(url: str, status: int, page: str) -> GlanceError | None:
    """Returns the error for a response that a proxy has sent in the name of a service, None for
    any other response.

    page describes a body that is not an OpenStack service's, "" for one that is.
    """
    proxy = proxy_for(url)
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return _wants_login(proxy)
    if status != HTTPStatus.FORBIDDEN or proxy is None or not page:
        return None
    return GlanceError(
        f"the proxy {proxy} refused the request to {origin(url)}: {page}",
        status=status,
        hint="Name the host in NO_PROXY if it can be reached without the proxy.",
    )


def proxy_failure(error: BaseException, url: str, cause: str) -> GlanceError:
    """Returns the error for a request that did not get through its proxy. cause ends a sentence."""
    from glancecli.errors import Unreachable

    proxy = proxy_for(url)
    status = _tunnel_status(error)
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return _wants_login(proxy)
    name = "the proxy"
    if proxy is not None:
        name = f"the proxy {proxy}"
    if status:
        return GlanceError(
            f"{name} refused to connect to {origin(url)}",
            status=status,
            hint="Name the host in NO_PROXY if it can be reached without the proxy.",
        )
    return Unreachable(
        f"cannot connect to {origin(url)} through {name}{cause}", hint=f"Check {VARIABLES}."
    )


def _tunnel_status(error: BaseException) -> int:
    """Returns the status by which a proxy refused to connect to a host, 0 without one.

    http.client has it in the text of an OSError only.
    """
    for cause in causes(error):
        found = _TUNNEL_REFUSED.search(str(cause))
        if isinstance(cause, OSError) and found is not None:
            return int(found["status"])
    return 0


def _wants_login(proxy: Proxy | None) -> GlanceError:
    status = HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
    if proxy is None:
        return GlanceError("a proxy between here and the service requires a login", status=status)
    return GlanceError(
        f"the proxy {proxy} requires a login",
        status=status,
        hint=f"Write user and password in front of the host in {proxy.variable}, with : and @.",
    )
