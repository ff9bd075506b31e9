"""The accuracy benchmark chooses its material by rule, from any folder of the layout."""

from __future__ import annotations

import csv
import hashlib
import wave
from pathlib import Path

import pytest

from tests.bench.accuracy import asking
from tests.bench.accuracy.media import material
from tests.bench.accuracy.media.copies import Made, Print
from tests.bench.accuracy.media.recipes import EDITS
from tests.support.media import clips as media

COLUMNS = ("path", "category", "group", "role", "bytes", "sha256", "duration", "w", "h", "fps", "has_audio")


def row(path: str, role: str, group: str, **more: object) -> dict[str, object]:
    payload = {
        "category": path.partition("/")[0],
        "duration": 6,
        "w": 320,
        "h": 240,
        "fps": 25,
        "has_audio": 0,
    }
    return {"path": path, "role": role, "group": group, "sha256": path.encode().hex()} | payload | more


CLIPS = [row(f"clips/c{n}.mp4", "clip", f"c{n}", duration=6 + n) for n in range(10)]
SWAPS = [
    row("deepfake_pairs/b1.left.mp4", "original", "b|m:x"),
    row("deepfake_pairs/b1.right.mp4", "fake", "b|m:x"),
    row("deepfake_pairs/b2.left.mp4", "original", "b|m:x"),
    row("deepfake_pairs/b2.right.mp4", "fake", "b|m:x"),
    row("deepfake_pairs/b3.fake.mp4", "fake", "b|m:y"),
]
REAL = [row("edits/e-0.mp4", "original", "e"), row("edits/e-1.mp4", "edit", "e")]


def folder(tmp_path: Path, rows: list[dict[str, object]], *, absent: str = "") -> Path:
    for item in rows:
        path = tmp_path / str(item["path"])
        path.parent.mkdir(parents=True, exist_ok=True)
        if item["path"] != absent:
            path.write_bytes(path.name.encode().ljust(1000))
    with (tmp_path / "manifest.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


def test_carriers_are_the_longest_clips_of_unique_footage(tmp_path: Path) -> None:
    tall = row("clips/tall.mp4", "clip", "tall", duration=90, w=240, h=320)
    twice = [row(f"clips/twice-{n}.mp4", "clip", "twice", duration=120) for n in range(2)]
    lively = row("clips/lively.mp4", "clip", "lively", duration=5.5)
    made = folder(tmp_path, [*CLIPS, tall, *twice, lively])
    (made / "clips/lively.mp4").write_bytes(bytes(5000))
    carriers = material.read(made, quick=False).carriers
    assert carriers is not None
    assert [item.name for item in (carriers.long, carriers.wide, carriers.lively)] == [
        "clips/tall.mp4",
        "clips/c9.mp4",
        "clips/lively.mp4",
    ]


def test_of_few_clips_one_carries_all(tmp_path: Path) -> None:
    found = material.read(folder(tmp_path, [*CLIPS[:2], *SWAPS]), quick=False)
    assert found.carriers is not None
    assert [carrier.name for carrier in found.carriers.items()] == ["clips/c1.mp4"]
    assert "clips/c1.mp4" not in {source.name for source in found.sources}


def test_originals_are_found_by_family_and_name(tmp_path: Path) -> None:
    found = material.read(folder(tmp_path, [*CLIPS, *SWAPS]), quick=False)
    assert {fake: one.name for fake, one in found.originals.items()} == {
        "deepfake_pairs/b1.right.mp4": "deepfake_pairs/b1.left.mp4",
        "deepfake_pairs/b2.right.mp4": "deepfake_pairs/b2.left.mp4",
    }


def test_missing_parts_of_a_folder_are_reported_and_the_others_run(tmp_path: Path) -> None:
    found = material.read(folder(tmp_path, SWAPS, absent="deepfake_pairs/b3.fake.mp4"), quick=False)
    text = "\n".join(found.notes)
    for part in ("b3.fake.mp4", "no clips", "no real edits", "no photographs", "no sound"):
        assert part in text
    made = {job.key.partition("|")[0] for job in asking.jobs(found, EDITS)}
    assert {"mirror", "gif"} <= made
    assert not {"picture in picture", "side by side", "4 s in a minute", "compilation", "sound kept"} & made


def test_a_folder_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"manifest.csv is missing"):
        material.read(tmp_path, quick=False)
    with pytest.raises(SystemExit, match="no fake and no clip"):
        material.read(folder(tmp_path, REAL), quick=False)


def test_a_quick_run_is_a_few_of_each(tmp_path: Path) -> None:
    rows = [*CLIPS, *SWAPS, *REAL]
    found = material.read(folder(tmp_path, rows), quick=True)
    assert len(found.sources) == material.QUICK_SOURCES
    assert any(source.name in found.originals for source in found.sources)
    assert not {source.name for source in found.sources} & {bystander.name for bystander in found.bystanders}


def test_sizes_that_the_manifest_leaves_out_are_read_from_the_file(tmp_path: Path) -> None:
    rows = [row("clips/a.mp4", "clip", "a", w="", h="", duration="", sha256=""), CLIPS[0]]
    made = folder(tmp_path, rows)
    media.encode(made / "clips/a.mp4", media.panning("coffee", 160, 120, 30), rate=10)
    found = {item.name: item for item in material.listed(made)[0]}["clips/a.mp4"]
    assert (found.width, found.height, found.fps) == (160, 120, 10)
    assert found.duration == pytest.approx(3, abs=0.2)
    assert len(found.sha256) == 64


def test_invalid_rows_are_reported_and_the_others_run(tmp_path: Path) -> None:
    unknown = {"w": "", "h": "", "duration": ""}
    made = folder(
        tmp_path,
        [
            *CLIPS[:2],
            row("clips/sound.wav", "clip", "sound", **unknown),
            row("clips/empty.mp4", "clip", "empty", **unknown),
            row("clips/endless.mp4", "clip", "endless", w="inf"),
            row("clips/wordy.mp4", "clip", "wordy", h="high"),
            row("", "clip", "none"),
        ],
    )
    with wave.open(str(made / "clips/sound.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000))
    (made / "clips/empty.mp4").write_bytes(b"")
    with (made / "manifest.csv").open("a") as stream:
        stream.write("clips/c0.mp4,clips\n")
    items, notes = material.listed(made)
    assert [item.name for item in items] == ["clips/c0.mp4", "clips/c1.mp4"]
    assert notes == ["6 files cannot be read, clips/sound.wav (it holds no picture) first"]


def test_a_file_is_known_by_its_bytes_whatever_the_manifest_says(tmp_path: Path) -> None:
    made = folder(tmp_path, CLIPS[:2])
    before = material.listed(made)[0][0].sha256
    (made / "clips/c0.mp4").write_bytes(b"another clip")
    after = material.listed(made)[0][0].sha256
    assert before != after == hashlib.sha256(b"another clip").hexdigest()


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (b"path,role\n", "lacks the columns category, group"),
        (b"", "lacks the columns category, group, path, role"),
        (b"path,category,group,role\nclips/caf\xe9.mp4,clips,a,clip\n", "is not UTF-8"),
        (b"path,category,group,role\n", "names no fake and no clip"),
    ],
    ids=["header", "nothing", "latin-1", "no row"],
)
def test_an_invalid_manifest_is_refused_with_one_line(tmp_path: Path, manifest: bytes, said: str) -> None:
    (tmp_path / "manifest.csv").write_bytes(manifest)
    with pytest.raises(SystemExit, match=said) as caught:
        material.read(tmp_path, quick=False)
    assert "\n" not in str(caught.value)


def test_left_out_parts_are_reported_before_the_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = folder(tmp_path, [row("clips/empty.mp4", "clip", "empty", w="", h="")])
    (made / "clips/empty.mp4").write_bytes(b"")
    with pytest.raises(SystemExit):
        material.read(made, quick=False)
    assert "note: 1 files cannot be read, clips/empty.mp4" in capsys.readouterr().err


def test_of_long_sources_the_first_seconds_are_edited(tmp_path: Path) -> None:
    rows = [*CLIPS, row("deepfake_pairs/long.mp4", "fake_only", "long", duration=900)]
    found = material.read(folder(tmp_path, rows), quick=False)
    long = next(source for source in found.sources if source.name.endswith("long.mp4"))
    assert (long.duration, long.whole) == (material.COPIED, False)
    job = next(job for job in asking.jobs(found, EDITS[:1]) if job.key.endswith(long.name))
    assert job.plan is not None
    assert job.plan.inputs[0][:2] == ("-t", "40")


def test_unreadable_clips_are_left_out_with_their_copies(tmp_path: Path) -> None:
    found = material.read(folder(tmp_path, [*CLIPS, *SWAPS, *REAL]), quick=False)
    bad = Made(Print(None, None, "unreadable", 0.0))
    names = ("deepfake_pairs/b1.left.mp4", "clips/c0.mp4", "edits/e-0.mp4")
    left = asking.readable(found, dict.fromkeys(names, bad))
    assert "deepfake_pairs/b1.right.mp4" not in left.originals
    assert "clips/c0.mp4" not in {source.name for source in left.sources}
    assert left.real == ()
    assert sum("cannot be fingerprinted" in note for note in left.notes) == len(names)
