"""Error responses of services become errors in plain words."""

from __future__ import annotations

import json

import pytest

from glancecli.errors import (
    Conflict,
    Forbidden,
    GlanceError,
    HttpError,
    NotFound,
    Subject,
    Unauthorized,
)
from glancecli.transport.responses import (
    Response,
    http_error,
    service_message,
)
from glancecli.transport.service_messages import text_of_markup

URL = "http://glance.test:9292/v2/images"


def response(status: int, body: str | bytes, **headers: str) -> Response:
    return Response(status, headers, body if isinstance(body, bytes) else body.encode(), URL)


def refusal(fault: str, rule: str, key: str) -> str:
    """Returns the body by which Glance refuses a value that does not match its schema."""
    schema = {"maxLength": 255} if rule == "maxLength" else {"type": "string"}
    message = (
        f"Provided object does not match schema 'image': {fault}\n\nFailed validating '{rule}' in "
        f"schema['properties']['{key}']:\n    {schema}\n\nOn instance['{key}']:\n    'value'"
    )
    return json.dumps({"message": message})


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (
            400,
            json.dumps(
                {
                    "message": "Invalid disk format 'floppy' for image.<br /><br />\n\n\n",
                    "code": "400 Bad Request",
                }
            ),
            "Invalid disk format 'floppy' for image.",
        ),
        (
            300,
            json.dumps({"versions": [{"id": "v2.18", "status": "CURRENT"}]}),
            "the path of the endpoint is wrong: the service returned its list of versions",
        ),
        (
            404,
            json.dumps(
                {
                    "message": "The resource could not be found.<br /><br />\nImage abc not found<br />"
                }
            ),
            "Image abc not found",
        ),
        (
            404,
            json.dumps({"message": "The resource could not be found."}),
            "The resource could not be found.",
        ),
        (500, json.dumps({"message": "broken"}), "broken"),
        (
            409,
            json.dumps({"conflictingRequest": {"code": 409, "message": "wrong task_state"}}),
            "wrong task_state",
        ),
        (
            400,
            json.dumps({"error": {"message": "Expecting to find domain", "code": 400}}),
            "Expecting to find domain",
        ),
        (
            503,
            "<html><head><title>503 Service Unavailable</title></head><body><h1>x</h1></body></html>",
            'a web page titled "503 Service Unavailable"',
        ),
        (
            502,
            "<html><body><h1>502 Bad Gateway</h1>nginx</body></html>",
            'a web page titled "502 Bad Gateway"',
        ),
        (
            403,
            "<html>\n <head>\n  <title>403 Forbidden</title>\n </head>\n <body>\n  <h1>403 Forbidden</h1>\n"
            "  Access was denied to this resource.<br /><br />\nIt&#x27;s not allowed to add locations if "
            "locations are invisible.\n\n </body>\n</html>",
            "It's not allowed to add locations if locations are invisible.",
        ),
        (
            404,
            "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1>"
            "The resource could not be found.<br /><br />\n</body></html>",
            "The resource could not be found.",
        ),
        (
            403,
            "<html><head><title>Blocked</title></head><body><h1>Blocked</h1>Call <b>us</b><br />at once</body></html>",
            'a web page titled "Blocked"',
        ),
        (
            502,
            "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1>nginx</body></html>",
            'a web page titled "502 Bad Gateway"',
        ),
        (
            400,
            json.dumps(
                {
                    "message": "Provided object does not match schema 'image': 'nope' is not one of ['public', "
                    "'private']\n\nFailed validating 'enum' in schema['properties']['visibility']:\n    {'enum': "
                    "['public', 'private']}\n\nOn instance['visibility']:\n    'nope'"
                }
            ),
            "visibility: 'nope' is not one of public, private",
        ),
        (
            400,
            refusal("'qcow' is not one of [None, 'ami', 'qcow2']", "enum", "disk_format"),
            "disk_format: 'qcow' is not one of ami, qcow2",
        ),
        (
            400,
            refusal("'x' does not match '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}$'", "pattern", "id"),
            "id: 'x' is not a UUID",
        ),
        (
            400,
            refusal("'x y' does not match '^[a-z]+$'", "pattern", "owner"),
            "owner: 'x y' does not have the required form",
        ),
        (
            400,
            refusal(f"'{'n' * 256}' is too long", "maxLength", "name"),
            f"name: '{'n' * 40}...' is too long (at most 255 characters)",
        ),
        (
            400,
            refusal("'true' is not of type 'boolean'", "type", "os_hidden"),
            "os_hidden: 'true' is not of type 'boolean'",
        ),
        (
            400,
            refusal("'text' is not one of ['array', None]", "enum", "properties']['a']['type"),
            "properties.a.type: 'text' is not one of array",
        ),
        (
            400,
            json.dumps(
                {
                    "message": "Provided object does not match schema 'tags': 'x' is not of type 'object'\n\n"
                    "Failed validating 'type' in schema['properties']['tags']['items']:\n    {}\n\n"
                    "On instance['tags'][0]:\n    'x'"
                }
            ),
            "tags.0: 'x' is not of type 'object'",
        ),
        (
            400,
            json.dumps(
                {
                    "message": "Provided object does not match schema 'object': Additional properties are not "
                    "allowed ('zz' was unexpected)\n\nFailed validating 'additionalProperties' in schema:\n    "
                    "{'properties': {'name': {'maxLength': 80}}}\n\nOn instance:\n    {'zz': 1}"
                }
            ),
            "Additional properties are not allowed ('zz' was unexpected)",
        ),
        (
            415,
            json.dumps(
                {
                    "message": "The request media type application/octet-stream is not supported by this server."
                    "<br /><br />\nImage failed safety checks<br /><br />"
                }
            ),
            "Image failed safety checks",
        ),
        (405, "", "Method Not Allowed"),
        (400, "Bad header: x-image-meta-color", "Bad header: x-image-meta-color"),
        (400, json.dumps(["odd"]), '["odd"]'),
        (500, b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_every_kind_of_error_body_becomes_one_line(
    status: int, body: str | bytes, message: str
) -> None:
    assert service_message(response(status, body)) == message


def test_credentials_in_a_location_are_masked_in_errors() -> None:
    body = json.dumps({"message": "cannot open swift://acc:key@h/c/o"})
    assert service_message(response(400, body)) == "cannot open swift://***@h/c/o"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Unauthorized), (403, Forbidden), (404, NotFound), (409, Conflict), (500, HttpError)],
)
def test_each_status_has_its_error_class(status: int, kind: type[GlanceError]) -> None:
    error = http_error(
        response(status, "x", **{"X-Openstack-Request-Id": "req-1"}), Subject("image", "i")
    )
    assert type(error) is kind
    assert error.request_id == "req-1"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (
            "You are not authorized to complete publicize_image action.",
            "image i: policy forbids making an image public (publicize_image) (HTTP 403). "
            "A cloud administrator can allow it.",
        ),
        (
            "Image i is protected and cannot be deleted.",
            "image i: it is protected from deletion (HTTP 403). "
            "Unprotect it first: `glance image-update i --protected False`.",
        ),
        (
            "Attribute disk_format can be only replaced for a queued image.",
            "image i: Attribute disk_format can be only replaced for a queued image (HTTP 403). "
            "This cannot be changed once an image has its data: create a new image.",
        ),
        (
            "Attribute 'os_glance_x' is reserved.",
            "image i: Attribute 'os_glance_x' is reserved (HTTP 403). Only the service itself may change it.",
        ),
        (
            "Property name may not be removed.",
            "image i: Property name may not be removed (HTTP 403). Only the service itself may change it.",
        ),
        (
            "Forbidding request, image i not visible",
            "image i: it now belongs to another project and is no longer visible to yours (HTTP 403)",
        ),
        ("No way", "image i: No way (HTTP 403). A cloud administrator can allow it."),
    ],
)
def test_a_403_names_the_policy_rule_and_what_to_do(message: str, line: str) -> None:
    assert (
        str(http_error(response(403, json.dumps({"message": message})), Subject("image", "i")))
        == line
    )


def test_a_redirect_is_reported_and_not_followed() -> None:
    error = http_error(response(302, "", Location="https://other.test/v2/images"))
    assert str(error) == (
        f"{URL} redirects to https://other.test/v2/images; tokens are not sent to another address. "
        "If that is the service, give it as the endpoint."
    )


@pytest.mark.parametrize("body", ["<html><title>Log in</title></html>", ""])
def test_a_web_page_with_status_200_is_an_error(body: str) -> None:
    with pytest.raises(GlanceError, match="is not an OpenStack service"):
        response(200, body).json()


@pytest.mark.parametrize("body", ["[]", "3", '{"images": 3}'])
def test_json_of_another_shape_is_an_error(body: str) -> None:
    with pytest.raises(GlanceError, match="unexpected response from"):
        response(200, body).object("images")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a<br />b", "a b"),
        ("1 < 2 &amp; 3 > 2", "1 < 2 & 3 > 2"),
        ("<script>x</script>y", "y"),
        ("<p>a</p>\n b", "a b"),
    ],
)
def test_markup_becomes_text(markup: str, text: str) -> None:
    assert text_of_markup(markup) == text
