"""What happens to media of entries, for rooms above. Each event is told by the asset's id."""

from __future__ import annotations

from typing import Final

from registry.core.subscribers import Event

fingerprint_replaced: Final = Event("fingerprint_replaced")
"""A worker has read the media; entries that wait for it are not open yet."""
entries_settled: Final = Event("entries_settled")
"""Entries that only waited for the asset are open now."""
media_enrolled: Final = Event("media_enrolled")
"""All is written of the media and its entries."""
