"""--rate, --daily and --monthly: how many lookups a caller or an organization may make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from registry.core.terminal.output import Row


def limits(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, passed on as `rate`, `daily` and `monthly`; None: no bound."""
    for option in (
        click.option(
            "--monthly", type=click.IntRange(min=0), metavar="N", help="Lookups a calendar month (UTC)."
        ),
        click.option("--daily", type=click.IntRange(min=0), metavar="N", help="Lookups a day (UTC)."),
        click.option("--rate", type=click.FloatRange(0.001), metavar="N", help="Lookups a second."),
    ):
        command = option(command)
    return command


def in_words(found: Row, used: Row | None = None) -> str:
    """Return limits in words, with what is used of them."""
    spent: Row = used or {}
    said = [f"{found['rate']:g} lookups a second"] if found["rate"] is not None else []
    for name, unit in (("daily", "day"), ("monthly", "month")):
        if found[name] is not None:
            of = f"{spent[unit]} of " if unit in spent else ""
            said.append(f"{of}{found[name]} a {unit}")
    return ", ".join(said) or "none"
