"""Examples of deliveries, replies and terms that were over."""

from __future__ import annotations

from typing import Any, Final

from registry.takedown.campaigns import examples as campaign_examples

_NOTICE: Final = "7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"
_CAMPAIGN: Final = "6b1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f12"
_ENTRY: Final = "5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"
_DELIVERY_ID: Final = "4c1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f13"
_REPLY_ID: Final = "3d1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f14"
_LOOKUP: Final = "c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55"
_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_AT: Final = "2026-01-31T09:30:00+00:00"
_DUE: Final = "2026-02-02T09:30:00+00:00"

_DELIVERY: Final[dict[str, Any]] = {
    "delivery_id": _DELIVERY_ID,
    "notice_id": _NOTICE,
    "campaign_id": _CAMPAIGN,
    "kind": "notice",
    "platform": "telegram",
    "regime": "dsa16",
    "channel": "email",
    "address": "abuse@telegram.org",
    "language": "en",
    "reference": "FP-MZXW6YTBOI2DEMZU",
    "status": "handed_over",
    "attempts": 1,
    "outcome": "handed_over",
    "response_code": 250,
    "next_at": None,
    "created_at": _AT,
    "handed_at": _AT,
    "delivered_at": None,
    "decided_at": None,
    "decided_by": None,
    "proof_sha256": None,
    "receipt_by": None,
    "receipt_sha256": None,
    "content_sha256": _SHA256,
}
_ATTEMPT: Final[dict[str, Any]] = {
    "attempt": 1,
    "at": _AT,
    "ended_at": _AT,
    "outcome": "handed_over",
    "meaning": "The other side has taken it: 2xx, or 250 after the message's end.",
    "response_code": 250,
}
_REPLY: Final[dict[str, Any]] = {
    "reply_id": _REPLY_ID,
    "state": "matched",
    "notice_id": _NOTICE,
    "matched_by": "token",
    "candidates": [],
    "automatic": False,
    "source": "mailbox",
    "sender": "abuse@telegram.org",
    "subject": "Re: Notice [FP-MZXW6YTBOI2DEMZU]",
    "text": "It was removed.",
    "attached": [],
    "sha256": _SHA256,
    "statement": None,
    "said_at": _AT,
    "created_at": _AT,
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "NewSending": {"dry_run": True},
    "NewDeliveryDecision": {"decision": "handed_over", "at": _AT, "proof_sha256": _SHA256},
    "NewReply": {
        "sender": "Trust and Safety",
        "text": "It was removed.",
        "reference": "FP-MZXW6YTBOI2DEMZU",
        "said_at": _AT,
    },
    "NewMatching": {"notice_id": _NOTICE},
    "NewFind": {"url": "https://t.me/example/4712", "lookup_id": _LOOKUP},
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Sending": {
        "campaign_id": _CAMPAIGN,
        "dry_run": True,
        "prepared": 0,
        "sendable": 1,
        "hindered": 0,
        "ways": {"email": 1},
        "hindrances": {},
        "notices": [
            {
                "notice_id": _NOTICE,
                "platform": "telegram",
                "regime": "dsa16",
                "channel": "email",
                "address": "abuse@telegram.org",
                "language": "en",
                "why_paper": None,
                "reference": "FP-MZXW6YTBOI2DEMZU",
                "subject": "Notice of illegal content under Article 16 [FP-MZXW6YTBOI2DEMZU]",
                "text": "To: Telegram\n\nNotice of illegal content under Article 16 …",
                "content_sha256": _SHA256,
                "due_at": _DUE,
                "hindrances": [],
            }
        ],
    },
    "NoticeDelivery": _DELIVERY,
    "NoticeDeliveryWithAttempts": {**_DELIVERY, "made": [_ATTEMPT]},
    "NoticeDeliveryPage": {"deliveries": [_DELIVERY], "next": None},
    "TakenReplies": {
        "matched": 1,
        "unmatched": 0,
        "known": 0,
        "faulty": 0,
        "replies": [
            {
                "message": 1,
                "state": "matched",
                "reply_id": _REPLY_ID,
                "notice_id": _NOTICE,
                "matched_by": "token",
                "candidates": [],
                "code": None,
            }
        ],
    },
    "NoticeReply": _REPLY,
    "NoticeReplyPage": {"replies": [_REPLY], "next": None},
    "BreachReport": {
        "platforms": [
            {
                "platform": "telegram",
                "handed_over": 12,
                "not_handed_over": 0,
                "removed": 11,
                "breaches": 1,
                "overdue": 0,
            }
        ],
        "breaches": [
            {
                "kind": "breach",
                "notice_id": _NOTICE,
                "campaign_id": _CAMPAIGN,
                "entry_id": _ENTRY,
                "delivery_id": _DELIVERY_ID,
                "platform": "telegram",
                "regime": "take_it_down",
                "state": "expired",
                "handed_at": _AT,
                "due_at": _DUE,
                "raised_at": _DUE,
                "removed_at": None,
            }
        ],
    },
    "Escalation": {
        "notice_id": _NOTICE,
        "kind": "breach",
        "language": "en",
        "authority": "Federal Trade Commission",
        "url": "https://www.ftc.gov/",
        "note": "The Commission enforces the Act.",
        "sources": ["TAKE IT DOWN Act, section 3: https://www.congress.gov/"],
        "subject": "Complaint about Telegram: no timely answer to a notice",
        "text": "To: Federal Trade Commission\n",
        "attempts": [_ATTEMPT],
    },
    "ReopenedNotice": {**campaign_examples.ANSWERS["NoticeWithHistory"], "state": "reopened"},
}
