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
from registry.sharing.sources.readers.records import apart, row, together
from registry.sharing.sources.readers.session import Session, steps

_TYPES: Final = {"md5": {"image": "md5", "video": "video_md5"}, "pdq": {"image": "pdq"}}
"""Fingerprints of a record that can be compared here, by name and kind of media."""


@dataclass(frozen=True, slots=True)
class _Environment:
    """Position-in for the library's enumeration of environments, with any address."""

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
        self._ours = _Client(terms, private=private)

    @override
    def get_client(self, environment: api.NCMECEnvironment) -> _Client:
        return self._ours


def start(
    terms: Terms, checkpoint: Mapping[str, Any] | None, *, private: bool, folder: Path | None
) -> Reading:
    """See `registry.sharing.sources.readers.read`."""
    del folder
    wanted = frozenset(terms.options.get("only_esp_ids", ()))
    exchange = _Exchange(terms, private=private)
    return Reading(_deltas(exchange, _known(checkpoint), wanted), whole=not checkpoint)


def _known(checkpoint: Mapping[str, Any] | None) -> NCMECCheckpoint | None:
    if not checkpoint:
        return None
    paging = checkpoint.get("paging_info")
    found = ncmec_api._NCMECPagingInfo(**paging) if paging else None  # noqa: SLF001 - it has no other name
    return NCMECCheckpoint(checkpoint["get_entries_max_ts"], found or None)


def _deltas(exchange: _Exchange, known: NCMECCheckpoint | None, wanted: frozenset[int]) -> Iterator[Delta]:
    for delta in steps(iter(exchange.fetch_iter([], known))):
        known_ones = {key: one for key, one in delta.updates.items() if one is not None}
        mine = {key: one for key, one in known_ones.items() if not wanted or one.member_id in wanted}
        gone = tuple(key for key, one in mine.items() if one.deleted)
        rows, faults = apart([_row(key, one) for key, one in mine.items() if not one.deleted])
        yield Delta(rows, faults, gone, asdict(delta.checkpoint))
    yield Delta(ended=True)


def _row(key: str, update: api.NCMECEntryUpdate) -> Row | Fault | None:
    kind = update.entry_type.value
    hashes = []
    for name, value in update.fingerprints.items():
        type_ = _TYPES.get(name.lower(), {}).get(kind)
        if type_ is not None:
            hashes.append((type_, value))
    said = {"id": update.id, "owner": update.member_id, "classification": update.classification}
    tags = [update.classification] if update.classification else []
    return row(key, hashes, opinion=_opinion(update), tags=tags, said=said)


def _opinion(update: api.NCMECEntryUpdate) -> Opinion:
    """Return the opinion of a record. Every record is a report; a member's downvote makes it disputed."""
    denied = any(
        given.feedback_type is api.FeedbackType.downvote
        for name, some in update.feedback.items()
        if name.lower() in _TYPES
        for given in some
    )
    return together(["malicious", "non_malicious"] if denied else ["malicious"])
