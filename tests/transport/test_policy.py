"""Refusals (403): the policy rule, and what to do about it."""

from __future__ import annotations

import pytest

from glancecli.errors import HttpError, Subject, describe_hint
from glancecli.transport.policy import explain_refusal

IMAGE = Subject("image", "my image")


@pytest.mark.parametrize(
    ("service_message", "message", "hint"),
    [
        (
            "You are not authorized to complete the add_member action.",
            "policy forbids sharing this image (add_member)",
            "Only its owner may share it. A cloud administrator can allow it.",
        ),
        (
            "Policy doesn't allow this: disallowed by policy rule delete_image with context",
            "policy forbids deleting this image (delete_image)",
            "Only the image's project may, with the member role. A cloud administrator can allow it.",
        ),
        (
            "You are not authorized to complete cache_prune action.",
            "policy forbids managing the cache (cache_prune)",
            "A cloud administrator can allow it.",
        ),
        (
            "You are not authorized to complete unheard_of action.",
            "You are not authorized to complete unheard_of action.",
            "A cloud administrator can allow it.",
        ),
        (
            "Image x is protected and cannot be deleted.",
            "it is protected from deletion",
            "Unprotect it first: `glance image-update 'my image' --protected False`.",
        ),
        (
            "You are not authorized to complete get_metadef_objects action.",
            "policy forbids seeing metadata definitions (get_metadef_objects)",
            "A cloud administrator can allow it.",
        ),
        (
            "Metadata definition tag fast is protected and cannot be deleted.",
            "its namespace is protected from deletion",
            "Unprotect it first: `glance md-namespace-update NAMESPACE --protected False`.",
        ),
        (
            "Image metadata limit exceeded",
            "Image metadata limit exceeded",
            "A cloud administrator can raise the quota.",
        ),
        (
            "Not allowed to activate image in status 'queued'",
            "Not allowed to activate image in status 'queued'",
            "",
        ),
    ],
)
def test_a_refusal_says_what_is_forbidden_and_what_to_do(
    service_message: str, message: str, hint: str
) -> None:
    refusal = explain_refusal(service_message, IMAGE)
    error = HttpError(refusal.message, hint=refusal.hint)
    assert (error.message, describe_hint(error)) == (message, hint)


@pytest.mark.parametrize("subject", [None, Subject("project", "demo")])
def test_a_protected_image_without_a_name_has_a_place_for_it(subject: Subject | None) -> None:
    refusal = explain_refusal("Image x is protected and cannot be deleted.", subject)
    error = HttpError(refusal.message, hint=refusal.hint)
    assert "`glance image-update IMAGE --protected False`" in describe_hint(error)
