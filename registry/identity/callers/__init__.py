"""Callers and API keys: authentication and roles. Owns: `caller`, `api_key`."""
