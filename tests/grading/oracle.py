"""The standard told a second time, one enterprise at a time and row by row, to check the first.

Shares no code with the portal: it reads rows and knows the policy.
"""

import datetime as dt

from grading.models import Run
from records.models import Mark, Record
from roster.models import Registration, RosterEntry

SEVERE = {
    "licence_suspended", "grade_lowered", "licence_revoked", "operation_restricted",
    "production_stopped", "ordered_to_close", "employment_restricted",
}  # fmt: skip
LISTS = {"seriously_dishonest", "judgment_defaulter"}
GENERAL = {
    "judgment", "penalty_other", "penalty_undecided", "enforcement", "abnormal_operation",
    "tax_arrears", "abnormal_taxpayer", "utility_arrears", "broken_commitment",
    "breach_of_contract",
}  # fmt: skip


def grades(run: Run) -> dict[str, str]:
    """The grade of every enterprise on the rosters of a run, by its codes."""
    at, day = run.known_at, run.reference_date
    regions = set(run.parts.values_list("region_id", flat=True))
    return {
        entry.enterprise_id: grade(entry.enterprise_id, at=at, day=day)
        for entry in RosterEntry.objects.all()
        if entry.region_id in regions
        and _known(entry, at)
        and (entry.joined_on is None or entry.joined_on <= day)
        and (entry.left_on is None or entry.left_on > day)
    }


def grade(code: str, *, at: dt.datetime, day: dt.date) -> str:
    """What the policy says of one enterprise on a day, as it was known at an instant."""
    try:
        year_before = day.replace(year=day.year - 1)
    except ValueError:
        year_before = dt.date(day.year - 1, 2, 28)
    records = [
        record
        for record in Record.objects.filter(enterprise=code)
        if _known(record, at) and not _set_aside(record, at) and record.decided_on <= day
    ]
    if _revoked(code, records, at, day):
        return "D"
    severe = general = 0
    serious = False
    for record in records:
        running = record.ended_on is None or record.ended_on > day
        recent = record.decided_on > year_before
        if record.kind_id in LISTS and running:
            severe += 1
        if record.kind_id in SEVERE and recent:
            severe += 1
        if record.kind_id in GENERAL and recent and (record.kind_id != "judgment" or running):
            general += 1
            serious = serious or _marked(record, {"serious"}, at)
    if severe or general > 5 or serious:
        return "C"
    return "B" if general else "A"


def _revoked(code: str, records: list[Record], at: dt.datetime, day: dt.date) -> bool:
    stands = [
        record
        for record in records
        if record.kind_id == "business_licence_revoked"
        and (record.ended_on is None or record.ended_on > day)
    ]
    return bool(stands) or any(
        _known(row, at)
        and row.status in ("2", "3")
        and ((row.status_on or row.since) is None or (row.status_on or row.since) <= day)
        and (row.until is None or row.until > day)
        for row in Registration.objects.filter(enterprise=code)
    )


def _known(row, at: dt.datetime) -> bool:
    return row.recorded_at <= at and (row.retracted_at is None or row.retracted_at > at)


def _set_aside(record: Record, at: dt.datetime) -> bool:
    return _marked(record, {"withdrawn", "repaired"}, at)


def _marked(record: Record, kinds: set[str], at: dt.datetime) -> bool:
    return any(
        mark.kind in kinds and _known(mark, at) for mark in Mark.objects.filter(record=record)
    )
