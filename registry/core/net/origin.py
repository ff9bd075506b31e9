"""The origin by which people reach the service."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from registry.core.settings import Settings


def origin_of(request: Request, settings: Settings) -> str:
    """Return `scheme://host[:port]` from the setting, else from the request."""
    if settings.public_url:
        parts = urlsplit(settings.public_url)
        return f"{parts.scheme}://{parts.netloc}"
    return f"{request.url.scheme}://{request.headers.get('host', '')}"
