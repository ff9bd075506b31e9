"""What a hash is found by: keys of a few bits each, and with them every hash that is near enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal
from uuid import UUID

import numpy as np
import psycopg
import pytest
from pgvector import Bit
from pgvector.psycopg import register_vector
from psycopg.rows import tuple_row

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.candidates.store import candidates
from registry.matching.candidates.store.candidates import Probe
from registry.matching.candidates.store.near import PostgresIndex
from tests.support.media import drawn
from tests.support.service.servers import PostgresServer

Opened = psycopg.Connection[tuple[Any, ...]]
Name = Literal["phash256", "pdq"]
NAMES: Final[tuple[Name, ...]] = ("phash256", "pdq")
KEYS: Final = {
    "phash256": b"SELECT phash256_keys(h) FROM unnest(%s::bit(256)[]) WITH ORDINALITY q (h, n) ORDER BY n",
    "pdq": b"SELECT pdq_keys(h) FROM unnest(%s::bit(256)[]) WITH ORDINALITY q (h, n) ORDER BY n",
}
TURNED: Final = {
    name: b"""
SELECT ARRAY[k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10, k11] AS keys
FROM (SELECT %(hash)s::bit(256)) h (hash),
LATERAL %(name)s_turned(
    substring(hash FROM 1 FOR 64)::bit(64)::bigint, substring(hash FROM 65 FOR 64)::bit(64)::bigint,
    substring(hash FROM 129 FOR 64)::bit(64)::bigint, substring(hash FROM 193 FOR 64)::bit(64)::bigint,
    %(effort)s)""".replace(b"%(name)s", name.encode())
    for name in NAMES
}
BANDS: Final = 12
WIDTH: Final = 22
TURNED_BITS: Final = 16
NEAR: Final = 31


@pytest.fixture(scope="module")
def connection(embedded_postgres: PostgresServer) -> Iterator[Opened]:
    with embedded_postgres.clone() as url, psycopg.connect(url, row_factory=tuple_row) as opened:
        register_vector(opened)
        yield opened


def keys(connection: Opened, name: Name, rows: np.ndarray) -> np.ndarray:
    """(n, 12) keys of (n, 256) bits."""
    hashes = [Bit(row.astype(bool)) for row in rows]
    return np.array([row[0] for row in connection.execute(KEYS[name], [hashes]).fetchall()])


def bands(connection: Opened, name: Name) -> np.ndarray:
    """(12, 256): which bits change which key, seen by turning each."""
    base = np.random.default_rng(1).integers(0, 2, 256, dtype=np.uint8)
    turned = base ^ np.eye(256, dtype=np.uint8)
    found = keys(connection, name, np.vstack([base, turned]))
    return np.asarray((found[1:] != found[0]).T)


def probes(connection: Opened, name: Name, row: np.ndarray, effort: int) -> np.ndarray:
    """(12, effort + 1) keys that a hash is looked for by."""
    found = connection.execute(TURNED[name], {"hash": Bit(row.astype(bool)), "effort": effort}).fetchone()
    assert found
    return np.array(found[0])


@pytest.mark.parametrize("name", NAMES)
def test_each_key_has_22_bits_and_covers_every_bit(connection: Opened, name: Name) -> None:
    found = bands(connection, name)
    assert found.shape == (BANDS, 256)
    assert set(found.sum(axis=1)) == {WIDTH}
    unused = np.flatnonzero(~found.any(axis=0)).tolist()
    assert unused == ([0] if name == "phash256" else []), "the mean of the picture says nothing"


@pytest.mark.parametrize("name", NAMES)
def test_keys_are_equal_only_for_equal_bits(connection: Opened, name: Name) -> None:
    numbers = np.random.default_rng(2)
    which = bands(connection, name)
    rows = numbers.integers(0, 2, (400, 256), dtype=np.uint8)
    rows[200:] = rows[:200] ^ (numbers.random((200, 256)) < 0.06)
    found = keys(connection, name, rows)
    same_bits = ((rows[:200] ^ rows[200:]) @ which.T.astype(np.uint8)) == 0
    assert (same_bits == (found[:200] == found[200:])).all()
    assert 0.1 < same_bits.mean() < 0.6
    for band in range(BANDS):
        assert not np.isin(found[:, band], np.delete(found, band, axis=1)).any(), "no key is another band's"


@pytest.mark.parametrize("name", NAMES)
def test_a_hash_is_looked_for_by_its_keys_with_each_bit_turned(connection: Opened, name: Name) -> None:
    row = np.random.default_rng(4).integers(0, 2, 256, dtype=np.uint8)
    own = keys(connection, name, row[None, :])[0]
    of_turned = keys(connection, name, row ^ np.eye(256, dtype=np.uint8))
    which = bands(connection, name)
    probed = probes(connection, name, row, TURNED_BITS)
    assert probed.shape == (BANDS, TURNED_BITS + 1)
    for band in range(BANDS):
        assert probed[band, 0] == own[band]
        found = set(probed[band, 1:])
        assert len(found) == TURNED_BITS
        assert found < set(of_turned[which[band], band])
    for effort in (0, 4, 14):
        assert (probes(connection, name, row, effort) == probed[:, : effort + 1]).all(), "the first of them"


@pytest.mark.parametrize("name", NAMES)
def test_of_hashes_with_any_31_bits_turned_few_are_not_looked_for(connection: Opened, name: Name) -> None:
    numbers = np.random.default_rng(3)
    base = np.zeros((1, 256), dtype=np.uint8)
    which = bands(connection, name)
    probed = probes(connection, name, base[0], candidates.EFFORT)
    one_off = np.zeros_like(which)
    for bit, found in enumerate(keys(connection, name, np.eye(256, dtype=np.uint8))):
        one_off[:, bit] = which[:, bit] & (probed == found[:, None]).any(axis=1)
    shares = []
    for bits in range(NEAR + 1):
        turned = np.zeros((500, 256), dtype=np.uint8)
        for row in turned:
            row[numbers.permutation(256)[:bits]] = 1
        changed = turned @ which.T.astype(np.uint8)
        reached = (changed == 0) | ((changed == 1) & (turned @ one_off.T.astype(np.uint8) == 1))
        shares.append(float(reached.any(axis=1).mean()))
    assert np.mean(shares) >= 0.99
    assert min(shares[:16]) == 1.0
    assert shares[NEAR] >= 0.9


@pytest.mark.parametrize("name", NAMES)
def test_exact_search_finds_more_than_keys(service: Service, owner: Caller, name: Name) -> None:
    clip = drawn.clip("body")
    entry_id = UUID(register_entry(service, owner, Registration(fakes=[clip])).entry_id)
    with service.pool.transaction() as connection:
        with psycopg.connect(service.pool.url, row_factory=tuple_row) as opened:
            register_vector(opened)
            which = bands(opened, name)
        value = getattr(clip.frames[3], name)
        assert value is not None
        far = np.unpackbits(np.frombuffer(value, dtype=np.uint8)) ^ _hitting(which)
        payload = {name: [np.packbits(far).tobytes()]}
        probe = Probe(payload.get("phash256", []), payload.get("pdq", []), [], None)

        def found(*, exact: bool) -> list[UUID]:
            proposed = candidates.propose(
                connection,
                probe,
                organization_id=owner.organization_id,
                bank_id=None,
                index=PostgresIndex(connection, exact=True) if exact else None,
            )
            return [candidate.entry_id for candidate in proposed]

        assert found(exact=False) == []
        assert found(exact=True) == [entry_id]


def _hitting(which: np.ndarray) -> np.ndarray:
    """(256,): few bits, of which every band has two."""
    turned = np.zeros(256, dtype=np.uint8)
    while (lacking := which[(which & turned.astype(bool)).sum(axis=1) < 2]).size:
        turned[int((lacking.sum(axis=0) * (1 - turned.astype(int))).argmax())] = 1
    assert turned.sum() <= candidates.RADIUS
    return turned
