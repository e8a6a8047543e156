"""名录评价结果: verdicts reviewed and published by two people of the roster's own lead agency."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from grading import services
from grading.enums import PartState
from grading.models import Rating, RosterRun
from records import services as records
from records.models import Record
from records.services import Given
from tests.factories.grading import REFERENCE
from tests.factories.roster import (
    CHANGAN,
    OPERATOR,
    TODAY,
    code,
    department,
    lead,
    person,
    post,
    register,
    signed_in,
)
from tests.grading.admin.conftest import part_of


def page(user, part: RosterRun, **query) -> str:
    response = signed_in(user).get(
        reverse("admin:grading_rosterrun_change", args=(part.pk,)), query
    )
    assert response.status_code == 200
    return response.content.decode()


def press(user, part: RosterRun, name: str, **given):
    address = reverse(f"admin:grading_rosterrun_{name}", args=(part.pk,))
    shown = {"digest": part.digest, "_seen": part.basis}
    response = signed_in(user).post(address, {**shown, **given})
    part.refresh_from_db()
    return response


def give(enterprise: str, kind: str, decided_on: str = "2025-06-01", **values) -> Record:
    """One record of 长安区's market authority about an enterprise."""
    authority = department(CHANGAN)
    given = Given(
        enterprise_id=enterprise,
        kind_id=kind,
        authority_id=authority.pk,
        provider_id=authority.pk,
        decided_on=dt.date.fromisoformat(decided_on),
        number=f"测字〔2025〕{Record.objects.count()}号",
        **values,
    )
    records.give_records(by=OPERATOR, given=[given], source="测试", on=TODAY)
    return Record.objects.get(identity=given.identity)


# --- who sees it ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [("county", 200), ("city", 200), ("province", 200), ("other", 404), ("market", 404)],
)
def test_part_before_publication(office, part, who, status):
    address = reverse("admin:grading_rosterrun_change", args=(part.pk,))

    assert signed_in(getattr(office.hebei, who)).get(address).status_code == status


@pytest.mark.parametrize(("who", "status"), [("market", 200), ("other", 404)])
def test_part_after_publication(office, part, who, status):
    office.publish(part)
    address = reverse("admin:grading_rosterrun_change", args=(part.pk,))

    assert signed_in(getattr(office.hebei, who)).get(address).status_code == status


@pytest.mark.parametrize(
    ("who", "regions"),
    [
        ("county", ["130102"]),
        ("city", ["130100", "130102", "130104"]),
        ("other", ["130202"]),
        ("market", []),
    ],
)
def test_list_of_parts(office, run, who, regions):
    shown = signed_in(getattr(office.hebei, who)).get(reverse("admin:grading_rosterrun_changelist"))

    rows = shown.context["cl"].queryset.order_by("region_id")
    assert list(rows.values_list("region_id", flat=True)) == regions


def test_list_says_which_part_is_current(office, part):
    office.publish(part)
    newer = part_of(office.compute(office.hebei.county), CHANGAN)
    office.publish(newer)
    shown = signed_in(office.hebei.county).get(reverse("admin:grading_rosterrun_changelist"))
    marks = {row.pk: row._slots["current"] for row in shown.context["cl"].result_list}

    assert "现行" in marks[newer.pk]
    assert marks[part.pk] == ""


# --- verdicts -------------------------------------------------------------------------------------


@pytest.fixture
def graded(office) -> RosterRun:
    """A part of six enterprises in five combinations of facts, all four grades."""
    codes = [code(number) for number in range(11, 16)]
    register(codes[:4])
    register(codes[4], status="2", status_on=dt.date(2019, 5, 1))
    for _ in range(3):
        give(codes[0], "penalty_other")
    give(codes[1], "production_stopped")
    give(codes[2], "penalty_other", serious_claimed=True)
    return part_of(office.compute(office.hebei.county), CHANGAN)


def test_page_says_rule_clause_facts_and_counts(office, graded):
    shown = page(office.hebei.county, graded)

    assert "企业已被依法吊销营业执照" in shown
    assert "四（三）D类" in shown
    assert "严重失信行为（行政处罚）1 次" in shown
    assert "一般失信行为 3 次" in shown
    assert "一般失信行为 1 次；报送单位称造成严重后果，待认定" in shown
    assert "5 种情形，6 户" in shown


def test_lines_stand_under_their_rule_most_severe_first(office, graded):
    response = signed_in(office.hebei.county).get(
        reverse("admin:grading_rosterrun_change", args=(graded.pk,))
    )
    groups = [(group["grade"], group["count"]) for group in response.context["groups"]]

    assert groups == [("D", 1), ("C", 1), ("B", 1), ("B", 1), ("A", 2)]


def test_examples_lead_to_the_explanation_of_the_part(office, graded):
    shown = page(office.hebei.county, graded)
    address = reverse("admin:grading_rating_explain", args=(code(11),))

    assert f'<a href="{address}?part={graded.pk}">' in shown
    assert signed_in(office.hebei.county).get(f"{address}?part={graded.pk}").status_code == 200


def test_no_more_than_three_examples_a_line(office):
    register([code(number) for number in range(30, 36)])
    part = part_of(office.compute(office.hebei.county), CHANGAN)
    response = signed_in(office.hebei.county).get(
        reverse("admin:grading_rosterrun_change", args=(part.pk,))
    )
    (line,) = response.context["groups"][0]["lines"]

    assert line["count"] == 7
    assert [named.code for named in line["examples"]] == sorted(
        [code(1), *(code(number) for number in range(30, 36))]
    )[:3]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"grade": "B"}, "2 种情形，2 户"),
        ({"rule": "severe_penalty"}, "1 种情形，1 户"),
        ({"grade": "A", "rule": "severe_penalty"}, "没有符合条件的结论"),
        ({"grade": "Z"}, "没有符合条件的结论"),
    ],
)
def test_lines_are_filtered_by_grade_and_rule(office, graded, query, said):
    assert said in page(office.hebei.county, graded, **query)


def test_readings_that_acted_are_said(office, graded):
    shown = page(office.hebei.county, graded)

    assert "1 户因严重后果待认定，暂为B类" in shown
    assert 'href="/policy/#G1"' in shown
    assert 'href="/policy/#G11"' in shown


def queries_of(user, part: RosterRun) -> int:
    client = signed_in(user)
    with CaptureQueriesContext(connection) as caught:
        client.get(reverse("admin:grading_rosterrun_change", args=(part.pk,)))
    return len(caught)


def test_number_of_queries_does_not_grow_with_the_verdicts(office, graded):
    many = queries_of(office.hebei.county, graded)
    one = part_of(office.compute(office.hebei.other), "130202")

    assert many == queries_of(office.hebei.other, one)
    assert many < 25


# --- review and publication -----------------------------------------------------------------------


def test_two_people_review_and_publish(office, part):
    assert "审核通过" in page(office.hebei.county, part)
    assert press(office.hebei.county, part, "review").status_code == 302
    assert press(office.approver, part, "publish").status_code == 302
    shown = page(office.hebei.county, part)

    assert (part.state, part.reviewed_by, part.published_by) == ("published", "county", "approver")
    assert shown.count('class="step-done"') == 3
    assert RosterRun.objects.current().get() == part


def test_event_of_a_publication_names_the_digest_that_was_seen(office, part):
    office.publish(part)
    event = Event.objects.get(act="grading.part_published")

    assert event.details["notes"][0]["values"]["digest"] == part.digest
    assert event.details["notes"][0]["values"]["reviewed_by"] == "county"


def test_one_person_with_both_posts_cannot_do_both(office, part):
    both = person(lead(CHANGAN), "lead_clerk", username="both")
    post(both, lead(CHANGAN), "lead_approver")
    press(both, part, "review")
    button = reverse("admin:grading_rosterrun_publish", args=(part.pk,))
    shown = page(both, part)
    others = page(office.approver, part)
    response = press(both, part, "publish")

    assert "您已审核，须由另一人发布" in shown
    assert (button in shown, button in others) == (False, True)
    assert response.status_code == 409
    assert "须由另一人办理" in response.content.decode()
    assert part.state == PartState.REVIEWED


@pytest.mark.parametrize("name", ["review", "publish"])
def test_a_page_opened_before_a_change_is_refused(office, part, name):
    if name == "publish":
        press(office.hebei.county, part, "review")
    before = part.state
    user = office.hebei.county if name == "review" else office.approver
    response = press(user, part, name, digest="0" * 64)

    assert response.status_code == 409
    assert "评价结果已有变化" in response.content.decode()
    assert part.state == before


@pytest.mark.parametrize("who", ["city", "province", "other"])
def test_other_lead_agencies_do_not_review(office, part, who):
    user = getattr(office.hebei, who)
    response = press(user, part, "review")

    assert response.status_code == 404
    assert part.state == PartState.COMPUTED


def test_clerk_does_not_publish_and_department_does_nothing(office, part):
    press(office.hebei.county, part, "review")

    assert press(office.hebei.county, part, "publish").status_code == 403
    assert press(office.hebei.market, part, "review").status_code == 403
    assert part.state == PartState.REVIEWED


def test_publishing_before_review_is_refused(office, part):
    response = press(office.approver, part, "publish")

    assert response.status_code == 409
    assert "须先由另一人审核" in response.content.decode()


@pytest.mark.parametrize("name", ["review", "publish", "ask_withdrawal", "withdraw"])
def test_reading_a_button_presses_nothing(office, part, name):
    person_of_both = person(lead(CHANGAN), "lead_clerk", username="both")
    post(person_of_both, lead(CHANGAN), "lead_approver")
    signed_in(person_of_both).get(reverse(f"admin:grading_rosterrun_{name}", args=(part.pk,)))
    part.refresh_from_db()

    assert (part.state, part.withdrawn_by) == (PartState.COMPUTED, "")


def test_estimate_is_shown_and_never_published(office):
    part = part_of(office.compute(office.hebei.county, kind="adhoc"), CHANGAN)
    shown = page(office.hebei.county, part)
    response = press(office.approver, part, "publish")

    assert "临时测算，只供参考" in shown
    assert "审核通过" not in shown
    assert response.status_code == 409
    assert "临时测算只供参考，不发布" in response.content.decode()


# --- what changed ---------------------------------------------------------------------------------


def test_what_publication_will_grade_again_is_said_before(office, graded):
    record = Record.objects.filter(enterprise=code(11)).first()
    records.retract_record(by=OPERATOR, record_id=record.pk, reason="重复报送")
    before = page(office.hebei.county, graded)
    office.publish(graded)
    after = page(office.hebei.county, graded)

    assert "发布时将按更正后的信息重算 1 户" in before
    assert "发布时将按" not in after
    assert "评价后更正" in after
    assert Rating.objects.standing().get(enterprise=code(11)).verdict.facts == "0|0|0|2|0|0|0"


def test_comparison_with_the_part_before(office, part):
    office.publish(part)
    give(code(1), "penalty_other", "2026-01-15")
    register(code(16))
    newer = part_of(
        office.compute(office.hebei.county, reference_date=dt.date(2026, 3, 1)), CHANGAN
    )
    shown = page(office.hebei.county, newer)

    assert "<h2>与上一次比较</h2>" in shown
    assert "等级下降 1 户，上升 0 户，新增 1 户，不再在册 0 户" in shown


def test_first_part_of_a_roster_has_nothing_to_compare_with(office, part):
    assert "与上一次比较" not in page(office.hebei.county, part)


# --- withdrawal -----------------------------------------------------------------------------------


def test_withdrawal_is_asked_by_one_and_agreed_by_another(office, part):
    press(office.hebei.county, part, "ask_withdrawal", reason="名录导入有误")
    asked = page(office.approver, part)
    response = press(office.approver, part, "withdraw")

    assert "已申请作废，等待另一人同意" in asked
    assert "名录导入有误" in asked
    assert (response.status_code, part.state) == (302, PartState.WITHDRAWN)
    assert "同意。理由：名录导入有误" in page(office.hebei.county, part)


def test_asking_needs_a_reason_and_agreeing_a_second_person(office, part):
    both = person(lead(CHANGAN), "lead_clerk", username="both")
    post(both, lead(CHANGAN), "lead_approver")
    empty = press(both, part, "ask_withdrawal", reason=" ")
    press(both, part, "ask_withdrawal", reason="有误")
    alone = press(both, part, "withdraw")

    assert (empty.status_code, alone.status_code) == (409, 409)
    assert part.state == PartState.COMPUTED


@pytest.mark.parametrize("who", ["asker", "decider"])
def test_withdrawal_is_taken_back_or_not_agreed_to(office, part, who):
    press(office.hebei.county, part, "ask_withdrawal", reason="名录导入有误")
    user = office.hebei.county if who == "asker" else office.approver
    shown = page(user, part)
    response = press(user, part, "drop_withdrawal")

    assert ("撤回作废申请" if who == "asker" else "不同意作废") in shown
    assert (response.status_code, part.withdrawn_by) == (302, "")
    assert press(office.approver, part, "withdraw").status_code == 409


def test_withdrawal_asked_by_another_clerk_is_not_a_clerks_to_drop(office, part):
    other = person(lead(CHANGAN), "lead_clerk", username="other-clerk")
    press(office.hebei.county, part, "ask_withdrawal", reason="名录导入有误")
    response = press(other, part, "drop_withdrawal")

    button = reverse("admin:grading_rosterrun_drop_withdrawal", args=(part.pk,))
    assert button not in page(other, part)
    assert button in page(office.hebei.county, part)
    assert (response.status_code, part.withdrawn_by) == (404, "county")


def test_withdrawn_part_frees_the_roster(office, part):
    press(office.hebei.county, part, "ask_withdrawal", reason="名录导入有误")
    press(office.approver, part, "withdraw")
    again = part_of(office.compute(office.hebei.county), CHANGAN)

    assert again.run.reference_date == REFERENCE
    assert services.rosters_to_grade(office.hebei.county)[0].pk == CHANGAN


def test_home_counts_asked_withdrawals_where_the_list_finds_them(office, part):
    press(office.hebei.county, part, "ask_withdrawal", reason="名录导入有误")
    address = reverse("admin:grading_rosterrun_changelist")
    shown = signed_in(office.approver).get(address, {"withdrawal": "yes"})

    assert [row.pk for row in shown.context["cl"].result_list] == [part.pk]
