"""md-namespace-*: namespaces of metadata definitions."""

from __future__ import annotations

from typing import NamedTuple

from glancecli.api.interfaces import Definition, Kind, Pagination
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import (
    ListOptions,
    ShowOptions,
    list_options,
    project_domain,
    show_options,
)
from glancecli.cli.pagination import pagination_options
from glancecli.cli.parameters import into, option
from glancecli.cli.types import TRUE_FALSE, Choice, json_object
from glancecli.commands.shared.definitions import (
    NAMESPACE,
    columns,
    given,
    namespace_argument,
    update,
    write,
    write_changed,
)
from glancecli.commands.shared.image_data import may_hold_data
from glancecli.errors import UsageError
from glancecli.text import system_reason


class NamespaceFields(NamedTuple):
    """Attributes of a namespace; None: not given."""

    display_name: str | None
    description: str | None
    visibility: str | None
    protected: bool | None
    owner: str | None
    project_domain: str


namespace_fields = into(
    "fields",
    NamespaceFields,
    option("--display-name", metavar="NAME", empty=True, help="Name for people."),
    option("--description", metavar="TEXT", empty=True, help="Description of the namespace."),
    option(
        "--visibility",
        type=Choice(["public", "private"], case_sensitive=False),
        metavar="VISIBILITY",
        help="Who sees it: public (everybody) or private (its project; new ones: private).",
    ),
    option(
        "--protected",
        type=TRUE_FALSE,
        help="Protect the namespace from deletion (new ones: False).",
    ),
    option(
        "--owner",
        metavar="PROJECT",
        help="Project that owns it (name or ID; new ones: your own).",
    ),
    project_domain,
    title="Namespace",
)


def _attributes(app: App, fields: NamespaceFields) -> Definition:
    """Returns the attributes that were given, with the ID of the owner."""
    attributes = fields._asdict()
    domain = attributes.pop("project_domain")
    if fields.owner:
        attributes["owner"] = app.projects.find_id(fields.owner, domain)
    return given(attributes)


@command(
    "md-namespace-list",
    examples=["md-namespace-list", "md-namespace-list --resource-types OS::Nova::Flavor"],
)
@option(
    "--resource-types",
    metavar="TYPE",
    multiple=True,
    greedy="--resource-types",
    help="Only namespaces for one of these resource types.",
)
@option(
    "--visibility",
    type=Choice(["public", "private"], case_sensitive=False),
    metavar="VISIBILITY",
    help="Only namespaces with this visibility: public or private.",
)
@pagination_options("namespaces", "NAMESPACE")
@list_options
@pass_app
def md_namespace_list(
    app: App,
    resource_types: tuple[str, ...],
    visibility: str | None,
    pagination: Pagination,
    listing: ListOptions,
) -> None:
    """List the namespaces of metadata definitions, the newest first."""
    filters = given({"resource_types": ",".join(resource_types) or None, "visibility": visibility})
    found = app.metadefs.namespaces(filters, pagination)
    app.console.out(listing).write_list(found, columns(["namespace"]))


@command(
    "md-namespace-show",
    examples=[
        f"md-namespace-show {NAMESPACE}",
        f"md-namespace-show {NAMESPACE} -f json > example.json",
    ],
)
@namespace_argument
@option(
    "--resource-type",
    metavar="TYPE",
    default="",
    help="Show properties with the prefix that they have for this resource type.",
)
@show_options
@pass_app
def md_namespace_show(app: App, namespace: str, resource_type: str, show: ShowOptions) -> None:
    """Show a namespace with the names of the definitions in it.

    -f json and -f yaml show the whole definitions; md-namespace-import reads this JSON.
    """
    found = app.metadefs.get(Kind.NAMESPACE, namespace, resource_type=resource_type)
    write(app, found, show)


@command(
    "md-namespace-create",
    examples=[
        f"md-namespace-create {NAMESPACE} --visibility public",
        f"md-namespace-create {NAMESPACE} --resource-type-associations OS::Glance::Image",
    ],
)
@namespace_argument
@namespace_fields
@option(
    "--resource-type-associations",
    "types",
    metavar="TYPE",
    multiple=True,
    greedy="--resource-type-associations",
    help="Resource types that the namespace is for.",
)
@show_options
@pass_app
def md_namespace_create(
    app: App, namespace: str, fields: NamespaceFields, types: tuple[str, ...], show: ShowOptions
) -> None:
    """Create a namespace for metadata definitions."""
    new: Definition = {"namespace": namespace, **_attributes(app, fields)}
    if types:
        new["resource_type_associations"] = [{"name": name} for name in types]
    write_changed(app, app.metadefs.create(Kind.NAMESPACE, new), show)


@command(
    "md-namespace-import",
    examples=[
        "md-namespace-import --file example.json",
        f"md-namespace-show {NAMESPACE} -f json | glance --os-cloud two md-namespace-import",
    ],
)
@option("--file", metavar="FILE", help="File with the namespace as JSON (default: stdin).")
@show_options
@pass_app
def md_namespace_import(app: App, file: str | None, show: ShowOptions) -> None:
    """Create a namespace with its definitions from JSON, as md-namespace-show -f json prints it."""
    write_changed(app, app.metadefs.create(Kind.NAMESPACE, _document(app, file)), show)


def _document(app: App, file: str | None) -> Definition:
    """Returns the JSON object in the file, else on stdin."""
    if file and file != "-":
        from pathlib import Path

        try:
            content = Path(file).read_bytes()
        except OSError as error:
            raise UsageError(f"cannot read {file}: {system_reason(error)}") from error
        return json_object(content, file)
    if not may_hold_data(app.console.stdin):
        raise UsageError("give --file FILE, or send the JSON to standard input")
    return json_object(app.console.stdin.buffer.read(), "standard input")


@command(
    "md-namespace-update",
    examples=[
        f"md-namespace-update {NAMESPACE} --description 'Properties for disks'",
        f"md-namespace-update {NAMESPACE} --namespace OS::Compute::Disks",
    ],
)
@namespace_argument
@option("--namespace", "new_name", metavar="NAME", help="New name of the namespace.")
@namespace_fields
@show_options
@pass_app
def md_namespace_update(
    app: App, namespace: str, new_name: str | None, fields: NamespaceFields, show: ShowOptions
) -> None:
    """Change or rename a namespace. Attributes that are not given keep their values."""
    changes = {**given({"namespace": new_name}), **_attributes(app, fields)}
    update(app, Kind.NAMESPACE, namespace, changes, "", show)


@command("md-namespace-delete", examples=[f"md-namespace-delete {NAMESPACE}"])
@namespace_argument
@pass_app
def md_namespace_delete(app: App, namespace: str) -> None:
    """Delete a namespace with all that is in it. Prints nothing on success."""
    app.metadefs.delete(Kind.NAMESPACE, namespace)
