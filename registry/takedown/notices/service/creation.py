"""Create notices from a list of addresses."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from registry.catalogue import platforms
from registry.catalogue.platforms.model import web_address
from registry.catalogue.platforms.model.platforms import Table
from registry.catalogue.platforms.model.web_address import Address
from registry.core.audit.service import event, record_events
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns import store as campaign_store
from registry.takedown.campaigns.model import MOST_AT_ONCE, MOST_NOTICES
from registry.takedown.campaigns.service import access, texts
from registry.takedown.errors import BadZone, NoRows, UnknownRegime, WrongEntry
from registry.takedown.notices.errors import BadNote, RegimeNotForPlatform, TooManyNotices, WhichEntry
from registry.takedown.notices.model.texts import NoticeAddress
from registry.takedown.notices.schemas.notices import (
    AddedNotices,
    PlatformAdded,
    RowFault,
    RowNotice,
    RowRemark,
    RowRepeat,
    UnreadLine,
)
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import Draft
from registry.takedown.url_lists.model.url_list import Format, UrlList, looked_at
from registry.takedown.url_lists.model.url_rows import UNREAD, Fault, Manner, Row

MOST_SHOWN: Final = 10_000
"""Maximum number of rows that a report lists."""
LONGEST_NOTE: Final = 2_000


@dataclass(frozen=True, slots=True, repr=False)
class AddressRow:
    """A row of the input: a `url`, or a `platform` with its `content_id`.

    `address`: the address read from these. `fault`: why the row cannot be read.
    """

    line: int
    url: str | None = None
    platform: str | None = None
    content_id: str | None = None
    note: str | None = None
    seen_at: str | None = None
    entry_id: UUID | None = None
    regime: str | None = None
    address: Address | None = None
    sheet: str = ""
    given: str = ""
    file: str = ""
    sha256: str = ""
    fault: BadInput | None = None


@dataclass(frozen=True, slots=True, repr=False)
class _Candidate:
    """A row that can become a notice."""

    row: AddressRow
    draft: Draft
    marks: tuple[str, ...]


def add_notices(
    service: Service, caller: Caller, campaign_id: UUID, rows: Sequence[AddressRow]
) -> AddedNotices:
    """Create a draft for each row, and report the result row by row.

    The report counts rows that were added, existed already or were refused (with reasons). It also names
    lines of a text that contain no address. A duplicate, in the list or in the campaign, is one notice; two
    addresses are duplicates if they lead to the same content. A refused row does not affect the others. Needs
    `takedown`.

    Raises `NotFound` (`unknown_campaign`), `Conflict` (`campaign_closed`, `client_erased`), `TooLarge`
    (`too_many_notices`), `BadInput` (`no_rows`).
    """
    caller.require("takedown")
    unread = [row for row in rows if _unread(row)]
    if unread:
        rows = [row for row in rows if not _unread(row)]
    _require_room(rows, unread)
    table = platforms.table()
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = access.key_of(service, campaign.client_id)
        entries = [
            entry["entry_id"]
            for entry in campaign_store.entries(connection, caller.organization_id, campaign_id)
        ]
        read, faults = _read(key, table, campaign.regimes, entries, rows)
        fresh, repeated = _distinct(read)
        _require_free(connection, campaign_id, len(fresh))
        added, existing = _insert(connection, caller, campaign_id, fresh)
        notice_ids = _notice_ids(connection, campaign_id, fresh, existing)
    duplicates = [*repeated, *existing]
    return AddedNotices(
        campaign_id=campaign_id,
        read=len(rows),
        added=len(added),
        duplicates=len(duplicates),
        rejected=len(faults),
        unread=len(unread),
        unread_lines=[UnreadLine.from_row(row) for row in unread[:MOST_SHOWN]],
        platforms=_by_platform(added),
        faults=faults[:MOST_SHOWN],
        remarks=_remarks(added)[:MOST_SHOWN],
        repeats=[
            RowRepeat(line=duplicate.row.line, notice_id=notice_ids[_place(duplicate)])
            for duplicate in duplicates[:MOST_SHOWN]
        ],
        notices=[RowNotice.from_row(new.row, notice_id=new.draft.notice_id) for new in added],
    )


def _insert(
    connection: Connection, caller: Caller, campaign_id: UUID, fresh: Sequence[_Candidate]
) -> tuple[list[_Candidate], list[_Candidate]]:
    """Insert the drafts and record it. Returns those that were added, and those that existed already."""
    ids = notices.add(
        connection,
        [candidate.draft for candidate in fresh],
        organization_id=caller.organization_id,
        campaign_id=campaign_id,
        caller_id=caller.caller_id,
    )
    added = [candidate for candidate in fresh if candidate.draft.notice_id in ids]
    record_events(
        connection,
        [
            event(
                caller,
                "notice.added",
                entry_id=new.draft.entry_id,
                subject={"notice_id": new.draft.notice_id, "campaign_id": campaign_id},
                said={"regime": new.draft.regime, "place": new.draft.digest},
            )
            for new in added
        ],
    )
    return added, [candidate for candidate in fresh if candidate.draft.notice_id not in ids]


def _remarks(added: Sequence[_Candidate]) -> list[RowRemark]:
    return [
        RowRemark(line=new.row.line, notice_id=new.draft.notice_id, codes=new.marks)
        for new in added
        if new.marks
    ]


def _place(candidate: _Candidate) -> tuple[str, bytes]:
    return candidate.draft.regime, candidate.draft.digest


def _notice_ids(
    connection: Connection, campaign_id: UUID, fresh: Sequence[_Candidate], existing: Sequence[_Candidate]
) -> dict[tuple[str, bytes], UUID]:
    """Return the id of the notice that each place has now."""
    places = [_place(candidate) for candidate in existing]
    stored = notices.same_place(connection, campaign_id, places) if places else {}
    return {_place(candidate): candidate.draft.notice_id for candidate in fresh} | stored


def _unread(row: AddressRow) -> bool:
    return row.fault is not None and row.fault.code == UNREAD


def _require_room(rows: Sequence[AddressRow], unread: Sequence[AddressRow]) -> None:
    if not rows and not unread:
        raise NoRows
    if len(rows) > MOST_AT_ONCE:
        raise TooManyNotices(
            f"The request has {len(rows)} rows; the maximum is {MOST_AT_ONCE}.",
            next_step="Send them in parts. A row that is sent twice is added once.",
        )


def _require_free(connection: Connection, campaign_id: UUID, additional: int) -> None:
    count = sum(row["notices"] for row in campaign_store.counts(connection, campaign_id))
    if count + additional > MOST_NOTICES:
        raise TooManyNotices(
            f"The campaign has {count} notices; the maximum is {MOST_NOTICES}.",
            next_step="Begin another campaign.",
        )


def _read(
    key: Key, table: Table, regimes: Sequence[str], entries: Sequence[UUID], rows: Iterable[AddressRow]
) -> tuple[list[_Candidate], list[RowFault]]:
    read, faults = [], []
    for row in rows:
        try:
            read.append(_candidate(key, table, regimes, entries, row))
        except BadInput as error:
            input_text = row.given or (row.url or "")[: web_address.LONGEST_GIVEN]
            fault = {name: getattr(error, name) for name in ("code", "message", "next_step")}
            faults.append(RowFault.from_row(row, **fault, given=input_text))
    return read, faults


def _candidate(
    key: Key, table: Table, regimes: Sequence[str], entries: Sequence[UUID], row: AddressRow
) -> _Candidate:
    """Return a row as a draft.

    Raises `BadInput` with the codes of `web_address.normalised` and `unknown_platform`, `no_place`,
    `which_entry`, `unknown_entry`, `unknown_regime`, `regime_not_for_platform`, `bad_note`.
    """
    if row.fault is not None:
        raise row.fault
    address = row.address or _address(row)
    if address.fault is not None:
        raise address.fault
    platform = table.platforms.get(address.platform) if address.platform else None
    if len(row.note or "") > LONGEST_NOTE:
        raise BadNote(f"A note has at most {LONGEST_NOTE} characters.")
    stored = NoticeAddress.of(address, table, note=row.note or None, seen_at=row.seen_at)
    draft = Draft(
        notice_id=uuid4(),
        entry_id=_entry(entries, row),
        regime=_regime(regimes, row, platform.regimes if platform else ()),
        platform=address.platform or address.host,
        sealed=texts.ADDRESS.encrypt(key, stored)[0],
        digest=key.digest(address.key.encode()),
        marks=looked_at(address.marks),
    )
    return _Candidate(row, draft, address.marks)


def _address(row: AddressRow) -> Address:
    """Return the address of a row. The URL takes precedence over platform and content id."""
    return (
        platforms.place(row.url, None, None)
        if row.url
        else platforms.place(None, row.platform, row.content_id)
    )


def _entry(entries: Sequence[UUID], row: AddressRow) -> UUID:
    if row.entry_id is not None:
        if row.entry_id not in entries:
            raise WrongEntry(f"The campaign is not about the entry {row.entry_id}.")
        return row.entry_id
    if len(entries) != 1:
        raise WhichEntry(
            f"The campaign is about {len(entries)} entries.",
            next_step="Name an `entry_id` in each row." if entries else "Add an entry first.",
        )
    return entries[0]


def _regime(chosen: Sequence[str], row: AddressRow, accepted: Sequence[str]) -> str:
    """Return the row's own regime, else the campaign's first regime that applies to the platform."""
    if row.regime is not None:
        if row.regime not in chosen:
            raise UnknownRegime(
                f"The campaign has no regime {row.regime[:40]!r}.",
                next_step=f"Choose among {', '.join(chosen)}.",
            )
        return row.regime
    for regime in chosen:
        if not accepted or regime in accepted:
            return regime
    raise RegimeNotForPlatform(
        f"That platform takes notices under {', '.join(accepted)}. The campaign has {', '.join(chosen)}."
    )


def _distinct(read: Sequence[_Candidate]) -> tuple[list[_Candidate], list[_Candidate]]:
    """Return the first row of each place and regime, and the duplicates."""
    first: dict[tuple[str, bytes], _Candidate] = {}
    for candidate in read:
        first.setdefault(_place(candidate), candidate)
    return list(first.values()), [
        candidate for candidate in read if first[_place(candidate)] is not candidate
    ]


def _by_platform(added: Sequence[_Candidate]) -> list[PlatformAdded]:
    counts = Counter(new.draft.platform for new in added)
    return [PlatformAdded(platform=name, notices=number) for name, number in counts.most_common(1000)]


def read_addresses(
    content: bytes,
    form: Format = "auto",
    *,
    zone: str = "UTC",
    entry_id: UUID | None = None,
    regime: str | None = None,
) -> list[AddressRow]:
    """Return the rows of a list in order; unreadable rows carry their fault.

    `zone`: time zone of times without an offset. `entry_id`, `regime`: entry and regime of every row.

    Raises `BadInput` if the list as a whole cannot be read (`bad_format`, `not_text`, `no_header`,
    `bad_sheet`, `sheet_too_large`, `old_sheet`, `bad_zone`, `bad_platforms`).
    """
    manner = Manner(zone=zone_of(zone), now=datetime.now(UTC), most=MOST_AT_ONCE)
    rows = UrlList(io.BytesIO(content), form, platforms.table(), manner)
    return [_address_row(row, entry_id, regime) for row in rows]


def _address_row(row: Row | Fault, entry_id: UUID | None, regime: str | None) -> AddressRow:
    if isinstance(row, Fault):
        error = BadInput.of_code(row.code, row.message, next_step=row.next_step)
        return AddressRow(row.line, sheet=row.sheet, given=row.given, fault=error)
    return AddressRow(
        row.line,
        sheet=row.sheet,
        given=row.address.given,
        address=row.address,
        note=row.note or None,
        seen_at=row.seen_at.astimezone(UTC).isoformat() if row.seen_at else None,
        file=row.file,
        sha256=row.sha256,
        entry_id=entry_id,
        regime=regime,
    )


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its name, such as Europe/Madrid. Raises `BadInput` (`bad_zone`)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadZone(
            f"{name[:50]!r} is no time zone.", next_step="Name one such as Europe/Madrid."
        ) from None
