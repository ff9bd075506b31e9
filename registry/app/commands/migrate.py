"""`fakeprint migrate`: the schema, the broker's tables and, on request, the first key."""

from __future__ import annotations

import signal

import click

from registry import operations
from registry.app.service.bootstrap import another_admin, bootstrap
from registry.core.database import migrate as schema
from registry.core.errors.database import NoDatabaseUrl
from registry.core.messaging.broker import prepare
from registry.core.service import open_service
from registry.core.settings import Settings, settings


@click.command()
@click.option("--database-url", help="The database. [default: FAKEPRINT_DATABASE_URL]")
@click.option(
    "--bootstrap", "first", is_flag=True, help="Also make the first admin, and print its key this once."
)
@click.option(
    "--another-admin",
    "another",
    is_flag=True,
    help="Also make another admin of the first organization, and print its key this once: the others' are "
    "lost.",
)
@click.option(
    "--partitions",
    type=click.IntRange(1, operations.MOST_PARTITIONS),
    help="Also spread the frames over so many partitions, by hash of the asset.",
)
def migrate(database_url: str | None, *, first: bool, another: bool, partitions: int | None) -> None:
    """Bring a database up to this version's schema.

    Safe to run at any time and by several at once: what is applied already is left alone.

    --partitions copies all frames and builds their indexes anew: a minute or two a million. Lookups go on but
    for an instant at the end; registrations and erasures wait until it is done. It needs room for a second
    copy meanwhile. Cut off, it leaves all as it was, and what it had built is dropped by the next run. Every
    lookup asks each partition, so one is best until it is too large to be built or kept as one.

    --another-admin is for whoever has the address of the tables' owner. The new caller is called admin too,
    and is on record; the key that was lost works on until its caller is revoked, by its id.

    \b
    Examples:
      fakeprint migrate
      fakeprint migrate --partitions 4
      fakeprint migrate --database-url postgresql://fakeprint@db/fakeprint --bootstrap
      fakeprint migrate --another-admin            the key of the first one was lost
    """
    chosen = _settings(database_url)
    applied = [*schema.migrate(chosen.database_url), *prepare(chosen)]
    for name in applied:
        click.echo(f"applied {name}")
    if not applied:
        click.echo("nothing to apply")
    if partitions:
        _spread(chosen, partitions)
    if first or another:
        _tell_key(chosen, another=another)


def _spread(chosen: Settings, partitions: int) -> None:
    """Print progress to stderr and the outcome to stdout. SIGTERM acts like Ctrl-C: a half-built index is
    dropped first."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    done = operations.repartition(chosen.database_url, partitions, lambda doing: click.echo(doing, err=True))
    if done.before == partitions:
        click.echo(f"partitions {partitions} already")
    else:
        click.echo(f"partitions {partitions}, before {done.before}")
    if done.left:
        click.echo("note: the frames as they were could not be dropped yet: run it again", err=True)
    if done.locks:
        click.echo(
            f"note: a lookup locks all partitions and their indexes: set max_locks_per_transaction to"
            f" {done.locks} and restart PostgreSQL, or many lookups at once may fail",
            err=True,
        )


def _settings(database_url: str | None) -> Settings:
    chosen = settings()
    if database_url:
        chosen = chosen.model_copy(update={"database_url": database_url})
    if not chosen.database_url:
        raise NoDatabaseUrl(
            next_step="Give --database-url, or set FAKEPRINT_DATABASE_URL (PostgreSQL >= 17, pgvector)."
        )
    return chosen


def _tell_key(chosen: Settings, *, another: bool) -> None:
    service = open_service(chosen)
    try:
        key = another_admin(service) if another else bootstrap(service)
    finally:
        service.close()
    click.echo(f"admin key {key}" if key else "there is an admin already; its key is not shown again")
