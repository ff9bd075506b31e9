"""New matches of watched lookups wait in the console until somebody of the organization has seen them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from registry.core.errors import Forbidden
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.watches.service.matches import count_matches, list_matches, mark_seen
from tests.support.entries import suspend
from tests.support.matching.watches import FAKE, let_watch_match, put, watched, work
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.steps import join


def test_a_new_match_waits_until_it_was_seen(service: Service, owner: Caller, recorder: Recorder) -> None:
    lookup = watched(service, owner)
    assert count_matches(service, owner).count == 0
    entry_id = put(service, owner, FAKE)
    work(service, recorder)
    (found,) = list_matches(service, owner).matches
    assert (str(found.lookup_id), found.entry_id, found.verdict) == (
        lookup["lookup_id"],
        entry_id,
        "known_fake",
    )
    tally = count_matches(service, owner)
    assert (tally.count, tally.oldest) == (1, found.answered_at)
    mark_seen(service, owner, datetime.now(UTC))
    assert (list_matches(service, owner).matches, count_matches(service, owner).count) == ([], 0)
    (kept,) = list_matches(service, owner, seen=True).matches
    assert kept.seen_at


def test_what_arrives_after_the_page_was_shown_stays_new(service: Service, owner: Caller) -> None:
    one, two = (put(service, owner, drawn.clip(seed)) for seed in "ab")
    first = let_watch_match(service, owner, one)
    shown_at = datetime.now(UTC)
    let_watch_match(service, owner, two)
    mark_seen(service, owner, shown_at)
    assert [match.entry_id for match in list_matches(service, owner).matches] == [two]
    let_watch_match(service, owner, put(service, owner, drawn.clip("c")))
    mark_seen(service, owner, datetime.now(UTC), (first, two))
    assert count_matches(service, owner).count == 2, "no such match: nothing is marked"


def test_pages_hold_each_match_once(service: Service, owner: Caller) -> None:
    for seed in "abc":
        let_watch_match(service, owner, put(service, owner, drawn.clip(seed)))
    page = list_matches(service, owner, limit=2)
    rest = list_matches(service, owner, limit=2, after=page.next)
    assert [*page.matches, *rest.matches] == list_matches(service, owner).matches
    assert (len(page.matches), rest.next) == (2, None)


def test_nothing_crosses_organizations(service: Service, owner: Caller) -> None:
    entry_id = put(service, owner, drawn.clip("a"))
    stranger = join(service, owner, "Others")
    watch_id = let_watch_match(service, stranger, entry_id)
    assert list_matches(service, owner).matches == []
    mark_seen(service, owner, datetime.now(UTC), (watch_id, entry_id))
    assert count_matches(service, stranger).count == 1
    suspend(service, entry_id)
    (found,) = list_matches(service, stranger).matches
    assert found.title is None, "the entry no longer answers them"
    with pytest.raises(Forbidden):
        count_matches(service, Caller(owner.caller_id, owner.organization_id, "x", frozenset({"review"})))
