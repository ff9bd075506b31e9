"""What media declare of their origin: in answers, in entries, and what a source's word changes."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from registry.catalogue.banks.service.banks import change_bank
from registry.catalogue.entries.commands import shown_entries as cli
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.provenance.model import provenance
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.files import ReadFile, answer_file
from registry.matching.lookups.service.records import queue_lookup
from tests.support import steps
from tests.support.matching.answers import answer_of
from tests.support.media import drawn
from tests.support.media.origins import SOURCE
from tests.support.service.fixtures import Recorder
from tests.support.steps import claimed, upload

AI: Final = Manifest("valid", "reader", signer="Modelworks", declared="trained_algorithmic_media")


def _registered(service: Service, caller: Caller, recorder: Recorder) -> str:
    """An entry of a fake that says that a model made it, and of an original that a camera signed."""
    fake, original = (upload(service, f"{face} {caller.caller_id}".encode(), f"{face}.mp4") for face in "ab")
    entry_id = str(register_entry(service, caller, Registration(fakes=[fake], originals=[original])).entry_id)
    # The original is read first: what a source says of it has to count when the fake opens the entry.
    jobs = {job.subject_id: job for job in (claimed(service, recorder), claimed(service, recorder))}
    assets: dict[str, UUID] = {
        asset.role: UUID(asset.asset_id) for asset in show_entry(service, caller, UUID(entry_id)).assets
    }
    for role, face, media, said in (("original", "b", original, SOURCE), ("fake", "a", fake, AI)):
        clip = steps.renamed(drawn.clip("origins", face=face), media.blob.sha256)
        enrol_fingerprint(service, jobs[assets[role]], clip, said)
    return entry_id


def _shown(service: Service, caller: Caller, entry_id: str) -> tuple[str, str, dict[str, Any]]:
    found = show_entry(service, caller, UUID(entry_id))
    by_role: dict[str, Any] = {medium.role: medium.model_dump()["provenance"] for medium in found.assets}
    assert found.review is not None
    return found.original_tier, found.review["own_original_tier"], by_role


def test_a_source_proposes_and_the_banks_policy_decides(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    first = _registered(service, owner, recorder)
    others, own, declared = _shown(service, owner, first)
    assert (others, own) == ("unreviewed", "unreviewed"), "proposed, not decided"
    assert declared["original"]["proposed_tier"] == "reviewed"
    assert (declared["original"]["declared"], declared["original"]["signer"]) == (
        "capture",
        "Camera, Example",
    )
    assert declared["fake"]["proposed_tier"] is None
    assert (declared["fake"]["declared"], declared["fake"]["note"]) == (
        "trained_algorithmic_media",
        "unknown_signer",
    )
    for policy, expected in (("reviewed", "reviewed"), (None, "unreviewed"), ("reviewed", "reviewed")):
        change_bank(service, owner, "default", {"source_original_tier": policy})
        others, own, _ = _shown(service, owner, first)
        assert (others, own) == ("unreviewed", expected), "strangers go by reviewers, always"
    with service.pool.transaction() as connection:
        rows = connection.execute("SELECT said FROM event WHERE kind = 'entry.reweighed'").fetchall()
    assert len(rows) == 3


def test_a_new_original_of_a_source_is_trusted_as_the_policy_says(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    change_bank(service, owner, "default", {"source_original_tier": "reviewed"})
    others, own, _ = _shown(service, owner, _registered(service, owner, recorder))
    assert (others, own) == ("unreviewed", "reviewed")


def test_an_entry_without_its_manifest_is_marked(service: Service, owner: Caller, recorder: Recorder) -> None:
    _registered(service, owner, recorder)
    copy = upload(service, b"a copy of the original", "copy.mp4")
    other = register_entry(
        service,
        owner,
        Registration(fakes=[drawn.clip("other", face="c")], originals=[copy], manipulation="edited"),
    )
    clip = steps.renamed(drawn.clip("origins", face="b", noise=0.05), copy.blob.sha256)
    enrol_fingerprint(service, claimed(service, recorder), clip, provenance.absent("reader"))

    def missing() -> list[bool]:
        shown = show_entry(service, owner, UUID(other.entry_id))
        lines.extend(cli.entry(shown.model_dump()))
        return [asset.provenance.manifest_missing for asset in shown.assets if asset.provenance]

    lines: list[str] = []
    assert missing() == [False], "nobody has looked for relatives yet"
    assert not any("no manifest" in line for line in lines)
    steps.relate(service)
    assert missing() == [True]
    assert any("no manifest (C2PA), but other media with the same footage have one" in line for line in lines)


def test_answers_report_declared_and_missing_manifests(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    entry_id = _registered(service, owner, recorder)

    def asked(face: str, said: Manifest | None) -> Answer:
        media = upload(service, f"asked {face} {said and said.state}".encode(), "asked.mp4")
        lookup_id = queue_lookup(service, owner, media)
        clip = steps.renamed(drawn.clip("origins", face=face, noise=0.05), media.blob.sha256)
        answer_file(service, claimed(service, recorder), ReadFile(clip, 1.0, manifest=said))
        return answer_of(service, owner, lookup_id)

    absent = asked("b", provenance.absent("reader"))
    assert (absent["provenance"]["state"], absent["provenance"]["note"]) == (
        "absent",
        "absence_proves_nothing",
    )
    genuine = next(match for match in absent["matches"] if match["relation"] == "original")
    assert genuine["provenance"] == {
        "state": "trusted",
        "signer": "Camera, Example",
        "declared": "capture",
        "manifest_missing": True,
    }
    kept = next(match for match in asked("b", SOURCE)["matches"] if match["relation"] == "original")
    assert not kept["provenance"]["manifest_missing"]
    fake = asked("a", None)
    assert fake["provenance"] is None, "nobody looked"
    copy = next(match for match in fake["matches"] if match["relation"] == "copy")
    assert copy["entry_id"] == entry_id
    assert copy["provenance"] == {
        "state": "valid",
        "signer": None,
        "declared": "trained_algorithmic_media",
        "manifest_missing": False,
    }, "a name that anybody may give themselves is not told of another's medium"
