"""Errors of watches."""

from __future__ import annotations

from registry.core.errors import BadInput, NotFound


class WatchTooLong(BadInput):
    meaning = "The organization's lookups may not be watched for so many days, or not at all."
    next_step = "An administrator of your organization can allow more, up to the deployment's limit."


class UnknownWatch(NotFound):
    meaning = "The key's organization has no watch of that id, or the watch has ended."
    next_step = "List them with GET /v1/watches or `fakeprint watches list`."
