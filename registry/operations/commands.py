"""`fakeprint drain`: record lookups that were answered while the primary database was away."""

from __future__ import annotations

import click

from registry.core.service import open_service
from registry.core.settings import settings
from registry.core.terminal import exit_status
from registry.operations.service import drain_spool


@click.command()
def drain() -> int:
    """Record lookups answered while the database was away.

    The records wait in the folder `spool` of the data folder (FAKEPRINT_DATA). A running API stores its own
    once the primary database is back. Use this command for records of an API that has stopped. It is safe to
    run at any time and to repeat: each lookup is recorded once. Records of deleted callers are moved to a
    file `*.refused`.

    \b
    Example:
      fakeprint drain
    """
    service = open_service(settings())
    try:
        recorded = drain_spool(service)
    finally:
        service.close()
    click.echo(f"recorded {recorded} lookups")
    return exit_status.DONE
