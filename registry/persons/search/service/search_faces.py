"""Whom of an organization's enrolled persons does a medium show?"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np

from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE
from registry.catalogue.fingerprints.model.distance import Vectors
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.model.timeline import FaceTimeline
from registry.core.crypto.keys import Key
from registry.core.crypto.sealed import VECTORS
from registry.core.database.pool import Connection
from registry.core.errors import NotSettled, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.decision.model import early
from registry.persons import store as persons
from registry.persons.search import store as face_searches
from registry.persons.search.model import search
from registry.persons.search.model.search import Hit
from registry.persons.store import ActivePerson

log = logging.getLogger(__name__)

MATCH: Final = "match"
"""What a match is sealed for."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search: `tracks` compared with `persons`, `skipped` of them could not be opened; `found` sealed."""

    tracks: int
    persons: int
    skipped: int
    found: Mapping[UUID, bytes]


def search_faces(service: Service, caller: Caller, fingerprint: Fingerprint) -> Search | None:
    """Compare the faces of a file, as a worker read it, with the persons of the caller's organization whose
    consent is in force and covers lookups. None: the caller may not, or may not see what lookups find, or
    nobody is enrolled; or the file is under quarantine.

    Never for a document: its faces serve to compare aligned footage. Raises `NotSettled` for keyframes, since
    nobody must be missed because a file was looked at in haste, and `Unavailable` (`keys_unavailable`).
    """
    shown = caller.searches_faces and "lookup" in caller.roles
    if not shown or not search.searchable(fingerprint):
        return None
    with service.pool.transaction() as connection:
        active = persons.active(connection, caller.organization_id)
    if not active:
        return None
    if early.is_partial(fingerprint):
        raise NotSettled("Faces are searched in the whole file.", wanted="full")
    return compare(service, timeline.of_faces(fingerprint.faces), active, duration=fingerprint.media.duration)


def compare(
    service: Service, faces: FaceTimeline, active: Iterable[ActivePerson], *, duration: float
) -> Search:
    """The search itself. Vectors are opened for it and held no longer: there is no cache to erase."""
    tracks = search.usable_tracks(faces)
    if not tracks:
        return Search(0, 0, 0, {})
    given = list(active)
    opened = {one.person_id: found for one in given if (found := _open(service, one)) is not None}
    vectors = {person_id: templates for person_id, (_, templates) in opened.items()}
    hits = search.find(faces, tracks, vectors, duration=duration)
    sealed = {hit.person_id: opened[hit.person_id][0].seal(_packed(hit), MATCH) for hit in hits}
    return Search(len(tracks), len(opened), len(given) - len(opened), sealed)


def keep(connection: Connection, caller: Caller, lookup_id: UUID, done: Search) -> None:
    """Keep what was found, and put the search on record, in the transaction that keeps the answer."""
    matched = [
        person_id
        for person_id, sealed in done.found.items()
        if face_searches.keep_match(connection, lookup_id, person_id, sealed)
    ]
    face_searches.record(
        connection,
        organization_id=caller.organization_id,
        caller_id=caller.caller_id,
        lookup_id=lookup_id,
        tracks=done.tracks,
        persons=done.persons,
        skipped=done.skipped,
        matched=matched,
    )


def opened_hit(key: Key, person_id: UUID, sealed: bytes) -> Hit:
    """A kept match, opened. Raises `Unavailable` (`sealed_damaged`)."""
    said = json.loads(key.open(sealed, MATCH))
    spans = tuple((float(start), float(end)) for start, end in said["spans"])
    return Hit(person_id, spans, int(said["moments"]), float(said["coverage"]))


def _packed(hit: Hit) -> bytes:
    said = {"spans": hit.spans, "moments": hit.moments, "coverage": hit.coverage}
    return json.dumps(said).encode()


def _open(service: Service, person: ActivePerson) -> tuple[Key, Vectors] | None:
    """A person's key and (n, 128) vectors; None where the key is gone or what it sealed is damaged: one
    person's must not keep the others from being found."""
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
