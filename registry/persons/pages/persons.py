"""Pages of protected people: propose, review, renew the consent, withdraw it."""

from __future__ import annotations

from typing import get_args

from starlette.responses import Response

from registry.console.fields import wrong
from registry.console.guard import PREFIX
from registry.console.view import Page, Shown
from registry.core.http.received import checked
from registry.persons.erasure.service import revoke_person
from registry.persons.model import LIVING, Refusal
from registry.persons.pages.area import (
    BY,
    PHOTO_STATES,
    REASONS,
    REFUSALS,
    SCOPES,
    STATES,
    area,
    event_text,
)
from registry.persons.pages.consents import consent
from registry.persons.photos.service import Incoming, add_photos, get_photo, remove_photo
from registry.persons.schemas import NewPerson
from registry.persons.service.assessments import list_assessments
from registry.persons.service.persons import get_person, list_persons
from registry.persons.service.proposal import propose_person, renew_person
from registry.persons.service.review import Review, review_person

VIEWS = ("proposed", "active")
"""States that the list offers as views of their own."""


@area.page("/persons", operation="listPersons")
def persons(page: Page) -> Shown:
    """List the organization's protected people."""
    state = page.query("state") if page.query("state") in VIEWS else None
    found = list_persons(page.service, page.caller, state=state, after=page.query("after") or None)
    return page.show(
        "persons/list.html",
        persons=found.persons,
        next=found.next,
        state=state,
        views=VIEWS,
        states=STATES,
        living=LIVING,
        assessed=bool(list_assessments(page.service, page.caller)),
    )


@area.page("/persons/new", operation="proposePerson")
def new(page: Page) -> Shown:
    """Show the form for a person."""
    return page.show(
        "persons/new.html",
        by=BY,
        scopes=SCOPES,
        assessed=bool(list_assessments(page.service, page.caller)),
    )


@area.form("/persons/new", operation="proposePerson", again=new, files=1)
def propose(page: Page) -> Shown:
    """Propose a person. The code with which the person withdraws is shown only here."""
    abuse = page.typed.text("abuse")
    if abuse not in {"yes", "no"}:
        raise wrong("bad_input", "abuse", page.words.text("Answer this question."))
    body = {
        "name": page.typed.text("name"),
        "consent": consent(page).model_dump(),
        "shows_minor_sexually": abuse == "yes",
        "notes": page.typed.text("notes").strip() or None,
    }
    proposed = propose_person(page.service, page.caller, checked(body, NewPerson.model_validate))
    return page.show(
        "persons/code.html",
        person=proposed,
        link=f"{page.origin}{PREFIX}/protection/withdraw",
        status=201,
    )


@area.page("/persons/{person_id}", operation="showPerson")
def person(page: Page) -> Shown:
    """Show a person. One photo at a time is shown on request, and the view is recorded."""
    shown = get_person(page.service, page.caller, page.uuid("person_id"))
    own = str(page.caller.caller_id)
    renewal = shown.state == "active" and shown.renewal_waits
    submitted = [item.caller_id for item in shown.events if item.event == "renewal_proposed"]
    proposer = submitted[-1] if renewal and submitted else shown.proposed_by
    return page.show(
        "persons/person.html",
        person=shown,
        own=own,
        reviews=page.may("reviewPerson") and (shown.state == "proposed" or renewal) and own != proposer,
        renewal=renewal,
        photo=page.query("photo"),
        viewed={
            item.photo_id for item in shown.events if item.event == "photo_viewed" and item.caller_id == own
        },
        living=shown.state in LIVING,
        words_of={
            "states": STATES,
            "by": BY,
            "scopes": SCOPES,
            "photos": PHOTO_STATES,
            "reasons": REASONS,
            "refusals": REFUSALS,
        },
        event_text=event_text,
    )


@area.form("/persons/{person_id}/photos", operation="addPhotos", again=person, files=4)
def add(page: Page) -> Response:
    """Add photos."""
    person_id = page.uuid("person_id")
    files = [Incoming(file.filename, file.size, file.open) for file in page.files("photo")]
    if not files:
        raise wrong("bad_input", "photo", page.words.text("Choose one photo or more."))
    add_photos(page.service, page.caller, person_id, files)
    return page.go(f"/persons/{person_id}", "photos_added")


@area.form("/persons/{person_id}/photos/{photo_id}/remove", operation="removePhoto", again=person)
def remove(page: Page) -> Response:
    """Remove a photo."""
    person_id = page.uuid("person_id")
    remove_photo(page.service, page.caller, person_id, page.uuid("photo_id"))
    return page.go(f"/persons/{person_id}", "photo_removed")


@area.page("/persons/{person_id}/photos/{photo_id}", operation="showPhoto")
def photo(page: Page) -> Response:
    """Answer with a photo. The view is recorded."""
    kind, raw = get_photo(page.service, page.caller, page.uuid("person_id"), page.uuid("photo_id"))
    return Response(raw, media_type=kind)


@area.form("/persons/{person_id}/review", operation="reviewPerson", again=person)
def review(page: Page) -> Response:
    """Accept or refuse a person, or a new consent."""
    person_id, typed = page.uuid("person_id"), page.typed
    before = get_person(page.service, page.caller, person_id)
    accept = typed.text("decision") == "accept"
    if accept and not typed.text("how").strip():
        raise wrong("unchecked", "how", page.words.text("Describe how you checked it."))
    reason: Refusal = next((name for name in get_args(Refusal) if name == typed.text("reason")), "other")
    decision = Review(
        "accept" if accept else "refuse",
        identity_checked=typed.given("identity_checked"),
        mandate_checked=typed.given("mandate_checked"),
        how=typed.text("how") if accept else None,
        reason=None if accept else reason,
    )
    review_person(page.service, page.caller, person_id, decision)
    subject = "person" if before.state == "proposed" else "consent"
    return page.go(f"/persons/{person_id}", f"{subject}_{'accepted' if accept else 'refused'}")


@area.page("/persons/{person_id}/renewal", operation="renewPerson")
def renewing(page: Page) -> Shown:
    """Show the form for a new consent."""
    shown = get_person(page.service, page.caller, page.uuid("person_id"))
    return page.show("persons/renewal.html", person=shown, by=BY, scopes=SCOPES)


@area.form("/persons/{person_id}/renewal", operation="renewPerson", again=renewing, files=1)
def renew(page: Page) -> Response:
    """Submit a new consent."""
    person_id = page.uuid("person_id")
    renew_person(page.service, page.caller, person_id, consent(page))
    return page.go(f"/persons/{person_id}", "consent_renewed")


@area.form("/persons/{person_id}/revocation", operation="revokePerson", again=person)
def revoke(page: Page) -> Response:
    """Withdraw the consent for the person."""
    person_id = page.uuid("person_id")
    revoke_person(page.service, page.caller, person_id)
    return page.go(f"/persons/{person_id}", "person_revoked")
