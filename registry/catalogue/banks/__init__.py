"""Banks: collections of entries with an owner and a matching policy; sharing and overlays.

Owns: `bank`, `bank_share`, `bank_overlay`.
"""
