"""Many rows into one table quickly: COPY on PostgreSQL, executemany on SQLite."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Field

from audit.kept import counted

SQLITE_SLICE = 5_000
STAGED = "staged_rows"


def copy_rows(
    model: type[models.Model],
    field_names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> int:
    """Insert `rows`, values in the order of `field_names` (names or attnames); their number.

    `rows` may be a generator: memory stays bounded. Fields left out take their default, one
    value for the whole call. No signals, no validation; the tables' constraints hold. Values are
    given as the driver takes them: keys for foreign keys, plain objects for JSON fields. Rows of
    a kept table count towards the open act.
    """
    fields = [_field(model, name) for name in field_names]
    rows = counted(model, [field.attname for field in fields], rows)
    constants = _defaults(model, fields)
    fields += [field for field, _ in constants]
    suffix = tuple(value for _, value in constants)
    connection = connections[using]
    return _write(connection, model._meta.db_table, fields, rows, suffix)


def update_rows(
    model: type[models.Model],
    key: str,
    field_names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    counter: str = "",
    using: str = DEFAULT_DB_ALIAS,
) -> int:
    """Change many rows in one statement; how many there were.

    `rows` hold the value of the unique field `key` and then the new values in the order of
    `field_names`; the field `counter` is raised by one. They are staged in a table of the
    connection's own: a CASE for every field and row takes time with the square of the rows.
    Runs inside a transaction. No signals, no validation.
    """
    connection = connections[using]
    fields = [_field(model, name) for name in (key, *field_names)]
    quote = connection.ops.quote_name
    table, columns = _names(connection, model._meta.db_table, fields)
    unique, *changed = [quote(str(field.column)) for field in fields]
    sets = [f"{column} = {STAGED}.{column}" for column in changed]
    if counter:
        sets.append(f"{quote(counter)} = {table}.{quote(counter)} + 1")
    stage = f"CREATE TEMPORARY TABLE {STAGED} AS SELECT {columns} FROM {table} WHERE 1 = 0"  # noqa: S608  names of ours
    change = (
        f"UPDATE {table} SET {', '.join(sets)} FROM {STAGED}"  # noqa: S608  names of ours
        f" WHERE {table}.{unique} = {STAGED}.{unique}"
    )
    with connection.cursor() as cursor:
        cursor.execute(stage)
        _write(connection, STAGED, fields, rows, ())
        cursor.execute(change)
        total = cursor.rowcount
        cursor.execute(f"DROP TABLE {STAGED}")
    return total


def _field(model: type[models.Model], name: str) -> Field:
    for field in model._meta.concrete_fields:
        if name in (field.name, field.attname):
            return field
    raise ValueError(f"{model._meta.label} has no column {name!r}")


def _defaults(model: type[models.Model], given: list[Field]) -> list[tuple[Field, Any]]:
    """The fields left out whose default is not NULL, with that default."""
    left_out = [
        field
        for field in model._meta.concrete_fields
        if field not in given and not (field.primary_key and not field.has_default())
    ]
    found = [(field, field.get_default()) for field in left_out]
    return [(field, value) for field, value in found if value is not None]


def _prepared(
    fields: list[Field],
    rows: Iterable[Sequence[Any]],
    suffix: tuple,
    prepare: Callable[[Field], Callable[[Any], Any] | None],
) -> Iterator[Sequence[Any]]:
    """Rows with the constants appended and the few fields converted that need it."""
    converters = [
        (place, convert)
        for place, field in enumerate(fields)
        if (convert := prepare(field)) is not None
    ]
    if not converters and not suffix:
        yield from rows
        return
    for row in rows:
        values = [*row, *suffix]
        for place, convert in converters:
            values[place] = convert(values[place])
        yield values


def _for_copy(field: Field) -> Callable[[Any], Any] | None:
    if isinstance(field, models.JSONField):
        encoder = field.encoder
        return lambda value: None if value is None else json.dumps(value, cls=encoder)
    return None


def _for_insert(connection: Any) -> Callable[[Field], Callable[[Any], Any] | None]:
    as_they_are = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)

    def prepare(field: Field) -> Callable[[Any], Any] | None:
        target = field
        while isinstance(target, models.ForeignKey):
            target = target.target_field
        if isinstance(target, as_they_are):
            return None
        return lambda value: field.get_db_prep_save(value, connection)

    return prepare


def _names(connection: Any, table: str, fields: list[Field]) -> tuple[str, str]:
    quote = connection.ops.quote_name
    return quote(table), ", ".join(quote(field.column) for field in fields)


def _write(
    connection: Any, table: str, fields: list[Field], rows: Iterable[Sequence[Any]], suffix: tuple
) -> int:
    """Add rows to a table that has these columns, by the quickest way the database has."""
    if connection.vendor == "postgresql":
        return _copy(connection, table, fields, _prepared(fields, rows, suffix, _for_copy))
    prepare = _for_insert(connection)
    return _insert(connection, table, fields, _prepared(fields, rows, suffix, prepare))


def _copy(connection: Any, table: str, fields: list[Field], rows: Iterator[Sequence[Any]]) -> int:
    table, columns = _names(connection, table, fields)
    total = 0
    statement = f"COPY {table} ({columns}) FROM STDIN"
    errors = connection.wrap_database_errors  # Django's own, which it does not lay around copy
    with errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        write = copy.write_row
        for row in rows:
            write(row)
            total += 1
    return total


def _insert(connection: Any, table: str, fields: list[Field], rows: Iterator[Sequence[Any]]) -> int:
    table, columns = _names(connection, table, fields)
    places = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608  names of ours
    total = 0
    with connection.cursor() as cursor:
        while part := list(islice(rows, SQLITE_SLICE)):
            cursor.executemany(statement, part)
            total += len(part)
    return total


__all__ = ["copy_rows", "update_rows"]
