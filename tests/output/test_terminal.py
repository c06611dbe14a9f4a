"""Lists and properties on a terminal."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glancecli.commands.image_list import LONG
from glancecli.commands.shared.results import OWNER, SIX
from glancecli.output.colours import wants_colour
from glancecli.output.columns import ListColumn
from glancecli.output.render import ResultWriter
from glancecli.output.screen import Screen
from glancecli.output.terminal import natural_order
from glancecli.output.wrapping import shortened
from glancecli.text import safe_text, text_width

ID = "8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01"
IMAGE = {
    "id": ID,
    "name": "cirros",
    "disk_format": "qcow2",
    "container_format": "bare",
    "size": 13287936,
    "status": "active",
}
LONG_NAME = {**IMAGE, "name": "ubuntu-24.04-server-cloudimg-amd64", "size": 2361393152}
QUEUED = {**IMAGE, "name": None, "size": None, "status": "queued"}
THREE = [IMAGE, LONG_NAME, QUEUED]
ESC = "\x1b["


def listed(
    rows: Sequence[dict[str, Any]],
    width: int,
    own: Sequence[ListColumn] = SIX,
    *,
    colour: bool = False,
    **how: Any,
) -> list[str]:
    out = io.StringIO()
    writer = ResultWriter(out, screen=Screen(out, width, colour), **how)
    writer.write_list(iter(rows), own, shows_one="image-show")
    return out.getvalue().splitlines()


def shown(properties: dict[str, Any], width: int, *, colour: bool = False, **how: Any) -> list[str]:
    out = io.StringIO()
    ResultWriter(out, screen=Screen(out, width, colour), **how).write_properties(properties)
    return out.getvalue().splitlines()


@pytest.fixture
def with_256_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")


# Lists


def test_an_image_is_one_line_with_its_size_for_people_on_the_right() -> None:
    assert listed(THREE, 200) == [
        "ID                                    Name                                Disk Format  Container Format    Size  Status",
        f"{ID}  cirros                              qcow2        bare              12.7MB  active",
        f"{ID}  ubuntu-24.04-server-cloudimg-amd64  qcow2        bare               2.2GB  active",
        f"{ID}                                      qcow2        bare                      queued",
    ]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (
            100,
            [
                "ID                                    Name                               Disk Format    Size  Status",
                f"{ID}  cirros                             qcow2        12.7MB  active",
                f"{ID}  ubuntu-24.04-ser…r-cloudimg-amd64  qcow2         2.2GB  active",
                f"{ID}                                     qcow2                queued",
                "Not shown at 100 columns: Container Format (--wide, -c, image-show)",
            ],
        ),
        (
            80,
            [
                "ID                                    Name                          Size  Status",
                f"{ID}  cirros                      12.7MB  active",
                f"{ID}  ubuntu-24.04-…oudimg-amd64   2.2GB  active",
                f"{ID}                                      queued",
                "Not shown at 80 columns: Container Format, Disk Format (--wide, -c, image-show)",
            ],
        ),
        (
            60,
            [
                "ID                                    Name            Status",
                f"{ID}  cirros          active",
                f"{ID}  ubuntu-…-amd64  active",
                f"{ID}                  queued",
                "Not shown at 60 columns: Container Format, Disk Format, Size",
                "(--wide, -c, image-show)",
            ],
        ),
        (
            50,
            [
                "ID                                    Name",
                f"{ID}  cirros",
                f"{ID}  ubuntu…amd64",
                ID,
                "Not shown at 50 columns: Container Format, Disk",
                "Format, Size, Status (--wide, -c, image-show)",
            ],
        ),
        (
            30,
            [
                "ID",
                ID,
                ID,
                ID,
                "Not shown at 30 columns:",
                "Container Format, Disk Format,",
                "Size, Status, Name (--wide,",
                "-c, image-show)",
            ],
        ),
    ],
    ids=str,
)
def test_where_there_is_no_room_the_least_wanted_columns_are_left_out_and_named(
    width: int, lines: list[str]
) -> None:
    assert listed(THREE, width) == lines


def test_a_column_that_does_not_fit_leaves_its_room_to_the_next() -> None:
    assert listed([{**LONG_NAME, "owner": "0" * 32}], 80, (*SIX, OWNER)) == [
        "ID                                    Name                          Size  Status",
        f"{ID}  ubuntu-24.04-…loudimg-amd64  2.2GB  active",
        "Not shown at 80 columns: Container Format, Disk Format, Owner (--wide, -c,",
        "image-show)",
    ]


def test_wide_is_the_table_of_a_pipe() -> None:
    out = io.StringIO()
    ResultWriter(out).write_list(iter(THREE), SIX)
    assert listed(THREE, 80, wide=True) == out.getvalue().splitlines()


def test_picked_columns_are_all_shown_and_names_make_room_for_them() -> None:
    picked = ["id", "name", "disk_format", "size", "status"]
    assert listed(THREE, 80, columns=picked) == [
        "ID                                    Name           Disk Format    Size  Status",
        f"{ID}  cirros         qcow2        12.7MB  active",
        f"{ID}  ubuntu…-amd64  qcow2         2.2GB  active",
        f"{ID}                 qcow2                queued",
    ]


def test_where_columns_that_were_asked_for_do_not_fit_each_image_is_a_block() -> None:
    assert listed([IMAGE, QUEUED], 60, columns=["id", "name", "disk_format", "size"]) == [
        f"ID           {ID}",
        "Name         cirros",
        "Disk Format  qcow2",
        "Size         12.7MB",
        "",
        f"ID           {ID}",
        "Name",
        "Disk Format  qcow2",
        "Size",
    ]
    assert [line.split("  ")[0] for line in listed([IMAGE], 120, LONG)] == [c.title for c in LONG]


def test_one_column_is_never_broken() -> None:
    assert listed([IMAGE], 20, columns=["id"]) == ["ID", ID]


def test_an_empty_list_has_its_titles() -> None:
    assert listed([], 80) == ["ID  Name  Disk Format  Container Format  Size  Status"]


def test_texts_with_spaces_lose_their_middle_and_prose_is_wrapped_between_words() -> None:
    row = {
        "type": "vmware",
        "values": "VirtualE1000/VirtualPCNet32/vmxnet",
        "text": "not one word is cut",
    }
    own = [
        ListColumn("type", "Type"),
        ListColumn("values", "Values", prose=True, break_after="/"),
        ListColumn("text", "Text"),
    ]
    assert listed([row], 60, own) == [
        "Type    Values                           Text",
        "vmware  VirtualE1000/VirtualPCNet32/     not one word is cut",
        "        vmxnet",
    ]
    assert listed([row], 36, own) == [
        "Type    Values            Text",
        "vmware  VirtualE1000/     not o… cut",
        "        VirtualPCNet32/",
        "        vmxnet",
    ]


def test_numbers_stand_on_the_right_and_names_never_do() -> None:
    rows = [{"name": "7", "min_disk": 5, "hits": None}, {"name": "12", "min_disk": 10, "hits": 3}]
    assert listed(rows, 80, columns=["name", "min_disk", "hits"]) == [
        "Name  min_disk  hits",
        "7            5",
        "12          10     3",
    ]


def test_urls_and_paths_are_not_broken_in_lists() -> None:
    row = {"name": "glance", "url": "http://127.0.0.1:40651/v2", "log": "/home/ada/logs/glance.log"}
    own = [ListColumn("name", "Name"), ListColumn("url", "URL"), ListColumn("log", "Log")]
    for width in range(20, 100):
        text = "\n".join(listed([row], width, own))
        assert row["url"] in text
        assert row["log"] in text


def test_markup_in_a_name_is_text() -> None:
    assert (
        "[bold]x[/red] :smile: 100%s"
        in listed([{**IMAGE, "name": "[bold]x[/red] :smile: 100%s"}], 200)[1]
    )


@pytest.mark.parametrize("width", [60, 80, 100, 132, 200])
@pytest.mark.parametrize("name", ["x" * 255, "中文" * 60, "wide 中文 " * 20, "👩‍💻" * 90])
def test_a_long_name_of_any_script_leaves_the_other_columns_in_their_place(
    name: str, width: int
) -> None:
    title, plain, cut = listed([IMAGE, {**IMAGE, "name": name}], width)[:3]
    assert "…" in cut
    assert text_width(cut) <= width
    assert text_width(cut.partition("active")[0]) == plain.index("active") == title.index("Status")


names = st.text(max_size=60).map(safe_text)


@given(names, st.integers(1, 40))
@settings(deadline=None)
def test_a_shortened_text_fits_and_keeps_its_ends(text: str, width: int) -> None:
    cut = shortened(text, width)
    assert text_width(cut) <= width
    if cut != text:
        head, _, tail = cut.partition("…")
        assert text.startswith(head) or "…" in text
        assert text.endswith(tail) or "…" in text


@given(
    st.lists(st.fixed_dictionaries({"id": st.uuids().map(str), "name": names}), max_size=5),
    st.integers(36, 130),
)
@settings(deadline=None)
def test_no_line_is_wider_than_the_terminal_and_ids_are_whole(
    rows: list[dict[str, str]], width: int
) -> None:
    lines = listed(rows, width)
    assert max(map(text_width, lines)) <= width
    assert [line[:36] for line in lines[1 : len(rows) + 1]] == [row["id"] for row in rows]


# Properties


SHOWN = {
    **IMAGE,
    "owner": None,
    "visibility": "public",
    "prop_10": "ten",
    "prop_2": "two",
    "description": "long words that go on and on and on",
    "os_hash_value": "ab" * 64,
}


def test_what_people_look_for_comes_first_and_the_rest_in_natural_order() -> None:
    assert shown(SHOWN, 40) == [
        "name              cirros",
        f"id                {ID}",
        "status            active",
        "size              13287936 (12.7MB)",
        "visibility        public",
        "owner             None",
        "",
        "container_format  bare",
        "description       long words that go on",
        "                  and on and on",
        "disk_format       qcow2",
        f"os_hash_value     {'ab' * 64}",
        "prop_2            two",
        "prop_10           ten",
    ]


def test_picked_properties_keep_their_order_on_a_terminal_too() -> None:
    assert shown(SHOWN, 80, columns=["prop_10", "size", "name"]) == [
        "prop_10  ten",
        "size     13287936 (12.7MB)",
        "name     cirros",
    ]


def test_a_thing_without_the_first_properties_is_one_group() -> None:
    assert shown({"namespace": "OS::X", "description": None}, 80) == [
        "description  None",
        "namespace    OS::X",
    ]


def test_values_wrap_at_the_width_that_was_asked_for() -> None:
    text = {"text": "word " * 40}
    assert max(map(len, shown(text, 200))) == len("text  ") + 79
    assert max(map(len, shown(text, 200, max_column_width=20))) == len("text  ") + 19
    assert max(map(len, shown(text, 150, max_column_width=0))) == len("text  ") + 144


def test_a_name_that_is_too_wide_has_its_value_below() -> None:
    long = "os_glance_importing_to_stores_of_all_regions"
    assert shown({long: "some words to wrap", "b": "2"}, 20) == [
        "b  2",
        long,
        "   some words to",
        "   wrap",
    ]


# Colour


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
@pytest.mark.usefixtures("with_256_colours")
def test_of_a_row_the_status_alone_has_colour(status: str, code: str) -> None:
    row = {**IMAGE, "name": "active", "status": status}
    line = listed([row], 200, colour=True)[1]
    assert line.count(ESC) == 2
    assert line.endswith(f"{ESC}{code}m{status}{ESC}0m")


@pytest.mark.parametrize(
    ("status", "code"), [("active", "32"), ("queued", "35"), ("killed", "31"), ("deleted", "2")]
)
def test_a_terminal_with_16_colours_gets_some_that_can_be_read_on_black_and_on_white(
    status: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM", raising=False)
    line = listed([{**IMAGE, "status": status}], 200, colour=True)[1]
    assert line.endswith(f"{ESC}{code}m{status}{ESC}0m")


def test_a_terminal_that_says_so_by_colorterm_gets_more_than_16_colours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLORTERM", "truecolor")
    assert f"{ESC}38;5;28mactive" in listed([IMAGE], 200, colour=True)[1]


@pytest.mark.usefixtures("with_256_colours")
def test_titles_are_bold_and_the_columns_that_are_left_out_are_named_dimly() -> None:
    lines = listed([IMAGE, {**IMAGE, "name": "x" * 99}], 80, colour=True)
    assert lines[0].startswith(f"{ESC}1mID  ")
    assert lines[-1] == (
        f"{ESC}38;5;243mNot shown at 80 columns: Container Format, Disk Format "
        f"(--wide, -c, image-show){ESC}0m"
    )


@pytest.mark.usefixtures("with_256_colours")
def test_colours_change_no_place() -> None:
    rows = [{**IMAGE, "name": name} for name in ("a", "b" * 99, "中" * 99)]
    for width in (40, 60, 80, 120, 200):
        coloured = "\n".join(listed(rows, width, colour=True))
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == "\n".join(listed(rows, width))


@pytest.mark.usefixtures("with_256_colours")
def test_the_names_of_properties_are_bold_and_a_status_has_colour() -> None:
    assert shown({"status": "active", "key": "active"}, 80, colour=True) == [
        f"{ESC}1mstatus{ESC}0m  {ESC}38;5;28mactive{ESC}0m",
        "",
        f"{ESC}1mkey{ESC}0m     active",
    ]


@pytest.mark.usefixtures("with_256_colours")
def test_an_unknown_status_has_no_colour() -> None:
    assert ESC not in listed([{**IMAGE, "status": "novel"}], 200, colour=True)[1]


def test_without_colour_a_terminal_gets_no_escape_sequences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in "".join(listed(THREE, 80) + shown(IMAGE, 80))


COLOURED = """
import sys
from glancecli.output.columns import ListColumn
from glancecli.output.render import ResultWriter
from glancecli.output.screen import Screen
writer = ResultWriter(sys.stdout, screen=Screen(sys.stdout, 80, colour=True))
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


@pytest.mark.parametrize(
    ("environ", "isatty", "wanted"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm"}, False, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": ""}, True, False),
        ({"TERM": "unknown"}, True, False),
        ({}, True, False),
    ],
)
def test_terminals_that_support_colour_get_it_unless_no_color_is_set(
    environ: dict[str, str], isatty: bool, wanted: bool
) -> None:
    assert wants_colour(environ, isatty) is wanted


def test_a_terminal_without_unicode_gets_a_tilde_where_a_name_is_shortened() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, "latin-1")
    ResultWriter(out, screen=Screen(out, 80)).write_list(iter([LONG_NAME]), SIX)
    out.flush()
    assert "ubuntu-24.04-…loudimg-amd64".replace("…", "~") in raw.getvalue().decode("latin-1")


def test_numbers_of_any_length_are_in_natural_order() -> None:
    names = ["p" + "1" * 5000, "p010", "p9", "p" + "9" * 4999, "p", "9p"]
    assert sorted(names, key=natural_order) == [
        "9p",
        "p",
        "p9",
        "p010",
        "p" + "9" * 4999,
        "p" + "1" * 5000,
    ]
