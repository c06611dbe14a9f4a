"""Results in every format, piped and on a terminal."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from prettytable import PrettyTable

from glancecli.errors import UsageError
from glancecli.output.colours import wants_colour
from glancecli.output.columns import ListColumn
from glancecli.output.render import ResultWriter
from glancecli.text import safe_text, text_width

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

ESC = "\x1b["


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
        "no column 'nmae'. There are: ID, Name, Size, Status, hw_disk_bus, min_disk, owner, protected, tags"
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

    for how in ({}, {"terminal": True, "width": 200}, {"format": "csv"}):
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
    assert str(caught.value) == "no column 'nme'. There are: id, name"


def test_properties_in_each_format_for_programs() -> None:
    properties = {"name": "a,b", "id": 1, "owner": None, "tags": ["x", "y"]}
    assert shown(properties, format="value") == '1\na,b\nNone\n["x","y"]\n'
    assert shown(properties, format="csv") == 'id,name,owner,tags\n1,"a,b",,"[""x"",""y""]"\n'
    assert (
        shown(properties, format="json") == json.dumps(properties, indent=2, sort_keys=True) + "\n"
    )
    assert shown(properties, format="yaml") == "id: 1\nname: a,b\nowner: null\ntags:\n- x\n- y\n"


def test_a_line_of_text_is_one_safe_line() -> None:
    out = io.StringIO()
    ResultWriter(out).write_line("done\x1b[0m\n")
    assert out.getvalue() == "done\\x1b[0m\\n\n"


# On a terminal


def on_terminal(rows: list[dict[str, Any]], width: int, **how: Any) -> list[str]:
    return listed(rows, SIX, terminal=True, width=width, **how).splitlines()


IMAGE = {**ONE, "disk_format": "qcow2", "container_format": "bare"}
LONG_NAME = {**IMAGE, "name": "ubuntu-24.04-server-cloudimg-amd64", "size": 2361393152}


def test_a_table_that_fits_the_terminal_is_the_same_as_in_a_pipe() -> None:
    assert listed([IMAGE, LONG_NAME], SIX, terminal=True, width=200) == listed(
        [IMAGE, LONG_NAME], SIX
    )


def test_titles_break_between_words_before_anything_else() -> None:
    assert on_terminal([IMAGE, LONG_NAME], 120) == [
        "+--------------------------------------+------------------------------------+"
        "--------+-----------+------------+--------+",
        "| ID                                   | Name                               |"
        " Disk   | Container | Size       | Status |",
        "|                                      |                                    |"
        " Format | Format    |            |        |",
        "+--------------------------------------+------------------------------------+"
        "--------+-----------+------------+--------+",
        "| 8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01 | cirros                             |"
        " qcow2  | bare      | 13287936   | active |",
        "| 8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01 | ubuntu-24.04-server-cloudimg-amd64 |"
        " qcow2  | bare      | 2361393152 | active |",
        "+--------------------------------------+------------------------------------+"
        "--------+-----------+------------+--------+",
    ]


def test_short_names_have_one_line_each_on_80_columns() -> None:
    assert on_terminal([IMAGE], 80) == [
        "+------------------------------------+------+-------+----------+--------+------+",
        "|ID                                  |Name  |Disk   |Container |Size    |Status|",
        "|                                    |      |Format |Format    |        |      |",
        "+------------------------------------+------+-------+----------+--------+------+",
        "|8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01|cirros|qcow2  |bare      |13287936|active|",
        "+------------------------------------+------+-------+----------+--------+------+",
    ]


def test_a_table_too_wide_for_one_line_has_two_lines_a_row_and_a_rule_between_rows() -> None:
    assert on_terminal([IMAGE, LONG_NAME], 80) == [
        "+--------------------------------------+------------------+------------+",
        "| ID                                   | Disk Format      | Size       |",
        "| Name                                 | Container Format | Status     |",
        "+--------------------------------------+------------------+------------+",
        "| 8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01 | qcow2            | 13287936   |",
        "| cirros                               | bare             | active     |",
        "+--------------------------------------+------------------+------------+",
        "| 8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01 | qcow2            | 2361393152 |",
        "| ubuntu-24.04-server-cloudimg-amd64   | bare             | active     |",
        "+--------------------------------------+------------------+------------+",
    ]


def test_a_table_too_wide_for_two_lines_becomes_a_table_of_properties_for_each_row() -> None:
    assert on_terminal([IMAGE, {**LONG_NAME, "size": None}], 60) == [
        "+------------------+--------------------------------------+",
        "| Property         | Value                                |",
        "+------------------+--------------------------------------+",
        "| ID               | 8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01 |",
        "| Name             | cirros                               |",
        "| Disk Format      | qcow2                                |",
        "| Container Format | bare                                 |",
        "| Size             | 13287936                             |",
        "| Status           | active                               |",
        "+------------------+--------------------------------------+",
        "| ID               | 8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01 |",
        "| Name             | ubuntu-24.04-server-cloudimg-amd64   |",
        "| Disk Format      | qcow2                                |",
        "| Container Format | bare                                 |",
        "| Size             |                                      |",
        "| Status           | active                               |",
        "+------------------+--------------------------------------+",
    ]


@pytest.mark.parametrize("width", [60, 80, 100, 132, 200])
@pytest.mark.parametrize("name", ["x" * 255, "中文" * 60, "wide 中文 " * 20, "👩‍💻" * 90])
def test_a_long_name_ends_in_an_ellipsis_at_the_right_place(name: str, width: int) -> None:
    lines = on_terminal(
        [IMAGE, {**IMAGE, "name": name}, {**IMAGE, "name": name, "status": "queued"}], width
    )
    assert len({text_width(line) for line in lines}) == 1
    assert text_width(lines[0]) <= width
    cut = [line for line in lines if re.search(rf"{name[:6]}.*\.\.\. *\|", line)]
    assert len(cut) == 2
    assert len(re.split(r" *\.\.\.", cut[0])[0]) > 20


def test_a_row_shown_as_properties_has_its_titles_unchanged() -> None:
    row = {"id": ONE["id"], "100%s": "of it", "中文": ONE["id"]}
    assert listed([row], columns=list(row), terminal=True, width=52).splitlines() == [
        "+----------+--------------------------------------+",
        "| Property | Value                                |",
        "+----------+--------------------------------------+",
        "| ID       | 8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01 |",
        "| 100%s    | of it                                |",
        "| 中文     | 8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01 |",
        "+----------+--------------------------------------+",
    ]


def test_text_wraps_between_words_and_lists_wrap_after_their_marks() -> None:
    row = {
        "type": "vmware",
        "list": "VirtualE1000/VirtualPCNet32/vmxnet",
        "text": "not one word is cut anywhere",
    }
    columns = [
        ListColumn("type", "Type"),
        ListColumn("list", "Values", break_after="/"),
        ListColumn("text", "Text"),
    ]
    assert listed([row], columns, terminal=True, width=53).splitlines() == [
        "+--------+----------------------+-------------------+",
        "| Type   | Values               | Text              |",
        "+--------+----------------------+-------------------+",
        "| vmware | VirtualE1000/        | not one word is   |",
        "|        | VirtualPCNet32/      | cut anywhere      |",
        "|        | vmxnet               |                   |",
        "+--------+----------------------+-------------------+",
    ]


def test_urls_and_paths_are_not_broken_in_lists() -> None:
    row = {
        "name": "glance",
        "url": "http://127.0.0.1:40651/v2",
        "log": "/home/ada/.local/share/logs/glance.log",
    }
    columns = [ListColumn("name", "Name"), ListColumn("url", "URL"), ListColumn("log", "Log")]
    for width in range(40, 100):
        text = listed([row], columns, terminal=True, width=width)
        assert row["url"] in text
        assert row["log"] in text


def test_a_long_list_has_the_same_arrangement_without_colour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    rows = [{**LONG_NAME, "name": name} for _ in range(67) for name in ("a", "b" * 99, "中")]
    for width in (60, 80, 120, 200):
        assert ESC in "".join(on_terminal(rows[:200], width, colour=True))
        few = on_terminal(rows[:200], width)[:-1]
        assert on_terminal(rows, width, colour=True)[: len(few)] == few


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("active", "38;5;28"),
        ("ACTIVE", "38;5;28"),
        ("queued", "38;5;130"),
        ("killed", "38;5;160"),
        ("deleted", "38;5;243"),
    ],
)
def test_colour_shows_the_status_and_nothing_else(
    status: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    row = {**IMAGE, "name": "active", "status": status}
    data = on_terminal([row], 200, colour=True)[3]
    assert data.count(ESC) == 2
    assert f"{ESC}{code}m{status}" in data


@pytest.mark.parametrize(
    ("status", "code"), [("active", "32"), ("queued", "35"), ("killed", "31"), ("deleted", "2")]
)
def test_a_terminal_with_16_colours_gets_some_that_can_be_read_on_black_and_on_white(
    status: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM", raising=False)
    assert (
        f"{ESC}{code}m{status}" in on_terminal([{**IMAGE, "status": status}], 200, colour=True)[3]
    )


def test_a_terminal_that_says_so_by_colorterm_gets_more_than_16_colours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLORTERM", "truecolor")
    assert f"{ESC}38;5;28mactive" in on_terminal([IMAGE], 200, colour=True)[3]


COLOURED = """
import sys
from glancecli.output.columns import ListColumn
from glancecli.output.render import ResultWriter
writer = ResultWriter(sys.stdout, terminal=True, colour=True)
writer.write_list([{"status": "active"}], [ListColumn("status", "Status")])
writer.write_properties({"status": "active"})
print("rich" in sys.modules)
"""


def test_colours_need_no_rich() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COLOURED], capture_output=True, text=True, check=True
    )
    assert done.stdout.count(f"{ESC}38;5;28m") + done.stdout.count(f"{ESC}32m") == 2
    assert done.stdout.splitlines()[-1] == "False"


def test_an_unknown_status_has_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert ESC not in on_terminal([{**IMAGE, "status": "novel"}], 200, colour=True)[3]


def test_the_status_among_properties_has_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    text = shown({"status": "active", "name": "active"}, terminal=True, width=80, colour=True)
    assert [line for line in text.splitlines() if "38;5" in line] == [
        f"| status   | {ESC}38;5;28mactive{ESC}0m |"
    ]


def test_without_colour_a_terminal_gets_no_escape_sequences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = listed([IMAGE], SIX, terminal=True, width=80) + shown(IMAGE, terminal=True, width=80)
    assert "\x1b" not in text


def test_markup_in_a_name_is_text_on_a_terminal() -> None:
    row = {**IMAGE, "name": "[bold]x[/red] :smile:"}
    assert "[bold]x[/red] :smile:" in on_terminal([row], 200)[3]


def test_properties_wrap_at_the_edge_of_the_terminal() -> None:
    text = shown({"id": ONE["id"], "text": "word " * 40}, terminal=True, width=60)
    assert {len(line) for line in text.splitlines()} <= {59, 60}
    assert ONE["id"] in text


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


def test_a_hash_or_url_wider_than_the_terminal_crosses_its_edge_unbroken() -> None:
    url = "file:///var/lib/glance/images/8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01/and/so/on"
    assert shown(
        {"hash": "ab" * 64, "name": "x", "url": url}, terminal=True, width=80
    ).splitlines() == [
        "+----------+-------------------------------------------------------------------+",
        "| Property | Value                                                             |",
        "+----------+-------------------------------------------------------------------+",
        f"| hash     | {'ab' * 64} |",
        "| name     | x                                                                 |",
        f"| url      | {url} |",
        "+----------+-------------------------------------------------------------------+",
    ]


def test_properties_that_fit_the_terminal_are_the_same_as_in_a_pipe() -> None:
    properties = {**ONE, "hash": "ab" * 64, "text": "word " * 40, "name": "中文"}
    assert shown(properties, terminal=True, width=200) == shown(properties)


@given(
    st.lists(
        st.fixed_dictionaries({"id": st.uuids().map(str), "name": st.text(max_size=60)}), max_size=5
    ),
    st.integers(50, 130),
)
@settings(deadline=None)
def test_no_line_is_wider_than_the_terminal(rows: list[dict[str, str]], width: int) -> None:
    text = listed(rows, COLUMNS[:2], terminal=True, width=width)
    assert max(text_width(line) for line in text.splitlines()) <= width
    assert all(row["id"] in text for row in rows)


@pytest.mark.parametrize(
    ("environ", "isatty", "wanted"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm"}, False, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "unknown"}, True, False),
        ({}, True, False),
    ],
)
def test_terminals_that_support_colour_get_it_unless_no_color_is_set(
    environ: dict[str, str], isatty: bool, wanted: bool
) -> None:
    assert wants_colour(environ, isatty) is wanted


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
