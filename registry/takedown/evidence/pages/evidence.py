"""Pages of evidence bundles, exports and releases of a campaign."""

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

_EXTENSIONS: Final = {"csv": "csv", "xlsx": "xlsx", "lumen": "jsonl"}


@area.page("/takedown/{campaign_id}/evidence", operation="bundleEvidence")
def evidence(page: Page) -> Shown:
    """Show the bundles, exports and releases of a campaign."""
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
    """Get the evidence bundle."""
    campaign_id = page.uuid("campaign_id")
    notice_id = as_uuid(page.query("notice")) if page.query("notice") else None
    archive = bundle_evidence(
        page.service, page.caller, campaign_id, notice_id=notice_id, stamp=page.query("stamp") != "no"
    )
    headers = _file(f"evidence-{notice_id or campaign_id}.zip")
    return Response(archive, media_type="application/zip", headers=headers)


@area.form("/takedown/{campaign_id}/evidence", operation="discloseEvidence", again=evidence)
def disclose(page: Page) -> Response:
    """Get the evidence bundle with media, encrypted for the given keys."""
    campaign_id = page.uuid("campaign_id")
    keys = [part for part in re.split(r"[\s,;]+", page.typed.text("recipients")) if part]
    pieces = disclose_evidence(page.service, page.caller, campaign_id, Readers(keys))
    headers = _file(f"evidence-{campaign_id}-media.zip")
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


@area.page("/takedown/{campaign_id}/table", operation="exportNotices")
def table(page: Page) -> Response:
    """Export all notices as a table, or in Lumen's format."""
    campaign_id, query = page.uuid("campaign_id"), page.query("format", "csv")
    form: Format | None = next((arg for arg in get_args(Format) if arg == query and arg in _EXTENSIONS), None)
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
    headers = _file(f"notices-{campaign_id}.{_EXTENSIONS[form]}")
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[form], headers=headers)


@area.form("/takedown/{campaign_id}/releases", operation="releaseCampaign", again=evidence)
def release(page: Page) -> Response:
    """Release fields of the campaign to a recipient until a day."""
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
    """Revoke a release."""
    campaign_id = page.uuid("campaign_id")
    withhold_campaign(page.service, page.caller, campaign_id, page.uuid("release_id"))
    return page.go(f"/takedown/{campaign_id}/evidence", "campaign_withheld")


def _file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
