"""The rules of docs/architecture.md: plain code, short files and functions, plain words."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "glancecli").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

MOST_CONDITIONALS = 15  # conditional expressions (x if c else y) in 1,000 lines of code
LONGEST_FILE = 400  # lines
LONGEST_FUNCTION = 40  # lines without the docstring

# Names that do not say what comes back or what happens.
CRYPTIC_NAMES = re.compile(
    r"_?(one|of|said|left|again|told|tell|looks|take_in|old_clothes|become|successor|limit"
    r"|Ring|Watching|GivenAway)"
)
# Words that have a plainer form in docs/architecture.md.
DIALECT = (
    r"\b[Nn]obody\b",
    r"\b(hold|holds|held) \w+ against\b",
    r"\b(take|takes|took|taken|taking) in\b",
    r"\bcomes? back whole\b",
    r"\bold clothes\b|\bv1's clothes\b",
    r"\bwhat (came|comes|became|has become) of\b",
    r"\bis out of order\b",
    r"\bround in a circle\b",
    r"\b[Ee]nd a share\b",
    r"\bwhom an image is shared\b",
    r"\bAttempts after the first\b",
    r"\b[Gg]ive up when\b",
    r"\bWhether (it|lists)\b",
    r"\bbrought no\b",
    r"\bof an unexpected shape\b",
    r"\bis right is not known\b",
    r"\bhave no right to\b",
    r"\bdoes not tell its\b",
    r"\bothers?'s? for ours\b",
    r"(?<!here )\b(is|are) no (?!longer|more|such)\w",
    r"\bThere (is|are) no \w+ that\b",
)
# A statement whose subject is "What ...", where a noun is plainer. A question may begin so.
WHAT = r"^What [^?]*$"


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def code_lines(path: Path) -> int:
    """Lines that hold code: neither blank, nor a comment, nor a docstring."""
    text = path.read_text()
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (
            tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE,
            tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
        ):  # fmt: skip
            lines.update(range(token.start[0], token.end[0] + 1))
    for docstring in docstrings(parsed(path)):
        lines.difference_update(range(docstring.lineno, (docstring.end_lineno or 0) + 1))
    return len(lines)


def docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef):
            yield node


def length(function: ast.FunctionDef) -> int:
    lines = (function.end_lineno or 0) - function.lineno + 1
    docstring = ast.get_docstring(function, clean=False) or ""
    return lines - len(docstring.splitlines())


def test_conditional_expressions_are_few() -> None:
    lines = sum(map(code_lines, FILES))
    trees = map(parsed, FILES)
    found = sum(isinstance(node, ast.IfExp) for tree in trees for node in ast.walk(tree))
    assert found <= MOST_CONDITIONALS * lines / 1000, f"{found} in {lines} lines"


def hidden_conditionals(tree: ast.AST) -> Iterator[int]:
    """Lines with a conditional expression inside a larger thought."""
    for node in ast.walk(tree):
        is_comprehension = isinstance(
            node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
        )
        is_field = isinstance(node, ast.FormattedValue)
        is_unpacked = isinstance(node, ast.Starred)
        if isinstance(node, ast.keyword):
            is_unpacked = node.arg is None
        if isinstance(node, ast.Dict):
            unpacked = [v for k, v in zip(node.keys, node.values, strict=True) if k is None]
            yield from (v.lineno for v in unpacked if holds_conditional(v))
        if (is_comprehension or is_field or is_unpacked) and holds_conditional(node):
            yield getattr(node, "lineno", 0)


def holds_conditional(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.IfExp) for inner in ast.walk(node))


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_no_conditional_expression_hides_in_an_fstring_a_comprehension_or_an_unpacking(
    path: Path,
) -> None:
    assert list(hidden_conditionals(parsed(path))) == []
    assert "**({" not in path.read_text()


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_no_choice_hides_in_an_index(path: Path) -> None:
    """``("no", "yes")[flag]`` is a conditional expression in disguise."""
    found = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Tuple | ast.List)
    ]
    assert found == []


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


def test_functions_are_short() -> None:
    long = [
        f"{relative(path)}:{function.name}"
        for path in FILES
        for function in functions(path)
        if length(function) > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_functions_and_classes_have_names_that_say_what_they_do(path: Path) -> None:
    nodes = ast.walk(parsed(path))
    names = [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert [name for name in names if CRYPTIC_NAMES.fullmatch(name)] == []


def texts(path: Path) -> Iterator[str]:
    """What users read: every text in the code, and the docstrings of commands, which are help."""
    tree = parsed(path)
    not_shown = {id(docstring) for docstring in docstrings(tree)}
    for function in functions(path):
        if any("command(" in ast.unparse(decorator) for decorator in function.decorator_list):
            not_shown -= {id(docstring) for docstring in docstrings(function)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in not_shown:
            yield str(node.value)


def dialect(text: str) -> list[str]:
    """The roundabout words of a text, with what is around them."""
    flat = re.sub(r"\s+", " ", text)
    found = [match for words in DIALECT for match in re.finditer(words, flat)]
    return [flat[max(0, match.start() - 30) : match.end() + 30] for match in found]


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_help_and_messages_are_in_plain_words(path: Path) -> None:
    found = [words for text in texts(path) for words in dialect(text)]
    found += [text for text in texts(path) if re.match(WHAT, text)]
    assert "\n".join(found) == ""


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_pages_are_in_plain_words(page: Path) -> None:
    assert "\n".join(dialect(page.read_text())) == ""


@pytest.mark.parametrize("path", TESTS, ids=relative)
def test_tests_wait_through_one_helper_and_patch_none_of_our_code(path: Path) -> None:
    text = path.read_text()
    if path.name not in ("waiting.py", "test_house.py"):
        assert "time.sleep(" not in text
        assert not re.search(r"(patch|setattr)\(\s*[\"']glancecli", text)
