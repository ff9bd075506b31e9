"""Campaigns of takedown: how each stands, what became of its notices in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from starlette.responses import Response

from registry.console.charts import bars, lengths
from registry.console.view import Page, Shown, as_uuid
from registry.takedown.campaigns.model import CampaignFilter, Elements
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.schemas import CampaignShown
from registry.takedown.campaigns.service.campaigns import (
    CampaignChange,
    add_campaign_entry,
    change_campaign,
    close_campaign,
    list_campaigns,
    show_campaign,
)
from registry.takedown.delivery.model.delivery import DeliveryFilter, Status
from registry.takedown.delivery.service.deliveries import list_notice_deliveries
from registry.takedown.notices.model.notice import LEFT, STANDS
from registry.takedown.regimes.model.classification import STATED
from registry.takedown.regimes.schemas import RegimeElement, RegimeShown
from registry.takedown.regimes.service import list_regimes
from registry.takedown.reports.schemas import By
from registry.takedown.reports.service import BY, report_statistics

ON_RECORD: Final = frozenset(
    {
        "depicted_name",
        "signatory_name",
        "signatory_email",
        "signatory_address",
        "capacity",
        "good_faith",
        "signature",
    }
)
"""Elements that client and signatory say."""
FILED: Final = dict.fromkeys(STATED, "statement")
"""What else may be said to be so: by it a notice is filed (`takedown.regimes.model.classification`)."""


@area.page("/takedown", operation="listCampaigns")
def campaigns(page: Page) -> Shown:
    """Campaigns, newest first."""
    state: Literal["open", "closed"] | None = "closed" if page.query("state") == "closed" else None
    if page.query("state") == "open":
        state = "open"
    found = list_campaigns(
        page.service, page.caller, CampaignFilter(state), limit=25, after=page.query("after") or None
    )
    return page.show("takedown/campaigns/campaigns.html", found=found, state=state or "")


@area.page("/takedown/figures", operation="reportStatistics")
def all_figures(page: Page) -> Shown:
    """Figures of all campaigns."""
    return figures(page, None)


@area.page("/takedown/regimes", operation="listRegimes")
def regimes(page: Page) -> Shown:
    """What each law asks for, who signs under it, and which term it sets."""
    known = list_regimes(page.service, page.caller, page.words.language).regimes
    return page.show("takedown/campaigns/regimes.html", regimes=known)


@area.page("/takedown/{campaign_id}", operation="showCampaign")
def campaign(page: Page) -> Shown:
    """One campaign: for whom, by which mandate, about what, and how its notices stand."""
    found = show_campaign(page.service, page.caller, page.uuid("campaign_id"))
    counts: Counter[str] = Counter()
    over: Counter[str] = Counter()
    for notice in found.notices:
        counts[notice.state] += notice.notices
        over[notice.state] += notice.overdue
    return page.show(
        "takedown/campaigns/campaign.html",
        campaign=found,
        todo=_todo(page, found, counts, over),
        counts=[(state, counts[state], over[state]) for state in STANDS if counts[state]],
        total=counts.total(),
        regimes=regimes_of(page, found),
        asked=asked(regimes_of(page, found)),
        filed=[{"id": name, "kind": kind} for name, kind in FILED.items()],
    )


def _todo(
    page: Page, found: CampaignShown, counts: Mapping[str, int], over: Mapping[str, int]
) -> list[tuple[str, int, str]]:
    """What the campaign waits for: what, how many, and where it is done."""
    if found.title is None:
        return []
    todo: list[tuple[str, int, str]] = []
    if found.state == "open":
        wanted = asked(regimes_of(page, found))
        lacks = [item for item in wanted if item.required and item.id not in found.elements]
        drafts = counts.get("draft", 0) + counts.get("reopened", 0)
        todo += [
            ("mandate", not found.mandate_holds, f"/takedown/clients/{found.client_id}"),
            ("signatory", found.signatory is None, "change"),
            ("entry", not any(entry.sendable for entry in found.entries), "#entries"),
            ("said", len(lacks), "#said"),
            ("add", not sum(counts.values()), "add"),
            ("check", drafts, "notices?state=draft" if counts.get("draft") else "notices?state=reopened"),
            ("send", counts.get("ready", 0), "send"),
        ]
    todo += [
        (what, _waits(page, found, what), f"deliveries?status={what}") for what in ("print", "unsure", "dead")
    ]
    late = counts.get("expired", 0) + sum(over.get(item, 0) for item in (*LEFT, "acknowledged"))
    todo += [
        ("over", late, "breaches"),
        ("recurrences", found.recurrences_proposed, "recurrences"),
        ("retract", found.retractions_due, "retractions"),
    ]
    return [(what, int(count), path) for what, count, path in todo if count]


def _waits(page: Page, found: CampaignShown, what: str) -> int:
    status: Status = "waiting" if what == "print" else "unsure" if what == "unsure" else "dead"
    some = list_notice_deliveries(
        page.service,
        page.caller,
        as_uuid(found.campaign_id),
        DeliveryFilter(status, "paper" if what == "print" else None),
        limit=1,
    )
    return len(some.deliveries)


def regimes_of(page: Page, found: CampaignShown) -> list[RegimeShown]:
    """The campaign's regimes, in the reader's language."""
    known = list_regimes(page.service, page.caller, page.words.language).regimes
    return [regime for regime in known if regime.regime in found.regimes]


def asked(regimes: Sequence[RegimeShown]) -> list[RegimeElement]:
    """What a person says in notices under these regimes, each element once."""
    every = {
        element.id: element
        for regime in regimes
        for element in regime.elements
        if element.id not in ON_RECORD
    }
    return list(every.values())


def kinds(elements: Iterable[RegimeElement]) -> dict[str, str]:
    """The kinds of elements by their ids."""
    return {element.id: element.kind for element in elements}


def said(page: Page, wanted: Mapping[str, str], before: Elements) -> Elements:
    """Elements as the form has them; those that it does not ask stay. `wanted`: kinds by id."""
    kept = dict(before)
    for name, kind in wanted.items():
        value = page.typed.text(f"say-{name}").strip().replace("\r\n", "\n")
        kept.pop(name, None)
        if value:
            kept[name] = True if kind == "statement" else value
    return kept


@area.form("/takedown/{campaign_id}/said", operation="changeCampaign", again=campaign)
def say(page: Page) -> Response:
    """What all notices of the campaign say."""
    campaign_id = page.uuid("campaign_id")
    found = show_campaign(page.service, page.caller, campaign_id)
    elements = said(page, kinds(asked(regimes_of(page, found))) | FILED, found.elements)
    change_campaign(page.service, page.caller, campaign_id, CampaignChange(elements=elements))
    return page.go(f"/takedown/{campaign_id}", "campaign_said")


@area.form("/takedown/{campaign_id}/entries", operation="addCampaignEntry", again=campaign)
def add_entry(page: Page) -> Response:
    """One more fake that the campaign is about, by its id or the address of its page."""
    campaign_id = page.uuid("campaign_id")
    entry = page.typed.text("entry_id").strip().rstrip("/").rpartition("/")[2]
    add_campaign_entry(page.service, page.caller, campaign_id, as_uuid(entry))
    return page.go(f"/takedown/{campaign_id}", "campaign_entry")


@area.form("/takedown/{campaign_id}/close", operation="closeCampaign", again=campaign)
def close(page: Page) -> Response:
    """Close it."""
    campaign_id = page.uuid("campaign_id")
    close_campaign(page.service, page.caller, campaign_id)
    return page.go(f"/takedown/{campaign_id}", "campaign_closed_now")


@area.page("/takedown/{campaign_id}/figures", operation="reportCampaign")
def campaign_figures(page: Page) -> Shown:
    """Figures of one campaign."""
    return figures(page, show_campaign(page.service, page.caller, page.uuid("campaign_id")))


def figures(page: Page, about: CampaignShown | None) -> Shown:
    """What became of the letters, as charts, with the same figures in a table."""
    by: By = next((item for item in BY if item == page.query("by")), "platform")
    found = report_statistics(
        page.service,
        page.caller,
        campaign_id=as_uuid(about.campaign_id) if about else None,
        by=by,
        zone=page.words.zone.key,
    )
    groups = found.groups[:200]
    rows = [group.model_dump() for group in groups]
    mirrored = page.words.direction == "rtl"
    return page.show(
        "takedown/campaigns/figures.html",
        campaign=about,
        by=by,
        choices=BY,
        groups=groups,
        outcomes=bars(rows, ("removed", "refused", "closed", "open"), mirrored=mirrored),
        hours=lengths(rows, "median_hours_to_removal", mirrored=mirrored),
    )
