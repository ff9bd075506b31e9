"""Events about media of entries, for rooms above. Each event carries the asset's id."""

from __future__ import annotations

from typing import Final

from registry.core.subscribers import Event

fingerprint_replaced: Final = Event("fingerprint_replaced")
"""A worker has fingerprinted the media. Entries that wait for it are not matchable yet."""
entries_settled: Final = Event("entries_settled")
"""Entries that waited only for this asset are matchable now."""
media_enrolled: Final = Event("media_enrolled")
"""All rows of the media and of its entries are written."""
