"""Append-only tables: triggers that refuse update, delete and truncate.

Migrations put them on with `append_only("table")`, which also enters the table in the
registry that `install`, `remove` and `missing` work on.
"""

import functools
from collections.abc import Iterator
from typing import Any

from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation, OperationCategory

_registry: set[str] = set()

FUNCTION = """
CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % on % is not allowed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


class AppendOnly(Operation):
    """Migration operation: from here on rows of `table` can only be added."""

    reversible = True
    reduces_to_sql = True
    category = OperationCategory.SQL

    def __init__(self, table: str) -> None:
        self.table = table
        _registry.add(table)

    def state_forwards(self, app_label: str, state: Any) -> None:
        return None

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for sql in creation_sql(schema_editor.connection.vendor, self.table):
            schema_editor.execute(sql, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for sql in removal_sql(schema_editor.connection.vendor, self.table):
            schema_editor.execute(sql, params=None)

    def describe(self) -> str:
        return f"Make {self.table} append-only"

    @property
    def migration_name_fragment(self) -> str:
        return f"append_only_{self.table}"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return "AppendOnly", [self.table], {}


def append_only(table: str) -> AppendOnly:
    """The operation for a migration's `operations`: `append_only("records_record")`."""
    return AppendOnly(table)


def tables() -> list[str]:
    """Every append-only table of the installed rooms."""
    _read_migrations()
    return sorted(_registry)


@functools.cache
def _read_migrations() -> None:
    """Feeds the registry, also where migrations were never run in this process."""
    MigrationLoader(None, ignore_no_migrations=True)


def creation_sql(vendor: str, table: str) -> Iterator[str]:
    yield from removal_sql(vendor, table)
    if vendor == "postgresql":
        yield FUNCTION
        yield (
            f'CREATE TRIGGER append_only_row BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION audit_append_only()"
        )
        yield (
            f'CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
        )
        return
    for event in ("UPDATE", "DELETE"):
        yield (
            f'CREATE TRIGGER "append_only_{event.lower()}_{table}" BEFORE {event} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {event} on {table} is not allowed'); END"
        )


def removal_sql(vendor: str, table: str) -> Iterator[str]:
    if vendor == "postgresql":
        yield f'DROP TRIGGER IF EXISTS append_only_row ON "{table}"'
        yield f'DROP TRIGGER IF EXISTS append_only_truncate ON "{table}"'
        return
    for event in ("update", "delete"):
        yield f'DROP TRIGGER IF EXISTS "append_only_{event}_{table}"'


def install(connection: Any) -> None:
    """Put the triggers on every registered table of this database."""
    _run(connection, creation_sql)


def remove(connection: Any) -> None:
    """Take them off again, for tests that empty tables."""
    _run(connection, removal_sql)


def missing(connection: Any) -> list[str]:
    """Registered tables that anyone could change at this moment."""
    return [table for table, count in _counted(connection).items() if count < 2]


def reinstall_missing(*, using: str, **kwargs: Any) -> None:
    """After migrations: SQLite loses the triggers of a table that a migration rebuilt."""
    connection = connections[using]
    for table in missing(connection):
        with connection.cursor() as cursor:
            for sql in creation_sql(connection.vendor, table):
                cursor.execute(sql)


def _run(connection: Any, sql_for: Any) -> None:
    with connection.cursor() as cursor:
        for table in _counted(connection):
            for sql in sql_for(connection.vendor, table):
                cursor.execute(sql)


def _counted(connection: Any) -> dict[str, int]:
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE t.tgname LIKE 'append_only_%%' AND t.tgenabled <> 'D'"
                " AND c.relnamespace = current_schema()::regnamespace",
                [],
            )
        else:
            cursor.execute(
                "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'append_only_%'"
            )
        found = [row[0] for row in cursor.fetchall()]
    return {table: found.count(table) for table in tables() if table in present}
