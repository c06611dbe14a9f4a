"""What a refusal (403) means: which policy rule forbids the request, and what to do.

The rules are those of Glance
(https://docs.openstack.org/glance/latest/configuration/glance_policy.html).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from glancecli.errors import Code, Hint, Subject

ADMINISTRATOR = "A cloud administrator can allow it."
UNSEEN = "it now belongs to another project and is no longer visible to yours"
NOT_VISIBLE = re.compile(r"^Forbidding request, image \S+ not visible")


class _Rule(NamedTuple):
    """What a policy rule is about, and who it is for where that is known."""

    action: str
    audience: str = ""


_OWNER = "Only the image's project may, with the member role."

# The policy rules by the names that the services report.
_RULES = {
    "publicize_image": _Rule("making an image public"),
    "communitize_image": _Rule("making an image a community image"),
    "add_image": _Rule("creating images", "The reader role is not enough."),
    "upload_image": _Rule("uploading data to this image"),
    "modify_image": _Rule("changing this image", _OWNER),
    "delete_image": _Rule("deleting this image", _OWNER),
    "download_image": _Rule("downloading this image"),
    "get_images": _Rule("listing images"),
    "get_image": _Rule("seeing this image"),
    "deactivate": _Rule("deactivating images"),
    "reactivate": _Rule("reactivating images"),
    "copy_image": _Rule("copying images between stores"),
    "add_member": _Rule("sharing this image", "Only its owner may share it."),
    "delete_member": _Rule("removing this member", "Only the image's owner may remove members."),
    "modify_member": _Rule(
        "changing the status of this member", "Only the project that is the member may change it."
    ),
    "get_image_location": _Rule("seeing locations"),
    "set_image_location": _Rule("setting locations"),
    "delete_image_location": _Rule("removing locations"),
    "manage_image_cache": _Rule("managing the cache"),
    "cache_image": _Rule("managing the cache"),
    "cache_list": _Rule("listing the cache"),
    "cache_delete": _Rule("managing the cache"),
    "cache_clean": _Rule("managing the cache"),
    "cache_prune": _Rule("managing the cache"),
    "list_cached_nodes": _Rule("listing the nodes of the cache"),
    "get_task": _Rule("seeing tasks"),
    "tasks_api_access": _Rule("using the tasks API"),
    "get_tasks": _Rule("seeing tasks"),
    "add_task": _Rule("creating tasks"),
    "stores_info_detail": _Rule("seeing the details of stores"),
}

_RULE_NAME = re.compile(
    r"authorized to complete (?:the )?(?P<glance>\w+) action"
    r"|disallowed by policy rule (?P<nova>[\w:]+)"
)


class Refusal(NamedTuple):
    """A refusal in words for people."""

    message: str
    hint: Hint | str = ""
    code: Code = Code.FORBIDDEN


class _Case(NamedTuple):
    """A refusal that no policy rule is behind, known by the service's message.

    message is what we say instead ("": the service's own words). command fills the {} of the hint;
    {name} in it stands for the image or the namespace that was refused.
    """

    pattern: str
    message: str = ""
    hint: str = ""
    command: tuple[str, ...] = ()
    code: Code = Code.FORBIDDEN


_CASES = (
    _Case(
        r"^Image\b.*\bis protected\b",
        message="it is protected from deletion",
        hint="Unprotect it first: {}.",
        command=("image-update", "{name}", "--protected", "False"),
    ),
    _Case(
        r"^Metadata definition namespace\b.*\bis protected\b",
        message="it is protected from deletion",
        hint="Unprotect it first: {}.",
        command=("md-namespace-update", "{name}", "--protected", "False"),
    ),
    _Case(
        r"^Metadata definition\b.*\bis protected\b",
        message="its namespace is protected from deletion",
        hint="Unprotect it first: {}.",
        command=("md-namespace-update", "NAMESPACE", "--protected", "False"),
    ),
    _Case(
        r"\breplaced for a queued image\b",
        hint="This cannot be changed once an image has its data: create a new image.",
    ),
    _Case(
        r"\b(?:limit|quota) exceeded\b",
        hint="A cloud administrator can raise the quota.",
        code=Code.QUOTA,
    ),
    _Case(r"activate image in status\b|\bthe only store containing it\b"),
    _Case(
        r"\bis reserved\b|\bis read-only\b|\bmay not be removed\b",
        hint="Only the service itself may change it.",
    ),
    _Case(NOT_VISIBLE.pattern, message=UNSEEN),
)


def explain_refusal(service_message: str, subject: Subject | None) -> Refusal:
    """Returns what the service's message of a 403 means."""
    by_policy = _forbidden_by_policy(service_message)
    if by_policy is not None:
        return by_policy
    for case in _CASES:
        if re.search(case.pattern, service_message, re.IGNORECASE):
            return _explain_case(case, service_message, subject)
    return Refusal(service_message, ADMINISTRATOR)


def _forbidden_by_policy(service_message: str) -> Refusal | None:
    """Returns what a policy rule forbids, None when the message names no rule that is known."""
    found = _RULE_NAME.search(service_message)
    if found is None:
        return None
    name = found["glance"] or found["nova"]
    rule = _RULES.get(name)
    if "_metadef_" in name:
        rule = _rule_of_metadefs(name)
    if rule is None:
        return None
    message = f"policy forbids {rule.action} ({name})"
    return Refusal(message, f"{rule.audience} {ADMINISTRATOR}".lstrip())


def _rule_of_metadefs(name: str) -> _Rule:
    if name.startswith(("get_", "list_")):
        return _Rule("seeing metadata definitions")
    return _Rule("changing metadata definitions")


def _explain_case(case: _Case, service_message: str, subject: Subject | None) -> Refusal:
    message = case.message or service_message
    if not case.command:
        return Refusal(message, case.hint, case.code)
    name = "IMAGE"
    if subject is not None and subject.kind in ("image", "namespace"):
        name = subject.name
    command = tuple(word.format(name=name) for word in case.command)
    return Refusal(message, Hint(case.hint, command), case.code)
