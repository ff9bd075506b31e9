"""Each kind of attack on each table that the ledger stands for, by its superuser with triggers off.

The rows attacked are those of an organization that does not run the registry, where a table has such rows. An
attack that the service undoes by itself alters nothing.
"""

# ruff: noqa: S608 - every name in a statement is of this file

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from psycopg import sql

from registry.core.audit.model.ledger import event_leaf
from registry.core.database.pool import Connection
from registry.transparency.ledger.model import merkle
from tests.bench.registry.alterations import Scene, run

KINDS: Final = ("delete", "alter", "reorder", "replay", "fork", "truncate")
Act = Callable[[Connection, Scene], None]


def attacks() -> Mapping[str, Act]:
    """By kind and table, what is done to the database."""
    return {
        "delete event": lambda c, s: _delete(c, s, "event e WHERE e.event_id = {nth}", 4),
        "delete event, the last": lambda c, s: _delete(c, s, "event e WHERE e.event_id = {nth}", -1),
        "delete event, and every trace of whose it was": _delete_untraceably,
        "delete event, all of the organization": lambda c, s: _delete(
            c, s, "event e WHERE e.organization_id = {victim}"
        ),
        "delete event_waiting": lambda c, _: run(c, "DELETE FROM event_waiting"),
        "delete ledger_leaf": lambda c, s: _delete(c, s, "ledger_leaf WHERE event_id = {nth}", 4),
        "delete ledger_leaf, with its event": _delete_both,
        "delete ledger_lookup": lambda c, s: _delete(c, s, "ledger_lookup WHERE organization_id = {victim}"),
        "delete ledger_node": lambda c, _: run(c, "DELETE FROM ledger_node WHERE position = 1"),
        "delete ledger_checkpoint": lambda c, _: run(
            c, "DELETE FROM ledger_checkpoint WHERE size > (SELECT min(size) FROM ledger_checkpoint)"
        ),
        "delete ledger_key": lambda c, _: run(c, "DELETE FROM ledger_key"),
        "alter event": lambda c, s: _alter(c, s, "event SET kind = 'entry.reviewed' WHERE event_id = {nth}"),
        "alter event, to be another's": lambda c, s: _alter(
            c, s, "event SET organization_id = {owner}, caller_id = NULL WHERE event_id = {nth}"
        ),
        "alter event, to be of another entry": lambda c, s: _alter(
            c, s, "event SET entry_id = gen_random_uuid() WHERE event_id = {nth}"
        ),
        "alter event_waiting": lambda c, _: run(c, "UPDATE event_waiting SET event_id = event_id + 1000"),
        "alter ledger_leaf": lambda c, s: _alter(
            c, s, "ledger_leaf SET hash = sha256(hash) WHERE event_id = {nth}"
        ),
        "alter ledger_leaf, its readers": lambda c, s: _alter(
            c, s, "ledger_leaf SET readers = sha256(readers) WHERE event_id = {nth}"
        ),
        "alter ledger_leaf, its event": lambda c, s: _alter(
            c, s, "ledger_leaf SET event_id = NULL WHERE event_id = {nth}"
        ),
        "alter ledger_lookup": lambda c, s: _alter(
            c, s, "ledger_lookup SET verdict = 'no_match' WHERE organization_id = {victim}"
        ),
        "alter ledger_node": lambda c, _: run(
            c, "UPDATE ledger_node SET hash = sha256(hash) WHERE position = 1"
        ),
        "alter ledger_checkpoint": lambda c, _: run(
            c, "UPDATE ledger_checkpoint SET note = replace(note, chr(10) || size, chr(10) || (size + 1))"
        ),
        "alter ledger_key": lambda c, _: run(c, "UPDATE ledger_key SET verifier_key = 'a' || verifier_key"),
        "reorder event": _reorder_events,
        "reorder ledger_leaf": lambda c, s: _reorder(c, s, "event_id, hash, entry_id"),
        "reorder ledger_leaf, with their readers": lambda c, s: _reorder(
            c, s, "event_id, hash, entry_id, readers, readers_hash"
        ),
        "reorder ledger_lookup": _reorder_lookups,
        "reorder ledger_node": lambda c, _: run(
            c,
            "UPDATE ledger_node a SET hash = b.hash FROM ledger_node b"
            " WHERE a.height = 4 AND b.height = 4 AND (a.position, b.position) IN ((0, 1), (1, 0))",
        ),
        "reorder ledger_checkpoint": lambda c, _: run(
            c,
            "UPDATE ledger_checkpoint a SET note = b.note FROM (SELECT min(size) AS least, max(size) AS most"
            " FROM ledger_checkpoint) s, ledger_checkpoint b"
            " WHERE (a.size, b.size) IN ((least, most), (most, least))",
        ),
        "replay event": lambda c, s: _alter(
            c, s, "event SET at = at - interval '1 hour' WHERE event_id = {nth}"
        ),
        "replay event_waiting": lambda c, _: run(
            c, "INSERT INTO event_waiting SELECT event_id FROM ledger_leaf WHERE leaf_index = 5"
        ),
        "replay ledger_leaf": _replay_leaf,
        "replay ledger_lookup": _replay_lookup,
        "replay ledger_node": lambda c, _: run(
            c,
            "UPDATE ledger_node a SET hash = b.hash FROM ledger_node b"
            " WHERE a.height = 4 AND b.height = 4 AND a.position = 1 AND b.position = 0",
        ),
        "replay ledger_checkpoint": lambda c, _: run(
            c,
            "UPDATE ledger_checkpoint a SET note = b.note, root = b.root FROM ledger_checkpoint b"
            " WHERE a.size = (SELECT max(size) FROM ledger_checkpoint)"
            " AND b.size = (SELECT min(size) FROM ledger_checkpoint)",
        ),
        "fork event": lambda c, s: _fork(c, s, "event SET kind = 'entry.reviewed' WHERE event_id = {nth}"),
        "fork ledger_leaf": lambda c, s: _fork(
            c, s, "ledger_leaf SET hash = sha256(hash) WHERE event_id = {nth}"
        ),
        "fork ledger_leaf, its readers": _fork_readers,
        "truncate event": lambda c, _: run(c, "TRUNCATE event"),
        "truncate event_waiting": lambda c, _: run(c, "TRUNCATE event_waiting"),
        "truncate ledger_leaf": lambda c, _: run(c, "TRUNCATE ledger_leaf"),
        "truncate ledger_leaf, its end": lambda c, _: run(
            c, "DELETE FROM ledger_leaf WHERE leaf_index >= 30"
        ),
        "truncate ledger_lookup": lambda c, _: run(c, "TRUNCATE ledger_lookup"),
        "truncate ledger_node": lambda c, _: run(c, "TRUNCATE ledger_node"),
        "truncate ledger_checkpoint": lambda c, _: run(c, "TRUNCATE ledger_checkpoint"),
        "truncate ledger_key": lambda c, _: run(c, "TRUNCATE ledger_key"),
    }


def _delete(connection: Connection, scene: Scene, what: str, nth: int = 0) -> None:
    run(connection, _named(connection, scene, "DELETE FROM " + what, nth))


def _alter(connection: Connection, scene: Scene, what: str) -> None:
    run(connection, _named(connection, scene, f"UPDATE {what}", 4))


def _named(connection: Connection, scene: Scene, statement: str, nth: int) -> str:
    """Fill in an event of the victim (the nth that was signed), and ids of organizations."""
    return statement.format(
        nth=_events(connection, scene)[nth],
        victim=f"'{scene.victim.organization_id}'",
        owner=f"'{scene.owner.organization_id}'",
    )


def _events(connection: Connection, scene: Scene) -> list[int]:
    """Return the victim's signed events of the entry."""
    rows = connection.execute(
        "SELECT e.event_id FROM event e JOIN ledger_leaf USING (event_id)"
        " WHERE e.organization_id = %s AND e.entry_id = %s ORDER BY leaf_index",
        [scene.victim.organization_id, scene.entry_id],
    ).fetchall()
    return [row["event_id"] for row in rows]


def _delete_untraceably(connection: Connection, scene: Scene) -> None:
    """The event, and whatever the database itself says of whose the leaf was."""
    event_id = _events(connection, scene)[4]
    connection.execute("DELETE FROM event WHERE event_id = %s", [event_id])
    connection.execute(
        "UPDATE ledger_leaf SET entry_id = NULL, event_id = NULL, readers = sha256(readers)"
        " WHERE event_id = %s",
        [event_id],
    )
    _chain_anew(connection)


def _delete_both(connection: Connection, scene: Scene) -> None:
    event_id = _events(connection, scene)[4]
    for table in ("event", "ledger_leaf"):
        connection.execute(
            sql.SQL("DELETE FROM {} WHERE event_id = %s").format(sql.Identifier(table)), [event_id]
        )


def _reorder_events(connection: Connection, scene: Scene) -> None:
    """Two events exchange their contents."""
    first, second = _events(connection, scene)[4:6]
    run(
        connection,
        "UPDATE event a SET at = b.at, said = b.said, salt = b.salt, subject = b.subject FROM event b"
        f" WHERE (a.event_id, b.event_id) IN (({first}, {second}), ({second}, {first}))",
    )


def _reorder(connection: Connection, scene: Scene, columns: str) -> None:
    """Two leaves exchange these columns."""
    first, second = _events(connection, scene)[4:6]
    connection.execute("ALTER TABLE ledger_leaf DROP CONSTRAINT ledger_leaf_event_id_key")
    changed = ", ".join(f"{name} = b.{name}" for name in columns.split(", "))
    run(
        connection,
        f"UPDATE ledger_leaf a SET {changed} FROM ledger_leaf b"
        f" WHERE (a.event_id, b.event_id) IN (({first}, {second}), ({second}, {first}))",
    )
    connection.execute("ALTER TABLE ledger_leaf ADD UNIQUE (event_id)")


def _reorder_lookups(connection: Connection, scene: Scene) -> None:
    rows = connection.execute(
        "SELECT leaf_index FROM ledger_lookup WHERE organization_id = %s ORDER BY leaf_index",
        [scene.victim.organization_id],
    ).fetchall()
    first, second = (row["leaf_index"] for row in rows[:2])
    for old, new in ((first, -1), (second, first), (-1, second)):
        run(connection, f"UPDATE ledger_lookup SET leaf_index = {new} WHERE leaf_index = {old}")


def _replay_leaf(connection: Connection, scene: Scene) -> None:
    """An old leaf is recorded once more, at the end."""
    run(
        connection,
        "INSERT INTO ledger_leaf (leaf_index, hash, readers, readers_hash)"
        " SELECT (SELECT max(leaf_index) + 1 FROM ledger_leaf), hash, readers, readers_hash FROM ledger_leaf"
        f" WHERE event_id = {_events(connection, scene)[4]}",
    )


def _replay_lookup(connection: Connection, scene: Scene) -> None:
    """An older answer takes the place of a recorded one."""
    run(
        connection,
        "UPDATE ledger_lookup a SET verdict = b.verdict, answer_commitment = b.answer_commitment,"
        " salt = b.salt"
        " FROM (SELECT * FROM ledger_lookup ORDER BY leaf_index LIMIT 1) b"
        f" WHERE a.leaf_index > b.leaf_index AND a.organization_id = '{scene.victim.organization_id}'",
    )


def _fork(connection: Connection, scene: Scene, change: str) -> None:
    """Alter, build the tree anew over it, and forget every checkpoint: the service signs a second history."""
    _alter(connection, scene, change)
    if change.startswith("event"):
        rows = connection.execute(
            "SELECT * FROM event WHERE event_id = %s", [_events(connection, scene)[4]]
        ).fetchall()
        for row in rows:
            connection.execute(
                "UPDATE ledger_leaf SET hash = %s WHERE event_id = %s",
                [merkle.leaf_hash(event_leaf(row)), row["event_id"]],
            )
    _build_anew(connection)
    connection.execute("DELETE FROM ledger_checkpoint")


def _fork_readers(connection: Connection, scene: Scene) -> None:
    """Hide a deleted event from its organization, and let the service sign that."""
    _delete_untraceably(connection, scene)
    connection.execute("DELETE FROM ledger_checkpoint")


def _build_anew(connection: Connection) -> None:
    rows = connection.execute("SELECT hash FROM ledger_leaf ORDER BY leaf_index").fetchall()
    connection.execute("DELETE FROM ledger_node")
    for (height, position), hash_ in merkle.grown(0, [row["hash"] for row in rows], {}).items():
        if height:
            connection.execute("INSERT INTO ledger_node VALUES (%s, %s, %s)", [height, position, hash_])


def _chain_anew(connection: Connection) -> None:
    """Compute the hashes of all marks as the sequencer would have."""
    connection.execute(
        "WITH RECURSIVE chain AS ("
        " SELECT -1::bigint AS leaf_index, decode(repeat('00', 32), 'hex') AS hash"
        " UNION ALL SELECT l.leaf_index, sha256('\\x02'::bytea || c.hash || l.readers)"
        " FROM chain c JOIN ledger_leaf l ON l.leaf_index = c.leaf_index + 1)"
        " UPDATE ledger_leaf l SET readers_hash = c.hash FROM chain c WHERE c.leaf_index = l.leaf_index"
    )
