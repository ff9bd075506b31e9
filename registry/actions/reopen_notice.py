"""What a platform had removed is found there again: reopen its notice, with the new place and the proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from registry import platforms
from registry.actions import takedown
from registry.actions.attach_matches import said_of
from registry.actions.service import Service
from registry.actions.show_notice import show_notice
from registry.domain.caller import Caller
from registry.domain.web_address import Address
from registry.errors import Conflict, NotFound
from registry.keys import Key
from registry.store import campaigns, lookups, notice_returns, notices
from registry.store.pool import Connection

_KEPT = ("relation", "confidence", "coverage", "spans", "reasons", "exact", "tier")


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
    is that of the same place, else the latest of that platform and entry that was removed, else `notice_id`.
    A person confirms anew before it is sent. Needs `takedown`.

    The lookup, of the caller's organization, has to find the entry as a known fake or related to it: nothing
    is reopened on a guess. Raises `NotFound` (`unknown_campaign`, `unknown_lookup`, `unknown_notice`,
    `nothing_removed`), `Conflict` (`campaign_closed`, `client_erased`, `not_answered`, `not_found_again`,
    `place_taken`), `BadInput` (as `web_address.normalised`).
    """
    caller.require("takedown")
    address = platforms.normalised(url)
    if address.fault is not None:
        raise address.fault
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = takedown.key_of(service, campaign["client_id"])
        answer = _answer(connection, caller, lookup_id)
        found = _found(connection, caller, campaign_id, answer)
        digest = key.digest(address.key.encode())
        chosen = _choose(connection, campaign_id, address, list(found), digest, notice_id)
        row = takedown.lock_notices(connection, caller, campaign_id, [chosen])[0]
        _reopen(connection, key, row, address, digest, found[row["entry_id"]], lookup_id)
    return show_notice(service, caller, campaign_id, chosen)


def _answer(connection: Connection, caller: Caller, lookup_id: UUID) -> Mapping[str, Any]:
    lookup = lookups.show(connection, caller.organization_id, lookup_id)
    if lookup is None:
        raise NotFound(f"There is no lookup {lookup_id} of your organization.", code="unknown_lookup")
    if lookup["status"] != "answered":
        raise Conflict(f"The lookup {lookup_id} is {lookup['status']}.", code="not_answered")
    answer: Mapping[str, Any] = lookup["answer"]
    return answer


def _found(
    connection: Connection, caller: Caller, campaign_id: UUID, answer: Mapping[str, Any]
) -> dict[UUID, tuple[str, Mapping[str, Any]]]:
    """The campaign's entries that the lookup found, and what it said of each."""
    found = {}
    for one in campaigns.entries(connection, caller.organization_id, campaign_id):
        verdict, match = said_of(answer, one["entry_id"])
        if match is not None and verdict in {"known_fake", "related"}:
            found[one["entry_id"]] = (str(verdict), match)
    if not found:
        raise Conflict(
            "The lookup finds none of the campaign's entries there.",
            code="not_found_again",
            next_step="Look up what is at that address.",
        )
    return found


def _choose(
    connection: Connection,
    campaign_id: UUID,
    address: Address,
    entry_ids: Sequence[UUID],
    digest: bytes,
    notice_id: UUID | None,
) -> UUID:
    rows = notice_returns.removed(connection, campaign_id, address.platform or address.host, entry_ids)
    if notice_id is not None:
        rows = [one for one in rows if one["notice_id"] == notice_id]
    if not rows:
        raise NotFound(
            "That platform has removed nothing of what was found there, for this campaign.",
            code="nothing_removed",
            next_step="`fakeprint takedown add` makes a notice of a place that is new.",
        )
    rows.sort(key=lambda one: one["place_digest"] != digest)  # stable: the same place, then the latest
    chosen = rows[0]
    taken = notice_returns.at_place(connection, campaign_id, digest)
    if others := [
        one for one in taken if one["regime"] == chosen["regime"] and one["notice_id"] != chosen["notice_id"]
    ]:
        raise Conflict(
            f"The notice {others[0]['notice_id']} is about that place, and {others[0]['state']}.",
            code="place_taken",
            extra={"notice_id": str(others[0]["notice_id"])},
        )
    found: UUID = chosen["notice_id"]
    return found


def _reopen(
    connection: Connection,
    key: Key,
    row: Mapping[str, Any],
    address: Address,
    digest: bytes,
    found: tuple[str, Mapping[str, Any]],
    lookup_id: UUID,
) -> None:
    verdict, match = found
    old = takedown.open_sealed(key, row["place_sealed"], takedown.PLACE) or {}
    words = takedown.seal(key, {"words": f"{old.get('url')} -> {address.text}"}, takedown.WORDS)[0]
    notice_id = row["notice_id"]
    notices.move(connection, [notice_id], "reopen", "reopened", "found_again", words=words)
    known = platforms.table().platforms.get(address.platform) if address.platform else None
    place = old | {
        "url": address.text,
        "given": address.given,
        "content_id": address.content_id,
        "host": address.host,
        "platform_name": known.name if known else address.host,
    }
    notices.replace_place(
        connection,
        notice_id,
        platform=address.platform or address.host,
        sealed=takedown.seal(key, place, takedown.PLACE)[0],
        digest=digest,
        verdict=verdict,
        asset_id=UUID(match["asset_id"]),
        match={name: match[name] for name in _KEPT if name in match} | {"lookup_id": str(lookup_id)},
    )
