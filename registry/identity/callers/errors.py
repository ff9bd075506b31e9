"""Errors of callers and their keys."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class UnknownRole(BadInput):
    meaning = "A role is unknown, or no role was given."


class BadExpiry(BadInput):
    meaning = "`expires_at` is in the past, or more than ten years ahead."
    next_step = "Give a time within the next ten years, or null for no expiry."


class BadOverlap(BadInput):
    meaning = "`overlap_hours` is not between 0 and 8,784."
    next_step = "Leave it out to keep the older keys as they are."


class UnknownCaller(NotFound):
    meaning = "No caller of that id in the key's organization."
    next_step = "List yours with GET /v1/callers or `fakeprint admin caller list`."


class UnknownKey(NotFound):
    meaning = "The caller has no key of that id."


class OrganizationClosed(Conflict):
    meaning = "The organization is closed. A lookup that was queued at that time gets status 500."


class HasAdministrator(Conflict):
    meaning = "The organization has an administrator, who creates its callers."
    next_step = "Ask that administrator. Only an organization without one gets a caller from the operator."


class LastAdmin(Conflict):
    meaning = "The organization would have no administrator left."
    next_step = "Create another one first: `fakeprint admin caller add NAME --role admin`."


class CallerOver(Conflict):
    meaning = "The caller was revoked or has expired."


class TooManyKeys(Conflict):
    meaning = "The caller already has ten active keys."
    next_step = "Revoke one of them, or replace all with `overlap_hours` 0."
