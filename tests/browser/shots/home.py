"""The first page with work to do, and the lists that its tasks lead to."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from registry.app.service.digests import stop_word
from registry.identity.callers.service.keys import authenticate
from registry.sharing.webhooks.service.events import dispatch_events
from tests.browser.shots import FRESH, Shot
from tests.browser.shots.review import disputed, filed
from tests.browser.shots.takedown import campaign
from tests.support.browser.console import Console, Person
from tests.support.claims import claim_for_account
from tests.support.matching.watches import let_watch_match
from tests.support.statistics import count_past_lookups, let_entry_be_of


def busy(console: Console, person: Person) -> str:
    """Work of every kind: deadlines, letters, replies, reviews, a claim and a dispute."""
    campaign(console, person)
    key = f"busy {person.organization_id}"
    if key not in console.things:
        claimed = filed(console, person.key, "Entrevista en la radio")
        with console.started.service() as service:
            claim_for_account(service, claimed.entry_id, person.account_id)
        filed(console, person.key)
        console.things[key] = disputed(console, person.key)
    return "/console/"


def numbers(console: Console, person: Person) -> str:
    """Lookups and registrations of twelve weeks."""
    busy(console, person)
    key = f"numbers {person.organization_id}"
    if key not in console.things:
        console.things[key] = [filed(console, person.key, f"Vídeo {at}").entry_id for at in range(4)]
        with console.started.service() as service:
            count_past_lookups(service, person.organization_id)
            for at, entry_id in enumerate(console.things[key]):
                let_entry_be_of(service, entry_id, 1 + 3 * (at // 2))
    return "/console/numbers"


def matched(console: Console, person: Person) -> str:
    """A watched lookup that matches an entry registered since."""
    key = f"matched {person.organization_id}"
    if key not in console.things:
        console.things[key] = filed(console, person.key, "Discurso <b>falso</b>").entry_id
        with console.started.service() as service:
            let_watch_match(service, authenticate(service, person.key), console.things[key])
    return "/console/watches"


def notified(console: Console, person: Person) -> str:
    """Notifications of what others did."""
    busy(console, person)
    with console.started.service() as service:
        while dispatch_events(service):
            pass
    return "/console/notifications"


def stopping(console: Console, person: Person) -> str:
    """The page of the link in mails of notifications."""
    with console.started.service() as service:
        return f"/console/digest/{stop_word(service, UUID(person.account_id))}"


def _after(path: str, console: Console, person: Person) -> str:
    busy(console, person)
    return path


SHOTS: Final = (
    Shot("home-busy", busy),
    Shot("home-numbers", numbers),
    Shot("watches", matched),
    Shot("watches-new", "/console/watches", roles=FRESH, once=True),
    Shot("notifications", notified),
    Shot("digest-stop", stopping, signed_in=False, once=True),
    Shot("notifications-none", "/console/notifications", roles=("review", "lookup"), once=True),
    Shot("home-due", lambda console, person: _after("/console/takedown/due", console, person)),
    Shot("home-letters", lambda console, person: _after("/console/takedown/letters", console, person)),
    Shot("home-reopened", "/console/takedown/reopened", once=True),
    Shot("home-ready", lambda console, person: _after("/console/takedown/ready", console, person), once=True),
    Shot("home-unsent", "/console/takedown/unsent", once=True),
    Shot(
        "home-recurrences",
        lambda console, person: _after("/console/takedown/recurrences", console, person),
        once=True,
    ),
)
