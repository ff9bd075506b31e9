"""What people decide: the review queue, opinions on matches, disputes."""
