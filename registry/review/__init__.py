"""Human decisions: the review queue, opinions on matches, disputes."""
