"""Which versions of the Images API a server offers."""

from __future__ import annotations

from glancecli.api.http import Http
from glancecli.errors import GlanceError


def offered(http: Http) -> frozenset[str]:
    """Major versions ("1", "2") in the version document at the endpoint's root, which answers 300.

    Raises GlanceError when what answers there is no Image service.
    """
    answer = http.request("GET", "/", expect=(200, 300))
    found = {str(v.get("id", ""))[1:2] for v in answer.object().get("versions", []) if isinstance(v, dict)}
    versions = frozenset(found & {"1", "2"})
    if not versions:
        raise GlanceError(
            f"{answer.url} offers no version of the Images API that is known", hint="Check the endpoint."
        )
    return versions
