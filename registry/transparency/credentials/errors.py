"""Errors of signed assertions."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class NotAssertable(Conflict):
    meaning = "The entry's bank does not allow signed assertions."
    next_step = "Its owner allows them: `fakeprint admin bank set BANK assertions=true`."


class NotAsserted(Conflict):
    meaning = "The entry is not reviewed, or not in force, so nothing is asserted about it."
    next_step = "A reviewer of another organization confirms it: `fakeprint review list`."


class UnknownList(NotFound):
    meaning = "No such status list of assertions."
    next_step = (
        "Assertions name their lists in `credentialStatus` if the operator has set FAKEPRINT_PUBLIC_URL."
    )


class BadStatusList(BadInput):
    """The file contains no status list of assertions."""

    next_step = "Fetch the lists that the assertion names: fakeprint entries assertion ID --status FILE."


class NoStatusList(BadInput):
    """The service publishes no status lists."""

    next_step = "The operator has to set FAKEPRINT_PUBLIC_URL. Until then request a new assertion."
