"""Lookups for pages, answered as the API answers them: in turn, within a caller's limits, refused where they
feel for registered hashes. `registry/app/web.py` brings them, so that pages and API do not know each
other."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from starlette.requests import Request

from registry.catalogue.media.service import Upload
from registry.console.view import Page
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Answer


class Lookups(Protocol):
    """What `registry/app/web.py` brings."""

    def document(self, request: Request, service: Service, caller: Caller, raw: bytes) -> Answer: ...

    def sha256(self, request: Request, service: Service, caller: Caller, sha256: str) -> Answer: ...

    def file(self, service: Service, caller: Caller, upload: Upload) -> UUID: ...

    def told(self, answer: Answer, caller: Caller) -> Answer: ...


def lookups(page: Page) -> Lookups:
    """Those of the process."""
    found: Lookups = page.request.app.state.lookups
    return found
