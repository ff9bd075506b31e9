"""Detection of callers that reconstruct a stored hash by near-identical queries. Owns: `reconstruction`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.matching.abuse.store import forget as forget_old
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "forget_old",
]
