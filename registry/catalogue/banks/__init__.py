"""Banks: collections of entries with an owner and a matching policy; sharing and overlays.

Owns the tables `bank`, `bank_share` and `bank_overlay`.
"""
