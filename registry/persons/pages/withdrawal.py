"""The page on which a protected person withdraws consent with the code, without an account."""

from __future__ import annotations

import threading
import time
from typing import Final

from registry.console.view import Page, Shown
from registry.core.http.limiter import Limiter
from registry.persons.erasure.service import revoke_by_code
from registry.persons.pages.area import area

SECONDS: Final = 1.0
"""Least seconds until the answer, so that the time does not reveal whether the code is valid."""
_LIMITER: Final = Limiter()
_LOCK: Final = threading.Lock()


@area.page("/protection/withdraw", operation="revokeByCode")
def withdrawing(page: Page) -> Shown:
    """Ask for the code."""
    return page.show("persons/withdraw.html", accepted=False)


@area.form("/protection/withdraw", operation="revokeByCode", again=withdrawing)
def withdraw(page: Page) -> Shown:
    """Withdraw the consent. The answer is the same whether or not the code is valid."""
    with _LOCK:
        _LIMITER.take(page.client)
    began = time.monotonic()
    revoke_by_code(page.service, page.typed.text("code").strip())
    time.sleep(max(0.0, began + SECONDS - time.monotonic()))
    return page.show("persons/withdraw.html", accepted=True)
