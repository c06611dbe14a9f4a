"""Descriptions of the models (https://docs.openstack.org/api-ref/image/v2/#image-schemas)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glancecli.api import decoding
from glancecli.errors import Code, GlanceError, NotFound
from glancecli.image import KNOWN_VALUES, KNOWN_VALUES_FACT
from glancecli.text import did_you_mean
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from glancecli.api.interfaces import InfoList
    from glancecli.api.v2.client import ClientV2

METADEFS = "metadefs/"
MODELS = (
    "image",
    "images",
    "member",
    "members",
    "task",
    "tasks",
    *(
        METADEFS + name
        for name in (
            "namespace",
            "namespaces",
            "resource_type",
            "resource_types",
            "property",
            "properties",
            "object",
            "objects",
            "tag",
            "tags",
        )
    ),
)


class SchemasV2:
    """Descriptions of the models that the service has."""

    def __init__(self, client: ClientV2) -> None:
        self.client = client

    def attributes(self, model: str) -> InfoList:
        """Returns the attributes of a model: attribute, description, and its schema's other
        fields. A definition may be named without ``metadefs/``.
        """
        if METADEFS + model in MODELS:
            model = METADEFS + model
        path = "/".join(map(quoted, model.split("/")))
        try:
            response = self.client.request("GET", f"/v2/schemas/{path}")
        except NotFound as error:
            raise GlanceError(
                f"the service describes no model '{model}'{did_you_mean(model, MODELS)}",
                request_id=error.request_id,
                hint=f"Models: {', '.join(MODELS)}.",
                code=Code.NOT_FOUND,
            ) from error
        found = []
        for name, fields in response.object("properties").items():
            if isinstance(fields, dict):
                found.append({"attribute": name, "description": "", **decoding.info(fields)})
        if model == "image":
            self.client.http.identity.remember(KNOWN_VALUES_FACT, known_values(found))
        return found


def known_values(attributes: InfoList) -> dict[str, list[str]]:
    """Returns the values that the description of images lists for attributes with few values."""
    found = {}
    for row in attributes:
        values = row.get("enum")
        if row["attribute"] in KNOWN_VALUES and isinstance(values, list):
            found[row["attribute"]] = [value for value in values if isinstance(value, str)]
    return found
