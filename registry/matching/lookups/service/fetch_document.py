"""Fetch a fingerprint document from the address at which somebody has put it."""

from __future__ import annotations

import io

from registry.core.net.outbound import fetch
from registry.core.service import Service
from registry.identity.callers.model import Caller


def fetch_document(service: Service, caller: Caller, url: str) -> bytes:
    """Its bytes, not read yet; at most `max_document_bytes`. Needs `lookup`.

    Addresses that are not public are refused where exchanges may not have them either. Raises `BadInput`
    (`bad_url`, `address_refused`, `not_fetched`), `TooLarge`, `Forbidden`.
    """
    caller.require("lookup")
    settings = service.settings
    found = io.BytesIO()
    fetch(url, found, private=settings.exchange_private, most=settings.max_document_bytes)
    return found.getvalue()
