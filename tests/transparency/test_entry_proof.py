"""The proof of an entry: every link holds, and nothing of it changes unseen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
import rfc8785

from registry.catalogue.fingerprints.model import canonical
from registry.core.errors import TruncatedMedia
from registry.transparency.entry_proof.model import chain, entry_proof
from registry.transparency.entry_proof.model.chain_parts import Clip, Evidence
from registry.transparency.entry_proof.model.entry_proof import EntryProof
from registry.transparency.ledger.model import note
from registry.transparency.ledger.model.verification import Report
from registry.transparency.timestamps.model import rfc3161
from registry.transparency.timestamps.service import authority as stamps
from tests.support.media import drawn
from tests.support.record import proofs as proving
from tests.support.record.proofs import Record
from tests.support.service import authority
from tests.support.service.authority import Authority

NOW: Final = datetime.now(UTC)
FAKE: Final = drawn.clip("chain", seconds=2, face="mayor")
ORIGINAL: Final = drawn.clip("chain", seconds=1, face="actress", file="original")
ORDER: Final = ["media", "fingerprint"] * 2 + ["entry", "ledger", "checkpoint", "stamp", "stamp", "file"]


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority.running(tmp_path_factory.mktemp("tsa")) as made:
        yield made


@pytest.fixture(scope="module")
def stamped(tsa: Authority) -> Callable[[bytes], bytes]:
    pem = tsa.ca.read_bytes()
    there = stamps.Authority(tsa.url, pem, tuple(rfc3161.authorities(pem)))
    return lambda message: there.stamp(message)[0]


@pytest.fixture(scope="module")
def record(stamped: Callable[[bytes], bytes]) -> Record:
    return proving.recorded(FAKE, ORIGINAL, stamped)


@pytest.fixture(scope="module")
def held(tsa: Authority) -> Evidence:
    clip = Clip("clip.mp4", FAKE.media.sha256, lambda: FAKE)
    return Evidence(
        keys=[proving.signer().verifier],
        trusted=rfc3161.authorities(tsa.ca.read_bytes()),
        clips=[clip],
        entry_id=str(proving.ENTRY),
    )


def checked(proof: EntryProof | bytes, held: Evidence, now: datetime | None = None) -> Report:
    packed = proof if isinstance(proof, bytes) else entry_proof.pack(proof)
    return chain.check(packed, held, now or datetime.now(UTC))


def first(report: Report) -> tuple[str | None, str]:
    """The first link that is wrong or lacks, and its code."""
    return next((link.code, link.name) for link in report.links if link.state in {"wrong", "lacks"})


def test_every_link_holds(record: Record, held: Evidence) -> None:
    raw = entry_proof.pack(record.proof())
    assert entry_proof.read(raw) == record.proof()
    report = checked(raw, held)
    assert report.findings == []
    assert [link.name for link in report.links] == ORDER
    assert report.whole, report.links
    text = " ".join(link.message for link in report.links)
    assert FAKE.media.sha256 in text
    assert "Example Stamps good" in text
    assert report.checked == ["clip.mp4, fingerprinted here, gives that fingerprint"]
    assert any("still in force" in item for item in report.unchecked)


def test_missing_parts_of_a_proof_are_named(record: Record) -> None:
    report = checked(record.proof(), Evidence())
    assert report.sound
    assert not report.whole
    states = {link.name: link.state for link in report.links}
    assert states == dict.fromkeys(("media", "checkpoint", "stamp"), "unchecked") | dict.fromkeys(
        ("fingerprint", "entry", "ledger", "file"), "holds"
    )
    text = " ".join(link.message for link in report.links)
    assert all(option in text for option in ("--media", "--key", "--tsa-roots"))


@pytest.mark.slow
def test_no_field_changes_unseen(record: Record, held: Evidence) -> None:
    """Also by somebody who puts the checksum right, and holds no key. Of what was taken out whole it is told
    that it is not there."""
    raw = entry_proof.pack(record.proof())
    seen = 0
    for what, other in proving.altered_fields(raw):
        report = checked(other, held)
        assert not report.whole, what
        assert report.findings or "taken out" in what or "nothing" in what, what
        seen += 1
    assert seen > 400


@pytest.mark.slow
def test_no_byte_changes_unseen(stamped: Callable[[bytes], bytes], held: Evidence) -> None:
    """The stamp has a few that mean nothing; the checksum sees those."""
    record = proving.recorded(replace(FAKE, frames=FAKE.frames[:1], audio=None), None, stamped)
    raw = entry_proof.pack(record.proof())
    held = replace(held, clips=[])
    good = checked(raw, held)
    assert good.sound
    for place in range(0, len(raw), 3):
        other = bytearray(raw)
        other[place] ^= 1 << place % 7
        assert not checked(bytes(other), held).sound, (place, raw[place - 20 : place + 20])
    for other_raw in (raw[:-1], raw + b"\n", b" " + raw, raw.replace(b'":', b'": ', 1), raw[:-1] + b"\r\n"):
        assert checked(other_raw, held).findings[-1].code == "file_altered"


def test_a_file_of_another_entry_is_rejected(record: Record, held: Evidence) -> None:
    other = Clip("other.mp4", "ab" * 32, lambda: None)
    report = checked(record.proof(), replace(held, clips=[*held.clips, other]))
    assert [finding.code for finding in report.findings] == ["media_differs"]
    assert "other.mp4" in report.findings[0].message


def _broken() -> None:
    raise TruncatedMedia("It ends before its content does.")


@pytest.mark.parametrize(
    ("computed", "code", "told"),
    [
        (lambda: drawn.clip("another", seconds=2), "fingerprint_belied", None),
        (lambda: None, None, "fakeprint[workers]"),
        (_broken, None, "truncated_media"),
    ],
)
def test_the_file_is_fingerprinted_again(
    record: Record, held: Evidence, computed: Any, code: str | None, told: str | None
) -> None:
    report = checked(record.proof(), replace(held, clips=[Clip("clip.mp4", FAKE.media.sha256, computed)]))
    assert [finding.code for finding in report.findings] == ([code] if code else [])
    assert told is None or any(told in item for item in report.unchecked)


def test_another_key_another_entry(record: Record, held: Evidence) -> None:
    other = replace(held, keys=[proving.signer(2).verifier])
    assert first(checked(record.proof(), other)) == ("bad_signature", "checkpoint")
    elsewhere = replace(held, entry_id=str(UUID(int=5)))
    assert first(checked(record.proof(), elsewhere)) == ("other_entry", "entry")
    # The same file, said to be of another entry.
    assert first(checked(replace(record.proof(), entry_id=str(UUID(int=5))), held)) == (
        "other_entry",
        "entry",
    )


def test_a_leaf_of_another_entry(stamped: Callable[[bytes], bytes], held: Evidence) -> None:
    made = proving.recorded(FAKE, None, stamped)
    made.event("asset.added", {"asset_id": str(UUID(int=1))}, {"role": "fake"}, entry=UUID(int=6))
    made.anchor(stamped)
    report = checked(made.proof(), held)
    assert "other_entry" in [finding.code for finding in report.findings]


def test_entries_registered_before_fingerprints_were_recorded(
    stamped: Callable[[bytes], bytes], held: Evidence
) -> None:
    """Entries older than the digests of fingerprints, and deployments without an authority."""
    made = Record(NOW)
    made.event("entry.registered", {}, {})
    made.add(1, "fake", FAKE, told=False)
    made.anchor()
    report = checked(made.proof(), held)
    assert report.sound
    lacking = [(link.name, link.code) for link in report.links if link.state == "lacks"]
    assert lacking == [("fingerprint", "no_fingerprint"), ("entry", "not_matchable"), ("stamp", "no_stamp")]
    forgotten = replace(made.proof(), media=(replace(made.media[0], file=None),))
    assert first(checked(forgotten, replace(held, clips=[]))) == ("media_forgotten", "media")
    bare = proving.recorded(FAKE, None, stamped).proof()
    known = bare.media[0].fingerprint
    assert known is not None
    digest_alone = replace(bare.media[0], fingerprint=replace(known, document=None))
    links = checked(replace(bare, media=(digest_alone,)), held).links
    assert [(link.name, link.state) for link in links][1] == ("fingerprint", "unchecked")


def test_stamps_that_do_not_count(tsa: Authority, held: Evidence, stamped: Callable[[bytes], bytes]) -> None:
    question = rfc3161.question

    def made(mood: authority.Mood, at: datetime | None = None) -> Report:
        def stamping_(message: bytes) -> bytes | None:
            tsa.mood = mood
            try:
                return tsa.answer(question(message).body)
            finally:
                tsa.mood = "good"

        record = proving.recorded(FAKE, None, stamping_)
        return checked(record.proof(), held, at)

    assert made("good").whole
    for mood, code in (
        ("foreign", "stamp_untrusted"),
        ("expired", "stamp_expired"),
        ("refuses", "bad_stamp"),
        ("other digest", "bad_stamp"),
        ("garbage", "bad_stamp"),
    ):
        assert first(made(mood)) == (code, "stamp"), mood  # type: ignore[arg-type]
    # One that a certificate made that has ended since: good, and said.
    ended = made("good", NOW + timedelta(days=30))
    assert ended.whole
    assert "certificate expired" in next(link.message for link in ended.links if link.name == "stamp")
    assert first(made("good", NOW - timedelta(days=30))) == ("bad_stamp", "stamp")
    # A registry whose clock is ahead: its stamp is older than what it tells of.
    late = Record(NOW + timedelta(hours=2))
    late.event("entry.registered", {}, {})
    late.add(1, "fake", FAKE)
    late.event("entry.matchable", {}, {})
    late.anchor(stamped)
    assert first(checked(late.proof(), held)) == ("stamp_before_event", "stamp")


def test_a_stamp_of_another_checkpoint(record: Record, held: Evidence) -> None:
    one, other = record.proof().anchors
    swapped = (replace(one, stamp=other.stamp), replace(other, stamp=one.stamp))
    assert first(checked(replace(record.proof(), anchors=swapped), held)) == ("bad_stamp", "stamp")


def test_checkpoints_of_two_histories(stamped: Callable[[bytes], bytes], held: Evidence) -> None:
    """Both signed by the key, each with its leaves: the second does not begin with the first."""
    made, other = (proving.recorded(FAKE, ORIGINAL, stamped) for _ in range(2))
    other.hashes[1] = b"\0" * 32
    other.signed = []
    for size in (made.signed[0][0].size, len(other.hashes)):
        part = Record(NOW, hashes=other.hashes[:size])
        part.anchor(stamped)
        other.signed += part.signed
    proof = other.proof()
    mixed = replace(proof, anchors=(made.proof().anchors[0], proof.anchors[1]))
    mixed = replace(
        mixed,
        leaves=tuple(
            a if a.anchor == 0 else b for a, b in zip(made.proof().leaves, proof.leaves, strict=True)
        ),
    )
    assert checked(proof, held).sound
    assert first(checked(mixed, held)) == ("history_changed", "checkpoint")
    kept = replace(held, notes=[made.signed[0][1]])
    assert checked(made.proof(), kept).sound
    assert first(checked(proof, kept)) == ("forked", "checkpoint")
    foreign = note.sign("elsewhere/ledger\n3\n" + "A" * 43 + "=\n", [proving.signer(1, proving.ORIGIN)])
    assert first(checked(proof, replace(held, notes=[foreign]))) == ("foreign_ledger", "checkpoint")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"type":"entry_proof","version":1}',
        b'"\\ud800"',
    ],
)
def test_invalid_proofs(raw: bytes, held: Evidence) -> None:
    assert [finding.code for finding in checked(raw, held).findings] == ["bad_proof"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("entry_id",), "\ud800"),
        (("keys", 0), "\ud800+00000000+AAAA"),
        (("anchors", 0, "checkpoint"), "\ud800\n\n— x AAAAAAAA\n"),
        (("events", 0, "leaf"), "[" * 50_000),
        (("events", 0, "leaf"), '{"at":"0001-01-01T00:00:00+14:00"}'),
        (("events", 0, "leaf"), "null"),
        (("events", 0, "index"), 2**53),
        (("events", 0, "anchor"), 99),
        (("events",), []),
        (("anchors",), []),
        (("media", 0, "fingerprint", "document"), {"sha256": float("nan")}),
        (("media", 0, "fingerprint", "document"), {"sha256": "\udc00", "n": 10**500}),
        (("version",), 2),
        (("version",), True),
    ],
)
def test_forged_proofs_have_an_outcome(
    record: Record, held: Evidence, path: tuple[Any, ...], value: Any
) -> None:
    body = json.loads(entry_proof.pack(record.proof()))
    holder = body
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value
    report = checked(json.dumps(body).encode(), held)
    assert not report.whole
    assert report.findings


def test_the_form_on_record_is_frozen(tmp_path: Path) -> None:
    """A change here makes all digests on record those of another text."""
    held = json.loads((Path(__file__).parents[1] / "vectors" / "frozen.json").read_text())
    document = canonical.document(drawn.clip("frozen", seconds=1, face="a", sound="s"))
    raw = canonical.written(document)
    assert raw[: len(held["begins"])].decode() == held["begins"]
    assert canonical.digest(document).hex() == held["sha256"]
    assert raw == rfc8785.dumps(json.loads(raw))
    assert not any(name.startswith("face.") for name in document["algorithms"])
