"""The page of components."""

from __future__ import annotations

from typing import Final

from tests.browser.shots import Shot

SHOTS: Final = (Shot("design", "/console/design"),)
