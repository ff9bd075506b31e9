"""Withdrawn, expired or erased: the key goes first, then the rest, whatever comes in between."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg import sql

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.database.pool import Pool
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons import store as persons
from registry.persons.erasure.service import finish_erasure, sweep_persons
from registry.persons.search import store as face_searches
from tests.support import persons as protected
from tests.support.media import drawn
from tests.support.persons import end_consent, leave_undecided, narrow_consent, photo_row
from tests.support.record import traces
from tests.support.record.ledger import add_lookup
from tests.support.service import servers as services

PHOTO = b"\x89PNG a photo of Ada, sealed before it is kept"


def furnished(service: Service, caller: Caller) -> UUID:
    """A person with photos, a lookup and an entry in which they were found."""
    person_id = protected.enrol(service, caller, "ada")
    protected.photo(service, person_id, PHOTO)
    made = register_entry(
        service, caller, Registration(fakes=[drawn.clip(str(person_id), face="ada", seconds=1)])
    )
    sealed = service.keys.get(person_id).seal(b'{"spans": [], "moments": 1, "coverage": 0}', "match")
    lookup_id = add_lookup(service, caller.caller_id)
    with service.pool.transaction() as connection:
        assert face_searches.keep_match(connection, lookup_id, person_id, sealed)
        assert face_searches.keep_link(connection, UUID(made.assets[0].asset_id), person_id)
    return person_id


def end(service: Service, person_id: UUID, state: str = "revoked") -> None:
    with service.pool.transaction() as connection:
        persons.end(connection, person_id, state)


def left(service: Service, person_ids: Iterable[UUID]) -> dict[str, Any]:
    """What is there of these persons still."""
    wanted = list(person_ids)
    with service.pool.transaction() as connection:
        rows = {
            table: connection.execute(
                sql.SQL("SELECT * FROM {} WHERE person_id = ANY(%s)").format(sql.Identifier(table)), (wanted,)
            ).fetchall()
            for table in ("person_photo", "face_match", "asset_person")
        }
        rows["job"] = connection.execute("SELECT * FROM job WHERE task = 'read_photo'").fetchall()
        rows["person"] = connection.execute(
            "SELECT * FROM person WHERE person_id = ANY(%s) AND state <> 'erased'", (wanted,)
        ).fetchall()
    blobs = list((service.settings.data / "blobs").glob("??/*"))
    keys = [id_ for id_ in wanted if service.keys.find(id_) is not None]
    return {name: found for name, found in {**rows, "blobs": blobs, "keys": keys}.items() if found}


def events(service: Service, person_id: UUID) -> list[str]:
    with service.pool.transaction() as connection:
        return [event["event"] for event in persons.events(connection, person_id)]


def test_ended_persons_are_erased_once_and_completely(service: Service, owner: Caller) -> None:
    person_id = furnished(service, owner)
    assert set(left(service, [person_id])) == {
        "person_photo", "face_match", "asset_person", "job", "person", "blobs", "keys",
    }  # fmt: skip
    with pytest.raises(Conflict):
        finish_erasure(service, person_id)
    assert service.keys.find(person_id), "who has not ended is not erased by mistake"
    end(service, person_id)
    assert finish_erasure(service, person_id)
    assert left(service, [person_id]) == {}
    assert not finish_erasure(service, person_id)
    assert events(service, person_id) == ["erased"]
    assert service.keys.destroyed() == {person_id}


def test_somebody_unknown_is_left_alone(service: Service) -> None:
    assert not finish_erasure(service, UUID(int=1))
    assert service.keys.destroyed() == set()


def test_concurrent_erasures_agree(service: Service, owner: Caller) -> None:
    person_id = furnished(service, owner)
    end(service, person_id)
    done: list[bool] = []
    threads = [
        threading.Thread(target=lambda: done.append(finish_erasure(service, person_id))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, False, False, True]
    assert left(service, [person_id]) == {}


def test_time_ends_a_consent_and_a_proposal_that_nobody_decides(service: Service, owner: Caller) -> None:
    over = furnished(service, owner)
    waiting, lasting = protected.enrol(service, owner, "bob"), protected.enrol(service, owner, "eve")
    end_consent(service, over)
    leave_undecided(service, waiting, days=31)
    assert sweep_persons(service) == 2
    assert sweep_persons(service) == 0
    assert left(service, [over, waiting]) == {}
    assert events(service, over) == ["expired", "erased"]
    assert service.keys.find(lasting)


def test_data_written_after_an_erasure_is_swept(service: Service, owner: Caller) -> None:
    person_id = furnished(service, owner)
    key = service.keys.get(person_id)
    end(service, person_id)
    finish_erasure(service, person_id)
    sealed = service.blobs.put(io.BytesIO(key.seal(PHOTO, "photo")), limit=1000)
    photo_row(service, person_id, sealed.key)
    sweep_persons(service)
    assert left(service, [person_id]) == {}


def test_keys_that_are_not_there_erase_nobody(service: Service, owner: Caller) -> None:
    """A folder that is not mounted, or another's, is no order to erase."""
    person_id = furnished(service, owner)
    elsewhere = replace(service, settings=service.settings.model_copy(update={"keys_url": "file:///nowhere"}))
    assert sweep_persons(elsewhere) == 0
    assert service.keys.find(person_id)
    assert "person" in left(service, [person_id])


def test_a_key_that_comes_back_after_the_end_is_destroyed(service: Service, owner: Caller) -> None:
    """Of a folder that was not mounted then, or of a backup."""
    person_id, other = furnished(service, owner), protected.enrol(service, owner, "bob")
    folder = service.keys.folder
    away = folder.rename(folder.with_name("away"))
    end(service, person_id)
    finish_erasure(service, person_id)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    away.rename(folder)
    assert service.keys.find(person_id)
    sweep_persons(service)
    assert service.keys.find(person_id) is None
    assert service.keys.destroyed() == {person_id}
    assert service.keys.find(other), "nobody else is touched"


def test_data_outside_a_narrower_consent_is_deleted(service: Service, owner: Caller) -> None:
    person_id, other = furnished(service, owner), furnished(service, owner)

    def found(table: str) -> list[UUID]:
        with service.pool.transaction() as connection:
            rows = connection.execute(sql.SQL("SELECT person_id FROM {}").format(sql.Identifier(table)))
            return sorted(row["person_id"] for row in rows.fetchall())

    both = sorted([person_id, other])
    assert (found("face_match"), found("asset_person")) == (both, both)
    for scope, left_of in ((["lookups"], (both, [other])), (["entries"], ([other], [other]))):
        narrow_consent(service, scope, person_id)
        sweep_persons(service)
        assert (found("face_match"), found("asset_person")) == left_of


@pytest.mark.slow
def test_a_backup_brings_nobody_back(
    service: Service, owner: Caller, embedded_postgres: services.PostgresServer
) -> None:
    person_id, other = furnished(service, owner), protected.enrol(service, owner, "bob")
    backup = traces.dump(embedded_postgres, service.settings.database_url)
    end(service, person_id)
    finish_erasure(service, person_id)
    with embedded_postgres.empty() as url:
        traces.restore(embedded_postgres, backup, url)
        pool = Pool(url, size=2, statement_timeout_ms=10_000)
        pool.open()
        restored = replace(service, pool=pool)
        try:
            with pool.transaction() as connection:
                back = {item.person_id for item in persons.active(connection, owner.organization_id)}
            assert back == {person_id, other}
            assert sweep_persons(restored) == 1
            assert left(restored, [person_id]) == {}
            assert events(restored, person_id) == ["erased"]
            assert service.keys.find(other), "nobody else is touched"
        finally:
            pool.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from uuid import UUID
from registry.persons.erasure.service import finish_erasure
from registry.core.service import open_service
from registry.core.settings import Settings

HERE = ("erasure/service.py", "erasure/store.py", "crypto/keys.py", "core/blobs/__init__.py")
url, data, *people = sys.argv[1:]

def erase(person_id, steps):
    service = open_service(Settings(database_url=url, data=Path(data)))
    def trace(frame, event, argument):
        nonlocal steps
        if not frame.f_code.co_filename.endswith(HERE):
            return None
        if event == "line":
            steps -= 1
            if not steps:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)
    finish_erasure(service, UUID(person_id))
    os._exit(0)

for steps, person_id in enumerate(people, start=1):
    child = os.fork()
    if not child:
        erase(person_id, steps)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""
POINTS = 100


@pytest.mark.slow(17)
def test_killed_at_any_point_it_is_finished_by_the_sweep(
    service: Service, owner: Caller, tmp_path: Path
) -> None:
    """At each line in turn a process is killed as by the kernel, until one gets through."""
    people = [protected.enrol(service, owner, "ada") for _ in range(POINTS)]
    for person_id in people:
        protected.photo(service, person_id, PHOTO)
        end(service, person_id)
    command = [sys.executable, "-c", KILLED, service.settings.database_url, os.fspath(tmp_path)]
    done = subprocess.run(
        [*command, *map(str, people)], capture_output=True, text=True, check=True, timeout=300
    )
    codes = [int(line) for line in done.stdout.split()]
    assert codes[0] == -signal.SIGKILL
    assert codes[-1] == 0, "the last was not cut off, so every point was met"
    survived = [person_id for person_id in people if service.keys.find(person_id)]
    assert survived, "some were cut off before the key was gone"
    assert len(survived) < codes.count(-signal.SIGKILL)
    sweep_persons(service)
    assert left(service, people) == {}
    assert all(events(service, person_id) == ["erased"] for person_id in people)


def test_the_sweep_leaves_those_alone_whose_time_has_not_come(service: Service, owner: Caller) -> None:
    person_id = protected.enrol(service, owner, "ada", expires=timedelta(minutes=1))
    assert sweep_persons(service) == 0
    assert service.keys.find(person_id)
