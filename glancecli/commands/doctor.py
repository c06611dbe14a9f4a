"""doctor: what this installation is, and whether the cloud answers."""

from __future__ import annotations

from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ListOptions, list_options
from glancecli.errors import GlanceError
from glancecli.output.columns import ListColumn

COLUMNS = (
    ListColumn("check", "Check"),
    ListColumn("state", "State"),
    ListColumn("detail", "Detail", prose=True, break_after="/"),
)


@command(
    "doctor",
    examples=["doctor", "doctor -f json > report.json"],
)
@list_options
@pass_app
def doctor(app: App, listing: ListOptions) -> None:
    """Check the installation, the settings, and whether Keystone and Glance answer.

    For bug reports: versions, the programs on PATH and packages that replace each other's, clouds
    and where they come from, the cache, TLS and proxies in force. It logs in anew, sends nothing
    that changes anything, and shows no secrets. Exit code 1 if a check has the state error.
    """
    from glancecli.cli.checkup import State, checks

    found = list(checks(app))
    app.console.out(listing).write_list((check.shown() for check in found), COLUMNS)
    if any(check.state is State.ERROR for check in found):
        raise GlanceError("")
