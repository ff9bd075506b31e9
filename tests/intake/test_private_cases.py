"""Private cases: off by default, opened without an account, followed and withdrawn by number and PIN,
guessed by nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4

import httpx2
import pytest
from click.testing import CliRunner, Result

from registry.app.commands import main
from registry.catalogue.banks.service.banks import change_bank, create_bank
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.document import to_document
from registry.core.service import Service
from registry.core.settings import settings
from registry.identity.callers.model import Caller
from registry.intake import model as intake
from registry.intake.api import LARGEST
from registry.intake.schemas import Intake, OpenedCase
from registry.intake.service import settings as intakes
from registry.intake.service.cases import follow_case, list_cases, open_case, sweep_cases, withdraw_case
from registry.intake.service.settings import change_intake, get_intake
from registry.lineage.service import asking, find_near
from registry.matching.lookups.service.answers import answer_document
from registry.review.queue import store as reviews
from registry.review.queue.schemas import SaidOfCase
from registry.review.queue.service.decisions import Decision, decide_entry, withdraw_entry
from registry.review.queue.service.queue import claim_entry, get_review, list_reviews
from tests.support.claims import let_queue_age
from tests.support.entries import add_face, keep_copy
from tests.support.identity import forget_failed_sign_ins, let_failed_sign_ins_age, set_failed_sign_ins
from tests.support.intake_cases import NEAR, TOLD, of, refused
from tests.support.media import drawn
from tests.support.service.api import Api


@pytest.fixture
def taking(service: Service, owner: Caller) -> Service:
    """A deployment that takes private cases."""
    create_bank(service, owner, name="intimate", visibility="shared", policy={"known_tier": "reviewed"})
    assert change_intake(service, owner, "intimate").open
    return service


@pytest.fixture
def case(taking: Service) -> OpenedCase:
    return open_case(taking, [drawn.clip("a"), drawn.clip("b"), drawn.clip("a")], TOLD, address=NEAR)


FAR: Final = "8.8.8.8"


def test_none_are_taken_until_the_operator_names_a_bank_that_suits(service: Service, owner: Caller) -> None:
    assert get_intake(service) == Intake(open=False, organization=None)
    refused("no_private_cases", open_case, service, [drawn.clip("a")], TOLD, address=NEAR)
    wrong = refused("unfit_bank", change_intake, service, owner, "default")
    assert wrong.extra["needs"] == ["visibility=private or shared", "known_tier=reviewed"]
    policy = {"known_tier": "reviewed"}
    change_bank(service, owner, "default", policy, visibility="private")
    assert change_intake(service, owner, "default").open
    change_bank(service, owner, "default", {"public_tier": "reviewed"})
    assert not get_intake(service).open
    change_bank(service, owner, "default", {"public_tier": None})
    assert change_intake(service, owner, None) == Intake(open=False, organization=None)
    assert change_intake(service, owner, None).open is False
    with service.pool.transaction() as connection:
        callers = connection.execute(
            "SELECT count(*) AS n FROM caller WHERE name = 'private cases'"
        ).fetchone()
    assert callers == {"n": 1}
    other = Caller(owner.caller_id, UUID(int=7), "other", owner.roles)
    refused("not_operator", change_intake, service, other, "default")


def test_a_case_waits_for_review_and_does_not_name_the_person(
    taking: Service, owner: Caller, case: OpenedCase
) -> None:
    listed = of(taking, owner, case)
    assert (listed.state, listed.files, listed.intimate) == ("waiting", 2, True)
    for public in ({"public_tier": "reviewed"}, {"published": True}, {"known_tier": None}):
        refused("unfit_bank", change_bank, taking, owner, "intimate", public)
    entry_id = UUID(listed.entry_id)
    entry = show_entry(taking, owner, entry_id)
    assert (entry.status, entry.tier, entry.title) == ("matchable", "unreviewed", intake.TITLE)
    assert (entry.evidence, entry.seen[0]["url"]) == (TOLD.note, TOLD.seen[0]["url"])
    (item,) = list_reviews(taking, owner).items
    assert (item.entry_id, item.unverified, item.private_case) == (str(entry_id), True, True)
    with taking.pool.transaction() as connection:
        kept = connection.execute("SELECT * FROM private_case").fetchone()
        rows = connection.execute("SELECT to_jsonb(e)::text AS said FROM event e").fetchall()
    assert kept
    assert case.pin not in str(kept)
    number = intake.case_number(case.case_number)
    for row in rows:
        assert not any(word in row["said"] for word in (number, case.case_number, case.pin, "ana@"))


def test_reviewers_meet_cases_first_with_all_that_was_written(
    taking: Service, owner: Caller, case: OpenedCase
) -> None:
    """Before what is disputed, too; and whatever a case waits for."""
    entry_id = UUID(of(taking, owner, case).entry_id)
    other = register_entry(taking, owner, Registration(fakes=[drawn.clip("an earlier one")], bank="default"))
    let_queue_age(taking)
    with taking.pool.transaction() as connection:
        reviews.enqueue_entry(connection, UUID(other.entry_id), "dispute")
        reviews.enqueue_entry(connection, entry_id, "opinions")
    waiting = [(item.private_case, item.priority) for item in list_reviews(taking, owner).items]
    assert waiting == [(True, 0), (True, 0), (False, 1), (False, 5)]
    found = get_review(taking, owner, entry_id)
    assert found.private_case == SaidOfCase(standing="depicted", intimate=True)
    assert (found.evidence, found.seen[0]["url"]) == (TOLD.note, TOLD.seen[0]["url"])
    abroad = Caller(owner.caller_id, uuid4(), "abroad", frozenset({"review"}))
    refused("unknown_entry", get_review, taking, abroad, entry_id)


def test_nobodys_registration_joins_a_case(taking: Service, owner: Caller, case: OpenedCase) -> None:
    """Whoever withdrew the case would withdraw it too, and who registers would learn that there is one."""
    checker = replace(owner, roles=frozenset({"register"}))
    made = register_entry(
        taking, checker, Registration(fakes=[drawn.clip("a"), drawn.clip("b")], bank="intimate")
    )
    assert (made.created, made.duplicates) == (True, [])
    assert made.entry_id != of(taking, owner, case).entry_id


@pytest.mark.slow
def test_similar_cases_are_shown_to_reviewers_only(taking: Service, owner: Caller, case: OpenedCase) -> None:
    for roles, seen in (
        ({"register"}, 0),
        ({"register", "lookup"}, 0),
        ({"register", "lookup", "review"}, 1),
    ):
        caller = replace(owner, roles=frozenset(roles))
        answer = answer_document(taking, asking(caller), drawn.clip("a"))
        assert [match["title"] for match in answer["matches"]] == [intake.TITLE]
        assert len(find_near(taking, caller, UUID(answer["lookup_id"])).matches) == seen


@pytest.mark.slow
def test_a_case_is_followed_as_reviewers_decide(taking: Service, owner: Caller, case: OpenedCase) -> None:
    key = (case.case_number.lower().replace("-", " "), case.pin)
    assert follow_case(taking, *key, address=NEAR).state == "waiting"
    entry_id = UUID(of(taking, owner, case).entry_id)
    claim_entry(taking, owner, entry_id)
    refused("unverified", decide_entry, taking, owner, entry_id, Decision("approve"))
    decide_entry(taking, owner, entry_id, Decision("reject", reason_code="not_a_fake"))
    assert follow_case(taking, *key, address=NEAR).state == "declined"
    withdraw_entry(taking, owner, entry_id, reason_code="other")
    assert follow_case(taking, *key, address=NEAR).state == "ended"


def test_a_case_holds_no_faces(taking: Service, owner: Caller) -> None:
    made = open_case(taking, [drawn.clip("seen", face="ana")], TOLD, address=NEAR)
    assert of(taking, owner, made).files == 1
    with taking.pool.transaction() as connection:
        kept = connection.execute("SELECT count(*) AS n FROM face_fingerprint").fetchone()
    assert kept == {"n": 0}


@pytest.mark.slow
def test_withdrawing_one_case_leaves_others(taking: Service, owner: Caller, case: OpenedCase) -> None:
    """Whoever has the file could open a case of it as well."""
    other = open_case(taking, [drawn.clip("a"), drawn.clip("b")], TOLD, address=NEAR)
    first, second = (UUID(of(taking, owner, item).entry_id) for item in (case, other))
    assert first != second
    done = withdraw_case(taking, other.case_number, other.pin, address=NEAR)
    assert (done.state, done.withdrawn_at is None) == ("withdrawn", False)
    assert show_entry(taking, owner, second).status == "withdrawn"
    assert show_entry(taking, owner, first).status == "matchable"
    entry = show_entry(taking, owner, second)
    assert (entry.evidence, entry.seen) == (None, [])
    again = withdraw_case(taking, other.case_number, other.pin, address=NEAR)
    assert again.withdrawn_at == done.withdrawn_at
    claim_entry(taking, owner, second)
    refused("case_withdrawn", decide_entry, taking, owner, second, Decision("restore"))


@pytest.mark.slow
def test_a_copy_that_reviewers_sent_goes_with_the_case(taking: Service, owner: Caller) -> None:
    """The file and the faces in it, unless another entry holds them; then they go with the last one."""
    first, second = (open_case(taking, [drawn.clip("kept")], TOLD, address=NEAR) for _ in range(2))
    keep_copy(taking, "a copy")
    add_face(taking, 0.5)

    def kept() -> dict[str, Any]:
        with taking.pool.transaction() as connection:
            found = connection.execute(
                "SELECT (SELECT count(blob_key) FROM asset) AS copies,"
                " (SELECT count(*) FROM face_fingerprint) AS faces,"
                " (SELECT count(*) FROM parting_blob) AS going"
            ).fetchone()
        return dict(found or {})

    withdraw_case(taking, first.case_number, first.pin, address=NEAR)
    assert kept() == {"copies": 1, "faces": 1, "going": 0}
    withdraw_case(taking, second.case_number, second.pin, address=NEAR)
    assert kept() == {"copies": 0, "faces": 0, "going": 1}


@pytest.mark.slow
def test_a_case_that_was_cut_off_while_it_was_withdrawn_is_withdrawn_whole(
    taking: Service, owner: Caller, case: OpenedCase
) -> None:
    entry_id = UUID(of(taking, owner, case).entry_id)
    withdraw_entry(taking, owner, entry_id, reason_code="request")
    assert withdraw_case(taking, case.case_number, case.pin, address=NEAR).state == "withdrawn"
    assert show_entry(taking, owner, entry_id).evidence is None


@pytest.mark.slow
def test_guessing_is_slow_and_reveals_nothing(taking: Service, case: OpenedCase) -> None:
    nobodys = intake.in_halves(intake.number(12345))
    wrong = f"{(int(case.pin) + 1) % intake.PINS:08d}"
    answers = set()
    for number in (case.case_number, nobodys):
        for _ in range(5):
            answers.add(str(refused("wrong_case", follow_case, taking, number, wrong, address=NEAR)))
        refused("case_locked", follow_case, taking, number, wrong, address=NEAR)
    assert len(answers) == 1
    locked = refused("case_locked", withdraw_case, taking, case.case_number, case.pin, address=NEAR)
    assert 0 < locked.retry_after <= 15  # type: ignore[attr-defined]
    refused("bad_case_number", follow_case, taking, "7QK4M-1XRDG", wrong, address=NEAR)
    let_failed_sign_ins_age(taking, seconds=16)
    assert follow_case(taking, case.case_number, case.pin, address=NEAR).state == "waiting"


def test_many_numbers_from_one_network_are_slowed_too(taking: Service, case: OpenedCase) -> None:
    forget_failed_sign_ins(taking)
    refused("wrong_case", follow_case, taking, intake.number(0), "1", address=FAR)
    set_failed_sign_ins(taking, 30)
    refused("case_locked", follow_case, taking, case.case_number, case.pin, address="8.8.8.9")
    assert follow_case(taking, case.case_number, case.pin, address="9.9.9.9").state == "waiting"


@pytest.mark.slow
def test_so_many_cases_a_day_and_a_network(taking: Service, owner: Caller) -> None:
    few = replace(taking, settings=taking.settings.model_copy(update={"cases_a_day": 3}))
    open_case(few, [drawn.clip("first")], TOLD, address=FAR)
    assert set_failed_sign_ins(taking, 10) == 1
    refused("too_many_cases", open_case, few, [drawn.clip("one more")], TOLD, address="8.8.8.1")
    for address in ("9.9.9.9", NEAR):
        open_case(few, [drawn.clip(address)], TOLD, address=address)
    refused("too_many_cases", open_case, few, [drawn.clip("beyond")], TOLD, address="1.1.1.1")
    first = list_cases(taking, owner, limit=2)
    rest = list_cases(taking, owner, limit=2, after=first.next)
    assert (len(first.cases), len(rest.cases), rest.next) == (2, 1, None)


WRONG: Final[tuple[tuple[dict[str, Any], str], ...]] = (
    ({"adult": False}, "minor_protection"),
    ({"true": False}, "not_declared"),
    ({"seen": [{"url": "javascript:alert(1)"}]}, "bad_detail"),
    ({"seen": [{"platform": "x"}] * 51}, "too_many_files"),
    ({"note": "x" * 2001}, "bad_label"),
    ({"note": "a\0b"}, "bad_label"),
    ({"manipulation": "magic"}, "unknown_manipulation"),
)


def test_refused_cases_leave_nothing(taking: Service, owner: Caller) -> None:
    for change, code in WRONG:
        refused(code, open_case, taking, [drawn.clip("a")], replace(TOLD, **change), address=NEAR)
    refused("no_fake", open_case, taking, [], TOLD, address=NEAR)
    assert list_cases(taking, owner).cases == []
    assert list_reviews(taking, owner).items == []


@pytest.mark.slow
def test_ended_cases_are_erased_after_their_time(
    taking: Service, owner: Caller, case: OpenedCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_id = UUID(of(taking, owner, case).entry_id)
    withdraw_entry(taking, owner, entry_id, reason_code="legal")
    assert sweep_cases(taking) == 0
    assert show_entry(taking, owner, entry_id).evidence is None
    assert follow_case(taking, case.case_number, case.pin, address=NEAR).state == "ended"
    soon = replace(taking, settings=taking.settings.model_copy(update={"case_days": 0}))
    assert sweep_cases(soon) == 1
    refused("wrong_case", follow_case, taking, case.case_number, case.pin, address=NEAR)
    (left,) = list_cases(taking, owner).cases
    assert (left.case_number, left.state) == (None, "ended")
    monkeypatch.setattr(intakes, "unfit", lambda *_: ["all"])
    assert not get_intake(taking).open


@pytest.fixture
def operator(api: Api) -> Iterator[httpx2.Client]:
    """The operator, whose registry takes private cases during the test."""
    with api.client(api.key) as client:
        payload = {"name": "private cases", "visibility": "shared", "policy": {"known_tier": "reviewed"}}
        assert client.post("/v1/banks", json=payload).status_code == 201
        assert client.put("/v1/private-cases/intake", json={"bank": "private cases"}).json()["open"]
        yield client
        assert not client.put("/v1/private-cases/intake", json={"bank": None}).json()["open"]


@pytest.mark.slow
def test_over_http_without_a_key(api: Api, operator: httpx2.Client) -> None:
    document = to_document(drawn.clip("private", seconds=12), faces=False)
    body = {"documents": [document], "standing": "depicted", "intimate": True, "adult": True, "true": True}
    with api.client(None) as nobody:
        assert nobody.get("/v1/private-cases/intake").json()["open"]
        assert nobody.get("/v1/private-cases").status_code == 401
        made = nobody.post("/v1/private-cases", json=body)
        assert made.status_code == 201, made.text
        key = {name: made.json()[name] for name in ("case_number", "pin")}
        lookup = {"type": "document", "document": document}
        answer = operator.post("/v1/lookups", json=lookup).json()
        assert (answer["verdict"], answer["matches"][0]["reasons"]) == ("related", ["unreviewed"])
        assert nobody.post("/v1/private-cases/state", json=key).json()["state"] == "waiting"
        for wrong, status, code in (
            ({**key, "pin": "x"}, 403, "wrong_case"),
            ({**key, "case_number": "x"}, 400, "bad_case_number"),
            ({"pin": 1}, 400, "bad_input"),
        ):
            refusal = nobody.post("/v1/private-cases/state", json=wrong)
            assert (refusal.status_code, refusal.json()["code"]) == (status, code)
        refusal = nobody.post("/v1/private-cases", json=body | {"adult": False})
        assert (refusal.status_code, refusal.json()["code"]) == (403, "minor_protection")
        large = nobody.post(
            "/v1/private-cases", content=b" " * (LARGEST + 1), headers={"Content-Type": "application/json"}
        )
        assert large.status_code == 413
        done = nobody.post("/v1/private-cases/withdrawal", json=key)
        assert (done.status_code, done.json()["state"]) == (200, "withdrawn")
        assert operator.post("/v1/lookups", json=lookup).json()["verdict"] == "no_match"
        statuses = (nobody.post("/v1/private-cases/state", json={}).status_code for _ in range(200))
        assert 429 in statuses
    log = api.log.read_text(encoding="utf-8")
    number = intake.case_number(key["case_number"])
    assert not any(word in log for word in (number, key["case_number"], f'"{key["pin"]}"'))
    assert json.dumps(document["sha256"]) not in log


def test_the_operator_configures_intake_from_a_terminal(api: Api) -> None:
    def run(*arguments: str) -> Result:
        settings.cache_clear()
        environment = {"FAKEPRINT_URL": api.url, "FAKEPRINT_KEY": api.key}
        return CliRunner(env=environment).invoke(main, ["cases", *arguments], prog_name="fakeprint")

    name = f"cases {uuid4()}"
    try:
        assert "unfit_bank" in run("take", "default").stderr
        taken = run("take", name, "--new")
        assert taken.exit_code == 0, taken.output
        assert "private cases are accepted by “" in taken.stdout
        assert json.loads(run("intake", "--json").stdout)["open"] is True
        assert run("list").exit_code == 0
        assert "no private cases are accepted" in run("stop").stdout
        assert json.loads(run("intake", "--json").stdout) == {"open": False, "organization": None}
    finally:
        settings.cache_clear()
