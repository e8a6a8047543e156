"""Versions of a record and what they differ in, in the offices' words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from audit.refusal import Refused
from records.models import Kind, Record
from records.services import refuse_out_of_use
from roster.enums import Permission
from roster.models import Agency, Enterprise, Industry, Region, Registration
from roster.scope import Actor, may
from roster.stale import minute

from .models import Proposal
from .people import names_of

SHOWN = (
    "enterprise_id", "kind_id", "authority_id", "number", "decided_on", "ended_on", "end_reason",
    "measures", "conduct", "facts", "basis", "content", "fine_wan", "confiscated_wan", "licence",
    "valid_until", "publication_until", "serious_claimed", "remark",
)  # fmt: skip
"""What a unit may say otherwise than before, in the order of the page."""


@dataclass(frozen=True)
class Change:
    """One field before and after, as texts."""

    label: str
    before: str
    after: str

    def __str__(self) -> str:
        return _("{label}：{before} → {after}").format(
            label=self.label, before=self.before, after=self.after
        )


@dataclass(frozen=True)
class Version:
    """One version of a record and what it says otherwise than the one before it.

    came: the one before is not the reader's to see, so nothing is said of it.
    """

    record: Record
    changes: tuple[Change, ...]
    came: bool = False


def successor_of(record: Record) -> Record | None:
    """The version in force now in place of one that was put right; None when there is none."""
    found: Record | None = record
    while found is not None and found.retracted_at is not None:
        found = (
            Record.objects.filter(supersedes=found)
            .select_related("kind", "authority", "enterprise")
            .first()
        )
    return found


def successor_within(record: Record, code: str) -> Record | None:
    """The version in force now, while it still is about an enterprise; None when there is none, or
    when it was put right to be about another one."""
    found = successor_of(record)
    return found if found is not None and found.enterprise_id == code else None


def former_versions(records: Iterable[Record]) -> dict[int, set[int]]:
    """By the key of a record, the keys of all its versions up to it; in as many queries as the
    longest line has versions."""
    rows = list(records)
    found = {row.pk: {row.pk} for row in rows}
    step = {row.pk: row.supersedes_id for row in rows if row.supersedes_id}
    while step:
        for key, former in step.items():
            found[key].add(former)
        before = dict(
            Record.objects.filter(pk__in=step.values()).values_list("pk", "supersedes_id")
        )
        step = {key: before[former] for key, former in step.items() if before.get(former)}
    return found


def versions_of(record: Record) -> list[Version]:
    """All versions of the line a record belongs to, oldest first. A line is short."""
    rows = Record.objects.select_related("kind", "authority", "enterprise")
    line = [record]
    while line[0].supersedes_id is not None:
        line.insert(0, rows.get(pk=line[0].supersedes_id))
    while (later := rows.filter(supersedes=line[-1]).first()) is not None:
        line.append(later)
    pairs = zip([None, *line], line, strict=False)
    return [
        Version(now, tuple(differences(before, now)) if before is not None else ())
        for before, now in pairs
    ]


def versions_for(user: Actor, record: Record) -> list[Version]:
    """The versions of the line that are the reader's to see: a record given about the wrong
    enterprise, or by the wrong authority, was or has become another unit's. Design idea 6."""
    shown, came = [], False
    for version in versions_of(record):
        if sees(user, version.record):
            shown.append(Version(version.record, (), came=True) if came else version)
        came = not sees(user, version.record)
    return shown


def sees(user: Actor, record: Record | None) -> bool:
    """Whether a version of a record, be it only proposed, is the reader's to see."""
    return record is not None and may(user, Permission.VIEW_RECORDS, record)


def recorders_of(record: Record) -> set[str]:
    """Everybody who wrote a version of the line up to a record: none of them is a second person."""
    return {version.record.recorded_by for version in versions_of(record)}


def claimed_at(record: Record) -> dt.datetime | None:
    """When the reporting unit first said that a record had a serious consequence, as it says
    still; None when it does not."""
    known = None
    for place, version in enumerate(versions_of(record)):
        one = version.record
        if not one.serious_claimed:
            known = None
        elif known is None:
            known = one.recorded_at if place else one.first_known_at
        if one == record:
            break
    return known


def differences(before: Record, after: Record) -> Iterable[Change]:
    """The fields in which two versions differ."""
    for name in SHOWN:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change(_label(name), _said(before, name), _said(after, name))


def proposed(proposal: Proposal, *, user: Actor) -> list[Change]:
    """What a waiting correction would change; empty for a withdrawal or a retraction.

    Whose the corrected record would not be learns that it goes, not where to.
    """
    before = proposal.record
    if before is None:
        return list(_proposed_registration(proposal))
    after = as_proposed(proposal)
    if sees(user, after):
        return list(differences(before, after))
    return [Change(_label("enterprise_id"), _said(before, "enterprise_id"), _("其他企业"))]


def as_proposed(proposal: Proposal) -> Record:
    """The record of a proposal as the correction would leave it."""
    after = Record(**{name: getattr(proposal.record, name) for name in SHOWN})
    for name, value in typed_changes(proposal).items():
        setattr(after, name, value)
    return after


def _proposed_registration(proposal: Proposal) -> Iterable[Change]:
    """Before is what registration says, for a decided proposal what it said until then."""
    before, after = _registration_at(proposal), Registration(enterprise_id=proposal.enterprise_id)
    for name, value in typed_changes(proposal).items():
        setattr(after, name, value)
        yield Change(_label(name, Registration), _said(before, name), _said(after, name))


def _registration_at(proposal: Proposal) -> Registration:
    versions = Registration.objects.filter(enterprise=proposal.enterprise_id, until__isnull=True)
    if proposal.decided_at is None:
        return versions.get(retracted_at__isnull=True)
    known = versions.filter(recorded_at__lt=proposal.decided_at).exclude(
        retracted_at__lt=proposal.decided_at
    )
    return known.order_by("-recorded_at", "-pk")[0]


def typed_changes(proposal: Proposal) -> dict[str, Any]:
    """The changes of a proposal in the types of the fields of what it is about."""
    return typed(proposal.changes, model=type(proposal.target))


def typed(
    changes: Mapping[str, object], *, model: type[Record] | type[Enterprise]
) -> dict[str, Any]:
    """Changes as JSON or a form keeps them, in the types of the fields; an empty text empties a
    field that may be without a value. Raises ValidationError."""
    fields = {name: model._meta.get_field(name) for name in changes}
    return {
        name: fields[name].to_python(None if value == "" and fields[name].null else value)
        for name, value in changes.items()
    }


def fitting(
    changes: Mapping[str, object], *, model: type[Record] | type[Enterprise]
) -> dict[str, Any]:
    """Changes as `typed`, each held to what its field takes: length, digits, choices, a kind there
    is, no amount below nothing. Raises ValidationError."""
    values: dict[str, Any] = {}
    for name, value in typed(changes, model=model).items():
        field: Any = model._meta.get_field(name)
        values[name] = field.clean(value, None)
        if isinstance(values[name], Decimal) and values[name] < 0:
            raise ValidationError(_("金额不能小于 0。"))
    return values


def checked(changes: Mapping[str, object], *, of: Record | Enterprise) -> dict[str, Any]:
    """Changes as `fitting`, all of them held to what the row as a whole can be. Raises
    ValidationError; Refused: the kind was not in use on that day."""
    model = type(of)
    values = fitting(changes, model=model)
    after = copy(of)
    for name, value in values.items():
        setattr(after, name, value)
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            constraint.validate(model, after)
    if isinstance(after, Record) and {"kind_id", "decided_on"} & set(values):
        refuse_out_of_use(Kind.objects.get(pk=after.kind_id), after.decided_on)
    return values


def _label(name: str, model: type[Record] | type[Registration] = Record) -> str:
    return str(model._meta.get_field(name).verbose_name)


def _said(record: Record | Registration, name: str) -> str:
    """A value as the page says it; a key by the name of what it stands for."""
    value = getattr(record, name)
    if choices := dict(record._meta.get_field(name).flatchoices):
        return str(choices.get(value, value))
    if value in (None, ""):
        return "—"
    if value is True or value is False:
        return _("是") if value else _("否")
    named = NAMED.get(name)
    if named is not None:
        row = named.objects.filter(pk=value).first()  # type: ignore[attr-defined]
        return str(row) if row is not None else str(value)
    if name in ("fine_wan", "confiscated_wan"):
        return number_format(value.normalize(), use_l10n=False)
    return str(value)


NAMED = {
    "enterprise_id": Enterprise,
    "kind_id": Kind,
    "authority_id": Agency,
    "region_id": Region,
    "industry_id": Industry,
}


def stale_version(record: Record, *, by: Actor) -> Refused:
    """What has become of the version since the form was read, and by whom; of one that is another
    unit's by now only that."""
    assert record.retracted_at is not None  # noqa: S101 -- only asked of what is not live
    at = minute(record.retracted_at)
    who = names_of([record.retracted_by])[record.retracted_by]
    now = successor_of(record)
    if now is None:
        return Refused("grading.record_taken_down", who=who, at=at, reason=record.retract_reason)
    what = "；".join(map(str, differences(record, now))) if sees(by, now) else _("归到他处")
    return Refused("grading.record_changed", who=who, at=at, what=what or "—")
