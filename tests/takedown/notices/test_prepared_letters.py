"""A letter is prepared, handed over, delivered: three things, told apart wherever a notice is shown."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from registry.core.documents import plain_zip
from registry.core.errors import BadInput, Conflict
from registry.core.service import Service
from registry.core.settings import settings
from registry.identity.callers.model import Caller
from registry.review.disputes.service.disputes import Contest, open_dispute
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.delivery.service.deliveries import decide_delivery
from registry.takedown.delivery.service.sending import preview_letter, send_notices
from registry.takedown.evidence.model import bundle
from registry.takedown.evidence.service.bundles import bundle_evidence
from registry.takedown.notices.model.notice import NoticeFilter
from registry.takedown.notices.service.creation import add_notices, read_addresses
from registry.takedown.notices.service.moves import go_on
from registry.takedown.notices.service.notices import list_notices, print_notice, show_notice
from registry.takedown.reports.service import export_notices, report_statistics
from registry.transparency.ledger.service.ledger import get_history
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.support.record.signers import signers
from tests.support.service.fixtures import Recorder
from tests.support.takedown.campaigns import Case, case
from tests.support.takedown.delivery import ASKED, FORMED, MAILED, able, channels, deliveries, send, work
from tests.support.takedown.endpoints import Endpoint
from tests.support.takedown.mail import MailServer, mail_server

PROOF, RECEIPT = "ab" * 32, "cd" * 32


@pytest.fixture
def mailing() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


@pytest.fixture
def about(
    service: Service,
    owner: Caller,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    there: Endpoint,
    mailing: MailServer,
) -> Iterator[Case]:
    keys = channels(monkeypatch, tmp_path, api=there.url("/notices"))
    yield case(able(service, keys, mailing.port), owner)
    settings.cache_clear()


def stands(about: Case) -> list[str]:
    """How the notices stand, by their addresses."""
    found = list_notices(about.service, about.caller, about.campaign_id).notices
    return [notice.state for notice in sorted(found, key=lambda item: str(item.url))]


def letter_to(about: Case, url: str) -> str:
    """The id of the letter about an address."""
    found = list_notices(about.service, about.caller, about.campaign_id).notices
    (wanted,) = (notice.notice_id for notice in found if notice.url == url)
    return str(next(delivery.delivery_id for delivery in deliveries(about) if delivery.notice_id == wanted))


def exported(about: Case, form: str = "csv") -> list[dict[str, str]]:
    raw = b"".join(export_notices(about.service, about.caller, about.campaign_id, format_=form))  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))


def decide(about: Case, delivery_id: str, what: str, proof: str | None = None) -> None:
    decide_delivery(
        about.service,
        about.caller,
        UUID(delivery_id),
        what,  # type: ignore[arg-type]
        at=datetime.now(UTC),
        proof_sha256=proof,
    )


def test_figures_count_prepared_handed_over_and_delivered_letters(about: Case, recorder: Recorder) -> None:
    about.ready(MAILED + "1", ASKED + "1", FORMED + "1", FORMED + "2")
    send(about)
    assert stands(about) == ["prepared"] * 4
    assert [item["handed_over_at"] for item in exported(about)] == [""] * 4
    assert all(item["prepared_at"] for item in exported(about))
    lumen = b"".join(export_notices(about.service, about.caller, about.campaign_id, format_="lumen"))
    assert lumen == b"", "nobody has them: there is nothing to publish"

    work(about.service, recorder)
    decide(about, letter_to(about, FORMED + "1"), "handed_over")
    # asked: an API; formed: by hand, one of two; mailed
    assert stands(about) == ["delivered", "handed_over", "prepared", "handed_over"]
    shown = show_campaign(about.service, about.caller, about.campaign_id)
    assert {notice.state: notice.notices for notice in shown.notices} == {
        "prepared": 1,
        "handed_over": 2,
        "delivered": 1,
    }
    assert sum(platform.not_handed_over for platform in shown.platforms) == 1
    (figures,) = report_statistics(about.service, about.caller, campaign_id=about.campaign_id).groups
    assert (figures.prepared, figures.handed_over, figures.delivered) == (4, 3, 1)
    waits = list_notices(about.service, about.caller, about.campaign_id, NoticeFilter("prepared")).notices
    assert [(wait.url, wait.due_at) for wait in waits] == [(FORMED + "2", None)]
    lines = b"".join(export_notices(about.service, about.caller, about.campaign_id, format_="lumen"))
    published = [json.loads(line)["notice"] for line in lines.splitlines()]
    assert len(published) == 3
    assert sorted(bool(line["date_received"]) for line in published) == [False, False, True]


def test_a_hand_over_needs_no_proof_and_a_delivery_needs_a_receipt(about: Case) -> None:
    about.ready(FORMED + "1", FORMED + "2")
    send(about)
    by_word, by_proof = letter_to(about, FORMED + "1"), letter_to(about, FORMED + "2")
    with pytest.raises(Conflict) as early:
        decide(about, by_word, "delivered", RECEIPT)
    assert early.value.code == "wrong_state"
    decide(about, by_word, "handed_over")
    decide(about, by_proof, "handed_over", PROOF)
    with pytest.raises(BadInput) as bare:
        decide(about, by_word, "delivered")
    assert bare.value.code == "proof_needed"
    decide(about, by_word, "delivered", RECEIPT)
    with pytest.raises(Conflict):
        decide(about, by_word, "delivered", RECEIPT)
    first, second = sorted(deliveries(about), key=lambda delivery: delivery.delivery_id != by_word)
    assert (first.proof_sha256, first.receipt_sha256) == (None, RECEIPT)
    assert (second.proof_sha256, second.delivered_at) == (PROOF, None)
    assert first.decided_by == first.receipt_by == about.caller.name
    assert stands(about) == ["delivered", "handed_over"]
    rows = sorted(exported(about), key=lambda item: item["url"])
    assert [(row["hand_over_proof"], row["receipt"]) for row in rows] == [("", RECEIPT), (PROOF, "")]


def test_evidence_marks_letters_not_handed_over(about: Case) -> None:
    (one,) = about.ready(FORMED + "1")
    send(about)
    sequence_events(about.service)

    def gathered() -> tuple[dict[str, Any], list[str]]:
        raw = bundle_evidence(about.service, about.caller, about.campaign_id)
        report = bundle.check(raw, [signer.verifier for signer in signers(about.service)], [])
        assert report.sound, report.findings
        files = dict(plain_zip.unpack(raw))
        steps = json.loads(files["custody.json"])["steps"]
        return json.loads(files[f"notices/{one}/record.json"]), [each["what"] for each in steps]

    record, steps = gathered()
    assert (record["state"], record["handed_over_at"], record["delivered_at"]) == ("prepared", None, None)
    assert [(each["act"], each["to_state"]) for each in record["moves"]][-1] == ("send", "prepared")
    assert not {"letter.handed_over", "letter.delivered", "notice.handed_over"} & set(steps)
    decide(about, deliveries(about)[0].delivery_id, "handed_over")
    sequence_events(about.service)
    record, steps = gathered()
    assert (record["state"], record["deliveries"][0]["decided_by"]) == ("handed_over", about.caller.name)
    assert "letter.handed_over" in steps
    assert "letter.delivered" not in steps


@pytest.mark.parametrize("place", [MAILED, ASKED, FORMED])
def test_the_reviewed_letter_is_the_sent_letter(
    about: Case, recorder: Recorder, there: Endpoint, mailing: MailServer, place: str
) -> None:
    (one,) = about.ready(place + "1")
    dry = send(about, dry_run=True).notices[0]
    sent = preview_letter(about.service, about.caller, about.campaign_id, one)
    text = preview_letter(about.service, about.caller, about.campaign_id, one, "text").content
    assert dry.text == text.decode()
    assert hashlib.sha256(text).hexdigest() == dry.content_sha256
    assert (sent.reference, about.state(one)) == (dry.reference, "ready")
    send(about)
    work(about.service, recorder)
    (made,) = deliveries(about)
    assert (made.reference, made.content_sha256) == (dry.reference, dry.content_sha256)
    if place == MAILED:
        seen = message_from_bytes(sent.content, policy=default)
        (left,) = mailing.taken
        for name in ("From", "To", "Subject", "Message-ID"):
            assert seen[name] == left.message[name]
        assert [part.get_content() for part in seen.iter_parts()] == [
            part.get_content() for part in left.message.iter_parts()
        ]
    elif place == ASKED:
        (posted,) = there.received
        assert json.loads(sent.content)["data"] == json.loads(posted.body)["data"]
    else:
        assert print_notice(about.service, about.caller, UUID(made.delivery_id)) == sent.content
    with pytest.raises(Conflict) as fixed:
        preview_letter(about.service, about.caller, about.campaign_id, one)
    assert (fixed.value.code, "prepared" in fixed.value.message) == ("wrong_state", True)


def test_the_ground_is_written_in_the_letters_language(
    about: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The campaign is Spanish; this platform reads English alone."""
    table = Path(os.environ["FAKEPRINT_PLATFORMS"]).read_text().replace('["en", "es"]', '["en"]')
    english = tmp_path / "english.toml"
    english.write_text(table)
    monkeypatch.setenv("FAKEPRINT_PLATFORMS", str(english))
    settings.cache_clear()
    about.ready(MAILED + "1")
    (dry,) = send(about, dry_run=True).notices
    assert dry.language == "en"
    assert dry.text
    assert "recognised the registered fake" in dry.text
    assert "reconoció" not in dry.text


def test_a_letter_that_changed_since_it_was_read_is_not_sent(about: Case) -> None:
    (one,) = about.ready(FORMED + "1")
    read = str(send(about, dry_run=True).notices[0].content_sha256)
    with pytest.raises(Conflict) as other:
        send_notices(about.service, about.caller, about.campaign_id, notice_ids=[one], read={one: "0" * 64})
    assert (other.value.code, about.state(one)) == ("letter_changed", "ready")
    done = send_notices(about.service, about.caller, about.campaign_id, notice_ids=[one], read={one: read})
    assert done.prepared == 1


def test_disputed_notices_continue_only_by_a_named_decision(about: Case) -> None:
    first, second = about.ready(FORMED + "1", FORMED + "2")
    contest = Contest("satire", "author", "A sketch.")
    opened = open_dispute(about.service, about.caller, about.entry_id, contest)
    assert send(about).hindrances == {"entry_disputed": 2}
    with about.service.pool.transaction() as connection, pytest.raises(psycopg.errors.CheckViolation) as gate:
        connection.execute("SELECT move_notices(ARRAY[%s]::uuid[], 'send', 'sent', 'x')", [first])
    assert gate.value.diag.message_detail == "entry_disputed"
    done = go_on(about.service, about.caller, about.campaign_id, [first])
    assert (done.gone_on, done.disputes) == (1, [str(opened.dispute_id)])
    assert send(about).prepared == 1
    assert (about.state(first), about.state(second)) == ("sent", "ready")
    shown = show_notice(about.service, about.caller, about.campaign_id, first)
    assert shown.despite_dispute_at is not None
    recorded = [
        event
        for event in get_history(about.service, about.caller, about.entry_id).events
        if event.kind == "notice.despite_dispute"
    ]
    assert [event.said["disputes"] for event in recorded] == [[str(opened.dispute_id)]]
    assert recorded[0].caller_id == str(about.caller.caller_id)


def test_a_line_without_an_address_is_counted_and_shown(about: Case) -> None:
    pasted = f"Hola:\n\n{FORMED}1\nvideos.example.net slash v slash 2\nVéase {FORMED}3, gracias.\n   \nwww.\n"
    rows = read_addresses(pasted.encode(), "text")
    done = add_notices(about.service, about.caller, about.campaign_id, rows)
    assert (done.added, done.rejected + done.unread) == (2, 3)
    unread = [(row.line, row.given) for row in done.unread_lines]
    assert {(4, "videos.example.net slash v slash 2"), (1, "Hola:")} <= set(unread)


@pytest.mark.parametrize(
    "table", ["url,note\n{0}1,a\n,forgotten\n{0}2,b\n", "url;note\n{0}1;a\nno address;b\n{0}2;c\n"]
)
def test_a_row_of_a_table_without_an_address_is_refused(about: Case, table: str) -> None:
    rows = read_addresses(table.format(FORMED).encode(), "csv")
    done = add_notices(about.service, about.caller, about.campaign_id, rows)
    assert (done.added, [fault.line for fault in done.faults]) == (2, [3])
