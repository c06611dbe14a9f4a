"""cache-list, cache-queue, cache-delete, cache-clear, cache-clean, cache-prune, cache-nodes-list:
the image cache of a glance-api.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ListOptions, image_argument, images_argument, list_options
from glancecli.cli.parameters import into, option
from glancecli.cli.types import Choice
from glancecli.commands.shared.in_parallel import in_parallel, report_all
from glancecli.errors import ConnectionFailed, GlanceError, UsageError
from glancecli.output.columns import ListColumn

if TYPE_CHECKING:
    from glancecli.api.interfaces import Cache, InfoList

COLUMNS = (
    ListColumn("id", "ID"),
    ListColumn("state", "State"),
    ListColumn("last_accessed", "Last Accessed (UTC)", null="N/A", rank=2),
    ListColumn("last_modified", "Last Modified (UTC)", null="N/A", rank=3),
    ListColumn("size", "Size", null="N/A"),
    ListColumn("hits", "Hits", null="N/A", rank=1),
)
NODE = ListColumn("node", "Node")


class Where(NamedTuple):
    """Which caches a command works on: by default that of the endpoint."""

    nodes: tuple[str, ...]
    all_nodes: bool


class Node(NamedTuple):
    """A glance-api and its cache; url is "" for the endpoint."""

    url: str
    cache: Cache


where_options = into(
    "where",
    Where,
    option(
        "--node",
        "nodes",
        metavar="URL",
        multiple=True,
        help="Cache of the glance-api at this URL; repeatable (default: the Image endpoint).",
    ),
    option(
        "--all-nodes",
        is_flag=True,
        help="Caches of all nodes that the service names, which are those with cached images.",
    ),
    title="Node",
)


@command("cache-list", examples=["cache-list", "cache-list --all-nodes -c id -c node"])
@where_options
@list_options
@pass_app
def cache_list(app: App, where: Where, listing: ListOptions) -> None:
    """List the images in the cache of a glance-api, and those that are queued for it."""
    rows: InfoList = []

    def read(node: Node) -> None:
        rows.extend({**row, "node": node.url} for row in node.cache.list())

    columns: Sequence[ListColumn] = COLUMNS
    if where.nodes or where.all_nodes:
        columns = (*COLUMNS, NODE)
    nodes = chosen_nodes(app, where)
    failures = on_each(nodes, read)
    for row in rows:
        row["node"] = row["node"] or app.image_service.base_url
    if len(failures) < len(nodes):
        app.console.out(listing).write_list(rows, columns)
    report_all(app, failures)


@command(
    "cache-queue",
    examples=[
        "cache-queue cirros debian-12",
        "cache-queue cirros --node http://node1:9292",
        "image-list 'golden-*' --latest -f id | xargs -r glance cache-queue",
    ],
)
@images_argument
@where_options
@pass_app
def cache_queue(app: App, images: tuple[str, ...], where: Where) -> None:
    """Have active images copied into the cache. Continues after a failure.

    Prints nothing on success; cache-list shows how far they are.
    """
    on_images(app, images, where, lambda cache, image_id: cache.queue(image_id))


@command(
    "cache-delete",
    examples=[
        "cache-delete cirros",
        "cache-delete cirros --all-nodes",
        "image-list --hidden -f id | xargs -r glance cache-delete",
    ],
)
@images_argument
@where_options
@pass_app
def cache_delete(app: App, images: tuple[str, ...], where: Where) -> None:
    """Remove images from the cache and from its queue. Continues after a failure.

    The images themselves stay. Prints nothing on success.
    """
    on_images(app, images, where, lambda cache, image_id: cache.delete(image_id))


@command("cache-clear", examples=["cache-clear", "cache-clear --target queue"])
@option(
    "--target",
    type=Choice(["both", "cache", "queue"], case_sensitive=False),
    default="both",
    metavar="TARGET",
    help="Empty both, only the cache, or only the queue (default: both).",
)
@where_options
@pass_app
def cache_clear(app: App, target: str, where: Where) -> None:
    """Empty the cache of a glance-api, its queue, or both. Prints nothing on success."""
    nodes = chosen_nodes(app, where)
    report_all(app, on_each(nodes, lambda node: node.cache.clear(target)))


@command("cache-clean", examples=["cache-clean", "cache-clean --all-nodes"])
@where_options
@pass_app
def cache_clean(app: App, where: Where) -> None:
    """Remove invalid entries of the cache, and incomplete ones that do not grow any more."""
    nodes = chosen_nodes(app, where)
    report_all(app, on_each(nodes, lambda node: node.cache.clean()))


@command("cache-prune", examples=["cache-prune", "cache-prune --all-nodes"])
@where_options
@pass_app
def cache_prune(app: App, where: Where) -> None:
    """Remove the images used least recently until the cache has its configured size."""

    def prune(node: Node) -> None:
        done = node.cache.prune()
        line = f"Pruned {done['files']} file(s), {done['bytes']} byte(s)."
        if node.url:
            line = f"{node.url}: {line}"
        app.console.print_line(line)

    report_all(app, on_each(chosen_nodes(app, where), prune))


@command("cache-nodes-list", examples=["cache-nodes-list cirros"])
@image_argument
@list_options
@pass_app
def cache_nodes_list(app: App, image: str, listing: ListOptions) -> None:
    """List the nodes that have an image in their cache.

    The service knows them where its option image_cache_driver is centralized_db.
    """
    urls = app.image_service.cache.nodes(find_id(app.images, image))
    rows = [{"node_reference_url": url} for url in urls]
    app.console.out(listing).write_list(
        rows, (ListColumn("node_reference_url", "Node Reference URL"),)
    )


def chosen_nodes(app: App, where: Where, image_ids: Sequence[str] = ()) -> list[Node]:
    """Returns the nodes to work on; image_ids are images whose nodes count as well."""
    if where.nodes and where.all_nodes:
        raise UsageError("--node and --all-nodes cannot be used together")
    urls = where.nodes
    if where.all_nodes:
        urls = known_nodes(app.image_service.cache, image_ids)
    for url in urls:
        if not url.lower().startswith(("http://", "https://")):
            raise UsageError(f"'{url}' is not the http or https URL of a node")
    if not urls:
        return [Node("", app.image_service.cache)]
    return [Node(url, app.image_service_at(url).cache) for url in dict.fromkeys(urls)]


def known_nodes(cache: Cache, image_ids: Sequence[str]) -> tuple[str, ...]:
    """Returns the nodes that the service names, for these images and for those in its cache."""
    cached = [str(row["id"]) for row in cache.list() if row["state"] == "cached"]
    return tuple(
        url for image_id in dict.fromkeys((*image_ids, *cached)) for url in cache.nodes(image_id)
    )


def on_each(nodes: Sequence[Node], work: Callable[[Node], None]) -> list[GlanceError]:
    """Works on each node; returns the failures, which name the node."""
    failures = []
    for node in nodes:
        try:
            work(node)
        except GlanceError as error:
            failures.append(at_node(error, node))
    return failures


def on_images(
    app: App, images: tuple[str, ...], where: Where, work: Callable[[Cache, str], None]
) -> None:
    """Works on each image at each node, and reports the failures."""
    if where.all_nodes:
        nodes = chosen_nodes(app, where, [find_id(app.images, image) for image in images])
    else:
        nodes = chosen_nodes(app, where)

    def on_image(image: str) -> None:
        image_id = find_id(app.images, image)
        failures = on_each(nodes, lambda node: work(node.cache, image_id))
        for error in failures[:-1]:
            app.console.report(error)
        if failures:
            raise failures[-1]

    report_all(app, in_parallel(app, "changing the cache", on_image, images))


def at_node(error: GlanceError, node: Node) -> GlanceError:
    """Returns the error, which names its node, if it is one that --node or the service names."""
    names_server = isinstance(error, ConnectionFailed)
    if node.url and not names_server:
        error.with_context(f"this is the node {node.url}")
    return error
