"""Rate limits and quotas, shared between processes by leases of tokens. Owns: `quota`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.identity.quotas.store import usage_of
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "usage_of",
]
