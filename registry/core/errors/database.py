"""Errors of the database."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Unavailable


class DatabaseUnavailable(Unavailable):
    meaning = "The database cannot be reached."
    message = "The database takes no writes: it is a copy."


class DatabaseTimeout(Unavailable):
    meaning = "The database did not answer in time."
    next_step = "Try again."


class DatabaseBusy(Unavailable):
    meaning = "Another request changed the same thing; try again."


class DatabaseRole(Unavailable):
    """The role of the database URL may not do this."""


class DatabaseVersion(Unavailable):
    """PostgreSQL or pgvector is too old."""


class NoDatabaseUrl(BadInput):
    """FAKEPRINT_DATABASE_URL is not set."""

    message = "No database is set."
    next_step = "Run `fakeprint up`, or set FAKEPRINT_DATABASE_URL (PostgreSQL >= 17, pgvector)."


class NotMigrated(Conflict):
    """The database lacks migrations."""

    next_step = "Run `fakeprint migrate` with the same FAKEPRINT_DATABASE_URL."


class SchemaDiverged(Conflict):
    """The database's migrations are not those of this version."""
