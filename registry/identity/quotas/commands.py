"""--rate, --daily and --monthly: how much may be asked."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Limits:
    """What was given; None: no bound."""

    rate: float | None
    daily: int | None
    monthly: int | None

    @property
    def said(self) -> bool:
        """Whether any was."""
        return (self.rate, self.daily, self.monthly) != (None, None, None)

    def body(self) -> dict[str, Any]:
        """As the API takes it."""
        return {"rate": self.rate, "daily": self.daily, "monthly": self.monthly}


def limits(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options, handed on as one `given: Limits`."""

    @functools.wraps(command)
    def run(*args: Any, rate: float | None, daily: int | None, monthly: int | None, **rest: Any) -> Any:
        return command(*args, given=Limits(rate, daily, monthly), **rest)

    for option in (
        click.option(
            "--monthly", type=click.IntRange(min=0), metavar="N", help="Lookups a calendar month (UTC)."
        ),
        click.option("--daily", type=click.IntRange(min=0), metavar="N", help="Lookups a day (UTC)."),
        click.option("--rate", type=click.FloatRange(0.001), metavar="N", help="Lookups a second."),
    ):
        run = option(run)
    return run
