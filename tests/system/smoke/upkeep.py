"""What the runbook does to a running composition, by its own lines: known lookups, an upgrade's exchange of
the APIs, a back-up, and a restore to a point in time."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Final

from tests.support.documents import runbook
from tests.system.smoke.caller import Caller, until
from tests.system.smoke.job import Trial

APIS: Final = 3
"""Not the number in compose.yaml: somebody scaled."""
_UP: Final = "docker compose -f deploy/compose.yaml up -d"
_SEGMENT: Final = 16 * 1024**2


def canary_is_asked(trial: Trial) -> str:
    """a known lookup is asked each minute, once control finds it among its secrets, and is found"""
    secrets = trial.topology.folder / "secrets"
    added = ("admin", "caller", "add", "canary", "--role", "lookup")
    (secrets / "fakeprint_canary_key").write_text(trial.people["Verificadores"](*added)["key"])
    [document] = trial.people["desk"].begin("hash", trial.clips.path("copy-mirrored")).communicate()[:1]
    (secrets / "canaries.jsonl").write_text(document)
    trial.engine.run(f"{_UP} --no-deps --force-recreate --wait control")
    prometheus = Caller(f"http://{trial.topology.wires.names['prometheus'][0]}:9090", "", trial.folder)
    query = "/api/v1/query?query=fakeprint_canary_found==1"
    said = trial.topology.of("control")[0].said
    until(lambda: prometheus.get(query).json()["data"]["result"], 150, said)
    return "found"


def apis_are_exchanged(trial: Trial) -> str:
    """an upgrade takes new APIs in and the old ones away, as many as there were, and no lookup fails"""
    trial.engine.run(f"{_UP} --no-deps --no-recreate --wait --scale api={APIS} api")
    before = [cell.name for cell in trial.topology.of("api")]
    with _steady_lookups(trial) as answers:
        trial.engine.run(runbook.commands("   and the old ones taken away"))
    after = [cell.name for cell in trial.topology.of("api")]
    assert len(before) == len(after) == APIS, (before, after)
    assert not set(before) & set(after), (before, after)
    assert len(trial.topology.of("worker-media")) == 2
    assert set(answers) == {200}, answers
    return f"{' '.join(before)} -> {' '.join(after)}, {len(answers)} lookups answered meanwhile"


@contextmanager
def _steady_lookups(trial: Trial) -> Iterator[list[int]]:
    """Within, lookups of digests go on; the status of each."""
    answers: list[int] = []
    over = Event()
    question = {"type": "sha256", "sha256": "0" * 64}

    def ask() -> None:
        while not over.wait(0.05):
            answers.append(trial.people["desk"].post("/v1/lookups", question).status_code)

    thread = Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join()


def backed_up(trial: Trial) -> str:
    """the log is archived, packed and whole, and a base backup is taken"""
    backup = _backup(trial)
    backup.parent.mkdir()
    lines = runbook.commands("Each day, through the server's own socket")
    trial.engine.run(lines, BACKUP=str(backup))
    archive = trial.topology.folder / "volumes" / "archive"
    until(lambda: list(archive.glob("*.backup.gz")), 60)
    trial.engine.run(lines, BACKUP=str(backup))
    with tarfile.open(backup) as packed:
        names = packed.getnames()
    assert "backup_label" in names, names[:20]
    segments = sorted(path for path in archive.glob("*.gz") if len(path.name) == len("0" * 24 + ".gz"))
    oldest = min(path.name for path in archive.glob("*.backup.gz"))
    sizes = {len(gzip.decompress(segment.read_bytes())) for segment in segments}
    assert sizes == {_SEGMENT}, sizes
    assert segments[0].name[:24] == oldest[:24], "older ones should be gone"
    assert trial.row("SELECT failed_count FROM pg_stat_archiver") == (0,)
    assert archive.stat().st_mode & 0o077 == 0
    packed_size = sum(segment.stat().st_size for segment in segments)
    return f"{backup.stat().st_size >> 20} MiB, {len(segments)} segments in {packed_size >> 10} KiB"


def _backup(trial: Trial) -> Path:
    return trial.topology.folder / "elsewhere" / "base.tar"


def restored(trial: Trial) -> str:
    """the database is restored to a moment: what came later is gone, the fake is found as before"""
    boss = trial.people["Verificadores"]
    kept = trial.caller(boss("admin", "caller", "add", "before", "--role", "lookup")["key"])
    row = trial.row("SELECT clock_timestamp()::text")
    assert row
    gone = trial.caller(boss("admin", "caller", "add", "after", "--role", "lookup")["key"])
    question = {"type": "sha256", "sha256": "0" * 64}
    assert gone.post("/v1/lookups", question).status_code == 200
    at = {"BACKUP": str(_backup(trial)), "WHEN": str(row[0])}
    trial.engine.run(runbook.commands("In Compose (`BACKUP`: the file"), **at)
    assert "recovery stopping before commit" in trial.topology.of("postgres")[0].said(20_000)
    checked = trial.engine.run(runbook.commands("Look at the media, as above"))
    assert checked.endswith("0 damaged, 0 missing\n"), checked
    trial.engine.run(_UP)
    for service in ("api", "proxy", "worker-interactive", "control"):
        trial.topology.await_healthy(service)
    assert kept.post("/v1/lookups", question).status_code == 200
    assert gone.post("/v1/lookups", question).status_code == 401
    found = kept("lookup", trial.clips.path("copy-mirrored"))
    assert found["verdict"] == "known_fake", found
    target = "SELECT count(*) FROM pg_file_settings WHERE name = 'recovery_target_time'"
    assert trial.row(target) == (0,)
    return checked.splitlines()[-1]


def restored_to_the_last_moment(trial: Trial) -> str:
    """without a moment all that was archived is back, past the restore before: a caller, another admin"""
    boss = trial.people["Verificadores"]
    last = trial.caller(boss("admin", "caller", "add", "last", "--role", "lookup")["key"])
    result = trial.engine.run(runbook.commands("In Compose, by the container that migrates"))
    row = trial.row("SELECT pg_walfile_name(pg_switch_wal())")
    assert row
    archived = trial.topology.folder / "volumes" / "archive" / f"{row[0]}.gz"
    until(archived.exists, 60)
    at = {"BACKUP": str(_backup(trial)), "WHEN": ""}
    trial.engine.run(runbook.commands("In Compose (`BACKUP`: the file"), **at)
    assert "archive recovery complete" in trial.topology.of("postgres")[0].said(20_000)
    trial.engine.run(_UP)
    for service in ("api", "proxy", "worker-interactive", "control"):
        trial.topology.await_healthy(service)
    assert last.post("/v1/lookups", {"type": "sha256", "sha256": "0" * 64}).status_code == 200
    admin = trial.caller(result.split("admin key ")[1].strip())
    assert admin.get("/v1/organizations").status_code == 200
    return archived.name


STEPS: Final[tuple[Callable[[Trial], str], ...]] = (
    canary_is_asked,
    apis_are_exchanged,
    backed_up,
    restored,
    restored_to_the_last_moment,
)
