"""What is computed for many at once is what one after another gives, on random input."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from registry.catalogue.fingerprints.model import distance, expressions, timeline
from registry.catalogue.fingerprints.model.timeline import FaceTimeline, Timeline
from registry.core.numbers import Floats, Ints
from registry.matching.alignment.model import faces, single_frame, temporal_voting
from registry.matching.alignment.model.align import Aligned, Frames, Span
from registry.matching.alignment.model.similarity import Moments, Similarity, usual
from registry.matching.alignment.model.temporal_voting import GRAZE, TICK, TICKS, Line
from registry.matching.decision.model import scene_consistency

SPEEDS = (1.0, *temporal_voting.SPEEDS, 1.06, -0.94)


def side(rng: np.random.Generator) -> Moments:
    """Moments at samples of one rate, or at any time."""
    count = int(rng.integers(1, 40))
    if rng.random() < 0.5:
        starts = np.arange(count) * float(rng.choice([0.5, 1.0, 2.0]))
    else:
        starts = np.unique(np.round(rng.random(count) * 60, 2))
    lengths: Floats = rng.choice(np.array([0.05, 0.5, 1.0, 2.0]), len(starts)).astype(np.float64)
    return Moments(starts.astype(np.float64), np.asarray(starts + lengths, np.float64))


def some_pairs(rng: np.random.Generator) -> Similarity:
    query, asset = side(rng), side(rng)
    alike = rng.random((len(query), len(asset))) < rng.choice([0.05, 0.3, 1.0])
    alike[int(rng.integers(len(query))), int(rng.integers(len(asset)))] = True
    rows, columns = np.nonzero(alike)
    still = rng.random() < 0.3
    score = np.full(len(rows), 0.7) if still else np.round(rng.uniform(0.2, 1, len(rows)), 2)
    none = np.zeros(len(rows))
    areas = np.tile([0.0, 0.0, 1.0, 1.0], (len(rows), 1))
    return Similarity(query, asset, rows, columns, score, none, none, none, areas, np.arange(len(query)))


def plain_edges(pairs: Similarity, speed: float) -> tuple[Floats, Floats, Floats, Floats]:
    starts, ends = pairs.query.starts, pairs.query.ends
    opens, closes = pairs.asset.starts, pairs.asset.ends
    one, other = pairs.query.step, pairs.asset.step
    ends, closes = np.maximum(ends, starts + one), np.maximum(closes, opens + other)
    if speed < 0:
        starts, ends, opens, closes = starts - one / 2, ends - one / 2, opens - other / 2, closes - other / 2
    early, late = (speed * starts, speed * ends) if speed > 0 else (speed * ends, speed * starts)
    return early[pairs.rows], late[pairs.rows], opens[pairs.columns], closes[pairs.columns]


def plain_start(pairs: Similarity, speed: float) -> float:
    """The start with most votes, each bend of each pair put into its tick."""
    early, late, opens, closes = plain_edges(pairs, speed)
    tops, falls = opens - early, closes - late
    begins, ends = opens - late, closes - early
    low = (np.floor(begins.min() / TICK) - 1) * TICK
    count = int((ends.max() - low) / TICK) + 4
    assert count < TICKS
    bends = np.zeros(count + 2)
    for knots, sign in (
        (begins, 1),
        (np.minimum(tops, falls), -1),
        (np.maximum(tops, falls), -1),
        (ends, 1),
    ):
        at = (knots - low) / TICK
        floor = np.floor(at).astype(np.int64)
        np.add.at(bends, floor, sign * pairs.score * (1 - (at - floor)))
        np.add.at(bends, floor + 1, sign * pairs.score * (at - floor))
    votes = np.cumsum(np.cumsum(bends)) * TICK
    plateau = np.nonzero(votes >= votes.max() * (1 - 1e-6) - 1e-9)[0]
    first = plateau[: int(np.argmax(np.append(np.diff(plateau) > 1, True))) + 1]
    return float(low + (float(first[0] + first[-1]) / 2 + 1) * TICK)


def plain_met(pairs: Similarity, line: Line) -> Ints:
    early, late, opens, closes = plain_edges(pairs, line.speed)
    shared = np.minimum(late + line.start, closes) - np.maximum(early + line.start, opens)
    weight = np.where(shared > GRAZE * np.minimum(late - early, closes - opens), shared * pairs.score, -1.0)
    order = np.lexsort((-weight, pairs.rows))
    chosen = order[np.unique(pairs.rows[order], return_index=True)[1]]
    return np.asarray(chosen[weight[chosen] > 0])


@pytest.mark.parametrize("seed", range(60))
def test_lines_of_many_speeds_are_those_of_each(seed: int) -> None:
    pairs = some_pairs(np.random.default_rng(seed))
    found = temporal_voting._walks(pairs, SPEEDS)
    assert [walk.line.speed for walk in found] == list(SPEEDS)
    for walk in found:
        assert walk.line.start == pytest.approx(plain_start(pairs, walk.line.speed), abs=1e-9)
        met = plain_met(pairs, walk.line)
        assert walk.pairs.tolist() == met.tolist()
        rows = pairs.rows[met]
        expected = (pairs.score[met] * (pairs.query.ends[rows] - pairs.query.starts[rows])).sum()
        assert walk.total == pytest.approx(expected)
        assert temporal_voting.along(pairs, walk.line).pairs.tolist() == met.tolist()


@pytest.mark.parametrize("most", ["TOGETHER", "TICKS"])
def test_large_candidates_are_aligned_alone(most: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = some_pairs(np.random.default_rng(4))
    together = temporal_voting._walks(pairs, SPEEDS)
    monkeypatch.setattr(temporal_voting, most, 10_000 if most == "TICKS" else 1)
    apart = temporal_voting._walks(pairs, SPEEDS)
    assert [walk.line for walk in apart] == [walk.line for walk in together]
    assert [walk.pairs.tolist() for walk in apart] == [walk.pairs.tolist() for walk in together]


def people(rng: np.random.Generator, most: int) -> FaceTimeline:
    """Faces at whole and half seconds, up to so many of a moment, of some of which the place is unknown."""
    moments = np.sort(rng.choice(np.arange(0, 30, 0.5), int(rng.integers(0, 40)), replace=False))
    times = np.repeat(moments, rng.integers(1, most + 1, len(moments)))
    count = len(times)
    centres = rng.random((count, 2))
    centres[rng.random(count) < 0.1] = np.nan
    embeddings = rng.standard_normal((count, 128)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    return FaceTimeline(
        times=times,
        tracks=rng.integers(0, 3, count),
        pixels=rng.choice(np.array([20.0, 60.0, 61.0, 150.0]), count),
        quality=rng.random(count),
        centres=centres,
        embeddings=embeddings,
        expressions=expressions.unknown(count),
    )


def some_span(rng: np.random.Generator) -> Aligned:
    query = np.sort(rng.choice(np.arange(0, 30, 0.5), int(rng.integers(1, 40)), replace=False))
    count, speed, start = (
        len(query),
        float(rng.choice([1.0, -1.0, 1.25])),
        float(rng.choice([0.0, 2.5, 30.0])),
    )
    areas = np.tile([0.0, 0.0, 1.0, 1.0], (count, 1))
    areas[rng.random(count) < 0.3] = [0.1, 0.2, 0.8, 0.9]
    shown = np.sort(speed * query + start)
    zeros = np.zeros(count)
    frames = Frames(query, query + 0.5, shown, shown + 0.5, zeros + 0.8, zeros, zeros, areas)
    span = Span((0.0, 30.0), (float(shown[0]), float(shown[-1])), speed, bool(rng.random() < 0.3))
    return Aligned(span, frames, Line(speed, start), 2, (30.0, 30.0), 0.5)


def plain_moments(some: FaceTimeline) -> dict[float, list[int]]:
    found: dict[float, list[int]] = defaultdict(list)
    for index in np.argsort(-some.pixels, kind="stable"):
        at = found[float(some.times[index])]
        if some.pixels[index] >= faces.MIN_PIXELS and len(at) < faces.PEOPLE:
            at.append(int(index))
    return {time: indices for time, indices in found.items() if indices}


def plain_pairs(query: FaceTimeline, asset: FaceTimeline, aligned: Aligned) -> tuple[list[int], ...]:
    """Moment by moment, face by face."""
    of_query, of_asset = plain_moments(query), plain_moments(asset)
    rows: list[int] = []
    columns: list[int] = []
    seen: list[int] = []
    frames, (start, end) = aligned.frames, aligned.span.asset
    times = np.array(sorted(of_query))
    gaps = [np.diff(sorted(side)) for side in (of_query, of_asset) if len(side) > 1]
    least = min((float(np.quantile(some, 0.2)) for some in gaps), default=0.0)
    tolerance = min(max(faces.TOLERANCE, least / 2 + 0.05), faces.LARGEST_TOLERANCE)
    for instant in sorted(of_asset):
        if not start - faces.TOLERANCE <= instant <= end + faces.TOLERANCE:
            continue
        seen += of_asset[instant]
        wanted = aligned.line.query(instant)
        if not len(times):
            continue
        moment = int(np.argmin(np.abs(frames.query - wanted)))
        near = float(times[np.argmin(np.abs(times - wanted))])
        if abs(frames.query[moment] - wanted) > tolerance + aligned.step or abs(near - wanted) > tolerance:
            continue
        last = max(float(frames.query[-1]), float(frames.query_ends.max()) - aligned.step)
        if not frames.query[0] - faces.EDGE <= near <= last + faces.EDGE:
            continue
        left, top, right, bottom = area = frames.areas[moment]
        margin = faces.MARGIN * np.array([right - left, bottom - top])
        within = [
            row
            for row in of_query[near]
            if not (query.centres[row] < area[:2] - margin).any()
            and not (query.centres[row] > area[2:] + margin).any()
        ]
        limit = faces.DISPLACED if len(within) > 1 else faces.ALONE
        free = {(row, column) for row in within for column in of_asset[instant]}
        cosines = query.embeddings @ asset.embeddings.T
        for row, column in sorted(free, key=lambda pair: -cosines[pair]):
            placed = (query.centres[row] - area[:2]) / (area[2:] - area[:2])
            placed = placed * [-1, 1] + [1, 0] if aligned.span.mirrored else placed
            far = np.abs(placed - asset.centres[column]).max() > limit
            if (row, column) in free and not far:
                free -= {pair for pair in free if pair[0] == row or pair[1] == column}
                rows.append(row)
                columns.append(column)
    return rows, columns, seen


@pytest.mark.parametrize("seed", range(80))
def test_faces_of_all_moments_are_paired_as_those_of_each(seed: int) -> None:
    rng = np.random.default_rng(seed)
    query, asset, aligned = people(rng, 1 + seed % 3), people(rng, 1 + seed % 2), some_span(rng)
    found = faces._pairs(query, asset, aligned)
    assert [some.tolist() for some in found] == list(plain_pairs(query, asset, aligned))


def test_a_crowd_is_cut_at_its_largest() -> None:
    crowd = people(np.random.default_rng(3), 1)
    crowd = replace(crowd, times=np.zeros(len(crowd)), pixels=np.linspace(40, 90, len(crowd)))
    assert len(crowd) > faces.PEOPLE
    found = faces._by_moment(crowd)
    assert found.of(np.array([0])).tolist() == plain_moments(crowd)[0.0]


def pictures(rng: np.random.Generator, *, views: bool) -> Timeline:
    count = int(rng.integers(2, 50))
    looks = np.sort(rng.integers(0, 20, count)) if views else np.arange(count)
    times = looks.astype(np.float64) / 2
    vectors = rng.standard_normal((count, 512)).astype(np.float32)
    return Timeline(
        times=times,
        durations=np.full(count, 0.5),
        mirrored=rng.random(count) < 0.2,
        areas=timeline.whole(count),
        phash256=rng.integers(0, 256, (count, 32)).astype(np.uint8) // 32 * 32,
        has_phash256=rng.random(count) < 0.8,
        pdq=rng.integers(0, 256, (count, 32)).astype(np.uint8),
        has_pdq=rng.random(count) < 0.5,
        sscd=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        has_sscd=rng.random(count) < rng.choice([0.0, 0.7]),
    )


@pytest.mark.parametrize("seed", range(40))
def test_moments_of_one_or_several_pictures_agree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shown = pictures(rng, views=bool(seed % 2))
    times = np.unique(shown.times)
    found = single_frame.side(shown, times)
    edges = [*found.edges.tolist(), len(found.rows)]
    for at, time in enumerate(times[single_frame.evenly_spread(len(times))]):
        here = np.nonzero(shown.times == time)[0]
        plain = here[~shown.mirrored[here]]
        assert found.rows[edges[at] : edges[at + 1]].tolist() == (plain if len(plain) else here).tolist()
    table = single_frame._by_phash(found, found)
    bits = distance.hamming(shown.phash256, shown.phash256) / distance.HASH_BITS
    for i in range(len(found.edges)):
        for j in range(len(found.edges)):
            ours, theirs = found.rows[edges[i] : edges[i + 1]], found.rows[edges[j] : edges[j + 1]]
            known = [
                bits[a, b] for a in ours for b in theirs if shown.has_phash256[a] and shown.has_phash256[b]
            ]
            assert (min(known) if known else pytest.approx(np.nan, nan_ok=True)) == table[i, j]
    bits = (
        np.fmax(single_frame._by_phash(found, found)[0], single_frame._by_pdq(found, found)[0])
        * distance.HASH_BITS
    )
    apart = (bits > single_frame.STILL_BITS) | (
        single_frame._by_sscd(found, found)[0] > 1 - single_frame.STILL_SSCD
    )
    assert single_frame._differing(found) == 1 + int(apart[1:].sum())


@pytest.mark.parametrize("seed", range(40))
def test_different_pictures_are_counted_as_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sides = [pictures(rng, views=False) for _ in range(2)]
    count = min(map(len, sides))
    rows = [np.arange(count)] * 2
    kinds = rng.integers(0, 1 + seed % min(6, count), count)
    sides = [
        replace(side, phash256=side.phash256[kinds], pdq=side.pdq[kinds], sscd=side.sscd[kinds])
        for side in sides
    ]
    vectors = bool(seed % 2)
    chosen: list[int] = []
    for at in range(count):
        alike = [
            scene_consistency._alike(side, np.array([at]), side, np.array([number]), vectors=vectors)[0]
            for side in sides
            for number in chosen
        ]
        if not chosen or max(alike) < scene_consistency.SHOT:
            chosen.append(at)
    most = scene_consistency.CAMERAS + scene_consistency.MOST_CUTS + 1
    found = scene_consistency._different((sides[0], rows[0]), (sides[1], rows[1]), vectors=vectors)
    assert found == min(len(chosen), most)


@pytest.mark.parametrize("seed", range(50))
def test_the_usual_length_is_the_fifth_part(seed: int) -> None:
    lengths = np.random.default_rng(seed).random(seed + 1) * 4
    assert usual(lengths) == pytest.approx(float(np.quantile(lengths, 0.2)), abs=1e-15)
