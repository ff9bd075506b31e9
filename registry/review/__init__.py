"""Decisions of people: the review queue, opinions on matches, disputes."""
