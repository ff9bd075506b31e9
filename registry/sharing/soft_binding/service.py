"""Resolve soft bindings: find the C2PA manifests that belong to media like the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from registry.catalogue import provenance as manifests
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.pipeline import Lookup, look_up
from registry.sharing.soft_binding import model as soft_binding
from registry.sharing.soft_binding.schemas import FoundManifest

MOST: Final = 100
"""Maximum number of manifests returned."""
_SAME: Final = frozenset({"original", "copy", None})
"""Relations under which the medium's manifest may belong to the query. None: the relation is unknown."""


def answer_binding(service: Service, caller: Caller, fingerprint: Fingerprint) -> Answer:
    """Look up the fingerprint of a soft binding. The lookup is recorded like any other. Needs `lookup`."""
    caller.require("lookup")
    return look_up(service, Lookup(caller, fingerprint, "document"))


def find_manifests(
    service: Service, caller: Caller, answers: Sequence[Answer], *, most: int
) -> list[FoundManifest]:
    """Return `manifestId` and `similarityScore` of the matched media's manifests, best first, `most` at most.

    `answers`: with all signals. Includes only valid manifests of matchable media that the caller may fetch
    (`fetch_manifest`). Needs `lookup`.
    """
    caller.require("lookup")
    scores: dict[UUID, tuple[int, float]] = {}
    for match in (match for answer in answers for match in answer["matches"]):
        if match["asset_id"] and match["relation"] in _SAME and "unreviewed" not in match["reasons"]:
            asset_id = UUID(match["asset_id"])
            scores[asset_id] = max(scores.get(asset_id, (0, 0.0)), _score(match, fine=caller.sees_signals))
    if not scores:
        return []
    with service.pool.transaction() as connection:
        labels = manifests.fetchable(connection, caller.organization_id, asset_ids=list(scores))
    best: dict[str, tuple[int, float]] = {}
    for asset_id, label in labels.items():
        best[label] = max(best.get(label, (0, 0.0)), scores[asset_id])
    ordered = sorted(best, key=lambda label: best[label], reverse=True)
    return [
        FoundManifest(manifestId=label, similarityScore=best[label][0])
        for label in ordered[: min(most, MOST)]
    ]


def _score(match: Mapping[str, Any], *, fine: bool) -> tuple[int, float]:
    """Return the `similarityScore`, and the covered share of the query to order equal scores."""
    frames = match["signals"]["frames"] or {}
    alike = [value for name in ("phash", "sscd") if (value := frames.get(name)) is not None]
    score = soft_binding.score(max(alike, default=None), exact=match["exact"], fine=fine)
    return score, match["coverage"]["query"]
