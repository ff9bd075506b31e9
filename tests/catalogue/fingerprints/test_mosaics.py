"""Mosaics from registration to verdict, on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.catalogue import fingerprints
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.document import from_document, to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.answers import answer_document
from tests.support.media import faked

FAKE = faked.clip("swapped", file="fake")
ORIGINAL = faked.clip("genuine", file="original")


def sent(clip: Fingerprint) -> Fingerprint:
    """The fingerprint as a document brings it."""
    return from_document(to_document(clip, faces=False))


def ask(service: Service, caller: Caller, clip: Fingerprint) -> Answer:
    return answer_document(service, caller, sent(clip))


@pytest.fixture
def entry_id(service: Service, owner: Caller) -> str:
    entry = Registration(fakes=[sent(FAKE)], originals=[sent(ORIGINAL)], manipulation="face_swap")
    return str(register_entry(service, owner, entry).entry_id)


@pytest.mark.usefixtures("entry_id")
def test_documents_without_faces_are_decided_where_fake_and_original_differ(
    service: Service, owner: Caller
) -> None:
    copy = ask(service, owner, faked.clip("swapped", file="copy"))
    genuine = ask(service, owner, faked.clip("genuine", file="copy"))
    assert (copy["verdict"], genuine["verdict"]) == ("known_fake", "authentic_original")
    found = copy["matches"][0]["signals"]["difference"]
    assert found["decides"]
    assert found["value"] < 0.3
    assert len(found["moments"]) == 10
    assert copy["matches"][0]["signals"]["parts"][0]["located"]


@pytest.mark.usefixtures("entry_id")
def test_a_document_of_an_older_program_is_answered_as_before(service: Service, owner: Caller) -> None:
    copy = faked.clip("swapped", file="copy")
    names = tuple(name for name in copy.algorithms if name != "mosaic.1")
    answer = ask(service, owner, replace(copy, mosaics=(), algorithms=names))
    assert answer["verdict"] == "related"
    assert answer["matches"][0]["signals"]["difference"] is None


def test_all_that_was_sampled_is_stored_and_read_back(service: Service, owner: Caller, entry_id: str) -> None:
    assert entry_id
    with service.pool.transaction() as connection:
        rows = connection.execute("SELECT asset_id, encode(sha256, 'hex') AS sha256 FROM asset").fetchall()
        stored = {row["sha256"]: fingerprints.read(connection, row["asset_id"], frames=100) for row in rows}
    fake = stored[FAKE.media.sha256]
    assert fake is not None
    assert fake.mosaics == FAKE.mosaics
    assert to_document(fake, faces=False)["algorithms"]["mosaic.1"]["frames"][0]["t"] == 0
