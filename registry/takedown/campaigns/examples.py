"""Examples of what goes in and comes out about clients, campaigns and notices."""

from __future__ import annotations

from typing import Any, Final

_CLIENT: Final = "2c1d0f9e-3b4a-4c5d-8e6f-7a8b9c0d1e2f"
_MANDATE: Final = "7d3e5a1b-9c2f-4b8e-a6d4-0f1e2d3c4b5a"
_CAMPAIGN: Final = "b1f4c8d2-6a3e-4f7b-9d5c-8e0a1b2c3d4e"
_NOTICE: Final = "e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"
_ENTRY: Final = "3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"
_ASSET: Final = "a3c9d0e1-52b7-4f3f-8a2e-6f1f2f3c4d5e"
_LOOKUP: Final = "0b7a2c9e-8d1f-4e6a-b3c5-7d9e1f2a3b4c"
_CALLER: Final = "6ecd8c99-4036-403d-bf84-cf8400f67836"
_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_AT: Final = "2026-02-01T08:00:00+00:00"
_UNTIL: Final = "2026-08-01T08:00:00+00:00"
_URL: Final = "https://videos.example/watch/123"
_SIGNATORY: Final[dict[str, Any]] = {
    "name": "Lucía Letrada",
    "capacity": "representative",
    "email": "lucia@bufete.example",
    "address": "Calle Mayor 1, 52001 Melilla",
    "signature": None,
    "good_faith": True,
}
_ELEMENTS: Final[dict[str, Any]] = {
    "explanation": "A face swap that shows her in acts she never took part in.",
    "legal_provision": "Article 197.7 of the Spanish Criminal Code.",
}
_ANSWERS: Final[dict[str, Any]] = {
    "in_union": "yes",
    "hosting": "yes",
    "minor": "no",
    "consent": "no",
    "satire": "no",
    "reporting": "no",
}
_MANDATE_SHOWN: Final[dict[str, Any]] = {
    "mandate_id": _MANDATE,
    "granted_by": "self",
    "document_sha256": _SHA256,
    "valid_from": _AT,
    "valid_until": _UNTIL,
    "revoked_at": None,
    "holds": True,
}
_CLIENT_SUMMARY: Final[dict[str, Any]] = {
    "client_id": _CLIENT,
    "name": "Partido de Ejemplo",
    "depicted_name": "Ana Ejemplo",
    "email": "ana@example.org",
    "address": None,
    "country": "ES",
    "created_at": _AT,
    "erased_at": None,
}
_HEAD: Final[dict[str, Any]] = {
    "campaign_id": _CAMPAIGN,
    "title": "Face swaps of Ana",
    "client_id": _CLIENT,
    "mandate_id": _MANDATE,
    "mandate_holds": True,
    "regimes": ["dsa16"],
    "language": "es",
    "state": "open",
    "created_at": _AT,
    "closed_at": None,
}
_SHOWN: Final[dict[str, Any]] = {
    "notice_id": _NOTICE,
    "campaign_id": _CAMPAIGN,
    "entry_id": _ENTRY,
    "regime": "dsa16",
    "platform": "videos.example",
    "url": _URL,
    "content_id": None,
    "note": None,
    "seen_at": None,
    "state": "ready",
    "paused_for": [],
    "hindrances": [],
    "complete": True,
    "verdict": "known_fake",
    "match": {"relation": "copy", "confidence": 0.98, "lookup_id": _LOOKUP, "mixed": False},
    "ground": "match",
    "address_marks": [],
    "address_confirmed_at": None,
    "answers": _ANSWERS,
    "in_scope": True,
    "excepted": False,
    "dispute_id": None,
    "checked_at": _AT,
    "confirmed_at": _AT,
    "answered_at": _AT,
    "created_at": _AT,
    "despite_dispute_at": None,
    "prepared_at": None,
    "handed_over_at": None,
    "delivered_at": None,
    "due_at": None,
    "acknowledged_at": None,
    "removed_at": None,
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "NewClient": {"name": "Partido de Ejemplo", "depicted_name": "Ana Ejemplo", "country": "ES"},
    "NewMandate": {
        "granted_by": "self",
        "document_sha256": _SHA256,
        "valid_from": "2026-02-01T08:00:00Z",
        "valid_until": "2026-08-01T08:00:00Z",
    },
    "NewCampaignData": {
        "title": "Face swaps of Ana",
        "client_id": _CLIENT,
        "mandate_id": _MANDATE,
        "entry_ids": [_ENTRY],
        "regimes": ["dsa16"],
        "language": "es",
        "signatory": _SIGNATORY,
        "elements": _ELEMENTS,
    },
    "CampaignPatch": {"mandate_id": _MANDATE},
    "NewCampaignEntry": {"entry_id": _ENTRY},
    "NewPlaces": {"places": [{"url": _URL, "note": "first upload"}]},
    "NewAnswers": {"regime": "dsa16", "answers": _ANSWERS},
    "NewMatches": {"matches": [{"notice_id": _NOTICE, "lookup_id": _LOOKUP}]},
    "NewGround": {"notice_ids": [_NOTICE], "ground": "seen"},
    "NewPreparation": {"dry_run": True},
    "NoticePatch": {"elements": {"explanation": "The same, with her name in the title."}},
    "NewMove": {"act": "acknowledge", "reason_code": "receipt"},
    "NewCounterNotice": {
        "kind": "satire",
        "standing": "author",
        "statement": "It is a sketch of our programme.",
    },
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "ClientShown": {**_CLIENT_SUMMARY, "mandates": [_MANDATE_SHOWN]},
    "ClientPage": {"clients": [_CLIENT_SUMMARY], "next": None},
    "CampaignShown": {
        **_HEAD,
        "client": {"name": "Partido de Ejemplo", "depicted_name": "Ana Ejemplo"},
        "mandate": _MANDATE_SHOWN,
        "signatory": _SIGNATORY,
        "elements": _ELEMENTS,
        "entries": [
            {
                "entry_id": _ENTRY,
                "title": "Councillor, face-swapped",
                "status": "matchable",
                "tier": "reviewed",
                "sendable": True,
                "disputed": False,
            }
        ],
        "notices": [{"state": "ready", "regime": "dsa16", "notices": 140, "paused": 0, "overdue": 0}],
        "platforms": [{"platform": "videos.example", "notices": 140, "not_handed_over": 140, "removed": 0}],
        "statements": [{"outcome": "removed", "automated_decision": "partially", "statements": 12}],
        "recurrences_proposed": 0,
        "retractions_due": 0,
    },
    "RegimeList": {
        "regimes": [
            {
                "regime": "dsa16",
                "version": "2026-11-25",
                "jurisdiction": "EU",
                "title": "Digital Services Act, notice and action",
                "sources": [
                    {
                        "law": "Regulation (EU) 2022/2065",
                        "article": "Article 16",
                        "url": "https://eur-lex.europa.eu/eli/reg/2022/2065/oj",
                    }
                ],
                "due": {
                    "unit": "working_days",
                    "amount": 5,
                    "zone": "Europe/Brussels",
                    "starts": "received",
                    "binding": False,
                    "why": "The Regulation sets no figure: that is when we ask again.",
                },
                "may_sign": ["depicted_person", "representative"],
                "elements": [
                    {
                        "id": "explanation",
                        "kind": "text",
                        "required": True,
                        "question": "Why is it illegal?",
                        "statement": None,
                    }
                ],
                "questions": [
                    {
                        "id": "hosting",
                        "needs": "yes",
                        "ask": "Is the service a hosting service?",
                        "why": "Article 16 binds these alone.",
                    }
                ],
            }
        ]
    },
    "CampaignPage": {"campaigns": [{**_HEAD, "notices": 140}], "next": None},
    "AddedNotices": {
        "campaign_id": _CAMPAIGN,
        "read": 3,
        "added": 1,
        "duplicates": 1,
        "rejected": 1,
        "unread": 1,
        "unread_lines": [{"line": 7, "given": "Please see these:"}],
        "platforms": [{"platform": "videos.example", "notices": 1}],
        "faults": [
            {
                "line": 3,
                "sheet": "",
                "code": "dangerous_scheme",
                "message": "The address begins with javascript:.",
                "next_step": "Give an http(s) address.",
                "given": "javascript:alert(1)",
            }
        ],
        "remarks": [{"line": 1, "notice_id": _NOTICE, "codes": ["scheme_assumed"]}],
        "repeats": [{"line": 2, "notice_id": _NOTICE}],
        "notices": [{"line": 1, "notice_id": _NOTICE, "file": "clip.mp4", "sha256": ""}],
    },
    "AnswersKept": {"answered": 140, "open": [], "stopped_by": [], "in_scope": True, "excepted": False},
    "GroundKept": {"confirmed": 1, "ground": "seen"},
    "MatchesKept": {
        "matches": [{"notice_id": _NOTICE, "verdict": "known_fake", "asset_id": _ASSET, "confidence": 0.98}]
    },
    "Preparation": {
        "campaign_id": _CAMPAIGN,
        "checked": 140,
        "prepared": 139,
        "sendable": 139,
        "hindrances": {"not_ready": 1, "ground_unconfirmed": 1},
        "notices": [
            {
                "notice_id": _NOTICE,
                "url": _URL,
                "platform": "videos.example",
                "regime": "dsa16",
                "state": "draft",
                "hindrances": ["not_ready", "ground_unconfirmed"],
                "said": [
                    "it is not ready, or its letter is prepared already",
                    "no person has confirmed the match, or having seen it there",
                ],
                "elements": [],
                "questions": [],
            }
        ],
    },
    "NoticeWithHistory": {
        **_SHOWN,
        "elements": {},
        "moves": [
            {
                "number": 1,
                "act": "add",
                "from_state": None,
                "to_state": "draft",
                "caller_id": _CALLER,
                "caller": "lawyer",
                "reason_code": "added",
                "dispute_id": None,
                "words": None,
                "at": _AT,
            }
        ],
        "dsa": {
            "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
            "category_addition": [],
            "category_specification": ["KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE"],
            "content_type": ["CONTENT_TYPE_SYNTHETIC_MEDIA", "CONTENT_TYPE_VIDEO"],
            "source_type": "SOURCE_ARTICLE_16",
        },
        "statements": [],
    },
    "NoticePage": {"notices": [_SHOWN], "next": None},
}
