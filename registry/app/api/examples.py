"""One example of everything that goes in or comes out, by name. A test proves that each fits its model."""

from __future__ import annotations

from typing import Any, Final

from registry.catalogue.banks import examples as bank_examples
from registry.catalogue.entries import examples as entry_examples
from registry.catalogue.fingerprints.examples import DOCUMENT
from registry.catalogue.previews import schemas as preview_models
from registry.identity.accounts import schemas as account_models
from registry.identity.callers import examples as caller_examples
from registry.intake import schemas as private_case_models
from registry.jobs import examples as job_examples
from registry.matching.watches import examples as watch_examples
from registry.persons import examples as person_examples
from registry.review.queue import examples as review_examples
from registry.sharing.federation import examples as peer_examples
from registry.sharing.federation.schemas import foreign_feed as foreign_feed_models
from registry.sharing.hma import schemas as hma_models
from registry.sharing.lists import examples as list_examples
from registry.sharing.soft_binding import schemas as resolution_models
from registry.sharing.sources import examples as exchange_examples
from registry.sharing.webhooks import examples as webhook_examples
from registry.takedown.campaigns import examples as campaign_examples
from registry.takedown.delivery import examples as delivery_examples
from registry.takedown.evidence import examples as evidence_examples
from registry.takedown.recurrences import examples as return_examples
from registry.takedown.reports import examples as output_examples
from registry.transparency.ledger import schemas as ledger_models

_ENTRY: Final = "5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"
_ASSET: Final = "0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21"
_LOOKUP: Final = "c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55"
_BANK: Final = "8f2d7c60-6f6f-4f4e-a1d5-3c1b6d1c9e02"
_CALLER: Final = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_HASH: Final = "d8f8f0cce0f4e84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"
_REFERENCE: Final = {"url": "https://factcheck.example/councillor-clip"}

_MATCH: Final[dict[str, Any]] = {
    "entry_id": _ENTRY,
    "asset_id": _ASSET,
    "title": "Councillor, face-swapped",
    "bank": "default",
    "tier": "reviewed",
    "relation": "copy",
    "verdict": "known_fake",
    "reasons": [],
    "confidence": 0.98,
    "action": "block",
    "exact": False,
    "coverage": {"query": 0.31, "asset": 1.0},
    "spans": [{"query": [12.0, 20.1], "asset": [0.0, 8.1], "speed": 1.0, "mirrored": False}],
    "signals": {
        "frames": {"aligned": 8, "phash": 0.91, "sscd": 0.88},
        "faces": {"compared": 6, "same": True},
        "audio": {"bit_error": 0.04, "seconds": 8.1},
    },
    "provenance": {"state": "absent", "signer": None, "declared": None, "manifest_missing": False},
    "foreign": [],
    "references": [_REFERENCE],
}

_ANSWER: Final[dict[str, Any]] = {
    "lookup_id": _LOOKUP,
    "verdict": "known_fake",
    "reasons": [],
    "mixed": False,
    "confidence": 0.98,
    "action": "block",
    "provenance": None,
    "matches": [_MATCH],
    "timing_ms": {"fingerprint": 0, "candidates": 4.1, "align": 1.2, "total": 6.0},
    "model": "rules-1",
    "notes": [],
    "sampling": "full",
    "checked": ["sha256", "frames", "sound"],
    "not_checked": [
        {"what": "embedding", "reason": "not_computed"},
        {"what": "faces", "reason": "left_out"},
    ],
    "next_step": None,
}

_SUMMARY: Final[dict[str, Any]] = {
    "entry_id": _ENTRY,
    "bank": "default",
    "title": "Councillor, face-swapped",
    "claim": "Shows the councillor at a party",
    "language": "en",
    "manipulation": "face_swap",
    "tier": "unreviewed",
    "original_tier": "unreviewed",
    "status": "matchable",
    "unverified": False,
    "error": None,
    "references": [_REFERENCE],
    "variant_of": None,
    "created_at": "2026-01-31T09:30:00+00:00",
    "matchable_at": "2026-01-31T09:30:04+00:00",
}

_ASSET_ADDED: Final[dict[str, Any]] = {
    "asset_id": _ASSET,
    "sha256": _SHA256,
    "role": "fake",
    "status": "pending",
    "created": True,
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    **bank_examples.REQUESTS,
    **person_examples.REQUESTS,
    **review_examples.REQUESTS,
    **campaign_examples.REQUESTS,
    **evidence_examples.REQUESTS,
    **delivery_examples.REQUESTS,
    **output_examples.REQUESTS,
    **return_examples.REQUESTS,
    **ledger_models.REQUESTS,
    **exchange_examples.REQUESTS,
    **peer_examples.REQUESTS,
    **watch_examples.REQUESTS,
    **webhook_examples.REQUESTS,
    **entry_examples.REQUESTS,
    **hma_models.REQUESTS,
    **resolution_models.REQUESTS,
    **foreign_feed_models.REQUESTS,
    "DocumentLookup": {"type": "document", "value": DOCUMENT, "bank": "default"},
    "Sha256Lookup": {"type": "sha256", "value": _SHA256},
    "Md5Lookup": {"type": "md5", "value": "098f6bcd4621d373cade4e832627b4f6"},
    "HashLookup": {"type": "hash", "algorithm": "pdq.1", "value": _HASH},
    "NewEntry": {
        "bank": "default",
        "title": "Councillor, face-swapped",
        "manipulation": "face_swap",
        "claim": "Shows the councillor at a party",
        "references": [_REFERENCE],
        "fakes": [DOCUMENT],
        "originals": [],
    },
    "Relink": {"entries": [_ENTRY]},
    **account_models.REQUESTS,
    **preview_models.REQUESTS,
    **private_case_models.REQUESTS,
    "NewCase": private_case_models.new_case(DOCUMENT),
    **caller_examples.REQUESTS,
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    **bank_examples.ANSWERS,
    **person_examples.ANSWERS,
    **review_examples.ANSWERS,
    **campaign_examples.ANSWERS,
    **evidence_examples.ANSWERS,
    **delivery_examples.ANSWERS,
    **output_examples.ANSWERS,
    **return_examples.ANSWERS,
    **ledger_models.ANSWERS,
    **list_examples.ANSWERS,
    **exchange_examples.ANSWERS,
    **peer_examples.ANSWERS,
    **watch_examples.ANSWERS,
    **webhook_examples.ANSWERS,
    **entry_examples.ANSWERS,
    **hma_models.ANSWERS,
    **resolution_models.ANSWERS,
    **foreign_feed_models.ANSWERS,
    "LookupAnswer": _ANSWER,
    "QueuedLookup": {
        "lookup_id": _LOOKUP,
        "status": "queued",
        "url": f"/v1/lookups/{_LOOKUP}",
        "retry_after": 1,
    },
    "Registered": {
        "entry_id": _ENTRY,
        "status": "pending",
        "created": True,
        "assets": [_ASSET_ADDED],
        "duplicates": [],
    },
    "AddedAsset": {"entry_id": _ENTRY, **_ASSET_ADDED},
    "Entry": {
        **_SUMMARY,
        **entry_examples.DETAILS,
        "variants": [],
        "listing": None,
        "foreign": [entry_examples.FOREIGN],
        "review": {
            "own_tier": "reviewed",
            "own_original_tier": "unreviewed",
            "suspended_for": None,
            "opinions": review_examples.OPINIONS,
        },
        "assets": [
            {
                "asset_id": _ASSET,
                "role": "fake",
                "sha256": _SHA256,
                "filename": "clip.mp4",
                "kind": "video",
                "duration": 8.1,
                "width": 640,
                "height": 360,
                "bytes": 1048576,
                "status": "fingerprinted",
                "error": None,
                "media_kept": True,
                "notes": [],
                "progress": 1.0,
                "segments": None,
                "frames": 17,
                "faces": 9,
                "algorithms": ["face.sface.1", "pdq.1", "phash256.1", "sscd.1"],
                "matchable_at": "2026-01-31T09:30:04+00:00",
            }
        ],
    },
    "RelatedPage": {
        "entry_id": _ENTRY,
        "pending": False,
        "count": 1,
        "related": [
            {
                "entry_id": "b7f4c7a2-0a5d-4d0e-8f52-6f0f3a3f9d11",
                "title": "Mayor, face-swapped",
                "bank": "default",
                "tier": "unreviewed",
                "manipulation": "face_swap",
                "kind": "same_footage",
                "relation": "same_footage_other_face",
                "faces": "other",
                "score": 0.95,
                "persons": [],
                "asset_id": _ASSET,
                "role": "fake",
                "related_asset_id": "6d4d5f0c-3c4c-4d6f-9d57-7f4a2b9a1e63",
                "related_role": "fake",
                "spans": [{"entry": [0.0, 8.1], "related": [12.0, 20.1], "speed": 1.0, "mirrored": False}],
                "pairs": 1,
            }
        ],
        "next": None,
    },
    "Relinked": {"entries": 12},
    "EntryPage": {"entries": [_SUMMARY], "next": None},
    **account_models.ANSWERS,
    **preview_models.ANSWERS,
    **private_case_models.ANSWERS,
    **caller_examples.ANSWERS,
    **job_examples.ANSWERS,
    "Live": {"live": True},
    "Readiness": {
        "ready": True,
        "checks": {"database": {"ok": True, "detail": None}, "broker": {"ok": True, "detail": None}},
    },
}

NOT_READY: Final[dict[str, Any]] = {
    "ready": False,
    "checks": {
        "database": {"ok": False, "detail": "The database cannot be reached."},
        "broker": {"ok": True, "detail": None},
        "blobs": {"ok": True, "detail": None},
    },
}
