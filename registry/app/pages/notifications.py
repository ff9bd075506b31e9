"""The page of notifications: events of the organization that the reader has not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from registry.app.pages.bell import stream
from registry.app.pages.home import area
from registry.console.area import SIGNED_IN
from registry.console.languages import N_
from registry.console.view import Card, Page, Shown, Waiting
from registry.core.errors import BadInput, FakeprintError
from registry.sharing.notifications.model import Notification
from registry.sharing.notifications.service import count_unread, list_notifications, mark_read

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "notice.replied": ("listReplies", N_("A platform has answered.")),
    "notice.undelivered": ("listNotices", N_("A letter could not be delivered.")),
    "notice.reminded": ("listNotices", N_("A deadline ends soon.")),
    "notice.breached": ("listNotices", N_("A platform missed a legal deadline.")),
    "notice.overdue": ("listNotices", N_("A platform missed a deadline.")),
    "notice.found_again": ("listNotices", N_("A removed fake was found again.")),
    "notice.contested": ("listNotices", N_("Somebody objects to a notice.")),
    "dispute.opened": ("listDisputes", N_("Somebody disputes an entry.")),
    "dispute.answered": ("listDisputes", N_("The owner has answered a dispute.")),
    "dispute.decided": ("listDisputes", N_("A dispute was decided.")),
    "entry.failed": ("listEntries", N_("Files of an entry could not be read.")),
    "entry.reviewed": ("listEntries", N_("An entry was reviewed.")),
    "entry.suspended": ("listEntries", N_("An entry was suspended. Lookups no longer find it.")),
    "entry.restored": ("listEntries", N_("An entry was restored. Lookups find it again.")),
    "entry.withdrawn": ("listEntries", N_("An entry was withdrawn.")),
    "watch.matched": ("listWatches", N_("A watched lookup matches an entry.")),
    "reconstruction.suspected": ("listAccounts", N_("A caller may be probing for stored hashes.")),
}
"""Permission and text by kind of event."""


def _kinds(page: Page) -> list[str]:
    return [kind for kind, (operation, _) in TEXTS.items() if page.may(operation)]


def unread(page: Page) -> int | None:
    """Return how many notifications the reader has not read, `MOST` at most, for the header of every page.
    None if the service cannot count now: the page is shown all the same."""
    try:
        return count_unread(page.service, page.signed, _kinds(page)).count
    except FakeprintError:
        return None


def _unread(page: Page) -> Card:
    return Card(
        N_("Unread notifications"),
        N_("No unread notifications."),
        "/notifications",
        count_unread(page.service, page.signed, _kinds(page)),
        N_("What others and the service did since you last looked."),
    )


area.waiting += (Waiting(SIGNED_IN, _unread),)
area.says = {**area.says, "notifications_read": N_("Marked as read.")}


@area.page("/notifications", operation=SIGNED_IN)
def notifications(page: Page) -> Shown:
    """List notifications, the newest first."""
    found = list_notifications(page.service, page.signed, _kinds(page), after=page.query("after") or None)
    rows = [(row, TEXTS[row.kind][1], _place(row)) for row in found.notifications]
    newest = max((row.notification_no for row in found.notifications if not row.is_read), default=0)
    return page.show("home/notifications.html", rows=rows, next=found.next, newest=newest)


@area.page("/notifications/live", operation=SIGNED_IN, passive=True)
def live(page: Page) -> Response:
    """Stream the number of unread notifications as server-sent events. See `registry.app.pages.bell`."""
    return stream(page, _kinds(page))


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
