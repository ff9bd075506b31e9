"""The same person in the same footage, saying something else: mouths that move alike, or otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from registry.catalogue.entries.model.entry import Manipulation
from registry.catalogue.fingerprints.model import expressions
from registry.catalogue.fingerprints.model.document import from_document, to_document
from registry.catalogue.fingerprints.model.expressions import BYTES, PART, Expressions
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import BadDocument
from registry.matching.decision.model import decision
from registry.matching.decision.model.evidence import BOUND
from tests.support.matching.decisions import candidate, query_of
from tests.support.media import clips as media
from tests.support.media import drawn
from workers.faces import expression

MOMENTS = 16
MOUTH, REST = slice(0, PART), slice(PART, BYTES)


def _moves(seed: str) -> Expressions:
    """Expressions of a face that moves as `seed` says, at every moment of a drawn clip."""
    numbers = drawn.generator(f"moves {seed}")
    steady = numbers.normal(size=BYTES)
    return np.asarray(0.1 * steady + 0.08 * numbers.normal(size=(MOMENTS, BYTES)), np.float32)


def _disturbed(moves: Expressions, seed: str, share: float = 0.03) -> Expressions:
    return np.asarray(moves + share * drawn.generator(seed).normal(size=moves.shape), np.float32)


SAID = _moves("fake")
MEANT = np.concatenate([_moves("original")[:, MOUTH], SAID[:, REST]], axis=1)
"""What the footage says: another mouth in the same face."""


def _clip(moves: Expressions | None, noise: float, file: str) -> Fingerprint:
    clip = drawn.clip("speech", face="speaker", noise=noise, file=file)
    if moves is None:
        return clip
    rows = np.clip(np.rint(_disturbed(moves, file) * 127), -127, 127).astype(np.int8)
    faces = [replace(face, expression=row.tobytes()) for face, row in zip(clip.faces, rows, strict=True)]
    return replace(clip, faces=tuple(faces))


FAKE = _clip(SAID, 0.0, "fake")
ORIGINAL = _clip(MEANT, 0.04, "original")
COPY = query_of(_clip(SAID, 0.1, "copy"))
GENUINE = query_of(_clip(MEANT, 0.1, "genuine"))


def test_a_copy_moves_alike_and_the_footage_only_around_the_mouth() -> None:
    copy = expressions.moved(_disturbed(SAID, "a"), SAID)
    genuine = expressions.moved(_disturbed(MEANT, "a"), SAID)
    assert copy is not None
    assert genuine is not None
    assert copy.odds > BOUND
    assert copy.moments == MOMENTS
    assert genuine.odds < -BOUND
    assert genuine.rest > 0.8


def test_a_constant_expression_carries_no_movement() -> None:
    still = np.repeat(SAID[:1], MOMENTS, axis=0)
    found = expressions.moved(_disturbed(still, "a"), _disturbed(still, "b"))
    assert found is not None
    assert -0.1 < found.odds < BOUND


def test_only_a_moving_mouth_is_evidence() -> None:
    quiet = np.concatenate([SAID[:, MOUTH] * 0.3, SAID[:, REST]], axis=1)
    meant = np.concatenate([MEANT[:, MOUTH] * 0.3, SAID[:, REST]], axis=1)
    still = np.concatenate([MEANT[:, MOUTH], _moves("another still face")[:, REST]], axis=1)
    hushed, speaking = expressions.moved(meant, quiet), expressions.moved(still, SAID)
    assert hushed is not None
    assert speaking is not None
    assert hushed.mouth < expressions.EVEN
    assert hushed.odds == 0.0
    assert speaking.rest < 0.4
    assert speaking.odds < -BOUND


def test_a_still_mouth_under_compression_is_no_other_movement() -> None:
    quiet = np.concatenate([SAID[:, MOUTH] * 0.05, SAID[:, REST]], axis=1)
    noisy = np.concatenate([MEANT[:, MOUTH] * 0.15, SAID[:, REST]], axis=1)
    found = expressions.moved(noisy, quiet)
    assert found is not None
    assert found.mouth < expressions.EVEN
    assert found.odds == 0.0


def test_eyes_and_brows_tell_a_mirrored_face_where_the_picture_does_not() -> None:
    flipped = _disturbed(SAID, "a") * expressions.FLIP
    for mirrored in (False, True):
        found = expressions.moved(flipped, SAID, mirrored=mirrored)
        assert found is not None
        assert found.odds > BOUND


def test_too_few_moments_and_unknown_expressions_say_nothing() -> None:
    assert expressions.moved(SAID[:3], SAID[:3]) is None
    assert expressions.moved(SAID, expressions.unknown(MOMENTS)) is None
    assert not expressions.of_bytes([b"", bytes(3)]).any()


@pytest.mark.parametrize(
    ("with_original", "copy", "genuine"),
    [(False, "known_fake", "related"), (True, "known_fake", "authentic_original")],
    ids=["original unknown", "original known"],
)
@pytest.mark.parametrize("manipulation", ["lip_sync", "face_swap", None])
def test_a_lip_sync_is_distinguished_from_its_footage(
    manipulation: Manipulation | None, with_original: bool, copy: str, genuine: str
) -> None:
    """Also where nobody said that it is one: the mouth is known to move otherwise."""
    known = [candidate(FAKE, manipulation=manipulation)]
    known += [candidate(ORIGINAL, "original", manipulation=manipulation)] * with_original
    assert decision.decide(COPY, known).verdict == copy
    decided = decision.decide(GENUINE, known)
    assert decided.verdict == genuine
    assert decided.reasons == (() if with_original else ("face_undecided",))


def test_a_lip_sync_whose_expressions_are_not_known_stays_undecided() -> None:
    """Registered before they were read, or asked at other moments: the same face proves nothing."""
    decided = decision.decide(COPY, [candidate(_clip(None, 0.0, "old"), manipulation="lip_sync")])
    assert (decided.verdict, decided.reasons) == ("related", ("face_undecided",))
    assert decided.groups[0][0].relation is None
    assert decision.decide(COPY, [candidate(_clip(None, 0.0, "old"))]).verdict == "known_fake"


def test_an_expression_leaves_out_brightness_and_contrast_and_turns_with_the_face() -> None:
    face = media.photograph("astronaut")[70:182, 170:282]
    plain = _numbers(expression.describe(face))
    dim = _numbers(expression.describe(np.asarray(face * 0.5 + 40, np.uint8)))
    assert float(plain @ dim) / float(np.linalg.norm(plain) * np.linalg.norm(dim)) > 0.99
    mirrored = _numbers(expression.describe(np.ascontiguousarray(face[:, ::-1])))
    assert np.abs(mirrored * expressions.FLIP - plain).max() < 0.05
    assert np.abs(mirrored - plain).max() > 0.2


def test_a_face_without_detail_has_an_expression_of_nothing() -> None:
    assert not _numbers(expression.describe(np.full((112, 112, 3), 90, np.uint8))).any()


def test_expressions_travel_with_faces_and_only_so() -> None:
    document = to_document(FAKE, faces=True)
    assert from_document(document).faces == FAKE.faces
    assert "expression" not in str(to_document(FAKE, faces=False))
    document["algorithms"]["face.sface.1"]["faces"][0]["expression"] = "AAAA"
    with pytest.raises(BadDocument, match="54 signed bytes"):
        from_document(document)


def _numbers(value: bytes) -> Expressions:
    return np.asarray(expressions.of_bytes([value])[0], np.float32)
