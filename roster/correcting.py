"""Putting registration right that never was so, as against news that ends what was so.

Source: R19, 二(三); R26 (准确); design idea 3.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import F

from audit.acts import act, note, stamp
from audit.kept import retract
from audit.refusal import Refused
from intake.rows import copy_rows

from .geography import geography
from .models import Enterprise, Registration, RosterEntry
from .rules.registration import Plan, Refusal, plan, search_key
from .scope import Actor
from .services import ENTRY, FACTS, VERSION, standings

STATE_FIELDS = frozenset({"status", "status_on"})
"""Fields of registration through which a correction can change a grade. Source: R37."""


def plan_correction(*, code: str, changes: Mapping[str, object], on: dt.date) -> Plan:
    """What a correction leads to. Raises Refused as `rules.registration.plan` answers."""
    answer = plan(
        code=code,
        given=changes,
        before=standings([code]).get(code),
        geography=geography(on=on),
        own=None,
        on=on,
        correcting=True,
    )
    if isinstance(answer, Refusal):
        raise Refused(answer.code, **dict(answer.values))
    if answer.fate == "unchanged":
        raise Refused("roster.nothing_changed")
    return answer


@act("roster.registration_corrected")
def correct_registration(
    *, by: Actor, code: str, changes: Mapping[str, object], reason: str, on: dt.date
) -> Enterprise:
    """Forget the versions of the registration that say so and say what they should have been.

    The stay on a roster that followed from the error is forgotten too, and its first day kept for
    the right one. `grading.corrections` is the only caller: it has asked who may, and for a second
    person where a grade can change. Raises Refused. Source: design idea 3.
    """
    enterprise = Enterprise.objects.select_for_update(of=("self",), no_key=True).get(pk=code)
    answer = plan_correction(code=code, changes=changes, on=on)
    now = stamp()
    _correct_versions(answer, by=by, reason=reason, now=now)
    if answer.moves:
        _correct_stay(answer, by=by, on=on, now=now)
    values = {name: getattr(answer.facts, name) for name in FACTS}
    for name, value in values.items():
        setattr(enterprise, name, value)
    enterprise.name_key = search_key(answer.facts.name, answer.facts.former_names)
    enterprise.keeper_id = answer.keeper
    enterprise.version += 1
    enterprise.save()
    note(
        target=enterprise,
        reason=reason,
        changes=[(name, str(old), str(new)) for name, old, new in answer.changes],
    )
    return enterprise


def _correct_versions(answer: Plan, *, by: Actor, reason: str, now: dt.datetime) -> None:
    """The live version, and every one before it for as long as it carries the same error: news
    about something else begins a new version and takes the error along."""
    versions = Registration.objects.filter(enterprise=answer.code, retracted_at__isnull=True)
    newest_first = versions.order_by(F("until").desc(nulls_first=True), "-recorded_at", "-pk")
    wrong = {name: (old, new) for name, old, new in answer.changes}
    rows, mistaken = [], []
    for version in newest_first:
        wrong = {
            name: (old, new) for name, (old, new) in wrong.items() if getattr(version, name) == old
        }
        if not wrong:
            break
        facts = {name: getattr(version, name) for name in FACTS}
        facts |= {name: new for name, (_old, new) in wrong.items()}
        mistaken.append(version)
        rows.append(
            (
                answer.code, search_key(facts["name"], facts["former_names"]), version.since,
                version.until, version.source, by.username, now, "", *facts.values(),
            )
        )  # fmt: skip
    retract(mistaken, at=now, retract_reason=reason[:200])
    copy_rows(Registration, VERSION, rows)


def _correct_stay(answer: Plan, *, by: Actor, on: dt.date, now: dt.datetime) -> None:
    """The newest stay, open or ended by the error, gives way to the one that is right."""
    wrong = (
        RosterEntry.objects.filter(enterprise=answer.code, retracted_at__isnull=True)
        .order_by("-recorded_at", "-pk")
        .first()
    )
    joined_on = answer.facts.established_on
    if wrong is not None:
        joined_on = wrong.joined_on
        retract([wrong], at=now)
    if answer.placing is None:
        if wrong is not None:
            left_on = answer.facts.status_on or on
            row: tuple[object, ...] = (
                answer.code, wrong.region_id, wrong.level, wrong.rule, wrong.reason,
                wrong.override, joined_on, left_on, "更正登记状态", by.username, now,
            )  # fmt: skip
            copy_rows(RosterEntry, ENTRY, [row])
        return
    row = (
        answer.code, answer.placing.region, answer.placing.level, answer.placing.rule, "", False,
        joined_on, None, "", by.username, now,
    )  # fmt: skip
    copy_rows(RosterEntry, ENTRY, [row])
