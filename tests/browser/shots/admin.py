"""The pages of administrators, and what they show."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid4

from playwright.sync_api import Page

from registry.jobs.store import jobs
from tests.browser.shots import Shot
from tests.support.browser.console import Console, Person
from tests.support.sharing.webhooks import add_ended_messages

REASON: Final = "Each try was the end of a <worker>."


def caller(console: Console, person: Person) -> str:
    """A caller of the person's organization with a key."""
    with console.api(person.key) as api:
        made = api.post("/v1/callers", json={"name": "upload filter", "roles": ["lookup", "signals"]})
    assert made.status_code == 201, made.text
    return f"/console/admin/callers/{made.json()['caller_id']}"


def organization(console: Console, _person: Person) -> str:
    """Another organization, without an administrator."""
    with console.api() as api:
        made = api.post("/v1/organizations", json={"name": f"Verificadores {uuid4().hex[:6]}"})
    assert made.status_code == 201, made.text
    return f"/console/admin/organizations/{made.json()['organization_id']}"


def bank(console: Console, person: Person) -> str:
    """The organization's first bank."""
    with console.api(person.key) as api:
        own = [item for item in api.get("/v1/banks").json()["banks"] if item["own"]]
    return f"/console/admin/banks/{own[0]['bank_id']}"


def webhook(console: Console, person: Person) -> str:
    """A webhook with a message that was delivered, one that waits, and a dead letter."""
    with console.api(person.key) as api:
        body = {"url": "https://hooks.example.org/fakeprint", "kinds": ["entry.*", "match.found"]}
        made = api.post("/v1/webhooks", json=body)
        assert made.status_code == 201, made.text
        webhook_id = made.json()["webhook_id"]
        assert api.post(f"/v1/webhooks/{webhook_id}/test").status_code == 202
    with console.started.service() as service:
        add_ended_messages(service, webhook_id)
    return f"/console/admin/webhooks/{webhook_id}"


def dead_job(console: Console, _person: Person | None = None) -> str:
    """A job that was given up."""
    with console.started.service() as service, service.pool.transaction() as connection:
        job_id = jobs.enqueue(connection, "deliver_messages", uuid4())
        assert isinstance(job_id, UUID)
        jobs.fail(connection, job_id, "worker_lost", REASON, dead=True)
    return "/console/admin/queues"


def foreign(console: Console, person: Person) -> str:
    """A bank of another organization that answers the person's: what it says to them is theirs to set."""
    with console.api(console.organization()) as client:
        client.patch("/v1/banks/default", json={"visibility": "public"})
    with console.api(person.key) as api:
        other = [item for item in api.get("/v1/banks").json()["banks"] if not item["own"]]
    return f"/console/admin/banks/{other[0]['bank_id']}"


def _webhook_events(page: Page, _: Console) -> None:
    """A key is made, and shown this once."""
    page.locator("[name=name]").fill("upload filter <b>")
    page.locator("[name=roles][value=lookup]").check()
    page.locator("main form button.primary").click()
    page.locator("#secret").wait_for()


def _listed(console: Console, person: Person) -> str:
    webhook(console, person)
    return "/console/admin/webhooks"


SHOTS: Final = (
    Shot("admin-accounts", "/console/admin/accounts"),
    Shot("admin-callers", "/console/admin/callers?over=1"),
    Shot("admin-caller-new", "/console/admin/callers/new", operator=True),
    Shot("admin-secret", "/console/admin/callers/new", then=_webhook_events, once=True),
    Shot("admin-caller", caller, operator=True),
    Shot("admin-caller-change", lambda console, person: f"{caller(console, person)}/change"),
    Shot("admin-organizations", "/console/admin/organizations", operator=True),
    Shot("admin-organization", organization, operator=True),
    Shot(
        "admin-limits",
        lambda console, person: f"{organization(console, person)}/limits?all=1",
        operator=True,
    ),
    Shot(
        "admin-organization-close",
        lambda console, person: f"{organization(console, person)}/close",
        operator=True,
    ),
    Shot("admin-banks", "/console/admin/banks"),
    Shot("admin-bank", bank, operator=True),
    Shot("admin-bank-foreign", foreign),
    Shot("admin-webhooks", _listed),
    Shot("admin-webhook", webhook),
    Shot("admin-queues", dead_job, operator=True),
)
