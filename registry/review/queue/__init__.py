"""What waits for a reviewer, who has claimed it, and the decisions from which an entry's tier follows.
Owns: `review_item`, `review_claim`, `review`, `review_medium`."""
