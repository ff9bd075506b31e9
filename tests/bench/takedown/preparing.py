"""The first part of the scenario: who takes part, the fake, the campaign, the list, what people say of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from registry.takedown.url_lists.model.url_list import LOOKED_AT
from tests.bench.takedown import rows
from tests.bench.takedown.receivers import FORMED, INTIMATE, KEYED, MAILED, SIGNED
from tests.bench.takedown.rows import FAKES
from tests.bench.takedown.scenario import Person, Scenario

TEAMS: Final = {
    "Verificadores": {"desk": ["register", "lookup"], "editor": ["review"]},
    "Faktisk": {"checker": ["review", "lookup"], "judge": ["review"]},
    "Bufete": {"lawyer": ["takedown", "lookup"]},
}
YES: Final = {
    "dsa16": ("in_union", "hosting"),
    "take_it_down": ("intimate", "identifiable", "covered_platform"),
}
NO: Final = {
    "dsa16": ("minor", "consent", "satire", "reporting"),
    "take_it_down": ("own_process", "minor", "consent", "satire", "reporting"),
}


def people_join(story: Scenario) -> None:
    """three organizations join, each person with one role"""
    stack = story.service.stack
    operator = Person(stack, (stack.data / "admin.key").read_text().strip())
    for organization, team in TEAMS.items():
        made = operator(
            "admin", "caller", "add", "administrator", "--role", "admin", "--organization", organization
        )
        boss = story.people[organization] = Person(stack, made["key"])
        for name, roles in team.items():
            flags = [word for role in roles for word in ("--role", role)]
            key = boss("admin", "caller", "add", name, *flags)["key"]
            story.people[name] = Person(stack, key)
    story.people["Verificadores"]("admin", "bank", "add", "elecciones", "--visibility", "shared")
    for other in ("Faktisk", "Bufete"):
        story.people["Verificadores"]("admin", "bank", "share", "elecciones", other)
    kinds = ("--kind", "notice.breached", "--kind", "notice.overdue")
    story.people["Bufete"]("admin", "webhook", "add", story.there.hook.url(), *kinds)
    story.people["operator"] = operator


def fake_is_registered(story: Scenario) -> None:
    """the fake and its original are registered, and reviewed by two"""
    made = story.people["desk"](
        *("register", story.media.fake, "--original", story.media.original, "--bank", "elecciones"),
        *("--title", "La consejera, con otra cara", "--manipulation", "face_swap"),
    )
    story.entry_id = made["entry_id"]
    decide = ("review", "decide", story.entry_id, "approve", "--reason", "Comparado con la emisión.")
    for name in ("editor", "checker"):
        story.people[name]("review", "claim", story.entry_id)
        tier = story.people[name](*decide)["tier"]
    story.expect("tier of the entry once two have reviewed it", tier, "reviewed")


def campaign_begins(story: Scenario) -> None:
    """the lawyer begins a campaign under a mandate"""
    mandate = story.folder / "mandate.pdf"
    mandate.write_bytes(b"%PDF-1.7 the mandate")
    made = story.lawyer(
        *("takedown", "new", "Caras de Ana 🎭", "--entry", story.entry_id, "--language", "es"),
        *("--regime", "dsa16", "--regime", "take_it_down", "--client", "Partido de Ejemplo"),
        *("--depicted", "Ana Ejemplo", "--mandate", mandate, "--until", "2036-01-31"),
        *("--signatory", "Lucía Letrada", "--email", "lucia@bufete.example", "--good-faith"),
        *("--address", "Calle Mayor 1\n52001 Melilla", "--say", "no_consent"),
        *("--say", "explanation=Un vídeo sexual con su cara, hecho con una red neuronal."),
        *("--say", "legal_provision=Artículo 18.1 de la Constitución y Ley Orgánica 1/1982."),
    )
    story.campaign_id = made["campaign_id"]


def list_is_added(story: Scenario) -> None:
    """the list of addresses is added, the media at hand looked up"""
    report = story.lawyer(
        "takedown", "add", story.campaign_id, story.media.folder / "direcciones.csv", "--media", status=1
    )
    story.notices = {notice["line"]: notice["notice_id"] for notice in report["notices"]}
    story.verdicts = {match["notice_id"]: match["verdict"] for match in report["matches"]}
    story.wrong += rows.differences(story.listed, report)
    story.figures["rows"] = len(story.listed.rows)
    story.figures["defects"] = len(rows.DEFECTS)
    wanted = {"original": "authentic_original", "unrelated": "no_match", "known": "known_fake"}
    for shows, verdict in wanted.items():
        found = {story.verdicts.get(item) for item in story.of(shows)}
        story.expect(f"what lookups say of places that show {shows}", found, {verdict})
    copies = [story.verdicts.get(item) for item in story.of("copy")]
    story.figures["copies_looked_up"] = len(copies)
    story.figures["copies_known_fake"] = copies.count("known_fake")
    story.expect(
        "copies that are neither the fake nor for a person", set(copies) - {"known_fake", "related"}, set()
    )


def people_confirm(story: Scenario) -> None:
    """a person confirms grounds and answers the regimes' questions"""
    check = ("takedown", "check", story.campaign_id)
    for shows in ("original", "unrelated"):
        code = story.lawyer.refused(*check, "--seen", story.of(shows)[0])
        story.expect(f"a place that shows {shows}, said to be seen", code, "ground_refused")
    story.lawyer(*check, "--all-matched", "--yes")
    unsure = [item for item in story.of("copy", "debunk") if story.verdicts[item] == "related"]
    seen = story.of("fake", "satire")
    flags = [word for item in unsure for word in ("--matched", item)]
    flags += [word for item in seen for word in ("--seen", item)]
    story.lawyer(*check, *flags)
    for regime in YES:
        story.lawyer(*check, "--regime", regime, *answers(regime))
        for shows, question in (("debunk", "reporting"), ("satire", "satire")):
            found = [item for item in story.of(shows) if _regime(story, item) == regime]
            chosen = [word for item in found for word in ("--notice", item)]
            if chosen:
                story.lawyer(*check, *chosen, "--regime", regime, *answers(regime, **{question: "yes"}))


def answers(regime: str, **other: str) -> list[str]:
    said = dict.fromkeys(YES[regime], "yes") | dict.fromkeys(NO[regime], "no") | other
    return [word for name, value in said.items() for word in ("--answer", f"{name}={value}")]


def _regime(story: Scenario, notice_id: str) -> str:
    return "take_it_down" if story.line_of(notice_id).platform in INTIMATE else "dsa16"


def notices_are_prepared(story: Scenario) -> None:
    """notices are made ready, marked addresses confirmed; a dry run says what would go where"""
    story.lawyer("takedown", "check", story.campaign_id, "--prepare")
    sendable = len(story.of(*FAKES))
    send = ("takedown", "send", story.campaign_id)
    odd = [story.notices[item.line] for item in story.listed.of(*FAKES) if LOOKED_AT & set(item.marks)]
    marked = story.lawyer(*send, "--dry-run", status=1)
    hindered = {"address_unconfirmed": len(odd)}
    story.expect("what hinders before addresses are confirmed", marked["hindrances"], hindered)
    confirm = ("takedown", "confirm-address", story.campaign_id)
    waiting = [address["notice_id"] for address in story.lawyer(*confirm)["addresses"]]
    story.expect("addresses that wait for a person", sorted(waiting), sorted(odd))
    story.lawyer(*confirm, *odd)
    dry = story.lawyer(*send, "--dry-run")
    story.expect("what a dry run would send", dry["sendable"], sendable)
    story.expect("what came of a dry run", story.there.arrived(), [])
    story.expect("ways of a dry run", dry["ways"], _ways(story))
    never = story.of("original", "unrelated", "debunk", "satire", "gone")
    forced = story.lawyer(*send, *(word for item in never for word in ("--notice", item)), status=1)
    story.expect("what is sent that must not be", (forced["prepared"], forced["hindered"]), (0, len(never)))
    story.figures["never_to_be_sent"] = len(never)
    story.figures["hindered_for"] = forced["hindrances"]


def _ways(story: Scenario) -> dict[str, int]:
    found = {"api": 0, "email": 0, "paper": 0}
    for row in story.listed.of(*FAKES):
        platform = row.key.partition(":")[0] if not row.platform else row.platform
        way = "api" if platform in (*SIGNED, *KEYED) else "email" if platform in MAILED else "paper"
        found[way] += 1
    return found


def list_is_written(story: Scenario, total: int) -> None:
    """The list, its media and their fingerprint documents, in the scenario's folder."""
    documents: dict[Path, Path] = {}
    media = [*story.media.copies.values(), story.media.broadcast, story.media.unrelated, story.media.debunk]
    for path, made in zip(media, _hashed(story, media), strict=True):
        documents[path] = path.with_suffix(".fakeprint")
        documents[path].write_text(json.dumps(made))
    sha256 = hashlib.sha256(story.media.fake.read_bytes()).hexdigest()
    story.listed = rows.written(total, story.media, documents, sha256)
    (story.media.folder / "direcciones.csv").write_bytes(story.listed.csv())


def _hashed(story: Scenario, media: list[Path]) -> list[dict[str, Any]]:
    done = story.service.stack.fakeprint("hash", *media, "--faces", "--json")
    assert done.status == 0, done.stderr
    return done.lines


assert {*SIGNED, *KEYED, *MAILED, *FORMED} == set(rows.SHAPES)
