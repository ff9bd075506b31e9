"""Errors of keys and encryption."""

from __future__ import annotations

from registry.core.errors import BadInput, NotFound, Unavailable


class BadRecipient(BadInput):
    meaning = "Media are encrypted for 1 to 10 public keys of age (age1…)."


class BadIdentity(BadInput):
    meaning = "Not a key of age, or, of a disclosure, not one that a password ciphers."
    message = "It holds no key of age (AGE-SECRET-KEY-…)."


class KeyDestroyed(NotFound):
    meaning = "The person's data can no longer be read by anybody."


class KeysUnavailable(Unavailable):
    meaning = "The persons' keys cannot be read or kept."


class SealedDamaged(Unavailable):
    meaning = "What is kept of the person cannot be opened."


class WeakPassword(BadInput):
    meaning = "On a page: a password has fewer than 12 characters, or is the name."


class BadKeysUrl(BadInput):
    """FAKEPRINT_KEYS_URL is not an address of a folder."""

    next_step = "Set FAKEPRINT_KEYS_URL to file:///an/absolute/folder."


class NotDeciphered(BadInput):
    """The key or the password does not decrypt it."""
