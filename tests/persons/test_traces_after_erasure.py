"""A person's face, name, consent and photos lie nowhere in the open, and once erased nothing opens them.

With real pictures, through enrolment, a lookup and a registration, in every place where bytes can be left.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import numpy as np
import psycopg
import pytest
from PIL import Image

from registry.app.service.bootstrap import bootstrap
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.distance import Vectors
from registry.catalogue.media.service.uploads import Upload
from registry.core.crypto import envelope
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.lineage.service import get_related
from registry.matching.lookups.service.records import queue_lookup
from registry.persons import store as persons
from registry.persons.erasure.service import revoke_person
from registry.persons.photos.service import Incoming, add_photos, get_photo
from registry.persons.schemas import NewConsent, NewPerson
from registry.persons.search import store as face_searches
from registry.persons.search.service import link_persons
from registry.persons.service.assessments import record_assessment
from registry.persons.service.persons import get_person
from registry.persons.service.proposal import propose_person
from registry.persons.service.review import Review, review_person
from tests.support.matching.answers import answer_of
from tests.support.media import clips as media
from tests.support.record import traces
from tests.support.service import servers as services
from tests.support.service.as_worker import as_worker
from workers.pipeline.fingerprint import fingerprint_file
from workers.tasks.answer_lookup import answer_lookup
from workers.tasks.fingerprints import fingerprint_asset
from workers.tasks.read_photo import read_photo

pytestmark = pytest.mark.slow(16)

NAME = "Eileen Collins-Ibáñez"
CONSENT = "Ich bin einverstanden, dass mein Gesicht geschützt wird."
TITLE = "A title that anybody may read"


@pytest.fixture
def worker(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """This process as a worker. The broker is away: nobody else takes the jobs."""
    with as_worker(database_url, tmp_path, monkeypatch) as found:
        yield found


@dataclass(frozen=True)
class Desk:
    """A service, and two of an organization who may work with persons."""

    service: Service
    first: Caller
    second: Caller

    def jobs(self, task: str) -> list[str]:
        with psycopg.connect(self.service.settings.database_url) as connection:
            query = "SELECT job_id FROM job WHERE status = 'queued' AND task = %s"
            return [str(job_id) for (job_id,) in connection.execute(query, (task,)).fetchall()]

    def received(self, path: Path) -> Upload:
        with path.open("rb") as stream:
            return Upload(self.service.blobs.put(stream, limit=1 << 24), path.name)

    def enrol(self, photos: list[bytes]) -> UUID:
        """Proposed, photos read by a worker, accepted by the second."""
        new_consent = NewConsent(
            by="self",
            text=CONSENT,
            document_sha256=hashlib.sha256(b"signed").hexdigest(),
            given_at=(datetime.now(UTC) - timedelta(hours=1)).isoformat(),
            scope=["lookups", "entries"],
        )
        made = propose_person(
            self.service, self.first, NewPerson(name=NAME, consent=new_consent, shows_minor_sexually=False)
        )
        person_id = UUID(made.person_id)
        files = [Incoming("photo.png", len(raw), partial(io.BytesIO, raw)) for raw in photos]
        add_photos(self.service, self.first, person_id, files)
        for job_id in self.jobs("read_photo"):
            read_photo(job_id)
        for photo in get_person(self.service, self.second, person_id).photos:
            get_photo(self.service, self.second, person_id, UUID(photo.photo_id))
        review = Review("accept", identity_checked=True, mandate_checked=True, how="Seen in person.")
        assert review_person(self.service, self.second, person_id, review).state == "active"
        return person_id

    def lookup(self, path: Path) -> UUID:
        lookup_id = queue_lookup(self.service, self.first, self.received(path))
        (job_id,) = self.jobs("answer_lookup")
        answer_lookup(job_id)
        return lookup_id

    def register(self, path: Path) -> UUID:
        made = register_entry(
            self.service, self.first, Registration(fakes=[self.received(path)], title=TITLE)
        )
        (job_id,) = self.jobs("fingerprint_asset")
        fingerprint_asset(job_id)
        return UUID(made.entry_id)


@pytest.fixture
def desk(worker: Service) -> Desk:
    owner = authenticate(worker, bootstrap(worker) or "")
    roles = ["lookup", "register", "review", "admin", "faces"]
    people = [create_caller(worker, owner, organization=None, name=name, roles=roles) for name in ("a", "b")]
    first, second = (authenticate(worker, made.key) for made in people)
    record_assessment(worker, first, title="Assessment", document_sha256="ab" * 32, assessed_on="2026-01-31")
    return Desk(worker, first, second)


def photographs() -> list[bytes]:
    """Two of one face: as it is, and smaller, darker and turned."""
    picture = Image.fromarray(media.photograph("astronaut"))
    other = picture.crop((60, 0, 400, 340)).rotate(8).point(lambda value: int(value * 0.8))
    files = []
    for item in (picture, other):
        item.save(out := io.BytesIO(), "PNG")
        files.append(out.getvalue())
    return files


def vectors_of(service: Service, person_id: UUID, desk: Desk) -> Vectors:
    with service.pool.transaction() as connection:
        (active,) = persons.active(connection, desk.first.organization_id)
    raw = service.keys.get(person_id).open(active.sealed_vectors, envelope.VECTORS)
    return np.frombuffer(raw, dtype="<f2").astype(np.float32).reshape(-1, 128)


def embeddings(path: Path) -> Vectors:
    faces = fingerprint_file(path, thorough=False).faces
    return np.array([np.frombuffer(face.embedding, "<f2") for face in faces[:4]]).astype(np.float32)


def test_nothing_lies_open_and_nothing_opens_afterwards(
    desk: Desk, tmp_path: Path, embedded_postgres: services.PostgresServer
) -> None:
    service, url = desk.service, desk.service.settings.database_url
    clip = media.clip(tmp_path / "asked.mp4", seconds=3, size=(480, 360), rate=10)
    known = media.clip(tmp_path / "known.mp4", seconds=3, size=(640, 480), rate=10)
    photos = photographs()
    entry_id = desk.register(known)
    person_id = desk.enrol(photos)
    assert link_persons(service, settled=0) == 1
    lookup_id = desk.lookup(clip)
    answer = answer_of(service, desk.first, lookup_id)
    assert [match for match in answer["matches"] if match.get("person_id") == str(person_id)]

    secret = service.keys.get(person_id).secret
    forms = traces.vector_needles("template", vectors_of(service, person_id, desk))
    forms |= traces.vector_needles("face asked about", embeddings(clip))
    forms |= traces.needles("name", NAME.encode()) | traces.needles("consent", CONSENT.encode())
    forms |= traces.needles("key", secret) | traces.needles("key's half", secret[:16])
    for number, photo in enumerate(photos):
        for place in (100, len(photo) // 2, len(photo) - 200):
            forms |= traces.needles(f"photo {number} at {place}", photo[place : place + 48])
    # What may lie open, and does, shows that the search finds what is there.
    with service.pool.transaction() as connection:
        (asset,) = connection.execute("SELECT asset_id FROM entry_asset").fetchall()
        kept = face_searches.faces(connection, asset["asset_id"]).embeddings
    controls = traces.vector_needles("face of an entry", kept[:1]) | traces.needles("title", TITLE.encode())

    def places() -> dict[str, traces.Places]:
        return {
            "tables": traces.tables(url),
            "dump": {"dump": traces.dump(embedded_postgres, url)},
            "log": traces.log(embedded_postgres, url),
            "heaps": traces.heaps(embedded_postgres, url),
            "blobs": traces.files(service.settings.data / "blobs", "blob"),
            "server": {"server's messages": embedded_postgres.cluster.log.read_bytes()},
        }

    before = places()
    assert traces.found(forms, before.values()) == [], "sealed, and read by nobody without the key"
    for name in ("tables", "dump", "log", "heaps"):
        seen = {
            needle.split(" from ")[0].split(" in ")[0] for needle, _ in traces.found(controls, [before[name]])
        }
        assert seen == {"face of an entry 0", "title"}, name
    assert any(known.read_bytes() == content for content in before["blobs"].values())

    revoke_person(service, desk.first, person_id)

    after = places() | {"keys": traces.files(service.settings.data / "keys", "key")}
    assert traces.found(forms, after.values()) == []
    assert traces.found(forms, before.values()) == [], "nor in what was copied before"
    with pytest.raises(NotFound, match="its key is gone"):
        service.keys.get(person_id)
    assert answer_of(service, desk.first, lookup_id)["matches"] == [
        match for match in answer["matches"] if "person_id" not in match
    ]
    assert str(lookup_id) not in after["tables"]["table face_match"].decode()
    assert after["tables"]["table asset_person"] == b""
    assert after["tables"]["table person_photo"] == b""
    assert get_related(service, desk.first, entry_id).related == []
    again = answer_of(service, desk.first, desk.lookup(clip))
    assert [match for match in again["matches"] if "person_id" in match] == []
