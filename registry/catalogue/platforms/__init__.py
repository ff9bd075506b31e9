"""Platforms that publish media, normalised web addresses, and the channels by which platforms receive
notices.

The data is in `platforms.toml`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.catalogue.platforms.service import PlatformKey, load_keys, name_of, normalised, place, table
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["PlatformKey", "load_keys", "name_of", "normalised", "place", "table"]
