"""Rows that acts change, and what each of them was when the last act let go of it.

A model says so by a method `stated()`: what of a row acts alone decide. An act that notes the row
itself (`note(target=part)`; a tuple only names it) leaves the row's digest in its event, and
`audit.compare` takes it again from the table. Source: R64; design idea 7.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models

from audit.plain import plain
from audit.rules.chain import canonical

DigestsByTable = dict[str, dict[str, str | None]]


def tables() -> list[type[models.Model]]:
    """Every table whose rows are stated, in the order of its label."""
    found = [model for model in apps.get_models() if is_stated(model)]
    return sorted(found, key=lambda model: model._meta.label_lower)


def is_stated(model: type[models.Model]) -> bool:
    return hasattr(model, "stated")


def digest_of(row: Any) -> str:
    return hashlib.sha256(canonical(plain(row.stated()))).hexdigest()


def digests(keys: Iterable[tuple[type[models.Model], Any]]) -> DigestsByTable:
    """By table and key the digest of each row as it stands now; None when it is gone."""
    by_model: dict[type[models.Model], list[Any]] = {}
    for model, key in keys:
        by_model.setdefault(model, []).append(key)
    found: DigestsByTable = {}
    for model, wanted in by_model.items():
        rows = with_what_belongs(model).in_bulk(wanted)
        found[model._meta.label_lower] = {
            str(key): digest_of(rows[key]) if key in rows else None for key in wanted
        }
    return found


def with_what_belongs(model: type[models.Model]) -> models.QuerySet:
    """The rows with those of other tables that `stated()` speaks of too (`stated_with`)."""
    return model._default_manager.prefetch_related(*getattr(model, "stated_with", ()))
