"""A court's order on the command line."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from registry.cli import consent

_FILE = click.Path(path_type=str, readable=False)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--court, --docket, --date and --document, handed on as one `order: dict | None`."""

    @functools.wraps(command)
    def run(
        *args: Any,
        court: str | None,
        docket: str | None,
        date: str | None,
        document: str | None,
        **rest: Any,
    ) -> Any:
        given = (court, docket, date, document)
        if any(given) and not all(given):
            raise click.UsageError("Of an order give all: --court, --docket, --date and --document.")
        order = None
        if document:
            digest = consent.sha256(document)
            order = {"court": court, "docket": docket, "date": date, "document_sha256": digest}
        return command(*args, order=order, **rest)

    for option in (
        click.option("--document", type=_FILE, help="The order's document; its SHA-256 alone is sent."),
        click.option("--date", metavar="YYYY-MM-DD", help="Day of the order."),
        click.option("--docket", metavar="NUMBER", help="The case's number; kept sealed."),
        click.option("--court", metavar="NAME", help="Which court; kept sealed."),
    ):
        run = option(run)
    return run
