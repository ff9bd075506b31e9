"""Who may trust an entry: vectors, and what must hold whatever reviewers say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.banks.model import Trust
from registry.catalogue.entries.model.entry import rank
from registry.core.errors import BadInput, Conflict, Forbidden
from registry.review.queue import model as review
from registry.review.queue.model import Act, Vote

HOME, ABROAD, THIRD, FOURTH = (UUID(int=number) for number in (1, 2, 3, 4))
MAKER = UUID(int=99)


def vote(caller: int, organization: UUID, act: Act = "approve", order: str | None = None) -> Vote:
    """Callers of even number administer."""
    return Vote(UUID(int=caller), organization, act, order, administers=caller % 2 == 0)


VECTORS = [
    ([], "unreviewed", "unreviewed"),
    ([vote(11, HOME)], "unreviewed", "unreviewed"),
    ([vote(11, ABROAD)], "unreviewed", "unreviewed"),
    ([vote(11, HOME), vote(12, HOME)], "reviewed", "unreviewed"),
    ([vote(number, HOME) for number in range(11, 31)], "reviewed", "unreviewed"),
    ([vote(11, HOME), vote(12, ABROAD)], "reviewed", "reviewed"),
    ([vote(11, ABROAD), vote(12, ABROAD)], "reviewed", "reviewed"),
    ([vote(99, HOME), vote(12, ABROAD)], "unreviewed", "unreviewed"),
    ([vote(11, HOME), vote(12, HOME), vote(13, ABROAD, "reject")], "reviewed", "unreviewed"),
    ([vote(11, HOME), vote(12, HOME), vote(13, HOME, "reject")], "unreviewed", "unreviewed"),
    ([vote(11, HOME), vote(12, ABROAD), vote(13, THIRD, "reject")], "reviewed", "reviewed"),
    (
        [vote(11, HOME), vote(12, ABROAD), vote(13, THIRD, "reject"), vote(14, THIRD, "reject")],
        "reviewed",
        "reviewed",
    ),
    (
        [vote(11, HOME), vote(12, ABROAD), vote(13, THIRD, "reject"), vote(14, FOURTH, "reject")],
        "reviewed",
        "unreviewed",
    ),
    ([vote(11, HOME, "court_order", "a"), vote(12, HOME, "court_order", "a")], "court_order", "unreviewed"),
    (
        [vote(11, HOME, "court_order", "a"), vote(12, ABROAD, "court_order", "a")],
        "court_order",
        "court_order",
    ),
    ([vote(11, HOME, "court_order", "a"), vote(13, ABROAD, "court_order", "a")], "reviewed", "reviewed"),
    ([vote(11, HOME, "court_order", "a"), vote(12, ABROAD, "court_order", "b")], "reviewed", "reviewed"),
    ([vote(11, HOME, "court_order", "a"), vote(12, ABROAD)], "reviewed", "reviewed"),
    ([vote(11, HOME, "restore"), vote(12, ABROAD, "withdraw")], "unreviewed", "unreviewed"),
]


@pytest.mark.parametrize(("votes", "own", "others"), VECTORS)
def test_tiers_follow_from_the_decisions(votes: list[Vote], own: str, others: str) -> None:
    found = review.trust(votes, owner=HOME, registrars={MAKER})
    assert (found.own, found.others) == (own, others)


def test_a_strict_bank_asks_another_organization_for_itself_too() -> None:
    votes = [vote(11, HOME), vote(12, HOME)]
    assert review.trust(votes, owner=HOME, registrars={MAKER}, strict=True) == Trust(
        "unreviewed", "unreviewed"
    )
    votes += [vote(13, ABROAD)]
    assert review.trust(votes, owner=HOME, registrars={MAKER}, strict=True) == Trust("reviewed", "reviewed")


@pytest.mark.parametrize(
    ("votes", "strict", "count", "foreign"),
    [
        ([], False, 2, True),
        ([vote(11, HOME)], False, 1, True),
        ([vote(11, ABROAD)], False, 1, False),
        ([vote(11, HOME), vote(12, HOME)], False, 0, True),
        ([vote(11, HOME), vote(12, HOME)], True, 1, True),
        ([vote(11, HOME), vote(12, ABROAD)], True, 0, False),
        ([vote(99, HOME), vote(12, ABROAD)], False, 1, False),
        ([vote(99, ABROAD)], False, 2, True),
        ([vote(11, HOME), vote(12, HOME), vote(13, HOME, "reject")], False, 1, True),
        ([vote(11, HOME), vote(12, HOME), vote(13, ABROAD, "reject")], False, 0, True),
        ([vote(11, HOME), vote(12, ABROAD), vote(13, THIRD, "reject")], True, 0, False),
        (
            [vote(11, HOME), vote(12, ABROAD), vote(13, THIRD, "reject"), vote(14, FOURTH, "reject")],
            True,
            1,
            False,
        ),
        (
            [
                vote(11, HOME, "court_order", "a"),
                vote(12, HOME, "court_order", "a"),
                vote(13, HOME, "reject"),
            ],
            False,
            0,
            True,
        ),
    ],
)
def test_missing_approvals_for_a_tier(votes: list[Vote], strict: bool, count: int, foreign: bool) -> None:
    found = review.missing_for_tier(votes, owner=HOME, registrars={MAKER}, strict=strict)
    assert (found.count, found.foreign) == (count, foreign)


VOTES = st.lists(
    st.builds(
        Vote,
        st.integers(1, 12).map(lambda number: UUID(int=number)),
        st.sampled_from([HOME, ABROAD, THIRD, FOURTH]),
        st.sampled_from(["approve", "reject", "court_order", "restore", "withdraw"]),
        st.sampled_from(["a", "b"]),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda build: build.caller_id,
)
REGISTRARS = st.sets(st.integers(1, 12).map(lambda number: UUID(int=number)), max_size=3)


@given(VOTES, REGISTRARS, st.booleans())
def test_the_missing_approvals_reach_the_tier_and_fewer_do_not(
    votes: list[Vote], registrars: set[UUID], strict: bool
) -> None:
    count = review.missing_for_tier(votes, owner=HOME, registrars=registrars, strict=strict).count
    for number in range(count + 1):
        more = [vote(100 + place, UUID(int=100 + place)) for place in range(number)]
        found = review.trust([*votes, *more], owner=HOME, registrars=registrars, strict=strict)
        assert (found.own != "unreviewed") is (number == count)


@given(VOTES, REGISTRARS)
def test_strangers_never_trust_more_than_the_owner(votes: list[Vote], registrars: set[UUID]) -> None:
    found = review.trust(votes, owner=HOME, registrars=registrars)
    assert rank(found.others) <= rank(found.own)


@given(VOTES, REGISTRARS)
def test_an_organization_alone_raises_nothing_for_strangers(votes: list[Vote], registrars: set[UUID]) -> None:
    own = [item for item in votes if item.organization_id == HOME]
    assert review.trust(own, owner=HOME, registrars=registrars).others == "unreviewed"


@given(VOTES, REGISTRARS)
def test_nothing_is_raised_by_one_caller_or_by_registrars(votes: list[Vote], registrars: set[UUID]) -> None:
    for item in votes:
        assert review.trust([item], owner=THIRD, registrars=set()).own == "unreviewed"
    theirs = [item for item in votes if item.caller_id in registrars]
    assert review.trust(theirs, owner=THIRD, registrars=registrars).own == "unreviewed"


@given(VOTES, REGISTRARS)
def test_one_hostile_organization_cannot_revert_a_review(votes: list[Vote], registrars: set[UUID]) -> None:
    """Of two that approve; and it suspends nothing that is not its own."""
    fine = [item for item in votes if item.organization_id != FOURTH and item.act == "approve"]
    before = review.trust(fine, owner=HOME, registrars=registrars)
    hostile = [vote(100 + number, FOURTH, "reject") for number in range(9)]
    organizations = {item.organization_id for item in fine if item.caller_id not in registrars}
    after = review.trust([*fine, *hostile], owner=HOME, registrars=registrars)
    if len(organizations) >= 2:
        assert after == before
    assert not review.rejected(hostile, owner=HOME, registrars=registrars, tier="unreviewed")


def test_permission_to_reject() -> None:
    def rejected(*votes: Vote, tier: str = "unreviewed") -> bool:
        return review.rejected(votes, owner=HOME, registrars={MAKER}, tier=tier)  # type: ignore[arg-type]

    assert rejected(vote(11, HOME, "reject"))
    assert not rejected(vote(99, HOME, "reject"))
    assert not rejected(vote(11, ABROAD, "reject"), vote(12, ABROAD, "reject"))
    assert rejected(vote(11, ABROAD, "reject"), vote(12, THIRD, "reject"))
    assert not rejected(
        vote(11, ABROAD, "reject"), vote(12, THIRD, "reject"), vote(13, HOME), vote(14, FOURTH)
    )
    assert not rejected(vote(11, HOME, "reject"), tier="reviewed")


def test_permission_to_restore() -> None:
    def restored(*votes: Vote, rejected: bool = False) -> bool:
        return review.restored(votes, owner=HOME, withdrawn_by=MAKER, rejected=rejected)

    own, abroad = vote(11, HOME, "restore"), vote(12, ABROAD, "restore")
    assert not restored(own)
    assert restored(own, abroad)
    assert restored(own, vote(13, HOME, "restore"))
    assert not restored(own, vote(13, HOME, "restore"), rejected=True)
    assert restored(own, abroad, rejected=True)
    assert not restored(abroad, vote(13, THIRD, "restore"))
    assert not restored(vote(99, HOME, "restore"), abroad)


@given(st.sampled_from(review.STATUSES), st.sampled_from(review.STATUSES))
def test_no_move_but_those_that_are_written_down(before: review.Status, after: review.Status) -> None:
    if (before, after) in review.MOVES:
        assert review.move(before, after) == after
    else:
        with pytest.raises(Conflict, match="cannot become"):
            review.move(before, after)


@given(st.timedeltas(timedelta(0), timedelta(hours=9)), st.timedeltas(timedelta(minutes=1), review.LONGEST))
def test_no_claim_outlasts_its_longest(held: timedelta, wanted: timedelta) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    now = first + held
    until = review.lease(first, now, wanted)
    assert (until is None) == (held >= review.LONGEST)
    assert until is None or now < until <= min(now + wanted, first + review.LONGEST)


def test_opinions_send_an_entry_to_reviewers_only_from_several_organizations() -> None:
    assert not review.doubted([HOME] * 50)
    assert not review.doubted([HOME, ABROAD])
    assert review.doubted([HOME, HOME, ABROAD])


def test_registrars_do_not_vote() -> None:
    review.require_votes(UUID(int=1), {MAKER})
    with pytest.raises(Forbidden):
        review.require_votes(MAKER, {MAKER})


NOW = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)


def test_an_order_is_checked_and_dated_by_no_more_than_the_farthest_time_zone() -> None:
    given_ = {"court": " Corte\u0301 n.º 2 ", "docket": "DP 1/26", "document_sha256": "AB" * 32}
    made = review.order(**given_, date="2026-02-01", now=NOW)
    assert (made.court, made.document_sha256) == ("Corté n.º 2", "ab" * 32)
    assert made.record() == {"court": "Corté n.º 2", "docket": "DP 1/26", "date": "2026-02-01"}
    for date in ("2026-02-02", "2026-2-31", "yesterday", ""):
        with pytest.raises(BadInput) as caught:
            review.order(**given_, date=date, now=NOW)
        assert caught.value.code == "bad_time"
