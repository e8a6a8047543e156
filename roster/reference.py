"""Reference tables of this room: regions with their reporting lines, and industries."""

from __future__ import annotations

import csv
from pathlib import Path

from audit.acts import acting, note

from .enums import Level
from .models import Industry, Region, Reporting
from .rules.placing import PROVINCE
from .scope import Actor

DATA = Path(__file__).parent / "data"
KIND_LEVELS = {"省": Level.PROVINCE, "地级市": Level.CITY, "新区": Level.CITY}


def load_reference(*, by: Actor) -> tuple[int, int]:
    """Add the regions and industries that are not there yet; change nothing that is.

    Returns how many regions and industries were added. When nothing is missing it is no act and
    writes nothing, so it can run at every start.
    """
    regions, industries = _absent(Region, "regions.csv"), _absent(Industry, "industries.csv")
    if regions or industries:
        with acting("roster.reference_loaded", by=by):
            added = _add_regions(regions)
            _add_industries(industries)
            note(added=[row["code"] for row in (*regions, *industries)])
            for row in added:
                note(target=row)
    return len(regions), len(industries)


def _absent(model: type[Region] | type[Industry], name: str) -> list[dict[str, str]]:
    known = set(model.objects.values_list("code", flat=True))
    return [row for row in _read(name) if row["code"] not in known]


def _add_regions(rows: list[dict[str, str]]) -> list[Region | Reporting]:
    names = {row["code"]: row["name"] for row in _read("regions.csv")}
    regions = Region.objects.bulk_create(
        Region(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            level=KIND_LEVELS.get(row["kind"], Level.COUNTY),
            full_name=_full_name(row, names),
        )
        for row in rows
    )
    known = Region.objects.in_bulk()
    lines = Reporting.objects.bulk_create(
        Reporting(region=known[row["code"]], superior=known[row["reports_to"]])
        for row in rows
        if row["reports_to"]
    )
    return [*regions, *lines]


def _full_name(row: dict[str, str], names: dict[str, str]) -> str:
    """With the city it reports to in front; the province stands in front of none."""
    superior = row["reports_to"]
    if superior in ("", PROVINCE):
        return row["name"]
    return names[superior] + row["name"]


def _add_industries(rows: list[dict[str, str]]) -> None:
    Industry.objects.bulk_create(
        Industry(code=row["code"], name=row["name"], section=row["section"]) for row in rows
    )


def _read(name: str) -> csv.DictReader:
    return csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines())
