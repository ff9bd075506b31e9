"""The page of notifications: events of the organization that the reader has not read."""

from __future__ import annotations

from starlette.responses import Response

from registry.app.pages.bell import stream
from registry.app.pages.home import area
from registry.app.service.digests import address_of
from registry.app.service.notification_kinds import TEXTS, kinds_of
from registry.console.area import SIGNED_IN
from registry.console.languages import N_
from registry.console.view import Card, Page, Shown, Waiting
from registry.core.errors import BadInput, FakeprintError
from registry.sharing.notifications.model import Notification
from registry.sharing.notifications.service import (
    count_unread,
    get_digest,
    list_notifications,
    mark_read,
)


def unread(page: Page) -> int | None:
    """Return how many notifications the reader has not read, `MOST` at most, for the header of every page.
    None if the service cannot count now: the page is shown all the same."""
    try:
        return count_unread(page.service, page.signed, kinds_of(page.caller)).count
    except FakeprintError:
        return None


def _unread(page: Page) -> Card:
    return Card(
        N_("Unread notifications"),
        N_("No unread notifications."),
        "/notifications",
        count_unread(page.service, page.signed, kinds_of(page.caller)),
        N_("What others and the service did since you last looked."),
    )


area.waiting += (Waiting(SIGNED_IN, _unread),)
area.says = {
    **area.says,
    "notifications_read": N_("Marked as read."),
    "digest_chosen": N_("Saved. You get an email when something is new."),
    "digest_stopped": N_("Saved. You get no more emails."),
}


@area.page("/notifications", operation=SIGNED_IN)
def notifications(page: Page) -> Shown:
    """List notifications, the newest first."""
    found = list_notifications(
        page.service, page.signed, kinds_of(page.caller), after=page.query("after") or None
    )
    rows = [(row, TEXTS[row.kind][1], _place(row)) for row in found.notifications]
    newest = max((row.notification_no for row in found.notifications if not row.is_read), default=0)
    return page.show(
        "home/notifications.html",
        rows=rows,
        next=found.next,
        newest=newest,
        digest=get_digest(page.service, page.signed),
        address=address_of(page.service, page.signed.sign_in_name),
    )


@area.page("/notifications/live", operation=SIGNED_IN, passive=True)
def live(page: Page) -> Response:
    """Stream the number of unread notifications as server-sent events. See `registry.app.pages.bell`."""
    return stream(page, kinds_of(page.caller))


@area.form("/notifications", operation=SIGNED_IN, again=notifications)
def read(page: Page) -> Response:
    """Mark as read what the page showed, and all that is older."""
    number = page.typed.text("up_to")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise BadInput("The number of the newest notification is missing.")
    mark_read(page.service, page.signed, int(number))
    return page.go("/notifications", "notifications_read")


def _place(row: Notification) -> str:
    """Return the path of the page about it."""
    noun, ids = row.kind.partition(".")[0], row.subject
    if "notice_id" in ids and "campaign_id" in ids:
        return f"/takedown/{ids['campaign_id']}/notices/{ids['notice_id']}"
    if noun == "dispute" and "dispute_id" in ids:
        return f"/disputes/{ids['dispute_id']}"
    if noun == "entry":
        return f"/entries/{row.entry_id}"
    return {"notice": "/takedown/replies", "watch": "/watches", "dispute": "/disputes"}.get(noun, "/admin")
