"""Examples of watched lookups."""

from __future__ import annotations

from typing import Any, Final

_ENTRY: Final = "5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"
_WATCH: Final[dict[str, Any]] = {
    "watch_id": "6b0f3c1a-2f4e-4d58-8a53-51b1f7e3c9d2",
    "lookup_id": "c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55",
    "input": "document",
    "created_at": "2026-01-31T09:30:00+00:00",
    "expires_at": "2026-03-02T09:30:00+00:00",
    "answers": 1,
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {"WatchRules": {"watch_days_most": 30}}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "WatchRulesInForce": {
        "watch_days_most": 30,
        "tells_matches": False,
        "reports_places": False,
        "deployment_days": 90,
    },
    "Watch": _WATCH,
    "WatchPage": {"watches": [_WATCH], "next": None},
    "WatchWithAnswers": {
        **_WATCH,
        "matched": [
            {
                "verdict": "known_fake",
                "reasons": [],
                "mixed": False,
                "confidence": 0.95,
                "matches": [
                    {
                        "entry_id": _ENTRY,
                        "asset_id": "0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21",
                        "tier": "reviewed",
                        "relation": "copy",
                        "verdict": "known_fake",
                        "reasons": [],
                        "coverage": {"query": 0.31, "asset": 1.0},
                        "spans": [
                            {"query": [12.0, 20.1], "asset": [0.0, 8.1], "speed": 1.0, "mirrored": False}
                        ],
                        "confidence": 0.95,
                    }
                ],
                "checked": ["sha256", "frames", "embedding", "sound"],
                "not_checked": [{"what": "faces", "reason": "left_out"}],
                "next_step": None,
                "entry_id": _ENTRY,
                "answered_at": "2026-02-03T18:00:00+00:00",
            }
        ],
    },
}
