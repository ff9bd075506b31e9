"""`fakeprint completion`: a shell's completion script for the commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")

EPILOG = """\b
Examples:
  eval "$(fakeprint completion bash)"                                  in ~/.bashrc
  eval "$(fakeprint completion zsh)"                                   in ~/.zshrc
  fakeprint completion fish > ~/.config/fish/completions/fakeprint.fish
"""


@click.command(epilog=EPILOG, short_help="Print a shell's completion script.")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a shell's completion script, for bash (4.4 or newer), zsh or fish."""
    script_class = get_completion_class(shell)
    if script_class is None:
        raise click.UsageError(f"No completion for {shell}.")
    click.echo(script_class(ctx.find_root().command, {}, "fakeprint", "_FAKEPRINT_COMPLETE").source())
