"""The disk of PostgreSQL's data is full, and the server has ended: the runbook's way back."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from registry.app.embedded.postgres import Cluster
from registry.core.errors import Unavailable
from tests.support.documents import runbook
from tests.support.service import replication
from tests.support.service import servers as services

pytestmark = pytest.mark.slow(52)

MEBIBYTES = 400


def _ended_by_its_log(cluster: Cluster) -> None:
    """Write until the log has taken all that there was."""
    with suppress(psycopg.OperationalError), psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("SELECT pg_create_physical_replication_slot('replica1', true)")
        connection.execute("CREATE TABLE filled (of text)")
        for _ in range(2 * MEBIBYTES):
            connection.execute("INSERT INTO filled SELECT repeat('x', 1000) FROM generate_series(1, 1000)")
            connection.execute("TRUNCATE filled")
        raise AssertionError("the disk was never full")


def test_a_server_that_a_full_disk_has_ended_starts_by_its_reserve(tmp_path: Path) -> None:
    with services.open_temporary_folder("full") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEBIBYTES}m", "tmpfs", str(folder)], check=True)
        folder.chmod(0o711)
        cluster = replication.cluster(folder, "one", max_wal_size="32MB", min_wal_size="32MB")
        cluster.log = tmp_path / "log"
        try:
            cluster.start()
            setting_aside = runbook.commands("database's backups. Keep a reserve").replace("1G", "100M")
            replication.run(cluster, setting_aside, PGDATA=str(cluster.data))
            _ended_by_its_log(cluster)
            _fill(folder / "filler")
            cluster.stop()
            _fill(folder / "more")  # what the server gave back
            with pytest.raises(Unavailable):
                cluster.start(patience=20)
            assert "No space left on device" in cluster.log.read_text()
            letting_go = runbook.commands("- **PostgreSQL's data**: it stops")
            replication.run(cluster, letting_go, PGDATA=str(cluster.data))
            cluster.start()
            held = _held(cluster)
            at = {"DATABASE": replication.address(cluster, "postgres")}
            replication.run(cluster, runbook.commands("  Start it, and see at once what fills it"), **at)
            assert _held(cluster) < held / 2
        finally:
            cluster.stop()
            subprocess.run(["umount", str(folder)], check=True)


def _fill(path: Path) -> None:
    """Take what is left, as whatever else writes there does."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def _held(cluster: Cluster) -> int:
    """Bytes of the log that are kept."""
    with psycopg.connect(cluster.url) as connection:
        [held] = connection.execute("SELECT sum(size)::bigint FROM pg_ls_waldir()").fetchone() or (0,)
    return int(held)
