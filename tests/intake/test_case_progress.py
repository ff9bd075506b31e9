"""What the person who opened a private case learns later: its state and matching lookups, and no secrets."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from registry.catalogue.banks.service.banks import create_bank
from registry.catalogue.banks.service.shares import share_bank
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.intake.schemas import OpenedCase, Since
from registry.intake.service.cases import find_case, follow_case, open_case, withdraw_case
from registry.intake.service.settings import change_intake, get_intake
from registry.intake.store import StoredCase
from registry.matching.lookups.service.answers import answer_document
from registry.matching.watches.service.watches import change_watch_rules
from registry.sharing.webhooks.service.events import dispatch_events
from registry.sharing.webhooks.service.webhooks import create_webhook
from tests.support.entries import suspend
from tests.support.intake_cases import NEAR, TOLD, lose_case, of, refused
from tests.support.media import drawn
from tests.support.steps import join, relate, review

pytestmark = pytest.mark.slow(10)


@pytest.fixture
def taking(service: Service, owner: Caller) -> Service:
    """A deployment that takes private cases."""
    create_bank(service, owner, name="intimate", visibility="shared", policy={"known_tier": "reviewed"})
    change_intake(service, owner, "intimate")
    return service


@pytest.fixture
def case(taking: Service) -> OpenedCase:
    return open_case(taking, [drawn.clip("a"), drawn.clip("b")], TOLD, address=NEAR)


def test_later_matches_are_reported_once_without_names(
    taking: Service, owner: Caller, case: OpenedCase
) -> None:
    key = (case.case_number, case.pin)
    others = join(taking, owner, "Checkers")
    share_bank(taking, owner, "intimate", "Checkers")
    review(taking, of(taking, owner, case).entry_id)
    nothing = follow_case(taking, *key, address=NEAR).since
    assert nothing == Since(lookups=0, entries=0, confirmed=0, last_lookup=None, last_entry=None)
    for tells in (False, True):
        change_watch_rules(taking, others, {"tells_matches": tells})
        for _ in range(2):
            answer_document(taking, others, drawn.clip("a", noise=0.1, file=str(tells)))
        answer_document(taking, others, drawn.clip("elsewhere"))
        dispatch_events(taking)
        dispatch_events(taking)
    answer_document(taking, owner, drawn.clip("b"))
    dispatch_events(taking)
    since = follow_case(taking, *key, address=NEAR).since
    assert since
    assert since == Since.from_row(nothing, lookups=3, last_lookup=since.last_lookup)
    assert date.fromisoformat(str(since.last_lookup)) >= date.fromisoformat(case.opened_at[:10])
    done = withdraw_case(taking, *key, address=NEAR)
    assert done.since is None
    assert follow_case(taking, *key, address=NEAR).since is None


def test_only_public_facts_about_others_are_reported(
    taking: Service, owner: Caller, case: OpenedCase
) -> None:
    """Whoever has number and PIN is nobody's caller: no private bank, none in confidence, no other case."""
    open_case(taking, [drawn.clip("a")], TOLD, address=NEAR)
    others = join(taking, owner, "Checkers")
    for caller, bank, visibility, kind in (
        (owner, "own, private", "private", "fakes"),
        (owner, "own, public", "public", "fakes"),
        (owner, "fair", "private", "negative"),
        (others, "private", "private", "fakes"),
        (others, "in confidence", "shared", "fakes"),
        (others, "public", "public", "fakes"),
        (others, "reviewed", "public", "fakes"),
    ):
        create_bank(taking, caller, name=bank, visibility=visibility, kind=kind)
        if bank == "in confidence":
            share_bank(taking, others, bank, str(get_intake(taking).organization))
        copy = drawn.clip("a", noise=0.1, file=bank)
        made = register_entry(taking, caller, Registration(fakes=[copy], bank=bank))
        if bank in {"own, private", "own, public", "reviewed"}:
            review(taking, made.entry_id)
    relate(taking)
    review(taking, of(taking, owner, case).entry_id)
    since = follow_case(taking, case.case_number, case.pin, address=NEAR).since
    assert since
    assert (since.entries, since.confirmed) == (2, 1)


def test_unconfirmed_cases_report_no_later_matches(taking: Service, owner: Caller, case: OpenedCase) -> None:
    """Anybody could open one of any footage, to learn who meets it."""

    def now() -> tuple[str, bool]:
        found = follow_case(taking, case.case_number, case.pin, address=NEAR)
        return found.state, found.since is not None

    entry_id = of(taking, owner, case).entry_id
    assert now() == ("waiting", False)
    review(taking, entry_id)
    assert now() == ("confirmed", True)
    suspend(taking, entry_id, reason="dispute")
    assert now() == ("contested", False)
    suspend(taking, entry_id, reason="rejected")
    assert now() == ("declined", False)


def test_a_match_of_a_case_is_one_message_without_the_lookup(
    taking: Service, owner: Caller, case: OpenedCase
) -> None:
    """What was answered of other entries, in banks of whoever asked, is not its owner's to know."""
    create_webhook(taking, owner, url="https://hooks.example/fakeprint", kinds=["*"])
    dispatch_events(taking)
    others = join(taking, owner, "Checkers")
    share_bank(taking, owner, "intimate", "Checkers")
    change_watch_rules(taking, others, {"tells_matches": True})
    create_bank(taking, others, name="own", visibility="private", policy={"known_tier": "unreviewed"})
    register_entry(taking, others, Registration(fakes=[drawn.clip("a", noise=0.1, file="own")], bank="own"))
    assert answer_document(taking, others, drawn.clip("a"))["verdict"] == "known_fake"
    for caller in (others, owner):
        answer_document(taking, caller, drawn.clip("b"))
    dispatch_events(taking)
    dispatch_events(taking)
    with taking.pool.transaction() as connection:
        met = connection.execute(
            "SELECT entry_id::text, subject, said FROM event WHERE kind = 'case.matched'"
        ).fetchall()
        sent = connection.execute(
            "SELECT kind, body FROM webhook_delivery WHERE kind ~ '^(match|case)'"
        ).fetchall()
    entry_id = of(taking, owner, case).entry_id
    assert met == [{"entry_id": entry_id, "subject": {}, "said": {}}] * 3
    assert [row["kind"] for row in sent] == ["match.found"] * 3
    assert "known_fake" not in str(sent)
    refused(
        "unknown_kind", create_webhook, taking, owner, url="https://hooks.example/", kinds=["case.matched"]
    )


def test_a_case_erased_during_a_request_is_not_found(
    taking: Service, owner: Caller, case: OpenedCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    review(taking, of(taking, owner, case).entry_id)

    def found(*values: Any, **more: Any) -> StoredCase:
        row = find_case(*values, **more)
        lose_case(taking, row.case_id)
        return row

    monkeypatch.setattr("registry.intake.service.cases.find_case", found)
    refused("wrong_case", follow_case, taking, case.case_number, case.pin, address=NEAR)
