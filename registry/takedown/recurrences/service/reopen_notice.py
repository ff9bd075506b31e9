"""What a platform had removed is found there again: reopen its notice, with the new place and the proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.store import lookups
from registry.takedown.campaigns import store as campaigns
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.service.attach_matches import said_of
from registry.takedown.notices.service.show_notice import show_notice
from registry.takedown.platforms.service import platforms
from registry.takedown.recurrences.service.bring_back import Finding, bring_back


def reopen_notice(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    url: str,
    lookup_id: UUID,
    notice_id: UUID | None = None,
) -> dict[str, Any]:
    """The notice, reopened: about `url` now, and with what the lookup of what is there says of its entry. It
    is that of the same place, else the latest of that platform and entry that was removed, else `notice_id`;
    where all of these are in use again, a further notice is added. The same lookup twice changes nothing
    more. A person confirms anew before it is sent. Needs `takedown`.

    The lookup, of the caller's organization, has to find the entry as a known fake or related to it: nothing
    is reopened on a guess. Raises `NotFound` (`unknown_campaign`, `unknown_lookup`, `nothing_removed`),
    `Conflict` (`campaign_closed`, `client_erased`, `not_answered`, `not_found_again`, `place_taken`),
    `BadInput` (as `platforms.place`).
    """
    caller.require("takedown")
    address = platforms.place(url, None, None)
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = takedown.key_of(service, campaign["client_id"])
        lookup = _answered(connection, caller, lookup_id)
        matches = _matches(connection, caller, campaign_id, lookup["answer"])
        reached: UUID | None = None
        refused: NotFound | None = None
        for entry_id, (verdict, match) in matches.items():
            found = Finding(
                organization_id=caller.organization_id,
                campaign_id=campaign_id,
                entry_id=entry_id,
                address=address,
                lookup_id=lookup_id,
                asked_by=caller.organization_id,
                verdict=verdict,
                match=match,
                seen_time=lookup["created_at"],
                via="person",
                caller_id=caller.caller_id,
            )
            try:
                _, reached = bring_back(connection, key, found, notice_id=notice_id)
                break
            except NotFound as error:
                refused = error
        if reached is None:
            assert refused is not None  # noqa: S101 - a person's finding names a notice
            raise refused
    return show_notice(service, caller, campaign_id, reached)


def _answered(connection: Connection, caller: Caller, lookup_id: UUID) -> Mapping[str, Any]:
    lookup = lookups.show(connection, caller.organization_id, lookup_id)
    if lookup is None:
        raise NotFound(f"There is no lookup {lookup_id} of your organization.", code="unknown_lookup")
    if lookup["status"] != "answered":
        raise Conflict(f"The lookup {lookup_id} is {lookup['status']}.", code="not_answered")
    return lookup


def _matches(
    connection: Connection, caller: Caller, campaign_id: UUID, answer: Mapping[str, Any]
) -> dict[UUID, tuple[str, Mapping[str, Any]]]:
    """The campaign's entries that the lookup found, and what it said of each; what is sure comes first."""
    found: list[tuple[UUID, tuple[str, Mapping[str, Any]]]] = []
    for one in campaigns.entries(connection, caller.organization_id, campaign_id):
        verdict, match = said_of(answer, one["entry_id"])
        if match is not None and verdict in {"known_fake", "related"}:
            found.append((one["entry_id"], (str(verdict), match)))
    if not found:
        raise Conflict(
            "The lookup finds none of the campaign's entries there.",
            code="not_found_again",
            next_step="Look up what is at that address.",
        )
    return dict(sorted(found, key=lambda one: one[1][0] != "known_fake"))
