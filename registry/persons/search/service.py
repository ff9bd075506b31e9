"""Search for enrolled persons in looked-up files and in registered media."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast
from uuid import UUID

import numpy as np

from registry.catalogue.entries.model.entry import is_partial
from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE
from registry.catalogue.fingerprints.model.distance import Vectors
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.model.timeline import FaceTimeline
from registry.core import cursor
from registry.core.crypto.envelope import VECTORS
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons import store as persons
from registry.persons.schemas import FaceSearch, FaceSearchPage
from registry.persons.search import store as face_searches
from registry.persons.search.model import search
from registry.persons.search.model.search import Hit
from registry.persons.search.store import DueAsset, RecordedSearch
from registry.persons.store import ActivePerson

log = logging.getLogger(__name__)

MATCH: Final = "match"
"""Purpose of an encrypted match."""


@dataclass(frozen=True, slots=True)
class Search:
    """The result of a search: `tracks` were compared with `persons`; `skipped` persons could not be
    decrypted; `found` holds encrypted matches."""

    tracks: int
    persons: int
    skipped: int
    found: Mapping[UUID, bytes]


WHOLE_FILE: Final = "whole_file"
"""Result of a search that needs the whole file."""


def search_faces(
    service: Service, caller: Caller, fingerprint: Fingerprint
) -> Search | Literal["whole_file"] | None:
    """Compare the faces of a file, as a worker read it, with the persons of the caller's organization whose
    consent is in force and covers lookups. None if the caller lacks the permission or may not see lookups'
    results, if nobody is enrolled, or if the file is quarantined.

    Faces of a document are never searched: they serve only to compare aligned footage. For
    keyframes, `WHOLE_FILE` is returned, because a partial read could miss a person. Raises `Unavailable`
    (`keys_unavailable`).
    """
    may_search = caller.searches_faces and "lookup" in caller.roles
    if not may_search or not search.searchable(fingerprint):
        return None
    with service.pool.transaction() as connection:
        active = persons.active(connection, caller.organization_id)
    if not active:
        return None
    if is_partial(fingerprint):
        return WHOLE_FILE
    return compare(service, timeline.of_faces(fingerprint.faces), active, duration=fingerprint.media.duration)


def compare(
    service: Service, faces: FaceTimeline, active: Iterable[ActivePerson], *, duration: float
) -> Search:
    """Run the search. Vectors are decrypted for it and not cached, so there is no cache to erase."""
    tracks = search.usable_tracks(faces)
    if not tracks:
        return Search(0, 0, 0, {})
    persons_listed = list(active)
    opened = {
        person.person_id: key_and_vectors
        for person in persons_listed
        if (key_and_vectors := _open(service, person)) is not None
    }
    vectors = {person_id: templates for person_id, (_, templates) in opened.items()}
    hits = search.find(faces, tracks, vectors, duration=duration)
    sealed = {hit.person_id: opened[hit.person_id][0].seal(_packed(hit), MATCH) for hit in hits}
    return Search(len(tracks), len(opened), len(persons_listed) - len(opened), sealed)


def keep(connection: Connection, caller: Caller, lookup_id: UUID, result: Search) -> None:
    """Store the matches and record the search, in the transaction that stores the answer."""
    matched = [
        person_id
        for person_id, sealed in result.found.items()
        if face_searches.keep_match(connection, lookup_id, person_id, sealed)
    ]
    face_searches.record(
        connection,
        RecordedSearch(
            organization_id=caller.organization_id,
            caller_id=caller.caller_id,
            lookup_id=lookup_id,
            tracks=result.tracks,
            persons=result.persons,
            skipped=result.skipped,
            matched=matched,
        ),
    )


def opened_hit(key: Key, person_id: UUID, sealed: bytes) -> Hit:
    """Decrypt a stored match. Raises `Unavailable` (`sealed_damaged`)."""
    fields = json.loads(key.open(sealed, MATCH))
    spans = tuple((float(start), float(end)) for start, end in fields["spans"])
    return Hit(person_id, spans, int(fields["moments"]), float(fields["coverage"]))


def _packed(hit: Hit) -> bytes:
    fields = {"spans": hit.spans, "moments": hit.moments, "coverage": hit.coverage}
    return json.dumps(fields).encode()


def _open(service: Service, person: ActivePerson) -> tuple[Key, Vectors] | None:
    """Return a person's key and (n, 128) vectors. None if the key is gone or the data is damaged, so that one
    person's damage does not hide the others."""
    key = service.keys.find(person.person_id)
    if key is None:
        return None
    try:
        raw = key.open(person.sealed_vectors, VECTORS)
    except Unavailable as error:
        log.warning("person skipped (%s)", error.code, extra={"person_id": str(person.person_id)})
        return None
    vectors = np.frombuffer(raw, dtype="<f2").astype(np.float32)
    return key, vectors.reshape(-1, FACE_SFACE.dimensions)


def reveal_persons[Answer: Mapping[str, Any]](
    service: Service, answer: Answer, sealed: Mapping[UUID, bytes]
) -> Answer:
    """Add the persons of the encrypted matches to a lookup's answer, but those whose key is destroyed.

    Only for callers with the scope `faces`. Raises `Unavailable` (`keys_unavailable`).
    """
    hits = [
        hit
        for person_id, sealed_hit in sealed.items()
        if (hit := _opened_name(service, person_id, sealed_hit)) is not None
    ]
    return cast("Answer", search.combined(answer, hits))


def _opened_name(service: Service, person_id: UUID, sealed: bytes) -> Hit | None:
    key = service.keys.find(person_id)
    if key is None:
        return None
    try:
        return opened_hit(key, person_id, sealed)
    except Unavailable as error:
        log.warning("match skipped (%s)", error.code, extra={"person_id": str(person_id)})
        return None


BATCH: Final = 20
"""Media searched, and locked, in one transaction."""
ROUNDS: Final = 25
"""Most transactions of one call; the next call continues."""
SETTLED: Final = 10.0
"""Seconds for which a medium or person must exist before it is searched: longer than a review's
transaction."""


def link_persons(service: Service, *, settled: float = SETTLED) -> int:
    """Search registered media that are new, or that were not searched since a person was added whose consent
    covers entries. Return how many were searched.

    Each search is recorded. Only faces that a worker found in the media are used; those of a document serve
    only to compare aligned footage. Safe to run concurrently. Raises `Unavailable`.
    """
    searched = 0
    for _ in range(ROUNDS):
        with service.pool.transaction() as connection:
            due = face_searches.due_assets(connection, settled=settled, limit=BATCH)
            _link_all(connection, service, due)
        searched += len(due)
        if len(due) < BATCH:
            break
    return searched


def _link_all(connection: Connection, service: Service, due: Sequence[DueAsset]) -> None:
    protected: dict[UUID, list[ActivePerson]] = {}
    for asset in due:
        if asset.organization_id not in protected:
            protected[asset.organization_id] = persons.active(connection, asset.organization_id, "entries")
        faces = face_searches.faces(connection, asset.asset_id)
        result = compare(service, faces, protected[asset.organization_id], duration=asset.duration)
        _keep(connection, asset, result)


def _keep(connection: Connection, asset: DueAsset, result: Search) -> None:
    face_searches.clear_links(connection, asset.asset_id)
    matched = [
        person_id
        for person_id in result.found
        if face_searches.keep_link(connection, asset.asset_id, person_id)
    ]
    face_searches.record(
        connection,
        RecordedSearch(
            organization_id=asset.organization_id,
            asset_id=asset.asset_id,
            tracks=result.tracks,
            persons=result.persons,
            skipped=result.skipped,
            matched=matched,
        ),
    )


def list_face_searches(
    service: Service, caller: Caller, *, limit: int = 50, after: str | None = None
) -> FaceSearchPage:
    """Return the recorded searches of the caller's organization, newest first, with `next` as the cursor.

    Needs `faces` and `review`. Raises `BadInput` (`bad_cursor`), `Forbidden`.
    """
    caller.require("faces")
    caller.require("review")
    before = _decode(after) if after else None
    with service.pool.transaction() as connection:
        rows = face_searches.page(connection, caller.organization_id, before=before, limit=limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return FaceSearchPage(
        searches=[FaceSearch.model_validate(row) for row in rows],
        next=cursor.encode(rows[-1]["face_search_id"]) if more else None,
    )


def _decode(text: str) -> int:
    (number,) = cursor.decode(text, words=1)
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise cursor.refused()
    return int(number)
