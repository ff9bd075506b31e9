"""The `fakeprint` command: find the command to run, and exit with its status."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, override

import click
from click.shell_completion import CompletionItem

from registry import __version__
from registry.app.commands import catalogue
from registry.core.errors import NotInstalled
from registry.core.terminal import exit_status

EPILOG = """\b
Examples:
  fakeprint up                                    start the service on this machine
  fakeprint register fake.mp4 --original real.mp4 register a fake and what it was made from
  fakeprint lookup clip.mp4                       is it known, and which part of it?
  fakeprint COMMAND --help                        more about one command
"""


class Fakeprint(click.Group):
    """Load a command only when it runs, so that `--help` and completion stay quick."""

    debug = False

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return catalogue.names()

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return catalogue.load(cmd_name)

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in catalogue.names() and not name.startswith("-"):
            raise click.NoSuchCommand(name, possibilities=catalogue.names(), ctx=ctx)
        return super().resolve_command(ctx, args)

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, catalogue.summary(name)) for name in catalogue.names()])

    @override
    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        names = [name for name in catalogue.names() if name.startswith(incomplete)]
        commands = [CompletionItem(name, help=catalogue.summary(name)) for name in names]
        # The parent's own list would load every command to name it.
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    @override
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise exit_status.PipeClosed from error
        except ModuleNotFoundError as error:
            raise catalogue.lacking(ctx.invoked_subcommand or "", error) from error

    @override
    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and exit with the documented status. With `standalone_mode` False, act like click."""
        parent = super().main

        def run() -> object:
            return parent(args, prog_name, complete_var, standalone_mode=False, **extra)

        if not standalone_mode:
            return run()
        self.debug = False
        exit_status.prepare_streams()
        command = _silent(run) if "_FAKEPRINT_COMPLETE" in os.environ else run
        return exit_status.leave(exit_status.status_of(command, debug=lambda: self.debug))


def _silent(run: Callable[[], object]) -> Callable[[], object]:
    """Return `run` for completion: a missing extra offers nothing and prints no error."""

    def complete() -> object:
        try:
            return run()
        except NotInstalled:
            return 1

    return complete


def _set_debug(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    root = ctx.find_root().command
    if value and isinstance(root, Fakeprint):
        root.debug = True


@click.group(
    name="fakeprint", cls=Fakeprint, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="fakeprint")
@click.option(
    "--debug",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_set_debug,
    help="Show the traceback of an error; stands before the command.",
)
def main() -> None:
    """Fakeprint: is this clip a known deepfake, and which part of it, made from what?"""
