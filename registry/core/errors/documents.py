"""Errors of archives."""

from __future__ import annotations

from registry.core.errors import TooLarge


class BundleTooLarge(TooLarge):
    meaning = "A bundle has at most 5,000 notices, 60,000 files, 1 GiB; with media 4 GiB."
    next_step = "Take the bundles of single notices."
