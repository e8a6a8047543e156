"""Acts on requests to speak for an enterprise: asked by a person, decided by the unit that keeps it.

Nothing that the person is told depends on whether there is such an enterprise. Source: R32, R64.
"""

from __future__ import annotations

import datetime as dt

from django.utils.timezone import localtime

from audit.acts import act, note, stamp
from audit.refusal import NotPermitted, Refused
from intake import evidence
from intake.evidence import Evidence
from intake.sweeping import tend_each
from workdays.queries import LimitGap, deadline, loaded_calendar
from workdays.rules import Calendar, CalendarGap

from .accounts import ended_representative, made_representative
from .days import in_effect, overlapping
from .enums import BindingRefusal, BindingState, Permission
from .models import Binding, Representative, User
from .saving import store
from .scope import Actor, Operator, require

WAITING_AT_ONE_TIME = 10
"""Requests of one account that may wait together. Default, no source."""
ASKED_A_DAY = 20
"""Requests of one account within 24 hours. Default, no source."""


@act("roster.binding_asked")
def ask_binding(
    *, by: User, code: str, name: str, proof: Evidence, phone: str = "", on: dt.date
) -> Binding:
    """Ask to speak for the enterprise of a unified code, with proof. Somebody decides within the
    limit `binding.decide`; silence is no answer.

    Raises Refused for somebody with a post, for what waits or is so already, and for too many.
    """
    user = User.objects.select_for_update().get(pk=by.pk)
    now = stamp()
    _refuse_asking(user, code=code, on=on, now=now)
    binding = Binding(
        user=user,
        code=code,
        name=name,
        phone=phone,
        proof=evidence.keep(by=by, evidence=proof),
        asked_at=now,
        due_on=_due_on(on),
    )
    store(binding)
    note(target=binding, region=binding.unit)
    return binding


def _refuse_asking(user: User, *, code: str, on: dt.date, now: dt.datetime) -> None:
    if user.postings.filter(overlapping(on, None)).exists():
        raise Refused("roster.posted_may_not_ask", user=str(user))
    if user.representations.filter(in_effect(on), enterprise=code).exists():
        raise Refused("roster.already_represents", user=str(user), code=code)
    asked = Binding.objects.filter(user=user)
    waiting = asked.filter(state=BindingState.WAITING)
    if waiting.filter(code=code).exists():
        raise Refused("roster.binding_waits", code=code)
    if waiting.count() >= WAITING_AT_ONE_TIME:
        raise Refused("roster.too_many_bindings", limit=WAITING_AT_ONE_TIME)
    if asked.filter(asked_at__gt=now - dt.timedelta(days=1)).count() >= ASKED_A_DAY:
        raise Refused("roster.too_many_bindings_today", limit=ASKED_A_DAY)


def _due_on(on: dt.date, calendar: Calendar | None = None) -> dt.date | None:
    """None while the calendar of a year is missing, and the page says so."""
    try:
        return deadline("binding.decide", start=on, calendar=calendar)
    except (CalendarGap, LimitGap):
        return None


def reckon_due(*, by: Operator) -> int:
    """Reckon the limits that could not be reckoned for want of a calendar; how many. Called by the
    sweep."""
    waiting = Binding.objects.filter(state=BindingState.WAITING, due_on=None).order_by("pk")
    rows = list(waiting)
    calendar = loaded_calendar() if rows else None  # not at every sweep
    days = {one.pk: _due_on(localtime(one.asked_at).date(), calendar) for one in rows}
    found = [key for key, day in days.items() if day is not None]
    return tend_each(found, lambda key: _reckon(by=by, binding_id=key, due_on=days[key]))


@act("roster.binding_reckoned")
def _reckon(*, by: Operator, binding_id: int, due_on: dt.date | None) -> None:
    binding = _locked(binding_id)
    binding.due_on = due_on
    store(binding)
    note(target=binding, changes=[("due_on", "—", str(due_on))])


@act("roster.binding_withdrawn")
def withdraw_binding(*, by: User, binding_id: int) -> Binding:
    """Take back an own request that waits. Raises NotPermitted, Refused."""
    binding = _locked(binding_id)
    if binding.user_id != by.pk:
        raise NotPermitted("roster.not_permitted")
    return _decided(binding, by=by, state=BindingState.WITHDRAWN)


@act("roster.binding_approved")
def approve_binding(*, by: Actor, binding_id: int, on: dt.date) -> Binding:
    """Let the person speak for the enterprise from a day on.

    Raises NotPermitted, Refused when somebody else was faster, the enterprise is unknown, or the
    person holds a post by now.
    """
    binding = _to_decide(by, binding_id)
    binding.representative = made_representative(user=binding.user, code=binding.code, since=on)
    return _decided(binding, by=by, state=BindingState.APPROVED)


@act("roster.binding_refused")
def refuse_binding(
    *, by: Actor, binding_id: int, refusal: BindingRefusal | str, reason: str = ""
) -> Binding:
    """Refuse a request with a coded reason, in words where the code says none.

    Raises NotPermitted, Refused.
    """
    binding = _to_decide(by, binding_id)
    if refusal not in BindingRefusal.values:
        raise Refused("roster.reason_missing")
    if refusal == BindingRefusal.OTHER and not reason.strip():
        raise Refused("roster.reason_missing")
    binding.refusal, binding.reason = BindingRefusal(refusal), reason.strip()
    return _decided(binding, by=by, state=BindingState.REFUSED)


@act("roster.binding_ended")
def end_binding(*, by: Actor, binding_id: int, reason: str, on: dt.date) -> Representative:
    """End what an approved request led to; the person is out at the next request.

    Raises NotPermitted, Refused without a reason or when it has ended.
    """
    binding = _locked(binding_id)
    require(by, Permission.DECIDE_BINDINGS, binding)
    if not reason.strip():
        raise Refused("roster.reason_missing")
    if binding.representative is None:
        raise Refused("roster.representation_already_ended")
    ended_representative(representative=binding.representative, until=on)
    note(target=binding, region=binding.unit, reason=reason)
    return binding.representative


def _locked(binding_id: int) -> Binding:
    rows = Binding.objects.select_for_update(of=("self",)).select_related("user", "representative")
    found = rows.filter(pk=binding_id).first()
    if found is None:
        raise NotPermitted("roster.not_permitted")
    return found


def _to_decide(by: Actor, binding_id: int) -> Binding:
    binding = _locked(binding_id)
    require(by, Permission.DECIDE_BINDINGS, binding)
    return binding


def _decided(binding: Binding, *, by: Actor, state: BindingState) -> Binding:
    """The row with its end. Raises Refused when it has one: who, when, and what."""
    if not binding.is_waiting:
        raise Refused(
            "roster.binding_decided",
            state=str(binding.get_state_display()),
            who=binding.decided_by,
            at=f"{localtime(binding.decided_at):%Y-%m-%d %H:%M}",
        )
    binding.state, binding.decided_by, binding.decided_at = state, by.username, stamp()
    store(binding)
    note(target=binding, region=binding.unit, reason=binding.reason)
    return binding


__all__ = [
    "approve_binding",
    "ask_binding",
    "end_binding",
    "refuse_binding",
    "withdraw_binding",
]
