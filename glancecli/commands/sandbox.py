"""sandbox up, status, env, demo, down."""

from __future__ import annotations

from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.hints import installed_name
from glancecli.cli.options import ListOptions, list_options
from glancecli.cli.parameters import option
from glancecli.cli.types import Choice
from glancecli.errors import GlanceError
from glancecli.output.columns import ListColumn

COLUMNS = (
    ListColumn("name", "Name"),
    ListColumn("state", "State"),
    ListColumn("url", "URL"),
    ListColumn("pid", "PID"),
    ListColumn("log", "Log"),
)

with_nova_option = option(
    "--with-nova",
    is_flag=True,
    help="Start Placement and Nova as well, for snapshots (default: if they ran before).",
)


@command("up", examples=["sandbox up", "sandbox up --with-nova"])
@with_nova_option
@pass_app
def up(app: App, with_nova: bool) -> None:
    """Start a real Keystone and Glance on this machine.

    The first time installs their packages (about 300 MB) and takes about half a minute, longer on a
    busy machine; later it takes seconds. Services that run already are left alone. Then every
    program can use --os-cloud sandbox (also sandbox-demo, sandbox-reader, sandbox-other).
    """
    started = _start(app, with_nova=with_nova)
    state = "up already"
    if started:
        state = "up"
    glance = installed_name("glance")
    app.console.note(f"the sandbox is {state}: {glance} --os-cloud sandbox image-list")


def _start(app: App, *, with_nova: bool = False) -> bool:
    """Starts the services that are down; returns whether there were any."""
    from glancecli.sandbox import control

    done = control.up(with_nova=with_nova, report=app.console.step)
    if done.catalog_changed:
        _forget_cached_endpoints(app)
    return bool(done.started)


def _forget_cached_endpoints(app: App) -> None:
    """Drops cached endpoints, which are wrong after services have got other ports."""
    from glancecli.auth.tokens import forget

    try:
        forget()
    except GlanceError as error:
        app.console.warn(app.console.describe(error))


@command("status", examples=["sandbox status", "sandbox status -f value -c State"])
@list_options
@pass_app
def status(app: App, listing: ListOptions) -> None:
    """Show the services of the sandbox, their addresses and their logs."""
    from glancecli.sandbox import control

    services = control.status()
    rows = [{**service._asdict(), "state": service.state.value} for service in services]
    app.console.out(listing).write_list(rows, COLUMNS)
    if not services:
        app.console.note("there is no sandbox: `glancecli sandbox up` starts one")
    elif all(service.state is control.ServiceState.DOWN for service in services):
        app.console.note("the sandbox is down: `glancecli sandbox up` starts it")


@command("env", examples=["sandbox env", "sandbox env --user demo"])
@option(
    "--user",
    type=Choice(["admin", "demo", "reader", "other"]),
    default="admin",
    help="User to log in as: admin, demo, reader or other (default: admin).",
)
@pass_app
def env(app: App, user: str) -> None:
    """Print exports of a login for a shell, so that any OpenStack program can use the sandbox.

    In a shell: eval "$(glancecli sandbox env)"
    """
    from glancecli.sandbox import control

    for line in control.exports(user):
        app.console.print_line(line)
    if not control.running():
        app.console.warn("the sandbox is down: `glancecli sandbox up` starts it")


@command("demo", examples=["sandbox demo"])
@pass_app
def demo(app: App) -> None:
    """Walk through create, list, show, update, delete.

    Starts the sandbox if it is down. Prints each command before running it.
    """
    from glancecli.sandbox.demo import demo as walk

    _start(app)
    walk(installed_name("glance"), app.console.print_line)


@command("down", examples=["sandbox down", "sandbox down --wipe"])
@option("--wipe", is_flag=True, help="Remove its packages, images, databases and logs as well.")
@pass_app
def down(app: App, wipe: bool) -> None:
    """Stop the services that `up` has started, and nothing else. The images stay."""
    from glancecli.sandbox import control

    stopped = control.down(wipe=wipe, report=app.console.step)
    if stopped:
        app.console.note(f"stopped: {', '.join(stopped)}")
    else:
        app.console.note("the sandbox was not running")
