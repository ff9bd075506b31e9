"""Disputes and opinions over HTTP: both sides, who decides, what follows; and floods that fail."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest

from tests.support.disputes import date_disputes
from tests.support.reviewers import ORDER, Cast, Filed, ask, claim, code, contest, decide, queue, shown
from tests.support.service.api import Api
from tests.support.service.rows import forge


class Parties(Cast):
    """Also `author`, who contests, and `judge`, of neither side."""

    def __init__(self, api: Api, stack: ExitStack) -> None:
        super().__init__(api, stack)
        self.theatre, self.bench = self.organization(), self.organization()
        self.author = self.theatre.client("lookup")
        self.judge = self.bench.client("review", "lookup")

    def reviewed(self) -> Filed:
        filed = self.file()
        decide(self.first, filed.entry_id)
        assert decide(self.abroad, filed.entry_id).json()["tier"] == "reviewed"
        return filed


@pytest.fixture
def cast(api: Api) -> Iterator[Parties]:
    with ExitStack() as stack:
        yield Parties(api, stack)


def rule(
    client: httpx2.Client, entry_id: str, dispute_id: str, decision: str, **fields: object
) -> httpx2.Response:
    """Claim the entry, and decide the dispute."""
    claimed = claim(client, entry_id)
    assert claimed.status_code == 200, claimed.text
    return client.post(f"/v1/disputes/{dispute_id}/decision", json={"decision": decision, **fields})


def answer(cast: Parties, dispute_id: str) -> httpx2.Response:
    payload = {"statement": "Circuló sin el aviso."}
    return cast.maker.post(f"/v1/disputes/{dispute_id}/answer", json=payload)


def test_an_unreviewed_entry_is_silent_at_once_until_it_is_decided(cast: Parties) -> None:
    filed = cast.file(title="Sketch 🎭")
    opened = contest(
        cast.author, filed.entry_id, contact="teatro@example.org", statement="Es una sátira.\nVéase."
    )
    assert opened.status_code == 201, opened.text
    made = opened.json()
    assert opened.headers["location"] == f"/v1/disputes/{made['dispute_id']}"
    assert (made["state"], made["suspends"], made["entry_status"], made["side"]) == (
        "open", True, "suspended", "opener",
    )  # fmt: skip
    assert ask(cast.maker, filed.found)["verdict"] == "no_match"
    assert [item["reason"] for item in queue(cast.judge, entry_id=filed.entry_id)] == ["dispute"]
    early = rule(cast.judge, filed.entry_id, made["dispute_id"], "uphold", reason_code="shown_satire",
                 remedy="withdrawn")  # fmt: skip
    assert code(early) == (409, "not_heard")
    place = f"/v1/disputes/{made['dispute_id']}"
    owners = cast.maker.get(place).json()
    assert (owners["side"], owners["statement"], owners["contact"]) == (
        "owner",
        "Es una sátira.\nVéase.",
        None,
    )
    assert cast.judge.get(place).json()["contact"] == "teatro@example.org"
    assert code(cast.author.post(f"{place}/answer", json={"statement": "x"})) == (403, "forbidden")
    assert answer(cast, made["dispute_id"]).json()["state"] == "answered"
    assert code(answer(cast, made["dispute_id"])) == (409, "wrong_state")
    done = rule(
        cast.judge, filed.entry_id, made["dispute_id"], "reject", reason_code="not_shown", reason="No consta."
    )
    assert (done.json()["outcome"], done.json()["entry_status"]) == ("rejected", "matchable")
    assert cast.author.get(place).json()["reasons"] == "No consta."
    assert cast.author.get(place).json()["answer"] == "Circuló sin el aviso."
    assert ask(cast.maker, filed.found)["verdict"] == "known_fake"
    assert code(rule(cast.judge, filed.entry_id, made["dispute_id"], "reject", reason_code="other")) == (
        409, "dispute_closed",
    )  # fmt: skip
    assert code(contest(cast.author, filed.entry_id)) == (409, "dispute_repeated")


def test_upheld_it_is_withdrawn_in_the_same_commit(cast: Parties) -> None:
    filed = cast.reviewed()
    made = contest(cast.author, filed.entry_id, kind="own_consent", standing="depicted").json()
    assert (made["suspends"], made["entry_status"]) == (False, "matchable")
    assert ask(cast.asker, filed.found)["verdict"] == "known_fake", (
        "a reviewed entry is not silenced by a word"
    )
    heard = rule(cast.judge, filed.entry_id, made["dispute_id"], "accept").json()
    assert (heard["suspends"], heard["entry_status"], heard["state"]) == (True, "suspended", "open")
    assert code(rule(cast.judge, filed.entry_id, made["dispute_id"], "accept")) == (409, "wrong_state")
    assert ask(cast.asker, filed.found)["verdict"] == "no_match"
    answer(cast, made["dispute_id"])
    for missing in ({"remedy": "withdrawn"}, {"reason_code": "shown_consent"}):
        refused = rule(cast.judge, filed.entry_id, made["dispute_id"], "uphold", **missing)
        assert code(refused) in {(400, "needs_reason"), (400, "needs_remedy")}
    done = rule(
        *(cast.judge, filed.entry_id, made["dispute_id"], "uphold"),
        reason_code="shown_consent",
        remedy="withdrawn",
    ).json()
    assert (done["outcome"], done["remedy"], done["entry_status"]) == ("upheld", "withdrawn", "withdrawn")
    # The owner's own reviewers do not undo it.
    decide(cast.first, filed.entry_id, "restore")
    assert decide(cast.second, filed.entry_id, "restore").json()["status"] == "withdrawn"


def test_a_genuine_clip_becomes_an_original_that_nobody_has_reviewed(cast: Parties) -> None:
    filed = cast.reviewed()
    made = contest(cast.author, filed.entry_id, kind="authentic").json()
    answer(cast, made["dispute_id"])
    wrong = rule(
        *(cast.judge, filed.entry_id, made["dispute_id"], "uphold"), reason_code="shown_authentic",
        remedy="corrected", asset_ids=[str(uuid4())],
    )  # fmt: skip
    assert code(wrong) == (400, "no_such_medium")
    done = rule(
        *(cast.judge, filed.entry_id, made["dispute_id"], "uphold"), reason_code="shown_authentic",
        remedy="corrected", asset_ids=[filed.asset_id],
    )  # fmt: skip
    assert (done.json()["remedy"], done.json()["entry_status"]) == ("corrected", "matchable")
    found = shown(cast.judge, filed.entry_id)
    assert [(medium["role"], medium["tier"]) for medium in found["media"]] == [("original", "unreviewed")]
    assert (found["tier"], found["original_tier"]) == ("unreviewed", "unreviewed")
    assert ask(cast.asker, filed.found)["verdict"] == "related"
    assert ask(cast.maker, filed.found)["verdict"] == "authentic_original"


def test_no_party_and_no_reviewer_of_the_entry_decides(cast: Parties) -> None:
    filed = cast.reviewed()
    made = contest(cast.author, filed.entry_id).json()
    answer(cast, made["dispute_id"])
    for party in (cast.second, cast.theatre.client("review"), cast.abroad):
        refused = rule(party, filed.entry_id, made["dispute_id"], "reject", reason_code="other")
        assert code(refused) == (403, "party_decides")
        party.delete(f"/v1/reviews/{filed.entry_id}/claim")
    unclaimed = cast.judge.post(
        f"/v1/disputes/{made['dispute_id']}/decision", json={"decision": "reject", "reason_code": "other"}
    )
    assert code(unclaimed) == (409, "not_claimed")
    forged = (
        "UPDATE dispute SET state = 'closed', outcome = 'rejected', reason_code = 'other',"
        " closed_at = now(), decided_by = opened_by, decider_id = organization_id WHERE dispute_id = %s"
    )
    with (
        cast.api.service() as service,
        pytest.raises(psycopg.errors.CheckViolation, match="dispute_no_party_decides"),
    ):
        forge(service, forged, UUID(made["dispute_id"]))


def test_only_an_order_speaks_against_an_order(cast: Parties) -> None:
    filed = cast.file()
    decide(cast.first, filed.entry_id, "court_order", order=ORDER)
    assert decide(cast.other.client("review", "admin"), filed.entry_id, "court_order", order=ORDER).json()[
        "tier"
    ] == "court_order"  # fmt: skip
    made = contest(cast.author, filed.entry_id, standing="depicted").json()
    assert made["suspends"] is False
    answer(cast, made["dispute_id"])
    payload = {"reason_code": "by_order", "remedy": "withdrawn"}
    assert code(rule(cast.judge, filed.entry_id, made["dispute_id"], "accept")) == (409, "needs_order")
    assert code(rule(cast.judge, filed.entry_id, made["dispute_id"], "uphold", **payload)) == (
        409,
        "needs_order",
    )
    assert ask(cast.asker, filed.found)["verdict"] == "known_fake"
    done = rule(cast.judge, filed.entry_id, made["dispute_id"], "uphold", **payload, order=ORDER).json()
    assert (done["entry_status"], done["order_sha256"]) == ("withdrawn", "ab" * 32)


@pytest.mark.slow
def test_a_flood_of_disputes_silences_five_entries_and_then_none(cast: Parties) -> None:
    filed = [cast.file().entry_id for _ in range(8)]
    flooders = [cast.theatre.client("lookup") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        opened = list(
            pool.map(lambda at: contest(flooders[at % 4], filed[at], standing="depicted"), range(8))
        )
    assert {item.status_code for item in opened} == {201}
    assert sum(item.json()["suspends"] for item in opened) == 5
    alive = [entry_id for entry_id in filed if shown(cast.first, entry_id)["status"] == "matchable"]
    assert len(alive) == 3
    for _ in range(3):
        assert code(contest(flooders[0], filed[0])) == (409, "dispute_repeated")
    with cast.api.service() as service:
        date_disputes(service, cast.theatre.name, hours=23)
    more = [cast.file().entry_id for _ in range(13)]
    answers = [contest(cast.author, entry_id, standing="author") for entry_id in more]
    assert [item.status_code for item in answers] == [201] * 12 + [429]
    assert code(answers[-1]) == (429, "too_many_disputes")
    assert answers[-1].headers["retry-after"]
    assert not any(item.json()["suspends"] for item in answers[:-1])


@pytest.mark.slow
def test_many_organizations_together_do_not_silence_a_whole_bank(cast: Parties) -> None:
    filed = [cast.file().entry_id for _ in range(25)]
    crowd = [cast.organization().client("lookup") for _ in range(5)]
    for at, entry_id in enumerate(filed):
        assert contest(crowd[at % 5], entry_id, standing="depicted").status_code == 201
    silent = [item for item in filed if shown(cast.first, item)["status"] == "suspended"]
    assert len(silent) == 20


@pytest.mark.slow
def test_disputes_without_standing_or_after_losses_suspend_nothing(cast: Parties) -> None:
    for standing in ("platform", "other"):
        filed = cast.file()
        made = contest(cast.organization().client("lookup"), filed.entry_id, standing=standing).json()
        assert (made["suspends"], made["entry_status"]) == (False, "matchable")
    for _ in range(3):
        filed = cast.file()
        made = contest(cast.author, filed.entry_id).json()
        assert made["suspends"] is True
        done = rule(cast.judge, filed.entry_id, made["dispute_id"], "reject", reason_code="abusive")
        assert done.json()["entry_status"] == "matchable"
    assert contest(cast.author, cast.file().entry_id).json()["suspends"] is False


def test_two_disputes_keep_it_silent_until_both_are_settled(cast: Parties) -> None:
    filed = cast.file()
    first = contest(cast.author, filed.entry_id).json()
    assert first["suspends"]
    other = cast.organization().client("lookup", "register")
    second = contest(other, filed.entry_id, standing="depicted").json()
    assert second["suspends"] is False, "it is silent already"
    assert rule(cast.judge, filed.entry_id, second["dispute_id"], "accept").json()["suspends"] is True
    assert code(other.post(f"/v1/disputes/{first['dispute_id']}/withdrawal")) == (404, "unknown_dispute")
    back = cast.author.post(f"/v1/disputes/{first['dispute_id']}/withdrawal").json()
    assert (back["outcome"], back["entry_status"]) == ("withdrawn", "suspended")
    assert code(cast.author.post(f"/v1/disputes/{first['dispute_id']}/withdrawal")) == (409, "dispute_closed")
    assert other.post(f"/v1/disputes/{second['dispute_id']}/withdrawal").json()["entry_status"] == "matchable"
    assert queue(cast.judge, entry_id=filed.entry_id)[0]["reason"] == "unreviewed"


def test_a_withdrawal_by_the_owner_settles_a_dispute(cast: Parties) -> None:
    filed = cast.file()
    made = contest(cast.author, filed.entry_id).json()
    taken = cast.maker.post(f"/v1/entries/{filed.entry_id}/withdraw", json={"reason_code": "request"})
    assert taken.json()["status"] == "withdrawn"
    found = cast.author.get(f"/v1/disputes/{made['dispute_id']}").json()
    assert (found["outcome"], found["reason_code"], found["remedy"]) == ("upheld", "settled", "withdrawn")


def test_concurrent_disputes_of_one_organization_are_one(cast: Parties) -> None:
    filed = cast.file()
    callers = [cast.theatre.client("lookup") for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda item: contest(item, filed.entry_id), callers))
    assert sorted(code(item) for item in answers) == [(201, "")] + [(409, "dispute_repeated")] * 5


def test_texts_are_encrypted_and_erased_by_their_author(cast: Parties) -> None:
    filed = cast.file()
    made = contest(cast.author, filed.entry_id, contact="Dolores Ibáñez, 600 000 000").json()
    place = f"/v1/disputes/{made['dispute_id']}"
    with cast.api.service() as service, service.pool.transaction() as connection:
        rows = connection.execute("SELECT dispute::text AS row FROM dispute").fetchall()
        events = connection.execute(
            "SELECT said::text AS row FROM event WHERE kind LIKE 'dispute%'"
        ).fetchall()
    assert rows
    assert events
    hidden = [b"Dolores".hex(), "Dolores", "sátira", "600 000"]
    assert not [item for item in (*rows, *events) for word in hidden if word in item["row"]]
    assert code(cast.maker.delete(f"{place}/texts")) == (403, "not_opener")
    gone = cast.author.delete(f"{place}/texts").json()
    assert (gone["statement"], gone["contact"], gone["state"]) == (None, None, "open")
    assert gone["erased_at"]
    assert code(answer(cast, made["dispute_id"])) == (409, "statement_erased")
    assert cast.author.delete(f"{place}/texts").status_code == 200


def test_dispute_lists_are_filtered_by_side(cast: Parties) -> None:
    filed = cast.file()
    made = contest(cast.author, filed.entry_id).json()

    def ids(client: httpx2.Client, **params: str) -> list[str]:
        page = client.get("/v1/disputes", params={"entry": filed.entry_id, **params}).json()
        return [dispute["dispute_id"] for dispute in page["disputes"]]

    mine = [made["dispute_id"]]
    assert ids(cast.author) == ids(cast.author, side="opener") == ids(cast.maker, side="owner") == mine
    assert ids(cast.author, side="owner") == ids(cast.asker) == []
    assert ids(cast.judge) == mine
    assert ids(cast.author, state="closed") == []
    assert code(cast.asker.get(f"/v1/disputes/{made['dispute_id']}")) == (404, "unknown_dispute")
    assert code(cast.author.get("/v1/disputes", params={"after": "!"})) == (400, "bad_cursor")
    assert code(contest(cast.author, str(uuid4()))) == (404, "unknown_entry")
    bad: list[dict[str, Any]] = [
        {"kind": "boring"},
        {"standing": "king"},
        {"statement": " "},
        {"statement": 1},
        {"contact": "a\nb"},
    ]
    other = cast.file()
    for text in bad:
        assert contest(cast.author, other.entry_id, **text).status_code == 400


def test_opinions_are_one_a_caller_and_match_and_can_be_changed(cast: Parties) -> None:
    filed = cast.reviewed()
    looked = ask(cast.author, filed.found)
    place = f"/v1/lookups/{looked['lookup_id']}/opinions"
    payload = {"entry_id": filed.entry_id, "opinion": "false_positive"}
    first = cast.author.post(place, json=payload)
    assert (first.status_code, first.json()["changed_at"]) == (200, None)
    changed = cast.author.post(place, json=payload | {"opinion": "true_positive"}).json()
    assert (changed["opinion"], changed["given_at"]) == ("true_positive", first.json()["given_at"])
    assert changed["changed_at"]
    kept = cast.maker.get(f"/v1/entries/{filed.entry_id}/opinions").json()
    assert (kept["summary"]["true_positive"], kept["summary"]["false_positive"]) == (1, 0)
    own = cast.maker.get(f"/v1/entries/{filed.entry_id}").json()["review"]
    assert (own["own_tier"], own["opinions"]) == ("reviewed", kept["summary"])
    assert cast.author.get(f"/v1/entries/{filed.entry_id}").json()["review"] is None
    (one,) = kept["opinions"]
    assert (one["organization"], one["caller_id"], one["lookup_id"]) == (cast.theatre.name, None, None)
    assert one["signals"] is None
    assert code(cast.abroad.get(f"/v1/entries/{filed.entry_id}/opinions")) == (403, "foreign_bank")
    assert code(cast.asker.post(place, json=payload)) == (404, "unknown_lookup")
    unknown = payload | {"entry_id": str(uuid4())}
    assert code(cast.author.post(place, json=unknown)) == (404, "unknown_match")
    assert code(cast.author.post(place, json=payload | {"opinion": "perhaps"})) == (400, "bad_input")


def test_opinions_of_one_organization_change_nothing_and_of_two_ask_for_a_reviewer(cast: Parties) -> None:
    filed = cast.reviewed()
    for _ in range(6):
        deny(cast.author, filed)
    assert queue(cast.judge, entry_id=filed.entry_id) == []
    deny(cast.asker, filed)
    assert [item["reason"] for item in queue(cast.judge, entry_id=filed.entry_id)] == ["opinions"]
    found = shown(cast.judge, filed.entry_id)
    assert (found["tier"], found["status"]) == ("reviewed", "matchable")
    assert (found["opinions"]["false_positive"], found["opinions"]["denying"]) == (7, 2)
    decide(cast.judge, filed.entry_id)
    assert queue(cast.judge, entry_id=filed.entry_id) == []


def test_opinions_are_exported_for_the_calibration(cast: Parties) -> None:
    filed = cast.reviewed()
    deny(cast.author, filed)
    plain, seeing = cast.home.client("admin"), cast.home.client("admin", "signals")
    (rounded,) = plain.get("/v1/opinions").json()["opinions"]
    (exact,) = seeing.get("/v1/opinions").json()["opinions"]
    assert (rounded["signals"], rounded["confidence"] * 20 % 1) == (None, 0)
    assert exact["signals"]["frames"]["aligned"] > 0
    assert exact["opinion"] == "false_positive"
    elsewhere = cast.bench.client("admin", "signals").get("/v1/opinions").json()
    assert elsewhere == {"opinions": [], "next": None}
    assert code(cast.maker.get("/v1/opinions")) == (403, "forbidden")


def deny(client: httpx2.Client, filed: Filed) -> None:
    looked = ask(client, filed.found)
    payload = {"entry_id": filed.entry_id, "opinion": "false_positive"}
    response = client.post(f"/v1/lookups/{looked['lookup_id']}/opinions", json=payload)
    assert response.status_code == 200, response.text
