"""What became of notices, said on the command line: one or many, contested, by a mandate that ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from click.testing import CliRunner

from registry.app.commands import main
from registry.core.settings import settings
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.review.disputes.service.decision import Ruling, decide_dispute
from registry.review.queue.service.queue import claim_entry
from registry.takedown.regimes.service import OURS
from tests.support.disputes import let_answer_time_end
from tests.support.service.api import Api
from tests.support.service.stack import Ran
from tests.support.takedown.campaigns import Case, case
from tests.support.takedown.past import end_deliveries

NO_SERVICE = {"FAKEPRINT_URL": None, "FAKEPRINT_KEY": None}
PLACE = "https://unheard.example.net/v/"
Run = Callable[..., Ran]


@pytest.fixture
def key(admin: httpx2.Client) -> str:
    return admin.headers["Authorization"].partition(" ")[2]


@pytest.fixture
def run(api: Api, key: str) -> Iterator[Run]:
    environment = {"FAKEPRINT_URL": api.url, "FAKEPRINT_KEY": key, "TZ": "UTC"}

    def invoke(*words: Any, status: int = 0, said: str | None = None) -> Ran:
        settings.cache_clear()
        given = ["takedown", *map(str, words)]
        done = CliRunner().invoke(main, given, prog_name="fakeprint", env=environment, input=said)
        assert done.exit_code == status, done.output
        return Ran(done.exit_code, done.stdout, done.stderr)

    yield invoke
    settings.cache_clear()


@pytest.fixture
def about(api: Api, key: str) -> Iterator[Case]:
    with api.service() as service:
        yield case(service, authenticate(service, key))


@pytest.mark.slow
def test_letters_are_sent_and_their_results_recorded(run: Run, about: Case, tmp_path: Path) -> None:
    campaign = about.campaign_id
    notices = about.ready(*(f"{PLACE}{uuid4().hex}" for _ in range(3)))
    other = about.ready("https://other.example.net/=1+1")[0]
    run("send", campaign)
    letters = tmp_path / "letters"
    done = run("deliveries", campaign, "--to-print", "--into", letters, "--limit", 1)
    assert "4 letters" in done.stdout  # all of them, whatever is listed
    table = (letters / "letters.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(table) == 5
    assert {item.split(",")[0] for item in table[1:]} == {path.stem for path in letters.glob("*.pdf")}
    waits = run("status", campaign).stdout
    assert "letters wait for you to hand them over" in waits
    assert "failed for good" not in waits
    assert "no term runs" in run("log", campaign, other).stdout

    proof = letters / "letters.csv"
    unknown = run("handed-over", campaign, "../x", "--proof", proof, "--json", status=1)
    assert unknown.line["error"]["code"] == "unknown_delivery"
    unsure = run("handed-over", campaign, "--platform", "unheard.example.net", "--proof", proof, status=1)
    assert "Have you handed over these 3" in unsure.stderr
    (mark,) = (line.split(",")[0] for line in table if ",other.example.net," in line)
    assert mark in run("handed-over", campaign, mark, "--proof", proof).stdout
    sent = ("--platform", "unheard.example.net", "--proof", proof, "--yes", "--json")
    assert len(run("handed-over", campaign, *sent).lines) == 3
    assert run("handed-over", campaign, *sent).lines == []
    assert about.row(other).due_at is not None

    one, two, three = notices
    assert "removed" in run("move", campaign, "remove", one, "--why", "told", "--words", "Sí 🎭").stdout
    refused = run("move", campaign, "acknowledge", "--all", status=1, said="n\n")
    assert "1 of 4 stay unchanged" in refused.stderr
    assert "Acknowledge 3 notices?" in refused.stderr
    run("move", campaign, "acknowledge", "--platform", "unheard.example.net", said="y\n")
    assert [about.state(each) for each in (*notices, other)] == [
        *("removed", "acknowledged", "acknowledged", "sent"),
    ]
    mixed = run("move", campaign, "refuse", one, two, uuid4(), "--json", status=1).lines
    assert sorted(each["error"]["code"] if "error" in each else each["state"] for each in mixed) == [
        "refused",
        "unknown_notice",
        "wrong_state",
    ]
    assert "Nothing to do." in run("move", campaign, "revise", "--all").stdout
    held = run("move", campaign, "hold", three, "--json").line
    assert held["paused_for"] == ["held"]
    assert "the term continues during the pause" in run("log", campaign, three).stdout
    run("move", campaign, "resume", "--all", "--yes")
    assert about.row(three).paused_for == []
    shown = run("log", campaign, one).stdout
    assert "Sí 🎭" in shown
    assert "remove -> removed [told] by" in shown
    for wrong in (("move", campaign, "remove"), ("move", campaign, "remove", one, "--all")):
        assert "Give NOTICEs" in run(*wrong, status=2).stderr
    assert "told_by_mail" in run("move", campaign, "hold", one, "--why", "Bad Code", status=2).stderr
    assert "usage" in run("move", campaign, "expire", one, status=2).stderr


@pytest.mark.slow
def test_a_counter_notice_from_statement_to_outcome(run: Run, api: Api, about: Case) -> None:
    campaign = about.campaign_id
    assert "No notice was contested." in run("contested", campaign).stdout
    one, two = about.sent(f"{PLACE}{uuid4().hex}", f"{PLACE}{uuid4().hex}")
    (unsent,) = about.ready(f"{PLACE}{uuid4().hex}")
    said = ("--kind", "satire", "--standing", "author", "--statement", "-")
    result = run("contest", campaign, one, *said, said="Es una sátira.\n")
    assert "paused: counter_notice" in result.stdout
    assert "next: fakeprint dispute show" in result.stdout
    run("contest", campaign, unsent, *said, said="Es una sátira.\n")
    assert "1 hindered" in run("send", campaign, "--notice", unsent, status=1).stdout
    waiting = run("move", campaign, "resume", one, "--json", status=1).line
    assert waiting["error"]["code"] == "dispute_open"
    heard = {each["notice_id"]: each for each in run("contested", campaign, "--json").lines}
    assert set(heard) == {str(one), str(unsent)}
    assert heard[str(one)]["outcome"] == "open"

    name = f"Neutral {uuid4()}"
    operator = authenticate(about.service, api.key)
    made = create_caller(about.service, operator, organization=name, name="j", roles=["review"])
    judge = authenticate(about.service, made.key)
    claim_entry(about.service, judge, about.entry_id)
    let_answer_time_end(about.service)
    ruling = Ruling("uphold", reason_code="shown_satire", remedy="withdrawn")
    decide_dispute(about.service, judge, UUID(heard[str(one)]["dispute_id"]), ruling)
    # What was contested, and what had been asked for an entry that is withdrawn.
    assert [about.state(each) for each in (one, two, unsent)] == ["closed"] * 3
    ended = run("contested", campaign).stdout
    assert "upheld" in ended
    assert "shown_satire" in ended
    assert "No notice is contested." in run("contested", campaign, "--waiting").stdout
    status = run("status", campaign).stdout
    assert "its notices cannot be sent" in status
    assert "dispute_upheld" in run("log", campaign, one).stdout


@pytest.mark.slow
def test_mandates_are_renewed_and_campaigns_and_clients_end(run: Run, about: Case, tmp_path: Path) -> None:
    campaign, client = about.campaign_id, about.client_id
    about.ready(f"{PLACE}{uuid4().hex}")
    (told,) = about.ready(f"{PLACE}{uuid4().hex}")
    run("send", campaign, "--notice", told)
    (tmp_path / "m.pdf").write_bytes(b"%PDF")
    assert "revoked" in run("mandate", "revoke", client, about.mandate_id).stdout
    # What waits on paper waits like what machines send.
    letters = ("deliveries", campaign, "--to-print", "--into", tmp_path / "letters")
    assert "the mandate was revoked" in run(*letters, status=1).stderr
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["letters.csv"]
    by_hand = ("handed-over", campaign, "--platform", "unheard.example.net", "--proof", tmp_path / "m.pdf")
    assert "Nothing to do." in run(*by_hand, "--yes").stdout
    assert "DOES NOT HOLD" in run("status", campaign).stdout
    yesterday = str((datetime.now().astimezone() - timedelta(days=1)).date())
    late = run("mandate", "renew", client, tmp_path / "m.pdf", "--until", yesterday, "--json", status=1)
    assert late.line["error"]["code"] == "mandate_expired"
    bad = run("mandate", "renew", client, tmp_path / "m.pdf", "--until", "31/12/2036", "--json", status=1)
    assert bad.line["error"]["code"] == "bad_time"
    renewed = ("mandate", "renew", client, tmp_path / "m.pdf", "--until", "2036-02-29", "--all", "--json")
    found = run(*renewed).line
    assert found["campaigns"] == [str(campaign)]
    ends = datetime.fromisoformat(found["mandates"][0]["valid_until"])
    assert str(ends.astimezone().date()) == "2036-03-01", "to the end of the day that was named"
    assert "mandate of self holds" in run("status", campaign).stdout
    assert "1 letters" in run(*letters).stdout
    assert "1 done" in run(*by_hand, "--yes").stdout

    words = run("change", campaign, "--say", "explanation=Otro.", "--unsay", "no_consent", "--json").line
    assert words["elements"]["explanation"] == "Otro."
    assert "no_consent" not in words["elements"]
    assert words["elements"]["legal_provision"]
    assert {notice["state"] for notice in words["notices"]} == {"draft", "handed_over"}
    other = ("--signatory", "Ana Otra", "--email", "a@b.example")
    signs = run("change", campaign, *other, "--json").line["signatory"]
    assert (signs["name"], signs["good_faith"], signs["address"]) == ("Ana Otra", False, None)
    (notice,) = about.add(f"{PLACE}{uuid4().hex}")
    own = run("say", campaign, notice, "--say", "explanation=Hoy.", "--json").line
    assert own["elements"] == {"explanation": "Hoy."}
    assert "Give at least one change" in run("change", campaign, status=2).stderr

    assert "2 notices will never be handed over" in run("close", campaign, status=1, said="n\n").stderr
    assert run("close", campaign, "--yes", "--json").line["state"] == "closed"
    lost = run("client", "erase", client, status=1).stderr
    assert "1 campaign with 3 notices" in lost
    assert str(client) in run("client", "list", "--limit", 200).stdout
    assert "Ana Ejemplo" in run("client", "show", client).stdout
    gone = run("client", "erase", client, "--yes").stdout
    assert "(erased)" in gone
    assert "Ana" not in gone
    again = run("mandate", "renew", client, tmp_path / "m.pdf", "--until", "2036-01-01", "--json", status=1)
    assert again.line["error"]["code"] == "client_erased"
    made = run("client", "add", "Sola", "--depicted", "Ella", "--country", "ES")
    assert "no mandate: nothing can be sent" in made.stdout
    assert "next: fakeprint takedown mandate renew" in made.stdout


def test_a_second_try_needs_no_second_client(run: Run, about: Case, tmp_path: Path) -> None:
    (tmp_path / "m.pdf").write_bytes(b"%PDF")
    begin = ("new", "T", "--entry", about.entry_id, "--regime", "dsa16", "--json")
    new = ("--client", "A", "--depicted", "B", "--mandate", tmp_path / "m.pdf", "--until", "2036-01-01")
    failed = run(*begin, *new, "--language", "xx", status=1).line
    assert failed["error"]["code"] == "no_wording"
    assert failed["error"]["next_step"].endswith(f"--mandate-id {failed['mandate_id']}.")
    folder = run("mandate", "renew", failed["client_id"], tmp_path, "--until", "2036-01-01", status=1)
    assert "Name a file in it." in folder.stderr
    again = ("--client-id", failed["client_id"], "--mandate-id", failed["mandate_id"])
    campaign = run(*begin, *again, "--language", "fr").line["campaign_id"]
    changed = run("change", campaign, "--language", "xx", "--json", status=1).line
    assert changed["error"]["code"] == "no_wording"


def test_failed_deliveries_are_retried_together(run: Run, about: Case) -> None:
    campaign = about.campaign_id
    about.ready(*(f"{PLACE}{uuid4().hex}" for _ in range(3)))
    run("send", campaign)
    end_deliveries(about.service, campaign, "dead", "dead", "unsure")
    status = run("status", campaign).stdout
    assert "deliveries failed for good" in status
    assert "some letters may not have arrived" in status
    assert "Send again these 2?" in run("retry", campaign, status=1, said="n\n").stderr
    assert [line["status"] for line in run("retry", campaign, "--yes", "--json").lines] == ["waiting"] * 2
    assert "Nothing to do." in run("retry", campaign).stdout
    asked = run("retry", campaign, "--unsure", "--on-paper", status=1, said="\n").stderr
    assert "Print these 1, also those that may have been accepted?" in asked
    printed = run("retry", campaign, "--unsure", "--on-paper", "--yes", "--json").line
    assert (printed["channel"], printed["status"]) == ("paper", "waiting")


def test_regimes_are_shown_in_the_readers_language(run: Run) -> None:
    listed = run("regimes", "--json").lines
    assert {line["regime"] for line in listed} >= {"dsa16", "take_it_down", "aepd", "court_order"}
    for language, said in (("es", "Se ofrece el servicio"), ("ar", "هل تُقدَّم الخدمة")):
        shown = run("regimes", "dsa16", "--language", language).stdout
        assert said in shown
        assert "* legal_provision" in shown
        assert "(--say ELEMENT): intimate, against_women, election, defamation" in shown
    assert "48 hours after it was" in run("regimes", "take_it_down", "--language", "en").stdout
    assert run("regimes", "none", "--json", status=1).line["error"]["code"] == "unknown_regime"


def test_the_services_regimes_are_shown_and_without_one_this_machines(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = (OURS / "platform_policy.toml").read_text(encoding="utf-8")
    own = ours.replace('id = "platform_policy"', 'id = "house_rules"', 1)
    (tmp_path / "house_rules.toml").write_text(own, encoding="utf-8")
    monkeypatch.setenv("FAKEPRINT_REGIMES", str(tmp_path))
    asked = run("regimes", "--language", "fr", "--json").lines
    assert "house_rules" not in {line["regime"] for line in asked}
    settings.cache_clear()
    done = CliRunner().invoke(
        main, ["takedown", "regimes", "--language", "fr", "--json", "--data", str(tmp_path)], env=NO_SERVICE
    )
    found = Ran(done.exit_code, done.stdout, done.stderr).lines
    assert [line for line in found if line["regime"] != "house_rules"] == asked
    assert len(found) == len(asked) + 1
