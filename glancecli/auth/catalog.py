"""Finds the endpoint of a service in the service catalog."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from glancecli.errors import AuthError, Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from glancecli.auth.access import Endpoint
    from glancecli.auth.settings import Service

# The types that a service may have in the catalog, the usual one first.
_TYPES = {
    "image": ("image",),
    "compute": ("compute", "computev21"),
    "volume": ("block-storage", "volumev3", "block-store", "volume", "volumev2"),
}


def find_endpoint(catalog: Iterable[Endpoint], service: str, wanted: Service) -> str:
    """Returns the URL of the first matching endpoint, "" when there is none.

    The first of the wanted interfaces that the catalog has counts.
    """
    matching = [endpoint for endpoint in catalog if _matches(endpoint, wanted)]
    for interface, type_ in product(wanted.interfaces, _types(service, wanted)):
        for endpoint in matching:
            if (endpoint.interface, endpoint.type) == (interface, type_):
                return endpoint.url
    return ""


class NoEndpoint(AuthError):
    """The endpoint of a service is unknown."""


class NoService(NoEndpoint):
    """The catalog does not have the service, in this region."""


def regions(catalog: Iterable[Endpoint], service: str, wanted: Service) -> list[str]:
    """Returns the regions that have an endpoint of the service, sorted."""
    types = _types(service, wanted)
    anywhere = wanted._replace(region="")
    return sorted(
        {
            endpoint.region
            for endpoint in catalog
            if endpoint.type in types
            and endpoint.interface in wanted.interfaces
            and endpoint.region
            and _matches(endpoint, anywhere)
        }
    )


def no_endpoint(catalog: Sequence[Endpoint], service: str, wanted: Service) -> AuthError:
    """Returns the error for a missing endpoint, which lists those that exist."""
    if not catalog:
        return AuthError(
            "The token is unscoped, so it has no service catalog.",
            hint="Set a project: --os-project-name, OS_PROJECT_NAME "
            "or project_name in clouds.yaml.",
        )
    types = _types(service, wanted)
    same_type = [endpoint for endpoint in catalog if endpoint.type in types]
    if not same_type:
        known = _listed(endpoint.type for endpoint in catalog)
        return NoService(
            f"The catalog has no {types[0]} service; it has {known}.", code=Code.UNSUPPORTED
        )
    place, kind = "", NoEndpoint
    if wanted.region:
        place = f" in region {wanted.region}"
        if {wanted.region, ""}.isdisjoint(endpoint.region for endpoint in same_type):
            kind = NoService
    interfaces = " or ".join(wanted.interfaces)
    known = _listed(f"{e.interface} in {e.region or 'no region'}" for e in same_type)
    return kind(
        f"The {types[0]} service has no {interfaces} endpoint{place}; it has {known}.",
        hint="Choose with --os-region-name and --os-interface.",
        code=Code.UNSUPPORTED,
    )


def _types(service: str, wanted: Service) -> tuple[str, ...]:
    """Returns the types that the service may have in the catalog, best first."""
    if wanted.type:
        return (wanted.type,)
    return _TYPES.get(service, (service,))


def _matches(endpoint: Endpoint, wanted: Service) -> bool:
    """Whether region and name match; "" matches any."""
    return wanted.region in ("", endpoint.region) and wanted.name in ("", endpoint.name)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
