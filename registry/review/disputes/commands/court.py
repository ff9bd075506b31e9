"""A court's order on the command line."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from registry.persons.commands import consent

_FILE = click.Path(path_type=str, readable=False)


@dataclass(frozen=True, slots=True, repr=False)
class Order:
    """What was given of an order; nothing, or all of it."""

    court: str | None
    docket: str | None
    date: str | None
    document: str | None

    def body(self) -> dict[str, str | None] | None:
        """As the API takes it. Raises `BadMedia` where the document cannot be read."""
        if self.document is None:
            return None
        digest = consent.sha256(self.document)
        return {"court": self.court, "docket": self.docket, "date": self.date, "document_sha256": digest}


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--court, --docket, --date and --document, handed on as one `order: Order`."""

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
        return command(*args, order=Order(court, docket, date, document), **rest)

    for option in (
        click.option("--document", type=_FILE, help="The order's document; its SHA-256 alone is sent."),
        click.option("--date", metavar="YYYY-MM-DD", help="Day of the order."),
        click.option("--docket", metavar="NUMBER", help="The case's number; kept sealed."),
        click.option("--court", metavar="NAME", help="Which court; kept sealed."),
    ):
        run = option(run)
    return run
