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

    They wait in the folder `spool` of the data folder (FAKEPRINT_DATA). A running API records its own once
    the primary database is back; this is for what it left when it ended. Safe to run at any time and again:
    each lookup is recorded once. Those whose caller is no longer there are set aside in a file `*.refused`.

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
