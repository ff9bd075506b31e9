"""`fakeprint takedown reasons`, `export`, `release` and `report` against a running API."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from openpyxl import load_workbook

from registry.identity.callers.service.keys import authenticate
from tests.support.service.api import Api
from tests.support.takedown.campaigns import Case, case
from tests.support.takedown.commands import Run
from tests.support.takedown.statements import statement

PLACE = "https://unheard.example.net/v/"


@pytest.fixture
def key(admin: httpx2.Client) -> str:
    return admin.headers["Authorization"].partition(" ")[2]


@pytest.mark.slow
def test_from_reasons_to_figures(api: Api, key: str, admin: httpx2.Client, tmp_path: Path) -> None:
    run = Run(api, key)
    with api.service() as service:
        about: Case = case(service, authenticate(service, key))
        first, second = (about.ready(PLACE + "1")[0], about.ready(PLACE + "2")[0])
    campaign = str(about.campaign_id)
    run("send", campaign)
    run("handed-over", campaign, "--platform", "unheard.example.net", "--yes")
    file = tmp_path / "statements.jsonl"
    said = [statement(reference=str(first)), statement(url=PLACE + "2"), statement(puid="no good")]
    file.write_text("\n".join(map(json.dumps, said)))
    (taken,) = run("reasons", str(file), status=1)
    assert (taken["matched"], taken["faulty"], taken["moved"]) == (2, 1, 0)
    assert taken["statements"][2]["faults"][0]["code"] == "bad_puid"
    file.write_text(json.dumps({"statements": said[:2]}, indent=1))
    assert "2 known already" in run.text("reasons", str(file))
    (moved,) = run("reasons", "--accept-reply", taken["statements"][0]["reply_id"])
    assert (moved["notice_id"], moved["state"]) == (str(first), "removed")
    (again,) = run("reasons", "--accept-reply", taken["statements"][0]["reply_id"], status=1)
    assert again["error"]["code"] == "statement_accepted"
    (kept,) = run("replies", "--notice", str(second))
    assert (kept["source"], kept["statement"]["outcome"]) == ("statement", "removed")
    table = tmp_path / "notices.csv"
    run("export", campaign, "-o", str(table), "--zone", "Europe/Madrid")
    rows = list(csv.DictReader(io.StringIO(table.read_bytes().decode("utf-8-sig"))))
    assert [(row["state"], row["url"]) for row in rows] == [
        ("removed", PLACE + "1"),
        ("handed_over", PLACE + "2"),
    ]
    assert table.stat().st_mode & 0o777 == 0o600
    book = tmp_path / "notices.xlsx"
    run("export", campaign, "-o", str(book))
    assert load_workbook(book)["Notices"].max_row == 3
    lines = run.text("export", campaign, "--format", "jsonl", "-o", "-").splitlines()
    assert [json.loads(line)["notice_id"] for line in lines] == [str(first), str(second)]
    (bad,) = run("export", campaign, "-o", str(table), "--zone", "Mars", status=1)
    assert bad["error"]["code"] == "bad_zone"
    assert list(csv.DictReader(io.StringIO(table.read_bytes().decode("utf-8-sig")))) == rows
    place = f"/v1/campaigns/{campaign}/export"
    accepted = admin.get(place, headers={"Accept": "text/html, application/x-ndjson;q=0.5"})
    assert accepted.headers["content-type"].startswith("application/x-ndjson")
    assert admin.get(place).text.startswith("\ufeffnotice_id,")
    out = tmp_path / "lumen.jsonl"
    (left,) = run("export", campaign, "--format", "lumen", "-o", str(out))
    assert left["released"] == []
    assert "unheard" not in out.read_text()
    until = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    (made,) = run("release", campaign, "--to", "lumen", "--field", "places", "--until", until)
    assert (made["recipient"], made["holds"]) == ("lumen", True)
    (left,) = run("export", campaign, "--format", "lumen", "--recipient", "lumen", "-o", str(out))
    assert left["released"] == ["places"]
    assert PLACE + "1" in out.read_text()
    assert "revoked" in run.text("release", campaign, "--withhold", made["release_id"])
    (figures,) = run("report", campaign, "--by", "platform")
    (group,) = figures["groups"]
    assert (group["name"], group["prepared"], group["removed"], group["open"]) == (
        "unheard.example.net",
        2,
        1,
        1,
    )
    assert "unheard.example.net" in run.text("report", "--by", "platform")
    months = list(csv.DictReader(io.StringIO(run.text("report", "--by", "month", "--csv").lstrip("\ufeff"))))
    assert [(month["prepared"], month["time_zone"]) for month in months] == [("2", "UTC")]


def test_invalid_arguments(api: Api, key: str, tmp_path: Path) -> None:
    run = Run(api, key)
    none = str(tmp_path / "none.json")
    assert run("reasons", none, status=1)[0]["error"]["code"] == "missing_path"
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert run("reasons", str(broken), status=1)[0]["error"]["code"] == "bad_json"
    absent = "00000000-0000-4000-8000-00000000abcd"
    assert run("export", absent, "-o", none, status=1)[0]["error"]["code"] == "unknown_campaign"
    assert not Path(none).exists()
    run("export", absent, "--recipient", "lumen", "-o", none, status=2)
    run("release", absent, "--to", "lumen", status=2)
    assert run("report", absent, status=1)[0]["error"]["code"] == "unknown_campaign"
