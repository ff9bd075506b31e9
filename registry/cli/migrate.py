"""`fakeprint migrate`: the schema, the broker's tables and, on request, the first key."""

from __future__ import annotations

import click

from registry.actions.bootstrap import bootstrap
from registry.actions.service import open_service
from registry.broker import prepare
from registry.errors import BadInput
from registry.settings import Settings, settings
from registry.store import migrate as schema


@click.command()
@click.option("--database-url", help="The database. [default: FAKEPRINT_DATABASE_URL]")
@click.option(
    "--bootstrap", "first", is_flag=True, help="Also make the first admin, and print its key this once."
)
def migrate(database_url: str | None, *, first: bool) -> None:
    """Bring a database up to this version's schema.

    Safe to run at any time and by several at once: what is applied already is left alone.

    \b
    Examples:
      fakeprint migrate
      fakeprint migrate --database-url postgresql://fakeprint@db/fakeprint --bootstrap
    """
    chosen = _settings(database_url)
    applied = [*schema.migrate(chosen.database_url), *prepare(chosen)]
    for name in applied:
        click.echo(f"applied {name}")
    if not applied:
        click.echo("nothing to apply")
    if first:
        _bootstrap(chosen)


def _settings(database_url: str | None) -> Settings:
    chosen = settings()
    if database_url:
        chosen = chosen.model_copy(update={"database_url": database_url})
    if not chosen.database_url:
        raise BadInput(
            "No database is set.",
            code="no_database_url",
            next_step="Give --database-url, or set FAKEPRINT_DATABASE_URL (PostgreSQL >= 17, pgvector).",
        )
    return chosen


def _bootstrap(chosen: Settings) -> None:
    service = open_service(chosen)
    try:
        key = bootstrap(service)
    finally:
        service.close()
    click.echo(f"admin key {key}" if key else "there is an admin already; its key is not shown again")
