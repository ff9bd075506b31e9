"""Options that describe a fake: whom it depicts, where it was seen, the evidence."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from registry.catalogue.entries.errors import BadClaimReview
from registry.catalogue.entries.model.details import CHANNELS
from registry.core.errors import BadInput
from registry.core.terminal.text import printable

Described = dict[str, Any]
LARGEST: Final = 1 << 20
"""Bytes of a JSON-LD file."""

_OPTIONS: Final = (
    click.option("--language", metavar="TAG", help="Of title and claim: es, pt-BR, ar."),
    click.option(
        "--depicts",
        multiple=True,
        metavar="NAME[=URL]",
        help="Who is shown, and a page that says who is meant; stored encrypted. May be repeated.",
    ),
    click.option(
        "--seen", multiple=True, metavar="URL", help="Where it was seen; stored encrypted. May be repeated."
    ),
    click.option("--platform", metavar="NAME", help="On which platform, for all of --seen, or without it."),
    click.option("--channel", type=click.Choice(CHANNELS), help="Open to anybody, or in messages."),
    click.option("--seen-at", metavar="TIME", help="When: 2026-01-31, or 2026-01-31T09:30+01:00."),
    click.option("--evidence", metavar="TEXT", help="How it is known to be a fake; for your organization."),
    click.option(
        "--claim-review",
        type=click.Path(path_type=Path, dir_okay=False),
        help="A file of ClaimReview or MediaReview (JSON-LD): says what the other options do not.",
    ),
    click.option("--variant-of", type=click.UUID, metavar="ID", help="The entry that this is a variant of."),
)


def options[T](command: Callable[..., T]) -> Callable[..., T]:
    """Add the options, passed on as one `described`."""

    @wraps(command)
    def gathered(**given: Any) -> T:
        names = ("language", "depicts", "seen", "platform", "channel", "seen_at", "evidence", "claim_review")
        chosen = {name: given.pop(name) for name in (*names, "variant_of")}
        return command(described=_described(chosen), **given)

    made: Callable[..., T] = gathered
    for option in reversed(_OPTIONS):
        made = option(made)
    return made


def _described(given: Described) -> Described:
    """Return the fields of the request, without those that are absent. Raises `click.UsageError`,
    `BadInput`."""
    platform, seen = given["platform"], given["seen"]
    if not seen and not platform and (given["channel"] or given["seen_at"]):
        raise click.UsageError("--channel and --seen-at say more of --seen URL or --platform NAME.")
    every = {"platform": platform, "channel": given["channel"], "at": given["seen_at"]}
    places = [{"url": url, **every} for url in seen] or ([every] if platform else [])
    fields = {
        "language": given["language"],
        "depicted": [_person(depict) for depict in given["depicts"]],
        "seen": [{name: value for name, value in place.items() if value} for place in places],
        "evidence": given["evidence"],
        "claim_review": _read(given["claim_review"]) if given["claim_review"] else None,
        "variant_of": str(given["variant_of"]) if given["variant_of"] else None,
    }
    return {name: value for name, value in fields.items() if value}


def _person(given: str) -> dict[str, str]:
    name, _, url = given.partition("=")
    return {"name": name.strip()} | ({"url": url.strip()} if url.strip() else {})


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise _unread(path, f"{error.strerror}") from error
    if len(raw) > LARGEST:
        raise _unread(path, f"it is larger than {LARGEST} bytes")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _unread(path, "it is no JSON") from error


def _unread(path: Path, reason: str) -> BadInput:
    return BadClaimReview(
        f"{printable(str(path))} cannot be read: {reason}.",
        next_step="Give the JSON-LD of the page alone, without its HTML.",
    )
