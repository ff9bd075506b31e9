"""Examples of imports and exchanges."""

from __future__ import annotations

from typing import Any, Final

_IMPORT: Final = "6f1c1c9e-3c0b-4f6f-9d0b-2a8a3d5d9b11"
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

_SHOWN: Final[dict[str, Any]] = {
    "import_id": _IMPORT,
    "bank": "elections",
    "name": "partner-hashes.csv",
    "format": "csv",
    "state": "finished",
    "bytes": 96000120,
    "lines": 1000001,
    "crc32": "8d1f60a3",
    "read": 1000000,
    "added": 999998,
    "duplicates": 1,
    "conflicts": 0,
    "rejected": 1,
    "created_at": "2026-01-31T10:00:00+00:00",
    "finished_at": "2026-01-31T10:03:12+00:00",
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
    "Import": _SHOWN,
    "ImportPage": {"imports": [_SHOWN], "next": None},
    "ImportFault": {"line": 17, "code": "bad_hash", "message": "A hash of type pdq has 64 hex digits."},
    "Exchange": _READ,
    "ExchangeList": {"exchanges": [_READ]},
}
