"""Repeat the canary lookups, whose answers are known."""

from __future__ import annotations

import logging

from registry.core.errors import FakeprintError
from registry.operations.service import ask_canaries as ask
from workers.app import service, task

log = logging.getLogger(__name__)


@task("fakeprint.ask_canaries")
def ask_canaries() -> None:
    """Run each canary once."""
    try:
        ask(service())
    except FakeprintError as error:
        log.warning("canaries were not asked (%s): %s", error.code, error.message)
