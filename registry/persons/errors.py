"""Errors of persons and their consent."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class BadIdempotencyKey(BadInput):
    meaning = "An `Idempotency-Key` has 8 to 200 visible ASCII characters."
    next_step = "Send a random UUID."


class BadScope(BadInput):
    meaning = "A consent covers `lookups`, `entries` or both."


class ConsentInFuture(BadInput):
    meaning = "The consent is dated later than now."
    next_step = "Send the time with its offset, as in 2026-11-25T10:00:00+14:00."


class ConsentTooLong(BadInput):
    meaning = "A consent holds for twelve months at most."
    next_step = "Give an earlier `expires_at`, and renew it in time."


class ConsentOver(BadInput):
    meaning = "The consent has ended."
    next_step = "Ask for a new consent."


class ConsentNotNewer(BadInput):
    meaning = "A renewal needs a consent given after the one in force."
    next_step = "Ask the person for a new consent."


class GuardianNeeded(BadInput):
    meaning = "Only a guardian consents for a minor, and a guardian only for a minor."
    next_step = (
        'Send `by: "guardian"`, `minor: true` and the guardian\'s name as `acting` (--by guardian --minor '
        "--acting NAME --mandate FILE)."
    )


class MandateNeeded(BadInput):
    meaning = "A representative or guardian must be named, with the document that entitles them."


class Unchecked(BadInput):
    meaning = "To accept, the identity must be checked, and the mandate if somebody acts for the person."
    next_step = "Check them, and send `identity_checked`, `mandate_checked` and `how`."


class UnknownPerson(NotFound):
    meaning = "The key's organization has no person of that id."
    next_step = "List them with GET /v1/persons or `fakeprint persons list`."


class NoAssessment(Conflict):
    meaning = "The operator has recorded no data-protection assessment."
    next_step = "An administrator records it: `fakeprint admin assessment record FILE --title TITLE`."


class IdempotencyKeyUsed(Conflict):
    meaning = "The key was used with another request, or its person was decided on."


class PhotosPending(Conflict):
    meaning = "Photos of the person are still being read."
    next_step = "Wait, and try again."


class PhotosUnseen(Conflict):
    meaning = "To accept, you must have viewed each usable photo; `photo_ids` lists those not viewed."
    next_step = "View each: GET /v1/persons/{id}/photos/{photo_id}, or `fakeprint persons photos`."


class NoUsablePhoto(Conflict):
    meaning = "The person has no usable photo; each photo has a reason."
    next_step = "See the reason of each photo, and add others."


class ConsentEndedMeanwhile(Conflict):
    code = "consent_over"
    meaning = ConsentOver.meaning
