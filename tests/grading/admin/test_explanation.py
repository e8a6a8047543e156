"""评价结果说明: what the page says, for whom, at what cost; and the grade beside an enterprise."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from grading import corrections
from grading.admin.enterprises import grades
from grading.enums import ProposalKind
from records.enums import MarkKind
from records.services import mark_record
from roster.models import Enterprise, User
from roster.services import override_place, register_enterprise
from tests.credit_portal.html import forbidden
from tests.factories.grading import OPERATOR, TODAY, code
from tests.factories.officers import OTHER, Officers, signed_in

A, B = code(1), code(2)


@pytest.fixture
def office(officers: Officers) -> Officers:
    officers.county.register([A, B])
    return officers


def page(user: User, which: str = A, **query: Any) -> Any:
    return signed_in(user).get(reverse("admin:grading_rating_explain", args=[which]), query)


def text(response: Any) -> str:
    html = response.content.decode()
    assert forbidden(html) == []
    return " ".join(strip_tags(html).split())


def test_a_c_is_explained_by_clause_and_records(office: Officers) -> None:
    severe = office.county.give(A, "production_stopped", "2025-03-01", number="停字〔2025〕1号")
    office.county.give(A, "tax_arrears", "2024-12-31", number="欠字〔2024〕2号")
    office.county.publish(office.county.run())
    response = page(office.county.clerk)
    shown = text(response)
    assert [line["record"] for line in response.context["counted"]] == [severe]
    assert [
        (line["record"].number, [str(reason) for reason in line["why_not"]])
        for line in response.context["not_counted"]
    ] == [("欠字〔2024〕2号", ["认定日期不在评价基准日前1年内"])]
    for words in (
        "1年内被处以暂扣许可证件、降低资质等级、吊销许可证件、限制开展生产经营活动、责令停产停业、"
        "责令关闭、限制从业等行政处罚",
        "1年内有5次以上一般失信行为记录或存在严重失信行为记录，信用状况不良",
        "四（三）C类 · 企业信用评价标准（冀政办字〔2022〕54号）（第1版）",
        "计入的事实严重失信行为（行政处罚）1 次",
        "计算期2024-12-31（不含）至 2025-12-31（含）",
        "停字〔2025〕1号",
    ):
        assert words in shown, words


def test_withdrawn_and_repaired_records_name_their_mark_and_day(office: Officers) -> None:
    for kind, number in ((MarkKind.WITHDRAWN, "撤"), (MarkKind.REPAIRED, "修")):
        record = office.county.give(A, "penalty_other", "2025-03-01", number=number)
        mark_record(by=OPERATOR, record_id=record.pk, kind=kind, since=TODAY, reason="依据")
    office.county.publish(office.county.run())
    lines = page(office.county.clerk).context["not_counted"]
    assert {line["record"].number: list(map(str, line["why_not"])) for line in lines} == {
        "撤": ["原决定已撤销（2026-03-02）"],
        "修": ["已信用修复（2026-03-02）"],
    }


def test_every_reason_why_not_has_a_sentence(office: Officers) -> None:
    office.county.give(A, "corrective_order", "2025-03-01", number="1")
    office.county.give(A, "judgment", "2025-03-01", ended_on=dt.date(2025, 8, 1), number="2")
    office.county.give(A, "broken_commitment", "2026-01-05", number="3")
    office.county.publish(office.county.run())
    office.county.give(A, "utility_arrears", "2025-03-01", number="4")
    office.county.give(A, "seriously_dishonest", "2020-03-01", number="5")
    lines = page(office.county.clerk).context["not_counted"]
    assert {line["record"].number: list(map(str, line["why_not"])) for line in lines} == {
        "1": ["该类信息不计入评价"],
        "2": ["评价基准日前已移出或已履行"],
        "3": ["认定日期晚于评价基准日"],
        "4": [
            "入库晚于本次评价的数据截止时间，本次未计；到下次评价（2026-12-31）按现有信息也不计入"
        ],
        "5": ["入库晚于本次评价的数据截止时间，本次未计；下次评价（2026-12-31）按现有信息将计入"],
    }


def test_a_record_that_was_taken_down_stays_on_the_page_with_its_reason(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01", number="误录字1号")
    office.county.publish(office.county.run())
    proposal = corrections.change_record(
        by=office.department_clerk, record_id=record.pk, kind="retract", changes={},
        reason="登记到别的企业名下", on=TODAY,
    )  # fmt: skip
    corrections.decide_change(
        by=office.department_approver, proposal_id=proposal.pk, agree=True, reason="", on=TODAY
    )
    found = page(office.county.clerk).context
    assert (found["counted"], found["found"].rating.grade) == ([], "A")
    (line,) = found["not_counted"]
    today = timezone.localdate().isoformat()
    assert (line["record"].number, line["why_not"]) == (
        "误录字1号",
        [f"已撤下或更正到其他企业（{today}，登记到别的企业名下）"],
    )


def test_awaiting_confirmation_is_visible(office: Officers) -> None:
    office.county.give(A, "penalty_other", "2025-03-01", serious_claimed=True)
    office.county.publish(office.county.run())
    shown = text(page(office.county.clerk))
    assert "是否造成严重后果待认定" in shown
    assert "报送单位称造成严重后果，待认定" in shown
    assert shown.count("G1") == 1


def test_a_dispute_stands_at_the_head(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    office.county.publish(office.county.run())
    assert "异议处理中" not in text(page(office.county.clerk))
    mark_record(
        by=OPERATOR, record_id=record.pk, kind=MarkKind.DISPUTED, since=TODAY, reason="异议"
    )
    shown = text(page(office.county.clerk))
    assert "有计入评价的信息正在异议处理中" in shown
    assert "异议处理中（评价后标注）" in shown


def test_a_correction_since_is_told(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01")
    office.county.publish(office.county.run())
    proposal = corrections.change_record(
        by=office.county.clerk, record_id=record.pk, kind=ProposalKind.WITHDRAW, changes={},
        reason="复议撤销原决定", on=TODAY,
    )  # fmt: skip
    corrections.decide_change(
        by=office.county.approver, proposal_id=proposal.pk, agree=True, reason="", on=TODAY
    )
    shown = text(page(office.county.clerk))
    assert "B → A 复议撤销原决定" in shown
    assert "（更正后重新评定）" in shown


def test_an_unpublished_part_says_that_it_is_not_published(office: Officers) -> None:
    part = office.county.part(office.county.run())
    shown = text(page(office.county.clerk, part=part.pk))
    assert "本次评价结果尚未发布" in shown
    assert page(office.department_clerk, part=part.pk).status_code == 404


def test_an_older_part_leads_to_the_grade_in_force(office: Officers) -> None:
    office.county.give(A, "penalty_other", "2024-03-01")
    older = office.county.publish(office.county.run(dt.date(2024, 12, 31)))
    office.county.publish(office.county.run())
    shown = text(page(office.county.clerk, part=older.pk))
    assert "这不是现行等级" in shown
    assert "这不是现行等级" not in text(page(office.county.clerk))


def test_an_enterprise_without_a_grade_says_why(office: Officers) -> None:
    assert "名录还没有已发布的年度或季度评价结果。" in text(page(office.county.clerk))
    office.county.publish(office.county.run())
    office.county.register([code(3)])
    shown = text(page(office.county.clerk, code(3)))
    assert (
        "企业不在“石家庄市长安区”名录本次评价（评价基准日 2025-12-31）的范围内：列入名录或登记入库"
        "晚于该次评价。下次评价时评定等级。" in shown
    )
    news = {"status": "4", "status_on": dt.date(2026, 2, 1)}
    register_enterprise(by=OPERATOR, code=code(3), given=news, source="t", on=TODAY, version=1)
    shown = text(page(office.county.clerk, code(3)))
    assert "企业已注销，已移出评价企业名录，不再评价。" in shown


def test_a_moved_enterprise_names_both_rosters(office: Officers) -> None:
    office.county.publish(office.county.run())
    override_place(
        by=office.county.clerk, code=A, region=OTHER, level="county", reason="迁址", on=TODAY,
        version=Enterprise.objects.get(pk=A).version,
    )  # fmt: skip
    shown = text(page(office.other.clerk))
    assert "企业已由“石家庄市长安区”名录转入“石家庄市裕华区”名录" in shown
    assert page(office.county.clerk).status_code == 404


def test_both_sides_of_a_revocation_that_disagree_are_told(office: Officers) -> None:
    office.county.give(A, "business_licence_revoked", "2025-03-01")
    news = {"status": "2", "status_on": dt.date(2025, 6, 6)}
    register_enterprise(by=OPERATOR, code=B, given=news, source="t", on=TODAY, version=1)
    office.county.publish(office.county.run())
    assert "而登记状态不是吊销" in text(page(office.county.clerk))
    shown = text(page(office.county.clerk, B))
    assert "登记状态：吊销，未注销（2025-06-06）" in shown
    assert "而没有相应的行政处罚信息" in shown


def test_records_one_may_not_open_are_named_without_a_link(office: Officers) -> None:
    record = office.other.give(A, "tax_arrears", "2025-03-01", number="税字〔2025〕9号")
    office.county.publish(office.county.run())
    url = reverse("admin:records_record_change", args=[record.pk])
    shown = {
        name: (record.number in html, url in html)
        for name, html in {
            "county": page(office.county.clerk).content.decode(),
            "department": page(office.department_clerk).content.decode(),
        }.items()
    }
    assert shown == {"county": (True, True), "department": (True, False)}


def test_who_reads_the_page(office: Officers) -> None:
    office.county.publish(office.county.run())
    assert {
        "county": page(office.county.clerk).status_code,
        "city": page(office.city.clerk).status_code,
        "other county": page(office.other.clerk).status_code,
        "department": page(office.department_clerk).status_code,
        "other department": page(office.other_department).status_code,
        "province": page(office.province_clerk).status_code,
        "auditor": page(office.auditor).status_code,
    } == {
        "county": 200,
        "city": 200,
        "other county": 404,
        "department": 200,
        "other department": 404,
        "province": 200,
        "auditor": 403,
    }


@pytest.mark.parametrize("part", ["abc", "-1", "0", "9" * 30, "1e3", "²"])
def test_a_part_that_is_no_number_is_not_there(office: Officers, part: str) -> None:
    office.county.publish(office.county.run())
    assert page(office.county.clerk, part=part).status_code == 404


def test_the_page_costs_the_same_for_few_records_and_for_many(office: Officers) -> None:
    """But for one statement a day on which something leaves the window."""
    client = signed_in(office.county.clerk)
    url = reverse("admin:grading_rating_explain", args=[A])
    office.county.give(A, "penalty_other", "2023-03-01")
    office.county.publish(office.county.run())
    client.get(url)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
        for day in range(10, 25):
            office.county.give(A, "tax_arrears", f"2023-03-{day}")
    assert counts[0] == counts[1]


# --- beside an enterprise ---------------------------------------------------------------------------------


def test_the_list_of_enterprises_shows_the_grade_in_force(office: Officers) -> None:
    office.county.give(A, "production_stopped", "2025-03-01")
    office.county.publish(office.county.run())
    office.county.register([code(3)])
    shown = list(Enterprise.objects.order_by("pk"))
    assert {
        "county": grades(office.county.clerk, shown),
        "city": grades(office.city.clerk, shown),
        "other county": grades(office.other.clerk, shown),
        "department": grades(office.department_clerk, shown),
        "auditor": grades(office.auditor, shown),
    } == {
        "county": {A: "C", B: "A"},
        "city": {A: "C", B: "A"},
        "other county": {},
        "department": {A: "C", B: "A"},
        "auditor": {},
    }


def test_the_column_leads_to_the_explanation_and_names_what_is_ungraded(office: Officers) -> None:
    office.county.publish(office.county.run())
    office.county.register([code(3)])
    response = signed_in(office.county.clerk).get(reverse("admin:roster_enterprise_changelist"))
    html = response.content.decode()
    for which in (A, B, code(3)):
        assert reverse("admin:grading_rating_explain", args=[which]) in html
    assert html.count("尚未评价") == 1


def test_the_list_of_enterprises_costs_the_same_for_few_and_for_many(office: Officers) -> None:
    client = signed_in(office.county.clerk)
    url = reverse("admin:roster_enterprise_changelist")
    office.county.publish(office.county.run())
    client.get(url)
    counts = []
    for batch in (20, 40):
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
        office.county.register([code(number) for number in range(batch, batch + 20)])
    assert counts[0] == counts[1]


def test_the_page_of_an_enterprise_shows_its_grade(office: Officers) -> None:
    office.county.give(A, "production_stopped", "2025-03-01")
    office.county.publish(office.county.run())
    url = reverse("admin:roster_enterprise_change", args=[A])
    response = signed_in(office.county.clerk).get(url)
    shown = " ".join(strip_tags(response.content.decode()).split())
    assert "现行等级 C严重失信 企业信用评价标准（冀政办字〔2022〕54号）（第1版）" in shown
    assert [str(title) for title, _url in response.context["tools"]] == [
        "失信信息",
        "更正登记信息",
        "指定名录",
    ]
