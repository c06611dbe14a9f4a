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

UP = ("sandbox", "up")

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

    The first time downloads and installs their packages, up to 270 MB on disk, and takes about half
    a minute, longer on a busy machine; later it takes seconds. Services that run already are left
    alone.

    Our programs know four clouds then: sandbox (the administrator), sandbox-demo (a member of
    project demo), sandbox-reader (who may only read in project demo), sandbox-other (a member of
    another project). `sandbox env` has them for other programs.
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
    """Show the services of the sandbox, their addresses and their logs.

    A note says who its clouds are: sandbox, sandbox-demo, sandbox-reader, sandbox-other.
    """
    from glancecli.sandbox import control

    services = control.status()
    rows = [{**service._asdict(), "state": service.state.value} for service in services]
    app.console.out(listing).write_list(rows, COLUMNS)
    if control.is_busy():
        app.console.note("another `glancecli sandbox` command is at work: the state is changing")
    elif not services:
        app.console.note(f"there is no sandbox: {app.console.pasteable(*UP)} starts one")
    elif all(service.state is control.ServiceState.DOWN for service in services):
        app.console.note(f"the sandbox is down: {app.console.pasteable(*UP)} starts it")
    else:
        from glancecli.sandbox.clients import WHO

        clouds = (f"{name} ({who})" for name, who in WHO.items())
        app.console.note(f"clouds for --os-cloud: {', '.join(clouds)}")


@command(
    "env",
    examples=[
        "sandbox env",
        "sandbox env --user demo",
        "sandbox env --clouds-yaml > clouds.yaml",
    ],
)
@option(
    "--user",
    type=Choice(["admin", "demo", "reader", "other"]),
    default="admin",
    help="User to log in as: admin, demo, reader or other (default: admin).",
)
@option(
    "--clouds-yaml",
    is_flag=True,
    help="Print a clouds.yaml with a cloud for each user instead, for openstack and others.",
)
@pass_app
def env(app: App, user: str, clouds_yaml: bool) -> None:
    """Print a login for other OpenStack programs: exports for a shell, or a clouds.yaml.

    In a shell: eval "$(glancecli sandbox env)"
    """
    from glancecli.sandbox import control

    lines = control.exports(user)
    if clouds_yaml:
        lines = control.clouds_yaml()
    for line in lines:
        app.console.print_line(line)
    if not control.running():
        app.console.warn(f"the sandbox is down: {app.console.pasteable(*UP)} starts it")


@command("demo", examples=["sandbox demo"])
@pass_app
def demo(app: App) -> None:
    """Walk through create, list, show, update, delete.

    Starts the sandbox if it is down. Prints each command before running it.
    """
    from glancecli.sandbox.demo import demo as walk

    _start(app)
    glance, sandbox = installed_name("glance"), f"{installed_name('glancecli')} sandbox"
    walk(glance, app.console.print_line)
    app.console.print_line(f"Keystone and Glance still run, on this machine only: {sandbox} status")
    app.console.print_line(f"Use them:  export OS_CLOUD=sandbox-demo; {glance} image-list")
    app.console.print_line(f"Stop them: {sandbox} down (with --wipe, nothing stays)")


@command("down", examples=["sandbox down", "sandbox down --wipe"])
@option(
    "--wipe",
    is_flag=True,
    help="Remove its packages, images, databases, logs and cached logins as well.",
)
@pass_app
def down(app: App, wipe: bool) -> None:
    """Stop the services that `up` has started, and nothing else. The images stay.

    Where uv was on PATH for the first `up`, it has the packages in its own cache; `uv cache clean`
    empties that.
    """
    from glancecli.sandbox import control

    if wipe:
        _forget_logins(app)
    stopped = control.down(wipe=wipe, report=app.console.note)
    if stopped:
        app.console.note(f"stopped: {', '.join(stopped)}")
    else:
        app.console.note("the sandbox was not running")
    if wipe and control.uses_the_users_uv():
        app.console.note(
            "removed; uv keeps the packages in its cache for the next time: `uv cache clean` "
            "empties it"
        )


def _forget_logins(app: App) -> None:
    """Drops the cached logins of the sandbox's clouds, and the names of their images."""
    from glancecli.auth.identity import forget_login
    from glancecli.auth.image_names import ImageNames
    from glancecli.sandbox.clients import WHO

    for cloud in WHO:
        try:
            settings = app.other(cloud).settings
        except GlanceError:
            return  # no sandbox, or its clouds.yaml is damaged
        if settings.is_sandbox:  # and no cloud of this name in another file
            forget_login(settings)
            ImageNames(settings).forget()
