"""Read the updates of a privacy group in Meta's ThreatExchange."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, override

from threatexchange.exchanges.clients.fb_threatexchange.api import ThreatExchangeAPI
from threatexchange.exchanges.clients.fb_threatexchange.threat_updates import ThreatUpdateJSON
from threatexchange.exchanges.impl.fb_threatexchange_api import FBThreatExchangeIndicatorRecord

from registry.sharing.lists.model import hash_rows
from registry.sharing.lists.model.listed import Fault, Opinion, Row
from registry.sharing.sources.model import Terms
from registry.sharing.sources.readers import Delta, Reading
from registry.sharing.sources.readers.records import combined, row, rows_and_faults
from registry.sharing.sources.readers.session import Session, steps

STALE_SECONDS: Final = 30 * 86400
"""Seconds since the last reading after which everything is read again. ThreatExchange reports deletions for
some weeks."""
PAGE: Final = 100


class _Client(ThreatExchangeAPI):
    """The library's client with our session. The original uses none and follows any URL that a response
    names."""

    def __init__(self, terms: Terms, *, private: bool) -> None:
        super().__init__(terms.credentials["token"], endpoint_override=terms.address)
        self._private = private

    @override
    def get_json_from_url(
        self,
        url: str,
        params: Mapping[str, Any] | None = None,
        *,
        json_obj_hook: Callable[..., Any] | None = None,
    ) -> Any:
        with Session(self._base_url, private=self._private) as session:
            response = session.get(url, params=params or {})
        response.raise_for_status()
        return response.json(object_hook=json_obj_hook)


def start(
    terms: Terms, checkpoint: Mapping[str, Any] | None, *, private: bool, folder: Path | None
) -> Reading:
    """See `registry.sharing.sources.readers.read`."""
    del folder
    previous = checkpoint or {}
    stale = not previous or time.time() - previous["last_fetch_time"] > STALE_SECONDS
    client = _Client(terms, private=private)
    begin = 0 if stale else previous["update_time"]
    return Reading(_deltas(client, terms.options["privacy_group"], begin), whole=stale)


def _deltas(client: _Client, group: int, begin: int) -> Iterator[Delta]:
    pages = client.get_threat_updates(
        group,
        start_time=begin or None,
        page_size=PAGE,
        fields=FBThreatExchangeIndicatorRecord.te_threat_updates_fields(),
        decode_fn=ThreatUpdateJSON,
    )
    highest = begin
    for page in steps(iter(pages)):
        highest = max([highest, *(update.time for update in page)])
        rows, faults = rows_and_faults([_row(update) for update in page if not update.should_delete])
        gone = tuple(_key(update) for update in page if update.should_delete)
        yield Delta(rows, faults, gone, {"update_time": highest, "last_fetch_time": int(time.time())})
    yield Delta(ended=True)


def _key(update: ThreatUpdateJSON) -> str:
    return f"{update.threat_type}:{update.indicator}"


def _row(update: ThreatUpdateJSON) -> Row | Fault | None:
    descriptors = update.raw_json["descriptors"]["data"]
    tags: dict[str, None] = {}
    opinions: list[Opinion] = []
    for descriptor in descriptors:
        parsed = hash_rows.of_mapping(
            0, {"type": "md5", "value": "0" * 32, "indicator": "", **descriptor, **_reactions(descriptor)}
        )
        opinions.append(parsed.opinion)
        tags |= dict.fromkeys(parsed.tags)
    return row(
        _key(update),
        [(update.threat_type, update.indicator)],
        opinion=combined(opinions),
        tags=list(tags),
        details={
            "owner": [descriptor.get("owner", {}).get("id") for descriptor in descriptors],
            "last_updated": update.time,
        },
    )


def _reactions(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    """Return the reactions of a descriptor, given as `[{"key": …, "value": owners}]`."""
    return {
        "reactions": [
            reaction.get("key") for reaction in descriptor.get("reactions", []) if isinstance(reaction, dict)
        ]
    }
