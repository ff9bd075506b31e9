"""Clients, on whose behalf notices are sent, and their mandates. Personal data is encrypted with a key per
client."""
