"""Errors of clients, campaigns and releases."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class MayNotSign(BadInput):
    meaning = "Nobody signs in that capacity under the regime."


class MandateExpired(BadInput):
    meaning = "The mandate has ended."
    next_step = "Ask the person depicted for a new one."


class BadEmail(BadInput):
    meaning = "The e-mail address of a client or a signatory is invalid."
    next_step = "Give a single address, such as lucia@bufete.example."


class BadElement(BadInput):
    meaning = "An element has an id, and is a text, true or false."


class BadReceiver(BadInput):
    meaning = "Not a short name of a recipient."
    next_step = "Name the recipient of the export, such as lumen."


class BadRelease(BadInput):
    meaning = "A field is unknown, or texts are released without all other fields."


class UnknownRelease(NotFound):
    meaning = "The campaign has no such release."


class UnknownClient(NotFound):
    meaning = "The key's organization has no client with that id."


class UnknownCampaign(NotFound):
    meaning = "The key's organization has no campaign with that id."
    next_step = "`fakeprint takedown status` lists yours."


class CampaignClosed(Conflict):
    meaning = "The campaign is closed."


class NoEntry(BadInput):
    """A campaign is created without an entry."""
