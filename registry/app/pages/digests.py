"""Choose mails of unread notifications, and stop them by the link in each mail, without signing in."""

from __future__ import annotations

from starlette.responses import Response

from registry.app.pages.home import area
from registry.app.pages.notifications import notifications
from registry.app.service.digests import account_of, address_of
from registry.console.area import EVERYBODY, SIGNED_IN
from registry.console.view import Page, Shown
from registry.core.errors import BadInput
from registry.sharing.notifications.model import EVERY, Digest
from registry.sharing.notifications.service import choose_digest, stop_digest

__all__ = ["area"]


@area.form("/notifications/digest", operation=SIGNED_IN, again=notifications)
def choose(page: Page) -> Response:
    """Save how often the reader is mailed: in this language and this time zone."""
    chosen = next((every for every in EVERY if every == page.typed.text("every")), None)
    if chosen is None:
        stop_digest(page.service, page.signed.account_id)
        return page.go("/notifications", "digest_stopped")
    if address_of(page.service, page.signed.sign_in_name) is None:
        raise BadInput("No mail can be sent to this account.")
    digest = Digest(chosen, page.words.language, page.words.zone.key)
    choose_digest(page.service, page.signed, digest)
    return page.go("/notifications", "digest_chosen")


@area.page("/digest/{word}", operation=EVERYBODY)
def stopping(page: Page) -> Shown:
    """Ask whether to stop the mails. Opening the link stops nothing: programs open links too."""
    account_of(page.service, page.path("word"))
    return page.show("home/digest.html", stopped=False)


@area.link("/digest/{word}")
def stop(page: Page) -> Shown:
    """Stop the mails: by the button, or by the mail program in one click."""
    stop_digest(page.service, account_of(page.service, page.path("word")))
    return page.show("home/digest.html", stopped=True)
