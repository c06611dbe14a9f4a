"""What a refusal (403) means: which right is missing, in plain words, and who can give it.

Rights are the rules of Glance's policy
(https://docs.openstack.org/glance/latest/configuration/glance_policy.html).
"""

from __future__ import annotations

import re

ADMINISTRATOR = "A cloud administrator decides who may."
UNSEEN = "it is another project's now, and no longer yours to see"

# The policy's rule, as the service names it -> what it guards.
RIGHTS = {
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
    r"authorized to complete (?:the )?(?P<rule>\w+) action|disallowed by policy rule (?P<rule2>[\w:]+)"
)


def refused(said: str, subject: str) -> tuple[str, str]:
    """Words and hint for what a service said with a 403; subject names the image ("image X")."""
    if re.search(r"\bis protected\b", said, re.IGNORECASE):
        image = subject.removeprefix("image ") or "IMAGE"
        return said, f"Unprotect it first: glance image-update {image} --protected False."
    found = _RULE.search(said)
    rule = (found.group("rule") or found.group("rule2")) if found else ""
    if rule in RIGHTS:
        return f"you have no right to {rule}: {RIGHTS[rule]}", ADMINISTRATOR
    if re.search(r"\breplaced for a queued image\b", said):
        return said, "Images cannot be changed once they are uploaded: create a new one."
    if re.search(r"\b(?:limit|quota) exceeded\b", said, re.IGNORECASE):
        return said, "A cloud administrator can raise the quota."
    if re.search(r"activate image in status\b|\bthe only store containing it\b", said):
        return said, ""
    if re.search(r"\bis reserved\b|\bis read-only\b|\bmay not be removed\b", said, re.IGNORECASE):
        return said, "The service keeps it for itself."
    if re.search(r"^Forbidding request, image \S+ not visible", said):
        return UNSEEN, ""
    return said, ADMINISTRATOR
