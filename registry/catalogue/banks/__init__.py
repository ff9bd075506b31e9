"""Banks: collections of entries with an owner and a matching policy; sharing and overlays.

Owns: `bank`, `bank_share`, `bank_overlay`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.catalogue.banks.store.banks import (
        BankRef,
        Overlays,
        change,
        get_bank,
        limits,
        lock,
        overlays,
        policy_of,
        set_recording,
    )
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "BankRef",
    "Overlays",
    "change",
    "get_bank",
    "limits",
    "lock",
    "overlays",
    "policy_of",
    "set_recording",
]
