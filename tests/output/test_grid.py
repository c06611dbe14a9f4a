"""The plain grid, compared with PrettyTable."""

import io

from hypothesis import example, given, settings
from hypothesis import strategies as st
from prettytable import PrettyTable

from glancecli.output.grid import Grid
from glancecli.output.wrapping import wrap
from glancecli.text import safe_text, text_width

HEADER = ["ID", "Name", "Disk Format"]

SCRIPTS = [
    "Grüße",
    "中文镜像",
    "コンニチハ",
    "カ\u3099キ\u3099",
    "한국어",
    "\u1100\u1161\u11a8",
    "e\u0301a\u0308",
    "हिन्दी क्षेत्र",
    "ไทยภาษา กำ",
    "தமிழ்",
    "עִבְרִית",
    "العربية",
    "👩\u200d💻👨\u200d👩\u200d👧",
    "👍🏽",
    "🇩🇪🇩",
    "❤\ufe0f☎\ufe0f1\ufe0f\u20e3",
    "⌚\ufe0e",
    "🏳\ufe0f\u200d🌈",
    "\u200b\u00ad\u200e",
    "ﾊﾝｶｸｶﾅ",
    "½→…",
    "𠀀",
]

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(
    safe_text
) | st.sampled_from(SCRIPTS)
lines = st.lists(words | st.text("ab- ", max_size=6), max_size=4).map("".join)
cells = st.lists(lines, min_size=1, max_size=3).map("\n".join)
tables = st.lists(st.lists(cells, min_size=3, max_size=3), max_size=6)


def drawn(header: list[str], rows: list[list[str]]) -> str:
    grid = Grid(header)
    for row in rows:
        grid.add(row)
    out = io.StringIO()
    grid.write(out)
    return out.getvalue()


def pretty(header: list[str], rows: list[list[str]]) -> str:
    table = PrettyTable(header)
    table.align = "l"
    table.add_rows(rows)
    return table.get_string() + "\n"


@given(tables)
@example([[a, b, "x"] for a, b in zip(SCRIPTS, reversed(SCRIPTS), strict=True)])
@settings(max_examples=400, deadline=None)
def test_any_table_is_drawn_as_prettytable_draws_it(rows: list[list[str]]) -> None:
    assert drawn(HEADER, rows) == pretty(HEADER, rows)


def test_a_header_with_wide_letters_is_drawn_as_prettytable_draws_it() -> None:
    assert drawn(["中文", "é", "n"], [["1", "2", "3"]]) == pretty(
        ["中文", "é", "n"], [["1", "2", "3"]]
    )


def test_an_empty_table_has_its_header_and_three_rules() -> None:
    assert drawn(HEADER, []) == (
        "+----+------+-------------+\n| ID | Name | Disk Format |\n+----+------+-------------+\n"
        "+----+------+-------------+\n"
    )


def test_a_percent_sign_in_a_cell_is_a_percent_sign() -> None:
    assert (
        drawn(["A"], [["100%s %d"]])
        == "+----------+\n| A        |\n+----------+\n| 100%s %d |\n+----------+\n"
    )


def test_a_word_is_never_broken() -> None:
    url = "https://objects.example.org/v1/AUTH_x/images-of-2025/" + "0123456789abcdef" * 6
    assert wrap(f"see {url} and-more", 20) == f"see\n{url}\nand-more"


def test_text_that_fits_stays_as_it_is() -> None:
    assert wrap("  two  blanks  ", 15) == "  two  blanks  "


@given(words)
@example("\u0ccbaaaaaa")  # begins with a mark whose width depends on what precedes it
@settings(max_examples=300, deadline=None)
def test_no_line_is_wider_than_the_limit_unless_a_word_is(word: str) -> None:
    text = f"{word} {word} {word}"
    longest = max(20, *(text_width(part) for part in text.split(" ")))
    assert all(text_width(line) <= longest for line in wrap(text, 20).split("\n"))
