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
from .saving import store
from .scope import Actor, require

Row = TypeVar("Row", bound=Model)


@act("roster.region_saved")
def save_region(*, by: Actor, region: Region) -> Region:
    """Add a region or correct it; the code never changes. Raises NotPermitted, Refused."""
    require(by, Permission.MANAGE_REFERENCE)
    return _saved(region)


@act("roster.industry_saved")
def save_industry(*, by: Actor, industry: Industry) -> Industry:
    """Add a line of GB/T 4754 or correct it. Raises NotPermitted, Refused."""
    require(by, Permission.MANAGE_REFERENCE)
    return _saved(industry)


@act("roster.superior_set")
def set_superior(*, by: Actor, region: Region, superior: Region, since: dt.date) -> Reporting:
    """From a day on a region reports to another one; the line until then ends on that day.

    Raises NotPermitted, Refused for a circle or a day not after the present line's first.
    """
    require(by, Permission.MANAGE_REFERENCE)
    _lock_regions()
    above = superiors(on=since)
    step: str | None = superior.pk
    while step is not None:
        if step == region.pk:
            raise Refused("roster.superior_loop", region=str(region), superior=str(superior))
        step = above.get(step)
    present = Reporting.objects.filter(region=region, until=None).first()
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


def _lock_regions() -> None:
    """One change of the map at a time: what it must not break concerns more than one line."""
    list(Region.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


@act("roster.agency_saved")
def save_agency(*, by: Actor, agency: Agency, names: Iterable[str] | None = None) -> Agency:
    """Add an agency or correct it, with all its other names when `names` is given.

    A new name keeps the old one among the other names, so that files still find it.
    Raises NotPermitted, Refused.
    """
    require(by, Permission.MANAGE_REFERENCE)
    before = Agency.objects.filter(pk=agency.pk).first() if agency.pk else None
    saved = _saved(agency)
    known = set(saved.other_names.values_list("name", flat=True))
    wanted = set(known if names is None else names)
    if before is not None and before.name != saved.name:
        wanted.add(before.name)
    wanted.discard(saved.name)
    if wanted != known:
        saved.other_names.exclude(name__in=wanted).delete()
        for name in sorted(wanted - known):
            store(AgencyName(agency=saved, name=name))
        note(target=saved, names=sorted(wanted))
    return saved


def _saved(row: Row) -> Row:
    """Store a row, and note what it changes. A new one never takes the place of one there is."""
    known = type(row)._default_manager.filter(pk=row.pk)
    before = None if row._state.adding else known.first()
    store(row)
    changes = [
        (field.attname, str(getattr(before, field.attname, "")), str(getattr(row, field.attname)))
        for field in row._meta.concrete_fields
        if not field.primary_key
        and getattr(before, field.attname, None) != getattr(row, field.attname)
    ]
    note(target=row, changes=changes)
    return row


__all__ = ["save_agency", "save_industry", "save_region", "set_superior"]
