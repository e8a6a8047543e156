"""Whatever is filed and decided, the grades are those of the records that survive. Design idea 4."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.refusal import Refused
from grading.regrading import current_rating
from grading.replay import verify_current
from objections import filing, handling
from objections.filing import Content, Item
from objections.models import Case
from records.enums import NOT_COUNTED
from records.models import Mark, Record
from records.services import replace_record
from tests.factories.grading import OPERATOR, REFERENCE, TODAY
from tests.factories.objections import OWN, Office

LISTING = "seriously_dishonest"
REMOVED = dt.date(2025, 11, 3)

ENDS = (
    "delete", "milder", "earlier", "remove", "removed then", "meanwhile", "reject", "reviewed",
    "withdraw", "refuse", "open",
)  # fmt: skip
STEP = st.tuples(
    st.sampled_from(["object", "object", "repair", "news"]),
    st.integers(0, 8),
    st.sampled_from(ENDS),
)
"""What happens to which record: an objection or a repair with its end; or a late record arrives."""


def brute_force(office) -> str:
    """The grade by the letter of the policy, from the records that are there now: known to the run,
    not repaired, decided within the year, or listed and not removed by its end. R34–R37."""
    known_at = current_rating(OWN).part.run.known_at
    start = REFERENCE.replace(year=REFERENCE.year - 1)
    known = [
        record
        for record in Record.objects.live().filter(enterprise=OWN, first_known_at__lte=known_at)
        if not Mark.objects.live().filter(record=record, kind__in=NOT_COUNTED).exists()
    ]
    counted = [record for record in known if start < record.decided_on <= REFERENCE]
    listed = [record for record in known if record.kind_id == LISTING]
    if any(record.ended_on is None or record.ended_on > REFERENCE for record in listed):
        return "C"
    if any(record.kind_id == "licence_revoked" for record in counted):
        return "C"
    general = sum(record.kind_id == "penalty_other" for record in counted)
    return "C" if general > 5 else "B" if general else "A"


def carry_out(office, kind: str, record: Record, end: str) -> Case | None:
    item = Item(record.pk, "made_good" if kind == "repair" else "wrong")
    more = {"kind": "repair", "files": ["proof"]} if kind == "repair" else {}
    case = office.file(item, **more)
    if end == "open":
        return office.accept(case)
    if end == "refuse":
        return handling.refuse_case(
            by=office.clerk, case_id=case.pk, version=None, code="outside", reason="x", on=TODAY
        )
    office.accept(case)
    if end == "withdraw":
        return filing.withdraw_case(
            by=office.rep, case_id=case.pk, version=None, reason="", on=TODAY
        )
    asked = office.send(case)
    right = corrections_of(end, record) if kind == "object" else {}
    office.answer(asked, corrections=right)
    case.refresh_from_db()
    if end == "meanwhile":
        its_source_puts_right(record)
    if (
        kind == "object"
        and record.kind_id == LISTING
        and end in ("remove", "removed then", "meanwhile")
    ):
        return office.decide(case, "remove", removed_on=REMOVED if end == "removed then" else None)
    if end in ("reject", "reviewed"):
        office.decide(case, "reject")
        return upheld_above(office, case) if end == "reviewed" and kind == "object" else case
    if kind == "repair":
        return office.decide(case, "repair")
    return office.decide(case, "correct" if right else "delete")


def corrections_of(end: str, record: Record) -> dict[str, str]:
    """What is found to be right: a general penalty, or a decision of a year before the window."""
    if end == "milder" and record.kind_id == "licence_revoked":
        return {"kind_id": "penalty_other"}
    is_earlier = end == "earlier" and record.kind_id != LISTING
    return {"decided_on": "2023-02-03"} if is_earlier else {}


def its_source_puts_right(record: Record) -> None:
    """While the case is open: the removal from the list, or the facts of a penalty."""
    changes = (
        {"ended_on": REMOVED, "end_reason": "移出"}
        if record.kind_id == LISTING
        else {"facts": "补"}
    )
    if record.ended_on is None:
        replace_record(by=OPERATOR, record_id=record.pk, changes=changes, reason="更正", on=TODAY)


def upheld_above(office, case: Case) -> Case:
    """The level above deletes what the unit kept."""
    draft = filing.begin_review(by=office.rep, case_id=case.pk, on=TODAY)
    content = Content(Content.of(draft).items, "不服", "", True)
    filing.keep_draft(by=office.rep, draft_id=draft.pk, content=content)
    second = filing.file_case(by=office.rep, draft_id=draft.pk, on=TODAY)
    office.accept(second, by=office.city_clerk)
    office.verify(second, by=office.city_clerk)
    return office.decide(second, "delete", by=office.city_approver)


@pytest.fixture
def office_with_listing(office) -> tuple[Office, list[Record]]:
    """A severe listing beside fines within the year, counted by a newer run."""
    listing = office.give(OWN, LISTING, "2024-03-05")
    more = [office.give(OWN, "penalty_other", f"2025-0{n}-10") for n in range(3, 9)]
    office.publish(office.run(REFERENCE, kind="quarterly"))
    return office, [listing, office.severe, office.fine, *more]


EXPECTED = {
    "", "objections.corrections_needless", "objections.under_way", "objections.repaired_already", "objections.repair_again_later",
}  # fmt: skip
"""What a history may come upon; "" when all of it was carried out."""


def refusal_of(*history) -> str:
    try:
        with transaction.atomic():
            carry_out(*history)
    except Refused as refused:
        return refused.code
    return ""


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(worse=st.booleans(), steps=st.lists(STEP, min_size=1, max_size=7))
def test_grade_follows_from_the_records_that_survive(office_with_listing, worse, steps):
    """worse: the listing is not all that makes the enterprise a C."""
    with transaction.atomic():
        office, records = office_with_listing
        if not worse:
            office.upheld()
        for turn, (kind, number, end) in enumerate(steps):
            if kind == "news":
                office.give(OWN, "licence_revoked", f"2025-0{1 + number}-2{turn}")
                assert current_rating(OWN).grade == brute_force(office)
                continue
            record = (
                Record.objects.live()
                .filter(enterprise=OWN, identity=records[number % len(records)].identity)
                .first()
            )
            if record is None:
                continue
            assert refusal_of(office, kind, record, end) in EXPECTED
            assert current_rating(OWN).grade == brute_force(office)
        assert verify_current().ok
        transaction.set_rollback(True)


def test_news_never_makes_a_grade_worse_by_an_objection(office_of_many):
    office, records = office_of_many
    before = current_rating(OWN).grade
    for n in range(8):
        office.give(OWN, "licence_revoked", f"2025-0{n + 1}-05")

    for record in records[:3]:
        carry_out(office, "object", record, "reject")

    assert current_rating(OWN).grade == before == "C"
    assert verify_current().ok
    carry_out(office, "object", Record.objects.get(pk=office.severe.pk), "delete")
    assert current_rating(OWN).grade == brute_force(office)
