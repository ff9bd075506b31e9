"""The review queue: waiting entries, claims, and the decisions that determine an entry's tier.

Owns the tables `review_item`, `review_claim`, `review` and `review_medium`.
"""
