"""Registries as real processes that read each other's feeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import drawn, peering
from tests.peering import Registry
from tests.services import PostgresServer


@pytest.fixture(scope="module")
def two(
    embedded_postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Registry]]:
    folder: Path = tmp_path_factory.mktemp("peers")
    with peering.registries(embedded_postgres, folder, "north", "south", licence="CC-BY-4.0") as found:
        found[1].add("north", found[0], tiers={"reviewed": "reviewed"})
        yield found


def test_what_one_registers_the_other_finds_and_what_it_takes_back_is_gone(two: list[Registry]) -> None:
    north, south = two
    clip = drawn.clip("abroad")
    entry = north.register(clip, title="A name that stays at home", claim="and a claim")
    north.publish()
    read = south.pull("north")
    assert (read["error"], read["added"], read["state"], read["pages"]) == (None, 1, "active", 1)
    assert south.verdict(clip) in {"known_fake", "related"}
    (kept,) = south.rows(
        "SELECT f.*, e.title, e.tier, e.own_tier FROM foreign_entry f JOIN entry e USING (entry_id)"
    )
    assert (str(kept["origin_entry_id"]), kept["licence"]) == (entry, "CC-BY-4.0")
    assert kept["title"].startswith("untitled")
    assert (kept["tier"], kept["own_tier"]) == ("unreviewed", "unreviewed")
    assert south.rows("SELECT face_id FROM face_fingerprint") == []
    north.call("POST", f"/v1/entries/{entry}/withdraw", json={"reason_code": "mistaken"})
    north.publish()
    read = south.pull("north")
    assert (read["error"], read["withdrawn"]) == (None, 1)
    assert south.verdict(clip) == "no_match"
