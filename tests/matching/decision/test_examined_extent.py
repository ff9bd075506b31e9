"""How much of an upload was examined, as answers say it, and what to send next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from registry.catalogue.entries.model.entry import Query
from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.algorithms import CHROMAPRINT, FACE_SFACE, PDQ, PHASH256, SSCD
from registry.catalogue.fingerprints.model.fingerprint import MIRROR, Fingerprint
from registry.catalogue.media.model import Media
from registry.matching.decision.model import decision
from registry.matching.decision.model.checked import EVERYTHING, Checked, InputKind, examined
from registry.matching.decision.model.decision import Decision
from registry.matching.lookups.service.hashes import still
from tests.support.matching.decisions import candidate
from tests.support.media import drawn

FAKE = drawn.clip("speech", face="victim", sound="speech")


def turned(clip: Fingerprint) -> Fingerprint:
    """The clip with a view that only the reference pipeline makes."""
    return replace(clip, frames=(*clip.frames, replace(clip.frames[-1], view="turn.90")))


def without(clip: Fingerprint, *algorithms: str, notes: Iterable[str] = ()) -> Fingerprint:
    """The clip as if these algorithms had not run."""
    left = tuple(name for name in clip.algorithms if name not in algorithms)
    faces = () if FACE_SFACE.name in algorithms else clip.faces
    return replace(clip, algorithms=left, faces=faces, notes=tuple(notes))


def answer(
    clip: Fingerprint, *registered: Fingerprint, given: InputKind = "document"
) -> tuple[Decision, Checked]:
    """The decision on a clip in which the whole file's digest tells nothing, and what it rests on."""
    query = Query.of(clip, *timeline.of_fingerprint(clip))
    decided = decision.decide(
        replace(query, sha256=None),
        [candidate(fingerprint, manipulation="face_swap") for fingerprint in registered],
    )
    return decided, examined(clip, given, decided)


WHOLE = turned(drawn.clip("speech", face="victim", sound="speech", noise=0.02))


@pytest.mark.parametrize("registered", [(), (FAKE,)])
def test_where_everything_was_compared_there_is_no_next_step(registered: tuple[Fingerprint, ...]) -> None:
    _, found = answer(WHOLE, *registered)
    assert found == Checked(EVERYTHING, (), None)


def test_absent_faces_or_sound_count_as_checked() -> None:
    _, found = answer(turned(drawn.clip("empty street")))
    assert found.checked == EVERYTHING


@pytest.mark.parametrize(
    ("notes", "reason", "step"),
    [
        (("faces_left_out",), "left_out", "send_faces"),
        ((), "left_out", "send_faces"),
        (("no_faces",), "not_computed", "send_file"),
    ],
)
def test_a_face_swap_without_faces_is_related_with_a_next_step(
    notes: tuple[str, ...], reason: str, step: str
) -> None:
    decided, found = answer(without(WHOLE, FACE_SFACE.name, notes=notes), FAKE)
    assert (decided.verdict, decided.reasons) == ("related", ("no_face",))
    assert found.not_checked == (("faces", reason),)
    assert found.next_step == step


@pytest.mark.parametrize("reason", ["original_close", "original_claimed"])
def test_an_equally_near_original_requests_faces(reason: str) -> None:
    faceless = without(WHOLE, FACE_SFACE.name, notes=("faces_left_out",))
    decided, _ = answer(faceless, FAKE)
    groups = tuple(tuple(replace(ruling, reasons=(reason,)) for ruling in group) for group in decided.groups)
    close = replace(decided, reasons=(reason,), groups=groups)
    assert examined(faceless, "document", close).next_step == "send_faces"
    assert examined(WHOLE, "document", close).next_step is None


def test_faces_left_out_change_nothing_where_nothing_is_alike() -> None:
    _, found = answer(without(WHOLE, FACE_SFACE.name, notes=("faces_left_out",)))
    assert found == Checked(("sha256", "frames", "embedding", "sound"), (("faces", "left_out"),), None)


@pytest.mark.parametrize(
    ("clip", "missing"),
    [
        (without(WHOLE, SSCD.name), ("embedding", "not_computed")),
        (replace(WHOLE, notes=("few_views",)), ("frames", "partial")),
        (
            replace(FAKE, frames=tuple(replace(frame, view=MIRROR) for frame in FAKE.frames)),
            ("frames", "partial"),
        ),
        (without(WHOLE, PHASH256.name), ("frames", "partial")),
        (without(WHOLE, PHASH256.name, PDQ.name), ("frames", "not_computed")),
    ],
    ids=["no_embedding", "few_views", "plain_views", "pdq_alone", "vectors_alone"],
)
def test_no_match_with_pictures_not_all_compared_asks_for_the_file(
    clip: Fingerprint, missing: tuple[str, str]
) -> None:
    _, found = answer(clip)
    assert found.not_checked == (missing,)
    assert found.next_step == "send_file"
    assert answer(clip, given="file")[1].next_step is None, "there is no more than the file"


def test_a_known_fake_needs_nothing_more() -> None:
    few = replace(
        WHOLE, notes=("keyframes",), algorithms=(PHASH256.name, PDQ.name, SSCD.name, FACE_SFACE.name)
    )
    decided, found = answer(few, FAKE)
    assert decided.verdict == "known_fake"
    assert found.not_checked == (("frames", "keyframes_only"), ("sound", "not_read"))
    assert found.next_step is None


@pytest.mark.parametrize(
    ("notes", "reason"), [((), "not_read"), (("no_chromaprint",), "not_read"), (("broken_sound",), "partial")]
)
def test_sound_that_was_not_read_is_named_and_asks_for_nothing(notes: tuple[str, ...], reason: str) -> None:
    ran = () if reason == "partial" else (CHROMAPRINT.name,)
    _, found = answer(without(WHOLE, *ran, notes=notes))
    assert found.not_checked == (("sound", reason),)
    assert found.next_step is None


def test_damaged_media_were_looked_at_in_part_and_the_file_holds_no_more() -> None:
    _, found = answer(replace(WHOLE, notes=("truncated_media",)))
    assert (found.not_checked, found.next_step) == ((("frames", "partial"),), None)


@pytest.mark.parametrize("given", ["sha256", "md5"])
def test_a_digest_reports_everything_else_as_not_sent(given: InputKind) -> None:
    digest = Fingerprint(Media("0" * 64, "video", 0.0, 1, 1, 1), (), ())
    _, found = answer(digest, given=given)
    assert found.checked == (("sha256",) if given == "sha256" else ())
    assert {reason for _, reason in found.not_checked} == {"not_sent"}
    assert found.next_step == "send_file"


@pytest.mark.parametrize(
    ("algorithm", "value", "checked"),
    [(PDQ.name, bytes(32), "frames"), (SSCD.name, bytes(1024), "embedding")],
)
def test_of_one_hash_that_alone_was_compared(algorithm: str, value: bytes, checked: str) -> None:
    _, found = answer(still(algorithm, value), given="hash")
    assert found.checked == (checked,)
    assert {what for what, _ in found.not_checked} == {*EVERYTHING} - {checked}
    assert found.next_step == "send_file"


def test_a_file_known_by_its_digest_was_not_read() -> None:
    digest = Fingerprint(FAKE.media, (), (), notes=("keyframes",))
    _, found = answer(digest, given="file")
    assert found.checked == ("sha256",)
    assert {reason for _, reason in found.not_checked} == {"not_read"}
