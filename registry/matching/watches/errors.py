"""Errors of watches."""

from __future__ import annotations

from registry.core.errors import BadInput, NotFound


class WatchTooLong(BadInput):
    meaning = "Lookups of the organization may not be watched for so long, or not at all."
    next_step = "An administrator of your organization may allow more, up to what the deployment does."


class UnknownWatch(NotFound):
    meaning = "No watch of that id of the key's organization, or its time is over."
    next_step = "List them with GET /v1/watches or `fakeprint watches list`."
