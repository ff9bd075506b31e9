"""A worker that was thought dead, and is not, writes nothing: tried for every task there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, get_args
from uuid import UUID, uuid4

import pytest
from psycopg.sql import SQL

from registry import jobs
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.fingerprints.service import (
    add_versions,
    find_segment,
    finish_segment,
    save_whole_file,
)
from registry.catalogue.fingerprints.store import segments
from registry.catalogue.media.service.uploads import Upload
from registry.catalogue.previews.service import finish_previews, save_preview
from registry.core.errors import Conflict, NotMedia, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job, Task
from registry.jobs.service.jobs import claim_job, fail_job
from registry.lineage.service import relate_entry
from registry.matching.lookups.model import Options
from registry.matching.lookups.service.files import ReadFile, answer_file
from registry.matching.lookups.service.records import queue_lookup
from registry.matching.watches.service.answers import answer_watches
from registry.persons.photos.service import save_reading
from registry.sharing.hma.service.signals import queue_hashing, store_hashes
from registry.sharing.sources.service.reading import fetch_exchange
from registry.sharing.webhooks.service.deliveries import deliver_messages
from registry.sharing.webhooks.service.events import dispatch_events
from registry.sharing.webhooks.service.webhooks import create_webhook
from registry.takedown.recurrences.service.follow_sighting import follow_sighting
from tests.support.jobs import let_lease_run_out
from tests.support.media import drawn
from tests.support.sharing.webhooks import happen
from tests.support.steps import fingerprint_of, unwatched, upload

Act = Callable[[Service, Job], object]


def _enrol(service: Service, owner: Caller) -> Act:
    media = upload(service, b"fake")
    register_entry(service, owner, Registration(fakes=[media]))
    return lambda service, job: enrol_fingerprint(service, job, fingerprint_of(media, "body"))


def _segment(service: Service, owner: Caller) -> Act:
    register_entry(service, owner, Registration(fakes=[upload(service, b"long")]))
    with service.pool.transaction() as connection:
        row = connection.execute("SELECT job_id FROM job").fetchone()
    assert row
    whole = claim_job(service, row["job_id"])
    assert whole
    with service.pool.transaction() as connection:
        segments.divide(connection, whole, {}, [({}, 0.5)])

    def act(service: Service, job: Job) -> None:
        finish_segment(service, job, find_segment(service, job), b"found")

    return act


def _refingerprint(service: Service, owner: Caller) -> Act:
    clip = drawn.clip("body")
    made = register_entry(service, owner, Registration(fakes=[clip]))
    with service.pool.transaction() as connection:
        jobs.enqueue(connection, "refingerprint_asset", UUID(made.assets[0].asset_id))
    return lambda service, job: add_versions(service, job, [clip])


def _answer(service: Service, owner: Caller) -> Act:
    register_entry(service, owner, Registration(fakes=[drawn.clip("body", face="victim")]))
    media = upload(service, b"suspect")
    queue_lookup(service, owner, media, Options(watch_days=3))
    return lambda service, job: answer_file(
        service, job, ReadFile(fingerprint_of(media, "body", "victim"), 1.0)
    )


def _hash(service: Service, owner: Caller) -> Act:
    media: Upload = upload(service, b"photo")
    queue_hashing(service, owner, media, "photo")
    return lambda service, job: store_hashes(service, job, {"pdq": "0" * 64})


def _relate(service: Service, owner: Caller) -> Act:
    for name in ("one", "other"):
        register_entry(
            service, owner, Registration(fakes=[drawn.clip("body", file=name)], manipulation="synthetic")
        )
    return lambda service, job: relate_entry(service, job, unwatched)


def _deliver(service: Service, owner: Caller) -> Act:
    create_webhook(service, owner, url="https://hooks.example.net/", kinds=["entry.*"])
    happen(service, owner, 1)
    dispatch_events(service)

    def told(*_: Any, **__: Any) -> Any:
        raise AssertionError("nothing may be told")

    return lambda service, job: deliver_messages(service, job, unwatched, send=told)


def _stills(service: Service, job: Job) -> None:
    for made in (b"made", "no_picture"):
        with pytest.raises(Conflict, match="taken"):
            save_preview(service, job, 0, made)
    finish_previews(service, job)


def _about_nothing(task: Task, act: Act) -> Callable[[Service, Caller], Act]:
    """Of a subject that is gone, the job is all that could be written."""

    def make(service: Service, _owner: Caller) -> Act:
        with service.pool.transaction() as connection:
            jobs.enqueue(connection, task, uuid4())
        return act

    return make


HERE: Final[Mapping[Task, Callable[[Service, Caller], Act]]] = {
    "fingerprint_asset": _enrol,
    "fingerprint_segment": _segment,
    "refingerprint_asset": _refingerprint,
    "hash_whole_file": _about_nothing("hash_whole_file", lambda s, job: save_whole_file(s, job, None)),
    "answer_lookup": _answer,
    "hash_file": _hash,
    "relate_entry": _relate,
    "deliver_messages": _deliver,
    "read_photo": _about_nothing("read_photo", lambda service, job: save_reading(service, job, "unreadable")),
    "answer_watches": _about_nothing("answer_watches", lambda s, job: answer_watches(s, job, unwatched)),
    "fetch_exchange": _about_nothing("fetch_exchange", lambda s, job: fetch_exchange(s, job, unwatched)),
    "make_previews": _about_nothing("make_previews", _stills),
    "follow_sighting": _about_nothing("follow_sighting", lambda s, job: follow_sighting(s, job, unwatched)),
}
ELSEWHERE: Final[Mapping[Task, str]] = {
    "deliver_notice": "takedown/delivery/test_delivery.py",
}
"""Tasks whose own tests, which have what it takes, show it."""


def test_each_task_is_tried() -> None:
    """A new task stands here, or its own test says what becomes of a worker that lost its lease."""
    assert {*HERE, *ELSEWHERE} == {*get_args(Task)}
    for name in ELSEWHERE.values():
        assert "lease_lost" in (Path(__file__).parents[1] / name).read_text(), name


@pytest.mark.parametrize("task", HERE)
def test_a_worker_without_lease_writes_nothing(service: Service, owner: Caller, task: Task) -> None:
    act = HERE[task](service, owner)
    with service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT job_id FROM job WHERE task = %s ORDER BY created_at DESC LIMIT 1", (task,)
        ).fetchone()
    assert row
    late = claim_job(service, row["job_id"])
    assert late
    _overtake(service, row["job_id"])
    before = _everything(service)
    attempts: list[Callable[[], object]] = [
        lambda: act(service, late),
        lambda: fail_job(service, late, NotMedia("late")),
        lambda: fail_job(service, late, Unavailable("late")),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict) as caught:
            attempt()
        assert caught.value.code == "lease_lost"
        assert _everything(service) == before


def _overtake(service: Service, job_id: UUID) -> None:
    let_lease_run_out(service, job_id)
    assert claim_job(service, job_id)


def _everything(service: Service) -> dict[str, str | None]:
    """A digest of the rows of each table."""
    with service.pool.transaction() as connection:
        names = connection.execute(
            "SELECT c.oid::regclass::text AS name FROM pg_class c"
            " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        ).fetchall()
        digest = SQL("SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) AS rows FROM {} t")
        found = {}
        for row in names:
            of_rows = connection.execute(digest.format(SQL(row["name"]))).fetchone()
            found[row["name"]] = of_rows["rows"] if of_rows else None
        return found
