"""Results in every format, piped and on a terminal."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from prettytable import PrettyTable

from glancecli.errors import UsageError
from glancecli.output.columns import ListColumn
from glancecli.output.render import ResultWriter
from glancecli.output.screen import Screen
from glancecli.text import safe_text

COLUMNS = [
    ListColumn("id", "ID"),
    ListColumn("name", "Name"),
    ListColumn("size", "Size", zero=""),
    ListColumn("status", "Status"),
]
SIX = [
    COLUMNS[0],
    COLUMNS[1],
    ListColumn("disk_format", "Disk Format"),
    ListColumn("container_format", "Container Format"),
    *COLUMNS[2:],
]

ONE = {
    "id": "8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01",
    "name": "cirros",
    "size": 13287936,
    "status": "active",
    "min_disk": 0,
    "protected": False,
    "owner": None,
    "tags": [],
}
TWO = {
    "id": "8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a02",
    "name": None,
    "size": 0,
    "status": "queued",
    "min_disk": 5,
    "protected": True,
    "owner": "p1",
    "tags": ["a b", "ü"],
    "hw_disk_bus": "scsi",
}


def listed(rows: list[dict[str, Any]], own: list[ListColumn] = COLUMNS, **how: Any) -> str:
    out = io.StringIO()
    ResultWriter(out, **how).write_list(iter(rows), own)
    return out.getvalue()


def shown(properties: dict[str, Any], **how: Any) -> str:
    out = io.StringIO()
    ResultWriter(out, **how).write_properties(properties)
    return out.getvalue()


# Lists


def test_a_list_is_a_plain_grid_where_null_and_a_size_of_zero_are_empty() -> None:
    assert listed([ONE, TWO]) == (
        "+--------------------------------------+--------+----------+--------+\n"
        "| ID                                   | Name   | Size     | Status |\n"
        "+--------------------------------------+--------+----------+--------+\n"
        "| 8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01 | cirros | 13287936 | active |\n"
        "| 8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a02 |        |          | queued |\n"
        "+--------------------------------------+--------+----------+--------+\n"
    )


def test_zero_is_shown_unless_its_column_says_otherwise() -> None:
    assert listed([ONE, {**TWO, "min_disk": None}], columns=["min_disk", "Size", "protected"]) == (
        "+----------+----------+-----------+\n"
        "| min_disk | Size     | protected |\n"
        "+----------+----------+-----------+\n"
        "| 0        | 13287936 | False     |\n"
        "|          |          | True      |\n"
        "+----------+----------+-----------+\n"
    )


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (
            "table",
            "+----+------+------+--------+\n| ID | Name | Size | Status |\n+----+------+------+--------+\n"
            "+----+------+------+--------+\n",
        ),
        ("json", "[]\n"),
        ("yaml", "[]\n"),
        ("csv", "ID,Name,Size,Status\n"),
        ("value", ""),
    ],
)
def test_an_empty_list_is_valid_in_every_format(form: str, text: str) -> None:
    assert listed([], format=form) == text


def test_booleans_and_lists_in_a_table_are_words_and_json() -> None:
    assert listed([ONE, TWO], columns=["tags", "protected"]) == (
        "+--------------+-----------+\n"
        "| tags         | protected |\n"
        "+--------------+-----------+\n"
        "| []           | False     |\n"
        '| ["a b", "ü"] | True      |\n'
        "+--------------+-----------+\n"
    )


def test_values_are_one_line_a_row_with_null_as_none() -> None:
    assert listed([ONE, TWO], format="value", columns=["ID", "name", "size", "tags"]) == (
        "8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01 cirros 13287936 []\n"
        '8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a02 None 0 ["a b","ü"]\n'
    )


def test_csv_quotes_only_what_needs_it_and_leaves_null_empty() -> None:
    rows = [ONE, TWO, {**ONE, "name": 'a,"b"'}]
    assert listed(rows, format="csv", columns=["Name", "size", "tags"]) == (
        'Name,Size,tags\ncirros,13287936,[]\n,0,"[""a b"",""ü""]"\n"a,""b""",13287936,[]\n'
    )


@pytest.mark.parametrize("form", ["table", "value", "csv"])
def test_a_name_cannot_act_on_a_terminal_or_add_a_line(form: str) -> None:
    evil = {**ONE, "name": "a\x1b[2J\x9b1m\r\n| forged\t\u202e[red]x[/red]"}
    text = listed([evil], format=form, columns=["name"])
    assert r"a\x1b[2J\x9b1m\r\n| forged\t\u202e[red]x[/red]" in text
    assert len(text.splitlines()) == {"table": 5, "value": 1, "csv": 2}[form]


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_documents_escape_what_could_act_on_a_terminal_and_read_back_the_same(form: str) -> None:
    evil = {"name": "a\x1b[2J\x7f\x9b1m\r\n\t\u202ex\u2028 ü中👩‍💻 \\", "n": 1}
    for text, expected in ((listed([evil], format=form), [evil]), (shown(evil, format=form), evil)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", text)
        assert (json.loads if form == "json" else yaml.safe_load)(text) == expected


def test_json_has_every_field_with_its_type_in_the_layout_of_indent_2() -> None:
    rows = [ONE, TWO, {}, {"deep": {"a": [1, {"b": None}]}, "f": 1.5}]
    assert listed(rows, format="json") == json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def test_json_without_indent_is_one_line() -> None:
    expected = json.dumps([ONE, TWO], separators=(",", ":"), ensure_ascii=False) + "\n"
    assert listed([ONE, TWO], format="json", noindent=True) == expected
    assert shown(ONE, format="json", noindent=True).count("\n") == 1


def test_json_on_an_ascii_stdout_keeps_every_character() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, "ascii", errors="replace")
    ResultWriter(out, format="json").write_list([{"name": "Grüße 中文"}], COLUMNS)
    out.flush()
    assert json.loads(raw.getvalue()) == [{"name": "Grüße 中文"}]


def test_picked_columns_are_the_only_fields_of_json() -> None:
    assert json.loads(listed([ONE, TWO], format="json", columns=["Name", "hw-disk-bus"])) == [
        {"name": "cirros", "hw_disk_bus": None},
        {"name": None, "hw_disk_bus": "scsi"},
    ]


def test_yaml_is_a_sequence_with_native_types() -> None:
    assert listed([ONE, {"name": "ü: x" * 40}], format="yaml") == (
        "- id: 8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01\n  name: cirros\n  size: 13287936\n  status: active\n"
        "  min_disk: 0\n  protected: false\n  owner: null\n  tags: []\n"
        f"- name: '{'ü: x' * 40}'\n"
    )


flat = st.none() | st.booleans() | st.integers() | st.text()
documents = st.lists(
    st.dictionaries(
        st.text(min_size=1), flat | st.lists(flat, max_size=3) | st.dictionaries(st.text(), flat)
    ),
    max_size=4,
)


@given(documents, st.booleans())
@settings(deadline=None)
def test_any_json_reads_back_the_same(rows: list[dict[str, Any]], noindent: bool) -> None:
    assert json.loads(listed(rows, format="json", noindent=noindent)) == rows


@given(documents)
@settings(deadline=None)
def test_any_json_has_the_layout_of_indent_2(rows: list[dict[str, Any]]) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, "ascii")
    ResultWriter(out, format="json").write_list(rows, COLUMNS)
    out.flush()
    expected = json.dumps(rows, indent=2) + "\n"
    assert raw.getvalue().decode() == expected.replace("\x7f", "\\u007f")


@given(st.lists(st.fixed_dictionaries({"id": st.text(), "name": st.text()}), max_size=5))
@settings(deadline=None)
def test_any_csv_reads_back_as_the_safe_text_of_each_cell(rows: list[dict[str, str]]) -> None:
    text = listed(rows, COLUMNS[:2], format="csv")
    assert list(csv.reader(io.StringIO(text)))[1:] == [
        [safe_text(r["id"]), safe_text(r["name"])] for r in rows
    ]


# Picking and sorting


@pytest.mark.parametrize("name", ["Disk Format", "disk_format", "DISK-FORMAT", "disk format"])
def test_a_column_is_found_by_title_or_key_in_any_spelling(name: str) -> None:
    row = {"id": "1", "disk_format": "qcow2"}
    assert listed([row], SIX, format="csv", columns=[name]) == "Disk Format\nqcow2\n"


def test_any_field_of_a_row_can_be_picked_and_has_the_title_that_was_typed() -> None:
    assert listed([ONE, TWO], format="csv", columns=["Hw-Disk-Bus", "name", "Owner"]) == (
        "Hw-Disk-Bus,Name,Owner\n,cirros,\nscsi,,p1\n"
    )


def test_an_unknown_column_is_a_usage_error_that_lists_the_known_ones_and_prints_nothing() -> None:
    out = io.StringIO()
    with pytest.raises(UsageError) as caught:
        ResultWriter(out, columns=["name", "nmae"]).write_list([ONE, TWO], COLUMNS)
    assert str(caught.value) == (
        "no column 'nmae'; did you mean Name? There are: ID, Name, Size, Status, hw_disk_bus, min_disk, owner, protected, tags"
    )
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("rows", "shown"),
    [([ONE, TWO], "cirros,\n,\n"), ([], ""), ([ONE], "cirros,\n")],
)
def test_a_column_that_no_row_has_can_be_null_and_reported_with_the_nearest_name(
    rows: list[dict[str, Any]], shown: str
) -> None:
    out, reported = io.StringIO(), list[tuple[str, str]]()
    output = ResultWriter(out, format="csv", columns=["name", "nmae"])
    output.write_list(rows, COLUMNS, lambda *words: reported.append(words))
    assert (out.getvalue(), reported) == (
        f"Name,nmae\n{shown}",
        [("nmae", "; did you mean Name?")],
    )


def test_an_empty_list_accepts_any_column() -> None:
    assert listed([], format="csv", columns=["visibility", "ID"]) == "visibility,ID\n"


def test_numbers_sort_by_value_text_ignores_case_and_null_is_last() -> None:
    rows = [
        {"id": i, "size": s, "name": n}
        for i, s, n in [(1, 100, "b"), (2, None, "A"), (3, 9, None), (4, 10, "C")]
    ]
    assert listed(rows, format="value", columns=["id"], sort_column="Size") == "3\n4\n1\n2\n"
    assert listed(rows, format="value", columns=["id"], sort_column="name") == "2\n1\n4\n3\n"


def test_sorting_by_an_unknown_column_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no column 'sise'"):
        listed([ONE], sort_column="sise")


@pytest.mark.parametrize("form", ["json", "yaml", "csv", "value"])
def test_the_first_row_is_written_before_the_second_is_read(form: str) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, "utf-8")
    seen: list[bytes] = []

    def rows() -> Iterator[dict[str, Any]]:
        yield ONE
        seen.append(raw.getvalue())
        yield TWO

    ResultWriter(out, format=form).write_list(rows(), COLUMNS)
    assert ONE["id"].encode() in seen[0]


def test_a_closed_pipe_raises_broken_pipe_error() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    for how in ({}, {"screen": Screen(Gone(), 200)}, {"format": "csv"}):
        with pytest.raises(BrokenPipeError):
            ResultWriter(Gone(), **how).write_list([ONE], COLUMNS)


# Properties


def test_properties_are_a_sorted_table_with_null_as_none() -> None:
    assert shown(
        {"name": "x", "id": 1, "Property 'os'": "y", "owner": None, "protected": False, "tags": []}
    ) == (
        "+---------------+-------+\n"
        "| Property      | Value |\n"
        "+---------------+-------+\n"
        "| Property 'os' | y     |\n"
        "| id            | 1     |\n"
        "| name          | x     |\n"
        "| owner         | None  |\n"
        "| protected     | False |\n"
        "| tags          | []    |\n"
        "+---------------+-------+\n"
    )


def test_a_hash_and_a_url_are_not_broken_when_values_wrap() -> None:
    url = "rbd://0a1b2c3d-fsid/images/8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01/snap" + "x" * 60
    rows = shown({"os_hash_value": "ab" * 64, "direct_url": url, "text": "word " * 30}).splitlines()
    assert f"| os_hash_value | {'ab' * 64} |" in rows
    assert f"| direct_url    | {url:128} |" in rows
    assert f"| text          | {'word ' * 16:128} |" in rows
    assert f"|               | {'word ' * 14:128} |" in rows


def pretty_record(properties: dict[str, str], limit: int) -> str:
    table = PrettyTable(["Property", "Value"], break_on_hyphens=False)
    table.align = "l"
    table.max_width = limit
    table.add_rows(list(properties.items()))
    return table.get_string(sortby="Property") + "\n"


texts = st.lists(st.text("abc-é中\u0301", max_size=9), max_size=30)


@given(
    st.dictionaries(
        st.text("kxyz_", min_size=1, max_size=8), st.tuples(texts, st.sampled_from([" ", "  "]))
    ),
    st.integers(20, 40),
)
@settings(max_examples=300, deadline=None)
def test_long_values_wrap_as_prettytable_wraps_them(
    parts: dict[str, tuple[list[str], str]], limit: int
) -> None:
    properties = {key: blank.join(words) for key, (words, blank) in parts.items()}
    assert shown(properties, max_column_width=limit) == pretty_record(properties, limit)


def test_a_column_width_of_0_never_wraps() -> None:
    assert len(shown({"text": "word " * 100}, max_column_width=0).splitlines()) == 5


def test_picked_properties_keep_their_order_and_an_unknown_one_is_a_usage_error() -> None:
    assert shown(ONE, format="value", columns=["Status", "ID"]) == f"active\n{ONE['id']}\n"
    with pytest.raises(UsageError) as caught:
        shown({"id": 1, "name": 2}, columns=["nme"])
    assert str(caught.value) == "no column 'nme'; did you mean name? There are: id, name"


def test_properties_in_each_format_for_programs() -> None:
    properties = {"name": "a,b", "id": 1, "owner": None, "tags": ["x", "y"]}
    assert shown(properties, format="value") == '1\na,b\nNone\n["x","y"]\n'
    assert shown(properties, format="csv") == 'id,name,owner,tags\n1,"a,b",,"[""x"",""y""]"\n'
    assert (
        shown(properties, format="json") == json.dumps(properties, indent=2, sort_keys=True) + "\n"
    )
    assert shown(properties, format="yaml") == "id: 1\nname: a,b\nowner: null\ntags:\n- x\n- y\n"


def test_a_missing_property_can_be_null_and_reported() -> None:
    reported: list[tuple[str, ...]] = []
    out = ResultWriter(io.StringIO(), format="json", columns=("name", "nme"), noindent=True)
    out.write_properties(
        {"id": "1", "name": "n"}, report_missing=lambda *words: reported.append(words)
    )
    assert (out.stdout.getvalue(), reported) == (
        '{"name":"n","nme":null}\n',
        [("nme", "; did you mean name?")],
    )  # type: ignore[attr-defined]


# Shell variables


def test_shell_variables_are_evaluated_to_the_values_whatever_they_hold() -> None:
    values = {
        "name": "$(touch x) `id` \"quoted\" \\ $HOME 'single' !",
        "Min-Disk": 3,
        "2nd": None,
        "tags": ["a", "b"],
    }
    out = io.StringIO()
    ResultWriter(out, format="shell", prefix="image_").write_properties(values)
    names = ("image_name", "image_min_disk", "image_2nd", "image_tags")
    shown = " ".join(f'"${name}"' for name in names)
    script = out.getvalue() + f"printf '%s\\n' {shown}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [values["name"], "3", "None", '["a","b"]']


def test_shell_variables_have_the_names_of_the_properties_where_a_shell_allows_them() -> None:
    out = io.StringIO()
    ResultWriter(out, format="shell").write_properties({"2nd": "x", "hw:cpu-x": "y", "ü": "z"})
    assert out.getvalue() == '_2nd="x"\nhw_cpu_x="y"\n_="z"\n'
