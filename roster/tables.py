"""Acts on the reference tables of this room, by system administrators."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model, Q

from audit.acts import act, note
from audit.refusal import Refused

from .days import closed_from, holds, lasts, overlapping
from .enums import AgencyKind, Permission
from .models import Agency, AgencyName, Industry, Region, Reporting, RosterEntry
from .posts import superiors
from .rules.registration import name_key
from .saving import store
from .scope import Actor, require
from .standing_map import hold_map, take_map

Row = TypeVar("Row", bound=Model)


@act("roster.region_saved")
def save_region(*, by: Actor, region: Region, on: dt.date) -> Region:
    """Add a region or correct it; the code never changes. It can end when nothing is left of it.

    Raises NotPermitted, Refused.
    """
    require(by, Permission.MANAGE_REFERENCE)
    take_map()
    _refuse_end_of_region(region, on)
    return _saved(region)


def _refuse_end_of_region(region: Region, on: dt.date) -> None:
    """Refuse to close a region that enterprises, regions or agencies still stand on.

    Nor can the end lie ahead: who joins in between would be left on a roster that nobody keeps.
    Source: R3 (nobody is left out), R12.
    """
    until = closed_from(region, on)
    if until is None:
        return
    if until > on:
        raise Refused("roster.region_ends_ahead", until=str(until))
    after = Q(until__isnull=True) | Q(until__gt=until)
    stays = RosterEntry.objects.filter(region=region, retracted_at__isnull=True)
    kept = stays.filter(Q(left_on__isnull=True) | Q(left_on__gt=until)).count()
    below = Reporting.objects.filter(after, superior=region).select_related("region")
    agencies = Agency.objects.filter(after, region=region)
    values = {"region": str(region), "until": str(until)}
    if kept:
        raise Refused("roster.region_keeps_roster", count=kept, **values)
    if below:
        names = "、".join(sorted({str(line.region) for line in below}))
        raise Refused("roster.region_has_regions", below=names, **values)
    if agencies:
        names = "、".join(agency.name for agency in agencies)
        raise Refused("roster.region_has_agencies", agencies=names, **values)


@act("roster.industry_saved")
def save_industry(*, by: Actor, industry: Industry) -> Industry:
    """Add a line of GB/T 4754 or correct it. Raises NotPermitted, Refused."""
    require(by, Permission.MANAGE_REFERENCE)
    return _saved(industry)


@act("roster.superior_set")
def set_superior(*, by: Actor, region: Region, superior: Region, since: dt.date) -> Reporting:
    """From a day on a region reports to another one; the line until then ends on that day.

    Raises NotPermitted, Refused for a circle on any day, a region that has ended by then or ends
    while others report to it, or a day not after the present line's first.
    """
    require(by, Permission.MANAGE_REFERENCE)
    take_map()
    region, superior = (Region.objects.get(pk=row.pk) for row in (region, superior))
    for row, is_there in ((region, holds(region, since)), (superior, lasts(superior, since))):
        if not is_there:
            raise Refused("roster.region_not_in_effect", region=str(row), since=str(since))
    _refuse_circle(region, superior, since)
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
    if present is not None:
        note(target=present)
    return line


def _refuse_circle(region: Region, superior: Region, since: dt.date) -> None:
    """On the first day, and on every later one on which another line begins."""
    days = {line.since for line in Reporting.objects.filter(since__gt=since) if line.since}
    for day in sorted({since, *days}):
        above = {**superiors(on=day), region.pk: superior.pk}
        passed = {region.pk}
        step: str | None = superior.pk
        while step is not None and step not in passed:
            passed.add(step)
            step = above.get(step)
        if step is not None:
            raise Refused(
                "roster.superior_loop", region=str(region), superior=str(superior), day=str(day)
            )


@act("roster.agency_saved")
def save_agency(
    *, by: Actor, agency: Agency, on: dt.date, names: Iterable[str] | None = None
) -> Agency:
    """Add an agency or correct it, with all its other names when `names` is given.

    It can end when nobody is posted there, and not after its region. A region has one lead agency
    a day: a successor begins when the former one ends, which can be said ahead. A new name keeps
    the old one among the other names, so that files still find it. Names and other names are one
    space: what a file writes stands for one agency.
    Raises NotPermitted, Refused, for another agency's name too.
    """
    require(by, Permission.MANAGE_REFERENCE)
    hold_agencies()
    holders = _names_of_others(agency)
    region = Region.objects.select_for_update(no_key=True).get(pk=agency.region_id)
    _refuse_second_lead(agency)
    before = Agency.objects.filter(pk=agency.pk).first() if agency.pk else None
    _refuse_end_of_agency(agency, region, on)
    present = set(before.other_names.values_list("name", flat=True)) if before else set()
    wanted = set(present if names is None else names)
    if before is not None and before.name != agency.name:
        wanted.add(before.name)
    wanted.discard(agency.name)
    for name in (agency.name, *sorted(wanted)):
        if holder := holders.get(name_key(name)):
            raise Refused("roster.agency_name_taken", name=name, agency=holder)
    saved = _saved(agency)
    if wanted != present:
        saved.other_names.exclude(name__in=wanted).delete()
        for name in sorted(wanted - present):
            store(AgencyName(agency=saved, name=name))
        note(target=saved, names=sorted(wanted))
    return saved


def hold_agencies() -> None:
    """Let nobody else change the map or an agency until the act ends, so that no two agencies
    take one name at once. Always in one order: the map, the agencies by key, a region."""
    hold_map()
    list(Agency.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _refuse_second_lead(agency: Agency) -> None:
    """A roster has one unit that keeps, reviews and publishes it. Source: R3, R8."""
    if agency.kind != AgencyKind.LEAD:
        return
    leads = Agency.objects.filter(kind=AgencyKind.LEAD, region=agency.region_id)
    meanwhile = leads.filter(overlapping(agency.since, agency.until)).exclude(pk=agency.pk)
    if other := meanwhile.order_by("since").first():
        raise Refused(
            "roster.second_lead_agency",
            region=str(agency.region),
            agency=other.name,
            since=str(other.since or "—"),
            until=str(other.until or "—"),
        )


def _refuse_end_of_agency(agency: Agency, region: Region, on: dt.date) -> None:
    closes = agency.until
    if region.until is not None and (closes is None or closes > region.until):
        raise Refused("roster.agency_outlasts_region", region=str(region), until=str(region.until))
    until = closed_from(agency, on)
    if until is None or agency.pk is None:
        return
    posts = agency.postings.filter(Q(until__isnull=True) | Q(until__gt=until)).count()
    if posts:
        raise Refused("roster.agency_has_posts", agency=agency.name, count=posts, until=str(until))


def _names_of_others(agency: Agency) -> dict[str, str]:
    """Names and other names of all other agencies by key, with who holds them."""
    present = dict(Agency.objects.values_list("pk", "name"))
    other = AgencyName.objects.values_list("agency_id", "name")
    return {
        name_key(name): present[holder]
        for holder, name in (*present.items(), *other)
        if holder != agency.pk
    }


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


__all__ = ["hold_agencies", "save_agency", "save_industry", "save_region", "set_superior"]
