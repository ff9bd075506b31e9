"""Old processes work beside new ones on one schema, so a migration only adds; what goes, goes later."""

from __future__ import annotations

import re
from typing import Final

import pytest

from registry.core.database.migrate import Migration, built_beside, migrations
from tests.system.upgrade import LANDED

FORBIDDEN: Final = {
    "something is dropped": r"\bDROP\s+(TABLE|COLUMN|VIEW|SEQUENCE|TYPE|SCHEMA|FUNCTION|EXTENSION)\b",
    "an index is dropped": r"\bDROP\s+INDEX\b",
    "a constraint is dropped": r"\bDROP\s+CONSTRAINT\b",
    "something is renamed": r"\bRENAME\b",
    "a column's type changes": r"\bALTER\s+COLUMN\s+\w+\s+(SET\s+DATA\s+)?TYPE\b",
    "a column must be filled": r"\bSET\s+NOT\s+NULL\b",
    "a new column must be filled": r"\bADD\s+COLUMN\s+(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT\s+NULL\b",
    "what is written is refused": r"\bADD\s+CONSTRAINT\b",
    "rows are thrown away": r"\bTRUNCATE\b(?!\s*(ON|OR))",
    "a table is locked against readers": r"\bLOCK\s+TABLE\s+\w+\s*(;|IN\s+ACCESS\s+EXCLUSIVE)",
}
"""What the processes of the release before could not live beside."""
ALLOWED: Final[dict[tuple[str, str], str]] = {}
"""Exceptions that were examined: number of the migration, words of the finding, and why it does no harm."""
_COMMENT: Final = re.compile(r"--[^\n]*")
_TEXT: Final = re.compile(r"\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'", re.DOTALL)
_TABLE: Final = re.compile(
    r"CREATE\s+TABLE\s+(?:IF NOT EXISTS\s+)?(\w+)\s*\(.*?\n\)[^;]*;", re.DOTALL | re.IGNORECASE
)
_INDEX: Final = re.compile(
    r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY\b)[^;]*?\bON\s+(?:ONLY\s+)?(?:public\.)?(\w+)",
    re.IGNORECASE,
)
_CONCURRENTLY: Final = re.compile(r"\bCONCURRENTLY\b", re.IGNORECASE)


def found(migration: Migration) -> list[str]:
    """What in it takes away, demands or makes wait, each with the words that say so. New tables are nobody's
    yet."""
    bare = _TEXT.sub("''", _COMMENT.sub("", migration.text))
    new, text = set(_TABLE.findall(bare)), _TABLE.sub(";", bare)
    seen = [
        (what, match)
        for what, pattern in FORBIDDEN.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]
    seen += [
        ("who writes waits until an index is built", match)
        for match in _INDEX.finditer(text)
        if match[1] not in new
    ]
    return [f"{what}: {' '.join(text[one.start() : one.end() + 60].split())}" for what, one in seen]


def held(migration: Migration) -> list[str]:
    """Steps that say CONCURRENTLY and would yet be run in a transaction, which PostgreSQL refuses."""
    bare = [_TEXT.sub("''", _COMMENT.sub("", step)) for step in migration.steps]
    return [step for step in bare if _CONCURRENTLY.search(step) and not built_beside(step)]


def _is_allowed(migration: Migration, said: str) -> bool:
    return any(migration.name.startswith(number) and words in said for number, words in ALLOWED)


def test_a_migration_only_adds() -> None:
    """Expand now; contract in a release in which nobody uses it any more (deploy/runbook.md, "Upgrade")."""
    later = [migration for migration in migrations() if int(migration.name[:4]) > LANDED]
    refused = {
        migration.name: [words for words in found(migration) if not _is_allowed(migration, words)]
        for migration in later
    }
    assert {name: words for name, words in refused.items() if words} == {}
    assert [migration.name for migration in later if held(migration)] == []


@pytest.mark.parametrize(
    "text",
    [
        "DROP TABLE entry;",
        "ALTER TABLE entry DROP COLUMN title;",
        "ALTER TABLE entry RENAME COLUMN title TO name;",
        "ALTER TABLE entry\n    ADD COLUMN a text,\n    ADD COLUMN title text NOT NULL;",
        "ALTER TABLE entry ALTER COLUMN title SET NOT NULL;",
        "ALTER TABLE entry ALTER COLUMN title TYPE bytea;",
        "ALTER TABLE entry ADD CONSTRAINT entry_has_title CHECK (title <> '');",
        "TRUNCATE outbox;",
        "DROP INDEX entry_bank;",
        "CREATE INDEX entry_title ON entry (title);",
        "CREATE UNIQUE INDEX IF NOT EXISTS entry_title\n    ON public.entry (title);",
        "CREATE TABLE t (\n    a text\n);\nCREATE INDEX ON entry (title);",
    ],
)
def test_removing_statements_are_detected(text: str) -> None:
    assert found(Migration("9999_x", text))


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE entry ADD COLUMN title text NOT NULL DEFAULT '';",
        "ALTER TABLE entry ADD COLUMN a text,\n    ADD COLUMN n smallint NOT NULL DEFAULT 0 CHECK (n > 0);",
        "CREATE TABLE t (\n    a text NOT NULL,\n    CONSTRAINT c CHECK (a <> '')\n);",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DROP TABLE entry $$;",
        "-- DROP TABLE entry;",
        "COMMENT ON TABLE entry IS 'DROP TABLE entry';",
        "CREATE TRIGGER t BEFORE UPDATE OR DELETE OR TRUNCATE ON entry EXECUTE FUNCTION f();",
        "CREATE TABLE t (\n    a text\n);\nCREATE INDEX t_a ON t (a);",
        "-- step: why\n-- more\nCREATE INDEX CONCURRENTLY IF NOT EXISTS entry_title ON entry (title);\n",
    ],
)
def test_adding_statements_are_accepted(text: str) -> None:
    assert found(Migration("9999_x", text)) == []
    assert held(Migration("9999_x", text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "CREATE INDEX CONCURRENTLY entry_title ON entry (title);",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS entry_title ON entry (title);\nSELECT 1;",
        "SELECT 1;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS entry_title ON entry (title);",
        "DROP INDEX CONCURRENTLY entry_title;",
    ],
)
def test_statements_outside_transactions_are_steps_of_their_own(text: str) -> None:
    """And may be run again: `IF NOT EXISTS`."""
    assert held(Migration("9999_x", text))
    assert held(Migration("9999_x", f"SELECT 1;\n-- step: why\n{text}"))


def test_nothing_is_allowed_that_is_not_there() -> None:
    statements = [(migration.name[:4], words) for migration in migrations() for words in found(migration)]
    assert all(
        any(number == name and what in words for name, words in statements) for number, what in ALLOWED
    )
