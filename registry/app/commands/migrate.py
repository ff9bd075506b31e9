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
    "--bootstrap",
    "first",
    is_flag=True,
    help="Also create the first admin, and print its key. It is shown only once.",
)
@click.option(
    "--another-admin",
    "another",
    is_flag=True,
    help="Also create another admin of the first organization, if the keys of the others are lost, and print "
    "its key. It is shown only once.",
)
@click.option(
    "--partitions",
    type=click.IntRange(1, operations.MOST_PARTITIONS),
    help="Also distribute the frames over this many hash partitions.",
)
def migrate(database_url: str | None, *, first: bool, another: bool, partitions: int | None) -> None:
    """Bring a database up to this version's schema.

    It is safe to run at any time and several times at once: applied migrations are skipped.

    --partitions copies all frames and rebuilds their indexes: one or two minutes per million. Lookups
    continue except for an instant at the end. Registrations and erasures wait until it is done. It needs disk
    space for a second copy. If it is interrupted, nothing has changed, and the next run drops its remains.
    Every lookup queries each partition, so keep one partition until its table or index becomes too large.

    --another-admin needs the database address of the tables' owner. The new caller is also named admin, and
    its creation is recorded. The lost key works until its caller is revoked by id.

    \b
    Examples:
      fakeprint migrate
      fakeprint migrate --partitions 4
      fakeprint migrate --database-url postgresql://fakeprint@db/fakeprint --bootstrap
      fakeprint migrate --another-admin            the first key was lost
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
        _print_key(chosen, another=another)


def _spread(chosen: Settings, partitions: int) -> None:
    """Print progress to stderr and the outcome to stdout. SIGTERM acts like Ctrl-C: a half-built index is
    dropped first."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    result = operations.repartition(
        chosen.database_url, partitions, lambda doing: click.echo(doing, err=True)
    )
    if result.before == partitions:
        click.echo(f"partitions {partitions} already")
    else:
        click.echo(f"partitions {partitions}, before {result.before}")
    if result.left:
        click.echo("note: the old table of frames could not be dropped yet: run this command again", err=True)
    if result.locks:
        click.echo(
            f"note: a lookup locks all partitions and their indexes: set max_locks_per_transaction to"
            f" {result.locks} and restart PostgreSQL, or many lookups at once may fail",
            err=True,
        )


def _settings(database_url: str | None) -> Settings:
    chosen = settings()
    if database_url:
        chosen = chosen.model_copy(update={"database_url": database_url, "pooler_url": ""})
    if not chosen.database_url:
        raise NoDatabaseUrl(
            next_step="Give --database-url, or set FAKEPRINT_DATABASE_URL (PostgreSQL >= 17, pgvector)."
        )
    return chosen


def _print_key(chosen: Settings, *, another: bool) -> None:
    service = open_service(chosen)
    try:
        key = another_admin(service) if another else bootstrap(service)
    finally:
        service.close()
    click.echo(f"admin key {key}" if key else "an admin exists already; its key is not shown again")
