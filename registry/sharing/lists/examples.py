"""Examples of imports."""

from __future__ import annotations

from typing import Any, Final

_IMPORT: Final[dict[str, Any]] = {
    "import_id": "6f1c1c9e-3c0b-4f6f-9d0b-2a8a3d5d9b11",
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

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Import": _IMPORT,
    "ImportPage": {"imports": [_IMPORT], "next": None},
    "ImportFault": {"line": 17, "code": "bad_hash", "message": "A hash of type pdq has 64 hex digits."},
}
