"""The fingerprint document: what is written is read back, what is wrong is refused with its place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.fingerprints.model.algorithms import OF_SOUND
from registry.catalogue.fingerprints.model.document import from_document, to_document
from registry.catalogue.fingerprints.model.fingerprint import FULL, TRIM, Fingerprint, Mosaic
from registry.catalogue.media.model import Media
from registry.core.database.migrate import schema_folder
from registry.core.errors import BadDocument
from tests.support.media import drawn

CELLS = bytes([10, 240]) + bytes(range(256)) + bytes(32)
DRAWN = drawn.clip("body", face="someone", seconds=4, sound="speech")
CLIP = replace(
    DRAWN,
    algorithms=(*DRAWN.algorithms, "mosaic.1"),
    mosaics=(
        Mosaic(0.0, FULL, CELLS),
        Mosaic(0.0, TRIM, CELLS, (0.0, 0.1, 1.0, 0.8)),
        Mosaic(0.5, FULL, CELLS),
    ),
)
NOTE = Fingerprint(
    Media("ab" * 32, "audio", 4.0, 0, 0, 1000),
    OF_SOUND,
    (),
    audio=drawn.voice("speech", 4),
    peaks=drawn.tops("speech", 4).tobytes(),
)
SCHEMA = json.loads((schema_folder() / "fingerprint-document.v1.json").read_text())


@pytest.mark.slow
@given(st.text(max_size=8), st.floats(0.5, 20), st.floats(0, 1), st.booleans(), st.booleans())
def test_a_document_holds_the_whole_fingerprint(
    seed: str, seconds: float, noise: float, faces: bool, sound: bool
) -> None:
    clip = drawn.clip(
        seed, seconds=seconds, noise=noise, face="a" if faces else None, sound="b" if sound else None
    )
    again = from_document(json.loads(json.dumps(to_document(clip, faces=True))))
    assert again.media.sha256 == clip.media.sha256
    assert again.frames == clip.frames
    assert [face.embedding for face in again.faces] == [face.embedding for face in clip.faces]
    assert again.audio == clip.audio
    assert set(again.algorithms) == set(clip.algorithms)


def test_without_faces_no_face_leaves() -> None:
    document = to_document(CLIP, faces=False)
    assert "face.sface.1" not in document["algorithms"]
    assert from_document(document).faces == ()


def test_mosaics_are_read_back_in_order_of_time() -> None:
    document = json.loads(json.dumps(to_document(CLIP, faces=False)))
    document["algorithms"]["mosaic.1"]["frames"].reverse()
    assert from_document(document).mosaics == CLIP.mosaics


@pytest.mark.parametrize("faces", [True, False])
def test_documents_obey_the_published_schema(faces: bool) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(to_document(CLIP, faces=faces), SCHEMA)


def _set(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


FRAMES = ("algorithms", "phash256.1", "frames")
SOUND = ("algorithms", "chromaprint.1")
VECTOR = ("algorithms", "sscd.1", "frames", 0, "value")
MOSAIC = ("algorithms", "mosaic.1", "frames", 0)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (_set("version", value=2), "unsupported_version", "version 2"),
        (_set("sha256", value="xyz"), "bad_document", "sha256"),
        (_set("kind", value="hologram"), "bad_document", "kind"),
        (_set("duration", value=float("nan")), "bad_document", "duration"),
        (_set("duration", value=10**400), "bad_document", "duration"),
        (_set("duration", value=-1), "bad_document", "duration"),
        (_set("duration", value=True), "bad_document", "duration"),
        (_set("size", "width", value=0), "bad_document", "size.width"),
        (_set("size", value=[]), "bad_document", "size"),
        (_set("algorithms", "phash256.2", value={}), "unknown_algorithm", "phash256.2"),
        (_set("algorithms", value={}), "bad_document", "no frame"),
        (_set(*FRAMES, value="x"), "bad_document", "must be a list"),
        (_set(*FRAMES, 0, value=7), "bad_document", "frames[0]"),
        (_set(*FRAMES, 0, "value", value="ab"), "bad_document", "64 hex"),
        (_set(*FRAMES, 0, "value", value="g" * 64), "bad_document", "64 hex"),
        (_set(*FRAMES, 0, "t", value=1e12), "bad_document", "frames[0].t"),
        (_set(*FRAMES, 0, "view", value="upside"), "bad_document", "view"),
        (_set(*FRAMES, 1, "t", value=0.0), "bad_document", "twice"),
        (_set(*FRAMES, value=[{}] * 100_001), "document_too_large", "100001"),
        (_set("algorithms", "pdq.1", "frames", 0, "quality", value=101), "bad_document", "quality"),
        (_set(*VECTOR, value="AAAA"), "bad_document", "float16"),
        (_set(*VECTOR, value="*"), "bad_document", "base64"),
        (_set(*VECTOR, value="AH4" + "A" * 1363 + "=="), "bad_document", "finite"),
        (_set(*MOSAIC, "value", value="AAAA"), "bad_document", "base64 of 290 bytes"),
        (_set(*MOSAIC, "value", value=None), "bad_document", "base64 of 290 bytes"),
        (_set(*MOSAIC, "value", value="/wAA" + "A" * 383 + "="), "bad_document", "darkest"),
        (_set(*MOSAIC, "view", value="inside"), "bad_document", "view"),
        (_set(*MOSAIC, "box", value=[0, 0, 0, 0]), "bad_document", "box"),
        (_set(*MOSAIC, "t", value=9.0), "bad_document", "beyond the `duration`"),
        (_set(*MOSAIC, "view", value="trim"), "bad_document", "twice"),
        (_set("algorithms", "face.sface.1", "faces", 0, "box", value=[1, 2]), "bad_document", "box"),
        (_set(*SOUND, value=[]), "bad_document", "chromaprint.1 must be an object"),
        (_set(*SOUND, "step", value=0.1), "bad_document", "step"),
        (_set(*SOUND, "step", value=None), "bad_document", "step"),
        (_set(*SOUND, "value", value="AAAA"), "bad_document", "32-bit"),
        (_set(*SOUND, "value", value="*"), "bad_document", "32-bit"),
        (_set(*SOUND, "value", value=[1, 2]), "bad_document", "32-bit"),
        (_set(*SOUND, "value", value="A" * 16_000), "document_too_large", "more sound"),
        (_set("notes", value=["<script>"]), "bad_document", "notes"),
        (_set(*FRAMES, 7, "t", value=600_000.0), "bad_document", "frames[7] lasts to 600000.500 s"),
        (_set(*FRAMES, 0, "d", value=600_000.0), "bad_document", "frames[0] lasts to 600000.000 s"),
        (_set("algorithms", "face.sface.1", "faces", 2, "t", value=9.0), "bad_document", "faces[2] lasts"),
        (_set("duration", value=0.0), "bad_document", "beyond the `duration` of 0.000 s"),
        (_set("duration", value=604_800.0), "bad_document", "the last sample ends at 4.000 s"),
    ],
)
def test_an_invalid_document_is_refused_with_the_place_of_the_error(
    change: Callable[[dict[str, Any]], None], code: str, words: str
) -> None:
    document = copy.deepcopy(to_document(CLIP, faces=True))
    change(document)
    with pytest.raises(BadDocument) as caught:
        from_document(document)
    assert caught.value.code == code
    assert words in caught.value.message


def _sampled(times: list[float], duration: float, lasts: float | None) -> dict[str, Any]:
    """A document with these moments."""
    document = to_document(CLIP, faces=False)
    sample = {key: value for key, value in document["algorithms"]["pdq.1"]["frames"][0].items() if key != "d"}
    said = {} if lasts is None else {"d": lasts}
    frames = [sample | said | {"t": time} for time in times]
    return document | {"duration": duration, "algorithms": {"pdq.1": {"frames": frames}}}


def test_a_sample_stands_no_longer_than_to_the_next() -> None:
    read = from_document(_sampled([0.0, 0.5, 3.0, 6.0], 8.0, 2.0))
    assert [frame.duration for frame in read.frames] == [0.5, 2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("times", "duration", "lasts"),
    [
        ([index * 2.0 for index in range(7_200)], 14_400.0, 2.0),
        ([index * 2.0 for index in range(7_200)], 14_400.0, None),
        ([0.0, 400.0, 1000.0], 1600.0, 600.0),
        ([0.0, 10.4, 20.8], 31.0, 0.5),
        ([index / 64 for index in range(6)], 6 / 64, 1 / 64),
    ],
    ids=["four hours", "without d", "slides", "keyframes", "short"],
)
def test_time_may_be_looked_at_in_many_ways(times: list[float], duration: float, lasts: float | None) -> None:
    assert from_document(_sampled(times, duration, lasts)).distinct_instants == len(times)


@pytest.mark.parametrize(("count", "step"), [(200, 0.01), (9_001, 0.5)])
def test_more_moments_than_a_clip_can_hold_are_refused(count: int, step: float) -> None:
    times = [index * step for index in range(count)]
    with pytest.raises(BadDocument, match="moments") as caught:
        from_document(_sampled(times, count * step, step))
    assert caught.value.code == "document_too_large"


def test_peaks_are_read_back_and_may_be_left_out() -> None:
    document = to_document(NOTE, faces=False)
    assert from_document(document).peaks == NOTE.peaks
    with pytest.raises(BadDocument, match="sound alone"):
        from_document(to_document(replace(CLIP, algorithms=(*CLIP.algorithms, "peaks.1")), faces=False))
    del document["algorithms"]["peaks.1"]
    assert from_document(document).peaks is None


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        ("AAAA", "bad_document", "peaks.1.value must be base64 of 32-bit"),
        ("AAQAAAACAAA=", "bad_document", "in order of time"),
        ("AAAA/w==", "bad_document", "within the duration"),
        ("A" * 100_000, "document_too_large", "more sound"),
        ("AAAA" * 88, "bad_document", "more than 60 peaks in a second"),
    ],
)
def test_peaks_that_no_sound_has_are_refused(value: str, code: str, words: str) -> None:
    document = copy.deepcopy(to_document(NOTE, faces=False))
    document["algorithms"]["peaks.1"]["value"] = value
    with pytest.raises(BadDocument) as caught:
        from_document(document)
    assert caught.value.code == code
    assert words in caught.value.message


def test_an_image_has_no_sound_and_a_silent_file_none() -> None:
    still = to_document(drawn.clip("still", seconds=0.5), faces=False)
    assert still["algorithms"]["chromaprint.1"]["value"] == ""
    assert from_document(still).audio is None
    still["algorithms"]["chromaprint.1"]["value"] = to_document(CLIP, faces=False)["algorithms"][
        "chromaprint.1"
    ]["value"]
    with pytest.raises(BadDocument, match="an image has no sound"):
        from_document(still)


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_refused_in_words(value: Any) -> None:
    with pytest.raises(BadDocument):
        from_document(value)
