"""Who may import whom. The imports are read from the source, those inside functions included."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "glancecli"
FOREIGN = {"click", "requests", "urllib3", "rich", "yaml", "keystoneauth1", "wcwidth"}

# Room -> rooms of ours and foreign packages that it may import. A folder stands for all in it.
MAY = {
    "__init__": set(),
    "__main__": {"start"},
    "start": {"main"},
    "errors": set(),
    "masking": set(),
    "main": {
        "",
        "commands",
        "context",
        "options",
        "errors",
        "shell",
        "clouds",
        "text",
        "handover",
        "masking",
        "click",
    },
    "shell": {"commands", "helptext", "click"},
    "helptext": {"text", "click"},
    "options": {"context", "shell", "click"},
    "context": {
        "api",
        "auth",
        "clouds",
        "flags",
        "render",
        "text",
        "progress",
        "views",
        "transfer",
        "errors",
    },
    "views": {"api", "masking", "text"},
    "session": {"errors", "requests", "urllib3"},
    "text": {"wcwidth"},
    "grid": {"text"},
    "formats": {"text", "yaml"},
    "terminal": {"grid", "text", "rich"},
    "render": {"errors", "text", "grid", "formats", "terminal"},
    "progress": {"text", "rich"},
    "settings": {"errors"},
    "vendors": {"cloudfiles", "errors"},
    "plainyaml": {"errors", "yaml"},
    "cloudfiles": {"errors", "settings", "vendors", "plainyaml", "sandbox", "yaml"},
    "clouds": {"errors", "settings", "cloudfiles", "vendors"},
    "tokens": {"errors"},
    "login": {
        "session",
        "clouds",
        "settings",
        "errors",
        "masking",
        "login_errors",
        "keystoneauth1",
        "requests",
        "urllib3",
    },
    "login_errors": {"session", "settings", "errors", "masking", "keystoneauth1", "requests"},
    "auth": {"clouds", "settings", "tokens", "login", "errors", "masking"},
    "api": {"api", "session", "errors", "masking", "requests", "urllib3", "auth"},
    "transfer": {"transfer", "errors", "api"},
    "diskformat": {"diskformat", "errors"},
    "hardware": {"errors"},
    "flags": {"errors"},
    "handover": {"errors"},
    "sandbox": {"sandbox", "errors"},
    "commands": {
        *("commands", "context", "options", "shell", "api", "transfer", "diskformat", "hardware", "errors"),
        *("render", "text", "masking", "flags", "sandbox", "tokens", "views", "click"),
    },
}


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names = [f"{module}.{a.name}" for a in node.names] if module == "glancecli" else [module]
        for name in names:
            first, *rest = name.split(".")
            if first == "glancecli":
                found.add("" if rest and rest[0] == "__version__" else (rest[0] if rest else ""))
            elif first in FOREIGN:
                found.add(first)
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_what_the_house_allows(path: Path) -> None:
    if "servers" in path.relative_to(PACKAGE).parts:
        return  # runs inside the sandbox's own virtual environment
    assert _imports(path) <= MAY[_room(path)]


def test_commands_know_neither_http_nor_terminals() -> None:
    assert not MAY["commands"] & {"requests", "urllib3", "keystoneauth1", "rich"}
    for path in (PACKAGE / "commands").glob("*.py"):
        imported = {
            a.name
            for n in ast.walk(ast.parse(path.read_text()))
            if isinstance(n, ast.Import)
            for a in n.names
        }
        assert "sys" not in imported, path.name
