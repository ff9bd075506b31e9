"""What goes on while something else ends it: keys that stop, organizations that close, clocks that jump."""

from __future__ import annotations

import json
import socket
import sys
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, override
from uuid import UUID

import httpx2
import pytest

from registry.app.service.closing import close_organization
from registry.app.service.sweep import sweep
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.core.errors import Conflict, Unauthenticated
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import add_key, authenticate, create_caller
from registry.jobs.service.jobs import claim_job
from registry.matching.lookups.service.answers import answer_document, answer_sha256
from registry.matching.watches.service.watches import sweep_watches
from registry.review.disputes.service.decision import Ruling, decide_dispute
from registry.review.disputes.service.disputes import Contest, open_dispute
from registry.review.queue.service.decisions import Decision, decide_entry, withdraw_entry
from registry.review.queue.service.queue import claim_entry
from registry.sharing.webhooks.service.events import dispatch_events, sweep_webhooks
from registry.sharing.webhooks.service.webhooks import create_webhook
from tests.support.identity import End, end_keys
from tests.support.media import drawn
from tests.support.service.api import Api
from tests.support.service.fixtures import Recorder
from tests.support.sharing.hash_lists import take
from tests.support.sharing.list_commands import run
from tests.support.sharing.webhooks import go_on, happen, work
from tests.support.steps import claimed, fingerprint_of, upload
from tests.support.takedown.endpoints import Received, endpoint, says

ROLES = ["lookup", "register", "review", "admin", "signals"]
NARROW = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)]
"""Little is on its way to whoever reads slowly."""


def joined(service: Service, owner: Caller, name: str) -> tuple[Caller, str]:
    key = create_caller(service, owner, organization=name, name="x", roles=ROLES).key
    return authenticate(service, key), key


@pytest.mark.slow(12)
@pytest.mark.parametrize("how", ["expires_at", "revoked_at"])
def test_a_key_that_stops_in_mid_export_breaks_it_off(api: Api, admin: httpx2.Client, how: End) -> None:
    """No export that looks whole comes of it; another key goes on where it was cut off."""
    rows = "".join(f"sha256,{n:064x},Clip ñ {n} {'x' * 200}\n" for n in range(8000))
    body = f"type,value,title\n{rows}".encode()
    assert admin.post("/v1/imports", content=body, headers={"Content-Type": "text/csv"}).status_code == 201
    made = admin.post("/v1/callers", json={"name": "archive", "roles": ["review"]}).json()
    whole: list[bytes] = []

    def stop() -> None:
        with api.service() as service:
            end_keys(service, made["caller_id"], how)

    def read(archive: httpx2.Client) -> None:
        held = b""
        with archive.stream("GET", where) as answer:
            assert answer.status_code == 200
            for piece in answer.iter_bytes():
                if not whole:
                    stop()
                *lines, held = (held + piece).split(b"\n")
                whole.extend(lines)

    where = f"{api.url}/v1/banks/default/export"
    with httpx2.Client(
        transport=httpx2.HTTPTransport(socket_options=NARROW),
        headers={"Authorization": f"Bearer {made['key']}"},
        timeout=60,
    ) as archive:
        with pytest.raises(httpx2.RemoteProtocolError):
            read(archive)
        refused = archive.get(where)
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert 0 < len(whole) < 8000
    last = json.loads(whole[-1])["entry_id"]
    rest = admin.get("/v1/banks/default/export", params={"after": last}).content.splitlines()
    assert len({json.loads(line)["entry_id"] for line in [*whole, *rest]}) == 8000
    with api.service() as service, service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT said FROM event WHERE kind = 'export.finished' AND caller_id = %s", [made["caller_id"]]
        ).fetchone()
    assert row
    assert row["said"]["whole"] is False


@pytest.mark.parametrize("given", ["pipe", "file", "file that ends in it"])
def test_the_command_line_passes_over_a_broken_middle_that_it_cannot_hold(
    admin: httpx2.Client, tmp_path: Path, given: str
) -> None:
    """A line of 36 MB, without a line break, where it holds 16; the list goes on after it."""
    before, after = (
        "".join(f"sha256,{n:064x},Clip ñ {n}\n" for n in range(begin, begin + 500)).encode()
        for begin in (1, 501)
    )
    body = b"type,value,title\n" + before + b'\xff\x00,"' * (9 << 20)
    body += b"" if given.endswith("in it") else b"\n" + after
    path = tmp_path / "list.csv"
    path.write_bytes(body)
    report = ("--json", "--report", tmp_path / "bad.ndjson")
    if given == "pipe":
        done = run(admin, "import", "-", *report, input=body)
    else:
        done = run(admin, "import", path, *report)
    assert done.status == 1, done.stderr
    rows = 500 if given.endswith("in it") else 1000
    assert (done.line["added"], done.line["rejected"], done.line["state"]) == (rows, 1, "finished")
    fault = json.loads((tmp_path / "bad.ndjson").read_bytes())
    assert (fault["line"], fault["code"]) == (502, "line_too_long")


def test_entries_imported_into_a_closing_organization_are_withdrawn(service: Service, owner: Caller) -> None:
    leaving, key = joined(service, owner, "Leaving")
    rows = "".join(f"sha256,{n:064x},Clip {n}\n" for n in range(20))
    begun = take(service, leaving, f"type,value,title\n{rows}".encode(), most=1)
    assert begun.added > 0
    assert answer_sha256(service, owner, f"{0:064x}")["matches"]
    close_organization(service, owner, leaving.organization_id)
    assert answer_sha256(service, owner, f"{0:064x}")["verdict"] == "no_match"
    with pytest.raises(Unauthenticated):
        authenticate(service, key)  # the next request of that import
    take(service, leaving, b"type,value\nsha256," + b"f" * 64)  # the one that was under way
    sweep(service)
    assert answer_sha256(service, owner, "f" * 64)["verdict"] == "no_match"


def test_an_organization_that_closes_during_delivery_gets_no_more_messages(
    local: Service, owner: Caller, recorder: Recorder
) -> None:
    leaving, _ = joined(local, owner, "Leaving")

    def closes(connection: socket.socket, request: Received) -> None:
        close_organization(local, owner, leaving.organization_id)
        says(200)(connection, request)

    with endpoint(closes) as there:
        create_webhook(local, leaving, url=there.url(), kinds=["entry.changed"])
        happen(local, leaving, 1, 2, 3)
        dispatch_events(local)
        work(local, recorder)
        go_on(local, recorder)
        assert len(there.received) == 1
    sweep_webhooks(local)
    with local.pool.transaction() as connection:
        assert connection.execute("SELECT FROM webhook_delivery").fetchall() == [], "nor is it kept"


def test_a_concurrent_withdrawal_wins_over_a_review(service: Service, owner: Caller) -> None:
    reviewer, _ = joined(service, owner, "Reviewers")
    entry_id = UUID(register_entry(service, owner, Registration(fakes=[drawn.clip("contested")])).entry_id)
    claim_entry(service, reviewer, entry_id)
    withdraw_entry(service, owner, entry_id, reason_code="mistaken")
    for act in ("reject", "approve"):
        with pytest.raises(Conflict) as caught:
            decide_entry(service, reviewer, entry_id, Decision(act, reason_code="not_a_fake"))
        assert caught.value.code in {"wrong_status", "entry_withdrawn", "not_claimed"}
    assert show_entry(service, owner, entry_id).status == "withdrawn"


@pytest.mark.parametrize("days", [400, -400])
def test_a_clock_that_jumps_ends_no_key_claim_lease_watch_or_term(
    service: Service, owner: Caller, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """A process whose clock is wrong by a year does what others do: the database's decides."""
    reviewer, _ = joined(service, owner, "Reviewers")
    other, _ = joined(service, owner, "Others")
    soon = datetime.now(UTC) + timedelta(hours=1)
    key = add_key(service, owner, owner.caller_id, expires_at=soon).key
    file = upload(service, b"known")
    known = fingerprint_of(file, "known", face="v")
    entry_id = UUID(register_entry(service, owner, Registration(fakes=[file])).entry_id)
    enrol_fingerprint(service, claimed(service, recorder), known)
    media = upload(service, b"pending")
    register_entry(service, owner, Registration(fakes=[media]))
    jump(monkeypatch, timedelta(days=days))

    assert authenticate(service, key).caller_id == owner.caller_id
    answer = answer_document(service, reviewer, known, watch_days=1)
    assert answer["verdict"] == "related"
    assert sweep_watches(service) == 0
    claim_entry(service, reviewer, entry_id)
    with pytest.raises(Conflict) as caught:
        claim_entry(service, other, entry_id)
    assert caught.value.code == "claimed_by_another"
    decide_entry(service, reviewer, entry_id, Decision("approve"))
    opened = open_dispute(service, other, entry_id, Contest("satire", "author", "A sketch."))
    judge, _ = joined(service, owner, "Judges")
    claim_entry(service, judge, entry_id)
    with pytest.raises(Conflict) as caught:
        decide_dispute(
            service,
            judge,
            UUID(opened.dispute_id),
            Ruling("uphold", reason_code="shown_satire", remedy="withdrawn"),
        )
    assert caught.value.code == "not_heard"
    (job_id,) = [one for task, _, one in recorder.sent if task == "fakeprint.fingerprint_asset"]
    job = claim_job(service, job_id)
    assert job
    assert claim_job(service, job_id) is None
    sweep(service)
    enrol_fingerprint(service, job, fingerprint_of(media, "pending"))


def jump(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let every module of ours see another time than it is."""

    class Jumped(datetime):
        @override
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) + by

    for name, module in list(sys.modules.items()):
        if name.startswith("registry.") and getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", Jumped)
