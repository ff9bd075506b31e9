"""What bench-speed draws and counts: without these right its figures would say nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from registry.catalogue.fingerprints.model import distance
from tests.bench.speed import curve, load
from tests.bench.speed.database.filling import Filled
from tests.bench.speed.database.storing import Kind, drawn
from tests.bench.speed.fitting import ALGORITHMS, Kept, Pair, once
from tests.bench.speed.generator import Generator, has_vectors
from tests.bench.speed.questions import MOMENTS, Questions
from tests.bench.speed.shape import Shape


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator(Shape.load())


@pytest.fixture(scope="module")
def questions(generator: Generator) -> Questions:
    return Questions(Filled("none", 20_000, 2_000, 2, "key", 0.0, "version"), generator)


@pytest.mark.slow
def test_a_shape_is_read_as_it_was_written(tmp_path: Path) -> None:
    shape = Shape.load()
    shape.save(tmp_path / "shape.json")
    again = Shape.load(tmp_path / "shape.json")
    assert again.together == pytest.approx(shape.together, abs=1 / 127)
    assert again.rows == pytest.approx(shape.rows)
    assert (again.pdq_flips == shape.pdq_flips).all()
    assert again.fitted_to == shape.fitted_to


def test_flips_of_real_edits_are_near() -> None:
    for name in ALGORITHMS:
        bits = np.bitwise_count(Shape.load().flips(name)).sum(axis=1)
        assert (bits.min() > 0, bits.max() <= 31) == (True, True)


@pytest.mark.slow
def test_a_chunk_is_always_the_same(generator: Generator) -> None:
    one, again, other = generator.chunk(3), generator.chunk(3), generator.chunk(4)
    assert one.ids == again.ids
    assert (one.phash256 == again.phash256).all()
    assert one.rich.vectors.tobytes() == again.rich.vectors.tobytes()
    assert not {*one.ids} & {*other.ids}


def test_hashes_have_half_of_their_bits_and_strangers_are_far(generator: Generator) -> None:
    chunk = generator.chunk(0)
    first = chunk.edges[:-1]
    for hashes in (chunk.phash256, chunk.pdq):
        assert np.bitwise_count(hashes).sum(axis=1).mean() == pytest.approx(128, abs=2)
        apart = distance.hamming(hashes[first[::2]], hashes[first[::2]])[np.triu_indices(len(first[::2]), 1)]
        assert apart.mean() == pytest.approx(127, abs=3)
        assert apart.std() < 11


def test_a_medium_is_a_fingerprint_that_may_be_stored(generator: Generator) -> None:
    chunk = generator.chunk(1)
    for medium in range(30):
        found = chunk.fingerprint(medium)
        assert [frame.time for frame in found.frames] == sorted(frame.time for frame in found.frames)
        assert all((frame.sscd is not None) == has_vectors(medium) for frame in found.frames)
        assert bool(found.faces) == has_vectors(medium)
        assert (found.media.kind == "image") == (len(found.frames) == 1)
    vectors = chunk.rich.vectors.astype(np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(vectors)), abs=0.01)


@pytest.mark.slow
def test_queries_have_the_stated_distance_from_stored_hashes(
    generator: Generator, questions: Questions
) -> None:
    chunk = generator.chunk(0)
    for algorithm in ALGORITHMS:
        asked = [*questions.uniform(algorithm, 17, 5), *questions.edited(algorithm, 5)]
        for item in asked:
            assert item.asset
            rows = getattr(chunk, algorithm)[list(chunk.rows(chunk.ids.index(item.asset)))]
            value = np.frombuffer(item.value, np.uint8)[None, :]
            assert int(distance.hamming(value, rows).min()) <= item.bits
        assert {item.bits for item in asked[:5]} == {17}


@pytest.mark.slow
def test_hashes_of_real_edits_are_looked_up_with_their_media(generator: Generator) -> None:
    chunk = generator.chunk(0)
    pairs = [Pair("pdq", bytes([medium]) * 32, bytes(32), medium) for medium in range(3)]
    filled = Filled("none", 20_000, 2_000, 2, "key", 0.0, "version")
    asked = Questions(filled, generator, pairs, chunk.ids).edited("pdq", 3)
    assert {item.value[0]: item.asset for item in asked} == dict(enumerate(chunk.ids[:3]))


def test_a_file_that_a_folder_holds_twice_is_one_medium(generator: Generator) -> None:
    one, other = (Kept("group", made, made.frames) for made in map(generator.chunk(0).fingerprint, range(2)))
    assert once([one, other, replace(one, group="again")]) == (one, other)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "rich"), [("hashes", {False}), ("vectors", {True}), ("mixed", {False, True})]
)
def test_stored_rows_have_their_kind_and_process(generator: Generator, kind: Kind, rich: set[bool]) -> None:
    one, other = (drawn(generator, kind, number, 1000) for number in range(2))
    assert {any(frame.sscd for frame in made.frames) for made in one} == rich
    assert sum(len(made.frames) for made in one) >= 1000
    assert not {made.media.sha256 for made in one} & {made.media.sha256 for made in other}


def test_half_of_the_hashes_are_unknown(questions: Questions) -> None:
    asked = questions.hashes(200)
    assert sum(hash_.asset is None for hash_ in asked) == 100
    assert {hash_.algorithm for hash_ in asked} == set(ALGORITHMS)


def test_a_clip_has_a_minute(questions: Questions) -> None:
    clips = questions.clips(9)
    assert {clip.kind for clip in clips} == {"vectors", "hashes", "stranger"}
    for clip in clips:
        assert len(clip.fingerprint.frames) == MOMENTS
        assert (clip.asset is None) == (clip.kind == "stranger")


class _Echo(BaseHTTPRequestHandler):
    """Answers what it is sent: in one piece, by /chunked in many, by /closing once, by /refused with 429."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(429 if self.path == "/refused" else 200)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, len(body), 7):
                piece = body[at : at + 7]
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/closing":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("path", ["/whole", "/chunked", "/closing"])
def test_each_answer_belongs_to_its_question(url: str, path: str) -> None:
    asked = [load.request(url, path, "key", {"number": number}) for number in range(40)]
    seen = load.drive(url, asked, clients=4, keep=True)
    assert load.read(seen.answers) == [{"number": number} for number in range(40)]
    assert len(seen.ms) == 40
    assert (seen.ms > 0).all()


def test_a_load_goes_on_for_its_seconds(url: str) -> None:
    seen = load.drive(url, [load.request(url, "/whole", "key", {})], clients=2, seconds=0.3)
    assert seen.seconds >= 0.3
    assert seen.per_second == pytest.approx(len(seen.ms) / seen.seconds)


def test_a_refusal_is_no_answer(url: str) -> None:
    with pytest.raises(RuntimeError, match="429"):
        load.drive(url, [load.request(url, "/refused", "key", {})], clients=1)


def test_the_curve_names_every_series_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "growth.svg"
    curve.draw(path, "a <title>", {"one": [(100_000, 1.0), (1_000_000, 2.5)], "other": [(1_000_000, 2.4)]})
    root = ET.parse(path).getroot()  # noqa: S314 - written above
    texts = [item.text for item in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a <title>", "one 2.5", "other 2.4", "0.1 M", "1 M"} <= set(texts)


def test_the_curve_shows_a_peer_as_far_as_it_is_known(tmp_path: Path) -> None:
    path = tmp_path / "growth.svg"
    curve.draw(path, "title", {"one": [(100_000, 1.0), (10_000_000, 1.5)]}, ("peer", 100_000, 4.2))
    root = ET.parse(path).getroot()  # noqa: S314 - written above
    dots = [item for item in root.iter("{http://www.w3.org/2000/svg}circle") if item.get("class") == "d4"]
    assert len(dots) == 1
    assert "peer 4.2" in [item.text for item in root.iter("{http://www.w3.org/2000/svg}text")]
