"""Entries with the same footage find each other: whoever holds them, whenever they come, whatever dies."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, LiteralString
from uuid import UUID, uuid4

import pytest

from registry.app.service.sweep import sweep
from registry.catalogue.banks.service.banks import create_bank
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.media import add_asset
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import Conflict, FakeprintError, Forbidden, NotFound, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.jobs import claim_job, fail_job
from registry.lineage.schemas import RelatedEntry
from registry.lineage.service import get_related, outdate_relatives, relate_entry, relink_entries
from registry.lineage.store import related
from tests.support.entries import outdate_relations, set_status
from tests.support.jobs import let_ended_jobs_age, lose_jobs, lose_subject
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.service.servers import wait_until
from tests.support.steps import expire, fingerprint_of, join, relate, renamed, unwatched, upload


def register(service: Service, caller: Caller, *fakes: Fingerprint, **more: Any) -> UUID:
    return UUID(register_entry(service, caller, Registration(fakes=fakes, **more)).entry_id)


def relatives(service: Service, caller: Caller, entry_id: UUID) -> dict[UUID, RelatedEntry]:
    found = get_related(service, caller, entry_id)
    assert not found.pending
    assert found.count == len(found.related)
    return {UUID(item.entry_id): item for item in found.related}


def jobs(service: Service, *states: str) -> list[dict[str, Any]]:
    query = "SELECT * FROM job WHERE task = 'relate_entry' ORDER BY created_at"
    with service.pool.transaction() as connection:
        rows = connection.execute(query).fetchall()
    return [row for row in rows if not states or row["status"] in states]


def change(service: Service, statement: LiteralString, *values: object) -> None:
    with service.pool.transaction() as connection:
        connection.execute(statement, values)


def begun(service: Service, entry_id: UUID) -> Job:
    (row,) = [row for row in jobs(service, "queued", "running") if row["subject_id"] == entry_id]
    job = claim_job(service, row["job_id"])
    assert job
    return job


def test_variants_of_one_body_clip_list_each_other(service: Service, owner: Caller) -> None:
    first = register(service, owner, drawn.clip("body", face="mayor"), title="The mayor")
    second = register(service, owner, drawn.clip("body", face="actress", noise=0.1), manipulation="face_swap")
    copied = register(service, owner, drawn.clip("body", face="mayor", noise=0.1, start=2.0, seconds=6.0))
    alone = register(service, owner, drawn.clip("something else", face="mayor"))
    assert get_related(service, owner, first).pending, "nobody has looked yet"
    assert relate(service) == 4
    found = relatives(service, owner, first)
    assert {one: said.relation for one, said in found.items()} == {
        second: "same_footage_other_face",
        copied: "copy",
    }
    assert (found[second].faces, found[copied].faces) == ("other", "same")
    (span,) = found[copied].spans
    assert span.entry == pytest.approx([2.0, 8.0], abs=0.3)
    assert span.related == pytest.approx([0.0, 6.0], abs=0.3)
    seen = relatives(service, owner, copied)[first]
    (span,) = seen.spans
    assert span.entry == pytest.approx([0.0, 6.0], abs=0.3), "seen from the other side"
    assert (seen.title, seen.kind, seen.role, seen.related_role) == (
        *("The mayor", "same_footage", "fake"),
        "fake",
    )
    assert seen.score is not None
    assert seen.score >= 0.9
    assert set(relatives(service, owner, second)) == {first, copied}
    assert relatives(service, owner, alone) == {}


def test_fakes_of_one_original_share_it_and_the_fakes_say_most(service: Service, owner: Caller) -> None:
    original = drawn.clip("body", face="actress")
    whole = register(service, owner, drawn.clip("body", face="mayor"), originals=[original])
    cut = register(service, owner, drawn.clip("other", face="x"), originals=[original])
    both = register(service, owner, drawn.clip("body", face="deputy"), originals=[original])
    relate(service)
    assert relatives(service, owner, whole)[cut].relation == "shares_original"
    link = relatives(service, owner, whole)[both]
    assert (link.relation, link.role, link.pairs) == ("same_footage_other_face", "fake", 4)


def test_a_mirrored_copy_is_a_relative(service: Service, owner: Caller) -> None:
    """What a picture turned round has: in either hash every second column turned over, and other vectors."""
    plain = drawn.clip("body", face="mayor")
    odd = bytes([0x55] * 32)
    turned = tuple(
        replace(frame, phash256=_flipped(frame.phash256, odd), pdq=_flipped(frame.pdq, odd), sscd=None)
        for frame in plain.frames
    )
    one = register(service, owner, plain)
    other = register(service, owner, replace(drawn.clip("body", face="mayor", file="x"), frames=turned))
    relate(service)
    (span,) = relatives(service, owner, one)[other].spans
    assert span.mirrored


def _flipped(value: bytes | None, mask: bytes) -> bytes | None:
    return bytes(a ^ b for a, b in zip(value or b"", mask, strict=True))


def test_a_link_needs_access_to_both_entries(service: Service, owner: Caller) -> None:
    stranger = join(service, owner, "Elsewhere")
    create_bank(service, stranger, name="hidden", visibility="private", policy={})
    public = register(service, owner, drawn.clip("body", face="mayor"))
    hidden = register(service, stranger, drawn.clip("body", face="mayor", noise=0.1), bank="hidden")
    relate(service)
    assert set(relatives(service, stranger, public)) == {hidden}
    assert set(relatives(service, stranger, hidden)) == {public}
    assert relatives(service, owner, public) == {}
    with pytest.raises(NotFound) as caught:
        get_related(service, owner, hidden)
    assert caught.value.code == "unknown_entry"


@pytest.mark.parametrize("status", ["suspended", "withdrawn"])
def test_withdrawn_relatives_are_shown_like_their_entry(service: Service, owner: Caller, status: str) -> None:
    stranger = join(service, owner, "Elsewhere")
    one = register(service, owner, drawn.clip("body", face="a"))
    other = register(service, owner, drawn.clip("body", face="b"))
    relate(service)
    assert set(relatives(service, stranger, one)) == {other}
    set_status(service, status, other)
    assert relatives(service, stranger, one) == {}
    assert set(relatives(service, owner, one)) == ({other} if status == "suspended" else set())


def test_a_page_ends_where_the_next_begins(service: Service, owner: Caller) -> None:
    ids = [register(service, owner, drawn.clip("body", face=str(number))) for number in range(5)]
    relate(service)
    pages = [get_related(service, owner, ids[0], limit=2)]
    while after := pages[-1].next:
        pages.append(get_related(service, owner, ids[0], limit=2, after=after))
    assert [len(page.related) for page in pages] == [2, 2]
    assert {page.count for page in pages} == {4}
    listed = [UUID(item.entry_id) for page in pages for item in page.related]
    assert listed == ids[:0:-1], "newest first"
    for cursor in ("x", "eA", "MjAyNiA1IDY", "ä"):
        with pytest.raises(FakeprintError) as caught:
            get_related(service, owner, ids[0], after=cursor)
        assert caught.value.code == "bad_cursor"


@pytest.mark.slow
def test_a_campaign_is_larger_than_one_round_of_candidates(service: Service, owner: Caller) -> None:
    ids = [register(service, owner, drawn.clip("body", face="x", seconds=3, file=str(n))) for n in range(30)]
    relate(service)
    for entry_id in (ids[0], ids[-1]):
        assert get_related(service, owner, entry_id).count == 29


def test_media_that_become_matchable_ask_in_the_same_commit(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    fake, late = upload(service, b"fake"), upload(service, b"late")
    entry_id = UUID(register_entry(service, owner, Registration(fakes=[fake])).entry_id)
    assert jobs(service) == []
    assert get_related(service, owner, entry_id).pending
    work(service, recorder, fingerprint_of(fake, "body", "mayor"))
    assert show_entry(service, owner, entry_id).status == "matchable"
    assert [(job["subject_id"], job["status"]) for job in jobs(service)] == [(entry_id, "queued")]
    assert recorder.sent.pop(0)[:2] == ("fakeprint.relate_entry", "bulk")
    assert relate(service) == 1
    other = register(service, owner, drawn.clip("second body", face="actress"))
    relate(service)
    assert relatives(service, owner, entry_id) == {}
    recorder.sent.clear()
    add_asset(service, owner, entry_id, late, "original")
    work(service, recorder, fingerprint_of(late, "second body", "actress"))
    assert get_related(service, owner, entry_id).pending
    assert relate(service) == 1
    assert relatives(service, owner, entry_id)[other].relation == "shares_original"


def work(service: Service, recorder: Recorder, found: Fingerprint) -> None:
    """Fingerprint what was sent last."""
    job = claim_job(service, recorder.sent.pop()[2])
    assert job
    enrol_fingerprint(service, job, found)


def test_media_that_are_recomputed_are_looked_at_again(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"fake")
    entry = register(service, owner, fingerprint_of(media, "invented", "mayor"))
    other = register(service, owner, drawn.clip("invented", face="mayor", noise=0.1))
    relate(service)
    assert set(relatives(service, owner, entry)) == {other}
    register_entry(service, owner, Registration(fakes=[media]))
    work(service, recorder, renamed(drawn.clip("invented", face="mayor", noise=0.02), media.blob.sha256))
    assert get_related(service, owner, entry).pending
    sweep(service)
    assert relate(service) == 1
    assert set(relatives(service, owner, entry)) == {other}
    assert set(relatives(service, owner, other)) == {entry}


def test_media_that_belie_their_document_suspend_the_entry_alone(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"fake")
    entry = register(service, owner, fingerprint_of(media, "invented", "mayor"))
    other = register(service, owner, drawn.clip("invented", face="mayor", noise=0.1))
    relate(service)
    register_entry(service, owner, Registration(fakes=[media]))
    work(service, recorder, fingerprint_of(media, "what it is", "mayor"))
    assert show_entry(service, owner, entry).status == "suspended"
    assert [item.status for item in (show_entry(service, owner, other),)] == ["matchable"]


@pytest.mark.slow
def test_two_that_register_at_once_find_each_other(service: Service, owner: Caller) -> None:
    """Both commit, then both look; or one commits while the other looks: the later job sees the earlier."""
    callers = (owner, join(service, owner, "Elsewhere"))
    for number in range(6):
        ids: dict[UUID, UUID] = {}
        barrier = threading.Barrier(2)

        def register_and_look(
            caller: Caller, clip: Fingerprint, ids: dict[UUID, UUID], together: Callable[[], int]
        ) -> None:
            together()
            entry_id = register(service, caller, clip)
            ids[caller.caller_id] = entry_id
            relate_entry(service, begun(service, entry_id), unwatched)

        threads = [
            threading.Thread(
                target=register_and_look,
                args=(caller, drawn.clip(f"body {number}", face=caller.name), ids, barrier.wait),
            )
            for caller in callers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        one, other = ids.values()
        assert set(relatives(service, owner, one)) == {other}
        assert set(relatives(service, owner, other)) == {one}


def test_an_entry_that_comes_after_another_has_looked_finds_it(service: Service, owner: Caller) -> None:
    """The first has looked, and waits to write; the second commits meanwhile and is not among the found."""
    first = register(service, owner, drawn.clip("body", face="mayor"))
    job = begun(service, first)
    with service.pool.transaction() as connection:
        related.take_turns(connection)
        thread = threading.Thread(target=relate_entry, args=(service, job, unwatched))
        thread.start()
        wait_until(lambda: bool(waiting_for_turns(service)), 30)
        second = register(service, owner, drawn.clip("body", face="actress"))
    thread.join(30)
    assert relatives(service, owner, first) == {}
    relate_entry(service, begun(service, second), unwatched)
    assert set(relatives(service, owner, first)) == {second}


def waiting_for_turns(service: Service) -> list[Any]:
    with service.pool.transaction() as connection:
        query = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return connection.execute(query).fetchall()


def test_entries_matchable_during_a_job_are_linked_by_the_next(service: Service, owner: Caller) -> None:
    entry_id = register(service, owner, drawn.clip("body", face="mayor"))
    other = register(service, owner, drawn.clip("second body", face="actress"))
    job = begun(service, entry_id)
    late = drawn.clip("second body", face="actress", noise=0.1)

    def add(_share: float) -> None:
        add_asset(service, owner, entry_id, late, "original")

    relate_entry(service, job, add)
    assert [row["subject_id"] for row in jobs(service, "queued")] == [other, entry_id]
    assert relate(service) == 2
    assert relatives(service, owner, entry_id)[other].relation == "shares_original"


def test_a_killed_workers_job_is_done_again_and_it_keeps_nothing(service: Service, owner: Caller) -> None:
    one = register(service, owner, drawn.clip("body", face="a"))
    other = register(service, owner, drawn.clip("body", face="b"))
    silent = begun(service, one)
    expire(service)
    assert sweep(service) >= 1
    again = claim_job(service, silent.job_id)
    assert again
    relate_entry(service, again, unwatched)
    with pytest.raises(Conflict) as caught:
        relate_entry(service, silent, unwatched)
    assert caught.value.code == "lease_lost"
    relate(service)
    before = get_related(service, owner, one)
    relink_entries(service, owner, [one, other])
    assert relate(service) == 2
    assert get_related(service, owner, one) == before, "again is the same"


def test_a_job_that_fails_leaves_the_entry_as_it_is(service: Service, owner: Caller) -> None:
    entry_id = register(service, owner, drawn.clip("body", face="a"))
    fail_job(service, begun(service, entry_id), Unavailable("Away."))
    (job,) = jobs(service)
    assert (job["status"], job["error_code"]) == ("queued", "unavailable")
    expire(service)
    impatient = replace(service, settings=service.settings.model_copy(update={"max_deferrals": 1}))
    fail_job(impatient, begun(service, entry_id), Unavailable("Away."))
    (job,) = jobs(service)
    assert (job["status"], job["error_code"]) == ("failed", "unavailable")
    shown = show_entry(service, owner, entry_id)
    assert (shown.status, shown.error) == ("matchable", None)
    sweep(service)
    assert len(jobs(service)) == 1, "it rests"
    let_ended_jobs_age(service, days=2)
    sweep(service)
    assert relate(service) == 1
    assert not get_related(service, owner, entry_id).pending


@pytest.mark.parametrize("gone", ["withdrawn", "suspended", "missing"])
def test_a_job_for_an_entry_that_is_gone_ends_quietly(service: Service, owner: Caller, gone: str) -> None:
    entry_id = register(service, owner, drawn.clip("body", face="a"))
    if gone == "missing":
        lose_subject(service, uuid4())
    else:
        set_status(service, gone, entry_id)
    assert relate(service) == 1
    assert [job["status"] for job in jobs(service)] == ["done"]
    sweep(service)
    assert len(jobs(service)) == (2 if gone == "missing" else 1), "nobody asks for it again"


@pytest.mark.slow
def test_entries_older_than_the_search_are_taken_up_in_batches(
    service: Service, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [register(service, owner, drawn.clip("body", face=str(number), seconds=3)) for number in range(5)]
    lose_jobs(service)
    monkeypatch.setattr("registry.lineage.service.OPEN", 2)
    for expected in (2, 2, 1, 0):
        sweep(service)
        sweep(service)
        assert relate(service) == expected
    assert get_related(service, owner, ids[0]).count == 4


def test_other_rules_look_again(service: Service, owner: Caller) -> None:
    one = register(service, owner, drawn.clip("body", face="a"))
    register(service, owner, drawn.clip("body", face="b"))
    relate(service)
    assert outdate_relatives(service) == 0
    outdate_relations(service, "footage-0")
    found = get_related(service, owner, one)
    assert (found.pending, found.count) == (True, 1), "what is known stands meanwhile"
    assert outdate_relatives(service) == 2
    sweep(service)
    assert relate(service) == 2
    assert not get_related(service, owner, one).pending


def test_an_admin_asks_for_it_again(service: Service, owner: Caller) -> None:
    stranger = join(service, owner, "Elsewhere")
    one = register(service, owner, drawn.clip("body", face="a"))
    foreign = register(service, stranger, drawn.clip("body", face="b"))
    relate(service)
    assert relink_entries(service, owner, [one]).entries == 1
    assert [job["subject_id"] for job in jobs(service, "queued")] == [one]
    relate(service)
    assert relink_entries(service, owner, None).entries == 1
    assert jobs(service, "queued") == [], "the sweeper takes them up"
    sweep(service)
    assert [job["subject_id"] for job in jobs(service, "queued")] == [one]
    for entry_id, code in ((foreign, "foreign_bank"), (uuid4(), "unknown_entry")):
        with pytest.raises(FakeprintError) as caught:
            relink_entries(service, owner, [one, entry_id])
        assert caught.value.code == code
    with pytest.raises(Forbidden):
        relink_entries(service, replace(owner, roles=frozenset({"register"})), None)
