"""Examples of banks in OpenAPI."""

from __future__ import annotations

from typing import Any, Final

_BANK: Final = "5d2a7c1e-8f40-4b7b-9d55-0c6a2f3b9e11"
_FRIENDS: Final = "c7f1b6a0-2d3e-4a58-8a06-5b1de0a4f913"
_CALLER: Final = "0f8a4c5e-77d1-4c53-9b1a-1c2f3e4d5a6b"
_MADE: Final[dict[str, Any]] = {
    "bank_id": _BANK,
    "name": "newsroom",
    "kind": "fakes",
    "visibility": "private",
    "policy": {"stills": True, "min_confidence": 0.95},
    "created_at": "2026-01-31T09:30:00+00:00",
}
_LISTED: Final[dict[str, Any]] = {**_MADE, "organization": "Example Newsroom", "own": True, "entries": 12}
_LIMITS: Final[dict[str, Any]] = {"entries": 10000, "media": None, "bytes": None}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "NewBank": {
        "name": "newsroom",
        "visibility": "private",
        "policy": {"stills": True, "min_confidence": 0.95},
    },
    "BankChange": {"policy": {"face_retention_days": 30, "known_fake_action": "block"}},
    "NewOverlay": {"policy": {"min_confidence": 0.95, "known_fake_action": "review"}},
    "NewBankLimits": {"entries": 10000},
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Bank": _MADE,
    "BankList": {"banks": [_LISTED]},
    "ShownBank": {
        **_LISTED,
        "shared": False,
        "overlay": None,
        "shares": 1,
        "holds": {"entries": 14, "media": 31, "bytes": 734003200},
        "limits": _LIMITS,
    },
    "LimitedBank": {"bank_id": _BANK, "limits": _LIMITS},
    "DeletedBank": {"bank_id": _BANK, "name": "newsroom", "withdrawn": 12},
    "BankShares": {
        "bank_id": _BANK,
        "name": "newsroom",
        "visibility": "shared",
        "shares": [
            {
                "organization_id": _FRIENDS,
                "organization": "Fact-checkers",
                "shared_at": "2026-02-01T10:00:00+00:00",
                "shared_by": _CALLER,
                "overlaid": False,
            }
        ],
    },
}
