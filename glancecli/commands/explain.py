"""explain: the attributes of a model, as the service describes them."""

from __future__ import annotations

from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ListOptions, list_options
from glancecli.cli.parameters import argument
from glancecli.output.columns import ListColumn

COLUMNS = (
    ListColumn("attribute", "Attribute"),
    ListColumn("description", "Description", prose=True),
)


@command("explain", examples=["explain image", "explain metadefs/namespace -c attribute -c type"])
@argument(
    "model", metavar="MODEL", help="image, member, task, metadefs/namespace, metadefs/object ..."
)
@list_options
@pass_app
def explain(app: App, model: str, listing: ListOptions) -> None:
    """Show the attributes of a model, and what the service says about each.

    For a day after `explain image`, warnings about unknown statuses, visibilities and formats go by
    the values that it lists (-c attribute -c enum).
    """
    app.console.out(listing).write_list(app.schemas.attributes(model), COLUMNS)
