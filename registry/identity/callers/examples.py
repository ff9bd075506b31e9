"""Examples of organizations, callers and keys, by name."""

from __future__ import annotations

from typing import Any, Final

_ORGANIZATION: Final = "6e0f6c1b-5d3a-4f0e-9b57-2f6a7c1d8e90"
_CALLER: Final = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
_KEY_ID: Final = "93a1f2de-4b7c-4a55-8a0e-6f1d2c3b4a59"
_LIMITS: Final[dict[str, Any]] = {"rate": 50.0, "daily": 100_000, "monthly": None}
_NO_LIMITS: Final[dict[str, Any]] = {"rate": None, "daily": None, "monthly": None}
_KEY: Final[dict[str, Any]] = {
    "key_id": _KEY_ID,
    "prefix": "fp_EXAMPLE1",
    "state": "active",
    "created_at": "2026-01-31T09:30:00+00:00",
    "expires_at": "2027-01-31T00:00:00+00:00",
    "revoked_at": None,
    "last_used_at": "2026-03-01T12:05:00+00:00",
}
_SHOWN: Final[dict[str, Any]] = {
    "caller_id": _CALLER,
    "organization_id": _ORGANIZATION,
    "name": "upload pipeline",
    "roles": ["lookup"],
    "state": "active",
    "created_at": "2026-01-31T09:30:00+00:00",
    "expires_at": None,
    "revoked_at": None,
    "limits": _NO_LIMITS,
    "keys": [_KEY],
}
_TAKES_PART: Final[dict[str, Any]] = {
    "organization_id": _ORGANIZATION,
    "name": "Example Platform",
    "state": "active",
    "created_at": "2026-01-31T09:30:00+00:00",
    "closed_at": None,
    "callers": 3,
    "limits": _LIMITS,
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "NewCaller": {"name": "upload pipeline", "roles": ["lookup"], "organization": "Example Platform"},
    "CallerChange": {"roles": ["lookup", "register"]},
    "NewKey": {"overlap_hours": 24.0},
    "NewLimits": {"rate": 50.0, "daily": 100_000},
    "NewOrganization": {"name": "Example Platform", "limits": {"rate": 50.0, "daily": 100_000}},
    "OrganizationChange": {"limits": {"rate": 100.0}},
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Caller": {
        "caller_id": _CALLER,
        "organization_id": _ORGANIZATION,
        "name": "upload pipeline",
        "roles": ["lookup"],
        "expires_at": None,
        "key_id": _KEY_ID,
        "prefix": "fp_EXAMPLE1",
        "key": "fp_EXAMPLE",
    },
    "ShownCaller": _SHOWN,
    "CallerPage": {"callers": [_SHOWN], "next": None},
    "MadeKey": {**_KEY, "last_used_at": None, "caller_id": _CALLER, "key": "fp_EXAMPLE"},
    "LimitedCaller": {"caller_id": _CALLER, "organization_id": _ORGANIZATION, "limits": _LIMITS},
    "Organization": _TAKES_PART,
    "ReconstructionOfOrganization": {
        "organization_id": _TAKES_PART["organization_id"],
        "refused_until": "2026-11-25T11:00:00+00:00",
        "suspected": [
            {
                "caller_id": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
                "algorithm": "pdq.1",
                "bits": 33,
                "suspected_at": "2026-11-25T10:00:00+00:00",
            }
        ],
    },
    "OrganizationLimits": {
        "organization_id": _ORGANIZATION,
        "name": "Example Platform",
        "state": "active",
        "limits": _LIMITS,
        "used": {"day": 1204, "month": 31022},
        "callers": [
            {
                "caller_id": _CALLER,
                "name": "upload pipeline",
                "roles": ["lookup"],
                "limits": _NO_LIMITS,
                "used": {"day": 0, "month": 0},
            }
        ],
        "banks": [
            {
                "bank_id": "9c5b94b1-35ad-49bb-b118-8e8fc24abf80",
                "name": "default",
                "kind": "fakes",
                "holds": {"entries": 12, "media": 31, "bytes": 480_000_000},
                "limits": {"entries": 1000, "media": None, "bytes": None},
            }
        ],
        "next": None,
    },
    "OrganizationPage": {"organizations": [_TAKES_PART], "next": None},
    "Myself": {
        "caller_id": _CALLER,
        "name": "upload pipeline",
        "organization": {
            "organization_id": _ORGANIZATION,
            "name": "Example Platform",
            "operator": False,
            "limits": _LIMITS,
            "used": {"day": 1204, "month": 31022},
        },
        "roles": ["lookup"],
        "key": _KEY,
        "limits": _NO_LIMITS,
        "used": {"day": 0, "month": 0},
    },
}
