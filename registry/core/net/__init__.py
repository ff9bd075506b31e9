"""Outgoing traffic: HTTP requests to addresses that others name (private addresses are refused) and mail."""
