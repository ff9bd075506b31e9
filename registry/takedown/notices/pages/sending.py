"""Pages that preview letters beside the list of their notices, and send them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from registry.console.view import Page, Shown, as_uuid
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.delivery.schemas import SendingOfNotice
from registry.takedown.delivery.service.sending import FORMS, Form, preview_letter, send_notices
from registry.takedown.notices.model.notice import NoticeFilter
from registry.takedown.notices.service.notices import list_notices

LETTERS: Final = 200
"""Maximum number of letters previewed and sent together."""


@area.page("/takedown/{campaign_id}/send", operation="sendNotices")
def sending(page: Page) -> Shown:
    """List the letters and their recipients, and preview one of them (`?letter=NOTICE`), at first the first.

    For htmx, returns only the previewed letter.
    """
    campaign_id = page.uuid("campaign_id")
    only = page.typed.text("only") or page.query("notice")
    letter_of = page.query("letter")
    if page.fragment and letter_of:
        chosen = [as_uuid(letter_of)]
        tried = send_notices(page.service, page.caller, campaign_id, notice_ids=chosen, dry_run=True)
        shown = next((row for row in tried.notices if not row.hindrances), None)
        campaign = {"campaign_id": str(campaign_id)}
        return page.show("takedown/notices/letter_part.html", campaign=campaign, letter=shown)
    chosen_or_all = [as_uuid(only)] if only else None
    tried = send_notices(page.service, page.caller, campaign_id, notice_ids=chosen_or_all, dry_run=True)
    ready = list_notices(page.service, page.caller, campaign_id, NoticeFilter("ready"), limit=LETTERS)
    good = [row for row in tried.notices if not row.hindrances]
    return page.show(
        "takedown/notices/send.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        tried=tried,
        good=good[:LETTERS],
        every=len(good),
        letter=_previewed(good[:LETTERS], letter_of),
        places={row.notice_id: row for row in ready.notices},
        ways=Counter(tried.ways).most_common(),
        only=only,
    )


def _previewed(letters: Sequence[SendingOfNotice], notice_id: str) -> SendingOfNotice | None:
    """Return the letter of that notice, else the first."""
    named = (row for row in letters if row.notice_id == notice_id)
    return next(named, letters[0] if letters else None)


@area.form("/takedown/{campaign_id}/send", operation="sendNotices", again=sending)
def send(page: Page) -> Response:
    """Send the letters that the page showed. Then redirect to the letters that a person has to hand over."""
    campaign_id = page.uuid("campaign_id")
    chosen = [as_uuid(notice_id) for notice_id in page.typed.all("notice")]
    read = {
        notice_id: page.typed.text(f"read-{notice_id}")
        for notice_id in chosen
        if page.typed.given(f"read-{notice_id}")
    }
    result = send_notices(page.service, page.caller, campaign_id, notice_ids=chosen, read=read)
    by_hand = bool(result.ways.get("paper"))
    next_page = "deliveries?status=print" if by_hand else "deliveries"
    return page.go(
        f"/takedown/{campaign_id}/{next_page}", "notices_prepared_print" if by_hand else "notices_sent"
    )


@area.page("/takedown/{campaign_id}/notices/{notice_id}/letter", operation="previewLetter")
def letter(page: Page) -> Response:
    """Preview the letter of a notice, exactly as it would be sent."""
    form: Form = next((form for form in FORMS if form == page.query("form")), "sent")
    preview = preview_letter(
        page.service, page.caller, page.uuid("campaign_id"), page.uuid("notice_id"), form
    )
    disposition = f'inline; filename="{preview.reference}.{preview.ending}"'
    return Response(
        preview.content, media_type=preview.media_type, headers={"Content-Disposition": disposition}
    )
