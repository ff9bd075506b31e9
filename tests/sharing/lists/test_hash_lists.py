"""Lists of hashes: how their lines are read, and what becomes of rows."""

from __future__ import annotations

import json
import zlib
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.fingerprints.model.algorithms import PDQ
from registry.core.errors import BadInput
from registry.sharing.lists.model import hash_rows, vpdq
from registry.sharing.lists.model.export_lines import Exported, Medium, lines
from registry.sharing.lists.model.list_lines import Dialect, Line, LineSplitter, Reader
from registry.sharing.lists.model.listed import Fault, Opinion, Row, combined_opinion, hash_key, hash_medium
from registry.sharing.lists.model.listing import Planner, ordered_ids
from tests.support.media import drawn

HASH = "f0" * 32
MD5 = "ab" * 16


def read(text: str | bytes, dialect: Dialect | None = None) -> list[Row | Fault]:
    splitter = LineSplitter()
    raw = text.encode() if isinstance(text, str) else text
    found = [*splitter.feed(raw), *splitter.close()]
    return list(Reader(dialect or Dialect()).read(found))


def rows(text: str | bytes, dialect: Dialect | None = None) -> list[Row]:
    found = read(text, dialect)
    assert all(isinstance(item, Row) for item in found), found
    return [item for item in found if isinstance(item, Row)]


@given(pieces=st.lists(st.binary(max_size=12)), longest=st.integers(1, 20))
def test_lines_are_the_same_however_they_come(pieces: list[bytes], longest: int) -> None:
    whole = b"".join(pieces)
    splitter = LineSplitter(longest=longest)
    found = [line for piece in pieces for line in splitter.feed(piece)]
    found += splitter.close()
    expected = whole.split(b"\n")
    if not expected[-1]:
        expected.pop()
    wanted = [part if len(part) <= longest else None for part in expected]
    assert [line.raw for line in found] == wanted
    assert [line.number for line in found] == list(range(1, len(wanted) + 1))
    assert (splitter.position.bytes, splitter.position.crc32) == (len(whole), zlib.crc32(whole))


@given(text=st.binary(max_size=300), cut=st.integers(0, 300))
def test_a_list_that_is_continued_is_read_the_same(text: bytes, cut: int) -> None:
    splitter = LineSplitter()
    before = list(splitter.feed(text[:cut]))
    resumed = LineSplitter(splitter.position)
    after = [*resumed.feed(text[splitter.position.bytes :]), *resumed.close()]
    whole = LineSplitter()
    assert before + after == [*whole.feed(text), *whole.close()]
    assert resumed.position == whole.position


@given(text=st.binary(max_size=400))
def test_any_bytes_are_rows_or_faults(text: bytes) -> None:
    for item in read(text):
        assert isinstance(item, Row) or (item.code and item.message)


@pytest.mark.parametrize(
    "text",
    [
        f"type,value\npdq,{HASH}\n",
        f"HASH_PDQ,{HASH}\n",
        f"\ufeffType;Hash;Title\r\npdq;{HASH};\r\n",
        f"signal_type\tsignal\nPDQ\t{HASH}",
        f"pdq {HASH}",
        f"# a list\npdq   {HASH.upper()}\n",
        f'{{"type": "HASH_PDQ", "indicator": "{HASH}"}}',
        f'[\n{{"type": "pdq.1", "value": "{HASH}"}},\n]\n',
        f'{{"pdq": "{HASH}"}}',
        f"pdq,title\n{HASH},\n",
    ],
)
def test_one_hash_in_many_forms(text: str) -> None:
    (row,) = rows(text)
    (item,) = row.media
    assert item.single is not None
    assert (item.single.pdq, item.kind, item.key) == (
        bytes.fromhex(HASH),
        "image",
        hash_key("pdq", bytes.fromhex(HASH)),
    )
    assert row.title.startswith("untitled ")
    assert HASH[:8] not in row.title


def test_bare_hashes_say_their_type_or_have_it_said() -> None:
    assert rows(MD5)[0].media[0].md5 == bytes.fromhex(MD5)
    (fault,) = read(HASH)
    assert isinstance(fault, Fault)
    assert fault.code == "unknown_type"
    assert rows(HASH, Dialect(assumed="sha256"))[0].media[0].sha256 == bytes.fromhex(HASH)


def test_a_descriptor_is_read_as_threatexchange_means_it() -> None:
    descriptor: dict[str, Any] = {
        "id": "3058061737574159",
        "raw_indicator": MD5,
        "type": "HASH_VIDEO_MD5",
        "owner": {"id": "616912251743987"},
        "status": "MALICIOUS",
        "share_level": "RED",
        "confidence": 75,
        "tags": {"data": [{"id": "1", "text": "deepfake"}, {"id": "2", "text": "élection"}]},
    }
    (row,) = rows(json.dumps(descriptor))
    assert (row.opinion, row.tags, row.media[0].kind) == ("malicious", ("deepfake", "élection"), "video")
    assert row.details == {name: descriptor[name] for name in ("id", "owner", "confidence", "share_level")}
    opinions = {"UNKNOWN": "unknown", "NON_MALICIOUS": "non_malicious", None: "unknown", 3: "disputed"}
    for status, opinion in opinions.items():
        assert rows(json.dumps(descriptor | {"status": status}))[0].opinion == opinion
    for more in ({"reactions": [{"key": "DISAGREE_WITH_TAGS", "value": "1"}]}, {"tags": ["disputed"]}):
        assert rows(json.dumps(descriptor | more))[0].opinion == "disputed"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"type": "pdq", "value": "00" * 32}, "low_information"),
        ({"type": "pdq", "value": HASH, "quality": 49}, "low_information"),
        ({"type": "pdq", "value": HASH, "quality": "good"}, "bad_row"),
        ({"type": "pdq", "value": HASH[:-1]}, "bad_hash"),
        ({"type": "pdq", "value": 7}, "bad_hash"),
        ({"type": "vpdq", "value": []}, "bad_hash"),
        ({"type": "vpdq", "value": [f"{HASH},90,-1"]}, "bad_hash"),
        ({"type": "vpdq", "value": [f"{HASH},10,1.0"]}, "low_information"),
        ({"type": "URI", "value": "x"}, "unsupported_type"),
        ({"type": "pdq2", "value": HASH}, "unknown_type"),
        ({"value": HASH}, "unknown_type"),
        ({"type": "pdq", "value": HASH, "title": "\u200b"}, "bad_label"),
        ({"type": "pdq", "value": HASH, "status": "EVIL"}, "bad_opinion"),
        ({"type": "pdq", "value": HASH, "references": ["javascript:1"]}, "bad_reference"),
        ({"type": "pdq", "value": HASH, "manipulation": "magic"}, "unknown_manipulation"),
        ({"type": "pdq", "value": HASH, "role": "original"}, "no_fake"),
        ({"type": "pdq", "value": HASH, "kind": ["x"]}, "bad_row"),
        ({"assets": []}, "bad_row"),
        ({"assets": [{"type": "pdq", "value": HASH}] * 2}, "role_conflict"),
        ({"version": 1, "algorithms": {}}, "bad_document"),
    ],
)
def test_row_errors_have_codes(row: dict[str, Any], code: str) -> None:
    (fault,) = read(json.dumps(row))
    assert isinstance(fault, Fault)
    assert fault.code == code


def test_a_vpdq_list_is_a_video() -> None:
    hashes = [drawn.generator(f"{n}").bytes(32).hex() for n in range(3)]
    newer = [f"{value},90,{n}.500" for n, value in enumerate(hashes)]
    older = [f"{n},90,{value},{n}.500" for n, value in enumerate(hashes)]
    one, other = hash_medium("vpdq", newer), hash_medium("vpdq", older)
    assert one == other
    assert one.fingerprint is not None
    assert [(frame.time, frame.duration) for frame in one.fingerprint.frames] == [
        (0.5, 1),
        (1.5, 1),
        (2.5, 1),
    ]
    assert (one.kind, one.fingerprint.media.duration) == ("video", 3.5)
    assert vpdq.features(one.fingerprint) == newer
    assert rows(json.dumps(newer))[0].media == (one,)
    text = json.dumps(newer).replace('"', '""')
    assert rows(f'type,value\nvpdq,"{text}"\n')[0].media == (one,)


OPINIONS: tuple[Opinion, ...] = ("malicious", "unknown", "non_malicious", "disputed")


def test_opinions_join_in_any_order_and_grouping() -> None:
    for one, other, third in ((a, b, c) for a in OPINIONS for b in OPINIONS for c in OPINIONS):
        assert combined_opinion(one, other) == combined_opinion(other, one)
        assert combined_opinion(combined_opinion(one, other), third) == combined_opinion(
            one, combined_opinion(other, third)
        )
    assert combined_opinion("malicious", "non_malicious") == "disputed"
    assert combined_opinion("unknown", "malicious") == "malicious"


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(OPINIONS)), max_size=5))
def test_rows_on_one_medium_are_one_entry_whatever_their_order(given_: list[tuple[int, Opinion]]) -> None:
    def outcome(order: tuple[tuple[int, Opinion], ...]) -> dict[bytes, Opinion]:
        listed_rows = [
            Row(n, (hash_medium("md5", f"{which:032x}"),), "t", opinion=opinion)
            for n, (which, opinion) in enumerate(order)
        ]
        plan = Planner(()).add(listed_rows)
        assert len(plan.entries) + plan.duplicates == len(order)
        return {made.row.media[0].identity: made.opinion for made in plan.entries}

    expected = outcome(tuple(given_))
    assert all(outcome(order) == expected for order in permutations(given_))


def test_ids_are_of_version_seven_and_none_comes_twice() -> None:
    made = ordered_ids()
    found = [next(made) for _ in range(5000)]
    assert {(item.version, item.variant) for item in found} == {(7, "specified in RFC 4122")}
    assert len(set(found)) == 5000
    assert [item.int >> 80 for item in found] == sorted(item.int >> 80 for item in found)


def test_disputed_entries_are_marked_in_threatexchange_exports() -> None:
    item = hash_medium("pdq", HASH)
    medium = Medium("fake", "image", None, None, hash_only=True, fingerprint=item.fingerprint)
    entry = Exported(
        next(ordered_ids()), "T", None, None, (), "disputed", ("a",), {}, "unreviewed", (medium,)
    )
    (line,) = lines("threatexchange", entry)
    body = json.loads(line)
    assert (body["type"], body["status"], body["raw_indicator"]) == ("HASH_PDQ", "UNKNOWN", HASH)
    assert rows(line)[0].opinion == "disputed"
    assert item.fingerprint is not None
    assert item.fingerprint.algorithms == (PDQ.name,)


def test_a_line_that_is_too_long_is_a_fault() -> None:
    (fault,) = Reader(Dialect()).read([Line(4, None)])
    assert isinstance(fault, Fault)
    assert (fault.line, fault.code) == (4, "line_too_long")


def test_a_type_is_known_by_each_of_its_names() -> None:
    assert hash_rows.hash_type(" Hash_Video_MD5 ") == ("md5", "video")
    assert hash_rows.hash_type(None, "pdq") == ("pdq", "image")
    with pytest.raises(BadInput):
        hash_rows.hash_type(7)
