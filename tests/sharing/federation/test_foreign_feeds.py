"""Published banks in other exchanges' words, read by the library `threatexchange` as it is."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import orjson
import pymisp
import pytest
import stix2
from threatexchange.exchanges.clients.fb_threatexchange.api import ThreatExchangeAPI
from threatexchange.exchanges.clients.stopncii.api import (
    StopNCIIAPI,
    StopNCIICSPFeedbackValue,
    StopNCIIEndpoint,
    StopNCIISignalType,
)

from registry.sharing.federation.model.foreign_feed import Change, number, records, updates
from registry.sharing.lists.model.export_lines import Exported, Medium
from registry.sharing.sources import readers as peers
from registry.sharing.sources.model import Terms
from tests.bench.provenance.threatexchange import Publisher, faults
from tests.support.service.api import Api


@pytest.mark.slow(16)
def test_a_platforms_program_matches_published_media_only(api: Api, tmp_path: Path) -> None:
    assert faults(api, tmp_path) == []


@pytest.mark.slow
def test_a_bank_is_read_page_by_page_judged_and_exported(api: Api, tmp_path: Path) -> None:
    with ExitStack() as stack:
        publisher = Publisher(api, stack, tmp_path)
        first, second = publisher.picture("chelsea"), publisher.picture("coffee")
        hidden = publisher.picture("astronaut", reviewed=False)
        publisher.say()
        base = f"{api.url}/threatexchange/v1"
        token = f"12345678|{publisher.key}"
        client = ThreatExchangeAPI(token, endpoint_override=base)
        (group,) = [item for item in client.get_threat_privacy_groups_member() if publisher.bank in item.name]
        pages = list(client.get_threat_updates(int(group.id), page_size=1))
        assert [len(page) for page in pages] == [2, 2, 1]  # the last entry is not said: a deletion of nothing
        terms = Terms("threatexchange", base, {"privacy_group": int(group.id)}, {"token": token})
        deltas = list(peers.read(terms, None, private=True, folder=None).deltas)
        assert len([row for delta in deltas for row in delta.rows]) == 4
        react: Any = client.react_to_threat_descriptor
        react(number_of(first.entry_id), "DISAGREE_WITH_TAGS")
        stopncii = StopNCIIAPI(
            "none",
            publisher.key,
            {StopNCIIEndpoint.SubmitFeedback: publisher.key},
            f"{api.url}/stopncii/{group.id}/v1",
        )
        records = [hashrecord for page in stopncii.fetch_hashes_iter() for hashrecord in page.hashRecords]
        assert {record.signalType for record in records} == {StopNCIISignalType.ImagePDQ}
        by_entry = {next(iter(record.caseNumbers)): record.hashValue for record in records}
        assert set(by_entry) == {first.entry_id, second.entry_id}
        stopncii.submit_feedback(
            StopNCIISignalType.ImagePDQ, by_entry[second.entry_id], StopNCIICSPFeedbackValue.Blocked
        )
        owner = publisher.cast.home.client("review", "admin")
        for fake, opinion in ((first, "false_positive"), (second, "true_positive")):
            kept = owner.get(f"/v1/entries/{fake.entry_id}/opinions").json()["opinions"]
            assert [opinion["opinion"] for opinion in kept] == [opinion]
        unsaid = publisher.reader.post(f"{base}/{number_of(hidden.entry_id)}/?reactions=HELPFUL")
        assert (unsaid.status_code, unsaid.json()["code"]) == (404, "unknown_entry")
        refused = publisher.reader.get(f"/stopncii/{2**62 - 1}/v1/FetchHashes")
        assert (refused.status_code, refused.json()["code"]) == (404, "unknown_feed")
        asker = publisher.cast.asker.get(f"/stopncii/{group.id}/v1/FetchHashes")
        assert (asker.status_code, asker.json()["code"]) == (403, "forbidden")
        assert httpx2.get(f"{base}/{group.id}/threat_updates/", trust_env=False).status_code == 401
        exported = owner.get(f"/v1/banks/{publisher.bank}/export", params={"format": "stix"})
        assert exported.headers["content-type"] == "application/stix+json"
        assert len(stix2.parse(exported.text).objects) == 4
        assert "names somebody" not in exported.text
        payload = {"format": "misp", "unreviewed": "true"}
        event = pymisp.MISPEvent()
        event.load(orjson.loads(owner.get(f"/v1/banks/{publisher.bank}/export", params=payload).content))
        assert len(event.objects) == 3


def number_of(entry_id: str) -> int:
    return number(UUID(entry_id))


def test_a_file_of_sound_is_said_by_its_digests() -> None:
    medium = Medium("fake", "audio", "a" * 64, "b" * 32, False, None)
    entry = Exported(
        UUID(int=1), "Note", None, "voice_clone", (), "true_positive", (), {}, "reviewed", (medium,)
    )
    change = Change(entry, True, datetime(2026, 1, 1, tzinfo=UTC))
    said = {(row["type"], row["indicator"]) for row in updates([change], 1, frozenset(), 0)}
    assert said == {("HASH_SHA256", "a" * 64), ("HASH_MD5", "b" * 32)}
    assert records([change], "registry", frozenset()) == []
