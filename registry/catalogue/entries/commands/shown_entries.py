"""Entries as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click

from registry.catalogue.provenance import commands as origins
from registry.core.terminal.lifetime import here
from registry.core.terminal.report import print_json
from registry.core.terminal.shown import Row, table
from registry.core.terminal.text import clip_time, printable

NOTHING_YET = """No entries yet.
  next: fakeprint register FAKE --original ORIGINAL"""
NOTHING_SUCH = """No such entries.
  next: fakeprint entries (without --bank and --status) lists all"""


def listing(found: Sequence[Row], *, more: bool, filtered: bool) -> None:
    """The entries of one page."""
    if not found:
        click.echo(NOTHING_SUCH if filtered else NOTHING_YET)
        return
    table(
        ("entry", "status", "tier", "bank", "registered", "title"),
        (
            [row["entry_id"], row["status"], row["tier"], row["bank"], _day(row), row["title"]]
            for row in found
        ),
    )
    if more:
        click.echo("There are more: give a greater --limit.", err=True)


def entry(found: Row) -> Iterator[str]:
    """One entry with its files, line by line."""
    yield f"{found['entry_id']}  “{printable(str(found['title']))}”"
    tier = str(found["tier"]).replace("_", " ")
    alone = found.get("unverified") and found["status"] == "matchable"
    unverified = ", from fingerprints alone" if alone else ""
    yield f"  {found['status']}, {tier}{unverified}, in bank “{printable(str(found['bank']))}”"
    yield from origins.foreign(found.get("foreign"), "  ")
    yield from _reviewed(found.get("review"))
    if found.get("manipulation"):
        yield f"  made by: {str(found['manipulation']).replace('_', ' ')}"
    if found.get("claim"):
        yield f"  claim: {printable(str(found['claim']))}"
    if found.get("error"):
        yield f"  {_error(found['error'])}"
        yield f"  next: fakeprint entries retry {found['entry_id']}"
    yield from _details(found)
    for reference in found.get("references") or ():
        yield f"  see {printable(str(reference.get('url', '')))}"
    for asset in found.get("assets") or ():
        yield from _asset(asset)


def _details(found: Row) -> Iterator[str]:
    for item in found.get("depicted") or ():
        page = f" ({printable(str(item['url']))})" if item.get("url") else ""
        yield f"  depicts: {printable(str(item['name']))}{page}"
    for place in found.get("seen") or ():
        where = " ".join(printable(str(place[name])) for name in ("platform", "url") if place.get(name))
        yield f"  seen: {where}, {place['channel']}{', ' + str(place['at']) if place.get('at') else ''}"
    if found.get("evidence"):
        yield f"  evidence: {printable(str(found['evidence']))}"
    for other in found.get("variants") or ():
        first = "variant of" if other["entry_id"] == found.get("variant_of") else "other variant:"
        yield f"  {first} {other['entry_id']} “{printable(str(other['title']))}”, {other['status']}"


def _reviewed(said: Row | None) -> Iterator[str]:
    """What reviewers, and those who matched it, say of an entry of one's own."""
    if not said:
        return
    if said["suspended_for"]:
        yield f"  suspended for: {str(said['suspended_for']).replace('_', ' ')}"
    if said["own_tier"] != "unreviewed":
        yield f"  by your own reviewers: {str(said['own_tier']).replace('_', ' ')}"
    opinions = said["opinions"]
    if opinions["true_positive"] or opinions["false_positive"]:
        confirmed, denied = opinions["true_positive"], opinions["false_positive"]
        yield f"  matches confirmed {confirmed} times, denied {denied} times"


def _asset(asset: Row) -> Iterator[str]:
    name = printable(str(asset.get("filename") or "")) or f"sha256 {str(asset['sha256'])[:16]}…"
    size = f", {asset['width']}×{asset['height']}" if asset.get("width") else ""
    length = f", {clip_time(float(asset['duration']))}" if asset.get("duration") else ""
    kept = "" if asset.get("media_kept") else ", media not kept"
    yield f"  {asset['role']}: {name}{size}{length}{kept}"
    yield f"    asset {asset['asset_id']}: {_state(asset)}"
    yield from origins.of_asset(asset.get("provenance"))
    if asset.get("error"):
        yield f"    {_error(asset['error'])}"


def _state(asset: Row) -> str:
    if asset.get("matchable_at"):
        return f"matchable, {asset['frames']} frames, {asset['faces']} faces"
    if asset["status"] == "pending":
        read = asset.get("segments")
        parts = f", {read['done']} of {read['of']} segments read" if read else ""
        return f"being fingerprinted, {float(asset.get('progress') or 0):.0%}{parts}"
    return str(asset["status"])


def _error(said: Row) -> str:
    return f"error [{printable(str(said['code']))}]: {printable(str(said['message']))}"


def _day(row: Row) -> str:
    return here(str(row["created_at"]))


def print_entry(found: Row, text: Iterable[str], *, as_json: bool) -> None:
    """Print an entry as JSON, or as these lines."""
    if as_json:
        print_json(found)
    else:
        for line in text:
            click.echo(line)
