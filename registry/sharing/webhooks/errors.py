"""Errors of webhooks."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, NotFound


class BadWebhookUrl(BadInput):
    meaning = "Neither a public https URL without user and fragment, nor the address of a channel."
    next_step = "Give an https:// address that the service reaches, or one like slack:// or mailtos://."


class ChannelWithoutSecret(Conflict):
    meaning = "Messages of a channel (Slack, Teams, Matrix, Mattermost, mail) are not signed."
    next_step = "If the channel's own secret has leaked, change the webhook's address."


class UnknownKind(BadInput):
    meaning = "Not a kind of event that webhooks receive, nor a pattern such as entry.*."
    next_step = "Examples: entry.reviewed for one kind, entry.* for all about entries, * for everything."


class UnknownWebhook(NotFound):
    meaning = "The organization has no webhook with that id."
    next_step = "List them with GET /v1/webhooks or `fakeprint admin webhook list`."


class NotDead(Conflict):
    meaning = "The message is waiting, was delivered, or is a test."


class WebhookDisabled(Conflict):
    meaning = "The webhook is disabled; activate it first."
    next_step = "Activate it with PATCH, or `fakeprint admin webhook set ID --active`."


class TooManySecrets(Conflict):
    meaning = "Five secrets of the webhook are in use."
    next_step = "Wait until one has expired, or rotate with `overlap_hours` 0."


class TooManyWebhooks(Conflict):
    meaning = "An organization has 20 webhooks at most."
    next_step = "Delete a webhook, or subscribe an existing one to more kinds of events."
