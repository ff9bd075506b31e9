"""What was removed and is seen again is brought back, once, for a person to confirm; nobody
else learns of any of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from registry.core.errors import BadInput, Conflict, FakeprintError
from registry.jobs.service.jobs import claim_job, fail_job, settle_job
from registry.matching.lookups.service.files import ReadFile, answer_file
from registry.matching.lookups.service.records import queue_lookup, seen
from registry.matching.watches.service.watches import change_watch_rules, sweep_watches
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.moves import move_notice
from registry.takedown.notices.service.notices import show_notice
from registry.takedown.notices.service.preparation import confirm_addresses
from registry.takedown.recurrences.schemas import Recurrence
from registry.takedown.recurrences.service.follow_sighting import follow_sighting
from registry.takedown.recurrences.service.recurrences import decide_recurrence, list_recurrences
from tests.support.disputes import uphold
from tests.support.entries import restore, set_manipulation, set_tier, suspend
from tests.support.jobs import give_back, let_ended_jobs_age
from tests.support.matching.watches import expire_watches, let_sightings_age
from tests.support.matching.watches import work as answer_watched
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.service.rows import forge
from tests.support.steps import claimed, join, renamed, unwatched, upload
from tests.support.takedown.campaigns import Case
from tests.support.takedown.delivery import MAILED, OWN, send
from tests.support.takedown.past import remove_later
from tests.support.takedown.recurrences import follow, look_up


def removed(about: Case, *urls: str) -> list[UUID]:
    made = about.sent(*urls)
    for item in made:
        move_notice(about.service, about.caller, about.campaign_id, item, PersonMove("remove", "told"))
    return made


def returns(about: Case) -> list[Recurrence]:
    return list_recurrences(about.service, about.caller, about.campaign_id).recurrences[::-1]


def count(about: Case, query: str) -> int:
    with about.service.pool.transaction() as connection:
        row = connection.execute(f"SELECT count(*)::integer AS n FROM {query}").fetchone()  # noqa: S608
    return int(row["n"]) if row else 0


def test_a_lookup_with_an_address_reopens_a_removed_notice(about: Case, recorder: Recorder) -> None:
    (first,) = removed(about, MAILED + "1")
    answer = look_up(about, MAILED + "2?utm_source=x")
    assert "seen_at" not in str(answer)
    assert follow(about.service, recorder) == 1
    shown = show_notice(about.service, about.caller, about.campaign_id, first)
    assert (shown.state, shown.url, shown.verdict, shown.ground) == (
        "reopened",
        MAILED + "2",
        "known_fake",
        None,
    )
    assert shown.match
    assert (shown.match["lookup_id"], bool(shown.match["spans"])) == (answer["lookup_id"], True)
    last = shown.moves[-1]
    assert (last.act, last.reason_code, last.caller_id) == ("reopen", "found_by_lookup", None)
    assert last.words == f"{MAILED}1 -> {MAILED}2"
    # Whoever sees it there again adds nothing; another place is a further notice, which nobody has confirmed.
    look_up(about, MAILED + "2")
    look_up(about, MAILED + "3")
    assert follow(about.service, recorder) == 2
    assert [item.outcome for item in returns(about)] == ["reopened", "known", "added"]
    added = UUID(returns(about)[2].notice_id)
    assert (about.state(added), about.row(added).created_by) == ("draft", None)
    assert returns(about)[2].first_notice_id == str(first)
    # Nothing is sent on a guess: it is not even ready before a person confirms it.
    assert about.prepare(first, added).prepared == 0
    assert send(about).sendable == 0
    about.confirm(first, ground="match")
    assert about.prepare(first).prepared == 1
    assert send(about, first).prepared == 1
    assert count(about, "sighting") == 0
    with about.service.pool.transaction() as connection:
        (said,) = connection.execute(
            "SELECT said FROM event WHERE kind = 'notice.found_again' ORDER BY event_id LIMIT 1"
        ).fetchall()
    assert (said["said"]["via"], said["said"]["asked_by"]) == ("lookup", str(about.caller.organization_id))
    assert said["said"]["caller_id"] is None


def test_lookups_that_race_bring_it_back_once(about: Case, recorder: Recorder) -> None:
    (first,) = removed(about, MAILED + "1")
    for _ in range(4):
        look_up(about, MAILED + "2")
    jobs = [item[2] for item in recorder.sent if item[0] == "fakeprint.follow_sighting"]
    held = [claim_job(about.service, job) for job in jobs]
    threads = [
        threading.Thread(target=follow_sighting, args=(about.service, job, unwatched)) for job in held if job
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(item.outcome for item in returns(about)) == ["known"] * 3 + ["reopened"]
    assert count(about, "notice_move WHERE act = 'reopen'") == 1
    assert count(about, "notice") == 1
    # Removed again, the old proofs bring nothing back; a new lookup does.
    move_notice(about.service, about.caller, about.campaign_id, first, PersonMove("remove", "told"))
    for old in jobs:
        give_back(about.service, old)
        if (job := claim_job(about.service, old)) is not None:
            follow_sighting(about.service, job, unwatched)
    assert about.state(first) == "removed"
    look_up(about, MAILED + "2")
    follow(about.service, recorder)
    assert about.state(first) == "reopened"


def test_doubtful_recurrences_are_only_proposed(about: Case, recorder: Recorder) -> None:
    (first,) = removed(about, MAILED + "1")
    remove_later(about.service, timedelta(minutes=1))
    look_up(about, MAILED + "2", at=datetime.now(UTC) - timedelta(hours=1))
    look_up(about, MAILED + "2")
    look_up(about, OWN + "2")  # nothing was removed there
    follow(about.service, recorder)
    (one,) = returns(about)
    assert (one.outcome, one.why, one.notice_id) == ("proposed", "seen_before_removal", None)
    assert about.state(first) == "removed"
    assert show_campaign(about.service, about.caller, about.campaign_id).recurrences_proposed == 1
    dismissed = decide_recurrence(
        about.service, about.caller, about.campaign_id, UUID(one.recurrence_id), "dismiss"
    )
    assert (dismissed.outcome, about.state(first)) == ("dismissed", "removed")
    with pytest.raises(Conflict) as refused:
        decide_recurrence(about.service, about.caller, about.campaign_id, UUID(one.recurrence_id), "take")
    assert refused.value.code == "already_decided"
    set_tier(about.service, "unreviewed")
    remove_later(about.service, timedelta(minutes=-1))
    stranger = join(about.service, about.caller, "Others")
    change_watch_rules(about.service, stranger, {"reports_places": True})
    assert look_up(about, MAILED + "3", caller=stranger)["verdict"] == "related"
    follow(about.service, recorder)
    two = returns(about)[-1]
    assert (two.outcome, two.why, about.state(first)) == ("proposed", "related", "removed")
    taken = decide_recurrence(about.service, about.caller, about.campaign_id, UUID(two.recurrence_id), "take")
    assert (taken.outcome, taken.notice_id, about.state(first)) == ("reopened", str(first), "reopened")


def test_places_of_other_organizations_need_their_consent(about: Case, recorder: Recorder) -> None:
    (first,) = removed(about, MAILED + "1")
    stranger = join(about.service, about.caller, "Others")
    answer = look_up(about, MAILED + "2", caller=stranger)
    assert answer["verdict"] == "known_fake"
    follow(about.service, recorder)
    assert (about.state(first), returns(about)) == ("removed", [])
    change_watch_rules(about.service, stranger, {"reports_places": True})
    look_up(about, MAILED + "2", caller=stranger)
    follow(about.service, recorder)
    (one,) = returns(about)
    assert (one.outcome, one.asked_by) == ("reopened", str(stranger.organization_id))
    assert about.state(first) == "reopened"
    assert count(about, "sighting") == 0


def test_a_watch_answered_later_brings_it_back(about: Case, recorder: Recorder) -> None:
    """The lookup was asked before anybody had registered the fake; its place is followed once it is."""
    (first,) = removed(about, MAILED + "1")
    suspend(about.service)
    assert look_up(about, MAILED + "2", watch_days=7)["verdict"] == "no_match"
    follow(about.service, recorder)
    assert (returns(about), count(about, "sighting")) == ([], 1)
    restore(about.service)
    set_manipulation(about.service, "synthetic")
    follow_up = answer_watched(about.service, recorder)
    assert follow_up >= 1
    # answer_watched leaves what else was asked for with the recorder.
    follow(about.service, recorder)
    (one,) = returns(about)
    assert (one.outcome, one.via, about.state(first)) == ("reopened", "watch", "reopened")
    with about.service.pool.transaction() as connection:
        assert b"mailed" not in bytes(
            connection.execute("SELECT sealed FROM sighting").fetchall()[0]["sealed"]
        )
        expire_watches(about.service)
    sweep_watches(about.service)
    assert count(about, "sighting") == 0


def test_a_file_lookup_with_an_address_is_processed_after_the_answer(about: Case, recorder: Recorder) -> None:
    (first,) = removed(about, MAILED + "1")
    recorder.sent.clear()
    media = upload(about.service, b"clip")
    queue_lookup(about.service, about.caller, media, seen=seen(MAILED + "2", None, None))
    job = claimed(about.service, recorder)
    recorder.sent.clear()
    assert follow(about.service, recorder) == 0
    answer_file(about.service, job, ReadFile(renamed(about.found, media.blob.sha256), 1.0))
    assert follow(about.service, recorder) == 1
    assert (about.state(first), count(about, "sighting")) == ("reopened", 0)


def _in_time(about: Case, *, days: int) -> None:
    """So many days go by, and what nobody follows is swept."""
    let_sightings_age(about.service, days=days)
    let_ended_jobs_age(about.service, days=days)
    sweep_watches(about.service)


def test_a_place_waits_with_the_lookups_dead_letter(about: Case, recorder: Recorder) -> None:
    """A lookup that is answered after all, days later, brings back what it saw then."""
    (first,) = removed(about, MAILED + "1")
    recorder.sent.clear()
    media = upload(about.service, b"clip")
    queue_lookup(about.service, about.caller, media, seen=seen(MAILED + "2", None, None))
    job = claimed(about.service, recorder)
    fail_job(about.service, job, FakeprintError("An error of the worker's own."))
    _in_time(about, days=3)
    settle_job(about.service, about.caller, job.job_id, "retried")
    again = claimed(about.service, recorder)
    answer_file(about.service, again, ReadFile(renamed(about.found, media.blob.sha256), 1.0))
    (told,) = [item for item in recorder.sent if item[0] == "fakeprint.follow_sighting"]
    following = claim_job(about.service, told[2])
    assert following
    fail_job(about.service, following, FakeprintError("An error of the worker's own."))
    recorder.sent.clear()
    _in_time(about, days=3)
    settle_job(about.service, about.caller, following.job_id, "retried")
    assert follow(about.service, recorder) == 1
    assert (about.state(first), count(about, "sighting")) == ("reopened", 0)


@pytest.mark.parametrize("why", ["discarded", "old", "no media is kept"])
def test_a_place_goes_when_the_lookup_cannot_be_done_again(about: Case, recorder: Recorder, why: str) -> None:
    service = about.service
    if why == "no media is kept":
        service = replace(service, settings=service.settings.model_copy(update={"keep_media": False}))
    recorder.sent.clear()
    queue_lookup(service, about.caller, upload(service, b"clip"), seen=seen(MAILED + "2", None, None))
    job = claimed(service, recorder)
    fail_job(service, job, FakeprintError("An error of the worker's own."))
    if why == "discarded":
        settle_job(service, about.caller, job.job_id, "discarded")
    assert count(about, "sighting") == 1
    _in_time(replace(about, service=service), days=8 if why == "old" else 2)
    assert count(about, "sighting") == 0


def test_addresses_of_lookups() -> None:
    assert seen(None, None, None) is None
    for given, code in {
        ("javascript:alert(1)", None, None, None): "dangerous_scheme",
        ("https://10.0.0.1/v", None, None, None): "private_host",
        (None, "telegram", None, None): "no_place",
        (None, "nowhere", "1", None): "unknown_platform",
        (None, None, None, "2026-01-01T00:00:00+00:00"): "no_place",
        ("https://a.example.org/v", None, None, "2026-01-01T00:00:00"): "bad_time",
        ("https://a.example.org/v", None, None, "2999-01-01T00:00:00+00:00"): "bad_time",
        ("https://a.example.org/v", None, None, "yesterday"): "bad_time",
    }.items():
        with pytest.raises(BadInput) as refused:
            seen(*given)
        assert refused.value.code == code, given
    place = seen("HTTPS://www.YouTube.com/watch?v=dQw4w9WgXcQ&utm_source=x", "youtube", "dQw4w9WgXcQ")
    assert place is not None
    assert place.address.platform == "youtube"
    with pytest.raises(BadInput) as differ:
        seen("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "youtube", "aaaaaaaaaaa")
    assert differ.value.code == "places_differ"


def test_a_marked_address_is_not_sent_before_a_person_has_looked_at_it(
    about: Case, recorder: Recorder
) -> None:
    marked, plain = about.ready("https://bit.ly/3xYzAbc", MAILED + "1")
    assert about.row(marked).address_marks == ["shortener"]
    shown = send(about, marked, plain, dry_run=True)
    assert shown.hindrances == {"address_unconfirmed": 1}
    done = confirm_addresses(about.service, about.caller, about.campaign_id, [marked, plain])
    assert (done.confirmed, done.unmarked) == (1, 1)
    assert about.state(marked) == "ready"
    for stolen in ("address_marks = '{}'", "place_digest = sha256('x'), confirmed_at = now()"):
        with pytest.raises(Exception, match=r"address|marked"):
            forge(about.service, f"UPDATE notice SET {stolen} WHERE notice_id = %s", marked)  # noqa: S608
    assert send(about, marked, plain).prepared == 2
    with pytest.raises(Conflict) as refused:
        confirm_addresses(about.service, about.caller, about.campaign_id, [marked])
    assert refused.value.code == "wrong_state"


def test_notices_closed_by_a_dispute_are_not_reopened(about: Case, recorder: Recorder) -> None:
    (first,) = removed(about, MAILED + "1")
    uphold(about, first)
    restore(about.service)
    assert look_up(about, MAILED + "2", drawn.clip(uuid4().hex))["verdict"] == "no_match"
    look_up(about, MAILED + "2")
    follow(about.service, recorder)
    assert about.state(first) == "closed"
    assert [(item.outcome, item.why) for item in returns(about)] == [("proposed", "closed")]
