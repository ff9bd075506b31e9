"""Platforms and the channels by which they receive notices. Data in `platforms.toml`."""
