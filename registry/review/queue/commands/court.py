"""A court's order on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from registry.core.terminal import files
from registry.core.terminal.options import Later


def order_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --court, --docket, --date and --document."""
    for option in (
        click.option(
            "--document", type=files.DIGEST, help="The order's document; its SHA-256 alone is sent."
        ),
        click.option("--date", metavar="YYYY-MM-DD", help="Day of the order."),
        click.option("--docket", metavar="NUMBER", help="The case's number; stored encrypted."),
        click.option("--court", metavar="NAME", help="Which court; stored encrypted."),
    ):
        command = option(command)
    return command


def order(
    court: str | None, docket: str | None, date: str | None, document: Later | None
) -> dict[str, Any] | None:
    """Return the order as the API takes it, or None. Raises `click.UsageError` if a part is absent."""
    given = (court, docket, date, document)
    if any(given) and not all(given):
        raise click.UsageError("Of an order give all: --court, --docket, --date and --document.")
    if document is None:
        return None
    return {"court": court, "docket": docket, "date": date, "document_sha256": document}
