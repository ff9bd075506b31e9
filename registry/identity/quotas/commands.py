"""--rate, --daily and --monthly: how many lookups a caller or an organization may make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from registry.core.terminal.output import Row


def limits(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, passed on as `rate`, `daily` and `monthly`. None: no limit."""
    for option in (
        click.option(
            "--monthly", type=click.IntRange(min=0), metavar="N", help="Lookups a calendar month (UTC)."
        ),
        click.option("--daily", type=click.IntRange(min=0), metavar="N", help="Lookups a day (UTC)."),
        click.option("--rate", type=click.FloatRange(0.001), metavar="N", help="Lookups a second."),
    ):
        command = option(command)
    return command


def in_words(limits: Row, used: Row | None = None) -> str:
    """Return limits in words, with what is used of them."""
    spent: Row = used or {}
    texts = [f"{limits['rate']:g} lookups a second"] if limits["rate"] is not None else []
    for name, unit in (("daily", "day"), ("monthly", "month")):
        if limits[name] is not None:
            of = f"{spent[unit]} of " if unit in spent else ""
            texts.append(f"{of}{limits[name]} a {unit}")
    return ", ".join(texts) or "none"
