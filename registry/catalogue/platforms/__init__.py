"""Platforms that publish media, normalised web addresses, and the channels by which platforms receive
notices.

The data is in `platforms.toml`.
"""
