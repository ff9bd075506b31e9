"""RFC 3161 timestamps of checkpoints. Owns: `ledger_stamp`, `ledger_timestamping`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.transparency.timestamps.store import State, state
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["State", "state"]
