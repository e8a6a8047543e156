"""Is every stated row still as the last act that stated it left it?

Source: R64; design idea 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from audit.errors import Wrong
from audit.found import Found
from audit.models import ChainHead, Event
from audit.naming import row_name
from audit.refusal import explain
from audit.stated import digest_of, tables, with_what_belongs

PAGE = 500


@dataclass(frozen=True)
class _Said:
    """What the last event that stated a row says of it; no digest: it is gone."""

    event: int
    digest: str | None


def compare() -> Found:
    """Read every stated table once: a row changed, added or deleted behind the portal's back, or
    put back to what it was before, is found and named with the event it does not follow from.

    Memory holds one digest for each stated row: they are as many as the offices' own acts, not as
    the enterprises. In a chain that began before events stated rows, a row no event speaks of is
    passed over. Acts may go on meanwhile: what looks wrong is looked at again under the head of the
    chain, which every act takes before it ends.
    """
    checked = 0
    said, from_the_beginning = _all_said(), _stated_from_the_beginning()
    try:
        for model in tables():
            known = said.pop(model._meta.label_lower, {})
            for row in with_what_belongs(model).order_by("pk").iterator(chunk_size=PAGE):
                checked += 1
                found = known.pop(str(row.pk), None)
                if not _holds(row, found, from_the_beginning):
                    _look_again(model, row.pk, from_the_beginning)
            for key, gone in known.items():
                if gone.digest is not None:
                    _look_again(model, key, from_the_beginning)
    except Wrong as wrong:
        return Found(False, checked, explain(wrong))
    return Found(True, checked)


def _holds(row: Model, said: _Said | None, from_the_beginning: bool) -> bool:
    if said is None:
        return not from_the_beginning
    return digest_of(row) == said.digest


def _look_again(model: type[Model], key: Any, from_the_beginning: bool) -> None:
    """Raises Wrong when row and events differ while no act can end."""
    with transaction.atomic():
        list(ChainHead.objects.select_for_update().filter(pk=1))
        row = with_what_belongs(model).filter(pk=key).first()
        said = _last_said(model._meta.label_lower, str(key))
        if row is None:
            if said and said.digest is not None:
                raise Wrong("audit.row_gone", row=row_name(model, key), event=said.event)
        elif not _holds(row, said, from_the_beginning):
            raise _wrong(row_name(model, key), said)


def _wrong(name: str, said: _Said | None) -> Wrong:
    if said is None:
        return Wrong("audit.row_of_nobody", row=name)
    code = "audit.row_differs" if said.digest else "audit.row_back"
    return Wrong(code, row=name, event=said.event)


def _all_said() -> dict[str, dict[str, _Said]]:
    """By table and key what was said last."""
    found: dict[str, dict[str, _Said]] = {}
    rows = _stating().order_by("number").values_list("number", "details__stated")
    for number, stated in rows.iterator(chunk_size=PAGE):
        for table, digests in stated.items():
            known = found.setdefault(table, {})
            known.update({key: _Said(number, digest) for key, digest in digests.items()})
    return found


def _last_said(table: str, key: str) -> _Said | None:
    named = _stating().filter(targets__target_type=table, targets__target_id=key)
    rows = named.order_by("-number").values_list("number", "details__stated")
    for number, stated in rows.iterator(chunk_size=PAGE):
        if key in stated.get(table, {}):
            return _Said(number, stated[table][key])
    return None


def _stating() -> QuerySet:
    return Event.objects.done().filter(details__has_key="stated")


def _stated_from_the_beginning() -> bool:
    first = Event.objects.done().order_by("number").first()
    return first is None or "stated" in first.details


__all__ = ["compare"]
