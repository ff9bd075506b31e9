"""Four organizations and one fake: registered, asked about, reviewed, contested, decided, and on record.

`Verificadores` registers a face swap of a councillor; `Rete` is a platform that only asks; `Faktisk` checks
facts elsewhere; `Bufete` represents the councillor. One service runs, with a worker, and an endpoint of the
platform's is told what happens. Each chapter says what each of them sees.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from tests.support.service.stack import Stack
from tests.support.story import Person, Story, about, files, history, messages, until
from tests.support.takedown.endpoints import endpoint, says

TITLE: Final = "La consejera «dimite» 🎭"
CLAIM: Final = "La consejera anuncia su dimisión: «me voy» / أعلنت استقالتها"
VICTIM: Final = "Dolores Ibáñez-Quiroga"
GROUP: Final = "https://chat.example/g/melilla-vecinos"
EVIDENCE: Final = "La cara no sigue a la cabeza en el segundo 2."
CONTACT: Final = "letrada@bufete.example"
GENUINE: Final = "Es el discurso íntegro de mi clienta, sin alterar."
SKETCH: Final = "Lo subió un humorista: es una sátira."
ANSWER: Final = "Circuló como noticia, sin aviso."
PRIVATE: Final = (VICTIM, GROUP, EVIDENCE, CONTACT, GENUINE, SKETCH, ANSWER)
"""What is said in confidence."""


OWN: Final = {
    "platform": {"watch.matched", "opinion.given"},
    "checker": {"review.claimed", "review.decided", "entry.reviewed", "entry.suspended", "entry.restored"}
    | {"dispute.decided"},
    "lawyer": {"dispute.opened", "dispute.answered", "dispute.decided"},
}
"""What the history of an entry of others says: what one's own organization did, or was told."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("four")
    files(made, CLAIM)
    return made


def test_a_fake_from_its_registration_to_the_record(private_service: Stack, folder: Path) -> None:
    story = Story(private_service, folder)
    with endpoint(says(204)) as told:
        story.told = told
        for chapter in (
            they_join,
            a_fake_is_registered,
            the_platform_asks_and_watches,
            two_organizations_review_it,
            the_platform_is_told,
            a_moderator_denies_it,
            the_victims_lawyer_contests_another,
            a_satire_is_claimed_and_both_are_heard,
            it_is_taken_back_in_the_end,
            it_is_all_on_record,
            nobody_saw_what_is_others,
        ):
            chapter(story)


def they_join(story: Story) -> None:
    """Whoever runs the deployment lets them in; each administrator gives keys to their own."""
    operator = Person(story.service, (story.service.data / "admin.key").read_text().strip())
    story.people["operator"] = operator
    wanted = {
        "Verificadores": {"desk": ["register", "lookup"], "editor": ["review"]},
        "Rete": {"platform": ["lookup"]},
        "Faktisk": {"checker": ["review", "lookup"], "judge": ["review"]},
        "Bufete": {"lawyer": ["takedown", "lookup"]},
    }
    for organization, people in wanted.items():
        made = operator(
            "admin", "caller", "add", "administrator", "--role", "admin", "--organization", organization
        )
        administrator = Person(story.service, made["key"])
        story.people[organization] = administrator
        for name, roles in people.items():
            flags = [word for role in roles for word in ("--role", role)]
            story.people[name] = Person(
                story.service, administrator("admin", "caller", "add", name, *flags)["key"]
            )
    me = story.platform("whoami")
    assert (me["organization"]["operator"], me["roles"]) == (False, ["lookup"])
    story.Verificadores("admin", "organization", "list", refused="not_operator")
    hook = ("admin", "webhook", "add", story.told.url() if story.told else "")
    story.secret = story.Rete(*hook, "--kind", "watch.matched", "--kind", "match.found")["secret"]


def a_fake_is_registered(story: Story) -> None:
    """With its original, the claim, whom it depicts, where it was seen, the evidence and a page about it."""
    bank = story.Verificadores
    bank("admin", "bank", "add", "elecciones", "--visibility", "shared")
    bank("admin", "bank", "set", "elecciones", "known_fake_action=block", "related_action=review")
    for other in ("Rete", "Faktisk", "Bufete"):
        bank("admin", "bank", "share", "elecciones", other)
    made = story.desk(
        *("register", story.folder / "fake.mp4", "--original", story.folder / "original.mp4"),
        *("--bank", "elecciones", "--title", TITLE, "--manipulation", "face_swap", "--depicts", VICTIM),
        *("--seen", GROUP, "--platform", "Telegram", "--channel", "messaging", "--evidence", EVIDENCE),
        *("--claim-review", story.folder / "page.jsonld"),
    )
    assert (made["status"], made["created"]) == ("matchable", True)
    story.entry_id = made["entry_id"]
    entry = story.desk("entries", story.entry_id)
    assert (entry["claim"], entry["language"], entry["tier"]) == (CLAIM, "es", "unreviewed")
    assert [item["name"] for item in entry["depicted"]] == [VICTIM]
    assert GROUP in {item["url"] for item in entry["seen"]}
    assert sorted(asset["role"] for asset in entry["assets"]) == ["fake", "original"]
    again = story.desk("register", story.folder / "fake.mp4", "--bank", "elecciones")
    assert (again["entry_id"], again["created"]) == (story.entry_id, False)


def the_platform_asks_and_watches(story: Story) -> None:
    """Nobody has reviewed it: its own organization knows a fake, others have something to look at."""
    assert story.seen("shared", "desk") == ("known_fake", [], "block")
    story.watched = story.asks("shared", "platform", "--watch", "30")
    assert (story.watched["verdict"], story.watched["reasons"]) == ("related", ["unreviewed"])
    assert story.watched["action"] == "review"
    (match,) = story.watched["matches"]
    assert (match["entry_id"], match["signals"]) == (story.entry_id, None), "no distances for who only asks"
    unknown = story.asks("clip", "platform", "--watch", "30")
    assert (unknown["verdict"], unknown["action"]) == ("no_match", None)
    kept = [line["lookup_id"] for line in story.platform.lines("watches", "list")]
    assert kept == [unknown["lookup_id"], story.watched["lookup_id"]]
    assert story.lawyer.lines("watches", "list") == []


def two_organizations_review_it(story: Story) -> None:
    """Four eyes: whoever registered it has no say, one organization alone convinces itself only."""
    decide = ("review", "decide", story.entry_id, "approve", "--reason", "Comparado con la emisión.")
    story.desk("review", "claim", story.entry_id, refused="forbidden")
    assert story.entry_id in {line["entry_id"] for line in story.checker.lines("review", "list")}
    story.editor("review", "claim", story.entry_id)
    story.checker("review", "claim", story.entry_id, refused="claimed_by_another")
    assert story.editor(*decide)["tier"] == "unreviewed"
    story.editor("review", "claim", story.entry_id)
    assert story.editor(*decide)["tier"] == "unreviewed", "one reviewer twice is one"
    assert story.seen("shared", "platform")[0] == "related"
    story.checker("review", "claim", story.entry_id)
    decided = story.checker(*decide)
    assert (decided["tier"], decided["original_tier"]) == ("reviewed", "reviewed")


def the_platform_is_told(story: Story) -> None:
    """The lookup of before is answered again, without faces; whoever asks now is told what to do."""
    (told,) = until(lambda: about(story, "watch.matched", story.entry_id))
    assert told["lookup_id"] == story.watched["lookup_id"]
    (match,) = told["answer"]["matches"]
    assert (match["tier"], match["verdict"], match["reasons"]) == ("reviewed", "related", ["no_face"])
    (matched,) = story.platform("watches", "show", story.watched["watch"]["watch_id"])["matched"]
    assert matched["entry_id"] == story.entry_id
    assert story.seen("shared", "platform") == ("known_fake", [], "block")
    assert story.seen("broadcast", "platform")[0] == "authentic_original", "the source is not the fake"
    story.Rete("admin", "bank", "overlay", "elecciones", "known_fake_action=label")
    assert story.seen("shared", "platform")[2] == "label", "its own rule, for itself"
    assert story.seen("shared", "lawyer") == ("known_fake", [], "block")


def a_moderator_denies_it(story: Story) -> None:
    """An opinion is the owner's to read; it takes nothing back."""
    asked = story.asks()
    said = story.platform("opinion", asked["lookup_id"], story.entry_id, "false")
    assert said["opinion"] == "false_positive"
    story.lawyer("opinion", asked["lookup_id"], story.entry_id, "false", refused="unknown_lookup")
    (kept,) = story.Verificadores.lines("admin", "opinions")
    assert (kept["entry_id"], kept["opinion"], kept["verdict"]) == (
        story.entry_id, "false_positive", "known_fake",
    )  # fmt: skip
    assert story.Faktisk.lines("admin", "opinions") == []
    assert story.desk("entries", story.entry_id)["review"]["opinions"]["denying"] == 1
    assert story.seen("shared", "lawyer")[0] == "known_fake"


def the_victims_lawyer_contests_another(story: Story) -> None:
    """A genuine speech was registered as a fake in haste: whoever is shown silences it at once, and once both
    are heard it becomes the original that it is."""
    made = story.desk(
        *("register", story.folder / "speech.mp4", "--bank", "elecciones", "--manipulation", "synthetic"),
        *("--title", "¿Discurso falso?"),
    )
    story.genuine_id = made["entry_id"]
    (told,) = until(lambda: about(story, "watch.matched", story.genuine_id))
    assert told["answer"]["verdict"] == "related", "what was unknown is answered again"
    assert story.seen("clip", "platform")[:2] == ("related", ["unreviewed"])
    opened = story.lawyer(
        *("dispute", "open", story.genuine_id, "--kind", "authentic", "--standing", "depicted"),
        *("--statement", GENUINE, "--contact", CONTACT),
    )
    assert (opened["suspends"], opened["entry_status"]) == (True, "suspended")
    assert story.seen("clip", "desk")[0] == "no_match", "silent for everybody"
    place = opened["dispute_id"]
    owners = story.desk("dispute", "show", place)
    assert (owners["statement"], owners["contact"]) == (GENUINE, None)
    story.platform("dispute", "show", place, refused="unknown_dispute")
    rule = ("dispute", "decide", place, "uphold", "--code", "shown_authentic", "--remedy", "corrected")
    asset = made["asset_id"]
    story.judge("review", "claim", story.genuine_id)
    story.judge(*rule, "--original", asset, refused="not_heard")
    story.lawyer("dispute", "answer", place, "--statement", "x", refused="forbidden")
    answered = story.desk("dispute", "answer", place, "--statement", "Nos equivocamos de vídeo.")
    assert answered["state"] == "answered"
    ruled = story.judge(*rule, "--original", asset, "--reason", "La emisora lo confirma.")
    assert (ruled["outcome"], ruled["remedy"], ruled["entry_status"]) == ("upheld", "corrected", "matchable")
    assert story.lawyer("dispute", "show", place)["reasons"] == "La emisora lo confirma."
    assert story.seen("clip", "desk")[0] == "authentic_original"
    assert story.seen("clip", "platform")[0] == "related", "nobody has reviewed the original yet"


def a_satire_is_claimed_and_both_are_heard(story: Story) -> None:
    """A reviewed entry is not silenced by a word; a reviewer accepts the dispute, hears both, and decides."""
    opened = story.lawyer(
        *("dispute", "open", story.entry_id, "--kind", "satire", "--standing", "author"),
        *("--statement", SKETCH, "--contact", CONTACT),
    )
    place = opened["dispute_id"]
    assert (opened["suspends"], opened["entry_status"]) == (False, "matchable")
    assert story.seen("shared", "lawyer")[0] == "known_fake"
    story.lawyer(
        *("dispute", "open", story.entry_id, "--kind", "satire", "--standing", "author"),
        *("--statement", SKETCH),
        refused="dispute_repeated",
    )
    story.editor("review", "claim", story.entry_id)
    story.editor("dispute", "decide", place, "reject", "--code", "not_shown", refused="party_decides")
    story.editor("review", "release", story.entry_id)
    story.judge("review", "claim", story.entry_id)
    heard = story.judge("dispute", "decide", place, "accept")
    assert (heard["suspends"], heard["entry_status"]) == (True, "suspended")
    assert story.seen("shared", "platform")[0] == "no_match"
    assert story.seen("broadcast", "platform")[0] == "no_match"
    story.desk("dispute", "answer", place, "--statement", ANSWER)
    assert story.lawyer("dispute", "show", place)["answer"] == ANSWER
    story.judge("review", "claim", story.entry_id)
    ruled = story.judge("dispute", "decide", place, "reject", "--code", "not_shown")
    assert (ruled["outcome"], ruled["entry_status"]) == ("rejected", "matchable")
    assert story.seen("shared", "platform") == ("known_fake", [], "label")
    assert story.seen("broadcast", "platform")[0] == "authentic_original"


def it_is_taken_back_in_the_end(story: Story) -> None:
    """The owner withdraws what it had mistaken, and nobody else does; what is reviewed stays."""
    withdraw = ("entries", "withdraw", story.genuine_id, "--code", "mistaken")
    story.judge(*withdraw, refused="forbidden")
    assert story.desk(*withdraw)["status"] == "withdrawn"
    assert story.seen("clip", "desk")[0] == "no_match"
    page = story.service.fakeprint(
        "entries", "claim-review", story.entry_id, FAKEPRINT_KEY=story.people["platform"].key
    )
    assert CLAIM in page.stdout


def it_is_all_on_record(story: Story) -> None:
    """The owner's history and the whole ledger hold offline against a checkpoint; no word is in them."""
    operator, run = story.operator, story.service.fakeprint
    kept, whole = story.folder / "kept.checkpoint", story.folder / "ledger.ndjson"
    kept.write_text(run("ledger", "checkpoint", FAKEPRINT_KEY=story.people["platform"].key).stdout)
    signed = until(lambda: history(story))
    kinds = [event["kind"] for event in signed["events"]]
    places = [kinds.index(kind) for kind in (
        "entry.registered", "entry.matchable", "review.claimed", "review.decided", "entry.reviewed",
        "opinion.given", "dispute.opened", "entry.suspended", "dispute.answered", "dispute.decided",
        "entry.restored",
    )]  # fmt: skip
    assert kinds.count("review.decided") == 3
    assert max(places) < len(kinds)
    assert places[0] < places[1] < places[2] < places[3] < places[6] < places[7]
    by = {event["caller_id"] for event in signed["events"] if event["kind"] == "review.decided"}
    assert len(by) == 2
    (key, *_) = operator("ledger", "show")["keys"]
    assert run("ledger", "export", whole, FAKEPRINT_KEY=operator.key).status == 0
    own = story.folder / "history.json"
    own.write_text(json.dumps(signed))
    offline = {"FAKEPRINT_DATA": str(story.folder), "FAKEPRINT_KEY": ""}
    checked = run("verify", whole, own, "--checkpoint", kept, "--key", key["key"], **offline)
    assert checked.status == 0, checked.stdout + checked.stderr
    text = whole.read_text()
    assert story.entry_id in text
    assert [word for word in (*PRIVATE, TITLE, CLAIM) if word in text] == []
    assert [word for word in PRIVATE if word in own.read_text()] == []
    forged = story.folder / "forged.ndjson"
    forged.write_text(text.replace("dispute.decided", "dispute.withdrawn", 1))
    result = run("verify", forged, "--checkpoint", kept, "--key", key["key"], **offline)
    assert result.status == 1, "a leaf that was altered is found"


def nobody_saw_what_is_others(story: Story) -> None:
    """Lookups, watches, webhooks, details, opinions and histories are those of whom they concern."""
    lookup = f"/v1/lookups/{story.watched['lookup_id']}"
    watch = f"/v1/watches/{story.watched['watch']['watch_id']}"
    for other in ("desk", "checker", "lawyer", "operator"):
        assert story.people[other].get(lookup)[0] == 404, other
        assert story.people[other].get(watch)[0] in {403, 404}, other
    (hook,) = story.Rete.lines("admin", "webhook", "list")
    assert story.Verificadores.get(f"/v1/webhooks/{hook['webhook_id']}")[0] == 404
    for other in ("platform", "checker", "lawyer"):
        status, entry = story.people[other].get(f"/v1/entries/{story.entry_id}")
        assert (status, entry["depicted"], entry["evidence"], entry["review"]) == (200, [], None, None)
        assert [word for word in PRIVATE if word in json.dumps(entry, ensure_ascii=False)] == []
        known = {
            event["kind"] for event in story.people[other]("ledger", "history", story.entry_id)["events"]
        }
        assert known == OWN[other]
        assert story.people[other].get(f"/v1/entries/{story.genuine_id}")[0] == 404, "withdrawn"
    assert story.platform.get("/v1/entries")[0] == 403
    assert story.platform.get("/v1/banks/elecciones/entries")[0] == 403
    assert story.platform.get("/v1/disputes")[1]["disputes"] == []
    assert story.desk.get("/v1/opinions")[0] == 403
    text = json.dumps(messages(story), ensure_ascii=False)
    assert [word for word in PRIVATE if word in text] == []
