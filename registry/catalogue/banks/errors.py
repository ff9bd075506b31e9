"""Errors of banks."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Forbidden, NotFound


class BadPolicy(BadInput):
    meaning = "A bank's policy has an unknown setting, or one of a wrong value."
    message = "min_related must not exceed min_confidence."


class BeyondPolicy(BadInput):
    meaning = "The bank does not allow others to set that so for themselves."
    next_step = "Set it stricter; the bank's owner decides how far it may be looser."


class BadVisibility(BadInput):
    meaning = "A bank is private, shared or public; a negative one is private."


class BadKind(BadInput):
    meaning = "A bank is of kind fakes or negative."


class OwnOrganization(BadInput):
    meaning = "A bank is shared with others."


class NotListed(Forbidden):
    meaning = "The bank's entries are not listed for others."
    next_step = "Ask its owner: the policy setting `subscribers_list`, and a share by name."


class NotShared(NotFound):
    meaning = "The bank is not shared with that organization."


class OwnBank(Conflict):
    meaning = "The bank is the organization's own: its policy is what counts."
    next_step = "Change that: `fakeprint admin bank set NAME SETTING=VALUE`."


class NegativeBank(Conflict):
    meaning = "A negative bank acts for its owner alone."


class TooManyShares(Conflict):
    meaning = "A bank is shared with 1,000 organizations at most."
    next_step = "Make it public: `fakeprint admin bank set NAME visibility=public`."


class BankNotEmpty(Conflict):
    meaning = "The bank holds entries; they can be withdrawn with it."
    next_step = "Withdraw them with it: `fakeprint admin bank delete NAME --withdraw`."


class CourtOrdered(Conflict):
    meaning = "The bank holds entries that stand under a court's order."
    next_step = "Only an order ends that; make the bank private meanwhile."


class UnknownBank(NotFound):
    meaning = "No bank of that name that the key may use."


class AmbiguousBank(Conflict):
    meaning = "Several banks that the key may use have that name; give its id."
    next_step = "Give its id: GET /v1/banks or `fakeprint admin bank list`."


class BankExists(Conflict):
    meaning = "The organization has a bank of that name."


class NotPublishable(Conflict):
    meaning = "A negative bank, or one that is filled from elsewhere, has no feed."
    next_step = "Publish a bank that holds entries of your own: `fakeprint admin bank add NAME`."


class BankFull(Conflict):
    meaning = "The bank holds as many entries, media or bytes as it may."
