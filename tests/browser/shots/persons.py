"""The pages of protected people."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Final

from PIL import Image

from tests.browser.shots import Shot
from tests.support.browser.console import Console, Person

ROLES: Final = ("faces", "register", "review", "admin")
DOCUMENT: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def assess(console: Console) -> None:
    """A data-protection assessment, once."""
    if "assessed" not in console.things:
        body = {"title": "Enrolled faces", "document_sha256": DOCUMENT, "assessed_on": "2026-01-15"}
        with console.api() as api:
            assert api.post("/v1/assessments", json=body).status_code == 201
        console.things["assessed"] = True


def picture(name: str = "office.png") -> tuple[str, bytes]:
    """A photo without a face."""
    raw = io.BytesIO()
    Image.new("RGB", (320, 320), (120, 90, len(name))).save(raw, "PNG")
    return name, raw.getvalue()


def proposed(console: Console, person: Person) -> str:
    """A person that a colleague has proposed, with a photo."""
    assess(console)
    key = f"proposed {person.organization_id}"
    if key not in console.things:
        with console.api(person.key) as api:
            made = api.post("/v1/callers", json={"name": "intake", "roles": ["faces", "register"]})
        consent = {
            "by": "representative",
            "acting": "Carmen Ruiz",
            "text": "I agree that the newsroom looks for my face.",
            "document_sha256": DOCUMENT,
            "mandate_sha256": DOCUMENT,
            "given_at": datetime.now(UTC).isoformat(),
            "scope": ["lookups", "entries"],
        }
        body = {"name": "Dolores <b>Ibáñez</b>", "consent": consent, "shows_minor_sexually": False}
        with console.api(made.json()["key"]) as api:
            person_id = api.post("/v1/persons", json=body).json()["person_id"]
            sent = api.post(f"/v1/persons/{person_id}/photos", files={"photo": picture()})
            assert sent.status_code == 202, sent.text
        console.things[key] = f"/console/persons/{person_id}"
    found: str = console.things[key]
    return found


def _listed(console: Console, person: Person) -> str:
    proposed(console, person)
    return "/console/persons"


def _new(console: Console, _person: Person) -> str:
    assess(console)
    return "/console/persons/new"


def _renewal(console: Console, person: Person) -> str:
    return f"{proposed(console, person)}/renewal"


def _assessments(console: Console, _person: Person) -> str:
    assess(console)
    return "/console/persons/assessments"


SHOTS: Final = (
    Shot("persons", _listed, roles=ROLES),
    Shot("persons-new", _new, roles=ROLES),
    Shot("persons-one", proposed, roles=ROLES),
    Shot("persons-renewal", _renewal, roles=ROLES, once=True),
    Shot("persons-assessments", _assessments, roles=ROLES, operator=True),
    Shot("persons-withdraw", "/console/protection/withdraw", signed_in=False),
)
