"""Examples of what goes in and comes out about evidence."""

from __future__ import annotations

from typing import Any, Final

_NOTICE: Final = "e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"
_CALLER: Final = "6ecd8c99-4036-403d-bf84-cf8400f67836"
_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_EXHIBIT: Final[dict[str, Any]] = {
    "kind": "screenshot",
    "sha256": _SHA256,
    "bytes": 482_113,
    "name": "captura-2026-02-01.png",
    "note": "The post, with its date and the number of views.",
    "made_at": "2026-02-01T08:00:00+00:00",
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "NewDisclosure": {
        "recipients": ["age1wcswut80h2c6xv5q3hm6vmw9qqp3n6h3qsxdlsl55l0nv8z8vezsmdu4s9"],
        "identity": None,
        "notice_id": _NOTICE,
        "time_stamp": True,
    },
    "NewExhibit": {**_EXHIBIT, "content": None},
}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Exhibits": {
        "notice_id": _NOTICE,
        "exhibits": [
            {
                "exhibit_id": "5b0d2f3c-8a1e-4f7d-9c6b-2e1f0a9d8c7b",
                **_EXHIBIT,
                "kept": False,
                "added_by": _CALLER,
                "caller": "lucia",
                "added_at": "2026-02-01T08:05:00+00:00",
            }
        ],
    },
}
