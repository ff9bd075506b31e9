"""Helpers shared by tests of banks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import FakeprintError
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.answers import answer_document, answer_sha256
from registry.matching.lookups.service.hashes import answer_hash
from tests.support.media import drawn

CLIP = drawn.clip("shared", face="a")
COPY = drawn.clip("shared", face="a", noise=0.05, file="copy")


def put(service: Service, caller: Caller, bank: str, *fakes: Fingerprint) -> str:
    made = register_entry(
        service, caller, Registration(fakes=fakes or (CLIP,), bank=bank, manipulation="edited")
    )
    return str(made.entry_id)


def pdq(clip: Fingerprint) -> str:
    return (clip.frames[2].pdq or b"").hex()


WAYS: dict[str, Callable[[Service, Caller, Fingerprint], Answer]] = {
    "document": answer_document,
    "sha256": lambda service, caller, clip: answer_sha256(service, caller, clip.media.sha256),
    "hash": lambda service, caller, clip: answer_hash(service, caller, "pdq.1", pdq(clip)),
}


def seen(service: Service, caller: Caller, clip: Fingerprint = CLIP) -> set[str]:
    """Return the kinds of lookup with which a caller finds a clip."""
    return {name for name, ask in WAYS.items() if ask(service, caller, clip)["matches"]}


def rate(service: Service, entry_id: str, tier: str) -> None:
    """Set the tier of an entry and its current media, for every caller."""
    with service.pool.transaction() as connection:
        for table in ("entry", "entry_asset"):
            connection.execute(
                f"UPDATE {table} SET tier = %s, own_tier = %s WHERE entry_id = %s",  # noqa: S608 - two names
                (tier, tier, entry_id),
            )


def code(caught: pytest.ExceptionInfo[FakeprintError]) -> str:
    return caught.value.code


def joined(fingerprint: Fingerprint, other: Fingerprint) -> Fingerprint:
    later = tuple(replace(frame, time=frame.time + fingerprint.media.duration) for frame in other.frames)
    media = replace(
        fingerprint.media, sha256="ab" * 32, duration=fingerprint.media.duration + other.media.duration
    )
    return replace(fingerprint, media=media, frames=fingerprint.frames + later)


def plain(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in {"lookup_id", "timing_ms"}}
