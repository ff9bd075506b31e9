"""Banks: collections of entries with an owner and a matching policy; sharing and overlays.

Owns: `bank`, `bank_share`, `bank_overlay`.
"""

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
