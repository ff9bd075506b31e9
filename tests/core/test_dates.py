"""What ends with a day is told by that day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from registry.core.dates import last_day


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("2026-06-30T22:00:00+00:00", date(2026, 6, 30)),  # midnight in Madrid
        ("2026-07-01T00:00:00+00:00", date(2026, 6, 30)),  # midnight in UTC: in Madrid it is two o'clock
        ("2026-07-01T10:00:00+00:00", date(2026, 7, 1)),  # no midnight: that day counts in part
    ],
)
def test_an_end_of_day_is_shown_as_that_day(end: str, told: date) -> None:
    assert last_day(datetime.fromisoformat(end), ZoneInfo("Europe/Madrid"), UTC) == told
