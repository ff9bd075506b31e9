"""Old and new processes side by side on one schema: `make upgrade-check`."""

from __future__ import annotations

from typing import Final

LANDED: Final = 1
"""The last migration that earlier releases know. What comes after may only add."""
