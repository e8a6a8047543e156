"""Why an enterprise has its grade: what counted, what did not and why not, who may read it."""

import datetime as dt

import pytest
from django.utils import timezone

from audit.refusal import NotPermitted
from grading import corrections
from grading.enums import ProposalKind
from grading.explanation import Explanation, explain_rating
from grading.models import Rating, Verdict
from grading.services import (
    ask_withdrawal,
    open_run,
    publish_part,
    review_part,
    withdraw_part,
    work,
)
from records.enums import MarkKind
from records.services import mark_record, replace_record, unmark_record
from roster.models import Enterprise, User
from roster.services import override_place, register_enterprise
from tests.factories.grading import OPERATOR, TODAY, County, code
from tests.factories.officers import OTHER, Officers

A = code(1)
B = code(2)


def explained(county: County, which: str = A, **options) -> Explanation:
    return explain_rating(which, user=county.clerk, at=timezone.now(), on=TODAY, **options)


def counted(found: Explanation) -> list[tuple[str, str]]:
    return [(item.record.kind_id, item.weight) for item in found.counted]


def not_counted(found: Explanation) -> dict[str, tuple[str, ...]]:
    return {item.record.kind_id: item.why_not for item in found.not_counted}


@pytest.fixture
def graded(county: County) -> County:
    """Two enterprises on the roster; tests add records, then publish."""
    county.register([A, B])
    return county


# --- the grades -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "grade", "rule", "weights"),
    [
        ([], "A", "no_record", []),
        (
            [("penalty_other", "2025-03-01")],
            "B",
            "within_limit",
            [("penalty_other", "general")],
        ),
        (
            [("production_stopped", "2025-03-01"), ("tax_arrears", "2025-02-01")],
            "C",
            "severe_penalty",
            [("production_stopped", "severe"), ("tax_arrears", "general")],
        ),
        (
            [("seriously_dishonest", "2019-03-01")],
            "C",
            "severe_listed",
            [("seriously_dishonest", "listed")],
        ),
        (
            [("penalty_other", f"2025-0{month}-01") for month in (9, 8, 7, 6, 5, 4)],
            "C",
            "over_limit",
            [("penalty_other", "general")] * 6,
        ),
        (
            [("business_licence_revoked", "2018-03-01")],
            "D",
            "licence_revoked",
            [("business_licence_revoked", "revocation")],
        ),
    ],
)
def test_grade_and_what_counted(graded: County, given, grade, rule, weights) -> None:
    for kind, day in given:
        graded.give(A, kind, day)
    graded.publish(graded.run())
    found = explained(graded)
    assert (found.rating.grade, found.rating.verdict.rule) == (grade, rule)
    assert counted(found) == weights
    assert found.follows


def test_revoked_by_registration_alone_names_the_registration(graded: County) -> None:
    news = {"status": "2", "status_on": dt.date(2025, 6, 6)}
    register_enterprise(by=OPERATOR, code=A, given=news, source="test", on=TODAY, version=1)
    graded.publish(graded.run())
    found = explained(graded)
    assert found.rating.grade == "D"
    assert [row.status_on for row in found.revocations] == [dt.date(2025, 6, 6)]
    assert found.disagreement == "registration_only"


def test_revoked_by_a_record_alone_says_that_registration_disagrees(graded: County) -> None:
    graded.give(A, "business_licence_revoked", "2025-03-01")
    graded.publish(graded.run())
    found = explained(graded)
    assert (list(found.revocations), found.disagreement) == ([], "record_only")


def test_revoked_by_both_agrees(graded: County) -> None:
    graded.give(A, "business_licence_revoked", "2025-03-01")
    news = {"status": "2", "status_on": dt.date(2025, 3, 6)}
    register_enterprise(by=OPERATOR, code=A, given=news, source="test", on=TODAY, version=1)
    graded.publish(graded.run())
    assert explained(graded).disagreement == ""


# --- every reason why not -----------------------------------------------------------------------------


def test_each_record_that_did_not_count_says_why_not(graded: County) -> None:
    graded.give(A, "corrective_order", "2025-03-01")
    graded.give(A, "tax_arrears", "2024-12-31")
    graded.give(A, "judgment", "2025-03-01", ended_on=dt.date(2025, 8, 1))
    graded.give(A, "seriously_dishonest", "2020-03-01", ended_on=dt.date(2025, 12, 31))
    graded.give(A, "broken_commitment", "2026-01-05")
    withdrawn = graded.give(A, "penalty_other", "2025-03-01")
    repaired = graded.give(A, "breach_of_contract", "2025-03-01")
    for record, kind in ((withdrawn, MarkKind.WITHDRAWN), (repaired, MarkKind.REPAIRED)):
        mark_record(by=OPERATOR, record_id=record.pk, kind=kind, since=TODAY, reason="依据")
    graded.publish(graded.run())
    graded.give(A, "utility_arrears", "2025-03-01")
    found = explained(graded)
    assert counted(found) == []
    assert not_counted(found) == {
        "corrective_order": ("not_in_scheme",),
        "tax_arrears": ("outside_window",),
        "judgment": ("ended",),
        "seriously_dishonest": ("ended",),
        "broken_commitment": ("after_reference_date",),
        "penalty_other": ("withdrawn_or_repaired",),
        "breach_of_contract": ("withdrawn_or_repaired",),
        "utility_arrears": ("known_later",),
    }
    assert found.rating.grade == "A"


def test_records_stand_newest_first_whether_known_then_or_later(graded: County) -> None:
    graded.give(A, "tax_arrears", "2023-03-01")
    graded.publish(graded.run())
    graded.give(A, "utility_arrears", "2025-03-01")
    graded.give(A, "broken_commitment", "2022-03-01")
    assert [item.record.kind_id for item in explained(graded).not_counted] == [
        "utility_arrears",
        "tax_arrears",
        "broken_commitment",
    ]


# --- marks, corrections, what came since -----------------------------------------------------------------


def test_a_disputed_record_counts_and_is_marked(graded: County) -> None:
    record = graded.give(A, "penalty_other", "2025-03-01")
    mark_record(
        by=OPERATOR, record_id=record.pk, kind=MarkKind.DISPUTED, since=TODAY, reason="异议"
    )
    graded.publish(graded.run())
    found = explained(graded)
    assert (found.rating.grade, found.is_disputed, found.facts.disputed) == ("B", True, True)
    assert [(s.mark.kind, s.in_rating, s.stands) for s in found.counted[0].marks] == [
        ("disputed", True, True)
    ]


def test_a_dispute_decided_since_is_shown_as_past(graded: County) -> None:
    record = graded.give(A, "penalty_other", "2025-03-01")
    mark_record(
        by=OPERATOR, record_id=record.pk, kind=MarkKind.DISPUTED, since=TODAY, reason="异议"
    )
    graded.publish(graded.run())
    unmark_record(by=OPERATOR, record_id=record.pk, kind=MarkKind.DISPUTED, reason="维持")
    found = explained(graded)
    assert found.is_disputed is False
    assert [(s.mark.kind, s.in_rating, s.stands) for s in found.counted[0].marks] == [
        ("disputed", True, False)
    ]


def test_a_withdrawal_after_the_run_gives_the_new_grade_and_the_step(graded: County) -> None:
    record = graded.give(A, "penalty_other", "2025-03-01")
    graded.publish(graded.run())
    proposal = corrections.change_record(
        by=graded.clerk, record_id=record.pk, kind=ProposalKind.WITHDRAW, changes={},
        reason="复议撤销", on=TODAY,
    )  # fmt: skip
    corrections.decide_change(
        by=graded.approver, proposal_id=proposal.pk, agree=True, reason="", on=TODAY
    )
    found = explained(graded)
    assert (found.rating.grade, counted(found)) == ("A", [])
    assert not_counted(found) == {"penalty_other": ("withdrawn_or_repaired",)}
    assert [(s.before, s.after, s.correction.cause) for s in found.steps] == [
        ("B", "A", "复议撤销")
    ]
    assert found.since == found.rating.correction.known_at
    assert found.follows


def test_a_version_put_right_without_effect_names_the_one_in_force(graded: County) -> None:
    record = graded.give(A, "penalty_other", "2025-03-01")
    graded.publish(graded.run())
    for content in ("第一次补录", "第二次补录"):
        latest = replace_record(
            by=graded.clerk, record_id=record.pk, changes={"content": content}, reason="补录",
            on=TODAY,
        )  # fmt: skip
        record = latest
    found = explained(graded)
    assert [(item.successor.pk, item.taken_down) for item in found.counted] == [(latest.pk, False)]
    assert found.not_counted == ()


def test_later_news_waits_and_the_outlook_counts_it(graded: County) -> None:
    graded.publish(graded.run())
    graded.give(A, "production_stopped", "2025-11-11")
    found = explained(graded)
    assert (found.rating.grade, found.outlook.today.rule.grade) == ("A", "C")


def test_a_rating_that_does_not_follow_from_the_tables_says_so(graded: County) -> None:
    graded.publish(graded.run())
    rating = Rating.objects.get(enterprise=A)
    other = Verdict.objects.create(
        run=rating.part.run, facts="1|0|0|0|0|0|0", grade="D", rule="licence_revoked", clause="-"
    )
    Rating.objects.filter(pk=rating.pk).update(verdict=other, grade="D")
    assert explained(graded).follows is False


# --- which rating ----------------------------------------------------------------------------------------


def test_the_newest_published_part_is_in_force_and_older_ones_are_listed(graded: County) -> None:
    graded.give(A, "penalty_other", "2024-03-01")
    older = graded.publish(graded.run(dt.date(2024, 12, 31)))
    newer = graded.publish(graded.run())
    found = explained(graded)
    assert (found.rating.grade, found.part.pk, found.is_current) == ("A", newer.pk, True)
    assert [(rating.part_id, rating.grade) for rating in found.earlier] == [(older.pk, "B")]


def test_a_part_can_be_asked_for_by_its_number(graded: County) -> None:
    graded.give(A, "penalty_other", "2024-03-01")
    older = graded.publish(graded.run(dt.date(2024, 12, 31)))
    graded.publish(graded.run())
    found = explained(graded, part_id=older.pk)
    assert (found.rating.grade, found.is_current) == ("B", False)


def test_a_withdrawn_part_is_not_in_force_but_can_be_read(graded: County) -> None:
    part = graded.publish(graded.run())
    ask_withdrawal(by=graded.clerk, part_id=part.pk, reason="数据不全")
    withdraw_part(by=graded.approver, part_id=part.pk)
    assert explained(graded).missing == "roster_not_graded"
    assert explained(graded, part_id=part.pk).rating.grade == "A"


def test_a_part_without_the_enterprise_is_not_there(graded: County) -> None:
    part = graded.publish(graded.run())
    graded.register([code(3)])
    with pytest.raises(NotPermitted):
        explained(graded, code(3), part_id=part.pk)


# --- not yet graded, moved, left -----------------------------------------------------------------------------


def test_a_roster_without_a_published_part_is_the_reason(graded: County) -> None:
    graded.run()
    found = explained(graded)
    assert (found.rating, found.missing) == (None, "roster_not_graded")


def test_an_enterprise_that_joined_after_the_run_waits_for_the_next(graded: County) -> None:
    part = graded.publish(graded.run())
    graded.register([code(3)])
    graded.give(code(3), "penalty_other", "2026-02-02")
    found = explained(graded, code(3))
    assert (found.missing, found.missing_part.pk) == ("joined_later", part.pk)
    assert counted(found) == [("penalty_other", "general")]
    assert found.outlook.today.rule.grade == "B"


def test_an_enterprise_on_no_roster_says_so(graded: County) -> None:
    Enterprise.objects.filter(pk=A).update(keeper=None)
    assert explained(graded).missing == "no_roster"


def test_a_deregistered_enterprise_keeps_its_last_grade_with_a_word(graded: County) -> None:
    graded.publish(graded.run())
    news = {"status": "4", "status_on": dt.date(2026, 2, 1)}
    register_enterprise(by=OPERATOR, code=A, given=news, source="test", on=TODAY, version=1)
    found = explained(graded)
    assert (found.rating.grade, found.has_left) == ("A", True)


def test_a_deregistered_enterprise_never_graded_has_left(graded: County) -> None:
    news = {"status": "4", "status_on": dt.date(2026, 2, 1)}
    register_enterprise(by=OPERATOR, code=A, given=news, source="test", on=TODAY, version=1)
    assert explained(graded).missing == "left_roster"


def test_a_moved_enterprise_keeps_its_grade_and_the_new_unit_reads_it(
    graded: County, officers: Officers
) -> None:
    part = graded.publish(graded.run())
    version = Enterprise.objects.get(pk=A).version
    override_place(
        by=graded.clerk, code=A, region=OTHER, level="county", reason="迁址", on=TODAY,
        version=version,
    )  # fmt: skip
    found = explain_rating(A, user=officers.other.clerk, at=timezone.now(), on=TODAY)
    assert (found.part.pk, found.has_moved) == (part.pk, True)
    with pytest.raises(NotPermitted):
        explain_rating(A, user=graded.clerk, at=timezone.now(), on=TODAY)


def test_a_moved_enterprise_can_be_read_in_the_old_unit_s_own_part(
    graded: County, officers: Officers
) -> None:
    part = graded.publish(graded.run())
    version = Enterprise.objects.get(pk=A).version
    override_place(
        by=graded.clerk, code=A, region=OTHER, level="county", reason="迁址", on=TODAY,
        version=version,
    )  # fmt: skip
    officers.other.give(A, "licence_revoked", "2026-02-01")
    officers.other.register([A], name="新名称有限公司", region_id=OTHER)
    found = explained(graded, part_id=part.pk)
    assert (found.rating.grade, found.registered.name) == ("A", f"虚构企业{A[-9:]}")
    assert (found.items, found.earlier, found.current, found.outlook) == ((), (), None, None)
    with pytest.raises(NotPermitted):
        explained(graded)


def test_a_department_reads_a_grade_of_the_roster_above_by_its_part(
    county: County, officers: Officers
) -> None:
    """As the list of ratings links to it."""
    county.register([A], affiliation="central")
    opened = open_run(
        by=OPERATOR, kind="annual", reference_date=dt.date(2025, 12, 31), on=TODAY,
        regions=["130000"],
    )  # fmt: skip
    part = work(opened.pk).parts.get()
    review_part(by=officers.province_clerk, part_id=part.pk, digest=part.digest)
    approver = User.objects.get(username="approver-130000")

    def by_department() -> Explanation:
        user, at = officers.department_clerk, timezone.now()
        return explain_rating(A, user=user, at=at, on=TODAY, part_id=part.pk)

    with pytest.raises(NotPermitted):
        by_department()
    publish_part(by=approver, part_id=part.pk, digest=part.digest)
    assert (by_department().rating.part, by_department().is_current) == (part, True)


def test_a_young_enterprise_is_marked(county: County) -> None:
    county.register([A], established_on=dt.date(2025, 6, 1))
    county.register([B], established_on=dt.date(2020, 6, 1))
    county.publish(county.run())
    assert (explained(county).is_young, explained(county, B).is_young) == (True, False)


def test_a_dormant_enterprise_is_graded_and_marked(county: County) -> None:
    county.register([A], status="7", status_on=dt.date(2025, 6, 1))
    county.publish(county.run())
    found = explained(county)
    assert (found.rating.grade, found.is_dormant) == ("A", True)


# --- who may read ----------------------------------------------------------------------------------------------


def readers(officers: Officers) -> dict:
    return {
        "county": officers.county.clerk,
        "city": officers.city.clerk,
        "other county": officers.other.clerk,
        "department": officers.department_clerk,
        "other department": officers.other_department,
        "reader": officers.reader,
        "province": officers.province_clerk,
        "auditor": officers.auditor,
        "operator": OPERATOR,
    }


def who_reads(officers: Officers, **options) -> set[str]:
    allowed = set()
    for name, user in readers(officers).items():
        try:
            explain_rating(A, user=user, at=timezone.now(), on=TODAY, **options)
        except NotPermitted:
            continue
        allowed.add(name)
    return allowed


def test_a_grade_in_force_is_read_by_its_units_and_the_levels_above(
    graded: County, officers: Officers
) -> None:
    graded.publish(graded.run())
    assert who_reads(officers) == {
        "county", "city", "department", "reader", "province", "operator",
    }  # fmt: skip


def test_a_department_that_decided_something_reads_the_grade(
    graded: County, officers: Officers
) -> None:
    officers.other.give(A, "penalty_other", "2025-03-01")
    graded.publish(graded.run())
    assert who_reads(officers) == {
        "county", "city", "department", "other department", "reader", "province", "operator",
    }  # fmt: skip


def test_a_part_before_publication_is_read_by_lead_agencies_only(
    graded: County, officers: Officers
) -> None:
    part = graded.part(graded.run())
    assert who_reads(officers, part_id=part.pk) == {
        "county", "city", "reader", "province", "operator",
    }  # fmt: skip


def test_records_of_others_are_named_but_not_opened(graded: County, officers: Officers) -> None:
    graded.give(A, "penalty_other", "2025-03-01")
    officers.other.give(A, "tax_arrears", "2025-03-02")
    graded.publish(graded.run())

    def opened(user) -> dict[str, bool]:
        found = explain_rating(A, user=user, at=timezone.now(), on=TODAY)
        return {item.record.kind_id: item.may_open for item in found.counted}

    assert opened(officers.county.clerk) == {"penalty_other": True, "tax_arrears": True}
    assert opened(officers.department_clerk) == {"penalty_other": True, "tax_arrears": False}


def test_an_unknown_code_answers_like_one_that_is_not_yours(graded: County) -> None:
    with pytest.raises(NotPermitted):
        explained(graded, code(999))
