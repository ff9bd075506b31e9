"""Mailbox files: what is read in them, and what they cannot do."""

from __future__ import annotations

from uuid import UUID

import pytest

from registry.core.errors import BadInput, FakeprintError, TooLarge
from registry.takedown.replies.model import mail, reply

DELIVERY = UUID("4c1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f13")
NOTICE = UUID("7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11")
OURS = f"<notice.{DELIVERY.hex}@legal.example.org>"
PLAIN = f"""\
From: =?utf-8?q?Oficina_de_Atenci=C3=B3n?= <legal@mailed.example.net>
To: notices@legal.example.org
Subject: Re: =?utf-8?q?Notificaci=C3=B3n_=5BFP-MZXW6YTBOI2DEMZU=5D?=
Date: Sat, 31 Jan 2026 09:30:00 +0100
Message-ID: <1@mailed.example.net>
In-Reply-To: {OURS}
Content-Type: text/plain; charset=utf-8

It was removed. Your number: {str(NOTICE).upper()}.
""".encode()


def only(raw: bytes) -> reply.Reply:
    (found,) = mail.mailbox(raw)
    return found


def test_references_in_a_message() -> None:
    found = only(PLAIN)
    assert found.fault is None
    assert found.names == reply.Names(
        frozenset({DELIVERY}), frozenset({"MZXW6YTBOI2DEMZU"}), frozenset({NOTICE})
    )
    assert found.content
    assert found.content.subject == "Re: Notificación [FP-MZXW6YTBOI2DEMZU]"
    assert found.said_at
    assert found.said_at.isoformat() == "2026-01-31T08:30:00+00:00"
    assert not found.automatic


def test_an_mbox_is_parted_at_its_from_lines() -> None:
    quoted = PLAIN + b"\n>From the start it was false.\nFrom here on it is text.\n\n"
    box = b"From legal@x Sat Jan 31 09:30:00 2026\n" + quoted + b"From x Sat Jan 31\n" + PLAIN
    first, second = mail.mailbox(box)
    assert first.content
    assert "\nFrom the start it was false.\nFrom here on it is text." in first.content.text
    assert (first.line, second.line) == (1, 2)
    assert first.identity != second.identity
    assert only(PLAIN).identity == second.identity


def test_a_delivery_report_names_its_message() -> None:
    raw = f"""\
From: mailer-daemon@mx.example.net
Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/rfc822

Message-ID: {OURS}
Subject: a notice

text
--b--
""".encode()
    found = only(raw)
    assert found.automatic
    assert found.names.deliveries == {DELIVERY}


def test_attachments_are_named_and_not_stored() -> None:
    raw = b"""\
From: a@x
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html

<p>Gone &amp; done</p>
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="../../\x01evil.pdf"
Content-Transfer-Encoding: base64

JVBERi0=
--b--
"""
    said = only(raw).content
    assert said
    assert said.text.strip() == "Gone & done"
    (attached,) = said.attached
    assert (attached["type"], attached["size"]) == ("application/pdf", 5)
    assert "\x01" not in attached["name"]


def test_our_own_messages_are_no_replies() -> None:
    found = only(f"Message-ID: {OURS}\nSubject: a notice [FP-MZXW6YTBOI2DEMZU]\n\ntext\n".encode())
    assert found.fault
    assert found.fault.code == "own_message"


HOSTILE = {
    "nothing but bytes": bytes(range(256)) * 10,
    "a charset that is none": b"Content-Type: text/plain; charset=\xff\xfe\n\n\xff\xff",
    "a header without end": b"Subject: " + b"a" * 1_000_000 + b"\n\nx",
    "encoded words that are wrong": b"Subject: =?utf-8?b?!!!?= =?x?q?\xff?=\n\nx",
    "a date that is none": b"Date: Sat, 99 Foo 99999999 99:99:99 +9999\n\nx",
    "a boundary that is wrong": b"Content-Type: multipart/mixed; boundary=\n\n--\n--\n",
    "base64 that is none": b"Content-Transfer-Encoding: base64\n\n!!!!",
    "angles": b"Content-Type: text/html\n\n" + b"<script" * 100_000,
    "many parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 20_000 + b"--b--\n",
    "nested": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (item, item) for item in range(3_000)
    ),
    "many references": b"References: "
    + b" ".join(b"<notice.%032x@x>" % item for item in range(10_000))
    + b"\n\nx",
    "surrogates": b"From: \xed\xa0\x80@x\nSubject: \xed\xa0\x80\n\n\xed\xa0\x80",
    "NUL": b"From: a\x00b\nSubject: \x00\n\na\x00b",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_messages_end_well(raw: bytes) -> None:
    for found in mail.mailbox(raw):
        assert (found.fault is None) != (found.content is None)
        if found.content is not None:
            assert len(found.content.text) <= reply.LONGEST_TEXT
            assert "\x00" not in str(found.content)
            str(found.content).encode()
            assert len(found.names.deliveries) <= 3 * reply.MOST_NAMED


def test_too_large_mailboxes_are_refused() -> None:
    with pytest.raises(BadInput) as none:
        list(mail.mailbox(b" \n"))
    assert none.value.code == "no_messages"
    with pytest.raises(TooLarge) as many:
        list(mail.mailbox(b"From x\nSubject: a\n\nx\n\n" * (mail.MOST_MESSAGES + 1)))
    assert many.value.code == "too_many_messages"
    with pytest.raises(FakeprintError):
        list(mail.mailbox(b"x" * (mail.MOST_BYTES + 1)))
    large = only(b"Subject: a\n\n" + b"x" * mail.LARGEST)
    assert large.fault
    assert large.fault.code == "message_too_large"
