"""What became of what was sent: how many, how soon, how often too late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args
from uuid import UUID

from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.service.read_places import zone_of
from registry.takedown.reports import store as notice_exports

By = Literal["total", "platform", "regime", "week", "month"]
BY: Final[tuple[By, ...]] = get_args(By)
_COUNTS: Final = (
    *("prepared_notices", "prepared", "handed_over", "delivered", "acknowledged"),
    *("removed", "refused", "closed", "open"),
    *("open_in_time", "judged", "late", "breaches", "overdue", "reopened", "counter_notices"),
    *("statements", "automated"),
)


def report_statistics(
    service: Service,
    caller: Caller,
    *,
    campaign_id: UUID | None = None,
    by: By = "total",
    zone: str = "UTC",
) -> dict[str, Any]:
    """Figures of a campaign, or of all of the caller's organization. Needs `takedown`.

    What is counted is letters: of a notice that came again and was sent again there are two, and it counts
    once among `prepared_notices`; `not_prepared` are notices that have no letter yet. Of the letters that
    were `prepared`, some were `handed_over`, and of these some are known to be `delivered`. `prepared` =
    `removed` + `refused` + `closed` + `open`, by what came last to each up to the next letter (removed
    outweighs refused, that closed). Weeks (ISO 8601) and months are those in which the letter was prepared,
    in `zone`.

    Hours to removal run from the hand-over, over those that were handed over and removed: `open` says how
    many may still be, which are in no median. The breach rate is `late` / `judged`: late are those whose term
    was raised as over before an answer came (`breaches`, where a law sets it, and `overdue`); judged are
    these and all that were removed or refused. Open ones in time are in neither. `automated_share` is of the
    statements of reasons about them: those that say that machines alone decided.

    Raises `NotFound` (`unknown_campaign`), `BadInput` (`bad_zone`).
    """
    caller.require("takedown")
    name = zone_of(zone).key
    with service.pool.transaction() as connection:
        if campaign_id is not None:
            takedown.find_campaign(connection, caller, campaign_id)
        if name != "UTC" and not notice_exports.knows_zone(connection, name):
            raise BadInput(f"The database knows no time zone {name!r}.", code="bad_zone")
        rows = notice_exports.statistics(
            connection, caller.organization_id, campaign_id=campaign_id, by=by, zone=name
        )
    return {
        "campaign_id": str(campaign_id) if campaign_id else None,
        "by": by,
        "time_zone": name,
        "groups": [_group(row) for row in rows],
    }


def _group(row: Mapping[str, Any]) -> dict[str, Any]:
    counts = {name: int(row[name] or 0) for name in _COUNTS}
    return {
        "name": row["name"],
        "notices": counts["prepared_notices"] + int(row["not_prepared"]),
        "not_prepared": int(row["not_prepared"]),
        **counts,
        "median_hours_to_removal": _hours(row["median"]),
        "p90_hours_to_removal": _hours(row["p90"]),
        "breach_rate": _share(counts["late"], counts["judged"]),
        "automated_share": _share(counts["automated"], counts["statements"]),
    }


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 2)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
