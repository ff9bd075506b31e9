"""Clients and mandates: for whom notices are sent; all that is personal is encrypted under a key per
client."""
