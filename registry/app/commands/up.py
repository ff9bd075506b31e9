"""`fakeprint up`: the whole service on one machine, without other servers."""

from __future__ import annotations

import os
from pathlib import Path

import click

from registry.core.settings import settings


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of database, media, keys and logs. [default: FAKEPRINT_DATA, else the user's data folder]",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port of the API; 0 picks a free one. [default: 8000]"
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes that fingerprint registrations. [default: half the processors]",
)
@click.option("--verbose", is_flag=True, help="Show the logs of all parts here as well.")
def up(data: Path | None, port: int | None, workers: int | None, *, verbose: bool) -> None:
    """Start everything on this machine: database, API and workers.

    Prints "ready http://127.0.0.1:PORT" once it answers. Ctrl-C stops everything. The key of the first admin
    is in DATA/admin.key, which the other commands read.

    \b
    Examples:
      fakeprint up
      fakeprint up --data ./registry --port 0 --workers 2
    """
    from registry.app.embedded import supervisor  # noqa: PLC0415 - `--help` loads no database driver

    chosen = settings()
    place = {"data": data or chosen.data, "port": chosen.port if port is None else port}
    supervisor.up(
        chosen.model_copy(update=place),
        workers=workers or max(1, (os.cpu_count() or 2) // 2),
        verbose=verbose,
        say=lambda line: click.echo(line, err=True),
        announce=click.echo,
    )
