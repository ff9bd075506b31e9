"""The form of a registration."""

from __future__ import annotations

from typing import Final

from tests.browser.shots import Shot

SHOTS: Final = (Shot("register", "/console/register"),)
