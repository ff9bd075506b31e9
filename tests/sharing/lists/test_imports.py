"""Hash lists into a bank: what becomes of rows, bad ones, the same ones again, and of a process that dies."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.algorithms import PDQ
from registry.catalogue.fingerprints.model.document import to_document
from registry.core.errors import Conflict, NotFound
from registry.core.service import Service, open_service
from registry.core.settings import Settings
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.matching.lookups.service.answers import answer_document, answer_md5, answer_sha256
from registry.matching.lookups.service.hashes import answer_hash
from registry.sharing.lists.schemas import Import
from registry.sharing.lists.service.imports import (
    begin_import,
    get_import,
    list_faults,
    position_and_dialect,
    read_lines,
    store_rows,
)
from tests.support.entries import limit_banks, lose_entries
from tests.support.identity import set_only_key
from tests.support.media import drawn
from tests.support.sharing.hash_lists import go_on, take

STATE = """
SELECT e.title, e.claim, e.manipulation, e.entry_references, e.status, e.tier, l.opinion, l.tags, l.said,
       array_agg((ea.role, encode(a.hash_key, 'hex'), encode(a.sha256, 'hex'), encode(a.md5, 'hex'), a.kind,
                  a.duration_s, a.notes,
                  (SELECT array_agg((f.time_s, f.duration_s, f.quality, f.view, f.pdq, f.phash256)
                                    ORDER BY f.time_s)
                   FROM frame_fingerprint f WHERE f.asset_no = a.asset_no))::text
                 ORDER BY ea.role, a.hash_key, a.sha256) AS media
FROM entry e JOIN entry_asset ea USING (entry_id) JOIN asset a USING (asset_id)
LEFT JOIN listing l USING (entry_id)
GROUP BY e.entry_id, l.entry_id ORDER BY media
"""


def hex_of(seed: str, width: int = 32) -> str:
    return drawn.generator(seed).bytes(width).hex()


def counts(found: Import) -> tuple[int, ...]:
    return found.read, found.added, found.duplicates, found.conflicts, found.rejected


def state(service: Service) -> list[dict[str, Any]]:
    with service.pool.transaction() as connection:
        return connection.execute(STATE).fetchall()


def table(rows: Iterable[str]) -> bytes:
    return ("type,value,title,status,tags\n" + "".join(f"{row}\n" for row in rows)).encode()


def faults(service: Service, caller: Caller, found: Import) -> list[tuple[int, str]]:
    listed = list_faults(service, caller, UUID(found.import_id))
    assert all(fault.message for fault in listed)
    return [(fault.line, fault.code) for fault in listed]


def test_each_type_of_hash_is_found_as_it_may_be(service: Service, owner: Caller) -> None:
    clip = drawn.clip("a clip", seconds=6)
    features = [f"{frame.pdq.hex()},{frame.quality},{frame.time:.3f}" for frame in clip.frames if frame.pdq]
    still, md5, sha256 = hex_of("still"), hex_of("file", 16), hex_of("file")
    whole = drawn.clip("a document", seconds=4)
    body = b"".join(
        orjson.dumps(item) + b"\n"
        for item in (
            {"type": "HASH_PDQ", "value": still, "title": "a still", "references": ["https://a.example/1"]},
            {"type": "HASH_VIDEO_MD5", "value": md5, "title": "by md5"},
            {"type": "HASH_SHA256", "value": sha256, "title": "by sha256"},
            {"type": "vpdq", "value": features, "title": "a video", "manipulation": "edited"},
            to_document(whole, faces=True),
        )
    )
    found = take(service, owner, body)
    assert counts(found) == (5, 5, 0, 0, 0)
    assert (found.format, found.state) == ("jsonl", "finished")
    one = answer_hash(service, owner, PDQ.name, still)
    assert (one["verdict"], one["matches"][0]["title"]) == ("related", "a still")
    assert "single_frame" in one["reasons"]
    assert one["matches"][0]["references"] == [{"url": "https://a.example/1"}]
    exact = answer_sha256(service, owner, sha256)
    assert (exact["verdict"], exact["matches"][0]["title"]) == ("known_fake", "by sha256")
    for query in (md5, md5.upper()):
        twin = answer_md5(service, owner, query)
        assert (twin["verdict"], twin["matches"][0]["title"]) == ("known_fake", "by md5")
        assert (twin["scope"], twin["matches"][0]["exact"]) == ("exact_only", True)
    assert answer_md5(service, owner, hex_of("other", 16))["verdict"] == "no_match"
    video = answer_document(service, owner, drawn.clip("a clip", seconds=6, file="again"))
    assert (video["verdict"], video["matches"][0]["title"]) == ("known_fake", "a video")
    again = answer_document(service, owner, drawn.clip("a document", seconds=4, file="again"))
    assert again["matches"][0]["title"].startswith("untitled ")
    shown = show_entry(service, owner, UUID(one["matches"][0]["entry_id"]))
    assert (shown.tier, shown.unverified, shown.status) == ("unreviewed", True, "matchable")
    assert shown.listing == {"opinion": "malicious", "tags": [], "said": {}}
    assert (shown.assets[0].sha256, shown.assets[0].notes) == (None, ["hash_only"])


def test_the_same_list_again_adds_nothing(service: Service, owner: Caller) -> None:
    body = table([f"HASH_PDQ,{hex_of(str(n))},Clip {n},MALICIOUS,a b" for n in range(30)])
    first = take(service, owner, body)
    assert counts(first) == (30, 30, 0, 0, 0)
    before = state(service)
    assert counts(take(service, owner, body + body.split(b"\n", 1)[1])) == (60, 0, 60, 0, 0)
    assert state(service) == before


def test_bad_rows_cost_themselves_alone(service: Service, owner: Caller) -> None:
    good = [f"pdq,{hex_of(str(n))},,," for n in range(4)]
    body = table(
        [good[0], f'pdq,"{hex_of("x")},open quote,,', good[1], "pdq,abcd,,,", "tlsh?,ab,,,", good[2]]
    )
    body += b"\xff\xfe\xfa\n\n" + b"pdq," + b"x" * (9 << 20) + b"\n" + b"HASH_TEXT_TLSH,abc,,,\n"
    body += b"pdq," + b"0" * 64 + b",,,\npdq,too,many,cells,for,it\n" + good[3].encode()
    found = take(service, owner, body, name="../käse\x07.csv")
    assert counts(found) == (12, 4, 0, 0, 8)
    assert found.name == "käse .csv"
    assert faults(service, owner, found) == [
        (3, "bad_row"),
        (5, "bad_hash"),
        (6, "unknown_type"),
        (8, "bad_row"),
        (10, "line_too_long"),
        (11, "unsupported_type"),
        (12, "low_information"),
        (13, "bad_row"),
    ]


def test_rows_that_contradict_each_other_are_disputed_in_any_order(service: Service, owner: Caller) -> None:
    bad, good, odd = (
        f"md5,{hex_of('m', 16)},A,{state},x" for state in ("MALICIOUS", "NON_MALICIOUS", "UNKNOWN")
    )
    found = take(service, owner, table([odd, bad, good, bad]), bank=None)
    assert counts(found) == (4, 1, 3, 2, 0)
    assert faults(service, owner, found) == [(4, "conflicting_rows"), (5, "conflicting_rows")]
    first = state(service)
    assert [(row["status"], row["opinion"]) for row in first] == [("suspended", "disputed")]
    for order in ([good, bad], [bad, odd, good], [good, odd, bad]):
        take(service, owner, table(order))
        assert state(service) == first


def test_an_entry_that_no_list_has_made_stays(service: Service, owner: Caller) -> None:
    clip = drawn.clip("registered")
    entry = register_entry(service, owner, Registration(fakes=[clip], title="Registered"))
    row = f"sha256,{clip.media.sha256},From a list,NON_MALICIOUS,"
    found = take(service, owner, table([row]))
    assert (counts(found), faults(service, owner, found)) == ((1, 0, 1, 1, 0), [(2, "entry_stays")])
    assert show_entry(service, owner, UUID(entry.entry_id)).status == "matchable"


def test_media_of_which_a_list_knew_the_digest_are_registered_into_its_entry(
    service: Service, owner: Caller
) -> None:
    clip = drawn.clip("later")
    take(service, owner, table([f"sha256,{clip.media.sha256},From a list,,"]))
    made = register_entry(service, owner, Registration(fakes=[clip], title="Registered"))
    assert made.created is False
    shown = show_entry(service, owner, UUID(made.entry_id))
    assert (shown.title, shown.assets[0].frames > 0) == ("From a list", True)
    found = answer_document(service, owner, drawn.clip("later", file="copy"))
    assert found["matches"][0]["entry_id"] == made.entry_id


def test_an_interrupted_import_resumes(service: Service, owner: Caller) -> None:
    body = table([f"pdq,{hex_of(str(n % 40))},Clip {n},MALICIOUS," for n in range(50)] + ["pdq,zz,,,"])
    begun = take(service, owner, body, batch=10, most=3)
    import_id = UUID(begun.import_id)
    assert (begun.lines, begun.state) == (30, "open")
    place, dialect = position_and_dialect(service, owner, import_id)
    assert body[: place.bytes].count(b"\n") == place.line == 30
    ended = go_on(service, owner, import_id, body, batch=3)
    assert counts(ended) == (51, 40, 10, 0, 1)
    after = state(service)
    with pytest.raises(Conflict) as caught:
        store_rows(service, owner, import_id, read_lines([], dialect, place, place))
    assert caught.value.code == "import_finished"
    again = take(service, owner, body, most=2)
    with pytest.raises(Conflict) as moved:
        store_rows(service, owner, UUID(again.import_id), read_lines([], dialect, place, place))
    assert moved.value.code == "import_moved"
    assert state(service) == after


def test_imports_are_private(service: Service, owner: Caller) -> None:
    found = take(service, owner, table([]))
    stranger = Caller(owner.caller_id, UUID(int=1), "other", frozenset({"register"}))
    for ask in (get_import, list_faults):
        with pytest.raises(NotFound):
            ask(service, stranger, UUID(found.import_id))


def test_a_full_bank_takes_whole_commits_only(service: Service, owner: Caller) -> None:
    limit_banks(service, 12)
    body = table([f"pdq,{hex_of(str(n))},,," for n in range(20)])
    with pytest.raises(Conflict) as caught:
        take(service, owner, body, batch=6)
    assert caught.value.code == "bank_full"
    assert len(state(service)) == 11  # the header is a line of the first commit
    with service.pool.transaction() as connection:
        limit_banks(service, None)
        (row,) = connection.execute("SELECT import_id FROM import").fetchall()
    assert counts(go_on(service, owner, row["import_id"], body)) == (20, 20, 0, 0, 0)


def _work(database_url: str, folder: str, key: str, import_id: str, body: bytes) -> None:
    service = open_service(Settings(database_url=database_url, data=Path(folder)))
    go_on(service, authenticate(service, key), UUID(import_id), body, batch=20)


@pytest.mark.slow(11)
def test_killed_in_the_middle_it_ends_as_if_it_had_not_been(
    service: Service, owner: Caller, database_url: str, tmp_path: Path
) -> None:
    """kill -9 again and again, at any moment; the rows and the counts are those of an import in peace."""
    set_only_key(service, owner.caller_id, "fp_key")
    body = table(
        [
            f"pdq,{hex_of(str(n % 700))},Clip,{('MALICIOUS', 'UNKNOWN', 'NON_MALICIOUS')[n % 3]},t"
            if n % 50
            else "pdq,broken,,,"
            for n in range(1000)
        ]
    )
    peaceful = take(service, owner, body, batch=1000)
    expected, said = state(service), faults(service, owner, peaceful)
    lose_entries(service)
    import_id = begin_import(service, owner).import_id
    context = multiprocessing.get_context("spawn")
    kills = 0
    for attempt in range(30):
        before = get_import(service, owner, UUID(import_id)).lines
        process = context.Process(target=_work, args=(database_url, str(tmp_path), "fp_key", import_id, body))
        process.start()
        assert process.pid
        while attempt < 6 and process.is_alive():
            if get_import(service, owner, UUID(import_id)).lines > before:
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
                break
            time.sleep(0.002)
        process.join(60)
        if get_import(service, owner, UUID(import_id)).state == "finished":
            break
    found = get_import(service, owner, UUID(import_id))
    assert kills >= 2
    assert counts(found) == counts(peaceful)
    assert (state(service), faults(service, owner, found)) == (expected, said)


def test_finished_imports_are_recorded(service: Service, owner: Caller) -> None:
    found = take(service, owner, table([f"pdq,{hex_of('1')},,,"]))
    with service.pool.transaction() as connection:
        rows = connection.execute("SELECT said, subject FROM event WHERE kind = 'import.finished'").fetchall()
    assert [(row["subject"]["import_id"], row["said"]["added"]) for row in rows] == [(found.import_id, 1)]
    assert "pdq" not in json.dumps(rows[0]["said"])
