"""Pages of deliveries and retractions: print letters, record hand-overs and receipts, retract notices."""

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
"""Maximum number of letters in one archive."""
_MESSAGES: Final[dict[Decision, str]] = {
    "handed_over": "delivery_handed_over",
    "delivered": "delivery_received",
    "send_again": "delivery_again",
    "print": "delivery_paper",
}
"""Messages of the page after a decision on deliveries."""
COLUMNS: Final = ("reference", "delivery_id", "notice_id", "platform", "address", "language")


@area.page("/takedown/{campaign_id}/deliveries", operation="listNoticeDeliveries")
def deliveries(page: Page) -> Shown:
    """List deliveries by status. `print`: those that a person has to print and hand over."""
    campaign_id = page.uuid("campaign_id")
    query = page.query("status")
    status: Status | None = next((known_status for known_status in STATUSES if known_status == query), None)
    channel: Way | None = "paper" if query == "print" else None
    shown = list_notice_deliveries(
        page.service,
        page.caller,
        campaign_id,
        DeliveryFilter("waiting" if channel else status, channel),
        limit=PAGE,
        after=page.query("after") or None,
    )
    notice_ids = " ".join(delivery.notice_id for delivery in shown.deliveries)
    places = {
        str(notice_id): notice
        for notice_id, notice in name_notices(page.service, page.caller, notice_ids).items()
    }
    chosen = set(page.typed.all("delivery"))
    possible = {delivery.delivery_id: _decisions(delivery) for delivery in shown.deliveries}
    return page.show(
        "takedown/delivery/deliveries.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        deliveries=[
            {
                **dict(delivery),
                "place": places.get(delivery.notice_id),
                "chosen": delivery.delivery_id in chosen,
                "can": possible[delivery.delivery_id],
            }
            for delivery in shown.deliveries
        ],
        next=shown.next,
        asked=query if status or channel else "",
        statuses=STATUSES,
        retried=any({"send_again", "print"} & set(acts) for acts in possible.values()),
    )


def _decisions(row: NoticeDelivery) -> list[str]:
    """Return the decisions that the page offers. `decide_delivery` checks them."""
    if row.status == "handed_over":
        return ["delivered"] if row.kind == "notice" and row.delivered_at is None else []
    if row.channel == "paper":
        return ["handed_over"] if row.status in {"waiting", "unsure", "dead"} else []
    if row.status in {"unsure", "dead"}:
        return ["handed_over", "send_again", "print"]
    return ["print"] if row.status == "waiting" else []


@area.form("/takedown/{campaign_id}/deliveries", operation="decideNoticeDelivery", again=deliveries, files=1)
def decide(page: Page) -> Response:
    """Record a decision on the chosen deliveries.

    Deliveries that do not allow it stay unchanged, and the first error is shown.
    """
    campaign_id, typed = page.uuid("campaign_id"), page.typed
    show_campaign(page.service, page.caller, campaign_id)
    chosen = [as_uuid(delivery_id) for delivery_id in typed.all("delivery")]
    if not chosen:
        raise WhichNotices
    decision: Decision = next((decision for decision in _MESSAGES if decision == typed.text("do")), "print")
    needs_time = decision in {"handed_over", "delivered"}
    at = (moment(page, "at") or datetime.now(UTC)) if needs_time else None
    proof = _proof(page, chosen) if needs_time else None
    refused: Conflict | None = None
    for delivery_id in chosen:
        try:
            decide_delivery(page.service, page.caller, delivery_id, decision, at=at, proof_sha256=proof)
        except Conflict as error:
            refused = refused or error
    if refused is not None:
        raise refused
    return page.go(f"/takedown/{campaign_id}/deliveries", _MESSAGES[decision])


def _proof(page: Page, chosen: list[UUID]) -> str | None:
    """Return the SHA-256 of the uploaded proof, or None.

    One proof for several letters needs a confirmation, and one platform. Raises `BadInput` (`proof_of_many`).
    """
    document = document_if(page, "proof")
    if document is None:
        return None
    if len(chosen) > 1:
        recipients = [show_notice_delivery(page.service, page.caller, id_).platform for id_ in chosen]
        if not page.typed.given("proof_of_all") or len(set(recipients)) > 1:
            raise ProofOfMany("A proof is for one letter, or for several letters to one platform.")
    return document.sha256


@area.page("/takedown/{campaign_id}/deliveries/{delivery_id}/letter", operation="printNotice")
def letter(page: Page) -> Response:
    """Get the letter for printing, or for a platform's form."""
    content = print_notice(page.service, page.caller, page.uuid("delivery_id"))
    headers = {"Content-Disposition": f'inline; filename="{page.uuid("delivery_id")}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


@area.page("/takedown/{campaign_id}/letters", operation="printNotice")
def letters(page: Page) -> Response:
    """Get all waiting letters as one archive, with their recipients in `letters.csv`.

    Letters that must not be sent any more are left out.
    """
    campaign_id = page.uuid("campaign_id")
    waiting = list_notice_deliveries(
        page.service, page.caller, campaign_id, DeliveryFilter("waiting", "paper"), limit=LETTERS
    ).deliveries
    members, written = [], []
    for delivery in waiting:
        try:
            content = print_notice(page.service, page.caller, as_uuid(delivery.delivery_id))
        except Conflict:
            continue
        members.append(plain_zip.member(f"{delivery.reference.lower()}.pdf", content))
        written.append(delivery)
    if not written:
        raise NoLetters("No letters to print.")
    rows = [COLUMNS, *([getattr(row, name) for name in COLUMNS] for row in written)]
    members.append(plain_zip.member("letters.csv", b"".join(safe_tables.csv_lines(rows))))
    headers = {"Content-Disposition": f'attachment; filename="letters-{campaign_id}.zip"'}
    return StreamingResponse(plain_zip.pieces(members), media_type="application/zip", headers=headers)


@area.page("/takedown/{campaign_id}/retractions", operation="retractNotices")
def retractions(page: Page) -> Shown:
    """Preview retractions: the letters, and to whom they would go."""
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
    """Retract the chosen notices."""
    campaign_id = page.uuid("campaign_id")
    chosen = [as_uuid(notice_id) for notice_id in page.typed.all("notice")]
    if not chosen:
        raise WhichNotices
    retract_notices(page.service, page.caller, campaign_id, notice_ids=chosen, dry_run=False)
    return page.go(f"/takedown/{campaign_id}", "notices_retracted")
