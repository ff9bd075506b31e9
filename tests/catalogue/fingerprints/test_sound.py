"""Sound from registration to verdict, on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from registry.catalogue.banks.service.banks import create_bank
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.algorithms import OF_SOUND
from registry.catalogue.fingerprints.model.document import from_document, to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.database import sql
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.candidates.store import audio as audio_store
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.answers import answer_document
from tests.support.media import drawn
from tests.support.steps import join, review

FAKE = drawn.clip("body", face="victim", seconds=12, sound="speech")
COPY = drawn.clip("body", face="victim", seconds=12, noise=0.15, file="copy", sound="speech")
UNDER_OTHER_PICTURES = drawn.clip("landscape", seconds=12, noise=0.15, sound="speech")


def put(service: Service, caller: Caller, *fakes: Fingerprint, **fields: Any) -> str:
    # As a document does: what is stored is what can be sent.
    sent = [from_document(to_document(fake, faces=True)) for fake in fakes]
    return str(register_entry(service, caller, Registration(fakes=sent, **fields)).entry_id)


def ask(service: Service, caller: Caller, query: Fingerprint) -> Answer:
    return answer_document(service, caller, from_document(to_document(query, faces=True)))


def test_a_copy_is_borne_out_by_its_sound(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE)
    answer = ask(service, owner, COPY)
    assert answer["verdict"] == "known_fake"
    (match,) = answer["matches"]
    assert match["signals"]["audio"]["seconds"] == pytest.approx(12, abs=0.3)
    assert 0 < match["signals"]["audio"]["bit_error"] < 0.1


def test_the_sound_under_other_pictures_is_related(service: Service, owner: Caller) -> None:
    entry_id = put(service, owner, FAKE)
    answer = ask(service, owner, UNDER_OTHER_PICTURES)
    assert (answer["verdict"], answer["reasons"]) == ("related", ["audio_only"])
    (match,) = answer["matches"]
    assert (match["entry_id"], match["relation"]) == (entry_id, "audio")
    (span,) = match["spans"]
    assert span["query"] == pytest.approx([0, 12], abs=0.3)
    assert span["asset"] == pytest.approx([0, 12], abs=0.3)
    assert match["signals"]["frames"] == {"aligned": 0, "phash": None, "sscd": None}
    assert match["signals"]["audio"]["bit_error"] < 0.1
    assert answer["confidence"] is None


def test_another_sound_and_none_are_no_match(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE)
    for other in (drawn.voice("song", 12), None, bytes(4 * 80)):
        answer = ask(service, owner, replace(UNDER_OTHER_PICTURES, audio=other))
        assert (answer["verdict"], answer["matches"]) == ("no_match", [])


def test_an_entry_from_before_sound_is_answered_by_its_pictures(service: Service, owner: Caller) -> None:
    put(service, owner, replace(FAKE, audio=None))
    (match,) = ask(service, owner, COPY)["matches"]
    assert (match["relation"], match["signals"]["audio"]) == ("copy", None)


def test_access_to_sound_matches(service: Service, owner: Caller) -> None:
    stranger = join(service, owner, "Elsewhere")
    create_bank(service, owner, name="private", visibility="private")
    put(service, owner, replace(FAKE, media=drawn.clip("x", seconds=12).media), bank="private")
    assert ask(service, stranger, UNDER_OTHER_PICTURES)["verdict"] == "no_match"
    entry_id = put(service, owner, FAKE)
    answer = ask(service, stranger, UNDER_OTHER_PICTURES)
    assert [match["entry_id"] for match in answer["matches"]] == [entry_id]
    assert answer["reasons"] == ["audio_only", "unreviewed"]
    review(service, entry_id)
    assert ask(service, stranger, UNDER_OTHER_PICTURES)["reasons"] == ["audio_only"]


def test_a_bank_may_turn_it_off(service: Service, owner: Caller) -> None:
    create_bank(service, owner, name="pictures", policy={"audio": False})
    put(service, owner, FAKE, bank="pictures")
    assert ask(service, owner, UNDER_OTHER_PICTURES)["verdict"] == "no_match"
    assert ask(service, owner, COPY)["verdict"] == "known_fake"


@pytest.mark.slow
def test_a_stranger_cannot_drown_a_fake_in_its_own_sound(service: Service, owner: Caller) -> None:
    entry_id = put(service, owner, FAKE)
    stranger = join(service, owner, "Elsewhere")
    for number in range(40):
        put(service, stranger, drawn.clip(f"picture {number}", seconds=12, sound="speech"))
    answer = ask(service, owner, UNDER_OTHER_PICTURES)
    assert entry_id in [match["entry_id"] for match in answer["matches"]]


@pytest.mark.slow
def test_a_song_that_is_in_everything_hides_nothing(service: Service, owner: Caller) -> None:
    """More media share each key than are taken: what the caller may trust is found beside them."""
    stranger = join(service, owner, "Elsewhere")
    for number in range(audio_store.PER_KEY + 4):
        put(service, stranger, drawn.clip(f"picture {number}", seconds=20, sound="song"))
    mine = put(service, owner, drawn.clip("mine", seconds=20, sound="song"))
    answer = ask(service, owner, drawn.clip("landscape", seconds=20, noise=0.1, sound="song"))
    assert mine in [match["entry_id"] for match in answer["matches"]]
    assert answer["verdict"] == "related"


def test_storing_again_is_storing_once(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE)
    put(service, owner, FAKE)
    with service.pool.transaction() as connection:
        rows = connection.execute("SELECT chromaprint, keys FROM audio_fingerprint").fetchall()
    (row,) = rows
    assert row["chromaprint"] == FAKE.audio
    assert row["keys"] == audio.keys(audio.values(FAKE.audio))


def test_a_note_is_found_by_its_peaks_in_another_speed_and_pitch(service: Service, owner: Caller) -> None:
    note = drawn.clip("note", seconds=0.5)
    values = drawn.tops("speech", 20)
    note = replace(
        note, media=replace(note.media, kind="audio", duration=20.0, width=0, height=0), frames=(), faces=()
    )
    note = replace(note, algorithms=OF_SOUND, peaks=values.tobytes(), audio=drawn.voice("speech", 20))
    entry_id = put(service, owner, note, manipulation="voice_clone")
    faster = replace(note, media=replace(note.media, sha256="1" * 64), peaks=drawn.paced(values, 1.2, 12))
    answer = ask(service, owner, replace(faster, audio=None))
    assert (answer["verdict"], answer["reasons"]) == ("related", ["weak"])
    (match,) = answer["matches"]
    assert match["entry_id"] == entry_id
    (span,) = match["spans"]
    assert span["query"] == pytest.approx([0, 20 / 1.2], abs=0.3)
    assert span["asset"] == pytest.approx([0, 20], abs=0.3)
    other = replace(faster, audio=None, peaks=drawn.tops("song", 20).tobytes())
    assert ask(service, owner, other)["verdict"] == "no_match"


@pytest.mark.slow
def test_sound_is_found_by_its_index(service: Service, owner: Caller, database_url: str) -> None:
    for number in range(30):
        put(service, owner, drawn.clip(f"picture {number}", seconds=6, sound=f"sound {number}"))
    parameters = audio_store.parameters(
        audio.keys(audio.values(UNDER_OTHER_PICTURES.audio)),
        organization_id=owner.organization_id,
        bank_id=None,
    )
    with service.pool.transaction() as connection:
        connection.execute("ANALYZE")
        connection.execute(sql.load("registry.matching.candidates.store.audio")["plan"])
        plan = connection.execute(
            psycopg.sql.SQL("EXPLAIN ")
            + psycopg.sql.SQL(sql.load("registry.matching.candidates.store.audio")["hits"]),
            parameters,
        ).fetchall()
    shown = "\n".join(row["QUERY PLAN"] for row in plan)
    assert shown.count("Bitmap Index Scan on audio_keys") == 2
    assert "Seq Scan on audio_fingerprint" not in shown
