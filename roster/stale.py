"""What is said to a form that somebody else was faster than."""

from __future__ import annotations

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
    at = timezone.localtime(event.at).strftime("%Y-%m-%d %H:%M")
    return Refused("roster.form_stale_by", who=who, at=at)
