"""What is said to a form that somebody was faster than: somebody else, or one's own first click."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Model
from django.utils import timezone

from audit.models import Event
from audit.refusal import Refused


def stale(row: Model) -> Refused:
    """The refusal that names who changed the row since the form was read, and when."""
    event = Event.objects.for_target(row).done().first()
    if event is None:
        return Refused("roster.form_stale")
    who = f"{event.actor}（{event.agency}）" if event.agency else event.actor
    return Refused("roster.form_stale_by", who=who, at=minute(event.at))


def changed_once(row: Any, *, username: str, seen: int) -> bool:
    """Whether a row was changed once since its form was read at version `seen`, by this person.

    When it also says what the form says, the form was sent twice and was saved.
    """
    if row.version != seen + 1:
        return False
    event = Event.objects.for_target(row).done().first()
    return event is not None and event.actor == username


def minute(at: dt.datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
