"""Mails of unread notifications: when, to whom, in which words, and how they are stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from registry.app.api.permissions import PERMISSIONS
from registry.app.service.digests import account_of, address_of, send_due_digests, stop_word
from registry.app.service.notification_kinds import TEXTS, kinds_of
from registry.core.audit.service import record_event
from registry.core.errors import Forbidden, NotFound
from registry.core.service import Service
from registry.identity.accounts.model import Signed
from registry.identity.callers.model import Caller
from registry.sharing.notifications.model import Digest, Every, next_due
from registry.sharing.notifications.service import choose_digest, mark_read, stop_digest
from registry.sharing.webhooks.service.events import dispatch_events
from tests.support.identity import expire_caller
from tests.support.sharing import notifications as people
from tests.support.takedown.mail import MailServer, mail_server

LATER = datetime.now(UTC) + timedelta(days=8)
"""When every mail is due that was chosen by now."""
OPERATIONS = {
    "notice": "listNotices",
    "dispute": "listDisputes",
    "entry": "listEntries",
    "watch": "listWatches",
    "reconstruction": "listAccounts",
}


@pytest.fixture
def mailing() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


@pytest.fixture
def sending(service: Service, mailing: MailServer) -> Service:
    settings = service.settings.model_copy(
        update={
            "smtp_url": f"smtp://127.0.0.1:{mailing.port}?tls=none",
            "smtp_from": "Registry <registry@legal.example.org>",
            "public_url": "https://registry.example",
        }
    )
    return replace(service, settings=settings)


@pytest.fixture
def reader(sending: Service, owner: Caller) -> Signed:
    return people.account_of(sending, owner, "ana@example.org")


def _happen(service: Service, owner: Caller, *kinds: str) -> None:
    with service.pool.transaction() as connection:
        for kind in kinds:
            record_event(connection, None, kind, organization_id=owner.organization_id)
    while dispatch_events(service):
        pass


def _choose(service: Service, reader: Signed, every: Every = "daily", language: str = "en") -> None:
    choose_digest(service, reader, Digest(every, language, "Europe/Madrid"))


@pytest.mark.parametrize(
    ("every", "zone", "now", "due"),
    [
        ("daily", "Europe/Madrid", "2026-01-31T06:59:00+00:00", "2026-01-31T07:00:00+00:00"),
        ("daily", "Europe/Madrid", "2026-01-31T07:00:00+00:00", "2026-02-01T07:00:00+00:00"),
        ("daily", "Europe/Madrid", "2026-03-28T12:00:00+00:00", "2026-03-29T06:00:00+00:00"),
        ("daily", "America/Los_Angeles", "2026-01-31T02:00:00+00:00", "2026-01-31T16:00:00+00:00"),
        ("weekly", "Asia/Tokyo", "2026-01-31T00:00:00+00:00", "2026-02-01T23:00:00+00:00"),
    ],
)
def test_mails_are_due_at_eight_in_the_readers_zone(every: Every, zone: str, now: str, due: str) -> None:
    found = next_due(every, zone, datetime.fromisoformat(now))
    assert found == datetime.fromisoformat(due)
    assert found.astimezone(ZoneInfo(zone)).hour == 8


def test_roles_see_the_kinds_that_they_may_list() -> None:
    for role in ("lookup", "register", "review", "takedown", "admin"):
        caller = Caller(UUID(int=1), UUID(int=2), "x", frozenset({role}))
        permitted = []
        for kind in TEXTS:
            try:
                PERMISSIONS[OPERATIONS[kind.partition(".")[0]]].require(caller)
            except Forbidden:
                continue
            permitted.append(kind)
        assert kinds_of(caller) == permitted, role


def test_a_mail_counts_what_is_new_and_names_nobody(
    sending: Service, owner: Caller, reader: Signed, mailing: MailServer
) -> None:
    _happen(sending, owner, "dispute.opened")
    _choose(sending, reader)
    assert send_due_digests(sending, LATER) == 0, "what was there is not mailed"
    _choose(sending, reader)
    _happen(sending, owner, "entry.suspended", "entry.suspended", "entry.reviewed")
    assert send_due_digests(sending, LATER) == 1
    (mailed,) = mailing.taken
    message = mailed.message
    assert (mailed.recipient, message["Auto-Submitted"]) == ("ana@example.org", "auto-generated")
    assert message["Subject"] == "3 notifications on Fakeprint"
    text = message.get_content()
    assert "- An entry was suspended. Lookups no longer find it. (2)" in text
    assert "- An entry was reviewed. (1)" in text
    assert "https://registry.example/console/notifications" in text
    word = stop_word(sending, reader.account_id)
    assert message["List-Unsubscribe"] == f"<https://registry.example/console/digest/{word}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert account_of(sending, word) == reader.account_id
    assert send_due_digests(sending, LATER + timedelta(days=8)) == 0, "nothing is mailed twice"


def test_a_mail_is_in_the_readers_language(
    sending: Service, owner: Caller, reader: Signed, mailing: MailServer
) -> None:
    _choose(sending, reader, language="ar")
    _happen(sending, owner, "dispute.opened")
    assert send_due_digests(sending, LATER) == 1
    message = mailing.taken[0].message
    assert message["Content-Language"] == "ar"
    assert TEXTS["dispute.opened"][1] not in message.get_content()
    assert "(١)" in message.get_content()


def test_nothing_is_mailed_of_what_was_read_or_to_whom_may_not_sign_in(
    sending: Service, owner: Caller, reader: Signed, mailing: MailServer
) -> None:
    gone, nameless = (people.account_of(sending, owner, name) for name in ("bea@example.org", "bea"))
    for person in (reader, gone, nameless):
        _choose(sending, person)
    _happen(sending, owner, "dispute.opened")
    mark_read(sending, reader, 1 << 40)
    expire_caller(sending, str(gone.caller.caller_id))
    assert address_of(sending, "bea") is None
    assert send_due_digests(sending, LATER) == 0
    assert mailing.seen == []


@pytest.mark.slow(14)
def test_a_mail_that_fails_is_sent_again_an_hour_later(
    sending: Service, owner: Caller, reader: Signed, mailing: MailServer
) -> None:
    _choose(sending, reader)
    _happen(sending, owner, "dispute.opened")
    mailing.answers["MAIL"] = "451 4.3.0 later"
    assert send_due_digests(sending, LATER) == 0
    assert send_due_digests(sending, datetime.now(UTC) + timedelta(minutes=59)) == 0
    mailing.answers.clear()
    assert send_due_digests(sending, datetime.now(UTC) + timedelta(minutes=61)) == 1


def test_a_stopped_mail_stays_stopped_and_a_forged_link_stops_nothing(
    sending: Service, owner: Caller, reader: Signed
) -> None:
    _choose(sending, reader)
    word = stop_word(sending, reader.account_id)
    for forged in ("", "x", word[:-4] + "AAAA", stop_word(sending, owner.caller_id)[:20] + word[20:]):
        with pytest.raises(NotFound):
            account_of(sending, forged)
    stop_digest(sending, account_of(sending, word))
    stop_digest(sending, reader.account_id)
    _happen(sending, owner, "dispute.opened")
    assert send_due_digests(sending, LATER) == 0
