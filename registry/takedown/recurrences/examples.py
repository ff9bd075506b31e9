"""Examples of places found again, addresses looked at, and notices taken back."""

from __future__ import annotations

from typing import Any, Final

_NOTICE: Final = "7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"
_CAMPAIGN: Final = "6b1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f12"
_AT: Final = "2026-02-03T09:30:00+00:00"
_RECURRENCE: Final[dict[str, Any]] = {
    "recurrence_id": "2e1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f15",
    "entry_id": "5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10",
    "platform": "telegram",
    "url": "https://t.me/example/4712",
    "content_id": "example/4712",
    "via": "lookup",
    "asked_by": "1f1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f16",
    "lookup_id": "c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55",
    "verdict": "known_fake",
    "match": {"relation": "copy", "confidence": 0.98},
    "seen_time": _AT,
    "outcome": "reopened",
    "why": None,
    "first_notice_id": _NOTICE,
    "notice_id": _NOTICE,
    "created_at": _AT,
    "decided_at": None,
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "NewAddressesConfirmed": {"notice_ids": [_NOTICE]},
    "NewGoingOn": {"notice_ids": [_NOTICE]},
    "NewReturnDecision": {"decision": "take"},
    "NewRetractions": {"notice_ids": [_NOTICE], "dry_run": True},
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "GoneOn": {
        "campaign_id": _CAMPAIGN,
        "gone_on": 1,
        "undisputed": 0,
        "disputes": ["0d9c1f57-6a0b-4a55-9d5f-2f6f3f1c1f55"],
    },
    "AddressesConfirmed": {
        "confirmed": 1,
        "unmarked": 0,
        "addresses": [{"notice_id": _NOTICE, "url": "https://bit.ly/3xYz", "marks": ["shortener"]}],
    },
    "Recurrence": {**_RECURRENCE, "outcome": "reopened", "via": "person", "decided_at": _AT},
    "RecurrencePage": {"recurrences": [_RECURRENCE], "next": None},
    "Retractions": {
        "campaign_id": _CAMPAIGN,
        "dry_run": True,
        "retracted": 0,
        "would_be": 1,
        "notices": [
            {
                "notice_id": _NOTICE,
                "platform": "telegram",
                "due": True,
                "channel": "email",
                "address": "abuse@telegram.org",
                "language": "en",
                "subject": "Withdrawal of our notice FP-MZXW6YTBOI2DEMZU",
                "text": "We withdraw our notice.\n",
                "hindrance": None,
            }
        ],
    },
}
