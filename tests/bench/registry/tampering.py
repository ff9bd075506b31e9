"""Alter the record in every way that an administrator of the database can, and see whether it is seen.

Each attempt starts from the same ledger, as superuser and with triggers off, and is verified by
`fakeprint verify` on an export, with a checkpoint that somebody kept earlier and the public key.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from click.testing import CliRunner
from psycopg import sql

from registry.app.commands.verify import verify
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Origin
from registry.matching.lookups.store import lookups
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.model import signing
from registry.transparency.ledger.service.sequencing import ledger_folder
from tests.bench.registry.alterations import EVENTS, Scene, attempts, run
from tests.support.media import drawn

TABLES: Final = (
    "event",
    "event_waiting",
    "ledger_leaf",
    "ledger_lookup",
    "ledger_node",
    "ledger_checkpoint",
    "ledger_key",
    "lookup",
    "asset_commitment",
)
GUARDED: Final = ("event", "ledger_leaf", "ledger_lookup", "ledger_node", "ledger_checkpoint", "ledger_key")


def tamper(service: Service, owner: Caller) -> dict[str, list[str]]:
    """`attempts`: what was tried, `unseen`: of it, what `fakeprint verify` did not find. Takes an empty
    registry, whose owner may do everything, and leaves it as it made it."""
    folder = Path(tempfile.mkdtemp(prefix="fp-tamper-"))
    try:
        scene = _scene(service, owner, folder)
        _save(service)
        kept_by_service = ledger_folder(service.settings) / signing.KEPT
        shutil.copy(kept_by_service, folder / "service")
        if not _verified(scene, folder):
            raise AssertionError("a ledger that nobody touched does not verify")
        tried, unseen = [], []
        for name, act in attempts().items():
            with service.pool.transaction() as connection:
                _guard(connection, on=False)
                act(connection, scene)
                _guard(connection, on=True)
            if "service's key" in name or "grows again" in name:
                scene.sequence(forget=True)
            tried.append(name)
            if _verified(scene, folder):
                unseen.append(name)
            _load(service)
            shutil.copy(folder / "service", kept_by_service)
    finally:
        shutil.rmtree(folder)
    return {"attempts": tried, "unseen": unseen}


def _scene(service: Service, owner: Caller, folder: Path) -> Scene:
    scene = Scene(service, owner, folder / "kept", folder / "vkey")
    register_entry(service, owner, Registration(fakes=[drawn.clip("body", face="victim")]))
    scene.happen(EVENTS // 2)
    scene.sequence()
    _ask(scene)
    scene.happen(EVENTS // 2)
    scene.sequence()
    with service.pool.transaction() as connection:
        (shown,) = ledger.keys(connection)
        found = ledger.checkpoint(connection)
    assert found
    scene.kept.write_text(found.note)
    scene.key.write_text(shown.verifier_key)
    # What comes after the checkpoint that was kept is covered by the next one only.
    scene.happen(5)
    scene.sequence()
    with service.pool.transaction() as connection:
        record_event(connection, owner, "entry.changed", entry_id=uuid4())
    return scene


def _ask(scene: Scene) -> None:
    with scene.service.pool.transaction() as connection:
        for verdict in ("known_fake", "related"):
            answer: Any = {"lookup_id": str(uuid4()), "verdict": verdict, "matches": []}
            lookups.record(connection, Origin(scene.owner.caller_id, "sha256", None, "ab" * 32), answer)


def _verified(scene: Scene, folder: Path) -> bool:
    """Whether `fakeprint verify` finds nothing wrong, or says so by its exit status."""
    path = scene.export(folder / "export.ndjson")
    arguments = [str(path), "--checkpoint", str(scene.kept), "--key", str(scene.key)]
    done = CliRunner().invoke(verify, arguments, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return bool(done.return_value == 0)


def _save(service: Service) -> None:
    """Copies of the tables, which `_load` puts back."""
    with service.pool.transaction() as connection:
        for table in (*TABLES, "asset"):
            connection.execute(
                sql.SQL("CREATE TABLE {} AS TABLE {}").format(
                    sql.Identifier(f"saved_{table}"), sql.Identifier(table)
                )
            )


def _load(service: Service) -> None:
    with service.pool.transaction() as connection:
        _guard(connection, on=False)
        for table in TABLES:
            names = {"table": sql.Identifier(table), "saved": sql.Identifier(f"saved_{table}")}
            connection.execute(sql.SQL("DELETE FROM {table}").format(**names))
            connection.execute(
                sql.SQL("INSERT INTO {table} {override} SELECT * FROM {saved}").format(
                    override=sql.SQL("OVERRIDING SYSTEM VALUE" if table == "event" else ""), **names
                )
            )
        run(
            connection,
            "UPDATE asset a SET sha256 = s.sha256 FROM saved_asset s WHERE s.asset_id = a.asset_id",
        )
        _guard(connection, on=True)


def _guard(connection: Connection, *, on: bool) -> None:
    for table in GUARDED:
        connection.execute(
            sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(
                sql.Identifier(table), sql.SQL("ENABLE" if on else "DISABLE")
            )
        )


def figures(service: Service, owner: Caller) -> dict[str, int]:
    """For `make bench-registry`: how many ways were tried, and how many were not seen."""
    found = tamper(service, owner)
    return {"tamper_attempts": len(found["attempts"]), "tamper_unseen": len(found["unseen"])}
