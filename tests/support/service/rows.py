"""Write rows as no service call does: time that passes, states that take long to reach, data that is lost."""

from __future__ import annotations

from typing import Any

from registry.core.service import Service


def write(service: Service, statement: str, *values: Any, **named: Any) -> list[dict[str, Any]]:
    """Run one statement in a transaction. Return the rows of its RETURNING clause."""
    with service.pool.transaction() as connection:
        ran = connection.execute(statement.encode(), named or values)
        return ran.fetchall() if ran.description else []


def write_past_triggers(service: Service, *statements: str) -> None:
    """Run statements without triggers and foreign keys, as somebody with the server's files can."""
    with service.pool.transaction() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())


def forge(service: Service, statement: str, *values: Any, role: str | None = None) -> None:
    """Run SQL that the product never runs, as an attacker with database access does. Triggers run.

    The statement may stand in a test: what it tries is the subject. `role`: of PostgreSQL.
    """
    with service.pool.transaction() as connection:
        if role:
            connection.execute(f"SET LOCAL ROLE {role}".encode())
        connection.execute(statement.encode(), values or None)
