"""Examples of statements of reasons, releases and figures."""

from __future__ import annotations

from typing import Any, Final

_NOTICE: Final = "7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"
_CAMPAIGN: Final = "6b1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f12"
_REPLY: Final = "3d1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f14"
_AT: Final = "2026-01-31T09:30:00+00:00"

STATEMENT: Final[dict[str, Any]] = {
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
    "illegal_content_legal_ground": "Article 197.7 of the Spanish Criminal Code",
    "illegal_content_explanation": "It shows a person in acts they never took part in.",
    "content_type": ["CONTENT_TYPE_SYNTHETIC_MEDIA", "CONTENT_TYPE_VIDEO"],
    "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    "category_specification": ["KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE"],
    "content_date": "2026-01-20",
    "application_date": "2026-01-31",
    "decision_facts": "The video was reported as FP-MZXW6YTBOI2DEMZU.",
    "source_type": "SOURCE_ARTICLE_16",
    "automated_detection": "No",
    "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
    "puid": "TK421",
}
"""As a platform sends it: DSA transparency database, `POST /api/v1/statement`."""
_ROW: Final[dict[str, Any]] = {
    "row": 1,
    "state": "matched",
    "puid": "TK421",
    "outcome": "removed",
    "proposes": "remove",
    "reply_id": _REPLY,
    "notice_id": _NOTICE,
    "matched_by": "token",
    "candidates": [],
    "moved": None,
    "code": None,
    "faults": [],
}
_GROUP: Final[dict[str, Any]] = {
    "name": "telegram",
    "notices": 14,
    "not_prepared": 1,
    "prepared_notices": 13,
    "prepared": 14,
    "handed_over": 14,
    "delivered": 12,
    "acknowledged": 12,
    "removed": 11,
    "refused": 1,
    "closed": 0,
    "open": 2,
    "open_in_time": 1,
    "judged": 13,
    "late": 2,
    "breaches": 2,
    "overdue": 0,
    "reopened": 1,
    "counter_notices": 1,
    "statements": 10,
    "automated": 4,
    "median_hours_to_removal": 19.5,
    "p90_hours_to_removal": 41.25,
    "breach_rate": 0.1538,
    "automated_share": 0.4,
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "NewRelease": {
        "recipient": "lumen",
        "fields": ["places"],
        "valid_until": "2026-12-31T00:00:00+01:00",
    },
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "TakenStatements": {
        "matched": 1,
        "unmatched": 0,
        "known": 0,
        "faulty": 0,
        "moved": 0,
        "statements": [_ROW],
    },
    "Releases": {
        "campaign_id": _CAMPAIGN,
        "releases": [
            {
                "release_id": "2e1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f15",
                "recipient": "lumen",
                "fields": ["places"],
                "holds": True,
                "valid_until": "2026-12-30T23:00:00+00:00",
                "revoked_at": None,
                "caller_id": "1f1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f16",
                "caller": "Legal desk",
                "created_at": _AT,
            }
        ],
    },
    "Figures": {"campaign_id": _CAMPAIGN, "by": "platform", "time_zone": "UTC", "groups": [_GROUP]},
}
