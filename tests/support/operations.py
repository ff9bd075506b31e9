"""Metrics of the workers."""

from __future__ import annotations

from registry.core.service import Service
from tests.support.service.rows import write


def forget_work_times(service: Service) -> None:
    """Let no worker have done anything."""
    write(service, "DELETE FROM work_time")
