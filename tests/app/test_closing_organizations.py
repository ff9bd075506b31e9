"""An organization that is closed with work open: each thing that it leaves has one outcome, in one commit."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

import pytest

from registry.app.service.closing import close_organization, sweep_closed
from registry.app.service.sweep import sweep
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.media.service.uploads import Upload
from registry.core.database.pool import Connection
from registry.core.errors import Conflict, FakeprintError, Unauthenticated
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.identity.organizations.service.closing import Entries
from registry.identity.organizations.service.organizations import create_organization
from registry.jobs import Job
from registry.jobs.service.jobs import fail_job, get_job, list_jobs, settle_job
from registry.matching.lookups.model import Options
from registry.matching.lookups.service.answers import answer_document
from registry.matching.lookups.service.files import ReadFile, answer_file
from registry.matching.lookups.service.records import queue_lookup
from registry.matching.lookups.store import lookups
from registry.review.disputes.service.disputes import Contest, open_dispute
from registry.review.queue.service.queue import claim_entry
from registry.sharing.webhooks.service.webhooks import create_webhook
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.steps import claimed, fingerprint_of, review, upload

ROLES = ["lookup", "register", "review", "admin", "signals"]


def joined(service: Service, owner: Caller, name: str) -> tuple[Caller, str]:
    """A caller with most roles in an organization of its own, and its key."""
    key = create_caller(service, owner, organization=name, name="x", roles=ROLES).key
    return authenticate(service, key), key


def one(service: Service, query: str, *parameters: Any) -> dict[str, Any]:
    with service.pool.transaction() as connection:
        row = connection.execute(query.encode(), parameters).fetchone()
    assert row
    return row


@pytest.mark.parametrize("entries", ["withdraw", "keep"])
def test_open_work_ends_and_entries_are_withdrawn_or_kept_in_one_commit(
    service: Service, owner: Caller, recorder: Recorder, entries: Entries
) -> None:
    leaving, key = joined(service, owner, "Leaving")
    stranger, _ = joined(service, owner, "Stranger")
    clip = drawn.clip("theirs", face="v")
    entry = register_entry(service, leaving, Registration(fakes=[clip]))
    review(service, entry.entry_id)
    assert answer_document(service, stranger, clip)["matches"], "public, and found by others"
    media = upload(service, b"pending")
    pending = register_entry(service, leaving, Registration(fakes=[media]))
    job = claimed(service, recorder)
    file = upload(service, b"asked")
    lookup_id = queue_lookup(service, leaving, file)
    claimed_lookup = claimed(service, recorder)
    create_webhook(service, leaving, url="https://hooks.example/x", kinds=["entry.*"])
    foreign = register_entry(service, stranger, Registration(fakes=[drawn.clip("contested")]))
    contest = Contest("own_consent", "depicted", "It is me.")
    open_dispute(service, leaving, UUID(foreign.entry_id), contest)
    assert show_entry(service, stranger, UUID(foreign.entry_id)).status == "suspended"
    other = register_entry(service, stranger, Registration(fakes=[drawn.clip("claimed")]))
    claim_entry(service, leaving, UUID(other.entry_id))

    closed = close_organization(service, owner, leaving.organization_id, entries=entries)

    assert (closed.state, closed.callers) == ("closed", 0)
    with pytest.raises(Unauthenticated):
        authenticate(service, key)
    found = answer_document(service, stranger, clip)["matches"]
    assert bool(found) == (entries == "keep")
    row = one(service, "SELECT status, error_code, blob_key FROM lookup WHERE lookup_id = %s", lookup_id)
    assert (row["status"], row["error_code"]) == ("failed", "organization_closed")
    with pytest.raises(Conflict) as caught:
        answer_file(service, claimed_lookup, ReadFile(fingerprint_of(file, "theirs"), 1.0))
    assert caught.value.code == "lease_lost"
    assert show_entry(service, stranger, UUID(foreign.entry_id)).status == "matchable"
    held = one(
        service,
        "SELECT count(*) AS held FROM review_claim WHERE caller_id = %s AND lease_until > now()",
        leaving.caller_id,
    )
    assert held["held"] == 0
    assert one(service, "SELECT state FROM webhook")["state"] == "disabled"
    if entries == "withdraw":
        with pytest.raises(FakeprintError) as refused:
            enrol_fingerprint(service, job, fingerprint_of(media, "late"))
        assert refused.value.code == "lease_lost"
    else:
        enrol_fingerprint(service, job, fingerprint_of(media, "late"))
    status = one(service, "SELECT status FROM entry WHERE entry_id = %s", pending.entry_id)["status"]
    assert status == ("withdrawn" if entries == "withdraw" else "matchable")
    sweep(service)
    assert not service.blobs.exists(file.blob.key), "the queued file is forgotten"
    assert (
        one(
            service,
            "SELECT count(*) AS open FROM job WHERE task NOT IN ('relate_entry', 'hash_whole_file')"
            " AND status IN ('queued', 'running')",
        )["open"]
        == 0
    )
    event = one(service, "SELECT said FROM event WHERE kind = 'organization.closed'")["said"]
    assert event["entries"] == entries
    assert (event["lookups"], event["claims"], event["callers"]) == (1, 1, 1)
    assert close_organization(service, owner, leaving.organization_id, entries="keep") == closed, "twice"


def test_disputes_about_its_entries_are_settled_by_their_withdrawal(service: Service, owner: Caller) -> None:
    leaving, _ = joined(service, owner, "Leaving")
    stranger, _ = joined(service, owner, "Stranger")
    entry = register_entry(service, leaving, Registration(fakes=[drawn.clip("theirs")]))
    open_dispute(service, stranger, UUID(entry.entry_id), Contest("satire", "author", "A joke."))
    close_organization(service, owner, leaving.organization_id)
    row = one(service, "SELECT outcome, remedy FROM dispute")
    assert (row["outcome"], row["remedy"]) == ("upheld", "withdrawn")
    kinds = one(service, "SELECT array_agg(kind ORDER BY event_id) AS kinds FROM event")["kinds"]
    assert kinds[-3:] == ["entry.withdrawn", "dispute.decided", "organization.closed"]


def test_the_sweeper_withdraws_what_a_concurrent_request_registered(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    leaving, _ = joined(service, owner, "Leaving")
    stranger, _ = joined(service, owner, "Stranger")
    close_organization(service, owner, leaving.organization_id)
    late = drawn.clip("late", face="v")
    register_entry(service, leaving, Registration(fakes=[late]))
    queue_lookup(service, leaving, upload(service, b"late"))
    assert sweep_closed(service) == 2
    assert sweep_closed(service) == 0
    assert answer_document(service, stranger, late)["verdict"] == "no_match"


def test_its_failed_jobs_are_not_retried_and_their_files_are_deleted(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    """Also a lookup that fails while the organization is closed, of a request that was under way."""
    leaving, _ = joined(service, owner, "Leaving")
    staying, _ = joined(service, owner, "Staying")
    files = [upload(service, content) for content in (b"theirs", b"late", b"others")]
    failed: list[Job] = []

    def fails(caller: Caller, file: Upload) -> None:
        queue_lookup(service, caller, file, Options(watch_days=3))
        failed.append(claimed(service, recorder))
        fail_job(service, failed[-1], FakeprintError("An error of the worker's own."))

    fails(leaving, files[0])
    fails(staying, files[2])
    close_organization(service, owner, leaving.organization_id)
    fails(leaving, files[1])
    sweep(service)
    assert [service.blobs.exists(file.blob.key) for file in files] == [False, False, True]
    assert [job.job_id for job in list_jobs(service, owner).jobs] == [str(failed[1].job_id)]
    for job, whose in ((failed[0], owner.organization_id), (failed[2], leaving.organization_id)):
        assert get_job(service, owner, job.job_id).settled_as == "discarded"
        with pytest.raises(Conflict) as caught:
            settle_job(service, owner, job.job_id, "retried")
        assert caught.value.code == "not_failed"
        text = "SELECT organization_id FROM event WHERE kind = 'job.discarded' AND subject ->> 'job_id' = %s"
        assert one(service, text, str(job.job_id))["organization_id"] == whose
    settle_job(service, owner, failed[1].job_id, "retried")


def test_a_lookup_that_its_closing_ended_is_not_done_again(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    """Before anybody has swept: its file is there still."""
    leaving, _ = joined(service, owner, "Leaving")
    file = upload(service, b"asked")
    lookup_id = queue_lookup(service, leaving, file, Options(watch_days=3))
    job = claimed(service, recorder)
    close_organization(service, owner, leaving.organization_id)
    assert service.blobs.exists(file.blob.key)
    with pytest.raises(Conflict) as caught:
        settle_job(service, owner, job.job_id, "retried")
    assert caught.value.code == "organization_closed"
    assert settle_job(service, owner, job.job_id, "discarded").settled_as == "discarded"
    status = one(service, "SELECT status FROM lookup WHERE lookup_id = %s", lookup_id)["status"]
    assert status == "failed"


@pytest.mark.slow
def test_closing_waits_for_a_retry_and_ends_its_job(
    service: Service, owner: Caller, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaving, _ = joined(service, owner, "Leaving")
    lookup_id = queue_lookup(service, leaving, upload(service, b"asked"))
    job = claimed(service, recorder)
    fail_job(service, job, FakeprintError("An error of the worker's own."))
    closing = threading.Thread(target=close_organization, args=(service, owner, leaving.organization_id))
    reopen = lookups.reopen

    def meanwhile(connection: Connection, reopened: UUID) -> bool:
        closing.start()
        closing.join(1)
        assert closing.is_alive()
        return reopen(connection, reopened)

    monkeypatch.setattr(lookups, "reopen", meanwhile)
    settle_job(service, owner, job.job_id, "retried")
    closing.join()
    row = one(service, "SELECT status, error_code FROM lookup WHERE lookup_id = %s", lookup_id)
    assert (row["status"], row["error_code"]) == ("failed", "organization_closed")


def test_the_operator_cannot_be_closed_and_a_closed_organization_gets_no_key(
    service: Service, owner: Caller
) -> None:
    with pytest.raises(Conflict) as caught:
        close_organization(service, owner, owner.organization_id)
    assert caught.value.code == "operating_organization"
    made = create_organization(service, owner, name="Short")
    with pytest.raises(Conflict) as caught:
        create_organization(service, owner, name="Short")
    assert caught.value.code == "organization_exists"
    close_organization(service, owner, UUID(made.organization_id))
    with pytest.raises(Conflict) as caught:
        create_caller(service, owner, organization="Short", name="x", roles=["lookup"])
    assert caught.value.code == "organization_closed"
    joined(service, owner, "Long")
    with pytest.raises(Conflict) as caught:
        create_caller(service, owner, organization="Long", name="x", roles=["lookup"])
    assert caught.value.code == "has_administrator"
