"""Examples of feeds and peers."""

from __future__ import annotations

from typing import Any, Final

_BANK: Final = "5f0c1c8e-9d7a-4f8e-8a53-0f3d3d1a6b20"
_KEY: Final = "registry.example/ledger+1f2e3d4c+AQ…"
_NOTE: Final = "registry.example/ledger\n184467\n…\n\n— registry.example/ledger …\n"

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "NewPeer": {
        "name": "Agence",
        "address": "https://registry.example",
        "keys": [_KEY],
        "feed": _BANK,
        "bank": "agence",
        "credential": "fp_…",
        "tiers": {"reviewed": "reviewed"},
    },
    "Resumption": {"restart": False},
    "NewFollower": {"url": "https://reader.example/v1/peers/9b1f5a52-3c53-4f6b-8d63-6e0b4c3e2d10/news"},
    "News": {
        "type": "feed.published",
        "timestamp": "2026-01-31T10:00:01+00:00",
        "data": {"feed": _BANK, "page": 214, "checkpoint": _NOTE},
    },
}

_PEER: Final[dict[str, Any]] = {
    "peer_id": "9b1f5a52-3c53-4f6b-8d63-6e0b4c3e2d10",
    "name": "Agence",
    "address": "https://registry.example",
    "origin": "registry.example/ledger",
    "keys": [_KEY],
    "feed": _BANK,
    "tiers": {"reviewed": "reviewed"},
    "bank": "agence",
    "credentials": True,
    "every": 60,
    "state": "active",
    "pages": 214,
    "ledger_index": 184401,
    "ledger_size": 184467,
    "fetching": False,
    "next_at": "2026-01-31T10:01:00+00:00",
    "fetched_at": "2026-01-31T10:00:01+00:00",
    "added": 201344,
    "withdrawn": 12,
    "rejected": 0,
    "error": None,
    "created_at": "2026-01-01T00:00:00+00:00",
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Following": {
        "webhook_id": "0d1b6a52-3c53-4f6b-8d63-6e0b4c3e2d11",
        "url": "https://reader.example/v1/peers/9b1f5a52-3c53-4f6b-8d63-6e0b4c3e2d10/news",
    },
    "Heard": {"fetching": True},
    "FeedList": {
        "origin": "registry.example/ledger",
        "keys": [_KEY],
        "feeds": [
            {
                "bank_id": _BANK,
                "bank": "elections",
                "organization": "Agence",
                "licence": "CC-BY-4.0",
                "share_claims": False,
                "pages": 214,
            }
        ],
    },
    "Peer": _PEER,
    "PeerShown": _PEER | {"checkpoint": _NOTE, "forks": []},
    "PeerList": {"peers": [_PEER]},
}
