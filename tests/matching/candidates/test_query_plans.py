"""What documents ask is one statement a connection, planned once, whatever they hold."""

from __future__ import annotations

from uuid import UUID, uuid4

import numpy as np
import pytest

from registry.core.database import arrays
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.candidates.store import candidates
from registry.matching.candidates.store.candidates import Probe
from tests.support.media import drawn

HASHES = [bytes([number] * 32) for number in range(3)]


def vectors(count: int) -> list[bytes]:
    return [frame.sscd for frame in drawn.clip("some", seconds=8).frames[:count] if frame.sscd is not None]


PROBES = (
    Probe((), (), (), None),
    Probe(HASHES, (), (), "00" * 32, first=HASHES, phash256_at=[0, 1, 40_000]),
    Probe((), HASHES, vectors(3), None, pdq_at=[0, 1, 2], sscd_at=[0, 1, 2], preselected=[uuid4()]),
    Probe(HASHES[:1], HASHES[:1], vectors(1), "11" * 32, sounds=True),
)


def test_documents_are_planned_once_a_connection(service: Service, owner: Caller) -> None:
    with service.pool.transaction() as connection:
        for probe in PROBES:
            for bank_id in (None, uuid4()):
                for organization_id in (None, owner.organization_id):
                    candidates.propose(
                        connection,
                        probe,
                        organization_id=organization_id,
                        bank_id=bank_id,
                        without=[] if bank_id else [uuid4()],
                    )
        row = connection.execute(
            "SELECT count(*) AS count, sum(generic_plans) AS generic, sum(custom_plans) AS custom"
            " FROM pg_prepared_statements WHERE statement LIKE '%first_hits%'"
        ).fetchone()
    assert row is not None
    assert row["count"] <= 4, "with and without a bank, for somebody and for nobody"
    assert row["custom"] == 0
    assert row["generic"] == len(PROBES) * 4


@pytest.mark.parametrize("count", [0, 1, 5])
def test_vectors_arrive_as_they_were_sent(service: Service, count: int) -> None:
    given = vectors(count)
    with service.pool.transaction() as connection:
        sent = {"vectors": arrays.HalfVectors(given)}
        rows = connection.execute(
            "SELECT v::text AS text FROM unnest(%(vectors)b::halfvec(512)[]) WITH ORDINALITY AS a (v, n)"
            " ORDER BY n",
            sent,
        ).fetchall()
    received = [np.array(row["text"].strip("[]").split(","), dtype=np.float16) for row in rows]
    assert [row.astype("<f2").tobytes() for row in received] == given


def test_bits_and_ids_are_written_as_arrays(service: Service) -> None:
    ids = [uuid4(), UUID(int=0)]
    with service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT %(bits)s::bit(256)[]::text[] AS bits, cardinality(%(none)s::bit(256)[]) AS none,"
            " %(ids)s::uuid[] AS ids",
            {
                "bits": arrays.bits_literal(HASHES),
                "none": arrays.bits_literal([]),
                "ids": arrays.array_literal(ids),
            },
        ).fetchone()
    assert row is not None
    assert [int(bit, 2).to_bytes(32) for bit in row["bits"]] == HASHES
    assert row["none"] == 0
    assert row["ids"] == ids
