"""Letters that are prepared: printed, handed over by a person's word or a proof, delivered by a receipt;
those of which nobody knows, and what is taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from starlette.responses import Response, StreamingResponse

from registry.console.view import Page, Shown, as_uuid
from registry.core.documents import plain_zip, safe_tables
from registry.core.errors import Conflict
from registry.takedown.campaigns.pages.fields import document_if, moment
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.delivery.errors import NoLetters, ProofOfMany
from registry.takedown.delivery.model.delivery import STATUSES, DeliveryFilter, Status, Way
from registry.takedown.delivery.schemas import Decision, NoticeDelivery
from registry.takedown.delivery.service.deliveries import (
    decide_delivery,
    list_notice_deliveries,
    show_notice_delivery,
)
from registry.takedown.delivery.service.retraction import retract_notices
from registry.takedown.errors import WhichNotices
from registry.takedown.notices.service.notices import name_notices, print_notice

PAGE: Final = 100
LETTERS: Final = 100
"""Letters of one archive."""
_SAID: Final[dict[Decision, str]] = {
    "handed_over": "delivery_handed_over",
    "delivered": "delivery_received",
    "send_again": "delivery_again",
    "print": "delivery_paper",
}
"""What a person may say of letters, and what the page says then."""
COLUMNS: Final = ("reference", "delivery_id", "notice_id", "platform", "address", "language")


@area.page("/takedown/{campaign_id}/deliveries", operation="listNoticeDeliveries")
def deliveries(page: Page) -> Shown:
    """Letters by status; `print`: those that a person has to print and hand over."""
    campaign_id = page.uuid("campaign_id")
    asked = page.query("status")
    status: Status | None = next((statuse for statuse in STATUSES if statuse == asked), None)
    channel: Way | None = "paper" if asked == "print" else None
    found = list_notice_deliveries(
        page.service,
        page.caller,
        campaign_id,
        DeliveryFilter("waiting" if channel else status, channel),
        limit=PAGE,
        after=page.query("after") or None,
    )
    named = " ".join(delivery.notice_id for delivery in found.deliveries)
    places = {
        str(notice_id): notice for notice_id, notice in name_notices(page.service, page.caller, named).items()
    }
    chosen = set(page.typed.all("delivery"))
    can = {delivery.delivery_id: _can(delivery) for delivery in found.deliveries}
    return page.show(
        "takedown/delivery/deliveries.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        deliveries=[
            {
                **dict(delivery),
                "place": places.get(delivery.notice_id),
                "chosen": delivery.delivery_id in chosen,
                "can": can[delivery.delivery_id],
            }
            for delivery in found.deliveries
        ],
        next=found.next,
        asked=asked if status or channel else "",
        statuses=STATUSES,
        retried=any({"send_again", "print"} & set(item) for item in can.values()),
    )


def _can(row: NoticeDelivery) -> list[str]:
    """What a person may say of it; the action decides."""
    if row.status == "handed_over":
        return ["delivered"] if row.kind == "notice" and row.delivered_at is None else []
    if row.channel == "paper":
        return ["handed_over"] if row.status in {"waiting", "unsure", "dead"} else []
    if row.status in {"unsure", "dead"}:
        return ["handed_over", "send_again", "print"]
    return ["print"] if row.status == "waiting" else []


@area.form("/takedown/{campaign_id}/deliveries", operation="decideNoticeDelivery", again=deliveries, files=1)
def decide(page: Page) -> Response:
    """Say of those that are chosen that they were handed over or delivered, or have them sent again or
    printed. Those of which it cannot be said are left; the first of them is told."""
    campaign_id, typed = page.uuid("campaign_id"), page.typed
    show_campaign(page.service, page.caller, campaign_id)
    chosen = [as_uuid(item) for item in typed.all("delivery")]
    if not chosen:
        raise WhichNotices
    decision: Decision = next((decision for decision in _SAID if decision == typed.text("do")), "print")
    said = decision in {"handed_over", "delivered"}
    at = (moment(page, "at") or datetime.now(UTC)) if said else None
    proof = _proof(page, chosen) if said else None
    refused: Conflict | None = None
    for item in chosen:
        try:
            decide_delivery(page.service, page.caller, item, decision, at=at, proof_sha256=proof)
        except Conflict as error:
            refused = refused or error
    if refused is not None:
        raise refused
    return page.go(f"/takedown/{campaign_id}/deliveries", _SAID[decision])


def _proof(page: Page, chosen: list[UUID]) -> str | None:
    """The digest of the file that was given; of several letters only where it is said to show it of all, and
    they go to one platform. Raises `BadInput` (`proof_of_many`)."""
    given = document_if(page, "proof")
    if given is None:
        return None
    if len(chosen) > 1:
        found = [show_notice_delivery(page.service, page.caller, id_).platform for id_ in chosen]
        if not page.typed.given("proof_of_all") or len(set(found)) > 1:
            raise ProofOfMany("A proof is of one letter, or of all to one platform.")
    return given.sha256


@area.page("/takedown/{campaign_id}/deliveries/{delivery_id}/letter", operation="printNotice")
def letter(page: Page) -> Response:
    """The letter, to be printed or attached to a platform's form."""
    made = print_notice(page.service, page.caller, page.uuid("delivery_id"))
    named = {"Content-Disposition": f'inline; filename="{page.uuid("delivery_id")}.pdf"'}
    return Response(made, media_type="application/pdf", headers=named)


@area.page("/takedown/{campaign_id}/letters", operation="printNotice")
def letters(page: Page) -> Response:
    """All letters that wait, in one archive, with `letters.csv`, which says what goes where. What must not
    go out any more is left out."""
    campaign_id = page.uuid("campaign_id")
    found = list_notice_deliveries(
        page.service, page.caller, campaign_id, DeliveryFilter("waiting", "paper"), limit=LETTERS
    ).deliveries
    members, written = [], []
    for delivery in found:
        try:
            made = print_notice(page.service, page.caller, as_uuid(delivery.delivery_id))
        except Conflict:
            continue
        members.append(plain_zip.member(f"{delivery.reference.lower()}.pdf", made))
        written.append(delivery)
    if not written:
        raise NoLetters("No letters to print.")
    rows = [COLUMNS, *([getattr(item, name) for name in COLUMNS] for item in written)]
    members.append(plain_zip.member("letters.csv", b"".join(safe_tables.csv_lines(rows))))
    named = {"Content-Disposition": f'attachment; filename="letters-{campaign_id}.zip"'}
    return StreamingResponse(plain_zip.pieces(members), media_type="application/zip", headers=named)


@area.page("/takedown/{campaign_id}/retractions", operation="retractNotices")
def retractions(page: Page) -> Shown:
    """What would be written to whom, to take back what was said: nothing is sent by looking."""
    campaign_id = page.uuid("campaign_id")
    only = page.typed.text("only") or page.query("notice")
    chosen = [as_uuid(only)] if only else None
    return page.show(
        "takedown/delivery/retractions.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        tried=retract_notices(page.service, page.caller, campaign_id, notice_ids=chosen, dry_run=True),
        only=only,
    )


@area.form("/takedown/{campaign_id}/retractions", operation="retractNotices", again=retractions)
def retract(page: Page) -> Response:
    """Take back those that the page showed and that are chosen."""
    campaign_id = page.uuid("campaign_id")
    chosen = [as_uuid(item) for item in page.typed.all("notice")]
    if not chosen:
        raise WhichNotices
    retract_notices(page.service, page.caller, campaign_id, notice_ids=chosen, dry_run=False)
    return page.go(f"/takedown/{campaign_id}", "notices_retracted")
