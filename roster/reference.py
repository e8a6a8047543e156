"""Reference tables of this room: regions with their reporting lines, and industries."""

from __future__ import annotations

import csv
from pathlib import Path

from audit.acts import act, note

from .enums import Level
from .models import Industry, Region, Reporting
from .scope import Actor

DATA = Path(__file__).parent / "data"
KIND_LEVELS = {"省": Level.PROVINCE, "地级市": Level.CITY, "新区": Level.CITY}


@act("roster.reference_loaded")
def load_reference(*, by: Actor) -> tuple[int, int]:
    """Add the regions and industries that are not there yet; change nothing that is.

    Returns how many regions and industries were added.
    """
    regions = _load_regions()
    industries = _load_industries()
    note(added=[*regions, *industries])
    return len(regions), len(industries)


def _load_regions() -> list[str]:
    rows = list(_read("regions.csv"))
    names = {row["code"]: row["name"] for row in rows}
    known = set(Region.objects.values_list("code", flat=True))
    new = [row for row in rows if row["code"] not in known]
    Region.objects.bulk_create(
        Region(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            level=KIND_LEVELS.get(row["kind"], Level.COUNTY),
            full_name=_full_name(row, names),
        )
        for row in new
    )
    Reporting.objects.bulk_create(
        Reporting(region_id=row["code"], superior_id=row["reports_to"])
        for row in new
        if row["reports_to"]
    )
    return [row["code"] for row in new]


def _full_name(row: dict[str, str], names: dict[str, str]) -> str:
    """With the city it reports to in front; the province stands in front of none."""
    superior = row["reports_to"]
    if superior in ("", "130000"):
        return row["name"]
    return names[superior] + row["name"]


def _load_industries() -> list[str]:
    rows = list(_read("industries.csv"))
    known = set(Industry.objects.values_list("code", flat=True))
    new = [row for row in rows if row["code"] not in known]
    Industry.objects.bulk_create(
        Industry(code=row["code"], name=row["name"], section=row["section"]) for row in new
    )
    return [row["code"] for row in new]


def _read(name: str) -> csv.DictReader:
    return csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines())
