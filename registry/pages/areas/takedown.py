"""Campaigns of takedown: how each stands, what became of its notices in figures, tables and evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, Literal

from starlette.responses import Response, StreamingResponse

from registry.actions.bundle_evidence import bundle_evidence
from registry.actions.change_campaign import (
    CampaignChange,
    add_campaign_entry,
    change_campaign,
    close_campaign,
)
from registry.actions.export_notices import MEDIA_TYPES, export_notices
from registry.actions.list_campaigns import list_campaigns
from registry.actions.list_regimes import list_regimes
from registry.actions.list_replies import list_replies
from registry.actions.report_statistics import BY, By, report_statistics
from registry.actions.show_campaign import show_campaign
from registry.domain.notice import STATES
from registry.errors import BadInput
from registry.pages.area import Area
from registry.pages.charts import bars, lengths
from registry.pages.languages import N_
from registry.pages.view import Card, Nav, Page, Shown, Waiting, as_uuid


def _replies(page: Page) -> Card:
    found = list_replies(page.service, page.caller, state="unmatched", limit=100)
    none = N_("No reply waits to be matched.")
    return Card(N_("Replies to match"), none, "/takedown", len(found["replies"]))


area = Area(
    "takedown",
    nav=(
        Nav(
            "/takedown",
            N_("Takedown"),
            door="listCampaigns",
            hint=N_("Ask platforms to take fakes down, and follow what they answer."),
            place=50,
        ),
    ),
    waiting=(Waiting("listReplies", _replies),),
    says={
        "campaign_said": N_("What all notices say is kept."),
        "campaign_entry": N_("The campaign is about this entry too."),
        "campaign_closed_now": N_("The campaign is closed. What was sent goes on."),
        "notices_confirmed": N_("Confirmed, with your name."),
        "notices_prepared": N_("Those that lack nothing are ready."),
        "notices_sent": N_("Sent. What has no channel waits to be printed."),
        "notice_said": N_("What this notice says is kept."),
        "notice_answered": N_("The answers are kept."),
        "notice_moved": N_("The notice is moved. Who did it and why stands in its history."),
    },
)

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
Table = Literal["csv", "xlsx"]


@area.page("/takedown", door="listCampaigns")
def campaigns(page: Page) -> Shown:
    """Campaigns, newest first."""
    state: Literal["open", "closed"] | None = "closed" if page.query("state") == "closed" else None
    if page.query("state") == "open":
        state = "open"
    found = list_campaigns(
        page.service, page.caller, state=state, limit=25, after=page.query("after") or None
    )
    return page.show("takedown/campaigns.html", found=found, state=state or "")


@area.page("/takedown/figures", door="reportStatistics")
def all_figures(page: Page) -> Shown:
    """Figures of all campaigns."""
    return figures(page, None)


@area.page("/takedown/{campaign_id}", door="showCampaign")
def campaign(page: Page) -> Shown:
    """One campaign: for whom, by which mandate, about what, and how its notices stand."""
    found = show_campaign(page.service, page.caller, page.uuid("campaign_id"))
    counts: Counter[str] = Counter()
    over: Counter[str] = Counter()
    for one in found["notices"]:
        counts[one["state"]] += one["notices"]
        over[one["state"]] += one["overdue"]
    return page.show(
        "takedown/campaign.html",
        campaign=found,
        counts=[(state, counts[state], over[state]) for state in STATES if counts[state]],
        total=counts.total(),
        regimes=regimes_of(page, found),
        asked=asked(regimes_of(page, found)),
    )


def regimes_of(page: Page, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The campaign's regimes, in the reader's language."""
    known = list_regimes(page.service, page.caller, page.words.language)["regimes"]
    return [one for one in known if one["regime"] in found["regimes"]]


def asked(regimes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a person says in notices under these regimes, each element once."""
    every = {one["id"]: one for regime in regimes for one in regime["elements"] if one["id"] not in ON_RECORD}
    return list(every.values())


def said(page: Page, wanted: list[dict[str, Any]], before: Mapping[str, Any]) -> dict[str, Any]:
    """Elements as the form has them; those that it does not ask stay."""
    kept = dict(before)
    for one in wanted:
        value = page.typed.text(f"say-{one['id']}").strip().replace("\r\n", "\n")
        kept.pop(one["id"], None)
        if value:
            kept[one["id"]] = True if one["kind"] == "statement" else value
    return kept


@area.form("/takedown/{campaign_id}/said", door="changeCampaign", again=campaign)
def say(page: Page) -> Response:
    """What all notices of the campaign say."""
    campaign_id = page.uuid("campaign_id")
    found = show_campaign(page.service, page.caller, campaign_id)
    elements = said(page, asked(regimes_of(page, found)), found["elements"])
    change_campaign(page.service, page.caller, campaign_id, CampaignChange(elements=elements))
    return page.go(f"/takedown/{campaign_id}", "campaign_said")


@area.form("/takedown/{campaign_id}/entries", door="addCampaignEntry", again=campaign)
def add_entry(page: Page) -> Response:
    """One more fake that the campaign is about, by its id or the address of its page."""
    campaign_id = page.uuid("campaign_id")
    entry = page.typed.text("entry_id").strip().rstrip("/").rpartition("/")[2]
    add_campaign_entry(page.service, page.caller, campaign_id, as_uuid(entry))
    return page.go(f"/takedown/{campaign_id}", "campaign_entry")


@area.form("/takedown/{campaign_id}/close", door="closeCampaign", again=campaign)
def close(page: Page) -> Response:
    """Close it."""
    campaign_id = page.uuid("campaign_id")
    close_campaign(page.service, page.caller, campaign_id)
    return page.go(f"/takedown/{campaign_id}", "campaign_closed_now")


@area.page("/takedown/{campaign_id}/figures", door="reportCampaign")
def campaign_figures(page: Page) -> Shown:
    """Figures of one campaign."""
    return figures(page, show_campaign(page.service, page.caller, page.uuid("campaign_id")))


def figures(page: Page, about: dict[str, Any] | None) -> Shown:
    """What became of what was sent, as charts, with the same figures in a table."""
    by: By = next((one for one in BY if one == page.query("by")), "platform")
    found = report_statistics(
        page.service,
        page.caller,
        campaign_id=as_uuid(about["campaign_id"]) if about else None,
        by=by,
        zone=page.words.zone.key,
    )
    groups = found["groups"][:200]
    mirrored = page.words.direction == "rtl"
    return page.show(
        "takedown/figures.html",
        campaign=about,
        by=by,
        choices=BY,
        groups=groups,
        outcomes=bars(groups, ("removed", "refused", "closed", "open"), mirrored=mirrored),
        hours=lengths(groups, "median_hours_to_removal", mirrored=mirrored),
    )


@area.page("/takedown/{campaign_id}/bundle", door="bundleEvidence")
def bundle(page: Page) -> Response:
    """The evidence, signed: a file to be kept."""
    campaign_id = page.uuid("campaign_id")
    notice_id = as_uuid(page.query("notice")) if page.query("notice") else None
    made = bundle_evidence(
        page.service,
        page.caller,
        campaign_id,
        notice_id=notice_id,
        stamp=page.query("stamp") != "no",
    )
    return Response(
        made, media_type="application/zip", headers=_file(f"evidence-{notice_id or campaign_id}.zip")
    )


@area.page("/takedown/{campaign_id}/table", door="exportNotices")
def table(page: Page) -> Response:
    """How all notices stand, as a table to be kept."""
    campaign_id = page.uuid("campaign_id")
    form: Table = "xlsx" if page.query("format") == "xlsx" else "csv"
    if page.query("format") not in {"", "csv", "xlsx"}:
        raise BadInput("A table is csv or xlsx.")
    pieces = export_notices(page.service, page.caller, campaign_id, format_=form, zone=page.words.zone.key)
    named = _file(f"notices-{campaign_id}.{form}")
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[form], headers=named)


def _file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
