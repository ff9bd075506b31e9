"""Pages of notices: check, confirm, send, and follow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from starlette.responses import Response

from registry.console.languages import aware
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import Conflict
from registry.takedown.campaigns.pages.campaigns import asked_elements, kinds, regimes_of, typed_elements
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.schemas import CampaignShown
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.delivery.model.delivery import DeliveryFilter
from registry.takedown.delivery.schemas import NoticeDelivery
from registry.takedown.delivery.service.deliveries import list_notice_deliveries
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
WAITING: Final = 10
"""Maximum number of unmatched replies shown with a notice."""
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
    """List notices by state and deadline."""
    campaign_id = page.uuid("campaign_id")
    campaign = show_campaign(page.service, page.caller, campaign_id)
    state: Stand | None = next((stand for stand in notice.STANDS if stand == page.query("state")), None)
    order: Order = "due" if page.query("order") == "due" else "oldest"
    filters = {"state": state or "", "platform": page.query("platform"), "regime": page.query("regime")}
    shown = list_notices(
        page.service,
        page.caller,
        campaign_id,
        NoticeFilter(state, filters["platform"] or None, filters["regime"] or None, order),
        limit=PAGE,
        after=page.query("after") or None,
    )
    query = {name: value for name, value in (filters | {"order": order}).items() if value}
    chosen = set(page.typed.all("notice"))
    lacks = _lacks(page, campaign, shown.notices)
    rows = [
        {
            **dict(row),
            "clock": clock(row),
            "chosen": row.notice_id in chosen,
            "lacks": lacks.get(row.notice_id),
        }
        for row in shown.notices
    ]
    return page.show(
        "takedown/notices/notices.html",
        campaign=campaign,
        notices=rows,
        next=shown.next,
        query=query,
        asked=filters | {"order": order},
        regimes={regime.regime: regime.title for regime in regimes_of(page, campaign)},
        states=notice.STANDS,
        acts=ACTS,
        reasons=REASONS,
        now=datetime.now(UTC),
    )


def _lacks(page: Page, campaign: CampaignShown, shown: Sequence[NoticeShown]) -> Mapping[str, object]:
    """Return, by notice, what editable notices lack now. Changes nothing."""
    ids = [as_uuid(row.notice_id) for row in shown if row.state in notice.EDITABLE]
    if not ids or campaign.state != "open" or campaign.title is None:
        return {}
    campaign_id = as_uuid(campaign.campaign_id)
    checked = prepare_notices(page.service, page.caller, campaign_id, notice_ids=ids, dry_run=True)
    nothing: dict[str, list[str]] = {"hindrances": [], "elements": [], "questions": []}
    return {str(notice_id): nothing for notice_id in ids} | {
        lacking.notice_id: lacking for lacking in checked.notices
    }


def clock(row: NoticeShown) -> str:
    """Return the state of a notice's term: `running`, `over` without an answer, or empty if none matters."""
    if row.due_at is None or notice.state_of(row.state) not in {*notice.WAITING, "expired"}:
        return ""
    if row.state == "expired":
        return "over"
    return "running" if aware(row.due_at) > datetime.now(UTC) else "over"


def _chosen(page: Page) -> list[UUID]:
    return [as_uuid(notice_id) for notice_id in page.typed.all("notice")]


def _back(page: Page, message: str) -> Response:
    """Redirect to the page of the form: the list with its filter, or one notice."""
    back = page.typed.text("back")
    board_ = f"/console/takedown/{page.uuid('campaign_id')}/"
    return page.go(back if back.startswith(board_) else f"{board_}notices", message)


@area.form("/takedown/{campaign_id}/grounds", operation="confirmGrounds", again=board)
def confirm(page: Page) -> Response:
    """Confirm that the fake is at these places."""
    ground: Ground = "match" if page.typed.text("ground") == "match" else "seen"
    confirm_grounds(page.service, page.caller, page.uuid("campaign_id"), _chosen(page), ground)
    return _back(page, "notices_confirmed")


@area.form("/takedown/{campaign_id}/addresses", operation="confirmAddresses", again=board)
def confirm_places(page: Page) -> Response:
    """Confirm the chosen addresses."""
    confirm_addresses(page.service, page.caller, page.uuid("campaign_id"), _chosen(page))
    return _back(page, "notices_confirmed")


@area.form("/takedown/{campaign_id}/go-on", operation="goOnDespiteDispute", again=board)
def go_on_with(page: Page) -> Response:
    """Continue the chosen notices despite a dispute."""
    go_on(page.service, page.caller, page.uuid("campaign_id"), _chosen(page))
    return _back(page, "notices_gone_on")


@area.form("/takedown/{campaign_id}/preparations", operation="prepareNotices", again=board)
def prepare(page: Page) -> Response:
    """Make complete notices ready: the chosen ones, or all."""
    chosen = _chosen(page) or None
    prepare_notices(page.service, page.caller, page.uuid("campaign_id"), notice_ids=chosen)
    return _back(page, "notices_prepared")


@area.form("/takedown/{campaign_id}/moves", operation="moveNotice", again=board)
def move_all(page: Page) -> Response:
    """Move the chosen notices. Notices that cannot move stay unchanged, and the first error is shown."""
    act, why = _act(page)
    campaign_id, chosen = page.uuid("campaign_id"), _chosen(page)
    if not chosen:
        raise WhichNotices
    refused: Conflict | None = None
    for notice_id in chosen:
        try:
            move_notice(page.service, page.caller, campaign_id, notice_id, PersonMove(act, why))
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


@area.page("/takedown/{campaign_id}/notices/{notice_id}", operation="showNotice")
def notice_page(page: Page) -> Shown:
    """Show a notice: what it lacks, possible acts, replies, and its history."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    shown = show_notice(page.service, page.caller, campaign_id, notice_id)
    campaign = show_campaign(page.service, page.caller, campaign_id)
    regime = next(
        (candidate for candidate in regimes_of(page, campaign) if candidate.regime == shown.regime), None
    )
    lacking = _lacks(page, campaign, [shown]).get(shown.notice_id)
    replies = list_replies(page.service, page.caller, notice_id=notice_id, limit=PAGE)
    waiting = list_replies(page.service, page.caller, state="unmatched", limit=WAITING).replies
    letters: list[NoticeDelivery] = []
    if shown.prepared_at and page.may("listNoticeDeliveries"):
        only = DeliveryFilter(notice_id=notice_id)
        letters = list_notice_deliveries(page.service, page.caller, campaign_id, only, limit=PAGE).deliveries
    return page.show(
        "takedown/notices/notice.html",
        campaign=campaign,
        notice={**dict(shown), "clock": clock(shown)},
        regime=regime,
        asked=asked_elements([regime]) if regime else [],
        lacks=lacking,
        acts=[act for act in ACTS if _may(shown, act)],
        reasons=REASONS,
        letters=letters,
        replies=replies.replies,
        waiting=[{**dict(reply), "named": shown.notice_id in reply.candidates} for reply in waiting],
        now=datetime.now(UTC),
    )


def _may(shown: NoticeShown, act: Done) -> bool:
    """Return whether the page offers the act. `move_notice` checks it."""
    if act in {"hold", "resume"}:
        held = bool({"held", "counter_notice"} & set(shown.paused_for))
        return shown.state != "closed" and held == (act == "resume")
    moving = next(known_act for known_act in notice.ACTS if known_act == act)
    try:
        notice.move(notice.state_of(shown.state), moving)
        notice.require_running(moving, shown.paused_for)
    except Conflict:
        return False
    return True


@area.form("/takedown/{campaign_id}/notices/{notice_id}/said", operation="changeNotice", again=notice_page)
def say(page: Page) -> Response:
    """Change the notice's own elements."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    campaign = show_campaign(page.service, page.caller, campaign_id)
    old = show_notice(page.service, page.caller, campaign_id, notice_id)
    elements_asked = asked_elements(
        [regime for regime in regimes_of(page, campaign) if regime.regime == old.regime]
    )
    elements = typed_elements(page, kinds(elements_asked), old.elements)
    change_notice(page.service, page.caller, campaign_id, notice_id, elements=elements)
    return page.go(f"/takedown/{campaign_id}/notices/{notice_id}", "notice_said")


@area.form(
    "/takedown/{campaign_id}/notices/{notice_id}/answers", operation="answerQuestions", again=notice_page
)
def answer(page: Page) -> Response:
    """Answer the regime's questions: for this notice, or for all notices of the regime that were not sent."""
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
    """Record the result of the notice, with the reason."""
    campaign_id, notice_id = page.uuid("campaign_id"), page.uuid("notice_id")
    act, why = _act(page)
    words = page.typed.text("words").strip() or None
    move_notice(page.service, page.caller, campaign_id, notice_id, PersonMove(act, why, words))
    return page.go(f"/takedown/{campaign_id}/notices/{notice_id}", "notice_moved")
