"""Real media among those that a database was filled with, so that hashes of their real edits can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

import psycopg

from registry.catalogue.fingerprints.store import fingerprints
from registry.core.database.pool import Connection
from tests.bench.speed.cluster import say
from tests.bench.speed.database.filling import Medium, introduce
from tests.bench.speed.direct import pool
from tests.bench.speed.fitting import Kept

TITLE: Final = "real"
_THERE: Final = "SELECT entry_id FROM entry WHERE title LIKE 'real %'"
_HOME: Final = "SELECT bank_id, created_by FROM entry WHERE title LIKE 'fake %' LIMIT 1"
_FOUND: Final = (
    "CREATE TEMP TABLE leaving AS SELECT entry_id, asset_id FROM entry_asset"
    " WHERE entry_id IN (SELECT entry_id FROM entry WHERE title LIKE %s)"
)
_GONE: Final = (
    "DELETE FROM entry_asset WHERE entry_id IN (SELECT entry_id FROM leaving)",
    "DELETE FROM entry WHERE entry_id IN (SELECT entry_id FROM leaving)",
    "DELETE FROM asset WHERE asset_id IN (SELECT asset_id FROM leaving)",
    "DROP TABLE leaving",
)


def plant(url: str, media: Sequence[Kept]) -> tuple[UUID, ...]:
    """Register media in a filled database, where they are not there yet; their assets, in their order.

    Each in a transaction. They stay, as what is registered does, until others are given. `media` have
    a digest each.
    """
    assets = tuple(map(_asset, media))
    with psycopg.connect(url, autocommit=True) as connection:
        there = {row[0] for row in connection.execute(_THERE)}
        if there - {*assets}:
            say("other real media are taken out")
            take_out(connection, TITLE)
            connection.execute("VACUUM ANALYZE")
            there = set()
    missing = [
        Medium(asset, one.fingerprint) for asset, one in zip(assets, media, strict=True) if asset not in there
    ]
    if missing:
        say(f"{len(missing)} real media are registered")
    with pool(url) as opened:
        for item in missing:
            with opened.transaction() as connection:
                bank, caller = _home(connection)
                introduce(connection, [item], bank, caller, title=TITLE)
                fingerprints.write(connection, item.id, item.fingerprint)
    return assets


def rows(url: str) -> int:
    """How many rows of frames there are of real media, beside those that it was filled with."""
    with psycopg.connect(url) as connection:
        there = connection.execute(_THERE).fetchall()
        found = connection.execute(
            "SELECT count(*) FROM frame_fingerprint JOIN asset USING (asset_no) WHERE asset_id = ANY (%s)",
            [[row[0] for row in there]],
        ).fetchone()
        return int(found[0]) if found else 0


def take_out(connection: psycopg.Connection, title: str) -> int:
    """Take out the media of entries that `introduce` gave this title, without a trace; how many."""
    count = connection.execute(_FOUND, [f"{title} %"]).rowcount
    for statement in _GONE:
        connection.execute(statement)
    return count


def _asset(kept: Kept) -> UUID:
    """Another for each file, and for each fingerprint of it."""
    rows = b"".join((row.phash256 or b"") + (row.pdq or b"") + (row.sscd or b"") for row in kept.rows)
    return uuid5(UUID(int=0), kept.fingerprint.media.sha256 + sha256(rows).hexdigest())


def _home(connection: Connection) -> tuple[UUID, UUID]:
    """The bank that was filled, and by whom."""
    row = connection.execute(_HOME).fetchone()
    assert row
    return row["bank_id"], row["created_by"]
