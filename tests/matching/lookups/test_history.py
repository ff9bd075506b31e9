"""Earlier lookups of an organization: the newest first, by condition, and nothing of others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from registry.core.database import sql
from registry.core.errors import Forbidden
from registry.core.service import Service
from registry.identity.accounts.service.accounts import add_account
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import LookupFilter
from registry.matching.lookups.service.history import list_lookups
from registry.matching.lookups.store import history
from tests.support.entries import suspend
from tests.support.matching.asking import ask
from tests.support.matching.past import explained, fill
from tests.support.matching.watches import FAKE, put
from tests.support.media import drawn
from tests.support.steps import join

ALL = LookupFilter()


def test_the_newest_comes_first_with_its_best_match_and_who_asked(service: Service, owner: Caller) -> None:
    entry_id = put(service, owner, FAKE)
    known, unknown = ask(service, owner, FAKE), ask(service, owner, drawn.clip("never seen"))
    later, earlier = list_lookups(service, owner, ALL).lookups
    assert [str(later.lookup_id), str(earlier.lookup_id)] == [unknown["lookup_id"], known["lookup_id"]]
    assert (earlier.verdict, earlier.entry_id, earlier.matches) == ("known_fake", entry_id, 1)
    assert (earlier.caller, earlier.own, earlier.input) == (owner.name, True, "document")
    assert (later.verdict, later.entry_id, later.title, later.matches) == ("no_match", None, None, 0)


def test_a_quick_check_that_found_nothing_is_no_clear_no(service: Service, owner: Caller) -> None:
    clip = drawn.clip("never seen")
    ask(service, owner, clip)
    ask(service, owner, replace(clip, faces=(), notes=(*clip.notes, "faces_left_out")))
    quick, full = list_lookups(service, owner, ALL).lookups
    assert (quick.verdict, quick.partly) == ("no_match", True)
    assert full.verdict == "no_match"


def test_conditions_narrow_the_list(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE)
    ask(service, owner, FAKE)
    ask(service, owner, drawn.clip("never seen"))
    now = datetime.now(UTC)

    def verdicts(chosen: LookupFilter) -> list[str | None]:
        return [past.verdict for past in list_lookups(service, owner, chosen).lookups]

    assert verdicts(LookupFilter(verdict="known_fake")) == ["known_fake"]
    assert verdicts(LookupFilter(found=True)) == ["known_fake"]
    assert verdicts(LookupFilter(by="me")) == ["no_match", "known_fake"]
    assert verdicts(LookupFilter(by="programs")) == ["no_match", "known_fake"]
    assert verdicts(LookupFilter(by="people")) == []
    assert verdicts(LookupFilter(since=now + timedelta(minutes=1))) == []
    assert verdicts(LookupFilter(until=now - timedelta(minutes=1))) == []


def test_people_are_told_from_programs(service: Service, owner: Caller) -> None:
    account = add_account(service, owner, sign_in_name="vera@example.org", name="Vera", roles=["lookup"])
    person = Caller(UUID(account.caller_id), owner.organization_id, "Vera", frozenset({"lookup"}))
    ask(service, person, drawn.clip("hers"))
    ask(service, owner, drawn.clip("a program's"))
    (past,) = list_lookups(service, owner, LookupFilter(by="people")).lookups
    assert (past.caller, past.own) == ("Vera", False)


def test_pages_hold_each_lookup_once(service: Service, owner: Caller) -> None:
    for seed in "abcde":
        ask(service, owner, drawn.clip(seed))
    first = list_lookups(service, owner, ALL, limit=2)
    second = list_lookups(service, owner, ALL, limit=2, after=first.next)
    third = list_lookups(service, owner, ALL, limit=2, after=second.next)
    assert [*first.lookups, *second.lookups, *third.lookups] == list_lookups(service, owner, ALL).lookups
    assert (len(third.lookups), third.next) == (1, None)


def test_nothing_crosses_organizations(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE)
    ask(service, owner, FAKE)
    stranger = join(service, owner, "Others")
    assert list_lookups(service, stranger, ALL).lookups == []
    ask(service, stranger, FAKE)
    (past,) = list_lookups(service, stranger, ALL).lookups
    assert past.verdict == "related"
    assert past.title
    suspend(service)
    (past,) = list_lookups(service, stranger, ALL).lookups
    assert past.title is None, "the entry no longer answers them"
    with pytest.raises(Forbidden):
        list_lookups(service, Caller(owner.caller_id, owner.organization_id, "x", frozenset({"review"})), ALL)


def test_rare_verdicts_are_reached_by_their_index(service: Service, owner: Caller) -> None:
    with service.pool.transaction() as connection:
        fill(connection, owner, 20_000)
        for chosen, index in (
            (LookupFilter(verdict="known_fake"), "lookup_found"),
            (LookupFilter(found=True), "lookup_found"),
            (ALL, "lookup_caller"),
        ):
            parameters = history.parameters(owner, chosen, after=None, limit=51)
            plan = explained(connection, sql.load(history.__name__)["page"], parameters)
            assert index in plan, plan
            assert "Seq Scan on lookup" not in plan
