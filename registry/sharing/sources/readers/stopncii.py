"""Read StopNCII.org, version 1: hashes that people made of pictures of themselves.

This uses the library's client, but not its exchange. The exchange (1.2.17) looks for withdrawal in the hash's
value instead of its status, and so never finds one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, override

from threatexchange.exchanges.clients.stopncii import api

from registry.sharing.lists.model.listed import Fault, Opinion, Row
from registry.sharing.sources.model import Terms
from registry.sharing.sources.readers import Delta, Reading
from registry.sharing.sources.readers.records import combined, row, rows_and_faults
from registry.sharing.sources.readers.session import Session, steps

STALE_SECONDS: Final = 30 * 86400
"""Seconds since the last reading after which everything is read again, as StopNCII requires."""
_GONE: Final = frozenset({api.StopNCIICaseStatus.Withdrawn, api.StopNCIICaseStatus.Deleted})
_OPINIONS: Final[Mapping[api.StopNCIICSPFeedbackValue, Opinion]] = {
    api.StopNCIICSPFeedbackValue.Blocked: "malicious",
    api.StopNCIICSPFeedbackValue.NotBlocked: "non_malicious",
}


class _Client(api.StopNCIIAPI):
    def __init__(self, terms: Terms, *, private: bool) -> None:
        secret = terms.credentials
        super().__init__(secret["subscription_key"], secret["function_key"], base_url_override=terms.address)
        self._private = private

    @override
    def _get_session(self, endpoint: api.StopNCIIEndpoint) -> Session:
        session = Session(self._base_url, private=self._private)
        keys = {"x-functions-key": self._function_keys[endpoint]}
        session.headers.update(keys | {"Ocp-Apim-Subscription-Key": self._subscription_key})
        return session


def start(
    terms: Terms, checkpoint: Mapping[str, Any] | None, *, private: bool, folder: Path | None
) -> Reading:
    """See `registry.sharing.sources.readers.read`."""
    del folder
    previous = checkpoint or {}
    stale = not previous or time.time() - previous["last_fetch_time"] > STALE_SECONDS
    begin = api.StopNCIIAPI.DEFAULT_START_TIME if stale else previous["update_time"]
    return Reading(_deltas(_Client(terms, private=private), begin), whole=stale)


def _deltas(client: _Client, begin: int) -> Iterator[Delta]:
    for page in steps(client.fetch_hashes_iter(start_timestamp=begin)):
        gone = tuple(_key(record) for record in page.hashRecords if record.hashStatus in _GONE)
        rows, faults = rows_and_faults(
            [_row(record) for record in page.hashRecords if record.hashStatus not in _GONE]
        )
        at = {"update_time": page.nextSetTimestamp, "last_fetch_time": int(time.time())}
        # The cursor within a reading does not last, so only the end has a checkpoint.
        ended = not page.hasMoreRecords
        yield Delta(rows, faults, gone, at if ended else {}, ended)


def _key(record: api.StopNCIIHashRecord) -> str:
    return f"{record.signalType.value}:{record.hashValue}"


def _row(record: api.StopNCIIHashRecord) -> Row | Fault | None:
    feedbacks: Sequence[api.StopNCIICSPFeedback] = record.CSPFeedbacks
    opinions = [
        _OPINIONS[feedback.feedbackValue] for feedback in feedbacks if feedback.feedbackValue in _OPINIONS
    ]
    stated = [{"source": feedback.source, "feedback": feedback.feedbackValue.value} for feedback in feedbacks]
    tags = sorted({tag for feedback in feedbacks for tag in feedback.tags})
    return row(
        _key(record),
        [(record.signalType.value, record.hashValue)],
        opinion=combined(opinions),
        tags=tags,
        details={"feedback": stated, "last_updated": record.lastModtimestamp},
    )
