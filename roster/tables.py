"""Acts on the reference tables of this room, by system administrators."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model

from audit.acts import act, note
from audit.refusal import Refused

from .enums import Permission
from .models import Agency, AgencyName, Industry, Region, Reporting
from .posts import superiors
from .rules.registration import name_key
from .scope import Actor, require

Row = TypeVar("Row", bound=Model)


@act("roster.region_saved")
def save_region(*, by: Actor, region: Region) -> Region:
    """Add a region or correct it; the code never changes. Raises NotPermitted, ValidationError."""
    require(by, Permission.MANAGE_REFERENCE)
    return _saved(region)


@act("roster.industry_saved")
def save_industry(*, by: Actor, industry: Industry) -> Industry:
    """Add a line of GB/T 4754 or correct it. Raises NotPermitted, ValidationError."""
    require(by, Permission.MANAGE_REFERENCE)
    return _saved(industry)


@act("roster.superior_set")
def set_superior(*, by: Actor, region: Region, superior: Region, since: dt.date) -> Reporting:
    """From a day on a region reports to another one; the line until then ends on that day.

    Raises NotPermitted, Refused for a circle or a day not after the present line's first.
    """
    require(by, Permission.MANAGE_REFERENCE)
    above = superiors(on=since)
    step: str | None = superior.pk
    while step is not None:
        if step == region.pk:
            raise Refused("roster.superior_loop", region=str(region), superior=str(superior))
        step = above.get(step)
    present = Reporting.objects.select_for_update().filter(region=region, until=None).first()
    if present is not None:
        if present.since is not None and present.since >= since:
            raise Refused("roster.superior_since", since=str(present.since))
        Reporting.objects.filter(pk=present.pk).update(until=since)
    line = Reporting.objects.create(region=region, superior=superior, since=since)
    note(
        target=region,
        superior=str(superior),
        former=str(present.superior) if present else "",
        since=str(since),
    )
    note(target=line)
    return line


@act("roster.agency_saved")
def save_agency(*, by: Actor, agency: Agency, names: Iterable[str] | None = None) -> Agency:
    """Add an agency or correct it, with all its other names when `names` is given.

    A new name keeps the old one among the other names, so that files still find it. Names and
    other names are one space: what a file writes stands for one agency.
    Raises NotPermitted, Refused for another agency's name, ValidationError.
    """
    require(by, Permission.MANAGE_REFERENCE)
    holders = _names_of_others(agency)
    before = Agency.objects.filter(pk=agency.pk).first() if agency.pk else None
    known = set(before.other_names.values_list("name", flat=True)) if before else set()
    wanted = set(known if names is None else names)
    if before is not None and before.name != agency.name:
        wanted.add(before.name)
    wanted.discard(agency.name)
    for name in (agency.name, *sorted(wanted)):
        if holder := holders.get(name_key(name)):
            raise Refused("roster.agency_name_taken", name=name, agency=holder)
    saved = _saved(agency)
    if wanted != known:
        saved.other_names.exclude(name__in=wanted).delete()
        for name in sorted(wanted - known):
            other = AgencyName(agency=saved, name=name)
            other.full_clean()
            other.save()
        note(target=saved, names=sorted(wanted))
    return saved


def _names_of_others(agency: Agency) -> dict[str, str]:
    """Names and other names of all other agencies by key, with who holds them.

    The agencies are locked until the act ends, so that no two take one name at once.
    """
    locked = Agency.objects.select_for_update(no_key=True).order_by("pk")
    present = dict(locked.values_list("pk", "name"))
    other = AgencyName.objects.values_list("agency_id", "name")
    return {
        name_key(name): present[holder]
        for holder, name in (*present.items(), *other)
        if holder != agency.pk
    }


def _saved(row: Row) -> Row:
    """Check and store a row, and note what it changes."""
    before = type(row)._default_manager.filter(pk=row.pk).first() if row.pk else None
    row._state.adding = before is None
    row.full_clean()
    row.save(force_insert=before is None)
    changes = [
        (field.attname, str(getattr(before, field.attname, "")), str(getattr(row, field.attname)))
        for field in row._meta.concrete_fields
        if not field.primary_key
        and getattr(before, field.attname, None) != getattr(row, field.attname)
    ]
    note(target=row, changes=changes)
    return row


__all__ = ["save_agency", "save_industry", "save_region", "set_superior"]
