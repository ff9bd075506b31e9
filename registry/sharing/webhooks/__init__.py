"""Webhooks (Standard Webhooks): subscriptions, signed messages in order, retries, replay.

Owns: `webhook`, `webhook_secret`, `webhook_delivery`, `event_untold`, `match_cursor`.
"""
