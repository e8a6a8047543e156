"""The agencies of the made-up Hebei: a lead agency and the departments of every region."""

from __future__ import annotations

from collections.abc import Iterator

from audit.acts import note
from roster.enums import AgencyKind, Level
from roster.models import Agency, AgencyName, Region, Reporting

from .enterprises import Place
from .fields import FIELDS

WITH_OTHER_NAMES = ("130000", "130100", "130200", "130102", "130682", "130629")
FORMER = {"market": "工商行政管理", "environment": "环境保护", "emergency": "安全生产监督管理"}


def places() -> dict[str, Place]:
    """The counties with the city-level region each belongs to, in the order of their codes."""
    above = dict(
        Reporting.objects.filter(until__isnull=True).values_list("region_id", "superior_id")
    )
    levels = dict(Region.objects.values_list("code", "level"))
    return {
        region.code: Place(
            region.code,
            region.name,
            region.full_name,
            region.code if levels[above[region.code]] == Level.PROVINCE else above[region.code],
        )
        for region in Region.objects.filter(level=Level.COUNTY).order_by("code")
    }


def code_of(region: str, field: str) -> str:
    return f"{region}-{field or 'lead'}"


def add_offices() -> list[str]:
    """Add the agencies that are not there; an existing lead agency of a region is left alone.

    Returns the codes added.
    """
    known = set(Agency.objects.values_list("code", flat=True))
    led = set(
        Agency.objects.filter(kind=AgencyKind.LEAD, until__isnull=True).values_list(
            "region_id", flat=True
        )
    )
    new = [
        agency
        for region in Region.objects.order_by("code")
        for agency in _of(region)
        if agency.code not in known
        and not (agency.kind == AgencyKind.LEAD and agency.region_id in led)
    ]
    Agency.objects.bulk_create(new, batch_size=500)
    _add_other_names([agency.code for agency in new])
    for agency in new:
        note(target=agency)
    return [agency.code for agency in new]


def _of(region: Region) -> Iterator[Agency]:
    yield Agency(
        code=code_of(region.code, ""),
        name=f"{region.full_name}社会信用体系建设牵头部门",
        region=region,
        kind=AgencyKind.LEAD,
    )
    for field in FIELDS.values():
        yield Agency(
            code=code_of(region.code, field.code),
            name=f"{region.full_name}{field.name}部门",
            region=region,
            kind=AgencyKind.DEPARTMENT,
            field=field.name,
        )


def _add_other_names(codes: list[str]) -> None:
    """Former names under which older files mention a few of the departments."""
    wanted = Agency.objects.filter(code__in=codes, region__in=WITH_OTHER_NAMES).select_related(
        "region"
    )
    AgencyName.objects.bulk_create(
        AgencyName(agency=agency, name=f"{agency.region.full_name}{FORMER[field]}部门")
        for agency in wanted
        if (field := agency.code.partition("-")[2]) in FORMER
    )


def directory() -> dict[tuple[str, str], int]:
    """Keys of the agencies by region and field ('' for the lead agency)."""
    found: dict[tuple[str, str], int] = {}
    by_code = dict(Agency.objects.values_list("code", "pk"))
    leads = Agency.objects.filter(kind=AgencyKind.LEAD, until__isnull=True)
    for pk, region in leads.values_list("pk", "region_id"):
        found[region, ""] = pk
    for region in Region.objects.values_list("code", flat=True):
        for field in FIELDS:
            found[region, field] = by_code[code_of(region, field)]
    return found
