"""Values of whole files: computed after an entry is matchable, shown, exported, and found by a lookup."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import UUID

import iscc_lib
import pytest
from PIL import Image

from registry import jobs
from registry.app.service.bootstrap import bootstrap
from registry.app.service.sweep import sweep
from registry.catalogue.banks.service.banks import create_bank
from registry.catalogue.entries.schemas.registration import Registered
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.whole_file import WholeFile, read_code, units
from registry.catalogue.fingerprints.service import ask_refingerprinting, get_version, write_whole_file
from registry.catalogue.fingerprints.store import whole_files as store
from registry.catalogue.media.service.uploads import Upload
from registry.catalogue.media.store import assets
from registry.core.errors import BadInput, TooMany
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.jobs.service.jobs import claim_job
from registry.matching.abuse.guard import ReconstructionGuard
from registry.matching.lookups.api.questions import answered, question
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.answers import answer_sha256
from registry.matching.lookups.service.whole_files import answer_whole_file
from registry.operations.api.instruments import Instruments
from registry.sharing.lists.service.exports import export_bank
from tests.support.jobs import end_unread, let_lease_run_out
from tests.support.media import clips as media
from tests.support.media import drawn
from tests.support.service.as_worker import as_worker
from tests.support.steps import join, review
from workers.tasks.fingerprints import fingerprint_asset, hash_whole_file


@pytest.fixture
def service(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """This process as a worker. The broker is away: nobody else takes the jobs."""
    with as_worker(database_url, tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
def owner(service: Service) -> Caller:
    return authenticate(service, bootstrap(service) or "")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "clip.mp4"
    media.encode(path, media.panning("chelsea", 320, 240, 40), rate=10)
    return path


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "photo.png"
    frame = next(iter(media.panning("coffee", 320, 240, 1)))
    Image.fromarray(frame).save(path)
    return path


def register(service: Service, owner: Caller, path: Path) -> Registered:
    blob = service.blobs.put(BytesIO(path.read_bytes()), limit=1 << 24)
    made = register_entry(
        service, owner, Registration(fakes=[Upload(blob, path.name)], manipulation="edited")
    )
    work(service, "fingerprint_asset")
    return made


def waiting(service: Service, task: str) -> list[str]:
    with service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT job_id, queue FROM job WHERE status = 'queued' AND task = %s", [task]
        ).fetchall()
    assert task == "fingerprint_asset" or all(row["queue"] == "bulk" for row in rows)
    return [str(row["job_id"]) for row in rows]


def work(service: Service, task: str) -> None:
    run = fingerprint_asset if task == "fingerprint_asset" else hash_whole_file
    for job_id in waiting(service, task):
        run(job_id)


def known(service: Service, owner: Caller) -> Registered:
    """Register a drawn video with known values, as the job would store them."""
    made = register_entry(service, owner, Registration(fakes=[drawn.clip("body")], manipulation="edited"))
    with service.pool.transaction() as connection:
        write_whole_file(connection, UUID(made.assets[0].asset_id), WHOLE, made.assets[0].sha256 or "")
    return made


VIDEOHASH = bytes.fromhex("dc01d4d6ff23cc10")
WHOLE = WholeFile(VIDEOHASH, b"\xaa" * 32, b"\x33" * 32, b"\x55" * 32)


def flipped(value: bytes, bits: int) -> bytes:
    """Return a value of which this many of the first 64 bits are others."""
    number = int.from_bytes(value[:8])
    for bit in range(bits):
        number ^= 1 << (bit * 7)
    return number.to_bytes(8) + value[8:]


def asked(service: Service, caller: Caller, algorithm: str, value: str) -> Answer:
    return answer_whole_file(service, caller, algorithm, value)


@pytest.mark.slow
def test_an_entry_is_matchable_before_its_whole_file_was_read(
    service: Service, owner: Caller, clip: Path
) -> None:
    made = register(service, owner, clip)
    entry = show_entry(service, owner, UUID(made.entry_id))
    assert (entry.status, entry.assets[0].progress, entry.assets[0].file) == ("matchable", 1.0, None)
    assert "videohash.1" not in entry.assets[0].algorithms

    assert len(waiting(service, "hash_whole_file")) == 1
    work(service, "hash_whole_file")
    (asset,) = show_entry(service, owner, UUID(made.entry_id)).assets
    assert {"videohash.1", "iscc.1"} <= {*asset.algorithms}
    assert asset.progress == 1.0
    assert asset.file is not None
    assert len(asset.file.videohash or "") == 16

    found = asked(service, owner, "iscc.1", asset.file.iscc_units["content"])
    assert (found["verdict"], found["reasons"], found["scope"]) == ("related", ["whole_file"], "whole_file")
    found = asked(service, owner, "iscc.1", asset.file.iscc_units["instance"])
    assert (found["verdict"], found["matches"][0]["exact"]) == ("known_fake", True)
    assert found["matches"][0]["entry_id"] == made.entry_id


@pytest.mark.slow
def test_its_codes_are_those_of_the_standard(
    service: Service, owner: Caller, clip: Path, photo: Path
) -> None:
    """Data- and Instance-Code by the library over the file's bytes; all units in the composite code."""
    for path, content in ((clip, "EM"), (photo, "EE")):
        made = register(service, owner, path)
        work(service, "hash_whole_file")
        (asset,) = show_entry(service, owner, UUID(made.entry_id)).assets
        assert asset.file is not None
        summed = iscc_lib.gen_sum_code_v0(str(path), 256, add_units=True)
        assert [asset.file.iscc_units["data"], asset.file.iscc_units["instance"]] == summed["units"]
        assert asset.file.iscc_units["content"].startswith(f"ISCC:{content}")
        first = iscc_lib.iscc_decompose(asset.file.iscc or "")
        assert [unit[:2] for unit in first] == [content, "GA", "IA"]
        assert (asset.file.videohash is None) == (path == photo)


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing(service: Service, owner: Caller, clip: Path) -> None:
    made = register(service, owner, clip)
    (job_id,) = waiting(service, "hash_whole_file")
    lost = claim_job(service, UUID(job_id))
    assert lost is not None
    hash_whole_file(job_id)
    assert show_entry(service, owner, UUID(made.entry_id)).assets[0].file is None, "another worker holds it"
    let_lease_run_out(service)
    hash_whole_file(job_id)
    hash_whole_file(job_id)
    assert show_entry(service, owner, UUID(made.entry_id)).assets[0].file is not None


def test_a_medium_that_was_deleted_meanwhile_is_no_failure(
    service: Service, owner: Caller, photo: Path
) -> None:
    made = register(service, owner, photo)
    with service.pool.transaction() as connection:
        assets.let_media_go(connection, UUID(made.assets[0].asset_id))
    work(service, "hash_whole_file")
    with service.pool.transaction() as connection:
        rows = connection.execute("SELECT status FROM job WHERE task = 'hash_whole_file'").fetchall()
    assert [row["status"] for row in rows] == ["done"]


@pytest.mark.slow
def test_media_from_before_are_read_on_request(
    service: Service, owner: Caller, clip: Path, photo: Path
) -> None:
    made = [register(service, owner, path) for path in (clip, photo)]
    with service.pool.transaction() as connection:
        jobs.drop_all(connection, "hash_whole_file", [UUID(entry.assets[0].asset_id) for entry in made])
    assert ask_refingerprinting(service, "videohash.1").lacking == 1, "a photo has none"
    assert len(waiting(service, "hash_whole_file")) == 1
    assert ask_refingerprinting(service, "iscc.1").lacking == 2
    assert len(waiting(service, "hash_whole_file")) == 2, "one job computes all values of a file"
    work(service, "hash_whole_file")
    assert [get_version(service, name).lacking for name in ("videohash.1", "iscc.1")] == [0, 0]
    assert waiting(service, "refingerprint_asset") == []


def test_a_file_that_cannot_be_read_counts_as_failed_for_good(
    service: Service, owner: Caller, photo: Path
) -> None:
    register(service, owner, photo)
    end_unread(service, "hash_whole_file")
    sweep(service)
    version = get_version(service, "iscc.1")
    assert (version.lacking, version.failed) == (1, 1)


def test_near_values_are_related_and_others_unknown(service: Service, owner: Caller) -> None:
    made = known(service, owner)
    assert answer_sha256(service, owner, made.assets[0].sha256 or "")["verdict"] == "known_fake"
    near = asked(service, owner, "videohash.1", flipped(VIDEOHASH, 1).hex())
    assert (near["verdict"], near["matches"][0]["signals"]["file"]["distance"]) == ("related", 1)
    assert near["confidence"] is None
    assert asked(service, owner, "videohash.1", flipped(VIDEOHASH, 9).hex())["verdict"] == "no_match"

    codes = units(replace(WHOLE, content=flipped(b"\xaa" * 32, 1), instance=b"\0" * 32), "video")
    near = asked(service, owner, "iscc.1", codes["content"])
    assert (near["verdict"], near["matches"][0]["exact"]) == ("related", False)
    assert near["matches"][0]["signals"]["file"]["unit"] == "content"
    assert near["matches"][0]["signals"]["file"]["bits"] == 256
    picture = units(WHOLE, "image")["content"]
    assert asked(service, owner, "iscc.1", picture)["verdict"] == "no_match", "an Image-Code is no Video-Code"
    assert asked(service, owner, "iscc.1", codes["instance"])["verdict"] == "no_match"


def test_only_a_code_that_identifies_the_file_decides(service: Service, owner: Caller) -> None:
    """Whoever makes both files can forge 64 bits of BLAKE3, and similar files have equal Data-Codes."""
    known(service, owner)
    full = units(WHOLE, "video")
    short = "ISCC:" + iscc_lib.encode_component(4, 0, 0, 64, b"\x55" * 8)
    composite = str(iscc_lib.gen_iscc_code_v0([full["data"], full["instance"]])["iscc"])
    assert asked(service, owner, "iscc.1", full["instance"])["verdict"] == "known_fake"
    assert asked(service, owner, "iscc.1", short)["verdict"] == "related"
    found = asked(service, owner, "iscc.1", composite)
    assert (found["verdict"], found["matches"][0]["exact"]) == ("related", False)


def test_an_instance_code_is_answered_like_the_digest_whatever_else_is_near(
    service: Service, owner: Caller
) -> None:
    """A fake and its original have nearly the same Content-Code."""
    fake = known(service, owner)
    made = register_entry(
        service,
        owner,
        Registration(fakes=[drawn.clip("cut")], originals=[drawn.clip("speech")], manipulation="edited"),
    )
    (genuine,) = [asset for asset in made.assets if asset.role == "original"]
    original = replace(WHOLE, content=flipped(b"\xaa" * 32, 2), instance=b"\x66" * 32)
    with service.pool.transaction() as connection:
        write_whole_file(connection, UUID(genuine.asset_id), original, genuine.sha256 or "")
    codes = units(original, "video")
    near = asked(service, owner, "iscc.1", codes["content"])
    assert {match["entry_id"] for match in near["matches"]} == {fake.entry_id, made.entry_id}
    joined = b"".join(base64.b32decode(unit.removeprefix("ISCC:") + "=") for unit in codes.values())
    found = asked(service, owner, "iscc.1", "ISCC:" + base64.b32encode(joined).decode().rstrip("="))
    by_digest = answer_sha256(service, owner, genuine.sha256 or "")
    assert found["verdict"] == by_digest["verdict"] == "authentic_original"
    assert [match["entry_id"] for match in found["matches"]] == [made.entry_id]


def test_a_content_code_is_not_reconstructed_bit_by_bit(service: Service, owner: Caller) -> None:
    made = known(service, owner)
    review(service, made.entry_id)
    stranger = replace(join(service, owner, "elsewhere"), roles=frozenset({"lookup"}))
    guard = ReconstructionGuard(most=32, hold=60, instruments=Instruments())

    def ask(unit: str) -> Answer:
        query = question({"type": "hash", "algorithm": "iscc.1", "value": unit})
        return answered(service, stranger, query, None, guard)

    def code(number: int) -> str:
        return units(replace(WHOLE, content=number.to_bytes(32)), "video")["content"]

    edge = int.from_bytes(b"\xaa" * 32)
    for bit in range(24):
        edge ^= 1 << bit * 10  # as far as a match may be
    assert ask(code(edge))["verdict"] == "related"
    with pytest.raises(TooMany) as caught:
        [ask(code(edge ^ 1 << bit)) for bit in range(256)]
    assert caught.value.code == "reconstruction_suspected"
    assert ask(units(replace(WHOLE, content=b"\x0f" * 32), "video")["content"])["verdict"] == "no_match"


def test_strangers_learn_no_more_than_by_other_lookups(service: Service, owner: Caller) -> None:
    made = known(service, owner)
    stranger = join(service, owner, "elsewhere")
    value = VIDEOHASH.hex()
    assert asked(service, stranger, "videohash.1", value)["reasons"] == ["whole_file", "unreviewed"]
    assert show_entry(service, stranger, UUID(made.entry_id)).assets[0].file is None
    review(service, made.entry_id)
    assert asked(service, stranger, "videohash.1", value)["reasons"] == ["whole_file"]


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_the_values_of_others_crowd_out_no_match(
    service: Service, owner: Caller, visibility: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = known(service, owner)
    stranger = join(service, owner, "elsewhere")
    create_bank(service, stranger, name="crowd", visibility=visibility)
    copies = [drawn.clip(f"copy {number}") for number in range(4)]
    crowd = [
        register_entry(service, stranger, Registration(fakes=[copy], bank="crowd", manipulation="edited"))
        for copy in copies
    ]
    farther = replace(
        WHOLE,
        videohash=flipped(VIDEOHASH, 1),
        content=flipped(b"\xaa" * 32, 1),
        data=flipped(b"\x33" * 32, 1),
    )
    with service.pool.transaction() as connection:
        for entry, whole in ((made, farther), *((entry, WHOLE) for entry in crowd)):
            (asset,) = entry.assets
            write_whole_file(connection, UUID(asset.asset_id), whole, asset.sha256 or "")
    monkeypatch.setattr(store, "MOST", 2)
    codes = units(WHOLE, "video")
    for algorithm, value in (
        ("videohash.1", VIDEOHASH.hex()),
        ("iscc.1", codes["content"]),
        ("iscc.1", codes["data"]),
        ("iscc.1", codes["instance"]),
    ):
        found = asked(service, owner, algorithm, value)
        assert made.entry_id in {match["entry_id"] for match in found["matches"]}, value
        found = answer_whole_file(service, owner, algorithm, value, bank="default")
        assert [match["entry_id"] for match in found["matches"]] == [made.entry_id], value


@pytest.mark.parametrize(
    ("algorithm", "value"),
    [
        ("videohash.1", "0f"),
        ("videohash.1", "zz" * 8),
        ("iscc.1", ""),
        ("iscc.1", "ISCC:"),
        ("iscc.1", "ISCC:KAC"),
        ("iscc.1", "ISCC:" + "A" * 5000),
        ("iscc.1", "ISCC:AAATVZ6YAX3HRGTE"),  # a Meta-Code
    ],
)
def test_bad_values_are_told_so(service: Service, owner: Caller, algorithm: str, value: str) -> None:
    with pytest.raises(BadInput) as caught:
        asked(service, owner, algorithm, value)
    assert caught.value.code == "bad_hash"


def test_a_videohash_that_many_videos_have_is_undecidable(service: Service, owner: Caller) -> None:
    """Short videos of one shot have equal rows, whatever they show: 25 of 4,712 unrelated pairs were."""
    found = asked(service, owner, "videohash.1", "0909f6f6b680c000")
    assert (found["verdict"], found["reasons"], found["matches"]) == ("undecidable", ["low_information"], [])


def test_a_value_of_a_whole_file_is_not_watched(service: Service, owner: Caller) -> None:
    with pytest.raises(BadInput) as caught:
        answer_whole_file(service, owner, "videohash.1", "0f" * 8, watch_days=3)
    assert caught.value.code == "whole_file_not_watched"


def test_an_export_holds_the_values(service: Service, owner: Caller) -> None:
    known(service, owner)
    (line,) = b"".join(export_bank(service, owner, "default")).splitlines()
    (asset,) = json.loads(line)["assets"]
    assert asset["document"]["algorithms"]["videohash.1"] == {"value": VIDEOHASH.hex()}
    code = read_code(asset["iscc"])
    assert code is not None
    assert (code.kind, code.content) == ("video", b"\xaa" * 8)
    header, row = b"".join(export_bank(service, owner, "default", format_="csv")).decode().splitlines()
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    assert (cells["iscc"], cells["videohash"]) == (asset["iscc"], VIDEOHASH.hex())
