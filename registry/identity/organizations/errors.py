"""Errors of organizations."""

from __future__ import annotations

from registry.core.errors import Conflict, Forbidden, NotFound


class NotOperator(Forbidden):
    meaning = "Only administrators of the first organization, which runs the deployment, may do this."
    next_step = "Ask one of them."


class UnknownOrganization(NotFound):
    meaning = "There is no organization of that id, or the key may not see it."


class OrganizationExists(Conflict):
    meaning = "Another organization has that name."


class OperatingOrganization(Conflict):
    meaning = "The organization that runs the deployment cannot be closed."
