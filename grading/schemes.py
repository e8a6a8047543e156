"""Acts on the standard: copy a version to a draft, work on the draft; and the yearly cycle.

A draft is published only after it was simulated on the whole roster and two people signed what
it changes: that comes with simulation. Source: R30–R31, 四(一)、(二); design idea 2.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Max

from audit.acts import act, note
from audit.refusal import NotPermitted, Refused
from records.models import Kind
from roster.days import overlapping
from roster.enums import Permission
from roster.scope import Actor, require
from roster.stale import stale

from .enums import SchemeState, Weight
from .models import RunSchedule, Scheme, SchemeGrade, SchemeKind
from .rules.scheme import Counting


@dataclass(frozen=True)
class Draft:
    """Everything a draft says.

    kinds: how each kind counts, by its code. grades: name and meaning of each grade; the grades
    themselves belong to the rules and stay.
    """

    title: str
    window_months: int
    general_limit: int
    note: str
    kinds: Mapping[str, Counting]
    grades: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, scheme: Scheme) -> Draft:
        """What a version says; a kind it does not name is not counted."""
        named = {row.kind_id: row for row in scheme.kinds.all()}
        return cls(
            title=scheme.title,
            window_months=scheme.window_months,
            general_limit=scheme.general_limit,
            note=scheme.note,
            kinds={
                code: _counting(named[code]) if code in named else Counting(Weight.NONE)
                for code in Kind.objects.values_list("code", flat=True)
            },
            grades={row.grade: (row.name, row.meaning) for row in scheme.grades.all()},
        )


def _counting(row: SchemeKind) -> Counting:
    return Counting(row.weight, in_window=row.in_window, while_open=row.while_open)


def add_kinds(scheme: Scheme, kinds: Mapping[str, Counting]) -> None:
    """Say of a scheme that says nothing yet how each kind counts."""
    SchemeKind.objects.bulk_create(
        SchemeKind(
            scheme=scheme,
            kind_id=code,
            weight=counting.weight,
            in_window=counting.in_window,
            while_open=counting.while_open,
        )
        for code, counting in kinds.items()
    )


@act("grading.scheme_copied")
def copy_scheme(*, by: Actor, scheme_id: int) -> Scheme:
    """Begin a draft that says what a version says, under the next number.

    Raises NotPermitted, Refused while another draft is being worked on. Source: R24, R30.
    """
    require(by, Permission.EDIT_SCHEME)
    _lock_standard()
    source = Scheme.objects.filter(pk=scheme_id).first()
    if source is None:
        raise NotPermitted("roster.not_permitted")
    open_draft = Scheme.objects.filter(state=SchemeState.DRAFT).first()
    if open_draft is not None:
        raise Refused("grading.draft_open", draft=str(open_draft))
    version = (Scheme.objects.aggregate(newest=Max("version"))["newest"] or 0) + 1
    draft = Scheme.objects.create(
        version=version,
        title=source.title,
        window_months=source.window_months,
        general_limit=source.general_limit,
        based_on=source,
    )
    add_kinds(draft, {row.kind_id: _counting(row) for row in source.kinds.all()})
    SchemeGrade.objects.bulk_create(
        SchemeGrade(
            scheme=draft, grade=row.grade, name=row.name, meaning=row.meaning, order=row.order
        )
        for row in source.grades.all()
    )
    note(target=draft, based_on=str(source))
    return draft


def _lock_standard() -> None:
    """Let one person at a time add a version or a cycle: the second finds what the first did."""
    list(Scheme.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


@act("grading.scheme_saved")
def save_draft(*, by: Actor, scheme_id: int, seen: str, said: Draft) -> Scheme:
    """Write what a draft shall say; `seen` is the fingerprint the form was read at.

    Raises NotPermitted, Refused (published, changed by somebody else, a kind nobody knows).
    """
    require(by, Permission.EDIT_SCHEME)
    scheme = Scheme.objects.select_for_update(of=("self",)).filter(pk=scheme_id).first()
    if scheme is None:
        raise NotPermitted("roster.not_permitted")
    if not scheme.is_draft:
        raise Refused("grading.scheme_published")
    before = Draft.of(scheme)
    if fingerprint(before) != seen:
        raise stale(scheme)
    unknown = sorted(set(said.kinds) - set(before.kinds)) + sorted(
        set(said.grades) ^ set(before.grades)
    )
    if unknown:
        raise Refused("grading.draft_unknown", what="、".join(unknown))
    changes = list(differences(before, said))
    _write(scheme, said)
    note(target=scheme, changes=changes)
    return scheme


def _write(scheme: Scheme, said: Draft) -> None:
    scheme.title, scheme.note = said.title, said.note
    scheme.window_months, scheme.general_limit = said.window_months, said.general_limit
    scheme.full_clean(exclude=["based_on"])
    scheme.save()
    SchemeKind.objects.filter(scheme=scheme).delete()
    add_kinds(scheme, said.kinds)
    for grade, (name, meaning) in said.grades.items():
        SchemeGrade.objects.filter(scheme=scheme, grade=grade).update(name=name, meaning=meaning)


def fingerprint(said: Draft) -> str:
    """What a form was read at, so that nobody overwrites what he did not see."""
    texts = [repr(sorted(said.kinds.items())), repr(sorted(said.grades.items()))]
    head = (said.title, said.window_months, said.general_limit, said.note)
    return hashlib.sha256("\n".join([repr(head), *texts]).encode()).hexdigest()[:32]


def differences(before: Draft, after: Draft) -> Iterator[tuple[str, str, str]]:
    """(what, before, after) for everything in which two versions differ; kinds by code."""
    for name in ("title", "window_months", "general_limit", "note"):
        if getattr(before, name) != getattr(after, name):
            yield name, str(getattr(before, name)), str(getattr(after, name))
    for code in after.kinds:
        old, new = before.kinds.get(code, Counting(Weight.NONE)), after.kinds[code]
        if _effect(old) != _effect(new):
            yield code, _effect(old), _effect(new)
    for grade, words in after.grades.items():
        if before.grades.get(grade) != words:
            yield grade, " ".join(before.grades.get(grade, ())), " ".join(words)


def _effect(counting: Counting) -> str:
    """A counting as one text; how a kind that does not count is delimited means nothing."""
    if counting.weight == Weight.NONE:
        return str(Weight.NONE)
    return f"{counting.weight}|{int(counting.in_window)}|{int(counting.while_open)}"


# --- the cycle --------------------------------------------------------------------------------


@act("grading.schedule_set")
def set_schedule(
    *, by: Actor, kind: str, month: int, day: int, since: dt.date, until: dt.date | None = None,
    wait_days: int = 30,
) -> RunSchedule:  # fmt: skip
    """Let a reference date come round every year from a day on.

    Raises NotPermitted, Refused when it does so already: of two that are the same, ending one would
    end nothing. Source: R31, R33.
    """
    require(by, Permission.EDIT_SCHEME)
    _lock_standard()
    same = RunSchedule.objects.filter(kind=kind, month=month, day=day)
    if there := same.filter(overlapping(since, until)).order_by("since").first():
        raise Refused(
            "grading.schedule_exists",
            schedule=str(there), since=str(there.since), until=str(there.until or "—"),
        )  # fmt: skip
    schedule = RunSchedule(
        kind=kind, month=month, day=day, since=since, until=until, wait_days=wait_days
    )
    schedule.full_clean()
    schedule.save()
    note(target=schedule, since=str(since), until=str(until or ""))
    return schedule


@act("grading.schedule_ended")
def end_schedule(*, by: Actor, schedule_id: int, until: dt.date) -> RunSchedule:
    """Open no further run of a schedule from a day on; what was opened stays."""
    require(by, Permission.EDIT_SCHEME)
    schedule = RunSchedule.objects.select_for_update().filter(pk=schedule_id).first()
    if schedule is None:
        raise NotPermitted("roster.not_permitted")
    if schedule.until is not None:
        raise Refused("grading.schedule_ended", until=schedule.until.isoformat())
    if until < schedule.since:
        raise Refused("grading.schedule_ends_early", since=schedule.since.isoformat())
    schedule.until = until
    schedule.save(update_fields=["until"])
    note(target=schedule, until=str(until))
    return schedule


__all__ = [
    "Draft",
    "copy_scheme",
    "differences",
    "end_schedule",
    "fingerprint",
    "save_draft",
    "set_schedule",
]
