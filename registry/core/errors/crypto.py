"""Errors of keys and encryption."""

from __future__ import annotations

from registry.core.errors import BadInput, NotFound, Unavailable


class BadRecipient(BadInput):
    meaning = "Media are encrypted for 1 to 10 public keys of age (age1…)."


class BadIdentity(BadInput):
    meaning = "Not an age key, or, for a disclosure, not a key protected by a password."
    message = "It holds no age key (AGE-SECRET-KEY-…)."


class KeyDestroyed(NotFound):
    meaning = "The key of the person's data was destroyed; nobody can read it any more."


class KeysUnavailable(Unavailable):
    meaning = "The keys of persons cannot be read or stored."


class SealedDamaged(Unavailable):
    meaning = "The person's encrypted data cannot be decrypted."


class WeakPassword(BadInput):
    meaning = "On a page: the password has fewer than 12 characters, or is the sign-in name."


class BadKeysUrl(BadInput):
    """FAKEPRINT_KEYS_URL is not an address of a folder."""

    next_step = "Set FAKEPRINT_KEYS_URL to file:///an/absolute/folder."


class BadKmsUrl(BadInput):
    """FAKEPRINT_KMS_URL is not an address of what wraps keys."""

    next_step = "Write file:///an/identity of age, or vault+https://vault.example/transit/NAME."


class NotDeciphered(BadInput):
    """The key or the password does not decrypt it."""
