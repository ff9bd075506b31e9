"""Ask a peer to tell of new pages, so that what it takes back is gone here in seconds."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

import orjson

from registry.core.net import outbound
from registry.core.service import Service
from registry.sharing.federation.model import peer
from registry.sharing.federation.store import peers
from registry.sharing.sources.service.open_credentials import open_credentials

log = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 86_400
"""After which a peer is asked anew, whatever it answered: it may have forgotten, or given up."""


def follow_peer(service: Service, row: Mapping[str, Any]) -> None:
    """Once a day, where the deployment has said where others reach it. Raises nothing for what the peer does:
    it is read in its turn all the same. `row`: the exchange's."""
    base = service.settings.public_url.rstrip("/")
    if not base:
        return
    peer_id = row["exchange_id"]
    with service.pool.transaction() as connection:
        if not peers.follow(connection, peer_id, seconds=AGAIN_SECONDS):
            return
    terms = peer.stored(row["address"], row["options"])
    token = open_credentials(service, dict(row)).get("token", "")
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    attempt = outbound.post(
        f"{terms.address}/v1/feeds/{terms.feed}/readers",
        headers,
        orjson.dumps({"url": f"{base}/v1/peers/{peer_id}/news"}),
        private=service.settings.exchange_private,
    )
    said = {"exchange_id": str(peer_id), "outcome": attempt.outcome, "status": attempt.status}
    log.info("asked a peer to tell of new pages", extra=said)
