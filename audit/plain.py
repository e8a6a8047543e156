"""Values as both databases give them back unchanged."""

import datetime as dt
import enum
import uuid
from collections.abc import Mapping
from decimal import Decimal

from django.utils.functional import Promise


def clean_text(value: object, *, limit: int | None = None) -> str:
    """Text without the two things a database refuses, NUL and lone surrogates, cut to `limit`."""
    text = str(value).replace("\x00", "\u2400")
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"


def instant(value: dt.datetime) -> str:
    """An instant in UTC with all six decimals: 2026-01-31T16:00:00.000000Z."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(value: object) -> object:
    """The JSON form of a noted value.

    Numbers other than integers become text, because the two databases write them
    differently. Raises TypeError for what has no plain form (a model, a queryset).
    """
    match value:
        case None | bool():
            return value
        case enum.Enum():
            return plain(value.value)
        case int():
            return int(value)
        case str() | Promise() | uuid.UUID():
            return clean_text(value)
        case float() | Decimal():
            return str(value)
        case dt.datetime():
            return instant(value) if value.tzinfo else value.isoformat()
        case dt.date() | dt.time():
            return value.isoformat()
        case Mapping():
            return {clean_text(key): plain(item) for key, item in value.items()}
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=str)
        case list() | tuple():
            return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} cannot be noted; note its key or its text instead.")
