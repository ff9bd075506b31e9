"""The report of a bundle in each language: every word is there, and it can be printed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, get_args

import pytest

from registry.catalogue.provenance.model.provenance import State
from registry.takedown import documents as pdf
from registry.takedown.documents.report import Report, Table, Text
from registry.takedown.evidence.model import evidence_report
from registry.takedown.evidence.model.custody import Digest, Recorded
from registry.takedown.evidence.model.evidence_terms import KINDS, TERMS, TIERS
from registry.takedown.evidence.model.evidence_words import ACTS, EXHIBITS, STATES, WORDS
from registry.takedown.evidence.model.exhibit import Kind
from registry.takedown.notices.model.notice import ACTS as EVERY_ACT
from registry.takedown.notices.model.notice import STANDS as EVERY_STATE
from registry.takedown.regimes.model.regime import LANGUAGES

AT: Final = "2026-01-31T09:30:00+00:00"
DIGEST: Final = "ab" * 32


def record(number: int) -> dict[str, Any]:
    moves = [{"at": AT, "act": act, "to_state": "prepared", "caller": None} for act in EVERY_ACT]
    sent: dict[str, Any] = {
        "channel": "email",
        "address": "abuse@example.net",
        "status": "handed_over",
        "handed_at": AT,
    }
    sent |= {"outcome": "handed_over", "delivered_at": None, "decided_by": None, "proof_sha256": None}
    sent |= {"receipt_by": None, "receipt_sha256": None}
    came = {"sender": "abuse@example.net", "subject": "Re: #1 = *x*", "text": "No.\n$x$", "said_at": None}
    brought = {"name": "captura.png", "note": "x" * 300, "sha256": DIGEST, "made_at": None, "added_at": AT}
    brought |= {"caller": "lucia"}
    return {
        "notice_id": f"00000000-0000-0000-0000-{number:012}",
        "entry_id": "e",
        "platform": "videos.example.net",
        "url": "https://videos.example.net/" + "x" * 2_000,
        "content_id": None,
        "regime": "dsa16",
        "state": EVERY_STATE[number % len(EVERY_STATE)],
        "ground": "match",
        "match": {"relation": "copy", "confidence": 0.93, "spans": [{"query": [1.0, 9.5]}], "sha256": DIGEST},
        "exhibits": [brought | {"kind": kind} for kind in get_args(Kind)],
        "confirmed_at": AT,
        "seen_at": "yesterday",
        "prepared_at": AT,
        "handed_over_at": AT,
        "delivered_at": None,
        "despite_dispute_at": None,
        "due_at": AT,
        "removed_at": None,
        "moves": moves,
        "deliveries": [
            sent | {"created_at": AT, "content_sha256": DIGEST, "kind": kind}
            for kind in ("notice", "retraction")
        ],
        "replies": [came | {"created_at": AT}],
    }


def medium(state: str | None, role: str = "fake", **store: bool) -> dict[str, Any]:
    payload = {
        "state": state,
        "signer": "Newsroom, محمد",
        "signed_at": AT,
        "claim_generator": "Camera 2.1",
        "said": {
            "actions": [{"action": "c2pa.created", "digital_source_type": "http://x/y/compositeSynthetic"}]
        },
        "store_sha256": DIGEST,
        "store_here": False,
        "store_ciphered": False,
    }
    return {"role": role, "sha256": DIGEST, "c2pa": payload | store if state else None}


def made(language: str, notices: int, *, stamped: bool = False, media: bool = False) -> Report:
    campaign = {
        "campaign_id": "c",
        "title": "Ana #let x = 1",
        "language": language,
        "client": {"name": "محمد"},
        "signatory": None,
        "mandate": {"document_sha256": DIGEST, "valid_from": AT, "valid_until": AT},
        "entries": [{"entry_id": "e", "title": None}],
    }
    digests = [Digest(what, "e", DIGEST) for what in EXHIBITS["en"]]
    told = [medium(state) for state in (*get_args(State), None)]
    told += [medium("valid", "original", store_here=True), medium("valid", store_ciphered=True)]
    entries = [{"entry_id": "e", "tier": "reviewed", "media": told}]
    records = [record(number) for number in range(notices)]
    recorded = Recorded(campaign, entries, records, AT)
    return evidence_report.report(recorded, digests, {}, stamped=stamped, media=media)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_worded_and_printed(language: str) -> None:
    for words in (WORDS, ACTS, EXHIBITS, STATES, TIERS, TERMS, KINDS):
        assert words[language].keys() == words["en"].keys()
        assert all(words[language].values())
    assert set(EVERY_ACT) == set(ACTS[language])
    assert set(EVERY_STATE) == set(STATES[language])
    report = made(language, 3)
    assert (report.language, report.title) == (language, WORDS[language]["title"])
    printed = pdf.report(report, datetime.fromisoformat(AT))
    assert printed.startswith(b"%PDF-")
    assert printed == pdf.report(made(language, 3), datetime.fromisoformat(AT))


def test_another_language_is_english() -> None:
    assert made("de", 1).language == "en"


def test_of_many_the_rest_is_in_the_archive() -> None:
    report = made("en", evidence_report.MOST_LISTED + 1)
    (places,) = (block for block in report.sections[1].blocks if isinstance(block, Table))
    assert len(places.rows) == evidence_report.MOST_LISTED
    assert max(len(row[2]) for row in places.rows) <= 300, "a row that is longer than a page is cut off"
    assert len(report.sections) < 5 * evidence_report.MOST_SECTIONS


def test_the_report_lists_the_archive_and_its_stamp() -> None:
    def texts(**fields: bool) -> str:
        blocks = [block for section in made("en", 1, **fields).sections for block in section.blocks]
        return " ".join(block.text for block in blocks if isinstance(block, Text))

    plain, whole = texts(), texts(stamped=True, media=True)
    assert "no time stamp of a third party" in plain
    assert "no media are in it" in plain
    assert "RFC 3161" in whole
    assert "ciphered for the recipients" in whole
    assert "shows no picture" in plain
    assert "shows no picture" in whole
    assert "That a statement is missing proves nothing" in plain


def test_unsent_letters_are_not_reported_as_sent() -> None:
    def told(**fields: Any) -> str:
        one = record(1)
        letter: dict[str, Any] = one["deliveries"][0] | {"channel": "paper", "outcome": None} | fields
        one |= {"state": "prepared", "handed_over_at": fields.get("handed_at"), "deliveries": [letter]}
        about: dict[str, Any] = {
            "campaign_id": "c",
            "title": "Ana",
            "language": "es",
            "client": None,
            "signatory": None,
        }
        about |= {"mandate": {"document_sha256": DIGEST, "valid_from": AT, "valid_until": AT}, "entries": []}
        return repr(evidence_report.report(Recorded(about, [], [one], AT), [], {}))

    nobody = told(status="waiting", handed_at=None)
    assert "1 (preparada, sin remitir: 1)" in nobody
    assert "('Remitida', 'no consta')" in nobody
    by_word = told(handed_at=AT, decided_by="Lucía")
    assert "según Lucía; no se aportó prueba" in by_word
    with_proof = told(handed_at=AT, decided_by="Lucía", proof_sha256=DIGEST)
    assert f"según Lucía, con prueba (SHA-256):\\n{DIGEST}" in with_proof
    received = told(
        handed_at=AT, decided_by="Lucía", delivered_at=AT, receipt_by="Ana", receipt_sha256=DIGEST
    )
    assert f"según Ana, con acuse de recibo (SHA-256):\\n{DIGEST}" in received
