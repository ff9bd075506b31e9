"""The page between addresses and letters: what is missing, confirmed for all addresses in one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from starlette.responses import Response

from registry.console.view import Page, Shown, as_uuid
from registry.takedown.campaigns.pages.campaigns import asked_elements, kinds, regimes_of, typed_elements
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.schemas import CampaignShown
from registry.takedown.campaigns.service.campaigns import CampaignChange, change_campaign, show_campaign
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import NoticeFilter, Stand
from registry.takedown.notices.schemas.notices import Lacking, NoticeShown
from registry.takedown.notices.service.breaches import answer_questions
from registry.takedown.notices.service.notices import list_notices
from registry.takedown.notices.service.preparation import confirm_addresses, confirm_grounds, prepare_notices
from registry.takedown.regimes.schemas import RegimeElement, RegimeShown

MOST: Final = 200
"""Maximum number of notices checked together: as many as letters are previewed together."""
UNDONE: Final[tuple[Stand, ...]] = ("draft", "reopened")
READY: Final[Stand] = "ready"
HERE: Final = frozenset({"ground_unconfirmed", "address_unconfirmed", "scope_unasked", "elements_missing"})
"""Hindrances that this page removes. The others are listed with the notice."""


@area.page("/takedown/{campaign_id}/check", operation="prepareNotices")
def check(page: Page) -> Shown:
    """Show notices that are not ready, and everything that a person has to confirm for them."""
    campaign_id = page.uuid("campaign_id")
    campaign = show_campaign(page.service, page.caller, campaign_id)
    rows = _undone(page, campaign_id)
    lacking = _lacking(page, campaign_id, rows)
    regimes = regimes_of(page, campaign)
    codes = {code for lacks in lacking.values() for code in lacks.hindrances}
    return page.show(
        "takedown/notices/check.html",
        campaign=campaign,
        rows=[(row, _others(lacking.get(row.notice_id)), _is_unusual(row)) for row in rows],
        most=MOST,
        unseen=len(_unseen(rows)),
        elements=_missing(regimes, campaign),
        regimes=[(regime, open_) for regime in regimes if (open_ := _open(regime, rows, lacking))],
        stops=[code for code in notice.HINDRANCES if code in codes and code not in {*HERE, "not_ready"}],
    )


def _undone(page: Page, campaign_id: UUID) -> list[NoticeShown]:
    """Return the notices that are not ready, and ready ones whose address nobody has confirmed."""
    rows: list[NoticeShown] = []
    for state in (*UNDONE, READY):
        found = list_notices(page.service, page.caller, campaign_id, NoticeFilter(state), limit=MOST)
        rows += [row for row in found.notices if state != READY or _is_unusual(row)]
    return rows[:MOST]


def _lacking(page: Page, campaign_id: UUID, rows: Sequence[NoticeShown]) -> Mapping[str, Lacking]:
    """Return, by notice, what is missing now. Changes nothing."""
    ids = [as_uuid(row.notice_id) for row in rows]
    if not ids:
        return {}
    checked = prepare_notices(page.service, page.caller, campaign_id, notice_ids=ids, dry_run=True)
    return {lacks.notice_id: lacks for lacks in checked.notices}


def _unseen(rows: Sequence[NoticeShown]) -> list[UUID]:
    """Return the notices for which nobody vouches yet, and no lookup speaks against them."""
    return [
        as_uuid(row.notice_id) for row in rows if row.ground is None and notice.may_stand(row.verdict, "seen")
    ]


def _is_unusual(row: NoticeShown) -> bool:
    return "address_unconfirmed" in row.hindrances


def _others(lacks: Lacking | None) -> list[str]:
    """Return the hindrances of one notice that this page does not remove."""
    return [code for code in lacks.hindrances if code not in {*HERE, "not_ready"}] if lacks else []


def _missing(regimes: Sequence[RegimeShown], campaign: CampaignShown) -> list[RegimeElement]:
    """Return the elements that the law requires and the campaign does not have yet."""
    return [
        element
        for element in asked_elements(regimes)
        if element.required and not campaign.elements.get(element.id)
    ]


def _open(
    regime: RegimeShown, rows: Sequence[NoticeShown], lacking: Mapping[str, Lacking]
) -> list[NoticeShown]:
    """Return the notices under this regime whose questions are not all answered."""
    return [
        row
        for row in rows
        if row.regime == regime.regime and row.notice_id in lacking and lacking[row.notice_id].questions
    ]


@area.form("/takedown/{campaign_id}/check", operation="prepareNotices", again=check)
def confirm_all(page: Page) -> Response:
    """Save what was confirmed, make complete notices ready, and go on to the preview of the letters."""
    campaign_id, typed = page.uuid("campaign_id"), page.typed
    campaign = show_campaign(page.service, page.caller, campaign_id)
    regimes = regimes_of(page, campaign)
    if missing := _missing(regimes, campaign):
        elements = typed_elements(page, kinds(missing), campaign.elements)
        if elements != campaign.elements:
            change_campaign(page.service, page.caller, campaign_id, CampaignChange(elements=elements))
    rows = _undone(page, campaign_id)
    unusual = {as_uuid(notice_id) for notice_id in typed.all("address")}
    if confirmed := [id_ for row in rows if (id_ := as_uuid(row.notice_id)) in unusual]:
        confirm_addresses(page.service, page.caller, campaign_id, confirmed)
    if typed.given("seen") and (unseen := _unseen(rows)):
        confirm_grounds(page.service, page.caller, campaign_id, unseen, "seen")
    lacking = _lacking(page, campaign_id, rows)
    for regime in regimes:
        if typed.given(f"answers-{regime.regime}") and (open_ := _open(regime, rows, lacking)):
            ids = [as_uuid(row.notice_id) for row in open_]
            answer_questions(
                page.service, page.caller, campaign_id, regime.regime, _answers(page, regime), notice_ids=ids
            )
    ids = [as_uuid(row.notice_id) for row in rows]
    prepared = prepare_notices(page.service, page.caller, campaign_id, notice_ids=ids).prepared if ids else 0
    if prepared or confirmed:
        return page.go(f"/takedown/{campaign_id}/send", "notices_prepared")
    return page.go(f"/takedown/{campaign_id}/check", "notices_checked")


def _answers(page: Page, regime: RegimeShown) -> dict[str, str]:
    """Return the answers that the page stated and a person confirmed; and those given to open questions."""
    answers = {question.id: question.needs for question in regime.questions if question.needs != "any"}
    for question in regime.questions:
        given = page.typed.text(f"ask-{regime.regime}-{question.id}")
        if question.needs == "any" and given in {"yes", "no"}:
            answers[question.id] = given
    return answers
