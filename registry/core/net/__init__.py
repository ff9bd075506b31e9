"""Outgoing traffic: mail, and HTTP requests to URLs from others (private addresses are refused)."""
