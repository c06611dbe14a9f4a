"""clouds: the clouds that this machine knows."""

from __future__ import annotations

from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ListOptions, list_options
from glancecli.output.columns import ListColumn

COLUMNS = (
    ListColumn("name", "Name"),
    ListColumn("region", "Region", rank=3),
    ListColumn("auth_url", "Auth URL"),
    ListColumn("user", "User"),
    ListColumn("project", "Project", rank=1),
    ListColumn("is_default", "Default"),
    ListColumn("source", "Source", rank=4),
)


@command("clouds", examples=["clouds", "clouds -f value -c name"])
@list_options
@pass_app
def clouds(app: App, listing: ListOptions) -> None:
    """List the clouds of clouds.yaml, of OS_* variables, and of the sandbox.

    Default is the cloud of a command without --os-cloud. No secrets are shown, and no cloud is
    asked.
    """
    from glancecli.auth.clouds import listed_clouds

    known = listed_clouds(app.environ, app.console.warn)
    for cloud in known:
        if cloud.problem:
            app.console.warn(f"cloud {cloud.name}: {cloud.problem}")
    app.console.out(listing).write_list([cloud.shown() for cloud in known], COLUMNS)
    if not known:
        app.console.note(
            "no clouds: neither clouds.yaml in this folder, ~/.config/openstack or /etc/openstack, "
            "nor OS_* variables"
        )
