"""Errors of uploads, and what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glancecli.errors import Code, Fate, GlanceError, Hint, HttpError, Stopped, describe_failure

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images

# What to do about a refused upload, by HTTP status.
ADVICE = {
    404: "It has been deleted, or you may not write to it.",
    410: "It was deleted while its data was being sent.",
    413: "Ask for a larger quota or limit, or upload something smaller.",
    415: "The service inspected the content: it does not match the disk format, or is not safe.",
}


class WrongData(GlanceError):
    """The service stores other data than was sent."""

    code = Code.WRONG_DATA


class Unfinished(GlanceError):
    """The service has all data and still works on it: the image may become active later."""

    code = Code.TIMEOUT


def explain_refusal(error: HttpError, image_id: str, store: str = "") -> None:
    """Adds to a refused upload what to do about it; store is the one that was asked for."""
    if error.hint:
        return
    if error.status == 400 and store:
        error.hint = Hint("{} lists the stores of this cloud.", ("stores-info",))
        return
    if error.status == 409:
        error.hint = Hint(
            "Only a queued image takes data; {} shows its status.", ("image-show", image_id)
        )
        return
    error.hint = ADVICE.get(error.status, "")


def deactivate(images: Images, image_id: str, error: WrongData) -> WrongData:
    """Deactivates an image with wrong data, so that nobody boots it; returns the error, which says
    so.
    """
    upload_again = Hint(
        "Delete the image with {}, and upload the data again.", ("image-delete", image_id)
    )
    try:
        images.deactivate(image_id)
    except GlanceError as failure:
        return error.with_context(
            f"deactivating the image failed ({describe_failure(failure)})",
            image_id=image_id,
            hint=upload_again,
        )
    except KeyboardInterrupt as interrupt:
        stopped = Stopped.by(interrupt).with_context(error.headline)
        raise stopped.with_context(
            f"image {image_id} has not been deactivated", image_id=image_id, hint=upload_again
        ) from interrupt
    return error.with_context(image_id=image_id, fate=Fate.DEACTIVATED, hint=upload_again)
