"""Errors of signed assertions."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class NotAssertable(Conflict):
    meaning = "The entry's bank does not allow signed assertions."
    next_step = "Its owner allows them: `fakeprint admin bank set BANK assertions=true`."


class NotAsserted(Conflict):
    meaning = "Nothing is asserted of an entry that is not reviewed, or does not stand."
    next_step = "A reviewer of another organization confirms it: `fakeprint review list`."


class UnknownList(NotFound):
    meaning = "No such list of assertions that were taken back."
    next_step = (
        "Assertions name theirs in `credentialStatus`, where the operator has set FAKEPRINT_PUBLIC_URL."
    )


class BadStatusList(BadInput):
    """A file holds no status list of assertions."""

    next_step = (
        "Fetch what `credentialStatus` of the assertion names: fakeprint entries assertion ID --status FILE."
    )


class NoStatusList(BadInput):
    """The service publishes no status lists."""

    next_step = "Its operator sets FAKEPRINT_PUBLIC_URL; until then ask for a new assertion."
