"""Which files may import which: one ordered list of layers. Imports in functions count as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "glancecli"

# From the ground up. A file imports only from lower layers and from its own room.
LAYERS = (
    {
        "__init__",
        "errors",
        "masking",
        "text",
        "image",
        "changes",
        "checksums",
        "hardware",
        "private_files",
    },
    {"transport", "diskformat", "sandbox"},
    {"auth", "output"},
    {"api"},
    {"transfer"},
    {"cli"},
    {"commands", "__main__"},
)
GROUND = LAYERS[0]

# Only these rooms and files know these packages.
FOREIGN = {
    "requests": {"transport"},
    "urllib3": {"transport"},
    "keystoneauth1": {
        "auth/login.py",
        "auth/login_connection.py",
        "auth/login_errors.py",
        "auth/login_plugins.py",
        "auth/login_provider.py",
        "auth/login_session.py",
        "auth/login_words.py",
    },
    "click": {"cli", "commands"},
    "rich": {"output"},
    "yaml": {"output/formats.py", "auth/plainyaml.py", "auth/cloud_files.py"},
    "wcwidth": {"text.py"},
}

FILES = [
    path for path in sorted(PACKAGE.rglob("*.py")) if "servers" not in path.parts
]  # the sandbox's own


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def layer_of(room: str) -> int:
    return next(number for number, rooms in enumerate(LAYERS) if room in rooms)


def imported_names(path: Path, *, at_load: bool = False) -> Iterator[str]:
    """Full names of what the file imports: modules, and names out of modules."""
    tree = ast.parse(path.read_text())
    for node in tree.body if at_load else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_file(name: str) -> Path | None:
    """The file of ours that an imported name is, or is defined in."""
    parts = name.split(".")
    if parts[0] != "glancecli":
        return None
    for length in range(len(parts), 0, -1):
        base = PACKAGE.joinpath(*parts[1:length])
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.exists():
                return path
    raise AssertionError(f"{name} does not exist")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_from_lower_layers_and_its_own_room(path: Path) -> None:
    room = room_of(path)
    for name in imported_names(path):
        target = module_file(name)
        if target is None or target == PACKAGE / "__init__.py":
            continue
        other = room_of(target)
        within = other == room or {room, other} <= GROUND
        assert within or layer_of(other) < layer_of(room), f"{path} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_foreign_package_is_imported_only_by_its_rooms(path: Path) -> None:
    for name in imported_names(path):
        homes = FOREIGN.get(name.partition(".")[0])
        file = str(path.relative_to(PACKAGE))
        assert homes is None or file in homes or room_of(path) in homes, f"{path} imports {name}"


def test_imports_have_no_circles() -> None:
    graph = {
        path: {
            target
            for name in imported_names(path)
            if (target := module_file(name)) not in (None, path, PACKAGE / "__init__.py")
        }
        for path in FILES
    }
    while graph:
        free = [path for path, targets in graph.items() if not targets & graph.keys()]
        assert free, sorted(str(path.relative_to(PACKAGE)) for path in graph)
        for path in free:
            del graph[path]


def test_only_the_table_of_contents_names_commands() -> None:
    for path in FILES:
        if room_of(path) != "commands":
            assert not any(
                name.startswith("glancecli.commands.") for name in imported_names(path)
            ), path


def test_commands_never_touch_the_streams() -> None:
    for path in (PACKAGE / "commands").rglob("*.py"):
        assert "sys" not in set(imported_names(path)), path
        assert "print(" not in path.read_text(), path


# Asked where results are written (output, the console) or requests are made (api).
NOT_OF_COMMANDS = {
    "image_api_version",
    "compute_api_version",
    "format",
    "screen",
    "interactive",
    "shows_results",
    "isatty",
}


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "commands").rglob("*.py")), ids=lambda path: path.stem
)
def test_a_command_asks_for_no_version_no_format_and_no_terminal(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    read = {
        node.attr for node in nodes if isinstance(node, ast.Attribute) and id(node) not in called
    }
    assert read & NOT_OF_COMMANDS == set()
