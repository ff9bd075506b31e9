"""Examples of what goes in and comes out about reviews, opinions and disputes."""

from __future__ import annotations

from typing import Any, Final

_ENTRY: Final = "3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"
_ASSET: Final = "a3c9d0e1-52b7-4f3f-8a2e-6f1f2f3c4d5e"
_LOOKUP: Final = "0b7a2c9e-8d1f-4e6a-b3c5-7d9e1f2a3b4c"
_ORIGINAL: Final = "5b8f3c52-0b9e-4c0e-a9ce-1d2a7c4f8e63"
_REVIEW: Final = "c56a4180-65aa-42ec-a945-5fd21dec0538"
_DISPUTE: Final = "9a7b330a-a736-4d2f-8d3e-1f1f6a1c2b3d"
_CALLER: Final = "6ecd8c99-4036-403d-bf84-cf8400f67836"
_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_AT: Final = "2026-02-01T08:00:00+00:00"
_ORDER: Final[dict[str, Any]] = {
    "court": "Juzgado de Instrucción n.º 2 de Melilla",
    "docket": "DP 123/2026",
    "date": "2026-01-30",
    "document_sha256": _SHA256,
}
_CLAIMED: Final[dict[str, Any]] = {"by": "you", "lease_until": "2026-02-01T08:30:00+00:00"}
OPINIONS: Final[dict[str, Any]] = {
    "true_positive": 4,
    "false_positive": 1,
    "confirming": 2,
    "denying": 1,
    "latest": _AT,
}
_SUMMARY: Final[dict[str, Any]] = {
    "dispute_id": _DISPUTE,
    "entry_id": _ENTRY,
    "kind": "satire",
    "standing": "author",
    "state": "open",
    "suspends": True,
    "outcome": None,
    "remedy": None,
    "title": "Councillor, face-swapped",
    "entry_status": "suspended",
    "bank": "default",
    "organization": "Example Theatre",
    "owner": "Example Newsroom",
    "opened_at": _AT,
    "answer_due": "2026-02-08T08:00:00+00:00",
    "closed_at": None,
}
_OPINION: Final[dict[str, Any]] = {
    "entry_id": _ENTRY,
    "lookup_id": _LOOKUP,
    "caller_id": _CALLER,
    "organization": "Example Platform",
    "opinion": "false_positive",
    "verdict": "known_fake",
    "confidence": 0.95,
    "relation": "copy",
    "reasons": [],
    "exact": False,
    "signals": None,
    "given_at": _AT,
    "changed_at": None,
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "NewClaim": {"minutes": 30},
    "NewDecision": {"decision": "approve", "covers": ["fake"], "reason": "Both clips seen side by side."},
    "NewWithdrawal": {"reason_code": "mistaken", "reason": "It is another clip."},
    "NewOpinion": {"entry_id": _ENTRY, "opinion": "false_positive"},
    "NewDispute": {
        "kind": "satire",
        "standing": "author",
        "statement": "A sketch of our programme of 30 January, announced as such.",
        "contact": "redaccion@teatro.example",
    },
    "NewDisputeAnswer": {"statement": "It went round without the announcement."},
    "NewRuling": {
        "decision": "uphold",
        "reason_code": "shown_satire",
        "reason": "The programme shows it announced.",
        "remedy": "withdrawn",
    },
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "ReviewPage": {
        "items": [
            {
                "entry_id": _ENTRY,
                "reason": "unreviewed",
                "priority": 5,
                "title": "Councillor, face-swapped",
                "status": "matchable",
                "tier": "unreviewed",
                "original_tier": "unreviewed",
                "own_tier": None,
                "bank": "default",
                "organization": "Example Newsroom",
                "own": False,
                "unverified": False,
                "private_case": False,
                "since": _AT,
                "created_at": _AT,
                "claimed": None,
            }
        ],
        "next": None,
    },
    "EntryReview": {
        "entry_id": _ENTRY,
        "title": "Councillor, face-swapped",
        "bank": "default",
        "organization": "Example Newsroom",
        "own": False,
        "status": "matchable",
        "suspended_for": None,
        "tier": "unreviewed",
        "original_tier": "unreviewed",
        "own_tier": None,
        "own_original_tier": None,
        "created_at": _AT,
        "claim": "The councillor confessed on air.",
        "language": "en",
        "manipulation": "face_swap",
        "references": [{"url": "https://example.org/debunked"}],
        "depicted": [],
        "seen": [],
        "evidence": None,
        "private_case": None,
        "registered_by_you": False,
        "media": [
            {
                "asset_id": _ASSET,
                "role": "fake",
                "sha256": _SHA256,
                "kind": "video",
                "duration": 8.1,
                "notes": [],
                "tier": "unreviewed",
                "media_kept": True,
                "recomputed": True,
                "added_at": _AT,
                "added_by_you": False,
                "seen_by_you": True,
            }
        ],
        "derived": [
            {
                "fake_id": _ASSET,
                "original_id": _ORIGINAL,
                "faces": "other",
                "spans": [{"fake": [0.0, 8.1], "original": [12.0, 20.1], "speed": 1.0, "mirrored": False}],
            }
        ],
        "decisions": [
            {
                "review_id": _REVIEW,
                "decision": "court_order",
                "organization": "Example Bar",
                "caller_id": None,
                "caller": None,
                "reason_code": None,
                "reason": None,
                "order": _ORDER,
                "decided_at": _AT,
                "stands": True,
                "unseen": None,
            }
        ],
        "conflicts": [],
        "disputes": [],
        "opinions": OPINIONS,
        "claimed": _CLAIMED,
    },
    "Released": {"entry_id": _ENTRY, "released": True},
    "Verified": {"entry_id": _ENTRY, "asset_id": _ASSET, "sha256": _SHA256, "recomputed": False},
    "ErasedReview": {"review_id": _REVIEW, "erased": True},
    "GivenOpinion": {
        "lookup_id": _LOOKUP,
        "entry_id": _ENTRY,
        "opinion": "false_positive",
        "given_at": _AT,
        "changed_at": None,
    },
    "EntryOpinions": {"entry_id": _ENTRY, "summary": OPINIONS, "opinions": [_OPINION], "next": None},
    "OpinionPage": {"opinions": [_OPINION], "next": None},
    "DisputePage": {"disputes": [_SUMMARY], "next": None},
    "Dispute": {
        **_SUMMARY,
        "side": "opener",
        "statement": "A sketch of our programme of 30 January, announced as such.",
        "contact": "redaccion@teatro.example",
        "answer": None,
        "answered_at": None,
        "accepted_at": None,
        "reason_code": None,
        "reasons": None,
        "order_sha256": None,
        "erased_at": None,
    },
}
