"""The area of protected people: its navigation, messages, and the words for codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from registry.console.area import Area
from registry.console.languages import N_
from registry.console.view import Nav

area = Area(
    "persons",
    nav=(
        Nav(
            "/persons",
            N_("Protected people"),
            "listPersons",
            N_("People whose faces are looked for with their consent."),
            60,
        ),
    ),
    says={
        "photos_added": N_("The photos are stored encrypted. The service looks at them now."),
        "photo_removed": N_("The photo is deleted."),
        "person_accepted": N_("Accepted. Lookups of your organization now find this person."),
        "person_refused": N_("Refused. The personal data is destroyed."),
        "consent_accepted": N_("The new consent is in force."),
        "consent_refused": N_("The new consent is dropped. The earlier one stays in force until it ends."),
        "consent_renewed": N_("The new consent waits for a reviewer."),
        "person_revoked": N_("The consent is withdrawn. The personal data is destroyed."),
        "assessment_recorded": N_("The assessment is on record. People can be proposed now."),
    },
    explains={
        "no_assessment": N_(
            "Nobody can be proposed yet. The operator of this service has to record a data-protection "
            "assessment first."
        ),
        "consent_in_future": N_("The consent is dated in the future. Check the date."),
        "consent_too_long": N_("A consent holds for twelve months at most. Choose an earlier end."),
        "consent_over": N_("The consent has ended already. Ask for a new one."),
        "consent_not_newer": N_("The new consent must be later than the one in force."),
        "guardian_needed": N_("For a minor a guardian consents, and a guardian consents only for a minor."),
        "mandate_needed": N_(
            "If somebody consents for the person, give their name and the document that entitles them. "
            "If the person consents, leave both empty."
        ),
        "bad_scope": N_("Choose what the consent covers."),
        "unchecked": N_("To accept, confirm that you checked who the person is, and every document needed."),
        "photos_pending": N_("The service still looks at a photo. Try again in a minute."),
        "photos_unseen": N_("To accept, look at every usable photo first."),
        "no_usable_photo": N_("No photo can be used. Each photo below says why."),
        "second_reviewer": N_("You proposed this. Somebody else of your organization has to decide."),
        "minor_protection": N_(
            "Nothing was stored. If media may show a minor sexually, report it to the hotline of your "
            "country: https://www.inhope.org lists them."
        ),
        "wrong_state": N_("That is no longer possible: somebody has decided, or the consent has ended."),
        "unknown_person": N_("Your organization has no such person."),
        "unknown_photo": N_("The photo is no longer stored."),
        "too_many_photos": N_("A person can have 20 photos."),
        "bad_code": N_("That is not a code, or it was mistyped. It has 25 letters and digits."),
        "bad_sha256": N_("Choose the document."),
    },
)

STATES: Final[Mapping[str, str]] = {
    "proposed": N_("Waiting for a reviewer"),
    "active": N_("Protected"),
    "refused": N_("Refused"),
    "revoked": N_("Consent withdrawn"),
    "expired": N_("Expired"),
    "erased": N_("Erased"),
}
BY: Final[Mapping[str, str]] = {
    "self": N_("The person"),
    "representative": N_("A representative, such as a lawyer"),
    "guardian": N_("A guardian of a minor"),
}
SCOPES: Final[Mapping[str, str]] = {
    "lookups": N_("Media that your organization looks up"),
    "entries": N_("Media that your organization registers"),
}
REFUSALS: Final[Mapping[str, str]] = {
    "identity": N_("It is not clear who the person is"),
    "mandate": N_("The representative is not entitled"),
    "consent": N_("The consent is not valid"),
    "photos": N_("The photos do not fit"),
    "other": N_("Another reason"),
}
PHOTO_STATES: Final[Mapping[str, str]] = {
    "pending": N_("Being examined"),
    "usable": N_("Usable"),
    "refused": N_("Not usable"),
}
REASONS: Final[Mapping[str, str]] = {
    "unreadable": N_("It cannot be read. Save it as JPEG, PNG or WebP."),
    "too_large": N_("It is too large. Scale it down."),
    "not_read": N_("The service failed to read it. Send it again."),
    "no_face": N_("No face was found. Send a photo that shows the face close up and from the front."),
    "several_faces": N_("It shows several people. Cut it to the person’s face."),
    "face_too_small": N_("The face is too small. Send a larger or closer photo."),
    "too_blurred": N_("The face is blurred. Send a sharper photo."),
    "too_dark": N_("The face is too dark. Send a photo with more light."),
    "profile": N_("The face looks aside. Send a photo from the front."),
    "not_a_photo": N_("It looks drawn or rendered. Send a photograph."),
    "same_photo_twice": N_("It is the same picture as another photo. Send a different one."),
    "different_people": N_("The face differs from that of the other photos. Remove photos of other people."),
}
EVENTS: Final[Mapping[str, str]] = {
    "proposed": N_("Proposed"),
    "photo_added": N_("Photo added"),
    "photo_read": N_("Photo examined"),
    "photo_removed": N_("Photo removed"),
    "photo_viewed": N_("Photo viewed"),
    "accepted": N_("Accepted"),
    "refused": N_("Refused"),
    "renewal_proposed": N_("New consent submitted"),
    "renewal_refused": N_("New consent refused"),
    "renewed": N_("New consent accepted"),
    "revoked": N_("Consent withdrawn"),
    "expired": N_("Expired"),
    "erased": N_("Personal data destroyed"),
}


def event_text(code: str) -> str:
    """Return the text of a recorded act. The code of a refusal also holds its reason."""
    plain = next((known for known in ("renewal_refused", "refused") if code.startswith(known)), code)
    return EVENTS.get(plain, plain)
