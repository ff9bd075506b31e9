"""Old processes work beside new ones on one schema, so a migration only adds; what goes, goes later."""

from __future__ import annotations

import re
from typing import Final

import pytest

from registry.store.migrate import Migration, migrations
from tests.upgrade import LANDED

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
ALLOWED: Final = {
    ("0032", "notice_address_is_confirmed"): "of two columns that only new processes write",
    ("0033", "notice_reply_source_check"): "what was allowed still is",
    ("0033", "notice_reply_matched_by_check"): "what was allowed still is",
    ("0041", "asset_manifest_source_check"): "of a table that no earlier release has",
    ("0042", "caller_roles_check"): "what was allowed still is",
    ("0042", "exchange_"): "what was allowed still is",
}
"""What was looked at and lives beside them, and why."""
_COMMENT: Final = re.compile(r"--[^\n]*")
_TEXT: Final = re.compile(r"\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'", re.DOTALL)
_TABLE: Final = re.compile(r"CREATE\s+TABLE\s+(?:IF NOT EXISTS\s+)?\w+\s*\(.*?\n\)[^;]*;", re.DOTALL)


def found(migration: Migration) -> list[str]:
    """What in it takes away or demands, each with the words that say so. New tables are nobody's yet."""
    text = _TABLE.sub(";", _TEXT.sub("''", _COMMENT.sub("", migration.text)))
    return [
        f"{what}: {' '.join(text[one.start() : one.end() + 60].split())}"
        for what, pattern in FORBIDDEN.items()
        for one in re.finditer(pattern, text, re.IGNORECASE)
    ]


def _is_allowed(migration: Migration, said: str) -> bool:
    return any(migration.name.startswith(number) and words in said for number, words in ALLOWED)


@pytest.mark.parametrize(
    "migration", [one for one in migrations() if int(one.name[:4]) > LANDED], ids=lambda one: str(one.name)
)
def test_a_migration_only_adds(migration: Migration) -> None:
    """Expand now; contract in a release in which nobody uses it any more (deploy/runbook.md, "Upgrade")."""
    assert [said for said in found(migration) if not _is_allowed(migration, said)] == []


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
    ],
)
def test_what_takes_away_is_seen(text: str) -> None:
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
    ],
)
def test_what_adds_is_let_be(text: str) -> None:
    assert found(Migration("9999_x", text)) == []


def test_nothing_is_allowed_that_is_not_there() -> None:
    said = [(one.name[:4], words) for one in migrations() for words in found(one)]
    assert all(any(number == name and what in words for name, words in said) for number, what in ALLOWED)
