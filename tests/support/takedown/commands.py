"""Run takedown commands against a running service."""

from __future__ import annotations

import json
from typing import Any

from tests.support.service.api import Api
from tests.support.service.stack import within


class Run:
    """The command line, with a caller's key."""

    def __init__(self, api: Api, key: str) -> None:
        self.environment = {"FAKEPRINT_URL": api.url, "FAKEPRINT_KEY": key}

    def __call__(self, *words: str, status: int = 0) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text(*words, "--json", status=status).splitlines()]

    def text(self, *words: str, status: int = 0) -> str:
        done = within("takedown", *words, **self.environment)
        assert done.status == status, done.stdout + done.stderr
        return done.stdout
