"""Hash lists over HTTP and by the command line: in, cut off, resumed, out again, and who may."""

from __future__ import annotations

import csv
import io
import json
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.catalogue.fingerprints.model.document import to_document
from registry.core.service import Service
from tests.support.identity import end_keys
from tests.support.media import drawn
from tests.support.service.api import Api
from tests.support.sharing.exchanges import StopNCII, serving
from tests.support.sharing.list_commands import run

CSV = {"Content-Type": "text/csv"}


def hex_of(seed: str, width: int = 32) -> str:
    return drawn.generator(seed).bytes(width).hex()


def table(count: int, *, begin: int = 0, seed: str = "") -> bytes:
    rows = (
        f"HASH_PDQ,{hex_of(f'{seed}{n}')},Clip ñ {n},MALICIOUS,a;b\n" for n in range(begin, begin + count)
    )
    return ("type,value,title,status,tags\n" + "".join(rows)).encode()


def exported(client: httpx2.Client, written_as: str = "jsonl", bank: str = "default", **more: str) -> bytes:
    answer = client.get(f"/v1/banks/{bank}/export", params={"format": written_as, **more})
    assert answer.status_code == 200, answer.text
    return answer.content


def is_true(service: Service, statement: str, value: object) -> bool:
    """Whether a statement brings a row."""
    with service.pool.transaction() as connection:
        return connection.execute(statement.encode(), [value]).fetchone() is not None


def until(found: Callable[[], bool]) -> None:
    for _ in range(600):
        if found():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to be")


def without_ids(listed: bytes) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in listed.splitlines()]
    for item in found:
        item.pop("entry_id", None)
    return sorted(found, key=lambda item: json.dumps(item, sort_keys=True))


@pytest.mark.slow
def test_a_list_comes_in_by_one_request_or_several(admin: httpx2.Client) -> None:
    body = table(3000) + b"pdq,broken,,,\n"
    whole = admin.post("/v1/imports", params={"name": "whole.csv"}, content=body, headers=CSV)
    assert whole.status_code == 201, whole.text
    one = whole.json()
    assert (one["added"], one["rejected"], one["state"], one["bytes"]) == (3000, 1, "finished", len(body))
    assert one["crc32"] == f"{zlib.crc32(body):08x}"
    again = admin.post("/v1/imports", params={"more": "true"}, content=body[:1000], headers=CSV).json()
    assert (again["state"], body[: again["bytes"]].endswith(b"\n")) == ("open", True)
    place = f"/v1/imports/{again['import_id']}"
    wrong = admin.post(place, params={"offset": 1}, content=b"x", headers=CSV)
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["bytes"]) == (
        409,
        "import_moved",
        again["bytes"],
    )
    other = admin.post(
        place, params={"offset": again["bytes"], "crc32": "00000000"}, content=b"x", headers=CSV
    )
    assert other.json()["code"] == "import_moved"
    rest = admin.post(
        place, params={"offset": again["bytes"]}, content=body[again["bytes"] :], headers=CSV
    ).json()
    assert (rest["duplicates"], rest["rejected"], rest["state"]) == (3000, 1, "finished")
    faults = [json.loads(line) for line in admin.get(f"{place}/faults").text.splitlines()]
    assert [(fault["line"], fault["code"]) for fault in faults] == [(3002, "bad_hash")]
    listed = admin.get("/v1/imports", params={"name": "whole.csv"}).json()["imports"]
    assert [found["import_id"] for found in listed] == [one["import_id"]]
    assert admin.get("/v1/imports", params={"limit": 1}).json()["next"]


@pytest.mark.slow
def test_a_key_that_is_revoked_in_mid_stream_ends_the_stream(api: Api, admin: httpx2.Client) -> None:
    """What was kept stays, and another key goes on."""
    body = table(9000, seed="mid")
    made = admin.post("/v1/callers", json={"name": "feeder", "roles": ["register"]}).json()
    caller_id = made["caller_id"]

    def pieces() -> Iterator[bytes]:
        yield body[: len(body) // 2]
        with api.service() as service:
            until(
                lambda: is_true(service, "SELECT FROM import WHERE created_by = %s AND added > 0", caller_id)
            )
            end_keys(service, caller_id)
        yield body[len(body) // 2 :]

    with api.client(made["key"]) as feeder:
        cut = feeder.post("/v1/imports", content=pieces(), headers=CSV)
    assert (cut.status_code, cut.json()["code"]) == (401, "unauthenticated")
    place = f"/v1/imports/{cut.json()['import_id']}"
    found = admin.get(place).json()
    assert 0 < found["added"] < 9000
    rest = body[found["bytes"] :]
    ended = admin.post(place, params={"offset": found["bytes"]}, content=rest, headers=CSV).json()
    assert (ended["added"], ended["duplicates"], ended["state"]) == (9000, 0, "finished")


@pytest.mark.slow
def test_a_broken_middle_costs_no_memory_and_the_list_goes_on(api: Api, admin: httpx2.Client) -> None:
    """What is broken is passed over as it comes, were it gigabytes: here 96 MB that hold no line break."""
    before, after = table(2500, seed="before"), table(2500, seed="after").split(b"\n", 1)[1]
    process = psutil.Process(api.pid)
    most = 0

    def pieces() -> Iterator[bytes]:
        nonlocal most
        yield before
        for _ in range(96):
            yield b'\xff\x00,"' * (1 << 18)
            most = max(most, process.memory_info().rss)
        yield b"\n" + after

    held = process.memory_info().rss
    found = admin.post("/v1/imports", content=pieces(), headers=CSV).json()
    assert (found["added"], found["rejected"], found["state"]) == (5000, 1, "finished")
    assert most - held < 48 << 20
    (fault,) = admin.get(f"/v1/imports/{found['import_id']}/faults").text.splitlines()
    assert (json.loads(fault)["line"], json.loads(fault)["code"]) == (2502, "line_too_long")


def test_permissions_and_refusals(api: Api, admin: httpx2.Client) -> None:
    assert admin.post("/v1/imports", content=b"x", headers={"Content-Type": "text/html"}).status_code == 415
    for params, code in (
        ({"format": "xml"}, "bad_format"),
        ({"type": "sha9"}, "unknown_type"),
        ({"type": "uri"}, "unsupported_type"),
        ({"bank": "none"}, "unknown_bank"),
    ):
        assert admin.post("/v1/imports", params=params, content=b"", headers=CSV).json()["code"] == code
    bank_id = next(bank["bank_id"] for bank in admin.get("/v1/banks").json()["banks"] if bank["own"])
    with api.stranger("lookup", "signals", "register", "review", "admin") as stranger:
        made = admin.post("/v1/imports", content=table(1), headers=CSV).json()
        assert stranger.get(f"/v1/imports/{made['import_id']}").status_code == 404
        assert stranger.get(f"/v1/banks/{bank_id}/export").status_code in {403, 404}
    with api.stranger("lookup", "signals", "register") as lookup_only:
        assert lookup_only.get("/v1/banks/default/export").status_code == 403
    bad = admin.get("/v1/banks/default/export", params={"after": "5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"})
    assert bad.json()["code"] == "bad_cursor"


def test_an_export_holds_no_faces_and_goes_on_after_an_entry(admin: httpx2.Client) -> None:
    clip, original = drawn.clip("swap", face="her", sound="noise"), drawn.clip("real", face="him")
    documents = {"fakes": [to_document(clip, faces=True)], "originals": [to_document(original, faces=True)]}
    assert admin.post("/v1/entries", json={"title": "Swapped", **documents}).status_code == 201
    admin.post("/v1/imports", content=table(450, seed="out"), headers=CSV)
    whole = exported(admin)
    assert b"face." not in whole
    rows = [json.loads(line) for line in whole.splitlines()]
    assert len(rows) == 451
    assert [asset["role"] for asset in rows[0]["assets"]] == ["fake", "original"]
    place = rows[100]["entry_id"]
    assert b"".join(whole.splitlines(keepends=True)[101:]) == exported(admin, after=place)
    sheet = list(csv.DictReader(io.StringIO(exported(admin, "csv").decode())))
    assert (sheet[0]["type"], sheet[0]["value"]) == ("sha256", clip.media.sha256)
    assert original.media.sha256.encode() not in exported(admin, "csv")
    descriptors = [json.loads(line) for line in exported(admin, "threatexchange").splitlines()]
    assert [row["type"] for row in descriptors[:3]] == ["HASH_VIDEO_SHA256", "HASH_VPDQ", "HASH_PDQ"]
    assert descriptors[2]["status"] == "MALICIOUS"
    assert descriptors[2]["tags"] == {"data": [{"text": "a"}, {"text": "b"}]}


_TEXT = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
_HASH = st.one_of(
    st.tuples(st.sampled_from(["pdq", "phash256"]), st.binary(min_size=32, max_size=32)),
    st.tuples(st.sampled_from(["sha256"]), st.binary(min_size=32, max_size=32)),
    st.tuples(st.sampled_from(["md5"]), st.binary(min_size=16, max_size=16)),
)
_ROW = st.fixed_dictionaries(
    {
        "hash": _HASH,
        "title": _TEXT,
        "opinion": st.sampled_from(["malicious", "unknown", "non_malicious", "disputed"]),
    },
    optional={
        "tags": st.lists(st.text("abcñü_-", min_size=1, max_size=8), max_size=3, unique=True),
        "manipulation": st.sampled_from(["face_swap", "edited"]),
        "references": st.just([{"url": "https://a.example/x", "title": 'quoted, "so"'}]),
        "confidence": st.integers(0, 100),
        "description": _TEXT,
    },
)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(_ROW, min_size=1, max_size=12), seed=st.integers(0, 10**9))
@pytest.mark.parametrize("written_as", ["jsonl", "csv"])
def test_an_export_survives_import_and_export(
    api: Api, written_as: str, rows: list[dict[str, Any]], seed: int
) -> None:
    lines = []
    for row in rows:
        type_, value = row.pop("hash")
        lines.append(orjson.dumps({"type": type_, "value": value.hex(), **row}))
    lines.append(
        orjson.dumps(
            {
                "title": "video",
                "assets": [
                    {"type": "vpdq", "value": [f"{hex_of(f'{seed}{n}')},{90 - n},{n}.500" for n in range(4)]},
                    {"role": "original", "document": to_document(drawn.clip(f"o {seed}"), faces=False)},
                ],
            }
        )
    )
    with api.stranger("lookup", "register", "review") as one, api.stranger("register", "review") as other:
        first = one.post("/v1/imports", content=b"\n".join(lines), headers=CSV)
        assert first.status_code == 201, first.text
        out = exported(one, written_as)
        second = other.post("/v1/imports", content=out, headers=CSV).json()
        assert (second["rejected"], second["conflicts"]) == (0, 0), other.get(
            f"/v1/imports/{second['import_id']}/faults"
        ).text
        back = exported(other, written_as)
        if written_as == "jsonl":
            assert without_ids(back) == without_ids(out)
        else:
            cut = [sorted(line[37:] for line in some.splitlines()[1:]) for some in (out, back)]
            assert cut[0] == cut[1]


def test_the_command_line_takes_a_list_in_and_resumes(admin: httpx2.Client, tmp_path: Path) -> None:
    path = tmp_path / "käse list.csv"
    path.write_bytes(table(400, seed="cli") + b"pdq,broken,,,\n")
    report = tmp_path / "report.ndjson"
    done = run(admin, "import", path, "--report", report)
    assert done.status == 1
    assert done.stdout == "401 rows: 400 new, 0 already in the bank, 0 contradictory, 1 rejected\n"
    assert "line 402: A hash of type pdq has 64 hex digits. (bad_hash)" in done.stderr
    assert json.loads(report.read_bytes())["line"] == 402
    begun = admin.post(
        "/v1/imports",
        params={"name": path.name, "more": "true"},
        content=path.read_bytes()[:5000],
        headers=CSV,
    ).json()
    resumed = run(admin, "import", path, "--resume", "--json").line
    assert (resumed["import_id"], resumed["state"]) == (begun["import_id"], "finished")
    assert (resumed["added"], resumed["duplicates"], resumed["read"]) == (0, 400, 401)
    piped = run(admin, "import", "-", "--json", input=path.read_bytes()).line
    assert (piped["path"], piped["duplicates"]) == ("-", 400)
    assert run(admin, "import", tmp_path / "none.csv").status == 1
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    assert run(admin, "import", empty).stdout == "the list holds no rows\n"
    bare = tmp_path / "bare.txt"
    bare.write_text(hex_of("bare") + "\n")
    assert json.loads(run(admin, "import", bare, "--json").stdout)["rejected"] == 1
    assert json.loads(run(admin, "import", bare, "--json", "--type", "pdq").stdout)["added"] == 1


def test_the_command_line_writes_a_list(admin: httpx2.Client, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    nothing = run(admin, "export", "-o", path)
    assert (nothing.status, nothing.stderr) == (0, "the bank “default” has no entries\n")
    admin.post("/v1/imports", content=table(450, seed="written"), headers=CSV)
    done = run(admin, "export", "-o", path)
    assert (done.status, done.stderr) == (0, "450 lines\n")
    assert path.read_bytes() == exported(admin)
    assert not path.with_name("out.jsonl.part").exists()
    for written_as in ("csv", "threatexchange"):
        assert run(admin, "export", "--format", written_as, "-o", path).status == 0
        assert path.read_bytes() == exported(admin, written_as)
    assert run(admin, "export", "--bank", "none/such").status == 1


def test_the_command_line_adds_lists_and_removes_exchanges(admin: httpx2.Client, tmp_path: Path) -> None:
    secret = tmp_path / "keys.json"
    secret.write_text('{"function_key": "fk", "subscription_key": "sk"}')
    assert run(admin, "exchange", "list").stdout.startswith("No exchange is read.")
    assert admin.post("/v1/banks", json={"name": "ñcii", "visibility": "private"}).status_code == 201
    options = ("--kind", "stopncii", "--bank", "ñcii", "--credentials", secret)
    made = run(admin, "exchange", "add", "StopNCII ñ", *options, "--json")
    assert (made.status, made.line["credentials"], made.line["fetching"]) == (0, True, True), made
    assert "fk" not in made.stdout
    again = run(admin, "exchange", "add", "StopNCII ñ", *options, "--json")
    assert (again.status, again.line["error"]["code"]) == (1, "exchange_exists")
    with serving(StopNCII(), "/v1") as server:
        private = run(admin, "exchange", "add", "x", *options, "--address", server.url, "--json")
        assert private.line["error"]["code"] == "bad_address"
    listed = run(admin, "exchange", "list", "--json").line
    assert (listed["name"], listed["added"], listed["error"]) == ("StopNCII ñ", 0, None)
    late = run(admin, "exchange", "fetch", "StopNCII ñ", "--timeout", "0.5")
    assert late.status == 3, late
    assert (
        run(admin, "exchange", "remove", "StopNCII ñ").stdout == "exchange “StopNCII ñ” is no longer read\n"
    )
    gone = run(admin, "exchange", "remove", "StopNCII ñ", "--json")
    assert (gone.status, gone.line["error"]["code"]) == (1, "no_exchange")
    wrong = run(admin, "exchange", "add", "y", "--kind", "ncmec", "--bank", "ñcii", "--option", "x", "--json")
    assert wrong.status == 2
