"""Lookups that are watched are answered again by what is registered later: each once, whatever breaks."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from registry.app.service.closing import close_organization
from registry.catalogue.banks.service.banks import create_bank
from registry.catalogue.entries.model.entry import KEYFRAMES
from registry.catalogue.entries.service.media import add_asset
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.errors import BadInput, NotFound, NotSettled
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.decision.model.keyframe_answers import Unsettled
from registry.matching.lookups.model import Options
from registry.matching.lookups.service.answers import answer_document, answer_sha256
from registry.matching.lookups.service.files import ReadFile, answer_file
from registry.matching.lookups.service.hashes import answer_hash
from registry.matching.lookups.service.records import queue_lookup
from registry.matching.watches.service.watches import (
    change_watch_rules,
    end_watch,
    get_watch,
    list_watches,
    sweep_watches,
)
from registry.sharing.webhooks.service.webhooks import create_webhook
from tests.support.entries import restore, suspend
from tests.support.matching.answers import answer_of
from tests.support.matching.watches import COPY, FAKE, expire_watches, notified, put, watched, work
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.sharing.webhooks import go_on
from tests.support.steps import claimed, fingerprint_of, join, review, upload
from tests.support.takedown.endpoints import Endpoint


@pytest.fixture
def asker(service: Service, owner: Caller) -> Caller:
    return join(service, owner, "Askers")


def test_a_fake_registered_later_is_notified(service: Service, owner: Caller, recorder: Recorder) -> None:
    lookup = watched(service, owner)
    assert lookup["verdict"] == "no_match"
    unwatched_one = answer_document(service, owner, COPY)
    assert "watch" not in unwatched_one
    assert answer_of(service, owner, UUID(lookup["lookup_id"]))["watch"] == lookup["watch"]
    put(service, owner, drawn.clip("other footage"))
    work(service, recorder)
    assert notified(service) == []
    entry_id = put(service, owner, FAKE)
    work(service, recorder)
    assert notified(service) == [(lookup["lookup_id"], str(entry_id), "known_fake")]
    shown = get_watch(service, owner, UUID(lookup["watch"]["watch_id"]))
    (matched,) = shown.matched
    assert (matched.verdict, matched.entry_id) == ("known_fake", str(entry_id))
    assert matched.matches[0].spans[0].asset == pytest.approx([1, 7], abs=0.6)


def test_each_verdict_on_an_entry_is_notified_once(
    service: Service, owner: Caller, asker: Caller, recorder: Recorder
) -> None:
    lookup = watched(service, asker)
    entry_id = put(service, owner, FAKE)
    work(service, recorder)
    review(service, str(entry_id))
    work(service, recorder)
    suspend(service, entry_id)
    restore(service, entry_id)
    work(service, recorder)
    expected = [(lookup["lookup_id"], str(entry_id), verdict) for verdict in ("related", "known_fake")]
    assert notified(service) == expected


def test_the_review_of_a_face_swap_is_notified_without_faces(
    service: Service, owner: Caller, asker: Caller, recorder: Recorder
) -> None:
    lookup = watched(service, asker, drawn.clip("speech", face="v", noise=0.1, file="copy"))
    made = register_entry(
        service, owner, Registration(fakes=[drawn.clip("speech", face="v")], manipulation="face_swap")
    )
    work(service, recorder)
    for _ in range(2):
        review(service, made.entry_id)
        work(service, recorder)
    assert notified(service) == [(lookup["lookup_id"], made.entry_id, "related")] * 2
    last, first = get_watch(service, asker, UUID(lookup["watch"]["watch_id"])).matched
    assert [item.matches[0].tier for item in (first, last)] == ["unreviewed", "reviewed"]


def test_matches_of_the_lookup_itself_are_not_notified(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    entry_id = put(service, owner, FAKE)
    assert watched(service, owner)["verdict"] == "known_fake"
    work(service, recorder)
    review(service, str(entry_id))
    work(service, recorder)
    assert notified(service) == []


def test_later_media_and_restored_entries_are_compared_with_watches(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    entry_id = put(service, owner, drawn.clip("something else"))
    lookup = watched(service, owner)
    add_asset(service, owner, entry_id, FAKE, "fake")
    work(service, recorder)
    suspend(service, entry_id)
    again = watched(service, owner)
    assert again["verdict"] == "no_match"
    restore(service, entry_id)
    work(service, recorder)
    assert [item[0] for item in notified(service)] == [lookup["lookup_id"], again["lookup_id"]]


def test_a_digest_and_a_hash_are_watched_too(service: Service, owner: Caller, recorder: Recorder) -> None:
    digest = answer_sha256(service, owner, FAKE.media.sha256, watch_days=1)
    assert (digest["verdict"], digest["scope"]) == ("no_match", "exact_only")
    hashes = [
        answer_hash(service, owner, "phash256.1", (FAKE.frames[3].phash256 or b"").hex(), watch_days=1),
        answer_hash(service, owner, "pdq.1", (FAKE.frames[5].pdq or b"").hex(), watch_days=1),
    ]
    answer_hash(service, owner, "pdq.1", "0f" * 32, watch_days=1)
    entry_id = put(service, owner, FAKE)
    work(service, recorder)
    assert sorted(notified(service)) == sorted(
        [
            (digest["lookup_id"], str(entry_id), "known_fake"),
            *((hash_["lookup_id"], str(entry_id), "related") for hash_ in hashes),
        ]
    )


def test_a_watched_file_uses_the_workers_fingerprint(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"clip")
    lookup_id = queue_lookup(service, owner, media, Options(watch_days=7))
    job = claimed(service, recorder)
    query = fingerprint_of(media, "speech", "victim")
    keyframes = replace(query, notes=(KEYFRAMES,))
    assert answer_file(service, job, ReadFile(keyframes, 1.0)) == Unsettled("full")
    answer_file(service, job, ReadFile(query, 1.0))
    assert answer_of(service, owner, lookup_id)["verdict"] == "no_match"
    with service.pool.transaction() as connection:
        (row,) = connection.execute("SELECT fingerprint FROM watch").fetchall()
    entry_id = put(service, owner, FAKE)
    work(service, recorder)
    assert notified(service) == [(str(lookup_id), str(entry_id), "known_fake")]
    assert row["fingerprint"] is not None


@pytest.mark.slow
def test_a_fake_registered_during_a_lookup_is_answered_or_notified(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    """Whatever the moment: the lookup says it, or the watch is told."""
    for round_ in range(6):
        seed = f"race {round_}"
        answers: list[dict[str, Any]] = []
        query = drawn.clip(seed, noise=0.05, file="copy")
        threads = [
            threading.Thread(
                target=lambda query=query, answers=answers: answers.append(watched(service, owner, query))
            ),
            threading.Thread(target=put, args=(service, owner, drawn.clip(seed))),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        work(service, recorder)
        (answer,) = answers
        heard = [item for item in notified(service) if item[0] == answer["lookup_id"]]
        assert (answer["verdict"] == "known_fake") != (len(heard) == 1)


def test_a_watch_reveals_no_more_than_a_lookup(
    service: Service, owner: Caller, asker: Caller, recorder: Recorder
) -> None:
    watched(service, asker)
    create_bank(service, owner, name="attic", visibility="private")
    put(service, owner, FAKE, bank="attic")
    work(service, recorder)
    assert notified(service) == []
    one_bank = answer_document(service, owner, COPY, bank="default", watch_days=5)
    assert one_bank["verdict"] == "no_match"
    put(service, owner, drawn.clip("speech", noise=0.02, file="twin"), bank="attic")
    work(service, recorder)
    assert notified(service) == []


def test_the_new_answer_is_sent_by_webhook(
    service: Service, local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    create_webhook(local, owner, url=there.url(), kinds=["watch.matched"])
    lookup = watched(local, owner)
    entry_id = put(local, owner, FAKE)
    work(local, recorder)
    recorder.sent[:] = [item for item in recorder.sent if item[1] == "delivery"]
    go_on(local, recorder)
    (body,) = map(json.loads, there.bodies())
    assert body["type"] == "watch.matched"
    data = body["data"]
    assert (data["watch_id"], data["lookup_id"]) == (lookup["watch"]["watch_id"], lookup["lookup_id"])
    assert (data["entry_id"], data["answer"]["verdict"]) == (str(entry_id), "known_fake")
    assert data["answer"]["matches"][0]["spans"]
    assert "title" not in json.dumps(body)


def test_watches_are_listed_ended_and_forgotten(
    service: Service, owner: Caller, asker: Caller, recorder: Recorder
) -> None:
    lookups = [watched(service, asker, drawn.clip(f"q {n}")) for n in range(3)]
    first = list_watches(service, asker, limit=2)
    second = list_watches(service, asker, limit=2, after=first.next)
    listed = [item.lookup_id for item in (*first.watches, *second.watches)]
    assert listed == [item["lookup_id"] for item in reversed(lookups)]
    watch_id = UUID(lookups[0]["watch"]["watch_id"])
    for call in (
        lambda: get_watch(service, owner, watch_id),
        lambda: end_watch(service, owner, watch_id),
        lambda: end_watch(service, asker, uuid4()),
    ):
        with pytest.raises(NotFound) as absent:
            call()
        assert absent.value.code == "unknown_watch"
    with pytest.raises(BadInput):
        list_watches(service, asker, after="bm90IGEgY3Vyc29y")
    end_watch(service, asker, watch_id)
    assert len(list_watches(service, asker).watches) == 2
    expire_watches(service, UUID(lookups[1]["watch"]["watch_id"]))
    put(service, owner, drawn.clip("q 1"))
    work(service, recorder)
    assert notified(service) == [], "its time is over, swept or not"
    assert sweep_watches(service) == 1
    with service.pool.transaction() as connection:
        rows = connection.execute("SELECT DISTINCT watch_no FROM watch_frame").fetchall()
        vectors = connection.execute("SELECT DISTINCT watch_no FROM watch_vector").fetchall()
    close_organization(service, owner, asker.organization_id)
    assert (len(rows), len(vectors)) == (1, 1)
    with service.pool.transaction() as connection:
        assert connection.execute("SELECT FROM watch").fetchall() == []


def test_how_long_is_for_the_deployment_and_the_organization_to_say(
    service: Service, owner: Caller, asker: Caller
) -> None:
    rules = change_watch_rules(service, owner, {})
    assert list(rules.model_dump().values()) == [None, False, False, 90]
    for days in (0, -1, 91):
        with pytest.raises(BadInput) as refused:
            answer_document(service, owner, COPY, watch_days=days)
        assert refused.value.code == "watch_too_long"
    change_watch_rules(service, owner, {"watch_days_most": 10})
    with pytest.raises(BadInput, match="1 to 10"):
        answer_document(service, owner, COPY, watch_days=11)
    with pytest.raises(BadInput):
        queue_lookup(service, owner, upload(service, b"clip"), Options(watch_days=11))
    answer_document(service, asker, COPY, watch_days=90)
    change_watch_rules(service, owner, {"watch_days_most": 0})
    with pytest.raises(BadInput, match="may not be watched"):
        answer_document(service, owner, COPY, watch_days=1)
    with pytest.raises(BadInput):
        change_watch_rules(service, owner, {"watch_days_most": 4000})


def test_a_lookup_that_fails_is_not_watched(service: Service, owner: Caller) -> None:
    with pytest.raises(NotFound):
        answer_document(service, owner, COPY, bank="nowhere", watch_days=1)
    with pytest.raises(NotSettled):
        answer_document(service, owner, replace(COPY, notes=(KEYFRAMES,)), watch_days=1)
    with service.pool.transaction() as connection:
        assert connection.execute("SELECT FROM watch").fetchall() == []


def test_where_nothing_is_watched_nothing_is_asked(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    put(service, owner, FAKE)
    work(service, recorder)
    with service.pool.transaction() as connection:
        assert connection.execute("SELECT FROM watch_due").fetchall() == []
