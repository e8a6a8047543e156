"""Tables whose rows are added and retracted and never changed, and what an act did to them.

A model says so by `kept = Kept(...)`. Its rows go in through `counted` (many), `add_rows` or
`add_row` and are taken back through `retract`, in an act: its event then carries their sum, and
`audit.recount` takes it again from the table. A row is tied to its event by the instant, which
is the event's own. Source: R64; design ideas 3 and 7.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.db import models

from audit.current import require_act
from audit.rules.rowsum import RowSum

ADDED, RETRACTED = "added", "retracted"
AT_ONCE = 1_000


class RetractedAlready(RuntimeError):
    """The caller holds no lock that keeps two acts from retracting the same row."""


@dataclass(frozen=True)
class Kept:
    """What of a row never changes, and what a retraction writes beside `retracted_at`.

    columns: names as rows carry them (`kind_id`); a new column is only ever put at the end, and
        empty for the rows that are there: then their texts stay what they were.
    added_at, retracted_at: the columns of the two instants; "" where nothing is ever taken back.
    """

    columns: tuple[str, ...]
    retraction: tuple[str, ...] = ()
    added_at: str = "recorded_at"
    retracted_at: str = "retracted_at"


def tables() -> list[type[models.Model]]:
    """Every kept table, in the order of its label."""
    found = [model for model in apps.get_models() if kept_of(model)]
    return sorted(found, key=lambda model: model._meta.label_lower)


def kept_of(model: type[models.Model]) -> Kept | None:
    return getattr(model, "kept", None)


# --- writing ----------------------------------------------------------------------------------


def counted(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterable[Sequence[Any]]:
    """Rows on their way into a table, values in the order of `names`; those of a kept table
    count towards the open act as they pass."""
    return _passing(model, names, rows) if kept_of(model) else rows


def _passing(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterator[Sequence[Any]]:
    wanted = columns(model, ADDED)
    left_out = [name for name in wanted if name not in names]
    defaults = tuple(_fields(model)[name].get_default() for name in left_out)
    places = {name: place for place, name in enumerate([*names, *left_out])}
    pick = itemgetter(*(places[name] for name in wanted))
    texts = []
    for row in rows:
        texts.append(text_of(pick((*row, *defaults))))
        if len(texts) == AT_ONCE:
            _tally(model, ADDED, RowSum.of(texts))
            texts = []
        yield row
    _tally(model, ADDED, RowSum.of(texts))


def add_row(row: models.Model) -> None:
    """Insert one row of a kept table."""
    row.save(force_insert=True)
    _tally(type(row), ADDED, _sum_of([row], ADDED))


def add_rows(rows: Sequence[models.Model]) -> None:
    """Insert rows of one kept table; they have their keys then."""
    if rows:
        type(rows[0])._default_manager.bulk_create(rows)
        _tally(type(rows[0]), ADDED, _sum_of(rows, ADDED))


def retract(rows: Sequence[models.Model], *, at: dt.datetime, **said: str) -> None:
    """Retract rows of one kept table, read in force in this transaction, and say why in its
    columns of retraction. Raises RetractedAlready when another act was quicker with one."""
    if not rows:
        return
    model = type(rows[0])
    live = model._default_manager.filter(pk__in=[row.pk for row in rows], retracted_at__isnull=True)
    if live.update(retracted_at=at, **said) != len(rows):
        raise RetractedAlready(f"{model._meta.label_lower}: one of {len(rows)} rows")
    for row in rows:
        for name, value in said.items():
            setattr(row, name, value)
    _tally(model, RETRACTED, _sum_of(rows, RETRACTED))


def _sum_of(rows: Sequence[models.Model], what: str) -> RowSum:
    model = type(rows[0])
    names = columns(model, what)
    return RowSum.of(text_of([getattr(row, name) for name in names]) for row in rows)


def _tally(model: type[models.Model], what: str, found: RowSum) -> None:
    if found.count:
        act, key = require_act(), (model._meta.label_lower, what)
        act.rows[key] = act.rows.get(key, RowSum()) + found


# --- texts ------------------------------------------------------------------------------------


def columns(model: type[models.Model], what: str) -> tuple[str, ...]:
    """The names of the values of a row text."""
    kept = kept_of(model)
    assert kept is not None  # noqa: S101 -- asked for kept tables only
    return kept.columns if what == ADDED else (*kept.retraction, *kept.columns)


def instants(model: type[models.Model]) -> dict[str, str]:
    """What is done to the rows of a table, and the column that says when."""
    kept = kept_of(model)
    assert kept is not None  # noqa: S101 -- asked for kept tables only
    columns = {ADDED: kept.added_at, RETRACTED: kept.retracted_at}
    return {what: column for what, column in columns.items() if column}


def text_of(values: Sequence[Any]) -> str:
    """The text of a row that is summed: the same for values on their way in and read back, on
    both databases. Empty values at the end are no part of it.

    >>> text_of(["甲", None, dt.date(2026, 3, 2), Decimal("3.50"), True, "", False])
    '甲\\x00\\x002026-03-02\\x003.5\\x00True'
    """
    said = [value if value.__class__ is str else _said(value) for value in values]
    text = END.join(said)
    if text.count(END) >= len(said):  # SQLite takes NUL in a text: it must not pass for an end
        return END + json.dumps(said)
    return text.rstrip(END)


END = "\0"


def _said(value: object) -> str:
    match value:
        case None | False:
            return ""
        case dt.datetime():
            return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
        case Decimal():
            return f"{value.normalize():f}"
    return str(value)


def _fields(model: type[models.Model]) -> dict[str, models.Field]:
    return {field.attname: field for field in model._meta.concrete_fields}
