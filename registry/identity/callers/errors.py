"""Errors of callers and their keys."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class UnknownRole(BadInput):
    meaning = "Not a role that is known, or none."


class BadExpiry(BadInput):
    meaning = "A key or a caller expires in time to come, within ten years."
    next_step = "Give a time to come, within ten years, or null for none."


class BadOverlap(BadInput):
    meaning = "Keys overlap for 0 to 8,784 hours."
    next_step = "Leave it away to keep the older keys as they are."


class UnknownCaller(NotFound):
    meaning = "No caller of that id in the key's organization."
    next_step = "List yours with GET /v1/callers or `fakeprint admin caller list`."


class UnknownKey(NotFound):
    meaning = "No key of that id of this caller."


class OrganizationClosed(Conflict):
    meaning = "The organization is closed; 500 with a lookup that was queued when it was."


class HasAdministrator(Conflict):
    meaning = "The organization has an administrator, who makes its callers."
    next_step = "Ask them; only an organization without one is given a caller from here."


class LastAdmin(Conflict):
    meaning = "Nobody would be left who may administer the organization."
    next_step = "Make another one first: `fakeprint admin caller add NAME --role admin`."


class CallerOver(Conflict):
    meaning = "The caller was revoked or has expired."


class TooManyKeys(Conflict):
    meaning = "A caller has ten keys at most that work."
    next_step = "Revoke one of them, or replace all with `overlap_hours` 0."
