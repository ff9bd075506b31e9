"""Examples of exchanges."""

from __future__ import annotations

from typing import Any, Final

_EXCHANGE: Final = "2b6f0c2f-6c7f-4b10-8f57-0b7b1f6a9a21"

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "NewExchange": {
        "name": "StopNCII",
        "kind": "stopncii",
        "bank": "stopncii",
        "credentials": {"function_key": "…", "subscription_key": "…"},
        "every": 3600,
    },
}

_READ: Final[dict[str, Any]] = {
    "exchange_id": _EXCHANGE,
    "name": "StopNCII",
    "kind": "stopncii",
    "bank": "stopncii",
    "address": "https://api.stopncii.org/v1",
    "options": {},
    "credentials": True,
    "every": 3600,
    "state": "active",
    "progress_at": "2026-01-31T09:58:00+00:00",
    "fetching": False,
    "next_at": "2026-01-31T11:00:00+00:00",
    "fetched_at": "2026-01-31T10:00:04+00:00",
    "added": 120304,
    "withdrawn": 211,
    "rejected": 0,
    "error": None,
    "created_at": "2026-01-01T00:00:00+00:00",
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Exchange": _READ,
    "ExchangeList": {"exchanges": [_READ]},
}
