"""What an administrator of the database can do to the record, as superuser and with triggers off."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from psycopg import sql

from registry.core.audit.model.ledger import commit, event_leaf, lookup_leaf
from registry.core.audit.service import event, record_events
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.ledger.model import merkle, note, signing
from registry.transparency.ledger.service.export import export_ledger
from registry.transparency.ledger.service.sequencing import ledger_folder, sequence_events

EVENTS: Final = 60


@dataclass(frozen=True)
class Scene:
    """A registry with a ledger, and what somebody outside has kept of it.

    `owner` is of the organization that runs it, `victim` of another; each second event is the victim's.
    """

    service: Service
    owner: Caller
    victim: Caller
    entry_id: UUID
    kept: Path
    key: Path

    def sequence(self, *, forget: bool = False) -> None:
        """Let the service go on. `forget`: the administrator has also taken away what the service itself had
        kept outside of the database, so that it signs whatever it finds."""
        if forget:
            (ledger_folder(self.service.settings) / signing.KEPT).unlink(missing_ok=True)
        sequence_events(self.service)

    def happen(self, count: int) -> None:
        """That many more events, half of them about one entry of the victim."""
        callers = (self.owner, self.victim)
        with self.service.pool.transaction() as connection:
            record_events(
                connection,
                [
                    event(callers[n % 2], "entry.changed", entry_id=self.entry_id if n % 2 else uuid4())
                    for n in range(count)
                ],
            )

    def export(self, path: Path) -> Path:
        """The whole ledger in a file, texts and all."""
        with path.open("wb") as file:
            file.writelines(export_ledger(self.service, self.owner, with_texts=True))
        return path


def attempts() -> Mapping[str, Callable[[Connection, Scene], None]]:
    """By name, what is done to the database."""
    return {
        "an event says something else": lambda c, _: run(
            c,
            "UPDATE event SET kind = 'entry.reviewed' WHERE event_id = (SELECT min(event_id) + 9 FROM event)",
        ),
        "an event is another's": lambda c, _: run(
            c,
            "UPDATE event SET caller_id = gen_random_uuid()"
            " WHERE event_id = (SELECT min(event_id) + 9 FROM event)",
        ),
        "an event has another time": lambda c, _: run(
            c,
            "UPDATE event SET at = at - interval '1 day'"
            " WHERE event_id = (SELECT min(event_id) + 9 FROM event)",
        ),
        "an event and its leaf's hash": _event_and_hash,
        "an event is deleted": lambda c, _: run(
            c, "DELETE FROM event WHERE event_id = (SELECT min(event_id) + 5 FROM event)"
        ),
        "an event and its leaf are deleted": _drop_leaf,
        "the last events and leaves are deleted": _cut,
        "two events change places": _swap,
        "an event is put into the past": _insert_past,
        "an event is left out of the ledger": lambda c, _: run(c, "DELETE FROM event_waiting"),
        "the tree is built anew over altered events": _rebuild,
        "the tree is built anew and signed with the service's key": _resign,
        "the tree is built anew and signed with another key": _resign_otherwise,
        "checkpoints are rolled back": lambda c, _: run(
            c, "DELETE FROM ledger_checkpoint WHERE size > (SELECT min(size) FROM ledger_checkpoint)"
        ),
        "a checkpoint's text is altered": lambda c, _: run(
            c, "UPDATE ledger_checkpoint SET note = replace(note, chr(10) || size, chr(10) || (size + 1))"
        ),
        "everything is put back to an older state": _restore_older,
        "everything is put back, and grows again": _restore_and_grow,
        "all is deleted": lambda c, _: run(
            c, "TRUNCATE event, event_waiting, ledger_leaf, ledger_lookup, ledger_node, ledger_checkpoint"
        ),
        "a committed text is altered": lambda c, _: run(
            c,
            "UPDATE asset SET sha256 = sha256(sha256)"
            " WHERE asset_id IN (SELECT asset_id FROM asset_commitment)",
        ),
        "a committed text is altered with its commitment": _alter_commitment,
        "a recorded lookup has another answer": lambda c, _: run(
            c,
            "UPDATE lookup SET answer = jsonb_set(answer, '{verdict}', '\"no_match\"') WHERE answered_in > 0",
        ),
        "a recorded lookup has another query": lambda c, _: run(
            c, "UPDATE lookup SET sha256 = sha256(sha256) WHERE sha256 IS NOT NULL"
        ),
        "a lookup's record is altered": lambda c, _: run(c, "UPDATE ledger_lookup SET verdict = 'no_match'"),
        "a lookup's record is deleted": lambda c, _: run(c, "DELETE FROM ledger_lookup"),
        "a hash of the tree is altered": lambda c, _: run(
            c, "UPDATE ledger_leaf SET hash = sha256(hash) WHERE leaf_index = 7"
        ),
    }


def run(connection: Connection, statement: str) -> None:
    """A statement that must alter something."""
    done = connection.execute(statement.encode())
    if not statement.startswith("TRUNCATE") and done.rowcount < 1:
        raise AssertionError(f"nothing was altered by: {statement}")


def _event_and_hash(connection: Connection, _: Scene) -> None:
    """The event, and the hash of its leaf to fit, the rest of the tree as it was."""
    run(
        connection,
        "UPDATE event SET kind = 'entry.erased' WHERE event_id = (SELECT min(event_id) + 9 FROM event)",
    )
    row = connection.execute(
        "SELECT * FROM event WHERE event_id = (SELECT min(event_id) + 9 FROM event)"
    ).fetchone()
    assert row
    connection.execute(
        "UPDATE ledger_leaf SET hash = %s WHERE event_id = %s",
        [merkle.leaf_hash(event_leaf(row)), row["event_id"]],
    )


def _drop_leaf(connection: Connection, _: Scene) -> None:
    """An event and its leaf, those after it moved up."""
    run(
        connection,
        "DELETE FROM event WHERE event_id = (SELECT event_id FROM ledger_leaf WHERE leaf_index = 10)",
    )
    run(connection, "DELETE FROM ledger_leaf WHERE leaf_index = 10")
    _move(connection, 11, -1)


def _cut(connection: Connection, _: Scene) -> None:
    """The end of the ledger, and every checkpoint that covers it."""
    run(
        connection,
        "DELETE FROM event USING ledger_leaf l WHERE l.event_id = event.event_id AND l.leaf_index >= 30",
    )
    run(connection, "DELETE FROM ledger_leaf WHERE leaf_index >= 30")
    run(connection, "DELETE FROM ledger_lookup WHERE leaf_index >= 30")
    run(connection, "DELETE FROM ledger_checkpoint WHERE size > 30")


def _swap(connection: Connection, _: Scene) -> None:
    """Two events of the past, with everything that the tables say of their places."""
    connection.execute("ALTER TABLE ledger_leaf DROP CONSTRAINT ledger_leaf_event_id_key")
    run(
        connection,
        "UPDATE ledger_leaf a SET hash = b.hash, event_id = b.event_id FROM ledger_leaf b"
        " WHERE (a.leaf_index, b.leaf_index) IN ((11, 12), (12, 11))",
    )
    connection.execute("ALTER TABLE ledger_leaf ADD UNIQUE (event_id)")


def _insert_past(connection: Connection, scene: Scene) -> None:
    """An event that never happened, with a place among the first and the later ones moved down."""
    row = connection.execute(
        "INSERT INTO event (kind, at, organization_id)"
        " VALUES ('entry.reviewed', '2020-01-01', %s) RETURNING *",
        [scene.owner.organization_id],
    ).fetchone()
    assert row
    _move(connection, 8, 1)
    connection.execute(
        "INSERT INTO ledger_leaf (leaf_index, hash, event_id, readers, readers_hash)"
        " VALUES (8, %s, %s, sha256('a'), sha256('b'))",
        [merkle.leaf_hash(event_leaf(row)), row["event_id"]],
    )


def _rebuild(connection: Connection, scene: Scene) -> None:
    """Alter the past and compute everything anew, as the sequencer would have; old checkpoints go."""
    run(
        connection,
        "UPDATE event SET kind = 'entry.reviewed' WHERE event_id = (SELECT min(event_id) + 9 FROM event)",
    )
    hashes = _leaf_hashes(connection)
    connection.execute("DELETE FROM ledger_node")
    connection.execute("DELETE FROM ledger_checkpoint WHERE size < (SELECT max(size) FROM ledger_checkpoint)")
    for (height, position), hash_ in merkle.grown(0, hashes, {}).items():
        if height:
            connection.execute("INSERT INTO ledger_node VALUES (%s, %s, %s)", [height, position, hash_])
        else:
            connection.execute("UPDATE ledger_leaf SET hash = %s WHERE leaf_index = %s", [hash_, position])


def _resign(connection: Connection, scene: Scene) -> None:
    """As before; then the service, which knows of nothing, signs it with its own key."""
    _rebuild(connection, scene)
    connection.execute("DELETE FROM ledger_checkpoint")


def _resign_otherwise(connection: Connection, scene: Scene) -> None:
    """As before, signed by a key of the administrator's own, which is put in the place of the service's."""
    _rebuild(connection, scene)
    with tempfile.TemporaryDirectory() as folder:
        origin = scene.service.settings.ledger_origin
        signers = signing.signers(Path(folder), origin, create=True)
    hashes = _leaf_hashes(connection)
    tree = merkle.Growing()
    for hash_ in hashes:
        tree.append(hash_)
    text = note.Checkpoint(origin, tree.size, tree.root).text
    connection.execute("DELETE FROM ledger_checkpoint")
    connection.execute(
        "INSERT INTO ledger_checkpoint (size, root, note) VALUES (%s, %s, %s)",
        [tree.size, tree.root, note.sign(text, signers)],
    )
    connection.execute("UPDATE ledger_key SET verifier_key = %s", [str(signers[0].verifier)])


def _restore_older(connection: Connection, _: Scene) -> None:
    """As an older backup has it: leaves, nodes, events and checkpoints, all consistent."""
    size = connection.execute("SELECT min(size) AS size FROM ledger_checkpoint").fetchone()
    assert size
    parameters = {"size": size["size"]}
    connection.execute(
        "DELETE FROM event e WHERE NOT EXISTS"
        " (SELECT FROM ledger_leaf l WHERE l.event_id = e.event_id AND leaf_index < %(size)s)",
        parameters,
    )
    for table in ("ledger_leaf", "ledger_lookup"):
        connection.execute(
            sql.SQL("DELETE FROM {} WHERE leaf_index >= %(size)s").format(sql.Identifier(table)), parameters
        )
    connection.execute("DELETE FROM ledger_node WHERE (position + 1) << height > %(size)s", parameters)
    connection.execute("DELETE FROM ledger_checkpoint WHERE size > %(size)s", parameters)
    connection.execute("DELETE FROM event_waiting")


def _restore_and_grow(connection: Connection, scene: Scene) -> None:
    """As before; and then as many events happen as were lost, and more, which the service signs."""
    _restore_older(connection, scene)
    record_events(
        connection, [event(scene.owner, "entry.changed", entry_id=uuid4()) for _ in range(EVENTS + 20)]
    )


def _alter_commitment(connection: Connection, _: Scene) -> None:
    """Another file's digest, with a salt and a commitment that open."""
    row = connection.execute("SELECT asset_id FROM asset_commitment").fetchone()
    assert row
    bound = commit("cd" * 32)
    connection.execute(
        "UPDATE asset SET sha256 = decode(%s, 'hex') WHERE asset_id = %s", ["cd" * 32, row["asset_id"]]
    )
    connection.execute(
        "UPDATE asset_commitment SET salt = %s, commitment = %s WHERE asset_id = %s",
        [bound.salt, bound.digest, row["asset_id"]],
    )


def _move(connection: Connection, first: int, by: int) -> None:
    """Other places for the leaves from the first on, in two steps, since places are unique."""
    for table in ("ledger_leaf", "ledger_lookup"):
        away = sql.SQL("UPDATE {} SET leaf_index = leaf_index + 1000000 WHERE leaf_index >= %s")
        back = sql.SQL("UPDATE {} SET leaf_index = leaf_index - 1000000 + %s WHERE leaf_index >= 1000000")
        connection.execute(away.format(sql.Identifier(table)), [first])
        connection.execute(back.format(sql.Identifier(table)), [by])


def _leaf_hashes(connection: Connection) -> list[bytes]:
    """What the hashes would be, of all leaves as they are now."""
    found = []
    for row in connection.execute("SELECT * FROM ledger_leaf ORDER BY leaf_index").fetchall():
        source = "ledger_lookup" if row["event_id"] is None else "event"
        column = "leaf_index" if row["event_id"] is None else "event_id"
        stands = connection.execute(
            sql.SQL("SELECT * FROM {} WHERE {} = %s").format(sql.Identifier(source), sql.Identifier(column)),
            [row[column]],
        ).fetchone()
        assert stands
        found.append(
            merkle.leaf_hash(lookup_leaf(stands) if source == "ledger_lookup" else event_leaf(stands))
        )
    return found
