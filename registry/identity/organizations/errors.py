"""Errors of organizations."""

from __future__ import annotations

from registry.core.errors import Conflict, Forbidden, NotFound


class NotOperator(Forbidden):
    meaning = "That is for administrators of the first organization, which runs the deployment."
    next_step = "Ask them."


class UnknownOrganization(NotFound):
    meaning = "No organization of that id that the key may see."


class OrganizationExists(Conflict):
    meaning = "There is an organization of that name."


class OperatingOrganization(Conflict):
    meaning = "The organization that runs the deployment cannot be closed."
