"""The graph of an entry that was made from very much, or that several registries say: bounded, one by one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from prov.model import ProvDerivation, ProvDocument, ProvEntity

from registry.matching.alignment.model.align import Span
from registry.sharing.prov import pages
from registry.sharing.prov.model import lineage_drawing
from registry.sharing.prov.model.graph import TAKEN, EntryRecords, prov

AT: Final = datetime(2026, 11, 26, tzinfo=UTC)
ORGANIZATION: Final = {"organization_id": UUID(int=1), "name": "Redacción Ñandú"}
ENTRY: Final[dict[str, Any]] = {
    "entry_id": str(UUID(int=2)),
    "title": "From <script>many</script>",
    "bank": "own",
    "tier": "reviewed",
    "original_tier": "unreviewed",
    "status": "matchable",
    "manipulation": "edited",
    "references": [],
    "created_at": AT.isoformat(),
}


def _medium(number: int, role: str) -> dict[str, Any]:
    return {
        "asset_id": UUID(int=1000 + number),
        "role": role,
        "sha256": f"{number:064x}",
        "kind": "video",
        "duration": 8.0,
        "organization_id": ORGANIZATION["organization_id"],
        "organization": ORGANIZATION["name"],
        "added_at": AT + timedelta(seconds=number),
    }


def _found(originals: int = 1, **more: Any) -> EntryRecords:
    media = [_medium(0, "fake"), *(_medium(item, "original") for item in range(1, originals + 1))]
    aligned = [
        {
            "fake_id": media[0]["asset_id"],
            "original_id": medium["asset_id"],
            "found_at": AT,
            "model": "sscd.1",
            "score": 0.97,
            "faces": "other",
            "spans": [Span((0.0, 4.0), (2.0, 6.0), 1.0, mirrored=False)],
        }
        for medium in media[1:]
    ]
    payload: dict[str, Any] = {"derivations": aligned, "relatives": [], "variants": [], **more}
    return EntryRecords(entry=ENTRY, owner=ORGANIZATION, media=media, registry="here/ledger", **payload)


@pytest.mark.parametrize("originals", [200, lineage_drawing.MOST + 100])
def test_large_lineages_are_summarised_and_drawn(originals: int) -> None:
    graph = prov(_found(originals))
    read = ProvDocument.deserialize(content=json.dumps(graph), format="json")
    assert len(list(read.get_records(ProvDerivation))) == 2 * originals, "as said, and as found"
    picture = lineage_drawing.svg(graph)
    root = ET.fromstring(picture)  # noqa: S314 - our own
    boxes = [item for item in root.iter() if item.tag.endswith("rect")]
    assert len(boxes) == min(originals + 2, lineage_drawing.MOST), "of more, the first by name"
    assert "<script" not in picture
    assert picture == lineage_drawing.svg(graph)


def test_two_registries_that_say_one_id_are_two() -> None:
    payload = {
        "status": "matchable",
        "tier": "reviewed",
        "ledger_index": 7,
        "item_hash": "ab" * 32,
        "said_at": AT,
    }
    named = {"peer": "x", "entry_id": UUID(int=3)}
    foreign = [
        {**payload, **named, "origin": origin, "licence": licence}
        for origin, licence in (("north/ledger", "CC-BY-4.0"), ("south/<b>led ger", None))
    ]
    graph = prov(_found(foreign=foreign))
    read = ProvDocument.deserialize(content=json.dumps(graph), format="json")
    far = sorted(
        str(record.identifier) for record in read.get_records(ProvEntity) if "far:" in str(record.identifier)
    )
    assert far == [f"far:north%2Fledger:{UUID(int=3)}", f"far:south%2F%3Cb%3Eled%20ger:{UUID(int=3)}"]
    taken = [item for item in graph["wasDerivedFrom"].values() if item.get("fp:as") == TAKEN]
    assert [item.get("fp:licence") for item in taken] == ["CC-BY-4.0", None]
    assert len({item["fp:assertedBy"] for item in taken}) == 2
    picture = lineage_drawing.svg(graph)
    assert "<b>" not in picture
    assert picture.count("imported from") == 4, "a word and a title each"


def test_a_graph_has_titles_in_the_readers_language_and_no_ids() -> None:
    graph = prov(_found(variants=[{"entry_id": UUID(int=9), "title": "La copia"}]))
    words = {name: f"[{word}]" for name, word in lineage_drawing.ENGLISH.items()}
    root = ET.fromstring(lineage_drawing.svg(graph, words))  # noqa: S314 - our own
    texts = [item.text or "" for item in root.iter() if item.tag.endswith(("text", "title"))]
    assert {"[fake], 8.0 s", "[original], 8.0 s", "La copia", "[made from]", "[variant]"} <= set(texts)
    assert "[entry] · [edited] · [re…" in texts, "what is too long for its box ends in an ellipsis"
    assert any("2–6 s → 0–4 s · 97% · here/ledger" in item for item in texts)
    assert not [item for item in texts if "-0000-" in item or "media:" in item or "_" in item]


def test_the_console_has_a_word_for_each_of_the_drawing() -> None:
    assert pages.DRAWING == lineage_drawing.ENGLISH


def test_four_layers_are_read_at_the_width_of_a_page() -> None:
    seen = {"url": "https://video.example/watch/1", "channel": "public"}
    root = ET.fromstring(lineage_drawing.svg(prov(_found(sightings=[seen]))))  # noqa: S314 - our own
    assert int(root.attrib["width"]) <= 1134, "76 rem without its padding"
    assert min(int(item.attrib["font-size"]) for item in root.iter() if item.tag.endswith("text")) >= 13
