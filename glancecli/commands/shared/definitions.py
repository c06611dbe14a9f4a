"""Parts of the commands for metadata definitions: arguments, changes, and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glancecli.api.interfaces import Definition, Kind
from glancecli.cli.app import App
from glancecli.cli.options import ShowOptions
from glancecli.cli.parameters import argument
from glancecli.output.columns import ListColumn

NAMESPACE = "OS::Compute::Example"  # the namespace of examples

# Fields of a definition that hold other definitions, of which a table shows the names.
NESTED = ("properties", "objects", "tags", "resource_type_associations")

namespace_argument = argument("namespace", metavar="NAMESPACE", help="Name of the namespace.")


def columns(keys: Sequence[str]) -> list[ListColumn]:
    """Returns columns whose titles are their keys."""
    return [ListColumn(key, key) for key in keys]


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values that were given."""
    return {key: value for key, value in values.items() if value is not None}


def update(
    app: App, kind: Kind, item: str, changes: Definition, namespace: str, show: ShowOptions
) -> None:
    """Changes a definition and writes it. Without a change it is only written."""
    if changes:
        write_changed(app, app.metadefs.update(kind, item, changes, namespace), show)
    else:
        found = app.metadefs.get(kind, item, namespace)
        app.console.note(f"nothing to change: {kind.value} {item} is as before")
        write(app, found, show)


def write(app: App, definition: Definition, show: ShowOptions) -> None:
    """Writes one definition: tables have the names of the definitions in it, JSON the whole."""
    app.console.out(show).write_properties(_rows(definition), native=definition)


def write_changed(app: App, definition: Definition, show: ShowOptions) -> None:
    """Writes a definition that has been made or changed.

    A wrong -c is only a warning then: it must not make what is done look like a failure.
    """

    def warn(name: str, suggestion: str) -> None:
        app.console.warn(f"no definition has the column {name}{suggestion}")

    out = app.console.out(show)
    out.write_properties(_rows(definition), native=definition, report_missing=warn)


def _rows(definition: Definition) -> Definition:
    rows = {key: value for key, value in definition.items() if key != "self"}
    for key in NESTED:
        if key in rows:
            rows[key] = _names(rows[key])
    return rows


def _names(definitions: Any) -> list[str]:
    if isinstance(definitions, dict):
        return list(definitions)
    return [definition["name"] for definition in definitions]
