"""Wait for the workers: fingerprinting of an entry's media, lookup of a file."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any, Final

from registry.core.errors import Unavailable
from registry.core.errors.terminal import TimedOut
from registry.core.terminal.client import Client
from registry.core.terminal.problems import Reply
from registry.core.terminal.progress import Advance

PATIENCE: Final = 30.0
"""Seconds for which the service may be away (during a restart) before waiting fails."""
SETTLED: Final = frozenset({"failed", "suspended", "withdrawn"})


def until_matchable(
    client: Client, entry_id: str, asset_ids: Collection[str], advance: Advance
) -> dict[str, Any]:
    """Return the entry once each of these assets answers lookups or has failed.

    Raises `TimedOut`, which names the entry, and what `Client.get` raises.
    """
    fetch = _patient(lambda: client.get(f"/v1/entries/{entry_id}"))
    try:
        for _ in client.deadline.pauses():
            entry = fetch().body
            assets = [asset for asset in entry["assets"] if asset["asset_id"] in asset_ids]
            advance(sum(map(_share, assets)) / max(len(assets), 1), "fingerprinting")
            if entry["status"] in SETTLED or all(map(_settled, assets)):
                return entry
    except TimedOut:
        pass
    raise TimedOut(
        f"Entry {entry_id} is not matchable yet; the work goes on. "
        f"See it with `fakeprint entries {entry_id}`.",
        extra={"entry_id": entry_id},
    )


def until_answered(client: Client, first: Reply, advance: Advance) -> dict[str, Any]:
    """Return the answer to a lookup that was accepted with `first`. Raises the worker's error, or
    `TimedOut`."""
    if first.status != 202:
        return first.body
    lookup_id = str(first.body["lookup_id"])
    fetch = _patient(lambda: client.get(f"/v1/lookups/{lookup_id}"))
    try:
        for _ in client.deadline.pauses():
            advance(1.0, "waiting for the answer")
            reply = fetch()
            if reply.status != 202:
                return reply.body
    except TimedOut:
        pass
    raise TimedOut(
        f"Lookup {lookup_id} is not answered yet; the work goes on. "
        f"Fetch it with GET /v1/lookups/{lookup_id}.",
        extra={"lookup_id": lookup_id},
    )


def _settled(asset: dict[str, Any]) -> bool:
    return asset["status"] == "failed" or asset["matchable_at"] is not None


def _share(asset: dict[str, Any]) -> float:
    return 1.0 if asset["status"] == "fingerprinted" else float(asset.get("progress") or 0.0)


def _patient(call: Callable[[], Reply]) -> Callable[[], Reply]:
    """Retry `call` for a while if the service is away; its work continues meanwhile."""

    def fetch() -> Reply:
        gives_up = time.monotonic() + PATIENCE
        while True:
            try:
                return call()
            except Unavailable:
                if time.monotonic() >= gives_up:
                    raise

    return fetch
