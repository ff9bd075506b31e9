"""Notices of a campaign: checked, confirmed, sent, and followed one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from starlette.responses import Response

from registry.console.languages import aware
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import Conflict
from registry.takedown.campaigns.pages.campaigns import asked, kinds, regimes_of, said
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.schemas import CampaignShown
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.delivery.service.sending import FORMS, Form, preview_letter, send_notices
from registry.takedown.errors import WhichNotices
from registry.takedown.notices.errors import WhichAct
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import Done, Ground, NoticeFilter, Order, PersonMove, Stand
from registry.takedown.notices.schemas.notices import NoticeShown
from registry.takedown.notices.service.breaches import answer_questions
from registry.takedown.notices.service.moves import go_on, move_notice
from registry.takedown.notices.service.notices import change_notice, list_notices, show_notice
from registry.takedown.notices.service.preparation import confirm_addresses, confirm_grounds, prepare_notices
from registry.takedown.replies.service.replies import list_replies

PAGE: Final = 50
LETTERS: Final = 200
"""Letters that are shown, and sent, at once."""
WAITING: Final = 10
"""Replies that wait and are shown with a notice."""
ACTS: Final[tuple[Done, ...]] = (
    "acknowledge",
    "remove",
    "refuse",
    "appeal",
    "hold",
    "resume",
    "revise",
    "close",
)
REASONS: Final = ("told_by_mail", "told_by_form", "seen_by_person", "by_person")


@area.page("/takedown/{campaign_id}/notices", operation="listNotices")
def board(page: Page) -> Shown:
    """Notices by state and deadline."""
    campaign_id = page.uuid("campaign_id")
    found = show_campaign(page.service, page.caller, campaign_id)
    state: Stand | None = next((stand for stand in notice.STANDS if stand == page.query("state")), None)
    order: Order = "due" if page.query("order") == "due" else "oldest"
    asked_for = {"state": state or "", "platform": page.query("platform"), "regime": page.query("regime")}
    shown = list_notices(
        page.service,
        page.caller,
        campaign_id,
        NoticeFilter(state, asked_for["platform"] or None, asked_for["regime"] or None, order),
        limit=PAGE,
        after=page.query("after") or None,
    )
    query = {name: value for name, value in (asked_for | {"order": order}).items() if value}
    chosen = set(page.typed.all("notice"))
    lacks = _lacks(page, found, shown.notices)
    items = [
        {
            **dict(item),
            "clock": clock(item),
            "chosen": item.notice_id in chosen,
            "lacks": lacks.get(item.notice_id),
        }
        for item in shown.notices
    ]
    return page.show(
        "takedown/notices/notices.html",
        campaign=found,
        notices=items,
        next=shown.next,
        query=query,
        asked=asked_for | {"order": order},
        regimes={item.regime: item.title for item in regimes_of(page, found)},
        states=notice.STANDS,
        acts=ACTS,
        reasons=REASONS,
        now=datetime.now(UTC),
    )


def _lacks(page: Page, campaign: CampaignShown, shown: Sequence[NoticeShown]) -> Mapping[str, object]:
    """By notice, what those lack that may still change, as it is now: nothing is kept of it by looking."""
    wanted = [as_uuid(row.notice_id) for row in shown if row.state in notice.EDITABLE]
    if not wanted or campaign.state != "open" or campaign.title is None:
        return {}
    campaign_id = as_uuid(campaign.campaign_id)
    tried = prepare_notices(page.service, page.caller, campaign_id, notice_ids=wanted, dry_run=True)
    nothing: dict[str, list[str]] = {"hindrances": [], "elements": [], "questions": []}
    return {str(notice_id): nothing for notice_id in wanted} | {
        item.notice_id: item for item in tried.notices
    }


def clock(row: NoticeShown) -> str:
    """How a notice's term stands: `running`, `over` before an answer came, or none that matters (``)."""
    if row.due_at is None or notice.state_of(row.state) not in {*notice.WAITING, "expired"}:
        return ""
    if row.state == "expired":
        return "over"
    return "running" if aware(row.due_at) > datetime.now(UTC) else "over"


def _chosen(page: Page) -> list[UUID]:
    return [as_uuid(item) for item in page.typed.all("notice")]


def _back(page: Page, said_then: str) -> Response:
    """To where the form was: the board with its filter, or one notice."""
    back = page.typed.text("back")
    there = f"/console/takedown/{page.uuid('campaign_id')}/"
    return page.go(back if back.startswith(there) else f"{there}notices", said_then)


@area.form("/takedown/{campaign_id}/grounds", operation="confirmGrounds", again=board)
def confirm(page: Page) -> Response:
    """Stand for it, by name, that the fake is there."""
    ground: Ground = "match" if page.typed.text("ground") == "match" else "seen"
    confirm_grounds(page.service, page.caller, page.uuid("campaign_id"), _chosen(page), ground)
    return _back(page, "notices_confirmed")


@area.form("/takedown/{campaign_id}/addresses", operation="confirmAddresses", again=board)
def confirm_places(page: Page) -> Response:
    """The address is the one that is meant, marked or not."""
    confirm_addresses(page.service, page.caller, page.uuid("campaign_id"), _chosen(page))
    return _back(page, "notices_confirmed")


@area.form("/takedown/{campaign_id}/go-on", operation="goOnDespiteDispute", again=board)
def go_on_with(page: Page) -> Response:
    """Go on although the entry is disputed, by name."""
    go_on(page.service, page.caller, page.uuid("campaign_id"), _chosen(page))
    return _back(page, "notices_gone_on")


@area.form("/takedown/{campaign_id}/preparations", operation="prepareNotices", again=board)
def prepare(page: Page) -> Response:
    """Make those ready that lack nothing: the chosen ones, or all."""
    chosen = _chosen(page) or None
    prepare_notices(page.service, page.caller, page.uuid("campaign_id"), notice_ids=chosen)
    return _back(page, "notices_prepared")


@area.form("/takedown/{campaign_id}/moves", operation="moveNotice", again=board)
def move_all(page: Page) -> Response:
    """What became of the chosen ones, alike. Those that it cannot be are left; the first of them is told."""
    act, why = _act(page)
    campaign_id, chosen = page.uuid("campaign_id"), _chosen(page)
    if not chosen:
        raise WhichNotices
    refused: Conflict | None = None
    for item in chosen:
        try:
            move_notice(page.service, page.caller, campaign_id, item, PersonMove(act, why))
        except Conflict as error:
            refused = refused or error
    if refused is not None:
        raise refused
    return _back(page, "notices_moved")


def _act(page: Page) -> tuple[Done, str]:
    act = next((act for act in ACTS if act == page.typed.text("act")), None)
    why = next((reason for reason in REASONS if reason == page.typed.text("why")), None)
    if act is None or why is None:
        raise WhichAct("Choose what became of the notice, and how it is known.")
    return act, why


@area.page("/takedown/{campaign_id}/send", operation="sendNotices")
def sending(page: Page) -> Shown:
    """Each letter as it would leave, and where to: nothing is sent by looking."""
    campaign_id = page.uuid("campaign_id")
    only = page.typed.text("only") or page.query("notice")
    chosen = [as_uuid(only)] if only else None
    tried = send_notices(page.service, page.caller, campaign_id, notice_ids=chosen, dry_run=True)
    return page.show(
        "takedown/notices/send.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        tried=tried,
        ways=Counter(tried.ways).most_common(),
        only=only,
        most=LETTERS,
    )


@area.form("/takedown/{campaign_id}/send", operation="sendNotices", again=sending)
def send(page: Page) -> Response:
    """Send the letters that the page showed, as they were read. Then to those that a person has to hand
    over."""
    campaign_id, chosen = page.uuid("campaign_id"), _chosen(page)
    read = {item: page.typed.text(f"read-{item}") for item in chosen if page.typed.given(f"read-{item}")}
    sent = send_notices(page.service, page.caller, campaign_id, notice_ids=chosen, read=read)
    by_hand = bool(sent.ways.get("paper"))
    there = "deliveries?status=print" if by_hand else "deliveries"
    return page.go(
        f"/takedown/{campaign_id}/{there}", "notices_prepared_print" if by_hand else "notices_sent"
    )


@area.page("/takedown/{campaign_id}/notices/{notice_id}/letter", operation="previewLetter")
def letter(page: Page) -> Response:
    """The letter of a notice that was not sent yet, exactly as it would leave."""
    form: Form = next((form for form in FORMS if form == page.query("form")), "sent")
    made = preview_letter(page.service, page.caller, page.uuid("campaign_id"), page.uuid("notice_id"), form)
    named = f'inline; filename="{made.reference}.{made.ending}"'
    return Response(made.content, media_type=made.media_type, headers={"Content-Disposition": named})


@area.page("/takedown/{campaign_id}/notices/{notice_id}", operation="showNotice")
def notice_page(page: Page) -> Shown:
    """One notice: what it lacks, what can be done, what came back, and all that was done."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    shown = show_notice(page.service, page.caller, campaign_id, notice_id)
    found = show_campaign(page.service, page.caller, campaign_id)
    regime = next((item for item in regimes_of(page, found) if item.regime == shown.regime), None)
    lacks = _lacks(page, found, [shown]).get(shown.notice_id)
    replies = list_replies(page.service, page.caller, notice_id=notice_id, limit=PAGE)
    waiting = list_replies(page.service, page.caller, state="unmatched", limit=WAITING).replies
    return page.show(
        "takedown/notices/notice.html",
        campaign=found,
        notice={**dict(shown), "clock": clock(shown)},
        regime=regime,
        asked=asked([regime]) if regime else [],
        lacks=lacks,
        acts=[act for act in ACTS if _may(shown, act)],
        reasons=REASONS,
        replies=replies.replies,
        waiting=[{**dict(reply), "named": shown.notice_id in reply.candidates} for reply in waiting],
        now=datetime.now(UTC),
    )


def _may(shown: NoticeShown, act: Done) -> bool:
    """Whether the act is offered now; the action decides."""
    if act in {"hold", "resume"}:
        held = bool({"held", "counter_notice"} & set(shown.paused_for))
        return shown.state != "closed" and held == (act == "resume")
    doing = next(item for item in notice.ACTS if item == act)
    try:
        notice.move(notice.state_of(shown.state), doing)
        notice.require_running(doing, shown.paused_for)
    except Conflict:
        return False
    return True


@area.form("/takedown/{campaign_id}/notices/{notice_id}/said", operation="changeNotice", again=notice_page)
def say(page: Page) -> Response:
    """What this notice says of its own."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    found = show_campaign(page.service, page.caller, campaign_id)
    before = show_notice(page.service, page.caller, campaign_id, notice_id)
    wanted = asked([item for item in regimes_of(page, found) if item.regime == before.regime])
    elements = said(page, kinds(wanted), before.elements)
    change_notice(page.service, page.caller, campaign_id, notice_id, elements=elements)
    return page.go(f"/takedown/{campaign_id}/notices/{notice_id}", "notice_said")


@area.form(
    "/takedown/{campaign_id}/notices/{notice_id}/answers", operation="answerQuestions", again=notice_page
)
def answer(page: Page) -> Response:
    """Answers to its regime's questions: for this notice, or for all of the regime that were not sent."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    shown = show_notice(page.service, page.caller, campaign_id, notice_id)
    answers = {
        name.removeprefix("ask-"): value for name, value in page.typed.pairs if name.startswith("ask-")
    }
    only = None if page.typed.given("all") else [notice_id]
    answer_questions(page.service, page.caller, campaign_id, shown.regime, answers, notice_ids=only)
    return page.go(f"/takedown/{campaign_id}/notices/{notice_id}", "notice_answered")


@area.form("/takedown/{campaign_id}/notices/{notice_id}/moves", operation="moveNotice", again=notice_page)
def move(page: Page) -> Response:
    """What became of it, and why it is said."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    act, why = _act(page)
    words = page.typed.text("words").strip() or None
    move_notice(page.service, page.caller, campaign_id, notice_id, PersonMove(act, why, words))
    return page.go(f"/takedown/{campaign_id}/notices/{notice_id}", "notice_moved")
