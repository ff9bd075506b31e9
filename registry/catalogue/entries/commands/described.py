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
"""Most bytes of a JSON-LD file."""

_OPTIONS: Final = (
    click.option("--language", metavar="TAG", help="Language of title and claim: es, pt-BR, ar."),
    click.option(
        "--depicts",
        multiple=True,
        metavar="NAME[=URL]",
        help="A person shown, and a page that identifies the person; stored encrypted. May be repeated.",
    ),
    click.option(
        "--seen", multiple=True, metavar="URL", help="Where it was seen; stored encrypted. May be repeated."
    ),
    click.option("--platform", metavar="NAME", help="Platform where it was seen, with or without --seen."),
    click.option("--channel", type=click.Choice(CHANNELS), help="Kind of place: public, messaging or other."),
    click.option(
        "--seen-at", metavar="TIME", help="When it was seen: 2026-01-31, or 2026-01-31T09:30+01:00."
    ),
    click.option(
        "--evidence", metavar="TEXT", help="How it is known to be a fake; only for your organization."
    ),
    click.option(
        "--claim-review",
        type=click.Path(path_type=Path, dir_okay=False),
        help="File with a ClaimReview or MediaReview (JSON-LD); supplies missing fields.",
    ),
    click.option("--variant-of", type=click.UUID, metavar="ID", help="The entry that this is a variant of."),
)


def options[T](command: Callable[..., T]) -> Callable[..., T]:
    """Add the options, passed on as one `described`."""

    @wraps(command)
    def gathered(**parameters: Any) -> T:
        names = ("language", "depicts", "seen", "platform", "channel", "seen_at", "evidence", "claim_review")
        chosen = {name: parameters.pop(name) for name in (*names, "variant_of")}
        return command(described=_described(chosen), **parameters)

    decorated: Callable[..., T] = gathered
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def _described(chosen: Described) -> Described:
    """Return the fields of the request, without those that are absent. Raises `click.UsageError`,
    `BadInput`."""
    platform, seen = chosen["platform"], chosen["seen"]
    if not seen and not platform and (chosen["channel"] or chosen["seen_at"]):
        raise click.UsageError("--channel and --seen-at need --seen URL or --platform NAME.")
    common = {"platform": platform, "channel": chosen["channel"], "at": chosen["seen_at"]}
    places = [{"url": url, **common} for url in seen] or ([common] if platform else [])
    fields = {
        "language": chosen["language"],
        "depicted": [_person(depict) for depict in chosen["depicts"]],
        "seen": [{name: value for name, value in place.items() if value} for place in places],
        "evidence": chosen["evidence"],
        "claim_review": _read(chosen["claim_review"]) if chosen["claim_review"] else None,
        "variant_of": str(chosen["variant_of"]) if chosen["variant_of"] else None,
    }
    return {name: value for name, value in fields.items() if value}


def _person(text: str) -> dict[str, str]:
    name, _, url = text.partition("=")
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
        raise _unread(path, "it is not JSON") from error


def _unread(path: Path, reason: str) -> BadInput:
    return BadClaimReview(
        f"{printable(str(path))} cannot be read: {reason}.",
        next_step="Give the JSON-LD of the page alone, without its HTML.",
    )
