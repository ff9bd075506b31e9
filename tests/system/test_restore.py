"""A registry is restored to a point in time as the runbook says: from a base backup and the archived log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from registry.app.embedded import location
from registry.app.embedded.postgres import Cluster
from registry.app.service.bootstrap import bootstrap
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.service.retention import sweep_blobs
from registry.catalogue.media.service.uploads import Upload
from registry.core.database.migrate import migrate
from registry.core.errors import Unavailable
from registry.core.service import Service, open_service
from registry.core.settings import Settings
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.jobs.service.jobs import claim_job
from registry.matching.lookups.service.answers import answer_document
from registry.persons import store as persons
from registry.persons.erasure.service import finish_erasure, sweep_persons
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.support import persons as protected
from tests.support import steps
from tests.support.documents import runbook
from tests.support.service import api as processes
from tests.support.service import replication, stack
from tests.support.service import servers as services

pytestmark = pytest.mark.slow(15)

NOT_REACHED = "recovery ended before configured recovery target was reached"
"""What PostgreSQL says, and ends, where nothing as late as the moment was archived."""


@dataclass
class Registry:
    """A registry before the restore, and what was done in it."""

    cluster: Cluster
    service: Service
    owner: Caller
    known: dict[str, Any] = field(default_factory=dict)

    def one(self, statement: str) -> Any:
        with self.service.pool.transaction() as connection:
            row = connection.execute(statement.encode()).fetchone()
        return next(iter(row.values())) if row else None

    def register(self, name: str) -> str:
        """A file that a worker has yet to read; where it is kept."""
        made: Upload = steps.upload(self.service, name.encode())
        register_entry(
            self.service, self.owner, Registration(fakes=[made], title=name, manipulation="edited")
        )
        self.known[name] = steps.fingerprint_of(made, name)
        return made.blob.key


def _settings(cluster: Cluster, folder: Path) -> Settings:
    witness = folder / "witness"
    return Settings(
        database_url=cluster.url, data=folder, broker_url="amqp://127.0.0.1:9//", ledger_witness=str(witness)
    )


def _archiving(archive: Path) -> dict[str, str]:
    """The settings that the runbook gives, of this archive."""
    lines = runbook.commands("In postgresql.conf of the primary, once").replace("/archive", str(archive))
    pairs = (line.split(" = ", 1) for line in lines.splitlines())
    return {name: value.strip("'") for name, value in pairs}


def _archived(folder: Path) -> tuple[Cluster, Path, Path]:
    """A server that is yet to be started, its archive, and where its backup comes."""
    archive, backup = folder / "archive", folder / "backup"
    first = replication.cluster(folder, "first", **_archiving(archive))
    for place in (archive, backup):
        location.own(place, first.user)
    (archive / "mounted").touch()
    return first, archive, backup


@contextmanager
def _running(cluster: Cluster, folder: Path) -> Iterator[Service]:
    try:
        _taken_up(cluster)
        migrate(cluster.url)
        opened = open_service(_settings(cluster, folder))
        try:
            yield opened
        finally:
            opened.close()
    finally:
        cluster.stop()


def _taken_up(cluster: Cluster) -> None:
    """It runs and takes writes."""
    cluster.start()
    services.wait_until(lambda: _writes(cluster.url), 60)


def _until_archived(registry: Registry) -> None:
    """All that was done up to now is in the archive."""
    segment = registry.one("SELECT pg_walfile_name(pg_switch_wal())")
    services.wait_until(
        lambda: (registry.one("SELECT last_archived_wal FROM pg_stat_archiver") or "") >= segment, 60
    )


def _end(service: Service, person_id: UUID) -> None:
    with service.pool.transaction() as connection:
        persons.end(connection, person_id, "revoked")
    finish_erasure(service, person_id)


def test_point_in_time_restore_reports_differences(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with services.open_temporary_folder("restore") as folder:
        first, archive, backup = _archived(folder)
        with _running(first, tmp_path) as service:
            registry = Registry(first, service, authenticate(service, bootstrap(service) or ""))
            erased, other = (protected.enrol(service, registry.owner, name) for name in ("ada", "bob"))
            registry.register("before the backup")
            at = {"DATABASE": replication.address(first, "postgres"), "BACKUP": str(backup)}
            replication.run(first, runbook.commands("Each day, to another machine"), **at)
            lost = registry.register("whose media is lost")
            registry.register("before the moment")
            sequence_events(service)
            moment = str(registry.one("SELECT clock_timestamp()"))
            late = registry.register("after the moment")
            _end(service, erased)
            sequence_events(service)
            service.blobs.delete(lost)
            _until_archived(registry)
            before = len(list(archive.iterdir()))
            replication.run(first, runbook.commands("Backups end"), ARCHIVE=str(archive))
            assert 0 < len(list(archive.iterdir())) < before
        second = _restored(folder, first, archive, backup, moment)
        with _running(second, tmp_path) as service:
            _checked(second, tmp_path, lost)
            assert _titles(service) == {"before the backup", "whose media is lost", "before the moment"}
            assert sweep_persons(service) == 1
            assert service.keys.held() == {other}
            assert service.keys.destroyed() == {erased}
            _resumed(service, registry.owner, registry.known["before the moment"])
            assert sweep_blobs(service, unchanged_for=0) >= 0
            assert not _names(service, late)
            assert sequence_events(service) > 0
            assert "THE LEDGER WAS ALTERED" in caplog.text


def test_a_registry_whose_disk_is_lost_is_restored_to_the_last_moment(tmp_path: Path) -> None:
    with services.open_temporary_folder("restore") as folder:
        first, archive, backup = _archived(folder)
        with _running(first, tmp_path) as service:
            registry = Registry(first, service, authenticate(service, bootstrap(service) or ""))
            at = {"DATABASE": replication.address(first, "postgres"), "BACKUP": str(backup)}
            replication.run(first, runbook.commands("Each day, to another machine"), **at)
            registry.register("after the backup")
            _until_archived(registry)
            registry.register("not archived")
            later = str(registry.one("SELECT clock_timestamp() + interval '1 hour'"))
            assert first.process is not None
            first.process.kill()  # ended in order it would archive what is left
            first.process.wait(10)
        second = _restored(folder, first, archive, backup, later, "too-late")
        with pytest.raises((Unavailable, psycopg.OperationalError)):
            _taken_up(second)
        assert NOT_REACHED in second.log.read_text()
        assert second.process is None or second.process.wait(60) != 0
        replication.run(second, runbook.commands("was archived: its zone is wrong"), PGDATA=str(second.data))
        _is_whole(second, tmp_path, {"after the backup"})
        third = _restored(folder, first, archive, backup, "", "empty")
        _is_whole(third, tmp_path, {"after the backup"})
        fourth = _restored(folder, first, archive, backup, "", "with-the-old")
        at = {"OLD": str(first.data), "PGDATA": str(fourth.data)}
        replication.run(fourth, runbook.commands("The last minute may not have been archived"), **at)
        _is_whole(fourth, tmp_path, {"after the backup", "not archived"})


def _is_whole(cluster: Cluster, folder: Path, titles: set[str]) -> None:
    """It has these entries and takes writes, on a timeline of its own."""
    with _running(cluster, folder) as service:
        assert _titles(service) == titles
        forgetting = runbook.commands("When it takes writes, let it forget")
        replication.run(cluster, forgetting, DATABASE=replication.address(cluster, "postgres"))
    assert "archive recovery complete" in cluster.log.read_text()


def _restored(
    folder: Path, first: Cluster, archive: Path, backup: Path, moment: str, name: str = "second"
) -> Cluster:
    """A cluster that is to recover up to the moment."""
    made = replication.cluster(folder, name)
    location.own(made.home, made.user)
    location.own(made.data, made.user)
    at = {"BACKUP": str(backup), "ARCHIVE": str(archive), "PGDATA": str(made.data), "WHEN": moment}
    replication.run(first, runbook.commands("Or to the last one that there is"), **at)
    return made


def _writes(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)


def _checked(cluster: Cluster, folder: Path, lost: str) -> None:
    """What the runbook runs before the service is started again."""
    forgetting = runbook.commands("When it takes writes, let it forget")
    replication.run(cluster, forgetting, DATABASE=replication.address(cluster, "postgres"))
    migrating, checking = runbook.commands("Before the service is started again").splitlines()
    given = processes.variables(_settings(cluster, folder))
    said = {name: value for name, value in given.items() if name.startswith("FAKEPRINT_")}
    assert stack.fakeprint(*migrating.split()[1:], **said).status == 0
    checked = stack.fakeprint(*checking.split()[1:], **said)
    assert checked.status == 1
    assert f"{lost}: missing, although the database names it." in checked.stderr
    assert checked.stdout.endswith("0 damaged, 1 missing\n")


def _titles(service: Service) -> set[str]:
    with service.pool.transaction() as connection:
        return {row["title"] for row in connection.execute("SELECT title FROM entry").fetchall()}


def _names(service: Service, key: str) -> bool:
    """Whether any row names a blob."""
    with service.pool.transaction() as connection:
        return bool(connection.execute("SELECT FROM asset WHERE blob_key = %s", [key]).fetchone())


def _resumed(service: Service, owner: Caller, fingerprint: Fingerprint) -> None:
    """A job that was open at the moment is done, and answers."""
    with service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT j.job_id FROM job j JOIN asset a ON a.asset_id = j.subject_id"
            " WHERE j.status = 'queued' AND a.sha256 = %s",
            [bytes.fromhex(fingerprint.media.sha256)],
        ).fetchone()
    assert row
    job = claim_job(service, row["job_id"])
    assert job
    enrol_fingerprint(service, job, fingerprint)
    assert [match["title"] for match in answer_document(service, owner, fingerprint)["matches"]]
