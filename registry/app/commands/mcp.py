"""`fakeprint mcp`: answer questions of an assistant on standard input and output."""

from __future__ import annotations

from pathlib import Path

import click

from registry.core.terminal import extras, options

EPILOG = """\b
Examples:
  fakeprint mcp
  fakeprint mcp --folder ~/Downloads
"""


@click.command(epilog=EPILOG, short_help="Answer questions of an assistant (MCP).")
@click.option(
    "--folder",
    "folders",
    metavar="FOLDER",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder whose files may be asked about; they are not uploaded. May be repeated.",
)
@options.service
def mcp(folders: tuple[Path, ...], service: options.Service) -> None:
    """Answer three read-only questions by the Model Context Protocol, over standard input and output:
    is this clip known, what is it, and who says so. An assistant's program starts this command; see
    docs/how-to/assistants.md."""
    try:
        from registry.app.service.assistant import server  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise extras.missing(error, "`fakeprint mcp`") from error
    with service.library() as client:
        server(client, folders).run()
