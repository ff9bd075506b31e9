"""Faces of registered media are kept as long as their bank says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from registry.catalogue.banks.service.banks import change_bank, create_bank
from registry.catalogue.banks.service.contents import expire_faces
from registry.catalogue.entries.schemas.registration import Registered
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import BadInput, Forbidden
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answers import answer_document
from tests.support import steps
from tests.support.entries import let_fingerprints_age
from tests.support.media import drawn

FAKE = drawn.clip("body", face="victim")
OTHER_FAKE = drawn.clip("stage", face="victim")
OTHER_ORIGINAL = drawn.clip("stage", face="actress", noise=0.05, file="o")
OTHER_COPY = drawn.clip("stage", face="victim", noise=0.15, file="copy")
COPY = drawn.clip("body", face="victim", noise=0.15, file="copy")
GENUINE = drawn.clip("body", face="actress", noise=0.15, file="genuine")


def put(service: Service, owner: Caller, *fakes: Fingerprint, **fields: Any) -> Registered:
    made = register_entry(service, owner, Registration(fakes=fakes, **fields))
    assert made.status == "matchable"
    return made


@pytest.fixture
def stranger(service: Service, owner: Caller) -> Caller:
    return steps.join(service, owner, "Another organization")


def pass_days(service: Service, days: int) -> None:
    let_fingerprints_age(service, days=days)


def verdict(service: Service, owner: Caller, query: Fingerprint) -> tuple[str, list[str]]:
    answer = answer_document(service, owner, query)
    return answer["verdict"], answer["reasons"]


def test_after_their_time_faces_are_gone_and_a_person_decides(service: Service, owner: Caller) -> None:
    create_bank(service, owner, name="month", policy={"face_retention_days": 30})
    made = put(service, owner, FAKE, bank="month")
    put(service, owner, OTHER_FAKE, bank="month", originals=[OTHER_ORIGINAL])
    pass_days(service, 29)
    assert expire_faces(service) == 0
    assert verdict(service, owner, COPY) == ("known_fake", [])

    pass_days(service, 2)
    assert expire_faces(service) == 3, "those of the original too"
    assert expire_faces(service) == 0
    with service.pool.transaction() as connection:
        (left,) = connection.execute("SELECT count(*) AS n FROM face_fingerprint").fetchall()
    assert left["n"] == 0
    assert verdict(service, owner, COPY) == ("related", ["no_face"])
    assert verdict(service, owner, GENUINE) == ("related", ["no_face"])
    assert verdict(service, owner, OTHER_COPY)[0] == "related", "whichever of the two is nearer"
    assert verdict(service, owner, FAKE)[0] == "known_fake", "the very same file needs no face"
    shown = show_entry(service, owner, UUID(made.entry_id)).assets
    assert all("faces_expired" in asset.notes and asset.faces == 0 for asset in shown)


def test_other_banks_and_media_without_faces_are_as_they_were(service: Service, owner: Caller) -> None:
    create_bank(service, owner, name="day", policy={"face_retention_days": 1})
    create_bank(service, owner, name="for good", policy={"face_retention_days": None})
    put(service, owner, drawn.clip("coffee"), bank="day")
    put(service, owner, FAKE, bank="for good")
    pass_days(service, 400)
    assert expire_faces(service) == 0
    assert verdict(service, owner, COPY) == ("known_fake", [])
    coffee = drawn.clip("coffee", noise=0.1, file="c")
    assert verdict(service, owner, coffee) == ("known_fake", []), "footage that shows nobody decides alone"


def test_recomputed_faces_restart_their_retention(service: Service, owner: Caller) -> None:
    create_bank(service, owner, name="day", policy={"face_retention_days": 1})
    put(service, owner, FAKE, bank="day")
    pass_days(service, 2)
    assert expire_faces(service) == 1
    put(service, owner, FAKE, bank="day", title="again")
    assert expire_faces(service) == 0


@pytest.mark.parametrize("days", [-1, "30", True, 1e9])
def test_an_invalid_time_is_refused(service: Service, owner: Caller, days: object) -> None:
    with pytest.raises(BadInput) as caught:
        create_bank(service, owner, name="odd", policy={"face_retention_days": days})
    assert caught.value.code == "bad_policy"


def test_a_bank_can_change_its_mind(service: Service, owner: Caller, stranger: Caller) -> None:
    put(service, owner, FAKE)
    pass_days(service, 40)
    changed = change_bank(service, owner, "default", {"face_retention_days": 30, "single_frame": True})
    assert changed.policy == {"face_retention_days": 30, "single_frame": True}
    assert expire_faces(service) == 1
    assert verdict(service, owner, COPY) == ("related", ["no_face"])
    back = change_bank(service, owner, changed.bank_id, {"face_retention_days": None})
    assert back.policy == {"single_frame": True}
    for wrong in ({"unknown": None}, {"single_frame": 1}, {"min_confidence": 0.3}):
        with pytest.raises(BadInput) as caught:
            change_bank(service, owner, "default", wrong)
        assert caught.value.code == "bad_policy"
    with pytest.raises(Forbidden):
        change_bank(service, stranger, changed.bank_id, {"single_frame": False})
