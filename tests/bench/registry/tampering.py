"""Alter the record in every way that an administrator of the database can, and see whether it is seen.

Each attempt starts from the same ledger, as superuser and with triggers off. Each kind of attack on each
table is looked for by `fakeprint verify --service --full` with a key of the organization attacked; the
others, also on texts that events commit to, in the operator's export. Both have the ledger's public key and
an older checkpoint.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from click.testing import CliRunner
from psycopg import sql

from registry.app.commands.verify import verify
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import FakeprintError
from registry.core.service import Service
from registry.core.terminal.client import Client
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.matching.lookups.model import Origin
from registry.matching.lookups.store import lookups
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.commands.verify_service import check_service
from registry.transparency.ledger.model import note, signing
from registry.transparency.ledger.model.note import VerifierKey
from registry.transparency.ledger.service.sequencing import ledger_folder
from tests.bench.registry.alterations import EVENTS, Scene, attempts, run
from tests.bench.registry.attacks import Act, attacks
from tests.support.media import drawn
from tests.support.service import inside

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
RECORDED: Final = {
    "event": "*",
    "ledger_leaf": "*",
    "ledger_lookup": "*",
    "ledger_node": "*",
    "ledger_key": "verifier_key",
}
"""What stands in the record for good, by table: whatever of it is there again was not altered."""
SIGNED_AGAIN: Final = ("ledger_checkpoint", "ledger_key")
"""Tables whose newest rows the next signature writes anew; attacks on them are looked for before that."""
GUARDED: Final = ("event", "ledger_leaf", "ledger_lookup", "ledger_node", "ledger_checkpoint", "ledger_key")


@dataclass(frozen=True)
class Tampered:
    """`attempts`: what was tried. `kinds`: of it, each kind of attack on each table; `unseen_by_victim`: of
    these, what the organization attacked did not find by its own key. `unseen`: of the others, what the
    operator's export did not show."""

    attempts: list[str]
    unseen: list[str]
    unseen_by_victim: list[str]
    kinds: list[str]


def tamper(service: Service, owner: Caller) -> Tampered:
    """Attack an empty registry in every way, and leave it as this made it. `owner` may do everything."""
    folder = Path(tempfile.mkdtemp(prefix="fp-tamper-"))
    found = Tampered([], [], [], list(attacks()))
    try:
        key, scene = _scene(service, owner, folder)
        _save(service)
        with inside.serving(service) as api:
            reading = Reading(scene, inside.client(api, key), folder)
            if reading.export() or reading.service():
                raise AssertionError("a ledger that nobody touched does not verify")
            for name, act in attempts().items():
                restart = "service's key" in name or "grows again" in name
                _try(reading, found, name, act, goes_on=restart, forget=restart)
            for name, act in attacks().items():
                at_once = any(table in name for table in SIGNED_AGAIN)
                _try(reading, found, name, act, goes_on=not at_once, forget=name.startswith("fork"))
    finally:
        shutil.rmtree(folder)
    return found


def _try(reading: Reading, found: Tampered, name: str, act: Act, *, goes_on: bool, forget: bool) -> None:
    """Do it, let the service go on, see who finds it, and put everything back."""
    scene, service = reading.scene, reading.scene.service
    outside = ledger_folder(service.settings) / signing.KEPT
    before = outside.read_bytes()
    with service.pool.transaction() as connection:
        _guard(connection, on=False)
        act(connection, scene)
        _guard(connection, on=True)
    if goes_on:
        scene.sequence(forget=forget)
    found.attempts.append(name)
    if name in found.kinds and not (reading.service() or _undone(service)):
        found.unseen_by_victim.append(name)
    if name not in found.kinds and not reading.export():
        found.unseen.append(name)
    _load(service)
    outside.write_bytes(before)


@dataclass(frozen=True)
class Reading:
    """Two readers of the record, with the ledger's key and a checkpoint that was kept before."""

    scene: Scene
    client: Client
    folder: Path

    def export(self) -> bool:
        """Return whether `fakeprint verify` of the operator's export finds something wrong."""
        path = self.scene.export(self.folder / "export.ndjson")
        arguments = [str(path), "--checkpoint", str(self.scene.kept), "--key", str(self.scene.key)]
        done = CliRunner().invoke(verify, arguments, standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        return bool(done.return_value)

    def service(self) -> bool:
        """Return whether `fakeprint verify --service --full` with the victim's key finds something wrong."""
        try:
            return not check_service(self.client, self._keys, self._notes, full=True).sound
        except FakeprintError:
            return True

    @property
    def _keys(self) -> list[VerifierKey]:
        return [note.verifier_key(self.scene.key.read_text())]

    @property
    def _notes(self) -> list[str]:
        return signing.notes(self.scene.kept.read_text())


def _undone(service: Service) -> bool:
    """Return whether the service itself has put back whatever was recorded and signed."""
    with service.pool.transaction() as connection:
        for table, columns in RECORDED.items():
            lost = connection.execute(
                f"SELECT {columns} FROM saved_{table} EXCEPT SELECT {columns} FROM {table}".encode()  # noqa: S608 - names above
            ).fetchone()
            if lost:
                return False
    return True


def _scene(service: Service, owner: Caller, folder: Path) -> tuple[str, Scene]:
    made = create_caller(
        service, owner, organization="victim", name="victim", roles=["lookup", "register", "admin"]
    )
    victim = authenticate(service, made.key)
    scene = Scene(service, owner, victim, uuid4(), folder / "kept", folder / "vkey")
    register_entry(service, owner, Registration(fakes=[drawn.clip("body", face="victim")]))
    scene.happen(EVENTS // 2)
    scene.sequence()
    for caller in (owner, victim):
        _ask(scene, caller)
    scene.happen(EVENTS // 2)
    scene.sequence()
    with service.pool.transaction() as connection:
        (shown,) = ledger.keys(connection)
        found = ledger.checkpoint(connection)
    assert found
    scene.kept.write_text(found.note)
    scene.key.write_text(shown.verifier_key)
    # What comes after the checkpoint that was kept is covered by the next one only.
    scene.happen(6)
    scene.sequence()
    with service.pool.transaction() as connection:
        record_event(connection, victim, "entry.changed", entry_id=uuid4())
    return made.key, scene


def _ask(scene: Scene, caller: Caller) -> None:
    with scene.service.pool.transaction() as connection:
        for verdict in ("known_fake", "related"):
            answer: Any = {"lookup_id": str(uuid4()), "verdict": verdict, "matches": []}
            lookups.record(connection, Origin(caller.caller_id, "sha256", None, "ab" * 32), answer)


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
    unseen = {*found.unseen, *found.unseen_by_victim}
    return {"tamper_attempts": len(found.attempts), "tamper_unseen": len(unseen)}
