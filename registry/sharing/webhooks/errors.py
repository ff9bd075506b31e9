"""Errors of webhooks."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class BadWebhookUrl(BadInput):
    meaning = "A webhook is at an https address that is public, without user or fragment."
    next_step = "Give an https:// address that the service can reach over the internet."


class UnknownKind(BadInput):
    meaning = "Not a kind of event, or a pattern such as entry.*, that is told of."
    next_step = "A kind is such as entry.reviewed; entry.* stands for all of them, * for everything."


class UnknownWebhook(NotFound):
    meaning = "No webhook of that id of the key's organization."
    next_step = "List them with GET /v1/webhooks or `fakeprint admin webhook list`."


class NotDead(Conflict):
    meaning = "The message waits or was delivered, or is a test."


class WebhookDisabled(Conflict):
    meaning = "The webhook is disabled; make it active first."
    next_step = "Make it active first: PATCH it, or `fakeprint admin webhook set ID --active`."


class TooManySecrets(Conflict):
    meaning = "Five secrets of the webhook sign already."
    next_step = "Wait until one has expired, or rotate with `overlap_hours` 0."


class TooManyWebhooks(Conflict):
    meaning = "An organization has 20 webhooks at most."
    next_step = "Delete one, or let one be told of more kinds of events."
