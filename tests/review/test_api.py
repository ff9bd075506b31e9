"""Review over HTTP: the queue, claims, four eyes, court orders, withdrawal; and ways round them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest

from registry.catalogue.fingerprints.model.document import to_document
from tests.support.media import drawn
from tests.support.reviewers import (
    ORDER,
    Cast,
    Organization,
    add_media,
    ask,
    claim,
    code,
    decide,
    queue,
    shown,
    work,
)
from tests.support.service.api import Api
from tests.support.steps import renamed


@pytest.fixture
def cast(api: Api) -> Iterator[Cast]:
    with ExitStack() as stack:
        yield Cast(api, stack)


def test_two_reviewers_of_two_organizations_make_it_reviewed(cast: Cast) -> None:
    filed = cast.file()
    assert ask(cast.asker, filed.found)["verdict"] == "related"
    first = decide(cast.first, filed.entry_id, reason="Ambos vídeos vistos.").json()
    assert (first["tier"], first["own_tier"]) == ("unreviewed", "unreviewed")
    second = decide(cast.abroad, filed.entry_id).json()
    assert (second["tier"], second["status"]) == ("reviewed", "matchable")
    assert second["decisions"][0]["reason"] == "Ambos vídeos vistos."
    answered = ask(cast.asker, filed.found)
    assert (answered["verdict"], answered["matches"][0]["tier"]) == ("known_fake", "reviewed")
    assert queue(cast.second, entry_id=filed.entry_id) == []


def test_a_ring_within_one_organization_raises_nothing_for_strangers(cast: Cast) -> None:
    filed = cast.file()
    ring = [cast.first, cast.second, *(cast.home.client("review", "admin") for _ in range(4))]
    for reviewer in ring:
        assert decide(reviewer, filed.entry_id).status_code == 200
    found = shown(cast.first, filed.entry_id)
    assert (found["tier"], found["own_tier"]) == ("unreviewed", "reviewed")
    answered = ask(cast.asker, filed.found)
    assert (answered["verdict"], answered["reasons"]) == ("related", ["unreviewed"])
    assert shown(cast.abroad, filed.entry_id)["own_tier"] is None
    by_order = [
        decide(item, filed.entry_id, "court_order", order=ORDER) for item in (cast.first, cast.second)
    ]
    assert {item.status_code for item in by_order} == {200}
    assert (by_order[1].json()["tier"], by_order[1].json()["own_tier"]) == ("unreviewed", "court_order")


def test_the_registrant_cannot_review(cast: Cast) -> None:
    filed = cast.file()
    assert code(decide(cast.maker, filed.entry_id)) == (403, "second_reviewer")
    helper = cast.home.client("register", "review")
    add_media(cast.api, helper, filed.entry_id, "fake", uuid4().bytes, "more of it")
    assert code(decide(helper, filed.entry_id)) == (403, "second_reviewer")
    assert code(decide(cast.asker, filed.entry_id)) == (403, "forbidden")


def test_one_reviewer_twice_is_one(cast: Cast) -> None:
    filed = cast.file()
    for _ in range(3):
        found = decide(cast.abroad, filed.entry_id).json()
    assert found["tier"] == "unreviewed"
    assert [decision["stands"] for decision in found["decisions"]] == [False, False, True]


def test_media_added_after_a_review_wait_for_another(cast: Cast) -> None:
    filed = cast.file()
    decide(cast.first, filed.entry_id)
    decide(cast.abroad, filed.entry_id)
    seed = str(uuid4())
    added = add_media(cast.api, cast.maker, filed.entry_id, "fake", uuid4().bytes, seed)
    tiers = {medium["asset_id"]: medium["tier"] for medium in shown(cast.first, filed.entry_id)["media"]}
    assert tiers == {filed.asset_id: "reviewed", added: "unreviewed"}
    assert ask(cast.asker, drawn.clip(seed, face="victim"))["reasons"] == ["unreviewed"]
    assert [item["reason"] for item in queue(cast.first, entry_id=filed.entry_id)] == ["added_media"]
    decide(cast.first, filed.entry_id)
    found = decide(cast.abroad, filed.entry_id).json()
    assert {medium["tier"] for medium in found["media"]} == {"reviewed"}


def test_media_added_behind_a_reviewers_back_are_not_covered(cast: Cast) -> None:
    filed = cast.file()
    decide(cast.first, filed.entry_id)
    assert claim(cast.abroad, filed.entry_id).status_code == 200
    seed = str(uuid4())
    added = add_media(cast.api, cast.maker, filed.entry_id, "fake", uuid4().bytes, seed)
    found = cast.abroad.post(f"/v1/reviews/{filed.entry_id}/decision", json={"decision": "approve"}).json()
    tiers = {medium["asset_id"]: medium["tier"] for medium in found["media"]}
    assert tiers == {filed.asset_id: "reviewed", added: "unreviewed"}


def test_an_entry_from_a_document_waits_for_its_file(cast: Cast) -> None:
    content = uuid4().bytes
    true = drawn.clip(str(uuid4()), face="victim")
    with cast.api.service() as service:
        digest = service.blobs.put(io.BytesIO(content), limit=99).sha256
    true = renamed(true, digest)
    made = cast.maker.post("/v1/entries", json={"fakes": [to_document(true, faces=True)]}).json()
    assert code(decide(cast.first, made["entry_id"])) == (409, "unverified")
    assert [item["unverified"] for item in queue(cast.first, entry_id=made["entry_id"])] == [True]
    place = f"/v1/reviews/{made['entry_id']}/verification"
    wrong = cast.abroad.post(place, files={"media": ("x", b"another file")})
    assert code(wrong) == (400, "not_that_file")
    sent = cast.abroad.post(place, files={"media": ("x", content)})
    assert (sent.status_code, sent.json()["recomputed"]) == (202, False)
    work(cast.api, sent.json()["asset_id"], true)
    assert cast.abroad.post(place, files={"media": ("x", content)}).json()["recomputed"] is True
    decide(cast.first, made["entry_id"])
    assert decide(cast.abroad, made["entry_id"]).json()["tier"] == "reviewed"


def test_a_forged_document_is_found_out_and_refused(cast: Cast) -> None:
    """The attack: say of some file's digest that it shows the genuine news, so that the news is a fake."""
    content, news = uuid4().bytes, str(uuid4())
    with cast.api.service() as service:
        digest = service.blobs.put(io.BytesIO(content), limit=99).sha256
    lie = renamed(drawn.clip(news, face="minister"), digest)
    made = cast.maker.post("/v1/entries", json={"fakes": [to_document(lie, faces=True)]}).json()
    entry_id = made["entry_id"]
    assert ask(cast.maker, drawn.clip(news, face="minister", noise=0.1))["verdict"] == "known_fake"
    assert code(decide(cast.first, entry_id)) == (409, "unverified")
    sent = cast.abroad.post(f"/v1/reviews/{entry_id}/verification", files={"media": ("x", content)})
    work(cast.api, sent.json()["asset_id"], renamed(drawn.clip(str(uuid4()), face="nobody"), digest))
    found = shown(cast.first, entry_id)
    assert (found["status"], found["suspended_for"]) == ("suspended", "forged_fingerprint")
    assert ask(cast.maker, drawn.clip(news, face="minister", noise=0.1))["verdict"] == "no_match"
    for act in ("approve", "restore"):
        refused = decide(cast.first, entry_id, act)
        assert code(refused) in {(409, "wrong_status"), (409, "forged_fingerprint")}
    assert code(decide(cast.first, entry_id, "restore")) == (409, "forged_fingerprint")


@pytest.mark.slow
def test_whitewashing_a_reviewed_fake_fails_and_shows_in_the_queue(cast: Cast) -> None:
    filed = cast.file()
    decide(cast.first, filed.entry_id)
    decide(cast.abroad, filed.entry_id)
    with ExitStack() as stack:
        washers = Organization(cast.api, stack)
        washer = washers.client("register", "lookup")
        ring = [washers.client("review") for _ in range(2)]
        form = {"fake": ("f", uuid4().bytes), "original": ("o", filed.content)}
        made = washer.post("/v1/entries", files=form).json()
        for asset in made["assets"]:
            clip = filed.found if asset["role"] == "original" else drawn.clip(str(uuid4()), face="x")
            work(cast.api, asset["asset_id"], renamed(clip, asset["sha256"]))
        # Refused to their own reviewers, and to any other: the file was reviewed as a fake.
        for reviewer in (*ring, cast.first):
            refused = decide(reviewer, made["entry_id"], covers=["original"])
            assert code(refused) == (409, "role_conflict")
            assert refused.json()["entry_ids"] == [filed.entry_id]
        again = renamed(drawn.clip(str(uuid4())), filed.sha256)
        assert again.media.sha256 == filed.sha256
        waits = {item["reason"] for item in queue(cast.second, entry_id=filed.entry_id)}
        assert waits == {"role_conflict"}
        assert {conflict["entry_id"] for conflict in shown(cast.first, filed.entry_id)["conflicts"]} == {
            made["entry_id"]
        }
    answered = ask(cast.asker, filed.found)
    assert answered["verdict"] in {"known_fake", "related"}
    assert answered["verdict"] != "authentic_original"


def test_a_claim_that_nobody_reviewed_keeps_no_fake_from_review(cast: Cast) -> None:
    """The same attack the other way: register a fake as one's original first, so that nobody reviews it."""
    content = uuid4().bytes
    clip = drawn.clip(str(uuid4()), face="victim")
    washer = cast.organization().client("register")
    form = {"fake": ("f", uuid4().bytes), "original": ("o", content)}
    for asset in washer.post("/v1/entries", files=form).json()["assets"]:
        work(cast.api, asset["asset_id"], renamed(clip, asset["sha256"]))
    filed = cast.maker.post("/v1/entries", files={"fake": ("f", content)}).json()
    asset = filed["assets"][0]
    work(cast.api, asset["asset_id"], renamed(clip, asset["sha256"]))
    decide(cast.first, filed["entry_id"])
    assert decide(cast.abroad, filed["entry_id"]).json()["tier"] == "reviewed"


@pytest.mark.slow
def test_a_court_order_needs_two_reviewers_with_the_same_document(cast: Cast) -> None:
    filed = cast.file()
    clerk = cast.other.client("review", "admin")
    assert code(decide(cast.first, filed.entry_id, "court_order")) == (400, "needs_order")
    decide(cast.first, filed.entry_id, "court_order", order=ORDER)
    other = ORDER | {"document_sha256": "cd" * 32}
    assert decide(clerk, filed.entry_id, "court_order", order=other).json()["tier"] == "reviewed"
    found = decide(clerk, filed.entry_id, "court_order", order=ORDER).json()
    assert found["tier"] == "court_order"
    assert found["decisions"][-1]["order"] == ORDER
    plain = cast.file()
    decide(cast.first, plain.entry_id, "court_order", order=ORDER)
    assert decide(cast.abroad, plain.entry_id, "court_order", order=ORDER).json()["tier"] == "reviewed", (
        "nobody of the two administers"
    )
    for wrong, expected in (
        ({"date": "2099-01-01"}, "bad_time"),
        ({"date": "30.1.2026"}, "bad_time"),
        ({"document_sha256": "xyz"}, "bad_sha256"),
        ({"court": "\u200b"}, "bad_label"),
    ):
        assert code(decide(clerk, filed.entry_id, "court_order", order=ORDER | wrong)) == (400, expected)


def test_a_rejection_by_its_own_reviewers_suspends_and_strangers_need_two(cast: Cast) -> None:
    own = cast.file()
    assert code(decide(cast.first, own.entry_id, "reject")) == (400, "needs_reason")
    found = decide(
        cast.first, own.entry_id, "reject", reason_code="not_a_fake", reason="Es auténtico."
    ).json()
    assert (found["status"], found["suspended_for"]) == ("suspended", "rejected")
    assert ask(cast.maker, own.found)["verdict"] == "no_match"
    foreign = cast.file()
    hostile = [cast.abroad, cast.other.client("review")]
    for reviewer in hostile:
        found = decide(reviewer, foreign.entry_id, "reject", reason_code="other").json()
    assert found["status"] == "matchable", "one organization counts once, however many keys it has"
    third = cast.organization().client("review")
    assert decide(third, foreign.entry_id, "reject", reason_code="other").json()["status"] == "suspended"


def test_rejections_by_strangers_do_not_revert_a_review(cast: Cast) -> None:
    filed = cast.file()
    decide(cast.first, filed.entry_id)
    decide(cast.abroad, filed.entry_id)
    hostile = cast.organization()
    for _ in range(5):
        found = decide(hostile.client("review"), filed.entry_id, "reject", reason_code="other").json()
    assert (found["status"], found["tier"]) == ("matchable", "reviewed")


def test_withdrawn_by_its_owner_and_restored_by_review_alone(cast: Cast) -> None:
    filed = cast.file(title="Vídeo «falso» 🎭")
    place = f"/v1/entries/{filed.entry_id}/withdraw"
    assert code(cast.abroad.post(place, json={"reason_code": "mistaken"})) == (403, "foreign_bank")
    assert code(cast.maker.post(place, json={"reason_code": "why"})) == (400, "bad_input")
    taken = cast.maker.post(place, json={"reason_code": "mistaken", "reason": "Es otro clip."})
    assert (taken.status_code, taken.json()["status"]) == (200, "withdrawn")
    assert code(cast.maker.post(place, json={"reason_code": "mistaken"})) == (409, "entry_withdrawn")
    assert ask(cast.maker, filed.found)["verdict"] == "no_match"
    assert queue(cast.first, entry_id=filed.entry_id) == []
    assert code(decide(cast.maker, filed.entry_id, "restore")) == (403, "second_reviewer")
    assert decide(cast.abroad, filed.entry_id, "restore").json()["status"] == "withdrawn"
    assert decide(cast.first, filed.entry_id, "restore").json()["status"] == "matchable"
    assert ask(cast.maker, filed.found)["verdict"] == "known_fake"
    assert [item["reason"] for item in queue(cast.first, entry_id=filed.entry_id)] == ["unreviewed"]


def test_the_words_of_a_decision_can_be_erased(cast: Cast) -> None:
    filed = cast.file()
    body = decide(cast.first, filed.entry_id, reason="Dolores Ibáñez me lo confirmó.").json()
    review_id = body["decisions"][0]["review_id"]
    assert code(cast.abroad.delete(f"/v1/decisions/{review_id}/reason")) == (404, "unknown_review")
    assert cast.first.delete(f"/v1/decisions/{review_id}/reason").json() == {
        "review_id": review_id,
        "erased": True,
    }
    kept = shown(cast.first, filed.entry_id)["decisions"][0]
    assert (kept["reason"], kept["decision"], kept["stands"]) == (None, "approve", True)
    assert not list((cast.api.settings.data / "keys" / "statements").glob(review_id))
