"""The review queue, an entry beside its relative, and a dispute."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Final
from uuid import uuid4

from registry.jobs.service.jobs import claim_job
from registry.lineage.service import relate_entry
from tests.browser.shots import Shot
from tests.support.browser.console import Console, Person
from tests.support.claims import claim_for_account
from tests.support.reviewers import Filed, add_media, contest, decide, file_fake

TITLE: Final = "Concejala, cara cambiada <b>“vídeo”</b>"


def filed(console: Console, key: str, title: str = TITLE, **fields: Any) -> Filed:
    """An entry of the organization of `key`, registered by a caller beside its people."""
    with ExitStack() as stack:
        return file_fake(console.started, _caller(console, stack, key, "register"), title=title, **fields)


def _caller(console: Console, stack: ExitStack, key: str, *roles: str) -> Any:
    with console.api(key) as admin:
        made = admin.post("/v1/callers", json={"name": f"c {uuid4().hex[:6]}", "roles": list(roles)})
    assert made.status_code == 201, made.text
    return stack.enter_context(console.api(made.json()["key"]))


def related(console: Console, entry_id: str) -> None:
    """Do what the worker does that looks for an entry's relatives."""
    with console.started.service() as service:
        with service.pool.transaction() as connection:
            row = connection.execute(
                "SELECT job_id FROM job WHERE subject_id = %s AND task = 'relate_entry' "
                "AND status = 'queued'",
                [entry_id],
            ).fetchone()
        assert row
        job = claim_job(service, row["job_id"])
        assert job
        relate_entry(service, job, lambda _: None)


def _two(console: Console, person: Person) -> str:
    """Two entries of the same footage: the id of the second, which somebody has approved."""
    known = f"review {person.account_id}"
    if known not in console.things:
        seed = str(uuid4())
        filed(console, person.key, "Debate televisado, otra cara", seed=seed)
        second = filed(console, person.key, seed=seed, claim="La concejala admite el fraude.")
        with ExitStack() as stack:
            maker = _caller(console, stack, person.key, "register")
            add_media(console.started, maker, second.entry_id, "original", uuid4().bytes, seed)
            reviewer = _caller(console, stack, person.key, "review")
            assert decide(reviewer, second.entry_id, reason="Visto junto a la emisión.").status_code == 200
        related(console, second.entry_id)
        console.things[known] = second.entry_id
    entry_id: str = console.things[known]
    return entry_id


def _queue(console: Console, person: Person) -> str:
    _two(console, person)
    return "/console/review?claimed=none"


def _item(console: Console, person: Person) -> str:
    entry_id = _two(console, person)
    _claimed(console, person, entry_id)
    return f"/console/review/{entry_id}"


def _claimed(console: Console, person: Person, entry_id: str) -> None:
    with console.started.service() as service:
        claim_for_account(service, entry_id, person.account_id)


def disputed(console: Console, key: str) -> tuple[str, str]:
    """A dispute that somebody of the same organization has opened: its id, and the entry's."""
    entry_id = filed(console, key).entry_id
    with ExitStack() as stack:
        author = _caller(console, stack, key, "lookup")
        text = "Es una sátira de nuestro programa.\n<script>alert(1)</script>"
        made = contest(author, entry_id, statement=text, contact="teatro@example.org")
    assert made.status_code == 201, made.text
    return made.json()["dispute_id"], entry_id


def _dispute(console: Console, person: Person) -> str:
    known = f"dispute {person.account_id}"
    if known not in console.things:
        console.things[known] = disputed(console, person.key)[0]
    return f"/console/disputes/{console.things[known]}"


def _disputes(console: Console, person: Person) -> str:
    _dispute(console, person)
    return "/console/disputes"


def _decided(console: Console, person: Person) -> str:
    """A dispute that is the person's to decide, who has claimed its entry."""
    dispute_id, entry_id = disputed(console, console.organization())
    _claimed(console, person, entry_id)
    return f"/console/disputes/{dispute_id}"


SHOTS: Final = (
    Shot("review", _queue),
    Shot("contest", lambda console, person: f"/console/entries/{_two(console, person)}/contest"),
    Shot("review-item", _item),
    Shot("disputes", _disputes),
    Shot("dispute", _dispute),
    Shot("dispute-decide", _decided, operator=True),
)
