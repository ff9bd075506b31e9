"""The review queue: waiting entries, claims, and the decisions that determine an entry's tier.

Owns: `review_item`, `review_claim`, `review`, `review_medium`.
"""

from registry.review.queue.store import release_claims

__all__ = ["release_claims"]
