"""Media that declare their origin."""

from __future__ import annotations

import hashlib
from typing import Final

from registry.catalogue.provenance.model.provenance import Manifest

STORE: Final = b"jumb"


SOURCE: Final = Manifest(
    "trusted",
    "reader",
    STORE,
    hashlib.sha256(STORE).hexdigest(),
    len(STORE),
    signer="Camera, Example",
    declared="capture",
    source=True,
)
