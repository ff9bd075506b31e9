"""One more file for an entry that exists."""

from __future__ import annotations

from typing import Any

import orjson

from registry.catalogue.entries.commands import registration
from registry.catalogue.fingerprints.commands import local
from registry.catalogue.fingerprints.model.document import MEDIA_TYPE, to_document
from registry.core.terminal import waiting
from registry.core.terminal.client import Client, Request
from registry.core.terminal.problems import Reply
from registry.core.terminal.progress import Advance, Bars
from registry.core.terminal.upload import Part, send


def add(
    client: Client, entry_id: str, path: str, role: str, make: local.Fingerprinter | None, bars: Bars
) -> dict[str, Any]:
    """The entry, once the file answers lookups with it; `make` None: the file itself is sent.

    Raises why the file failed, `TimedOut`, and what `Client.call` raises.
    """
    where = f"/v1/entries/{entry_id}/assets"
    with bars.task(path) as advance:
        if make is None:
            reply = send(client, where, [Part(role, path, client.deadline)], {}, advance)
        else:
            reply = _document(client, where, path, role, make, advance)
        asset_id = str(reply.body["asset_id"])
        entry = waiting.until_matchable(client, entry_id, [asset_id], advance)
    if failure := registration.failed(entry, asset_id):
        raise failure
    return entry


def _document(
    client: Client, where: str, path: str, role: str, make: local.Fingerprinter, advance: Advance
) -> Reply:
    found = local.fingerprint(make, path, deadline=client.deadline, advance=advance, videohash=True)
    body = orjson.dumps(to_document(found, faces=True))
    form = {"files": [(f"{role}_document", ("document.json", body, MEDIA_TYPE))]}
    return client.call(Request("POST", where, build=lambda: form))
