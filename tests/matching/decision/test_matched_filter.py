"""Where a fake and its original differ, the query is one of the two; faces are not needed for it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from registry.catalogue.banks.model import Policy
from registry.catalogue.entries.model.entry import Candidate, Manipulation, Tier
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.model.mosaics import Mosaics, of_values
from registry.matching.alignment.model import matched_filter
from registry.matching.alignment.model.align import Aligned, Frames, Span
from registry.matching.alignment.model.matched_filter import Difference
from registry.matching.alignment.model.shared_moments import Side
from registry.matching.alignment.model.temporal_voting import Line
from registry.matching.decision.model import decision
from registry.matching.decision.model.decision import Decision
from tests.support.matching.decisions import candidate, query_of
from tests.support.media.faked import FACE, Edit, clip, picture, plain
from workers.hashers import mosaic
from workers.media.picture import Pixels


def registered(
    *,
    tier: Tier = "reviewed",
    original_tier: Tier = "reviewed",
    own: bool = True,
    manipulation: Manipulation = "face_swap",
) -> list[Candidate]:
    rules = {"tier": tier, "original_tier": original_tier, "own": own, "manipulation": manipulation}
    return [
        candidate(clip("swapped", file="fake"), **rules),  # type: ignore[arg-type]  # literal keys
        candidate(clip("genuine", file="original"), "original", **rules),  # type: ignore[arg-type]  # as above
    ]


def answer(query: Fingerprint, known: list[Candidate] | None = None) -> Decision:
    return decision.decide(query_of(query), known or registered())


def difference(decided: Decision) -> Difference | None:
    found = [ruling.difference for group in decided.groups for ruling in group if ruling.difference]
    return found[0] if found else None


def jpeg(quality: int, side: int = 160) -> Edit:
    def edit(pixels: Pixels) -> Pixels:
        held = io.BytesIO()
        Image.fromarray(pixels).resize((side, side * 9 // 16)).save(held, "JPEG", quality=quality)
        return np.asarray(Image.open(held))

    return edit


def crop(left: float, top: float, right: float, bottom: float) -> Edit:
    def edit(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        return pixels[
            round(top * height) : round(bottom * height), round(left * width) : round(right * width)
        ]

    return edit


def graded(pixels: Pixels) -> Pixels:
    return np.clip(255 * (pixels / 255) ** 0.8 * 1.1, 0, 255).astype(np.uint8)


def captioned(pixels: Pixels) -> Pixels:
    changed = pixels.copy()
    changed[150:175, 20:300] = 255
    return changed


def darkened(pixels: Pixels) -> Pixels:
    return (pixels // 4).astype(np.uint8)


def turned(degrees: float) -> Edit:
    return lambda pixels: np.asarray(Image.fromarray(pixels).rotate(degrees, Image.Resampling.BILINEAR))


def slanted(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    corners = (-14, -10, 6, height + 8, width + 12, height + 14, width - 4, -6)
    seen = Image.fromarray(pixels).transform((width, height), Image.Transform.QUAD, corners)
    return np.asarray(seen)


def padded(pixels: Pixels) -> Pixels:
    """Cut off at one side, under a bright bar."""
    return np.pad(pixels[:, 50:], ((30, 0), (0, 0), (0, 0)), constant_values=240)


EDITS: dict[str, Edit] = {
    "re-encoded": jpeg(30),
    "cropped": crop(0.05, 0.1, 0.95, 0.95),
    "stretched and cropped": crop(0.15, 0.0, 0.9, 1.0),
    "graded": graded,
    "captioned": captioned,
    "dark": darkened,
    "turned": turned(6),
    "slanted": slanted,
    "cut off under a bar": padded,
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_a_copy_is_the_fake_and_the_original_is_authentic_without_faces(edit: Edit) -> None:
    copy = answer(clip("swapped", edit, file="copy"))
    assert (copy.verdict, copy.reasons) == ("known_fake", ())
    genuine = answer(clip("genuine", edit, file="copy"))
    assert (genuine.verdict, genuine.reasons) == ("authentic_original", ())
    near, far = difference(copy), difference(genuine)
    assert near is not None
    assert far is not None
    assert near.value < 0.4
    assert far.value > 0.6


def test_without_mosaics_a_clip_without_faces_stays_undecided() -> None:
    copy = replace(clip("swapped", file="copy"), mosaics=())
    decided = answer(copy)
    assert (decided.verdict, difference(decided)) == ("related", None)
    assert decided.reasons in {("no_face",), ("original_close",)}


@pytest.mark.parametrize("manipulation", ["face_swap", "lip_sync"])
def test_samples_need_not_be_of_the_same_instants(manipulation: Manipulation) -> None:
    query = clip("swapped", file="copy", start=1.0, seconds=4.0)
    late = replace(
        query,
        mosaics=tuple(
            replace(item, value=mosaic.compute(picture(item.time + 1.2, "swapped"))) for item in query.mosaics
        ),
    )
    assert answer(late, registered(manipulation=manipulation)).verdict == "known_fake"


def test_half_of_each_is_neither() -> None:
    def blended(time: float) -> Pixels:
        both = picture(time, "swapped").astype(np.int16) + picture(time, "genuine")
        return (both // 2).astype(np.uint8)

    query = clip("swapped", file="copy")
    values = tuple(replace(item, value=mosaic.compute(blended(item.time))) for item in query.mosaics)
    decided = answer(replace(query, mosaics=values))
    assert decided.verdict == "related"
    found = difference(decided)
    assert found is None or not found.decides


def test_another_fake_of_the_footage_is_neither() -> None:
    decided = answer(clip("third", file="copy"))
    assert decided.verdict == "related"
    found = difference(decided)
    assert found is None or not found.decides


@pytest.mark.parametrize("face", ["swapped", "genuine"])
def test_a_sticker_on_the_face_accuses_nobody(face: str) -> None:
    def stuck(pixels: Pixels) -> Pixels:
        changed = pixels.copy()
        changed[40:120, 90:160] = (250, 210, 30)
        return changed

    decided = answer(clip(face, stuck, file="copy"))
    assert decided.verdict == "related"


@pytest.mark.parametrize(("face", "verdict"), [("swapped", "known_fake"), ("genuine", "related")])
def test_a_sticker_on_a_quarter_of_the_face_does_not_hide_a_fake(face: str, verdict: str) -> None:
    """What is seen of an original proves nothing of what is hidden: the mouth may be moved."""

    def stuck(pixels: Pixels) -> Pixels:
        changed = pixels.copy()
        changed[85:110, 110:140] = (250, 210, 30)
        return changed

    assert answer(clip(face, stuck, file="copy")).verdict == verdict


@pytest.mark.parametrize("values", [(0.35, 0.61, 0.27, 0.64, 0.44, 0.58, 0.62, 0.46, 0.58, 0.88), (0.4, 0.9)])
def test_moments_that_contradict_each_other_call_nothing_authentic(values: tuple[float, ...]) -> None:
    """Under a sticker some moments are nearer to the fake, some to the original."""
    times = tuple(map(float, range(len(values))))
    mixed = Difference(float(np.mean(values)), -4.0, fits=True, times=times, values=values)
    assert not mixed.shows_original
    assert replace(mixed, values=tuple(0.5 + value / 4 for value in values)).shows_original


@pytest.mark.parametrize("face", ["swapped", "genuine"])
def test_a_pixelated_face_is_never_called_the_other(face: str) -> None:
    def pixelated(pixels: Pixels) -> Pixels:
        changed = pixels.copy()
        changed[FACE] = changed[FACE].mean(axis=(0, 1), keepdims=True)
        return changed

    decided = answer(clip(face, pixelated, file="copy"))
    assert decided.verdict in {"related", "known_fake" if face == "swapped" else "authentic_original"}


def test_a_strangers_unreviewed_original_decides_nothing() -> None:
    known = registered(original_tier="unreviewed", own=False)
    assert answer(clip("swapped", file="copy"), known).verdict == "related"
    assert answer(clip("genuine", file="copy"), known).verdict == "related"


def test_an_original_that_differs_elsewhere_does_not_make_footage_a_fake() -> None:
    """Registered with another picture in the corner, where neither fake nor footage has it."""

    def marked(pixels: Pixels) -> Pixels:
        changed = pixels.copy()
        changed[5:60, 230:310] = 255 - changed[5:60, 230:310]
        return changed

    fake, _ = registered()
    bogus = candidate(
        clip("genuine", marked, file="bogus"), "original", tier="reviewed", original_tier="reviewed"
    )
    assert answer(clip("genuine", file="copy"), [fake, bogus]).verdict != "known_fake"


def still(face: str, edit: Edit = plain) -> Fingerprint:
    found = clip(face, edit, file="still", seconds=0.5, start=2.0)
    assert found.media.kind == "image"
    return found


def pictured(manipulation: Manipulation = "face_swap", *, policy: Policy | None = None) -> list[Candidate]:
    """A fake picture with its original, registered as pictures."""
    rules = {"tier": "reviewed", "original_tier": "reviewed", "manipulation": manipulation}
    known = [
        candidate(clip("swapped", file="fake", seconds=0.5, start=2.0), **rules),  # type: ignore[arg-type]
        candidate(clip("genuine", file="original", seconds=0.5, start=2.0), "original", **rules),  # type: ignore[arg-type]
    ]
    return [replace(item, policy=policy or Policy()) for item in known]


@pytest.mark.parametrize("edit", [jpeg(60, 320), EDITS["cropped"], graded], ids=["jpeg", "cropped", "graded"])
@pytest.mark.parametrize(("face", "verdict"), [("swapped", "known_fake"), ("genuine", "authentic_original")])
def test_a_picture_alone_decides_by_the_part_that_differs(face: str, verdict: str, edit: Edit) -> None:
    query = still(face, edit)
    for known in (registered(), pictured(), pictured("edited")):
        decided = answer(query, known)
        assert (decided.verdict, decided.reasons) == (verdict, ())


@pytest.mark.parametrize("face", ["swapped", "genuine"])
def test_a_bank_may_let_no_picture_decide(face: str) -> None:
    decided = answer(still(face), pictured(policy=Policy(single_frame=False)))
    assert (decided.verdict, decided.reasons) == ("related", ("single_frame",))


@pytest.mark.parametrize("face", ["swapped", "genuine"])
@pytest.mark.parametrize("manipulation", ["face_swap", "edited", "synthetic", None])
def test_a_picture_alone_stays_a_single_frame_without_an_original(
    face: str, manipulation: Manipulation | None
) -> None:
    """It could be the untouched original: nothing says where the fake was changed."""
    fake, _ = pictured()
    decided = answer(still(face), [replace(fake, manipulation=manipulation)])
    assert decided.verdict == "related"
    assert "single_frame" in decided.reasons


@pytest.mark.parametrize("face", ["swapped", "genuine"])
def test_a_picture_decides_nothing_if_the_part_that_differs_is_hidden_or_cut_off(face: str) -> None:
    def covered(pixels: Pixels) -> Pixels:
        changed = pixels.copy()
        changed[30:130, 80:170] = (250, 210, 30)
        return changed

    for edit in (covered, crop(0.55, 0.0, 1.0, 1.0)):
        assert answer(still(face, edit), pictured()).verdict in {"related", "no_match"}


def test_a_third_version_of_a_picture_is_neither() -> None:
    assert answer(still("third"), pictured()).verdict == "related"


def test_an_original_that_is_as_near_keeps_a_picture_from_being_called_a_fake() -> None:
    """Another entry holds, as its original, the very picture that was registered as the fake."""
    fake, original = pictured()
    other = clip("swapped", file="disputed", seconds=0.5, start=2.0)
    disputed = candidate(other, "original", tier="reviewed", original_tier="reviewed")
    assert answer(still("swapped", jpeg(60, 320)), [fake, original, disputed]).verdict == "related"


@pytest.mark.parametrize("banner", [slice(100, 180), slice(0, 40)], ids=["below", "above"])
@pytest.mark.parametrize("edit", [jpeg(60, 320), EDITS["cropped"], graded], ids=["jpeg", "cropped", "graded"])
def test_a_banner_on_the_registered_original_makes_no_fake_of_the_picture_without_it(
    banner: slice, edit: Edit
) -> None:
    """The banner is most of the difference, and only the registered original has it."""

    def marked(pixels: Pixels) -> Pixels:
        changed = pixels.copy()
        changed[banner] = 255 - changed[banner]
        return changed

    fake, _ = pictured()
    file = clip("genuine", marked, file="original", seconds=0.5, start=2.0)
    original = candidate(file, "original", tier="reviewed", original_tier="reviewed")
    assert answer(still("genuine", edit), [fake, original]).verdict != "known_fake"
    for seconds in (1.0, 3.0):  # also as a picture that a clip shows
        shown = clip("genuine", edit, file="shown", seconds=seconds, start=2.0)
        assert answer(shown, [fake, original]).verdict != "known_fake"


def test_a_picture_shown_for_seconds_counts_as_one() -> None:
    times = tuple(map(float, range(10)))
    shown = Difference(0.2, 6.0, fits=True, times=times, values=(0.2,) * 10)
    assert shown.decides
    assert not shown.decides_alone
    assert replace(shown, odds=13.0).decides_alone
    assert replace(shown, odds=6.0, times=times[:1], values=(0.2,)).decides_alone


def filmed(pictures: Iterable[Pixels]) -> Mosaics:
    """Pictures twice a second."""
    values = list(map(mosaic.compute, pictures))
    return of_values(np.arange(len(values)) / 2, b"".join(values))


def panning(face: str, edit: Edit = plain) -> Mosaics:
    """Six seconds of a camera that pans fast."""
    return filmed(edit(picture(8 * time, face)) for time in np.arange(0, 6, 0.5))


def along(medium: Mosaics, line: Line, *, mirrored: bool = False) -> Side:
    none = np.empty(0)
    frames = Frames(none, none, none, none, none, none, none, none.reshape(0, 4))
    span = Span((0.0, 6.0), (0.0, 6.0), line.speed, mirrored)
    return Side(medium, Aligned(span, frames, line, 2, (6.0, 6.0), 0.5))


@pytest.mark.parametrize("face", ["swapped", "genuine"])
@pytest.mark.parametrize("late", [Line(1.1, -0.3), Line(0.9, 0.3), Line(1.0, 0.8)])
def test_either_alignment_may_be_wrong_in_time(face: str, late: Line) -> None:
    query, fake, original = panning(face, jpeg(30)), panning("swapped"), panning("genuine")
    right = Line(1.0, 0.0)
    for lines in ((late, right), (right, late)):
        found = matched_filter.compare(query, along(fake, lines[0]), along(original, lines[1]))
        assert found is not None
        assert (found.shows_fake, found.shows_original) == (face == "swapped", face == "genuine")


def test_a_fake_may_begin_later_than_its_original() -> None:
    query, fake, original = panning("swapped", jpeg(30)), panning("swapped"), panning("genuine")
    later = Mosaics(original.times + 3.0, original.areas, original.values)
    found = matched_filter.compare(query, along(fake, Line(1.0, 0.0)), along(later, Line(1.1, 2.7)))
    assert found is not None
    assert found.shows_fake


@pytest.mark.parametrize("face", ["swapped", "genuine"])
def test_a_slow_zoom_hides_nothing(face: str) -> None:
    def zoomed(share: float) -> Edit:
        return crop(0.15 * share, 0.2 * share, 1 - 0.1 * share, 1 - 0.05 * share)

    times = np.arange(0, 6, 0.5)
    query = filmed(zoomed(time / 6)(picture(time, face)) for time in times)
    sides = (filmed(picture(time, side) for time in times) for side in ("swapped", "genuine"))
    found = matched_filter.compare(query, *(along(side, Line(1.0, 0.0)) for side in sides))
    assert found is not None
    assert (found.shows_fake, found.shows_original) == (face == "swapped", face == "genuine")


def test_a_copy_may_be_mirrored_though_its_hashes_do_not_say_so() -> None:
    query = panning("swapped", lambda pixels: pixels[:, ::-1])
    fake, genuine = (along(panning(name), Line(1.0, 0.0)) for name in ("swapped", "genuine"))
    found = matched_filter.compare(query, fake, genuine)
    assert found is not None
    assert found.shows_fake
    # With a mirrored fake all of the picture would differ, and a query be nearer to either by chance.
    turned = along(query, Line(1.0, 0.0), mirrored=True)
    assert matched_filter.compare(panning("genuine"), turned, genuine) is None


def test_a_moment_that_shows_something_else_counts_little() -> None:
    """A span may reach a moment into the clip that follows."""
    pictures = [picture(8 * time, "swapped") for time in np.arange(0, 2, 0.5)]
    genuine, swapped = (picture(12, face).astype(np.int16)[FACE] for face in ("genuine", "swapped"))
    pictures[3] = picture(0, "genuine")[::-1, ::-1].copy()
    pictures[3][FACE] = np.clip(4 * genuine - 3 * swapped, 0, 255)
    sides = (along(panning(face), Line(1.0, 0.0)) for face in ("swapped", "genuine"))
    found = matched_filter.compare(filmed(pictures), *sides)
    assert found is not None
    assert found.value < 0.2
    assert found.shows_fake
