"""Fakeprint's service: the registry of known fakes, its API, its pages and its command line."""

__version__ = "0.1.0"
