"""Takedown notices: campaigns, delivery, replies, deadlines, recurrences and evidence."""
