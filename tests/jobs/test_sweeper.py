"""What the sweeper believes dead, says again and forgets."""

from __future__ import annotations

from uuid import UUID

from registry.app.service.sweep import sweep
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.core.errors.blobs import BlobsUnavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.jobs import fail_job, renew_lease
from tests.support.jobs import date_sweeper, end_long_ago, let_jobs_wait, let_wait_end
from tests.support.service.fixtures import Recorder
from tests.support.steps import claimed, expire, fingerprint_of, upload


def test_nobody_is_believed_dead_after_a_pause_until_they_could_say_so(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    """As where the database was away for longer than a lease."""
    made = register_entry(service, owner, Registration(fakes=[upload(service, b"fake")]))
    claimed(service, recorder)
    expire(service)
    assert sweep(service) == 1
    job = claimed(service, recorder)
    expire(service)
    date_sweeper(service, swept="1 hour")
    assert sweep(service) == 0, "it has not swept for an hour"
    assert sweep(service) == 0, "and has just begun again"
    renew_lease(service, job, 0.5)
    date_sweeper(service, steady_since="11 s")
    assert sweep(service) == 0, "its worker has said that it lives"
    expire(service)
    sweep(service)
    error = show_entry(service, owner, UUID(made.entry_id)).error
    assert error is not None
    assert error.code == "worker_lost"


def test_messages_lost_by_the_broker_are_sent_again_at_once(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    register_entry(service, owner, Registration(fakes=[upload(service, b"fake")]))
    let_jobs_wait(service, minutes=360, sent=60)
    assert sweep(service) == 0, "its message is there, behind others"
    recorder.away = True
    assert sweep(service) == 0
    recorder.away, recorder.holds = False, 0
    assert sweep(service) == 1
    assert sweep(service) == 0


def test_an_earlier_outage_is_not_the_reason_of_a_death(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    made = register_entry(service, owner, Registration(fakes=[upload(service, b"fake")]))
    fail_job(service, claimed(service, recorder), BlobsUnavailable("No disk."))
    for _ in range(service.settings.max_attempts):
        expire(service)
        let_wait_end(service)
        sweep(service)
        claimed(service, recorder)
    expire(service)
    sweep(service)
    error = show_entry(service, owner, UUID(made.entry_id)).error
    assert error is not None
    assert error.code == "worker_lost"


def test_jobs_that_ended_long_ago_are_forgotten_but_for_open_dead_letters(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = [upload(service, name) for name in (b"done", b"settled", b"open", b"media")]
    made = [register_entry(service, owner, Registration(fakes=[medium])) for medium in media]
    settled, held, plain = (sent[2] for sent in recorder.sent[1:])
    done = claimed(service, recorder)
    enrol_fingerprint(service, done, fingerprint_of(media[0], "body"))
    end_long_ago(service, done.job_id, settled=settled, dead=[settled, held])
    sweep(service)
    with service.pool.transaction() as connection:
        left = connection.execute("SELECT job_id FROM job WHERE task = 'fingerprint_asset'").fetchall()
    assert plain not in [row["job_id"] for row in left]
    assert [row["job_id"] for row in left] == [held]
    shown = show_entry(service, owner, UUID(made[0].entry_id))
    assert (shown.status, shown.assets[0].progress) == ("matchable", 1)
