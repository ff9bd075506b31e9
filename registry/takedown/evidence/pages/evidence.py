"""What leaves of a campaign: evidence for a court, tables, what is released to whom."""

from __future__ import annotations

import re
from typing import Final, get_args

from starlette.responses import Response, StreamingResponse

from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import BadInput
from registry.takedown.campaigns.model import RELEASED_FIELDS
from registry.takedown.campaigns.pages.fields import day_end
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.campaigns.service.release import list_releases, release_campaign, withhold_campaign
from registry.takedown.evidence.service.bundles import Readers, bundle_evidence, disclose_evidence
from registry.takedown.notices.model.notice_table import Format
from registry.takedown.reports.service import MEDIA_TYPES, export_notices

_ENDINGS: Final = {"csv": "csv", "xlsx": "xlsx", "lumen": "jsonl"}


@area.page("/takedown/{campaign_id}/evidence", operation="bundleEvidence")
def evidence(page: Page) -> Shown:
    """What can be taken along, and by whom it can be read."""
    campaign_id = page.uuid("campaign_id")
    return page.show(
        "takedown/evidence/evidence.html",
        campaign=show_campaign(page.service, page.caller, campaign_id),
        stamped=bool(page.service.settings.tsa_url),
        releases=list_releases(page.service, page.caller, campaign_id).releases,
        fields=RELEASED_FIELDS,
    )


@area.page("/takedown/{campaign_id}/bundle", operation="bundleEvidence")
def bundle(page: Page) -> Response:
    """The evidence, signed: a file to be kept."""
    campaign_id = page.uuid("campaign_id")
    notice_id = as_uuid(page.query("notice")) if page.query("notice") else None
    made = bundle_evidence(
        page.service, page.caller, campaign_id, notice_id=notice_id, stamp=page.query("stamp") != "no"
    )
    named = _file(f"evidence-{notice_id or campaign_id}.zip")
    return Response(made, media_type="application/zip", headers=named)


@area.form("/takedown/{campaign_id}/evidence", operation="discloseEvidence", again=evidence)
def disclose(page: Page) -> Response:
    """The same with the media, encrypted for the given keys."""
    campaign_id = page.uuid("campaign_id")
    keys = [part for part in re.split(r"[\s,;]+", page.typed.text("recipients")) if part]
    pieces = disclose_evidence(page.service, page.caller, campaign_id, Readers(keys))
    named = _file(f"evidence-{campaign_id}-media.zip")
    return StreamingResponse(pieces, media_type="application/zip", headers=named)


@area.page("/takedown/{campaign_id}/table", operation="exportNotices")
def table(page: Page) -> Response:
    """How all notices stand, as a table to be kept; or the notices in Lumen's form."""
    campaign_id, asked = page.uuid("campaign_id"), page.query("format", "csv")
    form: Format | None = next((arg for arg in get_args(Format) if arg == asked and arg in _ENDINGS), None)
    if form is None:
        raise BadInput("A table is csv, xlsx or lumen.")
    pieces = export_notices(
        page.service,
        page.caller,
        campaign_id,
        format_=form,
        zone=page.words.zone.key,
        recipient=page.query("recipient") or None,
    )
    named = _file(f"notices-{campaign_id}.{_ENDINGS[form]}")
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[form], headers=named)


@area.form("/takedown/{campaign_id}/releases", operation="releaseCampaign", again=evidence)
def release(page: Page) -> Response:
    """Release what may leave unredacted, to one recipient, until a day."""
    campaign_id = page.uuid("campaign_id")
    release_campaign(
        page.service,
        page.caller,
        campaign_id,
        recipient=page.typed.text("recipient").strip(),
        fields=page.typed.all("field"),
        valid_until=day_end(page, "until"),
    )
    return page.go(f"/takedown/{campaign_id}/evidence", "campaign_released")


@area.form(
    "/takedown/{campaign_id}/releases/{release_id}/withhold", operation="withholdCampaign", again=evidence
)
def withhold(page: Page) -> Response:
    """Take a release back."""
    campaign_id = page.uuid("campaign_id")
    withhold_campaign(page.service, page.caller, campaign_id, page.uuid("release_id"))
    return page.go(f"/takedown/{campaign_id}/evidence", "campaign_withheld")


def _file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
