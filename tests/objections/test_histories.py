"""Whatever is filed and decided, the grades are those of the records that survive. Design idea 4."""

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.refusal import Refused
from grading.regrading import current_rating
from grading.replay import verify_current
from objections import filing, handling
from objections.filing import Item
from objections.models import Case
from records.enums import NOT_COUNTED
from records.models import Mark, Record
from tests.factories.grading import REFERENCE, TODAY
from tests.factories.objections import OWN

STEP = st.tuples(
    st.sampled_from(["object", "repair"]),
    st.integers(0, 8),
    st.sampled_from(["delete", "milder", "reject", "withdraw", "refuse", "open"]),
)


def brute_force(office) -> str:
    """The grade by the letter of the policy, from the records that are there now: known to the run,
    not repaired, decided within the year. R34–R37."""
    known_at = current_rating(OWN).part.run.known_at
    start = REFERENCE.replace(year=REFERENCE.year - 1)
    counted = [
        record
        for record in Record.objects.live().filter(enterprise=OWN, first_known_at__lte=known_at)
        if start < record.decided_on <= REFERENCE
        and not Mark.objects.live().filter(record=record, kind__in=NOT_COUNTED).exists()
    ]
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
    milder = end == "milder" and kind == "object" and record.kind_id == "licence_revoked"
    office.answer(asked, corrections={"kind_id": "penalty_other"} if milder else {})
    outcome = {"reject": "reject", "repair": "repair"}.get(
        end if end == "reject" else kind, "delete"
    )
    case.refresh_from_db()
    return office.decide(case, "correct" if milder else outcome)


EXPECTED = {
    "", "objections.under_way", "objections.repaired_already", "objections.repair_again_later",
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
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, min_size=1, max_size=5))
def test_grade_follows_from_the_records_that_survive(office_of_many, steps):
    with transaction.atomic():
        office, records = office_of_many
        for kind, number, end in steps:
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
