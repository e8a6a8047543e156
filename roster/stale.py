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


SECOND_CLICK = dt.timedelta(minutes=10)
"""So long a form that comes again is one's own first click; later it asks for something anew."""


def just_done(row: Model, *, username: str, act: str = "") -> bool:
    """Whether the last that was done with a row this person did a moment ago, and by this act.

    When the row also says what the form says, the form was sent twice and was saved.
    """
    event = Event.objects.for_target(row).done().first()
    return (
        event is not None
        and event.actor == username
        and act in ("", event.act)
        and timezone.now() - event.at < SECOND_CLICK
    )


def changed_once(row: Any, *, username: str, seen: int) -> bool:
    """Whether a row was changed once since its form was read at version `seen`: by this person,
    and a moment ago.
    """
    return row.version == seen + 1 and just_done(row, username=username)


def minute(at: dt.datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
