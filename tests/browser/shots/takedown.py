"""The takedown board."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from playwright.sync_api import Page

from registry.identity.callers.service.keys import authenticate
from registry.review.disputes.service.disputes import Contest
from registry.takedown.delivery.model.delivery import DeliveryFilter
from registry.takedown.delivery.service.deliveries import decide_delivery, list_notice_deliveries
from registry.takedown.delivery.service.sending import send_notices
from registry.takedown.evidence.model.exhibit import Exhibit
from registry.takedown.evidence.service.exhibits import add_exhibit
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.alarms import raise_alarms
from registry.takedown.notices.service.moves import contest_notice, move_notice
from registry.takedown.replies.model import reply
from registry.takedown.replies.service.replies import import_replies
from tests.browser.shots import Shot
from tests.support.browser.console import Console, Person
from tests.support.takedown.campaigns import Case, case
from tests.support.takedown.past import let_alarms_come, send_earlier


def campaign(console: Console, person: Person, page: str = "") -> str:
    """A page of a campaign with notices in several states; `{notice}` is one that came to an answer."""
    key = f"takedown {person.organization_id}"
    if key not in console.things:
        with console.started.service() as service:
            made = case(service, authenticate(service, person.key), regimes=("dsa16", "take_it_down"))
            console.things[key] = {
                "campaign": str(made.campaign_id),
                "client": str(made.client_id),
                "entry": str(made.entry_id),
                **_notices(made),
            }
    found = console.things[key]
    return f"/console/takedown/{found['campaign']}{page}".format(**found)


def client(console: Console, person: Person, page: str = "") -> str:
    """A page of that campaign's client."""
    campaign(console, person)
    made = console.things[f"takedown {person.organization_id}"]
    return f"/console/takedown/clients/{made['client']}{page}"


def begun(console: Console, person: Person) -> str:
    """The form for a campaign about an entry."""
    campaign(console, person)
    return f"/console/takedown/begin?entry={console.things[f'takedown {person.organization_id}']['entry']}"


def letters(console: Console, person: Person) -> str:
    """Letters of another campaign, ready to be sent."""
    key = f"letters {person.organization_id}"
    if key not in console.things:
        with console.started.service() as service:
            made = case(service, authenticate(service, person.key))
            made.ready(*(f"https://videos.example.net/{number}" for number in range(6)))
            made.ready("https://t.me/canal/42", "https://clips.example.net/watch?v=1")
            console.things[key] = made.campaign_id
    return f"/console/takedown/{console.things[key]}/send"


def _notices(made: Case) -> dict[str, str]:
    (draft,) = made.add("https://clips.example.net/watch?v=1")
    made.ready("https://videos.example.net/ready", "https://video.example.org/ready/٢")
    running = made.sent("https://videos.example.net/1", "https://videos.example.net/2")
    done = made.sent(*(f"https://video.example.org/{item}" for item in (3, 4, 5)))
    late = _late(made, "https://late.example.net/a")
    said = reply.written(
        1,
        sender="Trust & Safety <legal@videos.example.net>",
        subject=f"Re: {running[0]}",
        message_id="<1@videos.example.net>",
        said_at=None,
        text="We have your notice and are looking into it.\n\nالفريق القانوني <script>alert(1)</script>",
    )
    stray = reply.written(
        2,
        sender="noreply@video.example.org",
        subject="Your report <script>alert(2)</script>",
        message_id="<2@video.example.org>",
        said_at=None,
        text=f"Reports {running[0]} and {running[1]} were received.",
    )
    import_replies(made.service, made.caller, [said, stray], "api")
    add_exhibit(
        made.service,
        made.caller,
        made.campaign_id,
        running[0],
        Exhibit("screenshot", "cd" * 32, 52_001, "captura <b>1</b>.png", "4,000 views"),
    )
    (lettered,) = made.ready("https://printed.example.net/a")
    send_notices(made.service, made.caller, made.campaign_id, notice_ids=[lettered])
    contested = Contest("satire", "author", "A sketch of ours <script>alert(3)</script>")
    contest_notice(made.service, made.caller, made.campaign_id, running[1], contested)
    move = partial(move_notice, made.service, made.caller, made.campaign_id)
    move(running[0], PersonMove("acknowledge", "told_by_mail", "They wrote: <b>soon</b>."))
    for item in done[:2]:
        move(item, PersonMove("remove", "told_by_mail"))
    move(done[2], PersonMove("refuse", "told_by_mail"))
    return {"notice": str(running[0]), "draft": str(draft), "late": str(late)}


def _late(made: Case, url: str) -> UUID:
    """A notice that was handed over, and whose term was over 1205 minutes ago."""
    (notice_id,) = made.ready(url)
    send_notices(made.service, made.caller, made.campaign_id, notice_ids=[notice_id])
    found = list_notice_deliveries(made.service, made.caller, made.campaign_id, DeliveryFilter("waiting"))
    (waits,) = [delivery for delivery in found.deliveries if delivery.notice_id == str(notice_id)]
    delivery_id, at = UUID(waits.delivery_id), datetime.now(UTC)
    decide_delivery(made.service, made.caller, delivery_id, "handed_over", at=at, proof_sha256="ef" * 32)
    due_at = made.row(notice_id).due_at
    assert due_at
    by = due_at - datetime.now(UTC) + timedelta(minutes=1205)
    let_alarms_come(made.service, by, notice_id)
    send_earlier(made.service, notice_id, by)
    raise_alarms(made.service)
    return notice_id


def _submitted(page: Page, _: Console) -> None:
    """A list of which some rows are refused, and one is to be looked at."""
    rows = ("https://a.example.net/1", "javascript:alert(1)", "no address", "https://192.0.2.7/x")
    page.locator("[name=list]").fill("\n".join(rows))
    page.locator("main form button.primary").click()
    page.locator(".faults li").first.wait_for()


SHOTS: Final = (
    Shot("takedown", lambda console, person: campaign(console, person) and "/console/takedown"),
    Shot("takedown-campaign", campaign),
    Shot("takedown-entries", lambda console, person: campaign(console, person, "/entries?sought=a")),
    Shot("takedown-add", lambda console, person: campaign(console, person, "/add")),
    Shot("takedown-added", lambda console, person: campaign(console, person, "/add"), then=_submitted),
    Shot("takedown-notices", lambda console, person: campaign(console, person, "/notices")),
    Shot("takedown-board", lambda console, person: campaign(console, person, "/board")),
    Shot("takedown-check", lambda console, person: campaign(console, person, "/check")),
    Shot("takedown-due", lambda console, person: campaign(console, person, "/notices?order=due")),
    Shot("takedown-draft", lambda console, person: campaign(console, person, "/notices/{draft}")),
    Shot("takedown-notice", lambda console, person: campaign(console, person, "/notices/{notice}")),
    Shot("takedown-send", letters),
    Shot("takedown-clients", lambda console, person: client(console, person) and "/console/takedown/clients"),
    Shot("takedown-regimes", "/console/takedown/regimes", once=True),
    Shot("takedown-client-new", "/console/takedown/clients/new", once=True),
    Shot("takedown-client", client),
    Shot("takedown-client-erase", lambda console, person: client(console, person, "/erase"), once=True),
    Shot("takedown-begin", lambda console, person: client(console, person, "/campaign")),
    Shot("takedown-begin-for", begun, once=True),
    Shot("takedown-change", lambda console, person: campaign(console, person, "/change"), once=True),
    Shot(
        "takedown-replies", lambda console, person: campaign(console, person) and "/console/takedown/replies"
    ),
    Shot(
        "takedown-deliveries", lambda console, person: campaign(console, person, "/deliveries?status=print")
    ),
    Shot(
        "takedown-contest",
        lambda console, person: campaign(console, person, "/notices/{draft}/contest"),
        once=True,
    ),
    Shot("takedown-contested", lambda console, person: campaign(console, person, "/contested"), once=True),
    Shot(
        "takedown-exhibits",
        lambda console, person: campaign(console, person, "/notices/{notice}/exhibits"),
        once=True,
    ),
    Shot(
        "takedown-escalation",
        lambda console, person: campaign(console, person, "/notices/{late}/escalation"),
        once=True,
    ),
    Shot("takedown-found", lambda console, person: campaign(console, person, "/found"), once=True),
    Shot(
        "takedown-recurrences", lambda console, person: campaign(console, person, "/recurrences"), once=True
    ),
    Shot(
        "takedown-retractions", lambda console, person: campaign(console, person, "/retractions"), once=True
    ),
    Shot("takedown-breaches", lambda console, person: campaign(console, person, "/breaches"), once=True),
    Shot("takedown-evidence", lambda console, person: campaign(console, person, "/evidence")),
    Shot(
        "takedown-figures-all",
        lambda console, person: campaign(console, person) and "/console/takedown/figures?by=platform",
        once=True,
    ),
    Shot("takedown-figures", lambda console, person: campaign(console, person, "/figures")),
)
