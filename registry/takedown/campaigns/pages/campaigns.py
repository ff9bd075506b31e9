"""Pages of campaigns: list, overview, elements, regimes and statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from starlette.responses import Response

from registry.catalogue.entries.pages.picker import find
from registry.console.charts import bars, lengths
from registry.console.view import Page, Shown, as_uuid
from registry.takedown.campaigns.errors import NoEntry
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
from registry.takedown.reports.model import BY, By
from registry.takedown.reports.service import report_statistics

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
"""Elements that are filled from client and signatory."""
CLASSIFYING: Final = dict.fromkeys(STATED, "statement")
"""Statements that classify notices (`takedown.regimes.model.classification`)."""


@area.page("/takedown", operation="listCampaigns")
def campaigns(page: Page) -> Shown:
    """List campaigns, newest first."""
    state: Literal["open", "closed"] | None = "closed" if page.query("state") == "closed" else None
    if page.query("state") == "open":
        state = "open"
    found = list_campaigns(
        page.service, page.caller, CampaignFilter(state), limit=25, after=page.query("after") or None
    )
    return page.show("takedown/campaigns/campaigns.html", found=found, state=state or "")


@area.page("/takedown/figures", operation="reportStatistics")
def all_figures(page: Page) -> Shown:
    """Show the statistics of all campaigns."""
    return figures(page, None)


@area.page("/takedown/regimes", operation="listRegimes")
def regimes(page: Page) -> Shown:
    """Show the requirements, signatories and term of each regime."""
    all_regimes = list_regimes(page.service, page.caller, page.words.language).regimes
    return page.show("takedown/campaigns/regimes.html", regimes=all_regimes)


@area.page("/takedown/{campaign_id}", operation="showCampaign")
def campaign(page: Page) -> Shown:
    """Show a campaign: client, mandate, entries, and the states of its notices."""
    shown = show_campaign(page.service, page.caller, page.uuid("campaign_id"))
    counts: Counter[str] = Counter()
    overdue: Counter[str] = Counter()
    for notice in shown.notices:
        counts[notice.state] += notice.notices
        overdue[notice.state] += notice.overdue
    return page.show(
        "takedown/campaigns/campaign.html",
        campaign=shown,
        todo=_todo(page, shown, counts, overdue),
        counts=[(state, counts[state], overdue[state]) for state in STANDS if counts[state]],
        total=counts.total(),
        regimes=regimes_of(page, shown),
        asked=asked_elements(regimes_of(page, shown)),
        filed=[{"id": name, "kind": kind} for name, kind in CLASSIFYING.items()],
    )


def _todo(
    page: Page, campaign: CampaignShown, counts: Mapping[str, int], overdue: Mapping[str, int]
) -> list[tuple[str, int, str]]:
    """Return the open tasks of a campaign: each with its code, number and page."""
    if campaign.title is None:
        return []
    todo: list[tuple[str, int, str]] = []
    if campaign.state == "open":
        elements = asked_elements(regimes_of(page, campaign))
        missing = [
            element for element in elements if element.required and element.id not in campaign.elements
        ]
        drafts = counts.get("draft", 0) + counts.get("reopened", 0)
        todo += [
            ("mandate", not campaign.mandate_holds, f"/takedown/clients/{campaign.client_id}"),
            ("signatory", campaign.signatory is None, "change"),
            ("entry", not any(entry.sendable for entry in campaign.entries), "#entries"),
            ("said", len(missing), "#said"),
            ("add", not sum(counts.values()), "add"),
            ("check", drafts, "check"),
            ("send", counts.get("ready", 0), "send"),
        ]
    todo += [
        (task, _has_deliveries(page, campaign, task), f"deliveries?status={task}")
        for task in ("print", "unsure", "dead")
    ]
    late = counts.get("expired", 0) + sum(overdue.get(element, 0) for element in (*LEFT, "acknowledged"))
    todo += [
        ("over", late, "breaches"),
        ("recurrences", campaign.recurrences_proposed, "recurrences"),
        ("retract", campaign.retractions_due, "retractions"),
    ]
    return [(task, int(count), path) for task, count, path in todo if count]


def _has_deliveries(page: Page, campaign: CampaignShown, task: str) -> int:
    status: Status = "waiting" if task == "print" else "unsure" if task == "unsure" else "dead"
    page_ = list_notice_deliveries(
        page.service,
        page.caller,
        as_uuid(campaign.campaign_id),
        DeliveryFilter(status, "paper" if task == "print" else None),
        limit=1,
    )
    return len(page_.deliveries)


def regimes_of(page: Page, campaign: CampaignShown) -> list[RegimeShown]:
    """Return the campaign's regimes, in the reader's language."""
    all_regimes = list_regimes(page.service, page.caller, page.words.language).regimes
    return [regime for regime in all_regimes if regime.regime in campaign.regimes]


def asked_elements(regimes: Sequence[RegimeShown]) -> list[RegimeElement]:
    """Return the elements that a person fills in under these regimes, each once."""
    elements = {
        element.id: element
        for regime in regimes
        for element in regime.elements
        if element.id not in ON_RECORD
    }
    return list(elements.values())


def kinds(elements: Iterable[RegimeElement]) -> dict[str, str]:
    """Return the kinds of elements by id."""
    return {element.id: element.kind for element in elements}


def typed_elements(page: Page, kinds_: Mapping[str, str], old: Elements) -> Elements:
    """Return the elements of the form; elements that it does not ask for stay. `kinds_`: kinds by id."""
    elements = dict(old)
    for name, kind in kinds_.items():
        value = page.typed.text(f"say-{name}").strip().replace("\r\n", "\n")
        elements.pop(name, None)
        if value:
            elements[name] = True if kind == "statement" else value
    return elements


@area.form("/takedown/{campaign_id}/said", operation="changeCampaign", again=campaign)
def say(page: Page) -> Response:
    """Change the elements of all notices of the campaign."""
    campaign_id = page.uuid("campaign_id")
    shown = show_campaign(page.service, page.caller, campaign_id)
    elements = typed_elements(
        page, kinds(asked_elements(regimes_of(page, shown))) | CLASSIFYING, shown.elements
    )
    change_campaign(page.service, page.caller, campaign_id, CampaignChange(elements=elements))
    return page.go(f"/takedown/{campaign_id}", "campaign_said")


@area.page("/takedown/{campaign_id}/entries", operation="addCampaignEntry")
def adding_entry(page: Page) -> Shown:
    """Show the entry picker."""
    shown = show_campaign(page.service, page.caller, page.uuid("campaign_id"))
    sought, but = page.query("sought"), [entry.entry_id for entry in shown.entries]
    found = find(page, sought, but=but)
    return page.show("takedown/campaigns/entries.html", campaign=shown, found=found, sought=sought, but=but)


@area.form("/takedown/{campaign_id}/entries", operation="addCampaignEntry", again=adding_entry)
def add_entry(page: Page) -> Response:
    """Add a fake to the campaign."""
    campaign_id = page.uuid("campaign_id")
    if not page.typed.given("entry_id"):
        raise NoEntry("Choose an entry.")
    add_campaign_entry(page.service, page.caller, campaign_id, as_uuid(page.typed.text("entry_id")))
    return page.go(f"/takedown/{campaign_id}", "campaign_entry")


@area.form("/takedown/{campaign_id}/close", operation="closeCampaign", again=campaign)
def close(page: Page) -> Response:
    """Close the campaign."""
    campaign_id = page.uuid("campaign_id")
    close_campaign(page.service, page.caller, campaign_id)
    return page.go(f"/takedown/{campaign_id}", "campaign_closed_now")


@area.page("/takedown/{campaign_id}/figures", operation="reportCampaign")
def campaign_figures(page: Page) -> Shown:
    """Show the statistics of one campaign."""
    return figures(page, show_campaign(page.service, page.caller, page.uuid("campaign_id")))


def figures(page: Page, campaign: CampaignShown | None) -> Shown:
    """Show statistics of letters as charts and as a table."""
    by: By = next((grouping for grouping in BY if grouping == page.query("by")), "platform")
    statistics = report_statistics(
        page.service,
        page.caller,
        campaign_id=as_uuid(campaign.campaign_id) if campaign else None,
        by=by,
        zone=page.words.zone.key,
    )
    groups = statistics.groups[:200]
    rows = [group.model_dump() for group in groups]
    mirrored = page.words.direction == "rtl"
    return page.show(
        "takedown/campaigns/figures.html",
        campaign=campaign,
        by=by,
        choices=BY,
        groups=groups,
        outcomes=bars(rows, ("removed", "refused", "closed", "open"), mirrored=mirrored),
        hours=lengths(rows, "median_hours_to_removal", mirrored=mirrored),
    )
