"""Entries: their list, one with everything that can be said of it, one whose media wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from playwright.sync_api import Page

from registry.catalogue.fingerprints.model.document import to_document
from registry.core.service import Service
from registry.jobs.service.jobs import claim_job
from registry.lineage.service import relate_entry
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.browser.shots import Shot
from tests.browser.shots.previews import make_all, reviewed, strip_of, window
from tests.browser.shots.takedown import campaign
from tests.support.browser.console import Console, Person
from tests.support.media import drawn
from tests.support.steps import unwatched

SAID: Final[dict[str, Any]] = {
    "title": "Concejala, cara cambiada <b>1</b>",
    "claim": "El vídeo dice mostrar a la concejala en un hotel de Melilla. العربية",
    "language": "es",
    "references": [
        {
            "url": "https://verifica.example.org/concejala-hotel",
            "title": "No, no es la concejala",
            "publisher": "Verifica",
            "rating": "Falso",
            "date": "2026-02-01",
        },
        {"url": "https://example.org/" + "a-long-address/" * 12},
    ],
    "depicted": [{"name": "María Ñ.", "role": "concejala", "public": True}],
    "seen": [
        {"url": "https://video.example/watch?v=4711", "at": "2026-01-30T21:04:00+01:00"},
        {"platform": "Telegram", "channel": "messaging", "at": "2026-01-29", "note": "Grupo de 2.000."},
    ],
    "evidence": "El original es de 2019.\nLa cara no gira con la cabeza.",
}


def made(console: Console, person: Person) -> str:
    """The id of an entry of documents with an original, relatives, a variant and a dispute, on record."""
    seed = str(uuid4())
    fake = to_document(drawn.clip(seed, face="victim"), faces=True)
    other = to_document(drawn.clip(seed, face="somebody"), faces=True)
    original = to_document(drawn.clip(seed, face="double"), faces=True)
    with console.api(person.key) as client:
        found = []
        for text in (
            {"fakes": [fake], "originals": [original], **SAID},
            {"fakes": [other], "title": "Misma escena, otra cara"},
        ):
            answered = client.post("/v1/entries", json=text)
            assert answered.status_code == 201, answered.text
            found.append(str(answered.json()["entry_id"]))
        joined = client.patch(f"/v1/entries/{found[1]}", json={"variant_of": found[0]})
        assert joined.status_code == 200, joined.text
    with console.api(console.organization()) as stranger:
        body = {"kind": "satire", "standing": "platform", "statement": "Es una sátira."}
        contested = stranger.post(f"/v1/entries/{found[0]}/disputes", json=body)
        assert contested.status_code == 201, contested.text
    with console.started.service() as service:
        _relate(service)
        sequence_events(service)
    return found[0]


def _relate(service: Service) -> None:
    """What a worker does with the jobs that wait."""
    with service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT job_id FROM job WHERE task = 'relate_entry' AND status = 'queued'"
        ).fetchall()
    for row in rows:
        if job := claim_job(service, row["job_id"]):
            relate_entry(service, job, unwatched)


def waiting(console: Console, person: Person) -> str:
    """The id of an entry of media that no worker reads."""
    with console.api(person.key) as client:
        files = [("fake", ("a.mp4", uuid4().bytes)), ("original", ("b.mp4", uuid4().bytes))]
        answered = client.post("/v1/entries", files=files, data={"title": "Waits"})
    assert answered.status_code == 201, answered.text
    return str(answered.json()["entry_id"])


def _list(console: Console, person: Person) -> str:
    made(console, person)
    return "/console/entries"


def published(console: Console, person: Person) -> str:
    """The id of an entry of a bank that shows its entries to everybody."""
    entry_id = made(console, person)
    with console.api(person.key) as client:
        response = client.patch("/v1/banks/default", json={"policy": {"public_tier": "unreviewed"}})
        assert response.status_code == 200, response.text
    return entry_id


def _campaigned(console: Console, person: Person) -> str:
    """An entry that a campaign is about."""
    campaign_id = campaign(console, person).rpartition("/")[2]
    with console.api(person.key) as client:
        found = client.get(f"/v1/campaigns/{campaign_id}")
    assert found.status_code == 200, found.text
    return f"/console/entries/{found.json()['entries'][0]['entry_id']}"


def pictured(console: Console, person: Person) -> str:
    """The page of an entry with its original, whose pictures are made, with two variants."""
    address = reviewed(console, person).replace("/review/", "/entries/")
    entry_id = address.rpartition("/")[2]
    with window(console, person) as client, console.api(person.key) as api:
        client.get(strip_of(client.get(address).text))
        for role in ("fake", "original"):
            client.get(f"/console/previews/poster/{entry_id}?role={role}")
        for title, language in (("Astronauta, con subtítulos", "es"), ("رائدة الفضاء في الفندق", "ar")):
            fake = to_document(drawn.clip(str(uuid4())), faces=True)
            body = {"fakes": [fake], "title": title, "language": language, "variant_of": entry_id}
            assert api.post("/v1/entries", json=body).status_code == 201
        assets = [asset["asset_id"] for asset in api.get(f"/v1/entries/{entry_id}").json()["assets"]]
    make_all(console, assets)
    return address


def _unfolded(page: Page, _console: Console) -> None:
    """Everything that is folded, open, with the pictures of the drawing."""
    for folded in page.locator("details").all():
        folded.evaluate("details => { details.open = true; }")
    page.locator(".lineage").scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")


def _marked(console: Console, person: Person) -> str:
    entry_id, other = made(console, person), made(console, person)
    return f"/console/entries/marked?action=withdraw&entry={entry_id}&entry={other}"


def _of(part: str) -> Callable[[Console, Person], str]:
    return lambda console, person: f"/console/entries/{made(console, person)}{part}"


SHOTS: Final = (
    Shot("entries", _list),
    Shot("entry-pictures", pictured, then=_unfolded),
    Shot(
        "entry-unfolded", lambda console, person: f"/console/entries/{made(console, person)}", then=_unfolded
    ),
    Shot("entry-edit", _of("/edit")),
    Shot("entry-add", _of("/add")),
    Shot("entry-variants", _of("/variants?sought=cara")),
    Shot("entry-withdraw", _of("/withdraw")),
    Shot("entries-marked", _marked),
    Shot("entries-none", "/console/entries?status=withdrawn"),
    Shot("entry", lambda console, person: f"/console/entries/{made(console, person)}"),
    Shot(
        "entry-public",
        lambda console, person: f"/console/public/{published(console, person)}",
        signed_in=False,
    ),
    Shot("entry-campaigns", _campaigned, once=True),
    Shot("entry-waiting", lambda console, person: f"/console/entries/{waiting(console, person)}"),
)
