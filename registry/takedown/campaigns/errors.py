"""Errors of clients, campaigns and releases."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class MayNotSign(BadInput):
    meaning = "Nobody of that capacity signs under the regime."


class MandateExpired(BadInput):
    meaning = "The mandate has ended."
    next_step = "Ask whoever is depicted for a new one."


class BadEmail(BadInput):
    meaning = "A client or a signatory has an address that is no e-mail address."
    next_step = "Give one address alone, as lucia@bufete.example."


class BadElement(BadInput):
    meaning = "An element is a text, true or false, by its id."


class BadReceiver(BadInput):
    meaning = "Not a short name of a recipient."
    next_step = "Name the recipient of the export, such as lumen."


class BadRelease(BadInput):
    meaning = "A field is unknown, or texts are released without all other fields."


class UnknownRelease(NotFound):
    meaning = "The campaign has no such release."


class UnknownClient(NotFound):
    meaning = "No client of that id of the key's organization."


class UnknownCampaign(NotFound):
    meaning = "No campaign of that id of the key's organization."
    next_step = "`fakeprint takedown status` lists yours."


class CampaignClosed(Conflict):
    meaning = "The campaign is closed."


class NoEntry(BadInput):
    """A campaign is begun without an entry."""
