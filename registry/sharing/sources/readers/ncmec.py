"""Read NCMEC's hash sharing, version 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, cast, override

from threatexchange.exchanges.clients.ncmec import hash_api as api
from threatexchange.exchanges.impl import ncmec_api
from threatexchange.exchanges.impl.ncmec_api import NCMECCheckpoint, NCMECCollabConfig

from registry.sharing.lists.model.listed import Fault, Opinion, Row
from registry.sharing.sources.model import Terms
from registry.sharing.sources.readers import Delta, Reading
from registry.sharing.sources.readers.records import combined, row, rows_and_faults
from registry.sharing.sources.readers.session import Session, steps

_TYPES: Final = {"md5": {"image": "photo_md5", "video": "video_md5"}, "pdq": {"image": "pdq"}}
"""Fingerprints of a record that can be compared here, by name and kind of media."""


@dataclass(frozen=True, slots=True)
class _Environment:
    """Stands in for the library's enumeration of environments, with any address."""

    value: str


class _Client(api.NCMECHashAPI):
    def __init__(self, terms: Terms, *, private: bool) -> None:
        super().__init__(
            terms.credentials["user"], terms.credentials["password"], cast("Any", _Environment(terms.address))
        )
        self._private = private

    @override
    def _get_session(self) -> Session:
        session = Session(self._base_url, private=self._private)
        session.auth = (self.username, self.password)
        return session


class _Exchange(ncmec_api.NCMECSignalExchangeAPI):
    """The library's exchange, which chooses time ranges of a suitable length, with our client."""

    def __init__(self, terms: Terms, *, private: bool) -> None:
        config = NCMECCollabConfig(name="ncmec", environment=api.NCMECEnvironment.Industry)
        super().__init__(config, terms.credentials["user"], terms.credentials["password"])
        self._client = _Client(terms, private=private)

    @override
    def get_client(self, environment: api.NCMECEnvironment) -> _Client:
        return self._client


def start(
    terms: Terms, checkpoint: Mapping[str, Any] | None, *, private: bool, folder: Path | None
) -> Reading:
    """See `registry.sharing.sources.readers.read`."""
    del folder
    member_ids = frozenset(terms.options.get("only_esp_ids", ()))
    exchange = _Exchange(terms, private=private)
    return Reading(_deltas(exchange, _restored(checkpoint), member_ids), whole=not checkpoint)


def _restored(checkpoint: Mapping[str, Any] | None) -> NCMECCheckpoint | None:
    if not checkpoint:
        return None
    paging = checkpoint.get("paging_info")
    position = ncmec_api._NCMECPagingInfo(**paging) if paging else None  # noqa: SLF001 - it has no other name
    return NCMECCheckpoint(checkpoint["get_entries_max_ts"], position)


def _deltas(
    exchange: _Exchange, checkpoint: NCMECCheckpoint | None, member_ids: frozenset[int]
) -> Iterator[Delta]:
    """Yield changes of records of these members; an empty set: of all members."""
    for delta in steps(iter(exchange.fetch_iter([], checkpoint))):
        updates = {
            key: update
            for key, update in delta.updates.items()
            if update is not None and (not member_ids or update.member_id in member_ids)
        }
        deleted = tuple(key for key, update in updates.items() if update.deleted)
        rows, faults = rows_and_faults(
            [_row(key, update) for key, update in updates.items() if not update.deleted]
        )
        yield Delta(rows, faults, deleted, asdict(delta.checkpoint))
    yield Delta(ended=True)


def _row(key: str, update: api.NCMECEntryUpdate) -> Row | Fault | None:
    kind = update.entry_type.value
    hashes = []
    for name, value in update.fingerprints.items():
        type_ = _TYPES.get(name.lower(), {}).get(kind)
        if type_ is not None:
            hashes.append((type_, value))
    details = {"id": update.id, "owner": update.member_id, "classification": update.classification}
    tags = [update.classification] if update.classification else []
    return row(key, hashes, opinion=_opinion(update), tags=tags, details=details)


def _opinion(update: api.NCMECEntryUpdate) -> Opinion:
    """Return the opinion of a record. Every record is a report; a member's downvote makes it disputed."""
    denied = any(
        feedback.feedback_type is api.FeedbackType.downvote
        for name, feedbacks in update.feedback.items()
        if name.lower() in _TYPES
        for feedback in feedbacks
    )
    return combined(["malicious", "non_malicious"] if denied else ["malicious"])
