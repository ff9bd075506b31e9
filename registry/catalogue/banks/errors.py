"""Errors of banks."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Forbidden, NotFound


class BadPolicy(BadInput):
    meaning = "A bank's policy has an unknown setting, or one of a wrong value."
    message = "min_related must not exceed min_confidence."


class BeyondPolicy(BadInput):
    meaning = "The bank does not allow other organizations to set this value."
    next_step = "Set a stricter value. The bank's owner decides how loose it may be."


class BadVisibility(BadInput):
    meaning = "A bank is private, shared or public; a negative bank is private."


class BadKind(BadInput):
    meaning = "A bank is of kind fakes or negative."


class OwnOrganization(BadInput):
    meaning = "A bank can be shared only with other organizations."


class NotListed(Forbidden):
    meaning = "The bank's entries are not listed for other organizations."
    next_step = "Ask its owner to set `subscribers_list`, and to share the bank with you by name."


class NotShared(NotFound):
    meaning = "The bank is not shared with that organization."


class OwnBank(Conflict):
    meaning = "The bank belongs to your organization, so its own policy applies."
    next_step = "Change the policy: `fakeprint admin bank set NAME SETTING=VALUE`."


class NegativeBank(Conflict):
    meaning = "A negative bank works for its owner only and cannot be shared."


class TooManyShares(Conflict):
    meaning = "A bank is shared with 1,000 organizations at most."
    next_step = "Make it public: `fakeprint admin bank set NAME visibility=public`."


class BankNotEmpty(Conflict):
    meaning = "The bank holds entries. They can be withdrawn with it."
    next_step = "Withdraw them with it: `fakeprint admin bank delete NAME --withdraw`."


class CourtOrdered(Conflict):
    meaning = "The bank holds entries under a court order."
    next_step = "Only another court order ends this. You can make the bank private meanwhile."


class UnknownBank(NotFound):
    meaning = "The key may use no bank of that name."


class AmbiguousBank(Conflict):
    meaning = "The key may use several banks of that name."
    next_step = "Give its id: GET /v1/banks or `fakeprint admin bank list`."


class BankExists(Conflict):
    meaning = "The organization already has a bank of that name."


class NotPublishable(Conflict):
    meaning = "A negative bank, or a bank filled from another source, cannot be published."
    next_step = "Publish a bank that holds entries of your own: `fakeprint admin bank add NAME`."


class BankFull(Conflict):
    meaning = "The bank has reached its limit of entries, media or bytes."
