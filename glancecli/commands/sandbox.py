"""sandbox up, status, env, demo, down."""

from __future__ import annotations

import click

from glancecli.cli.app import App
from glancecli.cli.options import list_output_options, pass_app
from glancecli.cli.program import command, option
from glancecli.errors import GlanceError
from glancecli.output.columns import ListColumn

with_nova = option("--with-nova", is_flag=True, help="Placement and Nova as well, for snapshots.")


@command("up", examples=["sandbox up", "sandbox up --with-nova"])
@with_nova
@pass_app
def up(app: App, with_nova: bool) -> None:
    """Start a real Keystone and Glance on this machine.

    The first time installs their packages (about 300 MB) and takes about half a minute, longer on a
    busy machine; later times take seconds. What runs already, and answers, is left alone. Then
    --os-cloud sandbox (also sandbox-demo, sandbox-reader, sandbox-other) works in every program.
    """
    already = "" if _up(app, with_nova=with_nova) else " already"
    app.note(
        f"the sandbox is up{already}: {app.other_program('glance')} --os-cloud sandbox image-list"
    )


def _up(app: App, *, with_nova: bool = False) -> bool:
    """Whether anything had to be started."""
    from glancecli.sandbox import control as cloud

    result = cloud.up(with_nova=with_nova, report=app.note)
    if result.catalog_changed:
        from glancecli.auth.tokens import forget

        try:
            forget()  # the cached endpoints are those of yesterday
        except GlanceError as error:
            app.warn(str(error))
    return bool(result.started)


@command("status", examples=["sandbox status", "sandbox status -f value -c State"])
@list_output_options
@pass_app
def status(app: App) -> None:
    """Show what runs, where it listens and where its logs are."""
    from glancecli.sandbox import control as cloud

    found = cloud.status()
    app.out.write_list(
        ({**service._asdict(), "state": service.state.value} for service in found),
        [ListColumn(key, title) for key, title in TITLES.items()],
    )
    if not found:
        app.note("there is no sandbox: `glancecli sandbox up` starts one")
    elif all(service.state is cloud.ServiceState.DOWN for service in found):
        app.note("the sandbox is down: `glancecli sandbox up` starts it")


TITLES = {"name": "Name", "state": "State", "url": "URL", "pid": "PID", "log": "Log"}


@command("env", examples=["sandbox env", "sandbox env --user demo"])
@option(
    "--user",
    type=click.Choice(["admin", "demo", "reader", "other"]),
    default="admin",
    help="Whose login: admin (default), demo, reader or other.",
)
@pass_app
def env(app: App, user: str) -> None:
    """Print exports for a shell, so that other OpenStack programs use the sandbox.

    In a shell: eval "$(glancecli sandbox env)"
    """
    from glancecli.sandbox import control as cloud

    for line in cloud.exports(user):
        app.out.write_line(line)
    if not cloud.running():
        app.warn("the sandbox is down: `glancecli sandbox up` starts it")


@command("demo", examples=["sandbox demo"])
@pass_app
def demo(app: App) -> None:
    """Walk through create, list, show, update, delete.

    Starts the sandbox when it does not run. Prints each command before it runs it.
    """
    from glancecli.sandbox.demo import demo as walk

    def show(line: str) -> None:
        app.out.write_line(line)
        app.out.stdout.flush()  # before the command writes to the same place

    _up(app)
    walk(app.other_program("glance"), show)


@command("down", examples=["sandbox down", "sandbox down --wipe"])
@option("--wipe", is_flag=True, help="Remove its packages, images, databases and logs as well.")
@pass_app
def down(app: App, wipe: bool) -> None:
    """Stop the sandbox: what `up` started, and nothing else. Its images stay."""
    from glancecli.sandbox import control as cloud

    stopped = cloud.down(wipe=wipe, report=app.note)
    app.note(f"stopped: {', '.join(stopped)}" if stopped else "the sandbox was not running")
