"""What is said to a form whose row has changed since it was read: what, by whom and when."""

from __future__ import annotations

import datetime as dt

from django.db.models import Model
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from audit import once
from audit.models import Event
from audit.refusal import Refused

from .history import Row, rows

MOST = 5
"""Acts that are told, and changes of one act; the page of the row has them all."""
STALE = ("roster.form_stale", "roster.form_stale_by")


def stale(row: Model) -> Refused:
    """The refusal that says what was done with a row since the form was read, by whom and when."""
    said = news_of(row)
    return Refused("roster.form_stale_by", what=said) if said else Refused("roster.form_stale")


def news_of(row: Model) -> str:
    """What was done with a row since the page of this request's form was made, oldest first; the
    last that was done with it where the form does not say when that was."""
    done = Event.objects.for_target(row).done()
    read = once.read_at()
    events = list(done[:1] if read is None else done.filter(number__gt=read)[:MOST])
    told = rows([row], events)
    changing = [one for one in told if one.changes or one.values or one.reason]
    return "；".join(_in_words(one) for one in reversed(changing or told))


def _in_words(done: Row) -> str:
    who = f"{done.actor}（{done.agency}）" if done.agency else done.actor
    changes = [f"{name} {_short(before)} → {_short(after)}" for name, before, after in done.changes]
    values = [f"{name} {_short(value)}" for name, value in done.values]
    reason = [_("理由：%s") % _short(done.reason)] if done.reason else []
    said = [*changes[:MOST], *values, *reason]
    what = f"{done.what}（{'，'.join(said)}）" if said else done.what
    return f"{minute(done.at)} {who} {what}"


def _short(text: str) -> str:
    return Truncator(text).chars(40)


def minute(at: dt.datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
