"""Takedown requests: campaigns of notices, their delivery, replies, deadlines and evidence."""
