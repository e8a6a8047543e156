"""失信信息: the list, giving, and a correction that feels like an edit."""

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from audit.models import Event
from grading.models import Proposal, Rating
from records.enums import MarkKind
from records.models import Mark, Record
from records.services import mark_record, replace_record
from roster.models import Enterprise, User
from tests.credit_portal.html import forbidden
from tests.factories.grading import OPERATOR, TODAY, code
from tests.factories.officers import Officers, signed_in

A, B, OTHERS = code(1), code(2), code(7, division="130108")


@pytest.fixture
def office(officers: Officers) -> Officers:
    """Two enterprises of the county and one of the other county, all three with records."""
    officers.county.register([A, B])
    officers.other.register([OTHERS])
    return officers


def listed(user: User, **query: str) -> list[str]:
    """Numbers of the records a person's list shows, newest first."""
    response = signed_in(user).get(reverse("admin:records_record_changelist"), query)
    assert response.status_code == 200
    return [record.number for record in response.context["cl"].result_list]


def form_of(record: Record, **changes: str) -> dict[str, str]:
    """The form of a record as a browser sends it back, with some fields typed over."""
    plain = {
        "enterprise_code": record.enterprise_id,
        "enterprise_name": record.enterprise.name,
        "kind": record.kind_id,
        "authority": str(record.authority_id),
        "number": record.number,
        "decided_on": record.decided_on.isoformat(),
        "ended_on": record.ended_on.isoformat() if record.ended_on else "",
        "end_reason": record.end_reason,
        "measures": record.measures,
        "conduct": record.conduct,
        "facts": record.facts,
        "basis": record.basis,
        "content": record.content,
        "fine_wan": "" if record.fine_wan is None else str(record.fine_wan),
        "confiscated_wan": "",
        "licence": record.licence,
        "valid_until": "",
        "publication_until": "",
        "remark": record.remark,
        "reason": "录入有误",
        "_seen": "any",
    }
    if record.serious_claimed:
        plain["serious_claimed"] = "on"
    return plain | changes


def new_form(office: Officers, **changes: str) -> dict[str, str]:
    draft = Record(
        enterprise=Enterprise.objects.get(pk=A),
        kind_id="penalty_other",
        authority_id=office.county.authority.pk,
        number="冀石长市监罚〔2025〕8号",
        decided_on=dt.date(2025, 5, 6),
    )
    return form_of(draft, **changes)


def send(user: User, record: Record, **changes: str) -> Any:
    url = reverse("admin:records_record_change", args=[record.pk])
    return signed_in(user).post(url, form_of(record, **changes))


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors(response: Any) -> dict[str, list[str]]:
    return response.context["adminform"].form.errors


# --- the list -------------------------------------------------------------------------------------------


def test_each_officer_sees_what_is_in_sight(office: Officers) -> None:
    own = office.county.give(A, "penalty_other", "2025-03-01")
    others = office.other.give(OTHERS, "penalty_other", "2025-03-02")
    about_own_by_other = office.other.give(A, "tax_arrears", "2025-03-03")
    numbers = {
        name: listed(user, own="all")
        for name, user in {
            "county": office.county.clerk,
            "city": office.city.clerk,
            "other county": office.other.clerk,
            "department": office.department_clerk,
            "other department": office.other_department,
        }.items()
    }
    assert numbers == {
        "county": [about_own_by_other.number, own.number],
        "city": [about_own_by_other.number, others.number, own.number],
        "other county": [about_own_by_other.number, others.number],
        "department": [own.number],
        "other department": [about_own_by_other.number, others.number],
    }


def test_the_range_is_the_own_unit_s_unless_something_is_searched(office: Officers) -> None:
    own = office.county.give(A, "penalty_other", "2025-03-01")
    by_other = office.other.give(A, "tax_arrears", "2025-03-03")
    of_other = office.other.give(OTHERS, "tax_arrears", "2025-03-04")
    ranges: dict[str, dict[str, str]] = {
        "own": {},
        "roster": {"own": "roster"},
        "all": {"own": "all"},
        "searched": {"q": A},
    }

    def seen(user: User) -> dict[str, list[str]]:
        return {name: listed(user, **query) for name, query in ranges.items()}

    assert seen(office.county.clerk) == {
        "own": [own.number],
        "roster": [by_other.number, own.number],
        "all": [by_other.number, own.number],
        "searched": [by_other.number, own.number],
    }
    assert seen(office.other.clerk) == {
        "own": [of_other.number, by_other.number],
        "roster": [of_other.number],
        "all": [of_other.number, by_other.number],
        "searched": [by_other.number],
    }
    assert seen(office.department_clerk) == {
        "own": [own.number],
        "roster": [],
        "all": [own.number],
        "searched": [own.number],
    }
    assert listed(office.province_clerk) == [of_other.number, by_other.number, own.number]


def test_an_auditor_has_no_list_of_records(office: Officers) -> None:
    response = signed_in(office.auditor).get(reverse("admin:records_record_changelist"))
    assert response.status_code == 403


def test_filters_narrow_the_list(office: Officers) -> None:
    user = office.county.clerk
    penalty = office.county.give(A, "penalty_other", "2025-03-01", serious_claimed=True)
    severe = office.county.give(A, "production_stopped", "2025-06-01")
    listing = office.county.give(B, "seriously_dishonest", "2024-06-01")
    gone = office.county.give(B, "tax_arrears", "2025-01-01")
    mark_record(
        by=OPERATOR, record_id=severe.pk, kind=MarkKind.DISPUTED, since=TODAY, reason="异议"
    )
    Record.objects.filter(pk=gone.pk).update(
        retracted_at="2026-01-01T00:00Z", retract_reason="重复"
    )
    everything = [listing.number, severe.number, penalty.number]
    assert listed(user) == everything
    assert listed(user, state="retracted") == [gone.number]
    assert listed(user, state="all") == [gone.number, *everything]
    assert listed(user, kind="production_stopped") == [severe.number]
    assert listed(user, category="severe") == [listing.number, severe.number]
    assert listed(user, mark="disputed") == [severe.number]
    assert listed(user, serious="waiting") == [penalty.number]
    assert listed(user, authority="市场监管") == everything
    assert listed(user, authority="税务") == []
    assert listed(user, decided_on_after="2025-03-01", decided_on_before="2025-03-31") == [
        penalty.number
    ]
    assert listed(user, q=A) == [severe.number, penalty.number]
    assert listed(user, q=listing.number) == [listing.number]
    assert listed(user, q=listing.number.replace("〔", "[").replace("〕", "]")) == [listing.number]
    assert listed(user, own="yes") == everything
    assert listed(office.city.clerk, own="yes") == []


def test_the_list_costs_the_same_for_one_record_and_for_many(office: Officers) -> None:
    client = signed_in(office.county.clerk)
    url = reverse("admin:records_record_changelist")
    office.county.give(A, "penalty_other", "2025-03-01")
    client.get(url)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(url)
        counts.append(len(queries))
        for day in range(10, 29):
            record = office.county.give(B, "tax_arrears", f"2025-03-{day}")
            mark_record(
                by=OPERATOR, record_id=record.pk, kind=MarkKind.DISPUTED, since=TODAY, reason="异议"
            )
    assert counts[0] == counts[1]


def test_an_export_holds_the_rows_and_columns_of_the_list(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01", number="=1+1号")
    office.other.give(OTHERS, "penalty_other", "2025-03-02")
    response = signed_in(office.county.clerk).post(
        reverse("admin:records_record_export"),
        {"columns": ["code", "number", "decided_on", "serious_claimed"], "format": "csv"},
    )
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "统一社会信用代码,文号,认定日期,是否造成严重后果"
    assert lines[1:] == [f"{A},'{record.number},2025-03-01,否"]  # a formula's beginning is defused


# --- giving -----------------------------------------------------------------------------------------------


def test_a_department_gives_a_record_of_its_own(office: Officers) -> None:
    client = signed_in(office.department_clerk)
    response = client.post(
        reverse("admin:records_record_add"), new_form(office, enterprise_code=f" {A.lower()} ")
    )
    record = Record.objects.get()
    assert response.url == reverse("admin:records_record_change", args=[record.pk])
    assert (record.enterprise_id, record.recorded_by, record.provider_id) == (
        A, "dept-clerk", office.county.authority.pk,
    )  # fmt: skip
    assert Event.objects.get(act="records.given", actor="dept-clerk").outcome == "done"


def test_a_lead_agency_gives_for_the_authorities_of_its_region(office: Officers) -> None:
    signed_in(office.county.clerk).post(reverse("admin:records_record_add"), new_form(office))
    record = Record.objects.get()
    assert (record.authority_id, record.provider_id) == (
        office.county.authority.pk, office.county.agency.pk,
    )  # fmt: skip


def test_the_same_decision_given_by_somebody_else_is_refused(office: Officers) -> None:
    url = reverse("admin:records_record_add")
    signed_in(office.department_clerk).post(url, new_form(office))
    answer = signed_in(office.county.clerk).post(url, new_form(office, content="另一说法"))
    assert answer.status_code == 409
    assert errors(answer) == {
        "__all__": [
            "130102市场监管部门关于该企业的“冀石长市监罚〔2025〕8号”已经登记，不能重复登记；"
            "如内容有误，请在该条信息上更正。"
        ]
    }
    assert Record.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"enterprise_name": "别的公司"},
            {
                "enterprise_name": [
                    f"统一社会信用代码 {A} 对应的企业名称与所填“别的公司”不一致。请核对。"
                ]
            },
        ),
        (
            {"enterprise_code": code(999)},
            {
                "enterprise_code": [
                    f"名录中没有统一社会信用代码为 {code(999)} 的企业。"
                    "请先由所在单位列入名录，再重新报送。"
                ]
            },
        ),
        (
            {"decided_on": "2099-01-01"},
            {"decided_on": ["认定日期“2099-01-01”晚于今天。请核对日期。"]},
        ),
        (
            {"ended_on": "2099-01-01"},
            {"ended_on": ["终止日期“2099-01-01”晚于今天。请核对日期。"]},
        ),
        ({"ended_on": "2025-01-01"}, {"__all__": ["终止日期不能早于认定日期。"]}),
    ],
)
def test_what_a_form_says_wrongly_is_said_at_its_field(
    office: Officers, changes: dict, expected: dict
) -> None:
    answer = signed_in(office.department_clerk).post(
        reverse("admin:records_record_add"), new_form(office, **changes)
    )
    assert (answer.status_code, errors(answer)) == (200, expected)
    assert Record.objects.count() == 0


def test_a_name_s_brackets_and_spaces_do_not_matter(office: Officers) -> None:
    Enterprise.objects.filter(pk=A).update(name="虚构（长安）公司", former_names="从前的公司")
    for name in ("虚构(长安) 公司", "从前的公司"):
        Record.objects.all().delete()
        answer = signed_in(office.department_clerk).post(
            reverse("admin:records_record_add"), new_form(office, enterprise_name=name)
        )
        assert answer.status_code == 302, name


def test_only_own_authorities_and_kinds_of_behaviour_can_be_chosen(office: Officers) -> None:
    answer = signed_in(office.department_clerk).get(reverse("admin:records_record_add"))
    fields = answer.context["adminform"].form.fields
    assert list(fields["authority"].queryset) == [office.county.authority]
    assert "registration" not in fields["kind"].queryset.values_list("pk", flat=True)
    given = signed_in(office.department_clerk).post(
        reverse("admin:records_record_add"),
        new_form(office, authority=str(office.other.authority.pk)),
    )
    assert list(errors(given)) == ["authority"]


def test_who_may_not_give_finds_no_form(office: Officers) -> None:
    url = reverse("admin:records_record_add")
    for user in (office.county.approver, office.department_approver, office.reader):
        assert signed_in(user).get(url).status_code == 403, user
        assert signed_in(user).post(url, new_form(office)).status_code == 403, user
    assert Record.objects.count() == 0


# --- a correction that feels like an edit --------------------------------------------------------------------


def test_a_correction_that_touches_no_grade_takes_effect_at_once(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    answer = send(office.department_clerk, record, content="补录的摘要", reason="补录")
    now = Record.objects.live().get()
    assert answer.url == reverse("admin:records_record_change", args=[now.pk])
    assert (now.content, now.supersedes_id, now.recorded_by) == (
        "补录的摘要", record.pk, "dept-clerk",
    )  # fmt: skip
    assert said(answer) == ["更正已生效。"]
    assert Proposal.objects.count() == 0


def test_a_correction_that_can_change_a_grade_waits_and_shows_its_effect(office: Officers) -> None:
    record = office.county.give(A, "production_stopped", "2025-03-01")
    office.county.publish(office.county.run())
    answer = send(office.department_clerk, record, kind="penalty_other")
    proposal = Proposal.objects.get()
    assert answer.url == reverse("admin:records_record_change", args=[record.pk])
    assert (proposal.effect["before"], proposal.effect["after"]) == ("C", "B")
    due = f"应于 {proposal.due_on} 前办结" if proposal.due_on else "办理期限暂时不能计算"
    assert re.sub(r"须由另一人确认.*", "", said(answer)[0]) == (
        "已提交复核。确认后等级由C变为B，依据企业信用评价标准（冀政办字〔2022〕54号）（第1版）。"
    )
    assert due in said(answer)[0]
    assert Record.objects.live().get().kind_id == "production_stopped"


def test_a_correction_of_an_ungraded_enterprise_says_so(office: Officers) -> None:
    record = office.county.give(A, "production_stopped", "2025-03-01")
    answer = send(office.department_clerk, record, kind="penalty_other")
    assert said(answer)[0].startswith("已提交复核。该企业还没有等级，确认后计入下次评价。")


def test_a_correction_needs_a_reason_and_a_change(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    without_reason = send(office.department_clerk, record, content="新", reason="  ")
    assert errors(without_reason) == {"reason": ["这个字段是必填项。"]}
    unchanged = send(office.department_clerk, record)
    assert (unchanged.status_code, errors(unchanged)) == (409, {"__all__": ["没有任何改动。"]})
    assert Record.objects.count() == 1


def test_line_breaks_of_the_browser_are_no_change(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01", facts="第一行\n第二行")
    answer = send(office.department_clerk, record, facts="第一行\r\n第二行")
    assert errors(answer) == {"__all__": ["没有任何改动。"]}


def test_a_stale_form_says_what_changed_and_by_whom(office: Officers) -> None:
    User.objects.filter(username="dept-clerk").update(full_name="赵红")
    record = office.county.give(A, "penalty_other", "2025-03-01", content="旧")
    send(office.department_clerk, record, content="新", reason="补录")
    answer = send(office.county.clerk, record, content="别的")
    (sentence,) = errors(answer)["__all__"]
    assert answer.status_code == 409
    assert re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "某时", sentence) == (
        "该条信息在您打开页面之后已由 赵红（dept-clerk） 于 某时 更正（内容摘要：旧 → 新），"
        "您的修改没有保存。请打开现行版本，核对后再改。"
    )
    assert Record.objects.live().get().content == "新"
    assert Event.objects.filter(outcome="refused", actor="clerk-130102").count() == 1


def test_a_form_of_a_record_taken_down_since_says_so(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    Record.objects.filter(pk=record.pk).update(
        retracted_at="2026-01-01T00:00Z", retracted_by="os:test", retract_reason="重复登记"
    )
    answer = send(office.county.clerk, record, content="新")
    assert errors(answer)["__all__"] == [
        "该条信息在您打开页面之后已由 os:test 于 2026-01-01 08:00 撤下（重复登记），"
        "您的修改没有保存。"
    ]


def test_another_correction_has_to_wait_for_the_first(office: Officers) -> None:
    record = office.county.give(A, "production_stopped", "2025-03-01")
    send(office.department_clerk, record, kind="penalty_other")
    answer = send(office.county.clerk, record, content="新")
    assert errors(answer)["__all__"] == [
        "dept-clerk 对该条信息提出的更正正在等待复核，办结后才能再次更正。"
    ]


def test_an_authority_cannot_be_handed_to_another_unit(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    answer = send(office.department_clerk, record, authority=str(office.other.authority.pk))
    assert list(errors(answer)) == ["authority"]


def test_who_may_open_and_who_may_correct(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    url = reverse("admin:records_record_change", args=[record.pk])

    def seen(user: User) -> tuple[int, int]:
        shown = signed_in(user).get(url)
        return shown.status_code, send(user, record, content="新", reason="试").status_code

    assert {
        "other county": seen(office.other.clerk),
        "other department": seen(office.other_department),
        "auditor": seen(office.auditor),
        "city": seen(office.city.clerk),
        "approver": seen(office.county.approver),
        "reader": seen(office.reader),
    } == {
        "other county": (404, 404),
        "other department": (404, 404),
        "auditor": (403, 403),
        "city": (200, 403),
        "approver": (200, 403),
        "reader": (200, 403),
    }
    assert Record.objects.count() == 1


# --- the page ---------------------------------------------------------------------------------------------------


def page(user: User, record: Record) -> Any:
    response = signed_in(user).get(reverse("admin:records_record_change", args=[record.pk]))
    assert response.status_code == 200
    assert forbidden(response.content.decode()) == []
    return response


def test_a_version_put_right_leads_to_the_one_in_force(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    send(office.department_clerk, record, content="新", reason="补录")
    now = Record.objects.live().get()
    shown = page(office.department_clerk, record)
    assert shown.context["live_version"] == now
    assert [
        [str(change) for change in version.changes] for version in shown.context["versions"]
    ] == [["内容摘要：— → 新"], []]
    assert shown.context["has_change_permission"] is False


def test_a_waiting_record_names_who_waits(office: Officers) -> None:
    record = office.county.give(A, "production_stopped", "2025-03-01")
    send(office.department_clerk, record, kind="penalty_other")
    shown = page(office.county.clerk, record)
    assert "dept-clerk 提出的“更正”正在等待复核" in strip_tags(shown.content.decode())


def test_an_unrecognised_penalty_asks_for_its_kind(office: Officers) -> None:
    record = office.county.give(A, "penalty_undecided", "2025-03-01", measures="责令停止使用")
    shown = strip_tags(page(office.county.clerk, record).content.decode())
    assert "处罚用语“责令停止使用”不能识别，认定前按一般失信行为计。" in shown


def test_the_clerk_decides_the_kind_of_an_unrecognised_penalty(office: Officers) -> None:
    office.county.give(A, "penalty_other", "2025-03-01")
    record = office.county.give(A, "penalty_undecided", "2025-03-01", measures="责令停止使用")
    assert listed(office.county.clerk, kind="penalty_undecided", own="yes") == [record.number]
    send(office.county.clerk, record, kind="production_stopped", reason="属责令停产停业")
    assert Proposal.objects.get().changes == {"kind_id": "production_stopped"}


def test_history_is_readable(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    send(office.department_clerk, record, content="新", reason="补录")
    now = Record.objects.live().get()
    response = signed_in(office.department_clerk).get(
        reverse("admin:records_record_history", args=[now.pk])
    )
    assert "补录" in strip_tags(response.content.decode())


# --- the acts beside the form -----------------------------------------------------------------------------------


def buttons(user: User, record: Record) -> list[str]:
    return [str(title) for title, _url in page(user, record).context["tools"]]


def test_buttons_are_there_for_who_may_press_them(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    assert {
        "clerk": buttons(office.department_clerk, record),
        "approver": buttons(office.department_approver, record),
        "lead clerk": buttons(office.county.clerk, record),
        "lead approver": buttons(office.county.approver, record),
        "city": buttons(office.city.clerk, record),
    } == {
        "clerk": ["评价结果说明", "原决定已撤销", "撤下"],
        "approver": ["评价结果说明", "认定严重后果"],
        "lead clerk": ["评价结果说明", "原决定已撤销", "撤下"],
        "lead approver": ["评价结果说明", "认定严重后果"],
        "city": ["评价结果说明"],
    }


def press(user: User, record: Record, act: str, reason: str = "依据充分") -> Any:
    url = reverse(f"admin:records_record_{act}", args=[record.pk])
    return signed_in(user).post(url, {"reason": reason})


@pytest.mark.parametrize(("act", "kind"), [("withdraw", "withdraw"), ("retract", "retract")])
def test_taking_back_waits_for_a_second_person(office: Officers, act: str, kind: str) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    office.county.publish(office.county.run())
    answer = press(office.department_clerk, record, act)
    proposal = Proposal.objects.get()
    assert (proposal.kind, proposal.effect["before"], proposal.effect["after"]) == (kind, "B", "A")
    assert said(answer)[0].startswith("已提交复核。确认后等级由B变为A")
    again = press(office.department_clerk, record, act)
    assert again.status_code == 409
    assert Proposal.objects.count() == 1


def test_a_consequence_is_confirmed_by_a_named_person_other_than_the_recorder(
    office: Officers,
) -> None:
    signed_in(office.department_clerk).post(reverse("admin:records_record_add"), new_form(office))
    record = Record.objects.get()
    answer = press(office.department_approver, record, "consequence", "致人重伤")
    mark = Mark.objects.get()
    assert (mark.kind, mark.recorded_by, mark.reason) == ("serious", "dept-approver", "致人重伤")
    assert said(answer) == ["已认定造成严重后果。现行等级不变，从下次评价起计算。"]
    again = press(office.department_approver, record, "consequence")
    assert again.status_code == 409
    assert Mark.objects.count() == 1


def test_who_recorded_any_version_cannot_confirm_its_consequence(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01", serious_claimed=True)
    Record.objects.filter(pk=record.pk).update(recorded_by="dept-approver")
    replace_record(
        by=OPERATOR, record_id=record.pk, changes={"remark": "补录"}, reason="补录", on=TODAY
    )
    latest = Record.objects.get(retracted_at__isnull=True)
    assert press(office.department_approver, latest, "consequence").status_code == 409
    assert Mark.objects.count() == 0


def test_a_claimed_consequence_is_confirmed_with_its_effect_in_sight(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01", serious_claimed=True)
    office.county.publish(office.county.run())
    url = reverse("admin:records_record_consequence", args=[record.pk])
    page = signed_in(office.department_approver).get(url)
    assert page.context["effect"].startswith("确认后等级由B变为C")
    assert (Mark.objects.count(), Rating.objects.count()) == (0, 2)
    answer = press(office.department_approver, record, "consequence", "致人重伤")
    assert said(answer) == ["已认定造成严重后果，等级由B变为C。"]


def test_an_act_needs_a_reason(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    answer = press(office.department_clerk, record, "withdraw", "")
    assert (answer.status_code, answer.context["form"].errors) == (
        200,
        {"reason": ["这个字段是必填项。"]},
    )
    assert Proposal.objects.count() == 0


@pytest.mark.parametrize("act", ["withdraw", "retract", "consequence"])
def test_acts_of_others_are_not_there(office: Officers, act: str) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    answers = {
        "other county": press(office.other.clerk, record, act).status_code,
        "other county's approver": press(office.other.approver, record, act).status_code,
        "city": press(office.city.clerk, record, act).status_code,
        "city's approver": press(office.city.approver, record, act).status_code,
        "other department": press(office.other_department, record, act).status_code,
    }
    clerk, approver = (403, 404) if act == "consequence" else (404, 403)
    assert answers == {
        "other county": clerk,
        "other county's approver": approver,
        "city": clerk,
        "city's approver": approver,
        "other department": clerk,
    }
    assert (Proposal.objects.count(), Mark.objects.count()) == (0, 0)


def test_a_number_that_can_be_no_key_is_not_there(office: Officers) -> None:
    client: Client = signed_in(office.county.clerk)
    for key in ("0", "999999999999999999999999", "abc"):
        for name in ("change", "withdraw", "history"):
            url = reverse(f"admin:records_record_{name}", args=[key])
            assert client.get(url).status_code == 404, url


# --- one kind for many unrecognised penalties ---------------------------------------------------------------


def select(user: User, records: list[Record], **given: str) -> Any:
    return signed_in(user).post(
        reverse("admin:records_record_changelist") + "?own=all",
        {"action": "decide_kind", "_selected_action": [r.pk for r in records], **given},
    )


def test_a_kind_for_several_penalties_is_proposed_for_each(office: Officers) -> None:
    given = [office.county.give(A, "penalty_undecided", f"2025-03-0{day}") for day in (1, 2)]
    shown = select(office.county.clerk, given)
    assert set(shown.context["records"]) == set(given)
    assert forbidden(shown.content.decode()) == []
    answer = select(
        office.county.clerk, given, apply="1", kind="production_stopped", reason="属责令停产停业"
    )
    assert said(answer) == ["已提交复核 2 条，须由另一人确认。"]
    assert set(Proposal.objects.values_list("record", flat=True)) == {r.pk for r in given}


def test_what_is_not_one_s_own_to_decide_is_left_and_said(office: Officers) -> None:
    own = office.county.give(A, "penalty_undecided", "2025-03-01")
    by_other = office.other.give(A, "penalty_undecided", "2025-03-02")
    answer = select(
        office.county.clerk, [own, by_other], apply="1", kind="penalty_other", reason="属罚款"
    )
    assert said(answer) == [
        "已提交复核 1 条，须由另一人确认。",
        "没有找到您要的内容，或者它不在您的权限范围内。（1）",
    ]
    assert Proposal.objects.get().record == own


def test_a_kind_is_chosen_and_a_reason_given(office: Officers) -> None:
    given = [office.county.give(A, "penalty_undecided", "2025-03-01")]
    answer = select(office.county.clerk, given, apply="1", kind="penalty_undecided", reason="")
    assert set(answer.context["form"].errors) == {"kind", "reason"}
    assert Proposal.objects.count() == 0


def test_the_action_is_for_clerks(office: Officers) -> None:
    given = [office.county.give(A, "penalty_undecided", "2025-03-01")]
    for user in (office.county.approver, office.department_approver, office.reader):
        select(user, given, apply="1", kind="penalty_other", reason="属罚款")
    hidden = select(office.other.clerk, given, apply="1", kind="penalty_other", reason="属罚款")
    assert hidden.status_code == 404
    assert Proposal.objects.count() == 0
