"""Images v1 has each method of the interfaces, or a reason why not. mypy checks those of v2."""

from __future__ import annotations

import inspect
from functools import cached_property

import pytest

from glancecli.api import interfaces
from glancecli.api.v1.images import ImagesV1
from glancecli.api.v1.locations import LocationsV1
from glancecli.api.v1.members import MembersV1
from glancecli.api.v1.unsupported import UNSUPPORTED, unsupported
from glancecli.api.v2.service import ServiceV2

V1: dict[str, type] = {"images": ImagesV1, "members": MembersV1, "locations": LocationsV1}
INTERFACES = {
    name: getattr(interfaces, name.capitalize())
    for name, topic in vars(ServiceV2).items()
    if isinstance(topic, cached_property)
}


def methods(interface: type) -> list[str]:
    """The names of its methods, without properties."""
    public = [name for name in vars(interface) if name[0] != "_"]
    return [name for name in public if inspect.isfunction(getattr(interface, name))]


METHODS = [
    (topic, method) for topic, interface in INTERFACES.items() for method in methods(interface)
]


@pytest.mark.parametrize(("topic", "method"), METHODS)
def test_v1_has_each_method_or_says_why_not(topic: str, method: str) -> None:
    work = getattr(V1.get(topic), method, None)
    if work is None:
        assert str(unsupported(topic, method)).startswith("Images v1 ")
    else:
        expected = inspect.signature(getattr(INTERFACES[topic], method)).parameters
        assert list(inspect.signature(work).parameters) == list(expected)


def test_the_reasons_are_for_methods_that_v1_does_not_have() -> None:
    assert {topic for topic, method in UNSUPPORTED if not method} <= {*INTERFACES}
    for topic, method in UNSUPPORTED:
        if method:
            assert (topic, method) in METHODS
            assert not hasattr(V1.get(topic), method)
