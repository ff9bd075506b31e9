"""Repeat the canary lookups, whose answers are known."""

from __future__ import annotations

import logging

from registry.core.errors import FakeprintError
from registry.operations.service import look_up_canaries
from workers.app import service, task

log = logging.getLogger(__name__)


@task("fakeprint.ask_canaries")
def ask_canaries() -> None:
    """Run each canary once."""
    try:
        look_up_canaries(service())
    except FakeprintError as error:
        log.warning("canaries were not looked up (%s): %s", error.code, error.message)
