"""What Images v1 cannot do, and the sentence that says so: the one table of it."""

from __future__ import annotations

from glancecli.api.errors import Unsupported

NO_TAGS = "Images v1 has no tags"
NO_STORES = "Images v1 does not show where data is stored"
NO_IMPORTS = "Images v1 has no imports; image-create --copy-from has the service copy a URL"
NO_TASKS = "Images v1 has no tasks; image-show shows the image's status"
NO_METADEFS = "Images v1 has no metadata definitions"
NO_SCHEMAS = "Images v1 has no schemas: it does not describe its models"
NO_CACHE = "Images v1 has no commands for the image cache"
NO_QUOTAS = "Images v1 has no quotas"
NO_STAGING = "Images v1 has no staging area; image-upload sends the data at once"
NO_DEACTIVATION = "Images v1 cannot deactivate images"
NO_REACTIVATION = "Images v1 can neither deactivate nor reactivate images"
NO_ACCEPTANCE = "Images v1 has no member status: a member sees a shared image at once"
NO_LOCATION_METADATA = "Images v1 stores no metadata of locations"
NO_LOCATION_REMOVAL = "Images v1 cannot remove a location; delete the image instead"

# (topic, method), or (topic, "") for every method of a topic.
UNSUPPORTED = {
    ("images", "deactivate"): NO_DEACTIVATION,
    ("images", "reactivate"): NO_REACTIVATION,
    ("images", "stage_data"): NO_STAGING,
    ("members", "set_status"): NO_ACCEPTANCE,
    ("locations", "update"): NO_LOCATION_METADATA,
    ("locations", "remove"): NO_LOCATION_REMOVAL,
    ("tags", ""): NO_TAGS,
    ("imports", ""): NO_IMPORTS,
    ("tasks", ""): NO_TASKS,
    ("stores", "usage"): NO_QUOTAS,
    ("stores", ""): NO_STORES,
    ("metadefs", ""): NO_METADEFS,
    ("schemas", ""): NO_SCHEMAS,
    ("cache", ""): NO_CACHE,
}


def unsupported(topic: str, method: str) -> Unsupported:
    """The error for a method that Images v1 does not have."""
    sentence = UNSUPPORTED.get((topic, method)) or UNSUPPORTED[topic, ""]
    return Unsupported(sentence)
