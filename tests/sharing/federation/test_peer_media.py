"""A medium answers exactly as long as a record of a peer that stands names it, however records overlap."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final

import pytest

from registry.catalogue.banks.model import Tier
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answers import answer_sha256
from registry.sharing.lists.model.export_lines import Medium
from tests.support.sharing import peering
from tests.support.sharing.publishing import Publisher, digest, exported, line, serving

NAMES: Final = "abcde"


def media(names: str) -> tuple[Medium, ...]:
    return tuple(exported(name).media[0] for name in names)


def answering(service: Service, bank: str) -> dict[str, str]:
    """Media that answer in a bank, and how far its organization trusts each."""
    query = """
        SELECT encode(a.sha256, 'hex') AS name,
               bool_or((e.own_tier, ea.own_tier) = ('reviewed', 'reviewed')) AS known
        FROM entry e JOIN bank b USING (bank_id) JOIN entry_asset ea USING (entry_id)
        JOIN asset a USING (asset_id)
        WHERE b.name = %s AND e.status = 'matchable' AND ea.matchable_at IS NOT NULL AND ea.role = 'fake'
        GROUP BY 1"""
    with service.pool.transaction() as connection:
        found = connection.execute(query, (bank,)).fetchall()
    return {row["name"]: "reviewed" if row["known"] else "unreviewed" for row in found}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_medium_answers_while_a_record_names_it(opened: Service, owner: Caller, seed: int) -> None:
    """Records that share media, gain and lose them, change tiers, go and come back, said twice, in any order;
    who follows page by page and who comes late know the same."""
    chance, north = random.Random(seed), Publisher("north")  # noqa: S311 - chance
    standing: dict[str, tuple[str, Tier]] = {}
    with serving(north) as north.url:
        peering.add_published(opened, owner, north, tiers={"reviewed": "reviewed"})
        for turn in range(14):
            lines = []
            for record in chance.sample("vwxyz", chance.randint(1, 3)):
                if record in standing and chance.random() < 0.45:
                    del standing[record]
                    lines.append(line(record, "withdrawn"))
                    continue
                names = "".join(chance.sample(NAMES, chance.randint(1, 3)))
                tier: Tier = chance.choice(("reviewed", "unreviewed"))
                standing[record] = names, tier
                lines += [line(record, tier=tier, media=media(names))] * chance.randint(1, 2)
            north.publish(*lines)
            if turn % 2:
                peering.pull_published(opened, owner, north)
                assert answering(opened, "north") == _truth(standing)
        peering.add_published(opened, owner, north, "late", tiers={"reviewed": "reviewed"})
        assert peering.pull_published(opened, owner, north, "late").error is None
        assert answering(opened, "late") == _truth(standing)


def _truth(standing: dict[str, tuple[str, Tier]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for names, tier in standing.values():
        for name in names:
            found[digest(name)] = "reviewed" if "reviewed" in {tier, found.get(digest(name))} else tier
    return found


def test_media_of_a_withdrawn_record_disappear_at_once(opened: Service, owner: Caller) -> None:
    north = Publisher("north")
    north.publish(line("x", media=media("ab")), line("y", media=media("a")))
    with serving(north) as north.url:
        peering.add_published(opened, owner, north)
        peering.pull_published(opened, owner, north)
        north.publish(line("x", "withdrawn"))
        peering.pull_published(opened, owner, north)
    verdicts = [answer_sha256(opened, owner, digest(item))["verdict"] for item in "ab"]
    assert verdicts == ["related", "no_match"]


def test_a_fake_that_turns_out_genuine_is_an_original_from_then_on(opened: Service, owner: Caller) -> None:
    north = Publisher("north")
    north.publish(line("x", media=media("ab")))
    genuine = replace(exported("b").media[0], role="original")
    with serving(north) as north.url:
        peering.add_published(opened, owner, north)
        peering.pull_published(opened, owner, north)
        north.publish(line("x", media=(*media("a"), genuine)))
        assert peering.pull_published(opened, owner, north).error is None
    with opened.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT encode(asset.sha256, 'hex') AS name, role FROM entry_asset JOIN asset USING (asset_id)"
        ).fetchall()
    assert {row["name"]: row["role"] for row in rows} == {digest("a"): "fake", digest("b"): "original"}
