"""What a refusal (403) means: which policy rule forbids the request, and what to do.

The rules are those of Glance
(https://docs.openstack.org/glance/latest/configuration/glance_policy.html).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from glancecli.errors import Hint, Subject

ADMINISTRATOR = "A cloud administrator decides who may."
UNSEEN = "it is another project's now, and no longer yours to see"
NOT_VISIBLE = re.compile(r"^Forbidding request, image \S+ not visible")

# The policy's rule, as the service names it -> what it guards.
ACTIONS = {
    "publicize_image": "making an image public",
    "communitize_image": "making an image a community image",
    "add_image": "creating images (the reader role does not suffice)",
    "upload_image": "uploading data to this image",
    "modify_image": "changing this image (it is another project's, or your role only reads)",
    "delete_image": "deleting this image (it is another project's, or your role only reads)",
    "download_image": "downloading this image",
    "get_images": "listing images",
    "get_image": "seeing this image",
    "deactivate": "deactivating images",
    "reactivate": "reactivating images",
    "copy_image": "copying images between stores",
    "add_member": "sharing this image (only its owner may)",
    "delete_member": "ending this share (only the image's owner may)",
    "modify_member": "answering this offer (only the project that it is shared with may)",
    "get_image_location": "seeing where the data lies",
    "set_image_location": "setting where the data lies",
    "delete_image_location": "removing a location",
    "manage_image_cache": "managing the cache",
    "cache_image": "managing the cache",
    "cache_list": "seeing the cache",
    "cache_delete": "managing the cache",
    "get_task": "seeing tasks",
    "get_tasks": "seeing tasks",
    "add_task": "creating tasks",
    "stores_info_detail": "seeing the stores' details",
}

_RULE = re.compile(
    r"authorized to complete (?:the )?(?P<glance>\w+) action"
    r"|disallowed by policy rule (?P<nova>[\w:]+)"
)


class Refusal(NamedTuple):
    """A refusal in words for people."""

    message: str
    hint: Hint


class _Case(NamedTuple):
    """A refusal that no policy rule is behind, known by the service's message.

    message is what we say instead ("": the service's own words). command fills the {} of the hint;
    {image} in it stands for the image that was refused.
    """

    pattern: str
    message: str = ""
    hint: str = ""
    command: tuple[str, ...] = ()


_CASES = (
    _Case(
        r"^Image\b.*\bis protected\b",
        message="it is protected from deletion",
        hint="Unprotect it first: {}.",
        command=("image-update", "{image}", "--protected", "False"),
    ),
    _Case(
        r"\breplaced for a queued image\b",
        hint="Images cannot be changed once they are uploaded: create a new one.",
    ),
    _Case(r"\b(?:limit|quota) exceeded\b", hint="A cloud administrator can raise the quota."),
    _Case(r"activate image in status\b|\bthe only store containing it\b"),
    _Case(
        r"\bis reserved\b|\bis read-only\b|\bmay not be removed\b",
        hint="The service keeps it for itself.",
    ),
    _Case(NOT_VISIBLE.pattern, message=UNSEEN),
)


def explain_refusal(service_message: str, subject: Subject | None) -> Refusal:
    """Returns what the service's message of a 403 means."""
    action = _forbidden_action(service_message)
    if action:
        return Refusal(action, Hint(ADMINISTRATOR))
    for case in _CASES:
        if re.search(case.pattern, service_message, re.IGNORECASE):
            return _explain_case(case, service_message, subject)
    return Refusal(service_message, Hint(ADMINISTRATOR))


def _forbidden_action(service_message: str) -> str:
    """Returns what a policy rule forbids, "" when the message names no rule that is known."""
    found = _RULE.search(service_message)
    if found is None:
        return ""
    rule = found["glance"] or found["nova"]
    if rule not in ACTIONS:
        return ""
    return f"you have no right to {rule}: {ACTIONS[rule]}"


def _explain_case(case: _Case, service_message: str, subject: Subject | None) -> Refusal:
    message = case.message or service_message
    if not case.command:
        return Refusal(message, Hint(case.hint))
    image = "IMAGE"
    if subject is not None and subject.kind == "image":
        image = subject.name
    command = tuple(word.format(image=image) for word in case.command)
    return Refusal(message, Hint(case.hint, command))
