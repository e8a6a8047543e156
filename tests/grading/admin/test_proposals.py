"""待复核的更正: what waits for a second person, and the answer."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from grading import corrections
from grading.enums import ProposalKind
from grading.models import Proposal
from grading.regrading import current_rating
from records.models import Record
from roster.models import User
from tests.credit_portal.html import forbidden
from tests.factories.grading import TODAY, code, person
from tests.factories.officers import Officers, signed_in

A = code(1)


@pytest.fixture
def office(officers: Officers) -> Officers:
    officers.county.register([A])
    return officers


def propose(office: Officers, record: Record, by: User | None = None, **changes: Any) -> Proposal:
    return corrections.change_record(
        by=by or office.department_clerk,
        record_id=record.pk,
        kind=ProposalKind.CORRECT if changes else ProposalKind.WITHDRAW,
        changes=changes,
        reason="认定有误",
        on=TODAY,
    )


@pytest.fixture
def proposal(office: Officers) -> Proposal:
    """From C to B, proposed by the department's clerk."""
    record = office.county.give(A, "production_stopped", "2025-03-01")
    office.county.publish(office.county.run())
    return propose(office, record, kind_id="penalty_other")


def listed(user: User, **query: str) -> list[int]:
    response = signed_in(user).get(reverse("admin:grading_proposal_changelist"), query)
    assert response.status_code == 200
    return [row.pk for row in response.context["cl"].result_list]


def page(user: User, proposal: Proposal) -> Any:
    return signed_in(user).get(reverse("admin:grading_proposal_change", args=[proposal.pk]))


def decide(user: User, proposal: Proposal, decision: str = "agree", reason: str = "") -> Any:
    url = reverse("admin:grading_proposal_decide", args=[proposal.pk])
    shown = Proposal.objects.get(pk=proposal.pk).basis
    return signed_in(user).post(url, {"decision": decision, "reason": reason, "basis": shown})


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


# --- list ------------------------------------------------------------------------------------------------


def test_the_list_of_what_waits_for_me(office: Officers, proposal: Proposal) -> None:
    assert {
        "department clerk": listed(office.department_clerk, mine="decide"),
        "department approver": listed(office.department_approver, mine="decide"),
        "lead approver": listed(office.county.approver, mine="decide"),
        "city approver": listed(office.city.approver, mine="decide"),
        "other county": listed(office.other.approver, mine="decide"),
        "reader": listed(office.reader, mine="decide"),
    } == {
        "department clerk": [],
        "department approver": [proposal.pk],
        "lead approver": [proposal.pk],
        "city approver": [],
        "other county": [],
        "reader": [],
    }


def test_who_proposed_does_not_wait_for_himself(office: Officers, proposal: Proposal) -> None:
    both = person("both", office.county.authority, "department_approver")
    Proposal.objects.filter(pk=proposal.pk).update(proposed_by="both")
    assert listed(both, mine="decide") == []
    assert listed(both, mine="asked") == [proposal.pk]


def test_the_list_is_scoped_like_the_records(office: Officers, proposal: Proposal) -> None:
    assert {
        "county": listed(office.county.clerk),
        "city": listed(office.city.clerk),
        "other county": listed(office.other.clerk),
        "department": listed(office.department_clerk),
        "other department": listed(office.other_department),
    } == {
        "county": [proposal.pk],
        "city": [proposal.pk],
        "other county": [],
        "department": [proposal.pk],
        "other department": [],
    }


def test_decided_ones_leave_the_list_and_can_be_looked_up(
    office: Officers, proposal: Proposal
) -> None:
    decide(office.department_approver, proposal)
    user = office.county.clerk
    assert listed(user) == []
    assert listed(user, state="waiting") == []
    assert listed(user, state="confirmed") == [proposal.pk]
    assert listed(user, state="all") == [proposal.pk]


def test_overdue_ones_are_filtered_and_marked(office: Officers, proposal: Proposal) -> None:
    user = office.county.clerk
    Proposal.objects.filter(pk=proposal.pk).update(due_on=timezone.localdate())
    assert listed(user, due="overdue") == []
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    Proposal.objects.filter(pk=proposal.pk).update(due_on=yesterday)
    assert listed(user, due="overdue") == [proposal.pk]
    shown = strip_tags(page(user, proposal).content.decode())
    assert f"已逾期，应于 {yesterday} 前办结" in shown


def test_a_missing_calendar_is_said_and_is_not_overdue(
    office: Officers, proposal: Proposal
) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(due_on=None)
    user = office.county.clerk
    assert listed(user, due="overdue") == []
    assert "工作日历不全，办理期限暂时不能计算" in strip_tags(page(user, proposal).content.decode())


def test_the_list_costs_the_same_for_one_and_for_many(office: Officers, proposal: Proposal) -> None:
    client = signed_in(office.county.clerk)
    url = reverse("admin:grading_proposal_changelist")
    client.get(url)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
        for day in range(10, 15):
            propose(office, office.county.give(A, "tax_arrears", f"2025-03-{day}"))
    assert counts[0] == counts[1]


# --- page ------------------------------------------------------------------------------------------------


def test_the_page_shows_before_after_effect_and_clause(
    office: Officers, proposal: Proposal
) -> None:
    response = page(office.department_approver, proposal)
    html = response.content.decode()
    shown = " ".join(strip_tags(html).split())
    assert [(c.label, c.before, c.after) for c in response.context["changes"]] == [
        ("信息类别", "责令停产停业", "行政处罚（一般）")
    ]
    assert [item["grade"] for item in response.context["grades"]] == ["C", "B"]
    assert "四（三）B类：1年内有5次以下（含5次）一般失信行为记录且未造成严重后果" in shown
    assert "《政务数据共享条例》第二十六条：10个工作日" in shown
    assert response.context["can_decide"] is True
    assert forbidden(html) == []


def test_only_a_competent_second_person_gets_the_buttons(
    office: Officers, proposal: Proposal
) -> None:
    def sees(user: User) -> Any:
        response = page(user, proposal)
        return response.context["can_decide"] if response.status_code == 200 else 404

    assert {
        "proposer": sees(office.department_clerk),
        "department approver": sees(office.department_approver),
        "lead approver": sees(office.county.approver),
        "lead clerk": sees(office.county.clerk),
        "city approver": sees(office.city.approver),
        "other county": sees(office.other.approver),
        "other department": sees(office.other_department),
    } == {
        "proposer": False,
        "department approver": True,
        "lead approver": True,
        "lead clerk": False,
        "city approver": False,
        "other county": 404,
        "other department": 404,
    }


def test_a_change_of_every_field_is_told_in_words(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01", fine_wan="2.500000")
    waiting = propose(
        office,
        record,
        decided_on=dt.date(2025, 3, 2),
        ended_on=dt.date(2025, 4, 1),
        serious_claimed=True,
        fine_wan=None,
        content="新的摘要",
        number="新字〔2025〕1号",
    )
    response = page(office.department_approver, waiting)
    assert [str(change) for change in response.context["changes"]] == [
        f"文号：{record.number} → 新字〔2025〕1号",
        "认定日期：2025-03-01 → 2025-03-02",
        "终止日期：— → 2025-04-01",
        "内容摘要：— → 新的摘要",
        "罚款金额（万元）：2.5 → —",
        "报送单位称造成严重后果：否 → 是",
    ]


# --- answers -----------------------------------------------------------------------------------------------


def test_agreeing_takes_effect_with_the_new_grade(office: Officers, proposal: Proposal) -> None:
    answer = decide(office.department_approver, proposal, reason="属实")
    proposal.refresh_from_db()
    assert said(answer) == ["更正已生效，等级由C变为B。"]
    assert (proposal.state, proposal.decided_by, proposal.decision_reason) == (
        "confirmed", "dept-approver", "属实",
    )  # fmt: skip
    assert Record.objects.live().get().kind_id == "penalty_other"
    assert current_rating(A).grade == "B"


def test_a_third_person_s_answer_comes_too_late(office: Officers, proposal: Proposal) -> None:
    decide(office.department_approver, proposal)
    answer = decide(office.county.approver, proposal, "refuse", "不属实")
    assert answer.status_code == 409
    assert answer.context["form"].errors == {
        "__all__": ["该事项已由 dept-approver 办理，结果为“已确认”。"]
    }


def test_refusing_needs_a_reason_and_leaves_everything(
    office: Officers, proposal: Proposal
) -> None:
    without = decide(office.department_approver, proposal, "refuse")
    assert (without.status_code, without.context["form"].errors) == (
        200,
        {"reason": ["不同意须写明理由。"]},
    )
    answer = decide(office.department_approver, proposal, "refuse", "处罚决定无误")
    proposal.refresh_from_db()
    assert said(answer) == ["未同意该更正，信息保持原样。"]
    assert (proposal.state, current_rating(A).grade) == ("refused", "C")
    assert Record.objects.live().get().kind_id == "production_stopped"


def test_nobody_confirms_the_own_proposal(office: Officers, proposal: Proposal) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(proposed_by="dept-approver")
    answer = decide(office.department_approver, proposal)
    assert answer.status_code == 409
    assert answer.context["form"].errors == {
        "__all__": ["须由另一人办理：dept-approver 不能自己复核自己经办的事项。"]
    }
    assert current_rating(A).grade == "C"


def test_answers_of_others_are_not_there(office: Officers, proposal: Proposal) -> None:
    assert {
        "clerk": decide(office.department_clerk, proposal).status_code,
        "lead clerk": decide(office.county.clerk, proposal).status_code,
        "city approver": decide(office.city.approver, proposal).status_code,
        "other county": decide(office.other.approver, proposal).status_code,
        "auditor": decide(office.auditor, proposal).status_code,
    } == {
        "clerk": 403,
        "lead clerk": 403,
        "city approver": 404,
        "other county": 404,
        "auditor": 403,
    }
    proposal.refresh_from_db()
    assert proposal.state == "waiting"


def test_a_decision_that_is_none_is_asked_again(office: Officers, proposal: Proposal) -> None:
    answer = decide(office.department_approver, proposal, "maybe")
    proposal.refresh_from_db()
    assert (answer.status_code, proposal.state) == (200, "waiting")
