"""What a campaign holds of persons stands nowhere in the open, whatever is done in it; once its client is
erased no key that is left opens any of it."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import psycopg
import pytest

from registry.app.service.closing import close_organization
from registry.core.crypto.keys import FolderKeys, Key
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.identity.organizations.service.operator import client_keys
from registry.review.disputes.service.disputes import Contest
from registry.takedown.campaigns import store as campaign_store
from registry.takedown.campaigns.service.release import release_campaign
from registry.takedown.clients.service import erase_client, show_client, sweep_clients
from registry.takedown.evidence.model.exhibit import Exhibit
from registry.takedown.evidence.service.bundles import bundle_evidence
from registry.takedown.evidence.service.exhibits import add_exhibit
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.moves import contest_notice, move_notice
from registry.takedown.notices.service.notices import change_notice
from registry.takedown.replies.schemas import TakenReply
from registry.takedown.replies.service.replies import import_mailbox, list_replies
from registry.takedown.replies.service.statements_of_reasons import import_statements
from registry.takedown.reports.service import export_notices
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.support.record import traces
from tests.support.service import servers as services
from tests.support.service.fixtures import Recorder
from tests.support.takedown.campaigns import SIGNS, WHO, Case, case
from tests.support.takedown.delivery import ASKED, FORMED, MAILED, deliveries, send, work
from tests.support.takedown.recurrences import follow, look_up
from tests.support.takedown.statements import statement

PURPOSES: Final = (
    *("client", "campaign", "signatory", "place", "elements", "words", "written", "reply", "sighting"),
    *("exhibit", "content", "statement", "answer", "reasons", "credential", "record"),
)
"""For which things are sealed."""
SHOT: Final = b"\x89PNG what was on the screen of Ana Ejemplo"
NEEDLES: Final = {
    "client": WHO.name,
    "depicted": WHO.depicted_name,
    "e-mail": str(WHO.email),
    "signatory": SIGNS.name,
    "signatory's e-mail": str(SIGNS.email),
    "street": "Calle Mayor 1",
    "place": "la-persona-en-el-video",
    "note": "reenviado por su vecino",
    "own words": "lo vio su hermana",
    "reply": "we took down what shows her",
    "exhibit": "captura de su vecino.png",
}


def mail(text: str, number: int) -> bytes:
    return f"From: legal@mailed.example.net\nMessage-ID: <{number}@x>\nSubject: Re\n\n{text}\n".encode()


def take(about: Case, *texts: str) -> list[TakenReply]:
    replies = [import_mailbox(about.service, about.caller, mail(text, uuid4().int)) for text in texts]
    return [reply.replies[0] for reply in replies]


def at(base: str, number: int) -> str:
    return f"{base}{NEEDLES['place']}/{number}"


def lived(about: Case, recorder: Recorder) -> list[UUID]:
    """A campaign in which everything was done that can be; its notices."""
    service, caller, campaign_id = about.service, about.caller, about.campaign_id
    made = [
        *about.add(at(MAILED, 1), at(ASKED, 2), at(FORMED, 3), note=NEEDLES["note"]),
        *about.add(at(MAILED, 4)),
    ]
    change_notice(service, caller, campaign_id, made[0], elements={"explanation": NEEDLES["own words"]})
    about.look_up(made[0])
    about.answer(made)
    about.confirm(*made)
    assert about.prepare(*made).prepared == len(made)
    send(about, *made)
    work(service, recorder)
    marks = {delivery.notice_id: delivery.reference for delivery in deliveries(about)}
    one_of_them = f"{NEEDLES['reply']} [{marks[str(made[0])]}]"
    either = f"{NEEDLES['reply']}: {made[0]} or {made[1]}"
    nameless = f"{NEEDLES['reply']} ({at(MAILED, 4).removeprefix('https://')}?utm_source=x)."
    taken = take(about, one_of_them, either, nameless, "To Ana  Ejemplo: no. ana@EXAMPLE.org", "Hello?")
    assert [item.state for item in taken] == ["matched"] + ["unmatched"] * 4
    raw = json.dumps(statement(url=at(MAILED, 4), decision_facts=NEEDLES["reply"])).encode()
    assert import_statements(service, caller, raw, accept=True).moved == 1
    name, digest = NEEDLES["exhibit"], hashlib.sha256(SHOT).hexdigest()
    shot = Exhibit("screenshot", digest, len(SHOT), name, NEEDLES["note"], None, SHOT)
    add_exhibit(service, caller, campaign_id, made[0], shot)
    words = NEEDLES["own words"]
    move_notice(service, caller, campaign_id, made[0], PersonMove("acknowledge", "told", words))
    move_notice(service, caller, campaign_id, made[0], PersonMove("remove", "told", words))
    contest_notice(service, caller, campaign_id, made[1], Contest("satire", "author", "It is a sketch."))
    look_up(about, at(MAILED, 5), watch_days=3)
    look_up(about, "https://elsewhere.example/1", watch_days=3)
    follow(service, recorder)
    until = datetime.now(UTC) + timedelta(days=1)
    release_campaign(
        service, caller, campaign_id, recipient="lumen", fields=["places", "client"], valid_until=until
    )
    for how in ({"format_": "csv"}, {"format_": "lumen", "recipient": "lumen"}):
        assert b"".join(export_notices(service, caller, campaign_id, **how))  # type: ignore[arg-type]
    sequence_events(service)
    assert bundle_evidence(service, caller, campaign_id)
    return made


def forms() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, text in NEEDLES.items():
        for raw in {text.encode(), text.casefold().encode(), json.dumps(text)[1:-1].encode()}:
            found |= traces.needles(f"{name} {raw!r}", raw)
    return found


def opened(database_url: str, keys: list[Key]) -> Iterator[tuple[str, bytes]]:
    """What these keys open of all that the database holds."""
    with psycopg.connect(database_url) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE data_type = 'bytea' AND table_schema = 'public'"
        ).fetchall()
        for table, column in columns:
            query = f'SELECT "{column}" FROM "{table}" WHERE octet_length("{column}") > 28'  # noqa: S608
            for (sealed,) in connection.execute(query.encode()):
                for key in keys:
                    for purpose in PURPOSES:
                        try:
                            yield f"{table}.{column}", key.open(bytes(sealed), purpose)
                        except Unavailable:
                            continue


def left(service: Service) -> list[Key]:
    """All keys that are there."""
    folders = [service.keys.folder, *(path for path in service.keys.folder.rglob("*") if path.is_dir())]
    return [FolderKeys(folder).get(subject) for folder in folders for subject in FolderKeys(folder).held()]


def readable_texts(database_url: str, keys: list[Key]) -> set[str]:
    """Which needles these keys open."""
    plain = [raw.decode(errors="replace").casefold() for _, raw in opened(database_url, keys)]
    return {name for name, text in NEEDLES.items() if any(text.casefold() in item for item in plain)}


@pytest.mark.slow
def test_nothing_of_a_campaign_stands_in_the_open_and_nothing_opens_it_once_its_client_is_erased(
    about: Case,
    recorder: Recorder,
    database_url: str,
    embedded_postgres: services.PostgresServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    made = lived(about, recorder)
    neighbour = case(about.service, about.caller)
    (other,) = neighbour.sent("https://other.example.net/1")
    take(about, f"{made[0]} or {other}")
    places: list[traces.Places] = [
        traces.tables(database_url),
        {"dump": traces.dump(embedded_postgres, database_url)},
        {"logs": "\n".join(str(vars(record)) + record.getMessage() for record in caplog.records).encode()},
    ]
    assert traces.found(forms(), places) == []
    assert traces.found(traces.needles("what is open", b"Face swap"), places[:2]), "the search finds what is"
    assert readable_texts(database_url, left(about.service)) == set(NEEDLES)

    erase_client(about.service, about.caller, about.client_id)
    # The neighbour is of the same name: whatever its key opens is its own.
    rest = [item for item in left(about.service) if item.subject_id != neighbour.client_id]
    assert any(item.subject_id == about.caller.organization_id for item in rest)
    assert readable_texts(database_url, rest) == set()
    waiting = list_replies(about.service, about.caller, state="unmatched").replies
    assert {reply.text for reply in waiting} == {"Hello?", f"{made[0]} or {other}"}
    seen = [raw for where, raw in opened(database_url, rest) if where == "sighting.sealed"]
    assert len(seen) == 1
    assert b"elsewhere.example" in seen[0]
    with about.service.pool.transaction() as connection:
        (said,) = connection.execute("SELECT said FROM event WHERE kind = 'client.erased'").fetchall()
    assert said["said"] == {"replies": 3, "sightings": 1}

    # What comes later for those notices is not kept; what may be another client's is.
    late = take(about, f"{NEEDLES['reply']}: {made[0]}", f"{NEEDLES['reply']}: {made[0]} and {made[1]}")
    assert [(item.state, item.code, item.reply_id) for item in late] == [
        ("faulty", "client_erased", None)
    ] * 2
    raw = json.dumps(statement(decision_facts=f"{NEEDLES['reply']}: {made[0]}")).encode()
    (refused,) = import_statements(about.service, about.caller, raw).statements
    assert (refused.state, refused.code, refused.reply_id) == ("faulty", "client_erased", None)
    assert take(about, f"{other}: gone.")[0].state == "matched"
    assert readable_texts(database_url, rest) == set()


def test_an_erasure_that_was_cut_off_or_undone_is_ended(about: Case, owner: Caller) -> None:
    service, keys = about.service, client_keys(about.service)
    back = case(service, owner)
    with service.pool.transaction() as connection:
        assert campaign_store.erase_client(connection, about.client_id, owner.caller_id)
    keys.destroy(back.client_id)
    assert keys.find(about.client_id), "killed between the commit and the key"
    assert sweep_clients(service) == 2
    assert keys.find(about.client_id) is None
    assert show_client(service, owner, back.client_id).erased_at, "a backup had brought it back"
    assert sweep_clients(service) == 0


def test_clients_of_an_organization_that_was_closed_are_erased(service: Service, owner: Caller) -> None:
    made = create_caller(service, owner, organization="Leaving", name="l", roles=["register", "takedown"])
    leaving = authenticate(service, made.key)
    gone, kept = case(service, leaving), case(service, owner)
    take(gone, "Hello?")
    close_organization(service, owner, leaving.organization_id)
    assert sweep_clients(service) == 2
    keys = client_keys(service)
    assert keys.find(gone.client_id) is keys.find(leaving.organization_id) is None
    assert keys.find(kept.client_id)
    assert sweep_clients(service) == 0
