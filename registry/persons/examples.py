"""Examples of what goes in and comes out about enrolled persons."""

from __future__ import annotations

from typing import Any, Final

_PERSON: Final = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
_PHOTO: Final = "2f1b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
_ENROLLER: Final = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
_REVIEWER: Final = "6ecd8c99-4036-403d-bf84-cf8400f67836"
_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_CONSENT: Final[dict[str, Any]] = {
    "by": "representative",
    "text": "I agree that the newsroom compares faces in media that it is sent with my photos.",
    "document_sha256": _SHA256,
    "given_at": "2026-01-31T10:00:00+01:00",
    "expires_at": "2026-12-31T00:00:00+01:00",
    "scope": ["lookups", "entries"],
    "minor": False,
    "acting": "Carmen Ruiz, lawyer",
    "mandate_sha256": _SHA256,
}
_KEPT_CONSENT: Final[dict[str, Any]] = {
    **_CONSENT,
    "given_at": "2026-01-31T09:00:00+00:00",
    "expires_at": "2026-12-30T23:00:00+00:00",
    "review": {
        "how": "Passport seen on the phone, mandate checked with the bar.",
        "at": "2026-02-01T08:00:00+00:00",
        "by": _REVIEWER,
    },
}
_BASE: Final[dict[str, Any]] = {
    "person_id": _PERSON,
    "name": "Dolores Ibáñez",
    "state": "active",
    "ended_as": None,
    "revision": 2,
    "consent_by": "representative",
    "consented_at": "2026-01-31T09:00:00+00:00",
    "expires_at": "2026-12-30T23:00:00+00:00",
    "scope": ["lookups", "entries"],
    "identity_checked": True,
    "mandate_checked": True,
    "proposed_by": _ENROLLER,
    "proposed_at": "2026-01-31T09:30:00+00:00",
    "reviewed_by": _REVIEWER,
    "reviewed_at": "2026-02-01T08:00:00+00:00",
    "ended_at": None,
    "erased_at": None,
    "renewal_waits": False,
}
_REFUSED: Final[dict[str, Any]] = {
    "photo_id": _PHOTO,
    "number": 1,
    "filename": "office.jpg",
    "state": "refused",
    "reason": "face_too_small",
    "message": "The face is smaller than 40 pixels; send a larger or closer photo.",
    "other_photo_id": None,
    "faces": [[0.41, 0.2, 0.05, 0.07]],
    "kept": False,
}
_EVENT: Final[dict[str, Any]] = {
    "event": "accepted",
    "actor": "caller",
    "caller_id": _REVIEWER,
    "photo_id": None,
    "revision": 2,
    "at": "2026-02-01T08:00:00+00:00",
}
_WHOLE: Final[dict[str, Any]] = {
    **_BASE,
    "notes": None,
    "consents": [_KEPT_CONSENT],
    "renewal": None,
    "photos": [_REFUSED],
    "events": [_EVENT],
}
_PROPOSED: Final[dict[str, Any]] = {
    **_WHOLE,
    "state": "proposed",
    "revision": 1,
    "identity_checked": False,
    "mandate_checked": False,
    "reviewed_by": None,
    "reviewed_at": None,
    "consents": [{name: value for name, value in _KEPT_CONSENT.items() if name != "review"}],
    "photos": [],
    "events": [{**_EVENT, "event": "proposed", "caller_id": _ENROLLER, "revision": 1}],
}
_ASSESSMENT: Final[dict[str, Any]] = {
    "assessment_id": _REVIEWER,
    "title": "Enrolled faces, version 2",
    "document_sha256": _SHA256,
    "assessed_on": "2026-01-15",
    "recorded_by": "admin",
    "recorded_at": "2026-01-16T08:00:00+00:00",
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "NewPerson": {
        "name": "Dolores Ibáñez",
        "consent": _CONSENT,
        "shows_minor_sexually": False,
        "notes": "Candidate for the city council.",
    },
    "NewConsent": _CONSENT,
    "NewReview": {
        "decision": "accept",
        "identity_checked": True,
        "mandate_checked": True,
        "how": "Passport seen on the phone, mandate checked with the bar.",
    },
    "NewRevocation": {"code": "7ZQ4M-1K8RD-X5T2H-0BWNC-9VFGE"},
    "NewAssessment": {
        "title": "Enrolled faces, version 2",
        "document_sha256": _SHA256,
        "assessed_on": "2026-01-15",
    },
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "ProposedPerson": {**_PROPOSED, "created": True, "revocation_code": "7ZQ4M-1K8RD-X5T2H-0BWNC-9VFGE"},
    "Person": _WHOLE,
    "PersonPage": {
        "persons": [{**_BASE, "photos": {"sent": 3, "usable": 2, "pending": 0}}],
        "next": None,
    },
    "AddedPhotos": {
        "person_id": _PERSON,
        "photos": [
            {
                **_REFUSED,
                "filename": "portrait.jpg",
                "state": "pending",
                "reason": None,
                "message": None,
                "faces": [],
                "kept": True,
                "created": True,
            }
        ],
    },
    "Accepted": {"accepted": True, "message": "If the code is right, the consent is withdrawn now."},
    "Assessment": _ASSESSMENT,
    "AssessmentList": {"assessments": [_ASSESSMENT]},
    "FaceSearchPage": {
        "searches": [
            {
                "at": "2026-01-20T10:15:00+00:00",
                "caller_id": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
                "lookup_id": "c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55",
                "asset_id": None,
                "tracks": 2,
                "persons": 14,
                "skipped": 0,
                "matched": [_PERSON],
            }
        ],
        "next": None,
    },
}
