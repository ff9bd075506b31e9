"""Known fakes as a bundle of STIX 2.1 and as an event of MISP, read by others' readers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pymisp
import pytest
import stix2
from stix2patterns.v21.pattern import Pattern

from registry.sharing.lists.model.export_lines import Exported, Medium
from registry.sharing.publishing.model.export_writers import Bundle
from registry.sharing.publishing.model.threat_bundle import TEMPLATE, TEMPLATE_VERSION, About
from tests.support.media import drawn

TEMPLATES = Path(__file__).parents[2] / "deploy" / "misp-objects"
AT = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
ABOUT = About(UUID(int=1), "Diario", UUID(int=2), "elections", share_claims=False, now=AT)
PICTURE = drawn.clip("picture", seconds=0.5, face="somebody")


def entry(place: int, tier: str = "reviewed", **fields: Any) -> Exported:
    digest = f"{place:064x}"
    media = [
        Medium("fake", "image", digest, None, False, PICTURE),
        Medium("original", "image", f"{place + 99:064x}", None, False, PICTURE),
    ]
    known = {"entry_id": UUID(int=100 + place), "title": "Ana López", "claim": "It’s Ana.", "tier": tier}
    payload = {
        "references": [{"url": "https://check.example/1"}],
        "opinion": "malicious",
        "tags": (),
        "details": {},
    }
    return Exported(
        manipulation="face_swap", media=media, created_at=AT, changed_at=AT, **{**known, **payload, **fields}
    )


def written(form: Literal["stix", "misp"], *entries: Exported, about: About = ABOUT, **fields: bool) -> str:
    writer = Bundle(form, about, **{"unreviewed": False, **fields})
    head = writer.head()
    lines = [line for item in entries for line in writer.lines(item)]
    return (head + b"".join(lines) + writer.tail()).decode()


def test_a_stix_bundle_is_valid_and_stable() -> None:
    text = written("stix", entry(1), entry(2))
    found = stix2.parse(text)
    assert [item.type for item in found.objects] == ["identity", "extension-definition", *["indicator"] * 2]
    assert text == written("stix", entry(1), entry(2))
    owner, definition, one, other = json.loads(text)["objects"]
    Pattern(one["pattern"])
    assert (owner["name"], one["created_by_ref"]) == ("Diario", owner["id"])
    assert one["id"] != other["id"]
    extension = one["extensions"][definition["id"]]
    assert (extension["tier"], extension["manipulation"], len(extension["media"])) == (
        "reviewed",
        "face_swap",
        2,
    )
    assert PICTURE.frames[0].pdq is not None
    assert f"file:hashes.PDQ = '{PICTURE.frames[0].pdq.hex()}'" in one["pattern"]
    assert f"file:hashes.'SHA-256' = '{1:064x}'" in one["pattern"]


def test_an_event_of_misp_is_read_with_its_template() -> None:
    event = pymisp.MISPEvent()
    event.load(json.loads(written("misp", entry(1), entry(2))))
    assert [item.name for item in event.objects] == ["known-fake", "known-fake"]
    template = json.loads((TEMPLATES / "known-fake" / "definition.json").read_text())
    assert (template["uuid"], template["version"]) == (TEMPLATE, TEMPLATE_VERSION)
    for found in event.objects:
        for attribute in found.attributes:
            assert template["attributes"][attribute.object_relation]["misp-attribute"] == attribute.type
        assert {attribute.object_relation for attribute in found.attributes} >= set(
            template["requiredOneOf"][:1]
        )
    assert event.objects[0].uuid != event.objects[1].uuid


@pytest.mark.parametrize("form", ["stix", "misp"])
def test_nothing_personal_leaves_unless_the_bank_shares_it_and_no_faces_ever(
    form: Literal["stix", "misp"],
) -> None:
    kept, shared = written(form, entry(1)), written(form, entry(1), about=replace(ABOUT, share_claims=True))
    for text in ("Ana López", "It’s Ana.", "check.example"):
        assert text not in kept
        assert text in shared
    assert "face.sface" not in shared
    unreviewed, disputed = entry(1, "unreviewed"), entry(2, opinion="disputed")
    nobody = written(form, unreviewed, disputed)
    assert f"{UUID(int=101)}" not in nobody
    assert f"{UUID(int=102)}" not in nobody
    assert f"{UUID(int=101)}" in written(form, unreviewed, unreviewed=True)
    assert json.loads(nobody)
