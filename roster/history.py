"""The history page of an object: what its audit events say, in words a clerk reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.enums import Outcome
from audit.labels import label
from audit.models import Event
from audit.refusal import explain_code
from audit.targets import as_target

from .queries import ReferenceQuerySet
from .scope import Sees

_words: dict[str, Any] = {}
_choices: dict[str, Mapping[str, Any]] = {}


def register_words(
    words: Mapping[str, Any], choices: Mapping[str, Mapping[str, Any]] | None = None
) -> None:
    """What the values that acts note are called on the page, others are left out; and by the name
    of a value what each that it may have is called."""
    _words.update(words)
    _choices.update(choices or {})


@dataclass(frozen=True)
class Row:
    """One event as the page shows it."""

    number: int
    at: dt.datetime
    actor: str
    ran_by: str
    agency: str
    what: str
    refused: str
    reason: str
    changes: tuple[tuple[str, str, str], ...]
    values: tuple[tuple[str, str], ...]


def rows(objects: Sequence[Model], events: list[Event], *, sees: Sees) -> list[Row]:
    """The events of some objects, each with what it says about these and nothing of others."""
    return [_row(objects, event, sees) for event in events]


def _row(objects: Sequence[Model], event: Event, sees: Sees) -> Row:
    notes = [(obj, one) for obj in objects for one in _own_notes(obj, event)]
    refused = event.outcome == Outcome.REFUSED
    details = event.details
    return Row(
        number=event.number,
        at=event.at,
        actor=event.actor,
        ran_by=details.get("ran_by", ""),
        agency=event.agency,
        what=label(event.act),
        refused=explain_code(details.get("code", ""), details.get("values", {})) if refused else "",
        reason="；".join(dict.fromkeys(one["reason"] for _obj, one in notes if one.get("reason"))),
        changes=tuple(change for obj, one in notes for change in _changes(obj, one, sees)),
        values=tuple(dict.fromkeys(value for obj, one in notes for value in _values(obj, one))),
    )


def _own_notes(obj: Model, event: Event) -> Iterator[dict[str, Any]]:
    """Notes about this object; those without a target only when the event has no other."""
    named = as_target(obj)
    alone = event.details.get("targets", {}).get("count", 0) <= 1
    for one in event.details.get("notes", []):
        target = one.get("target")
        if target == [named.type, named.id] or (target is None and alone):
            yield one


def _changes(obj: Model, one: dict[str, Any], sees: Sees) -> Iterator[tuple[str, str, str]]:
    """What was changed; that it was another unit's before, or is now, and not whose."""
    for change in one.get("values", {}).get("changes") or []:
        if isinstance(change, list) and len(change) == 3:
            name, *values = change
            before, after = (
                _shown(obj, name, value) if _may_read(obj, name, value, sees) else _("（他人的）")
                for value in values
            )
            yield _title(obj, name), before, after


def _may_read(obj: Model, name: str, value: Any, sees: Sees) -> bool:
    """Whether a value is no key, or that of a row the reader may see."""
    field = _field(obj, name)
    if field is None or not field.is_relation:
        return True
    try:
        row = field.related_model._default_manager.filter(
            **{field.target_field.name: value}
        ).first()
    except (ValueError, ValidationError):
        return True
    return row is None or sees(row)


def _values(obj: Model, one: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in one.get("values", {}).items():
        if name in _words and value not in ("", None, [], {}):
            yield str(_words[name]), _shown(obj, name, value)


def _title(obj: Model, name: str) -> str:
    field = _field(obj, name)
    return capfirst(str(field.verbose_name)) if field is not None else str(_words.get(name, name))


def _shown(obj: Model, name: str, value: Any) -> str:
    """A stored value as the field's choice or its related row is called."""
    text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    if text in ("", "None"):
        return "—"
    field = _field(obj, name)
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(text, text))
    if field is None and name in _choices:
        return str(_choices[name].get(text, text))
    return _named(field, text)


def _named(field: Any, key: str) -> str:
    """A key into a reference table by the row's name; of other tables the key says enough."""
    if field is None or not field.is_relation:
        return key
    rows = field.related_model._default_manager.all()
    if not isinstance(rows, ReferenceQuerySet):
        return key
    try:
        found = rows.filter(**{field.target_field.name: key}).first()
    except (ValueError, ValidationError):
        return key
    return f"{found}（{key}）" if found is not None and str(found) != key else key


def _field(obj: Model, name: str) -> Any:
    try:
        return obj._meta.get_field(name.removesuffix("_id"))
    except FieldDoesNotExist:
        return None
