"""Commands: their options become values, and their help has the shape of the old clients' help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from glancecli.cli.help_option import Helped
from glancecli.cli.parameters import Family, Option, collect, families_of
from glancecli.errors import Code, ReportedError

if TYPE_CHECKING:
    from glancecli.cli.app import App
    from glancecli.cli.helptext import Page


class Command(Helped):
    """A command with examples in its help, whose families of options become values.

    may_print_nothing: whether it prints a result depends on its options. only_reads: it changes
    nothing, so that a mistyped name may cost a request more.
    """

    def __init__(
        self,
        *args: Any,
        examples: Sequence[str] = (),
        may_print_nothing: bool = False,
        only_reads: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.may_print_nothing = may_print_nothing
        self.only_reads = only_reads
        self.families: list[Family] = []
        self.takes_app = False
        if self.callback:
            self.families = families_of(self.callback)
            self.takes_app = "__takes_app__" in vars(self.callback)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Does as click does; an error about an option names the command whose help to read."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command with an App and the values of its options."""
        typed = [
            str(param.name)
            for param in self.params
            if _source(param, ctx) is ParameterSource.COMMANDLINE
        ]
        ctx.params = collect(self.families, ctx.params, typed)
        if not self.takes_app:
            return super().invoke(ctx)
        app = self._make_app(ctx)
        typed_image = ctx.params.get("image")
        ctx.params["app"] = app
        if self._prints_a_result:
            app.console.check_stdout()
        try:
            return super().invoke(ctx)
        except ReportedError as error:
            error.cloud_options = error.cloud_options or app.cloud_options
            if isinstance(typed_image, str):
                error.typed_image = error.typed_image or typed_image
            _suggest(app, error)
            raise

    @property
    def _prints_a_result(self) -> bool:
        """Whether it prints a result in any case."""
        shapes = {family.name for family in self.families} & {"show", "listing"}
        return bool(shapes) and not self.may_print_nothing

    def _make_app(self, ctx: click.Context) -> App:
        """Returns the App of this run."""
        from glancecli.cli.app import App, CommandLine

        root = ctx.find_root()
        path = ctx.command_path.split()[1:]
        options = tuple(_names_of_given_options(self.params, ctx))
        line = CommandLine(
            root.info_name or "glancecli",
            " ".join(path),
            options,
            words=root.obj or (),
            only_reads=self.only_reads,
        )
        app = App(line, root.params)
        if root.params["timings"]:
            app.console.note("--timings is not supported; --debug shows the requests")
        return app

    def page(self, ctx: click.Context) -> Page:
        """Returns the help: usage, description, arguments, options and examples."""
        from glancecli.cli.helppages import command_page

        return command_page(self, ctx, self.examples)


def _suggest(app: App, error: ReportedError) -> None:
    """Gives an error about a name that no image has the similar names."""
    if error.code is Code.NOT_FOUND:
        from glancecli.cli.similar_images import suggest_images

        suggest_images(app, [error])


def _names_of_given_options(params: Sequence[click.Parameter], ctx: click.Context) -> list[str]:
    """Returns the long names of the options that were typed or came from a variable."""
    given = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
    return [
        param.long_name
        for param in params
        if isinstance(param, Option) and _source(param, ctx) in given
    ]


def _source(param: click.Parameter, ctx: click.Context) -> ParameterSource | None:
    return ctx.get_parameter_source(param.name or "")


def command(
    name: str, *, examples: Sequence[str] = (), **kwargs: Any
) -> Callable[[Callable[..., Any]], Command]:
    """Makes a function the command of this name; examples leave out the program's name."""
    return click.command(name, cls=Command, examples=examples, **kwargs)


def pass_app(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives the command the App, in its parameter app."""
    vars(function)["__takes_app__"] = True
    return function
