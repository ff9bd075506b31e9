"""The review queue: waiting entries, claims, and the decisions that determine an entry's tier.

Owns: `review_item`, `review_claim`, `review`, `review_medium`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.review.queue.store import release_claims
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["release_claims"]
