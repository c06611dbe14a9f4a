"""md-property-*, md-object-*, md-tag-*, md-resource-type-*: the definitions in a namespace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from glancecli.api.interfaces import Definition, DefinitionList, Kind, Pagination
from glancecli.cli.app import App
from glancecli.cli.command import Command, command, pass_app
from glancecli.cli.contents import METADEFS
from glancecli.cli.options import (
    ListOptions,
    ShowOptions,
    list_options,
    show_options,
    show_options_without_prefix,
)
from glancecli.cli.parameters import argument, into, option
from glancecli.cli.types import JSON_OBJECT, Count
from glancecli.commands.shared.definitions import (
    NAMESPACE,
    columns,
    given,
    namespace_argument,
    update,
    write,
    write_changed,
)
from glancecli.errors import NotFound, UsageError
from glancecli.text import did_you_mean

# Definitions of the examples.
ITEMS = {
    Kind.ASSOCIATION: "OS::Glance::Image",
    Kind.PROPERTY: "speed",
    Kind.OBJECT: "Disk",
    Kind.TAG: "fast",
}
F = TypeVar("F", bound=Callable[..., Any])

schema_help = "Its other attributes as a JSON object, in text or in a file."


def item_argument(kind: Kind) -> Callable[[F], F]:
    """Declares the argument that names a definition in a namespace."""
    word = kind.value.rpartition("with ")[2]
    metavar = word.upper().replace(" ", "_")
    return argument("item", metavar=metavar, help=f"Name of the {word}.")


# Lists, and the commands that show or delete one definition or all --------------------------------


def list_command(name: str, kind: Kind, *keys: str) -> Command:
    """Returns the command that lists the definitions of a kind in a namespace."""

    @command(name, help=METADEFS[name].help, examples=[f"{name} {NAMESPACE}"])
    @namespace_argument
    @list_options
    @pass_app
    def list_definitions(app: App, namespace: str, listing: ListOptions) -> None:
        app.console.out(listing).write_list(app.metadefs.list(kind, namespace), columns(keys))

    return list_definitions


def show_command(name: str, kind: Kind) -> Command:
    """Returns the command that shows one definition in a namespace."""

    @command(name, help=METADEFS[name].help, examples=[f"{name} {NAMESPACE} {ITEMS[kind]}"])
    @namespace_argument
    @item_argument(kind)
    @show_options
    @pass_app
    def show_definition(app: App, namespace: str, item: str, show: ShowOptions) -> None:
        write(app, app.metadefs.get(kind, item, namespace), show)

    return show_definition


def delete_command(name: str, kind: Kind) -> Command:
    """Returns the command that deletes one definition in a namespace."""
    text = f"{METADEFS[name].help} Prints nothing on success."

    @command(name, help=text, examples=[f"{name} {NAMESPACE} {ITEMS[kind]}"])
    @namespace_argument
    @item_argument(kind)
    @pass_app
    def delete_definition(app: App, namespace: str, item: str) -> None:
        app.metadefs.delete(kind, item, namespace)

    return delete_definition


def delete_all_command(name: str, kind: Kind) -> Command:
    """Returns the command that deletes all definitions of a kind in a namespace."""
    text = f"{METADEFS[name].help} Prints nothing on success."

    @command(name, help=text, examples=[f"{name} {NAMESPACE}"])
    @namespace_argument
    @pass_app
    def delete_definitions(app: App, namespace: str) -> None:
        app.metadefs.delete_all(kind, namespace)

    return delete_definitions


md_property_list = list_command("md-property-list", Kind.PROPERTY, "name", "title", "type")
md_object_list = list_command("md-object-list", Kind.OBJECT, "name", "description")
md_namespace_resource_type_list = list_command(
    "md-namespace-resource-type-list", Kind.ASSOCIATION, "name", "prefix", "properties_target"
)
md_property_show = show_command("md-property-show", Kind.PROPERTY)
md_object_show = show_command("md-object-show", Kind.OBJECT)
md_tag_show = show_command("md-tag-show", Kind.TAG)
md_property_delete = delete_command("md-property-delete", Kind.PROPERTY)
md_object_delete = delete_command("md-object-delete", Kind.OBJECT)
md_tag_delete = delete_command("md-tag-delete", Kind.TAG)
md_resource_type_deassociate = delete_command("md-resource-type-deassociate", Kind.ASSOCIATION)
md_namespace_properties_delete = delete_all_command("md-namespace-properties-delete", Kind.PROPERTY)
md_namespace_objects_delete = delete_all_command("md-namespace-objects-delete", Kind.OBJECT)
md_namespace_tags_delete = delete_all_command("md-namespace-tags-delete", Kind.TAG)


@command("md-tag-list", examples=[f"md-tag-list {NAMESPACE}"])
@namespace_argument
@into(
    "pagination",
    Pagination,
    option("--limit", type=Count("NUMBER"), help="Show at most this many tags (default: all)."),
    option("--marker", metavar="TAG", default="", help="Start after this tag."),
    title="Sorting and paging",
)
@list_options
@pass_app
def md_tag_list(app: App, namespace: str, pagination: Pagination, listing: ListOptions) -> None:
    """List the tags of a namespace, the newest first."""
    tags: DefinitionList = []
    if pagination.limit != 0:
        tags = app.metadefs.list(Kind.TAG, namespace, pagination)
    app.console.out(listing).write_list(tags, columns(["name"]))


@command("md-resource-type-list", examples=["md-resource-type-list"])
@list_options
@pass_app
def md_resource_type_list(app: App, listing: ListOptions) -> None:
    """List all resource types that a namespace can be associated with."""
    app.console.out(listing).write_list(app.metadefs.list(Kind.RESOURCE_TYPE), columns(["name"]))


# Changes ------------------------------------------------------------------------------------------


@command(
    "md-resource-type-associate",
    examples=[f"md-resource-type-associate {NAMESPACE} --name OS::Glance::Image --prefix hw_"],
)
@namespace_argument
@option("--name", metavar="TYPE", required=True, help="Name of the resource type.")
@option("--prefix", metavar="PREFIX", help="Beginning of the names of its properties.")
@option(
    "--properties-target",
    metavar="TARGET",
    help="Which of several kinds of properties the resource type has (image, user).",
)
@show_options_without_prefix
@pass_app
def md_resource_type_associate(
    app: App,
    namespace: str,
    name: str,
    prefix: str | None,
    properties_target: str | None,
    show: ShowOptions,
) -> None:
    """Associate a namespace with a resource type."""
    new = given({"name": name, "prefix": prefix, "properties_target": properties_target})
    write_changed(app, app.metadefs.create(Kind.ASSOCIATION, new, namespace), show)


@command(
    "md-property-create",
    examples=[
        f"md-property-create {NAMESPACE} --name speed --title Speed --type integer"
        """ --schema '{"minimum": 1}'""",
    ],
)
@namespace_argument
@option("--name", metavar="NAME", required=True, help="Name of the property.")
@option("--title", metavar="TITLE", required=True, help="Title of the property.")
@option(
    "--type",
    "type_",
    metavar="TYPE",
    required=True,
    help="Type of its values: string, integer, number, boolean, array or object.",
)
@option("--schema", type=JSON_OBJECT, required=True, help=schema_help)
@show_options
@pass_app
def md_property_create(
    app: App,
    namespace: str,
    name: str,
    title: str,
    type_: str,
    schema: Definition,
    show: ShowOptions,
) -> None:
    """Create a property in a namespace. --schema '{}' adds no further attributes."""
    new = {**schema, "name": name, "title": title, "type": type_}
    write_changed(app, app.metadefs.create(Kind.PROPERTY, new, namespace), show)


@command(
    "md-property-update",
    examples=[f"""md-property-update {NAMESPACE} speed --schema '{{"minimum": 2}}'"""],
)
@namespace_argument
@item_argument(Kind.PROPERTY)
@option("--name", metavar="NAME", help="New name of the property.")
@option("--title", metavar="TITLE", help="New title of the property.")
@option("--type", "type_", metavar="TYPE", help="New type of its values.")
@option("--schema", type=JSON_OBJECT, help=schema_help)
@show_options
@pass_app
def md_property_update(
    app: App,
    namespace: str,
    item: str,
    name: str | None,
    title: str | None,
    type_: str | None,
    schema: Definition | None,
    show: ShowOptions,
) -> None:
    """Change or rename a property. Attributes that are not given keep their values."""
    changes = {**(schema or {}), **given({"name": name, "title": title, "type": type_})}
    update(app, Kind.PROPERTY, item, changes, namespace, show)


@command("md-object-property-show", examples=[f"md-object-property-show {NAMESPACE} Disk speed"])
@namespace_argument
@item_argument(Kind.OBJECT)
@argument("name", metavar="PROPERTY", help="Name of the property.")
@show_options
@pass_app
def md_object_property_show(
    app: App, namespace: str, item: str, name: str, show: ShowOptions
) -> None:
    """Show a property of an object."""
    properties = app.metadefs.get(Kind.OBJECT, item, namespace).get("properties") or {}
    if name not in properties:
        raise NotFound(
            f"object {item} of namespace {namespace} has no property '{name}'"
            f"{did_you_mean(name, properties)}"
        )
    write(app, {**properties[name], "name": name}, show)


@command(
    "md-object-create",
    examples=[
        f"""md-object-create {NAMESPACE} --name Disk --schema '{{"description": "Disks"}}'"""
    ],
)
@namespace_argument
@option("--name", metavar="NAME", required=True, help="Name of the object.")
@option("--schema", type=JSON_OBJECT, required=True, help=schema_help)
@show_options
@pass_app
def md_object_create(
    app: App, namespace: str, name: str, schema: Definition, show: ShowOptions
) -> None:
    """Create an object, a group of properties. --schema may hold description, properties and
    required.
    """
    new = {**schema, "name": name}
    write_changed(app, app.metadefs.create(Kind.OBJECT, new, namespace), show)


@command("md-object-update", examples=[f"md-object-update {NAMESPACE} Disk --name Disks"])
@namespace_argument
@item_argument(Kind.OBJECT)
@option("--name", metavar="NAME", help="New name of the object.")
@option("--schema", type=JSON_OBJECT, help=schema_help)
@show_options
@pass_app
def md_object_update(
    app: App,
    namespace: str,
    item: str,
    name: str | None,
    schema: Definition | None,
    show: ShowOptions,
) -> None:
    """Change or rename an object. Attributes that are not given keep their values."""
    changes = {**(schema or {}), **given({"name": name})}
    update(app, Kind.OBJECT, item, changes, namespace, show)


@command("md-tag-create", examples=[f"md-tag-create {NAMESPACE} --name fast"])
@namespace_argument
@option("--name", metavar="NAME", required=True, help="Name of the tag.")
@show_options
@pass_app
def md_tag_create(app: App, namespace: str, name: str, show: ShowOptions) -> None:
    """Create a tag in a namespace."""
    write_changed(app, app.metadefs.create(Kind.TAG, {"name": name}, namespace), show)


@command(
    "md-tag-create-multiple",
    examples=[
        f"md-tag-create-multiple {NAMESPACE} --names fast,slow",
        f"md-tag-create-multiple {NAMESPACE} --names slow --append",
    ],
)
@namespace_argument
@option("--names", metavar="NAMES", required=True, help="Names of the tags.")
@option("--delim", metavar="TEXT", default=",", help="Separator of the names (default: ,).")
@option("--append", is_flag=True, help="Keep the tags that the namespace has.")
@list_options
@pass_app
def md_tag_create_multiple(
    app: App, namespace: str, names: str, delim: str, append: bool, listing: ListOptions
) -> None:
    """Create tags in a namespace. They replace all of its tags, unless --append is given."""
    tags = [name.strip() for name in names.split(delim) if name.strip()]
    if not tags:
        raise UsageError("--names holds no name")
    created = app.metadefs.set_tags(namespace, tags, append=append)
    app.console.out(listing).write_list(created, columns(["name"]))


@command("md-tag-update", examples=[f"md-tag-update {NAMESPACE} fast --name faster"])
@namespace_argument
@item_argument(Kind.TAG)
@option("--name", metavar="NAME", required=True, help="New name of the tag.")
@show_options
@pass_app
def md_tag_update(app: App, namespace: str, item: str, name: str, show: ShowOptions) -> None:
    """Rename a tag of a namespace."""
    update(app, Kind.TAG, item, {"name": name}, namespace, show)
