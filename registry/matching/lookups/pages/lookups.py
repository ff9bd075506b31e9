"""Lookups for pages, with the API's limits and its guard against reconstruction. `registry/app/web.py`
provides them, so that pages do not import the API."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from starlette.requests import Request

from registry.catalogue.media.service.uploads import Upload
from registry.console.view import Page
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Answer


class Lookups(Protocol):
    """The lookups that `registry/app/web.py` provides."""

    def document(
        self,
        request: Request,
        service: Service,
        caller: Caller,
        raw: bytes,
        watch_days: int | None = None,
    ) -> Answer: ...

    def sha256(self, request: Request, service: Service, caller: Caller, sha256: str) -> Answer: ...

    def file(
        self, service: Service, caller: Caller, upload: Upload, watch_days: int | None = None
    ) -> UUID: ...

    def told(self, answer: Answer, caller: Caller) -> Answer: ...


def lookups(page: Page) -> Lookups:
    """Return the lookups of this process."""
    found: Lookups = page.request.app.state.lookups
    return found
