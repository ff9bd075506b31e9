"""Options for a court order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from registry.core.terminal import files
from registry.core.terminal.options import Later


def order_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --court, --docket, --date and --document."""
    for option in (
        click.option("--document", type=files.DIGEST, help="The order's document; only its SHA-256 is sent."),
        click.option("--date", metavar="YYYY-MM-DD", help="Day of the order."),
        click.option("--docket", metavar="NUMBER", help="Case number; stored encrypted."),
        click.option("--court", metavar="NAME", help="Name of the court; stored encrypted."),
    ):
        command = option(command)
    return command


def order(
    court: str | None, docket: str | None, date: str | None, document: Later | None
) -> dict[str, Any] | None:
    """Return the order as the API takes it, or None. Raises `click.UsageError` if a part is absent."""
    parts = (court, docket, date, document)
    if any(parts) and not all(parts):
        raise click.UsageError("Give all of --court, --docket, --date and --document.")
    if document is None:
        return None
    return {"court": court, "docket": docket, "date": date, "document_sha256": document}
