"""Files read without PyYAML give the same values as with PyYAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from glancecli.auth import plainyaml

TYPICAL = """\
# where I work
---
clouds:
  prod:
    auth:
      auth_url: https://keystone.example.com:5000/v3
      username: "alice"
      password: 'p@ss: #1'
      project_id: 5f705e0c3f814fdda4a5c8b5b7e9e0ff
      user_domain_name: Default

    region_name: RegionOne
    identity_api_version: 3
    verify: false
    cacert: /etc/ssl/ca.pem
  dev:
    auth:
      auth_url: http://127.0.0.1:5000
    regions:
    - one
    - two
    interface:
"""

SCALARS = [
    "a", "A b", "true", "True", "tRue", "no", "Off", "y", "null", "~", "", "0", "7", "12", "012", "0x1f", "0b1",
    "1e5", "1.5", ".5", "1:30", "1_000", "2001-01-01", "2001-01-01 00:00:00", "-1", "+1", "-", "- a", "?", "? a",
    "'a'", "'it''s'", '"a"', '"a\\n"', '"', "'", "''", '""', "'a' b", "a # b", "a#b", "# a", "a: b", "a:", "a:b",
    "http://h:1/v3", "[a, b]", "{a: b}", "&x", "*x", "!t a", "|", ">", ">-", "%a", "@a", "`a", "a,b", "a]b", "<<",
    "=", ".inf", ".nan", "/etc/x", "~/x", "a\\b", "a 'b'", "5f705e0c3f814fdda4a5c8b5b7e9e0ff",
    "5f705e0c-3f81-4fdd-a4a5-c8b5b7e9e0ff", "00000000000000000000000000000000", "12345678901234567890123456789012",
    "1e345678901234567890123456789012", "0b000000000000000000000000000000", "\t", "a\tb", "ü", "---", "...",
    "1e34-678901234567890123456789012a", "0f", "12ab",
]  # fmt: skip
KEYS = ["a", "b_c", "d-e", "yes", "null", "1", "a b", '"q"', "<<", "- a", "?", "é", ""]
ENDS = ["\n", "\n\n", "\n# c\n", "  \n", "\r\n", "\n  # c\n"]

line = st.builds(
    lambda indent, dash, key, colon, value, end: " " * indent + dash + key + colon + value + end,
    st.sampled_from([0, 0, 2, 2, 4, 1, 3]),
    st.sampled_from(["", "", "", "", "- ", "-"]),
    st.sampled_from(["a", "b", "c_d", *KEYS]),
    st.sampled_from([": ", ": ", ":", ":  ", " : ", "", ":\n"]),
    st.sampled_from(["", "", *SCALARS]),
    st.sampled_from(["\n", "\n", "\n", *ENDS]),
)


def by_pyyaml(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        return error


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, and of the same types at every level (True is not 1)."""
    return repr(one) == repr(other)


@given(st.lists(line, max_size=8).map("".join))
def test_generated_files_are_read_as_by_pyyaml_or_left_to_it(text: str) -> None:
    ours = plainyaml.read(text)
    assert ours is None or same(ours, by_pyyaml(text))


@given(st.text(alphabet="ab:-# \n'\"\\0.&*[]{}!|>%@`~\t,?=", max_size=40))
def test_noise_is_read_as_by_pyyaml_or_left_to_it(text: str) -> None:
    ours = plainyaml.read(text)
    assert ours is None or same(ours, by_pyyaml(text))


@pytest.mark.parametrize("scalar", SCALARS)
@pytest.mark.parametrize(
    "frame", ["k: {}\n", "k:\n- {}\n", "k:\n  j: {}\nl: 1\n", "{}: v\n", "k: {}"]
)
def test_every_kind_of_value_is_read_as_by_pyyaml_or_left_to_it(scalar: str, frame: str) -> None:
    text = frame.format(scalar)
    ours = plainyaml.read(text)
    assert ours is None or same(ours, by_pyyaml(text))


def test_a_usual_clouds_yaml_needs_no_pyyaml() -> None:
    assert plainyaml.read(TYPICAL) == yaml.safe_load(TYPICAL)


def test_the_corpus_of_clouds_files_is_read_as_by_pyyaml_or_left_to_it() -> None:
    for path in Path(__file__).parent.joinpath("clouds").glob("*.yaml"):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")).values():
            for text in case.get("files", {}).values():
                ours = plainyaml.read(text)
                assert ours is None or same(ours, by_pyyaml(text))
