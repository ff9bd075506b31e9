"""Errors of backups."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Unavailable


class BadBackup(BadInput):
    meaning = "A backup is incomplete or damaged; the message names the part."
    next_step = "Use another backup."


class BackupKeyNeeded(BadInput):
    meaning = "The backup is encrypted, and no key was given."
    next_step = "Give the file of age-keygen that belongs to the recipient: --identity key.txt."


class RestoreNotEmpty(Conflict):
    meaning = "A backup is restored only into an empty place."
    next_step = "Choose another data folder or database, or move the old one aside."


class DatabaseProgramFailed(Unavailable):
    meaning = "pg_dump or pg_restore failed; the message is theirs."
