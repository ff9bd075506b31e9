"""Examples of what is said of entries."""

from __future__ import annotations

from typing import Any, Final

_ENTRY: Final = "5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"
_OTHER: Final = "b7f4c7a2-0a5d-4d0e-8f52-6f0f3a3f9d11"

DETAILS: Final[dict[str, Any]] = {
    "depicted": [{"name": "Dolores Ibáñez", "url": "https://council.example/ibanez", "role": "councillor"}],
    "seen": [
        {"platform": "Telegram", "channel": "messaging", "at": "2026-01-30T22:10:00+01:00"},
        {"url": "https://video.example/watch/1", "channel": "public", "at": "2026-01-31"},
    ],
    "evidence": "The footage is a 2024 interview; the face was replaced from 0:03 on.",
}

FOREIGN: Final[dict[str, Any]] = {
    "origin": "fakes.example/ledger",
    "entry_id": _OTHER,
    "licence": "CC-BY-4.0",
    "peer": "north",
    "status": "matchable",
    "tier": "reviewed",
    "ledger_index": 18441,
    "item_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "said_at": "2026-01-31T09:31:02+00:00",
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "EntryChange": {"language": "es", **DETAILS, "variant_of": _OTHER},
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "ErasedDetails": {"entry_id": _ENTRY, "erased": True},
}

PROVENANCE: Final[dict[str, Any]] = {
    "prefix": {"media": "urn:fakeprint:media:", "org": "urn:fakeprint:organization:"},
    "entity": {"media:1": {"prov:type": "fp:Fake"}, "media:2": {"prov:type": "fp:Original"}},
    "wasDerivedFrom": {
        "_:wasDerivedFrom0": {
            "prov:generatedEntity": "media:1",
            "prov:usedEntity": "media:2",
            "fp:assertedBy": "who:registry",
            "fp:span": ["0.000/8.100=12.000/20.100;speed=1"],
        }
    },
}

CLAIM_REVIEW: Final[dict[str, Any]] = {
    "@context": "https://schema.org",
    "@graph": [
        {
            "@type": "ClaimReview",
            "@id": f"urn:fakeprint:entry:{_ENTRY}",
            "claimReviewed": "Shows the councillor at a party",
            "author": {"@type": "Organization", "name": "Example Newsroom"},
            "reviewRating": {"@type": "Rating", "ratingValue": 1, "alternateName": "Fake"},
        }
    ],
}
