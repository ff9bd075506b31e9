"""The last part of the scenario: what platforms answer, terms that end, a fake that comes back, one that is
defended, and the file for the judge."""

from __future__ import annotations

import random
import time
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from typing import Any, Final

from registry.core.documents import plain_zip
from registry.transparency.ledger.model.note import VerifierKey, verifier_key
from tests.bench.takedown import bundle, rows, urls
from tests.bench.takedown.deployment import until
from tests.bench.takedown.receivers import MAILED
from tests.bench.takedown.scenario import Scenario
from tests.bench.takedown.sending import deliveries

WAIT: Final = 120.0
CHANGED: Final = 40
"""Places at which a byte of the campaign's bundle is changed."""


def replies_come(story: Scenario) -> None:
    """replies come by API and as a mailbox; ambiguous ones wait for a person"""
    first, second, third, fourth = story.of("fake", platform="telegram")[:4]
    marks = {delivery["notice_id"]: delivery["reference"] for delivery in deliveries(story)}
    threads = _threads(story)
    box = story.folder / "entrada.mbox"
    box.write_bytes(
        b"\n".join(
            b"From legal@telegram.example.net Thu Nov 26 10:00:00 2026\n" + item
            for item in (
                _mail("1", "Retirado.", thread=threads[marks[first]]),
                _mail("2", "Retirado también.", subject=f"Re: aviso [{marks[second]}]"),
                _mail("3", "No infringe nuestras normas.", thread=threads[marks[third]]),
                _mail("4", f"Retirados: {third} y {fourth}."),
                _mail("5", "¿De qué vídeo se trata?"),
            )
        )
    )
    taken = story.lawyer("takedown", "replies", box)
    found = [(reply["state"], reply["notice_id"]) for reply in taken["replies"]]
    wanted = [("matched", first), ("matched", second), ("matched", third), *[("unmatched", None)] * 2]
    story.expect("what replies answer", found, wanted)
    story.expect("between which one chooses", set(taken["replies"][3]["candidates"]), {third, fourth})
    by_form = story.of("fake", platform="youtube")[0]
    payload = {"sender": "YouTube Legal", "text": "Removed.", "reference": marks[by_form]}
    api = story.lawyer.ask("POST", "/v1/replies", payload)
    story.expect("the reply by API", api["replies"][0]["notice_id"], by_form)
    ambiguous = taken["replies"][3]["reply_id"]
    story.lawyer("takedown", "replies", "--match", ambiguous, "--notice", fourth)
    story.lawyer("takedown", "replies", "--dismiss", taken["replies"][4]["reply_id"])
    story.expect("a reply moves no notice", {_state(story, item) for item in (first, third)}, {"handed_over"})
    move = ("takedown", "move", story.campaign_id)
    story.lawyer.lines(*move, "remove", first, second, fourth, by_form, "--why", "told_by_platform")
    story.lawyer.lines(*move, "refuse", third, "--why", "told_by_platform", "--words", "No infringe.")
    story.figures["replies_matched"] = taken["matched"] + api["matched"]


def _threads(story: Scenario) -> dict[str, str]:
    """Our Message-ID, by the mark in its subject."""
    found = {}
    for raw in story.there.mail.seen:
        message = BytesParser(policy=default).parsebytes(raw)
        found[str(message["Subject"]).rpartition("[")[2].rstrip("]")] = str(message["Message-ID"])
    return found


def _mail(number: str, text: str, *, thread: str = "", subject: str = "Re: aviso") -> bytes:
    made = EmailMessage(policy=SMTP.clone(linesep="\n"))
    made["From"], made["Message-ID"], made["Subject"] = "legal@telegram.example.net", f"<{number}@x>", subject
    if thread:
        made["In-Reply-To"] = thread
    made.set_content(text)
    return made.as_bytes()


def _state(story: Scenario, notice_id: str) -> str:
    return str(_notice(story, notice_id)["state"])


def _notice(story: Scenario, notice_id: str) -> dict[str, Any]:
    found: dict[str, Any] = story.lawyer.ask("GET", f"/v1/campaigns/{story.campaign_id}/notices/{notice_id}")
    return found


def notice_is_contested(story: Scenario) -> None:
    """a counter-notice pauses its notice"""
    contested = story.of("fake", platform="reddit")[0]
    found = story.lawyer(
        *("takedown", "contest", story.campaign_id, contested, "--kind", "satire", "--standing", "author"),
        *("--statement", "Es un montaje de nuestro programa de humor."),
    )
    story.expect("what a counter-notice pauses", found["paused_for"], ["counter_notice"])


def terms_end(story: Scenario) -> None:
    """terms end: two breaches, each raised once, also across a restart; what is paused or removed waits"""
    mailed = story.of("fake", platform="pornhub")
    posted = story.of("fake", platform="xvideos")
    story.lawyer.lines(
        "takedown", "move", story.campaign_id, "remove", mailed[1], "--why", "told_by_platform"
    )
    contested = story.of("fake", platform="reddit")[0]
    late = [mailed[0], posted[0]]
    story.service.let_terms_end([*late, mailed[1], contested])
    until(lambda: len(_raised(story, "notice.breached")) >= 2, WAIT)
    if story.short:
        story.service.kill_worker("worker-control")  # the beat is in it
    else:
        story.service.kill_all()
    # Another term that ends after the restart: once it is raised the beat has been at work again.
    after = story.of("fake", platform="vk")[0]
    story.service.let_terms_end([after])
    until(lambda: after in _raised(story, "notice.overdue"), WAIT)
    story.expect(
        "terms that a law sets and that were over", sorted(_raised(story, "notice.breached")), sorted(late)
    )
    story.expect("other terms that were over", _raised(story, "notice.overdue"), [after])
    states = {_state(story, item) for item in (*late, after)}
    story.expect("states of what is late", states, {"expired"})
    report = story.lawyer("takedown", "breaches", "--campaign", story.campaign_id)
    kinds = [breach["kind"] for breach in report["breaches"]]
    story.expect("the report of breaches", sorted(kinds), ["breach", "breach", "overdue"])
    draft = story.lawyer("takedown", "escalate", story.campaign_id, late[0])
    story.expect("a complaint is drafted", bool(draft["text"]), True)


def _raised(story: Scenario, kind: str) -> list[str]:
    """The notices of which the lawyers' webhook was told, each as often as it was told under another id."""
    return [str(breach["data"]["notice_id"]) for breach in story.there.breaches() if breach["type"] == kind]


def contest_is_decided(story: Scenario) -> None:
    """the counter-notice is heard and rejected; its notice goes on, and its term ends"""
    contested = story.of("fake", platform="reddit")[0]
    before = _notice(story, contested)
    story.expect(
        "the contested notice, until then",
        (before["state"], before["paused_for"]),
        ("handed_over", ["counter_notice"]),
    )
    judge = story.people["judge"]
    judge("review", "claim", story.entry_id)
    judge("dispute", "decide", before["dispute_id"], "reject", "--code", "not_shown")
    until(lambda: contested in _raised(story, "notice.overdue"), WAIT)
    found = _notice(story, contested)
    story.expect("the contested notice, afterwards", (found["state"], found["paused_for"]), ("expired", []))
    (shown,) = story.lawyer.lines("takedown", "contested", story.campaign_id)
    story.expect("what was contested", shown["notice_id"], contested)


def fake_comes_back(story: Scenario) -> None:
    """the fake is up again where it was removed: its notice is reopened, with the proof, and sent"""
    removed = story.of("fake", platform="youtube")[0]
    place = "https://www.youtube.com/watch?v=otravez0001"
    found = story.lawyer("lookup", story.media.copies["reencoded"], "--seen-at", place)
    story.expect("what a lookup says of it", found["verdict"], "known_fake")
    until(lambda: _state(story, removed) == "reopened", WAIT, lambda: _notice(story, removed)["state"])
    (back,) = story.lawyer.lines("takedown", "recurrences", story.campaign_id)
    story.expect("what was reopened", (back["notice_id"], back["outcome"]), (removed, "reopened"))
    story.later.add(rows.place_key(place))
    story.lawyer(
        "takedown", "check", story.campaign_id, "--notice", removed, "--matched", removed, "--prepare"
    )
    story.lawyer("takedown", "send", story.campaign_id, "--notice", removed)
    until(lambda: any(item.place in story.later for item in story.there.arrived()), WAIT)
    until(lambda: all(delivery["status"] == "handed_over" for delivery in deliveries(story)), WAIT)


def many_are_added(story: Scenario) -> None:
    """ten thousand addresses are added to another campaign"""
    made = story.lawyer.ask("GET", f"/v1/campaigns/{story.campaign_id}")
    new = story.lawyer(
        *("takedown", "new", "Todo lo demás", "--entry", story.entry_id, "--regime", "dsa16"),
        *("--regime", "take_it_down", "--client-id", made["client_id"]),
        *("--mandate-id", made["mandate"]["mandate_id"]),
    )
    path = story.folder / "todas.csv"
    given = urls.addresses()
    path.write_bytes(urls.as_csv(given))
    begun = time.monotonic()
    added = story.lawyer("takedown", "add", new["campaign_id"], path)
    seconds = round(time.monotonic() - begun, 2)
    story.expect("addresses read", added["read"], len(given))
    story.expect("addresses added or there already", added["added"] + added["duplicates"], len(given))
    story.figures["urls_in_seconds_10k"] = seconds


def file_is_made(story: Scenario) -> None:
    """the file for the judge is bundled, and checked offline"""
    path = story.folder / "pruebas.zip"
    story.lawyer("takedown", "bundle", story.campaign_id, "-o", path)
    story.figures["bundle_mb"] = round(path.stat().st_size / 1e6, 1)
    begun = time.monotonic()
    found = _verify(story, path, 0)
    story.figures["verify_seconds"] = round(time.monotonic() - begun, 2)
    story.expect("the bundle", (found["sound"], found["findings"]), (True, []))


def _verify(story: Scenario, path: Any, status: int) -> dict[str, Any]:
    """What `fakeprint verify` says, with the ledger's key and without a service."""
    offline = {"FAKEPRINT_DATA": str(story.folder / "nobody"), "FAKEPRINT_KEY": ""}
    done = story.service.stack.fakeprint("verify", path, "--key", _key(story), "--json", **offline)
    assert done.status == status, (done.stdout, done.stderr)
    return done.line


def _key(story: Scenario) -> str:
    return str(story.lawyer.ask("GET", "/v1/ledger")["keys"][0]["key"])


def file_is_altered(story: Scenario) -> None:
    """one byte is changed: the check fails and says where; then in all ways that are known"""
    raw = (story.folder / "pruebas.zip").read_bytes()
    files = plain_zip.unpack(raw)
    name, data = next((name, data) for name, data in files if "/letter-" in name)
    changed = bytearray(raw)
    changed[raw.index(data) + len(data) // 2] ^= 1
    other = story.folder / "alterado.zip"
    other.write_bytes(changed)
    result = _verify(story, other, 1)
    story.expect("where one byte was changed", result["findings"][0]["file"], name)
    keys = [verifier_key(_key(story))]
    unseen = _sampled(raw, keys)
    one = story.folder / "aviso.zip"
    notice = story.of("fake", platform=MAILED[0])[0]
    story.lawyer("takedown", "bundle", story.campaign_id, "--notice", notice, "-o", one)
    found = bundle.figures(one.read_bytes(), keys)
    story.figures |= {
        "bundle_tamper_unseen": unseen + found["bundle_tamper_unseen"],
        "bundle_tampers": CHANGED + found["bundle_tampers"],
        "bundle_tamper_misnamed": found["bundle_tamper_misnamed"],
    }


def _sampled(raw: bytes, keys: list[VerifierKey]) -> int:
    """How many of `CHANGED` bytes of the campaign's bundle could be changed unseen."""
    draw = random.Random(CHANGED)  # noqa: S311 (not a secret)
    return sum(not bundle.seen(raw, draw.randrange(len(raw)), keys) for _ in range(CHANGED))


def all_is_counted(story: Scenario) -> None:
    """what the receivers got is counted"""
    story.figures |= story.count()
    story.figures["kills"] = len(story.service.kills)
    story.figures["breaches_raised"] = len(_raised(story, "notice.breached"))
    story.expect("sent twice", story.figures["sent_twice"], 0)
    story.expect("wrongly sent", story.figures["wrongly_sent"], 0)
    story.expect("breaches", story.figures["breaches_raised"], 2)
    story.expect("alterations unseen", story.figures["bundle_tamper_unseen"], 0)
    status = story.lawyer("takedown", "status", story.campaign_id)
    story.figures["removed"] = sum(
        notice["notices"] for notice in status["notices"] if notice["state"] == "removed"
    )
