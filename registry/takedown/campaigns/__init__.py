"""Campaigns: each has a client, a mandate, entries and legal regimes. Fields can be released to recipients.

Owns: `client`, `mandate`, `campaign`, `campaign_entry`, `notice_release`.
"""
