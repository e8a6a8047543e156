"""Files of penalties, listings and other kinds. Source: R22–R26; domain facts 4; issue 1."""

import datetime as dt
import gzip
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from audit.refusal import NotPermitted, Refused
from intake import limits, reports, services, store
from intake.models import BatchLine
from records import services as records
from records.models import Kind, Record
from roster.models import AgencyName, Enterprise
from tests.factories.intake import code_number, csv_file, xlsx_file
from tests.factories.roster_files import (
    CHANGAN,
    OPERATOR,
    QIAOXI,
    agency,
    changes,
    counts,
    line,
    load_regions,
    person,
    problems,
    roster_file,
    take_in,
)

pytestmark = pytest.mark.django_db
A, B, STRANGER = (code_number(n) for n in (1, 2, 99))
NAME_A, NAME_B = "河北虚构甲（集团）有限公司", "河北虚构乙有限公司"
OFFICE = "长安区虚构监管局"
OFFICE_CODE = "11130102000000001X"

OF_2019 = [
    "行政相对人名称", "行政相对人类别", "行政相对人代码_1(统一社会信用代码)", "行政相对人代码_2(工商注册号)",
    "行政相对人代码_3(组织机构代码)", "行政相对人代码_4(税务登记号)", "行政相对人代码_5(事业单位证书号)",
    "行政相对人代码_6(社会组织登记证号)", "法定代表人", "行政处罚决定书文号", "违法行为类型", "违法事实", "处罚依据",
    "处罚类别", "处罚内容", "罚款金额（万元）", "没收违法所得、没收非法财物的金额（万元）", "暂扣或吊销证照名称及编号",
    "处罚决定日期", "处罚有效期", "公示截止期", "处罚机关", "处罚机关统一社会信用代码", "数据来源单位",
    "数据来源单位统一社会信用代码", "备注",
]  # fmt: skip
LATER = [
    "行政相对人名称", "行政相对人类别", "统一社会信用代码", "工商注册号", "组织机构代码", "税务登记号", "事业单位证书号",
    "社会组织登记证号", "法定代表人", "法定代表人证件类型", "法定代表人证件号码", "自然人证件类型", "自然人证件号码",
    "决定书文号", "违法行为类型", "违法事实", "处罚依据", "处罚类别", "处罚内容", "罚款金额(万元)", "没收金额(万元)",
    "暂扣或吊销证照名称及编号", "处罚决定日期", "处罚有效期", "公示截止期", "处罚机关", "处罚机关代码", "数据来源单位",
    "数据来源单位代码", "备注", "失信严重程度",
]  # fmt: skip
OF_PERSONS = ["行政相对人名称", "行政相对人类别", "证件类型", "证件号码", "行政处罚决定书文号", "违法事实", "处罚类别",
              "处罚内容", "处罚决定日期", "处罚机关", "处罚机关统一社会信用代码"]  # fmt: skip
LISTINGS = [
    "企业名称",
    "统一社会信用代码",
    "名单名称",
    "列入原因",
    "列入文号",
    "列入机关",
    "列入日期",
    "移出日期",
    "移出原因",
]
OTHERS = [
    "企业名称",
    "统一社会信用代码",
    "信息类别",
    "文号",
    "内容摘要",
    "认定机关",
    "认定日期",
    "终止日期",
    "是否造成严重后果",
]


def row(headings: list[str], **values: object) -> list[object]:
    """A good penalty line under any of the national layouts, some values put differently."""
    given = {
        "行政相对人名称": NAME_A, "企业名称": NAME_A, "行政相对人类别": "法人及非法人组织",
        "统一社会信用代码": A, "法定代表人": "某甲", "法定代表人证件号码": "130102190001010000",
        "行政处罚决定书文号": "长市监罚字〔2025〕1号", "违法事实": "销售不合格产品", "处罚类别": "罚款",
        "处罚内容": "罚款五千元", "罚款金额（万元）": "0.5", "处罚决定日期": "2025-03-04", "处罚机关": OFFICE,
        "处罚机关统一社会信用代码": OFFICE_CODE, "数据来源单位": OFFICE, "数据来源单位统一社会信用代码": OFFICE_CODE,
        "名单名称": "经营异常名录", "列入原因": "未报年报", "列入文号": "长异列字〔2025〕1号", "列入机关": OFFICE,
        "列入日期": "2025-01-02", "信息类别": "合同违约", "文号": "长违字〔2025〕1号", "内容摘要": "未履行",
        "认定机关": OFFICE, "认定日期": "2025-05-06", **values,
    }  # fmt: skip
    same = {
        "行政相对人代码_1(统一社会信用代码)": "统一社会信用代码", "决定书文号": "行政处罚决定书文号",
        "行政相对人代码_2(工商注册号)": "工商注册号", "罚款金额(万元)": "罚款金额（万元）",
    }  # fmt: skip
    return [given.get(heading, given.get(same.get(heading, ""), "")) for heading in headings]


@pytest.fixture(autouse=True)
def county(db):
    """Two enterprises of 长安区, two departments, and a lead agency each in two districts."""
    load_regions()
    records.load_reference(by=OPERATOR)
    agency(CHANGAN), agency(QIAOXI)
    agency(CHANGAN, "department", OFFICE), agency(QIAOXI, "department", "桥西区虚构监管局")
    roster_file(line(A, NAME_A), line(B, NAME_B))


@pytest.fixture
def clerk():
    return person("dept", agency(CHANGAN, "department", OFFICE), "department_clerk")


def penalties(*lines: list[object], headings: list[str] = OF_2019, by=OPERATOR, **more):
    return take_in("penalties", [headings, *lines], by=by, **more)


def listings(*lines, **more):
    return take_in("listings", [LISTINGS, *lines], **more)


def others(*lines, **more):
    return take_in("behaviours", [OTHERS, *lines], **more)


def checked(layout: str, rows, by=OPERATOR):
    """A file that waits for its confirmation."""
    batch = services.receive(by=by, layout_key=layout, name="file.csv", stream=csv_file(rows))
    return services.check_batch(batch.pk, pause=0)


# --- penalties ---


@pytest.mark.parametrize("headings", [OF_2019, LATER])
def test_penalty_in_both_national_layouts(headings, clerk):
    batch = penalties(row(headings), headings=headings, by=clerk)
    assert counts(batch) == (1, 0, 0, 0), problems(batch)
    record = Record.objects.get()
    assert (record.enterprise_id, record.kind_id, record.decided_on, record.fine_wan) == (
        A, "penalty_other", dt.date(2025, 3, 4), Decimal("0.5"),
    )  # fmt: skip
    assert (record.authority.name, record.provider.name, record.number) == (
        OFFICE, OFFICE, "长市监罚字〔2025〕1号",
    )  # fmt: skip
    assert record.recorded_at == record.first_known_at == batch.merged_at
    assert record.audit_trail() == [("intake.batch", batch.pk)]


def test_26_columns_are_the_set_of_2019():
    assert len(OF_2019) == 26


def test_personal_columns_of_the_later_layout_are_nowhere(clerk):
    line, personal = row(LATER), "130102190001010000"
    assert personal in line
    batch = penalties(line, headings=LATER, by=clerk)
    copies = b"".join(gzip.decompress(path.read_bytes()) for path in store.folder().glob("*.gz"))
    assert (A in copies.decode(), personal in copies.decode()) == (True, False)
    assert Record.objects.get().enterprise_id == A
    rows = [*Record.objects.values(), *BatchLine.objects.values(), batch.headings]
    assert personal not in str(rows)


def test_same_file_twice_adds_nothing(clerk):
    lines = [
        row(OF_2019),
        row(OF_2019, 行政处罚决定书文号="长市监罚字〔2025〕2号", 处罚类别="训诫"),
    ]
    penalties(*lines, by=clerk)
    assert counts(penalties(*lines, by=clerk)) == (0, 0, 2, 0)
    again = row(OF_2019, 行政处罚决定书文号="长市监罚字[2025] 1号")
    assert counts(penalties(again, by=clerk)) == (0, 0, 1, 0)
    assert Record.objects.count() == 2


def test_same_number_of_another_authority_is_another_decision():
    batch = penalties(row(OF_2019), row(OF_2019, 处罚机关="桥西区虚构监管局"))
    assert counts(batch) == (2, 0, 0, 0)


def test_lines_of_one_decision_are_one_record_of_the_most_severe_kind(clerk):
    batch = penalties(
        row(OF_2019, 处罚类别="罚款"),
        row(OF_2019, 行政处罚决定书文号="长市监罚字〔2025〕2号"),
        row(OF_2019, 处罚类别="责令停产停业", 处罚内容="停业整顿", **{"罚款金额（万元）": ""}),
        row(OF_2019, 处罚类别="没收违法所得", **{"没收违法所得、没收非法财物的金额（万元）": "2"}),
        by=clerk,
    )
    assert counts(batch) == (2, 0, 2, 0)
    record = Record.objects.get(number="长市监罚字〔2025〕1号")
    assert (record.kind_id, record.measures) == (
        "production_stopped",
        "罚款、责令停产停业、没收违法所得",
    )
    assert (record.fine_wan, record.confiscated_wan) == (Decimal("0.5"), 2)
    assert (
        counts(
            penalties(
                row(OF_2019, 处罚类别="罚款"), row(OF_2019, 处罚类别="责令停产停业"), by=clerk
            )
        )[0]
        == 0
    )


def test_lines_of_one_decision_with_two_dates_are_refused(clerk):
    batch = penalties(row(OF_2019), row(OF_2019, 处罚决定日期="2025-03-05"), by=clerk)
    assert counts(batch) == (0, 0, 0, 2)


def test_lines_of_one_decision_share_its_refusal():
    batch = penalties(row(OF_2019, **{"行政相对人代码_1(统一社会信用代码)": STRANGER}),
                      row(OF_2019, 处罚类别="警告", **{"行政相对人代码_1(统一社会信用代码)": STRANGER}))  # fmt: skip
    assert counts(batch) == (0, 0, 0, 2)


FINE, LICENCE = {"处罚类别": "罚款"}, {"处罚类别": "吊销许可证件", "处罚内容": "吊销食品经营许可证"}


def test_line_put_right_and_sent_again_adds_to_its_decision(clerk):
    """The error file holds a part of the decision: what was taken in of it stays."""
    licence = row(OF_2019, **LICENCE, **{"罚款金额（万元）": ""})
    batch = penalties(licence, row(OF_2019, **FINE, **{"罚款金额（万元）": "五千"}), by=clerk)
    assert counts(batch) == (1, 0, 0, 1)
    assert counts(penalties(row(OF_2019, **FINE), by=clerk)) == (0, 1, 0, 0)
    record = Record.objects.live().get()
    assert (record.kind_id, record.measures, record.content, record.fine_wan) == (
        "licence_revoked", "吊销许可证件、罚款", "吊销食品经营许可证；罚款五千元", Decimal("0.5"),
    )  # fmt: skip
    assert counts(penalties(licence, row(OF_2019, **FINE), by=clerk)) == (0, 0, 2, 0)


def test_line_with_fewer_measures_takes_none_away(clerk):
    penalties(row(OF_2019, 处罚类别="罚款、吊销许可证件"), by=clerk)
    assert counts(penalties(row(OF_2019, **FINE), by=clerk)) == (0, 0, 1, 0)
    assert Record.objects.get().kind_id == "licence_revoked"


def test_line_with_the_same_measures_puts_the_amount_right(clerk):
    penalties(row(OF_2019), by=clerk)
    batch = penalties(row(OF_2019, **{"罚款金额（万元）": "0.3"}), by=clerk)
    assert counts(batch) == (0, 1, 0, 0)
    assert Record.objects.live().get().fine_wan == Decimal("0.3")


@pytest.mark.parametrize(
    ("words", "more", "kind"),
    [
        ("吊销营业执照", {}, "business_licence_revoked"),
        ("吊销许可证件", {"暂扣或吊销证照名称及编号": "营业执照"}, "business_licence_revoked"),
        ("吊销许可证件", {"暂扣或吊销证照名称及编号": "食品经营许可证"}, "licence_revoked"),
        ("责令限期治理", {}, "corrective_order"),
        ("训诫", {}, "penalty_undecided"),
    ],
)
def test_penalty_words_decide_the_kind(words, more, kind):
    penalties(row(OF_2019, 处罚类别=words, 处罚内容="", **more))
    assert Record.objects.get().kind_id == kind


def test_amounts_carry_their_unit():
    penalties(row(OF_2019, **{"罚款金额（万元）": "5000元"}))
    assert Record.objects.get().fine_wan == Decimal("0.5")
    headings = [heading.replace("罚款金额（万元）", "罚款金额（元）") for heading in OF_2019]
    values = row(OF_2019, 行政处罚决定书文号="2号", **{"罚款金额（万元）": "5000"})
    penalties(values, headings=headings)
    assert Record.objects.get(number="2号").fine_wan == Decimal("0.5")


def test_empty_marks_mean_empty():
    penalties(
        row(
            OF_2019,
            处罚有效期="9999-9-9",
            公示截止期="1900-1-1",
            违法行为类型="/",
            **{"罚款金额（万元）": "无"},
        )
    )
    record = Record.objects.get()
    assert (record.valid_until, record.publication_until, record.conduct, record.fine_wan) == (
        None, None, "", None,
    )  # fmt: skip


# --- whose it is ---


def test_agency_code_columns_are_never_the_enterprises():
    from tests.factories.intake import GOOD_CODE

    values = row(OF_2019, 处罚机关统一社会信用代码=A, 数据来源单位统一社会信用代码=GOOD_CODE,
                 **{"行政相对人代码_1(统一社会信用代码)": ""})  # fmt: skip
    batch = penalties(values)
    assert counts(batch) == (0, 0, 0, 1)
    assert not Record.objects.exists()


def test_file_with_agency_codes_only_lacks_the_enterprises():
    headings = [heading for heading in OF_2019 if "代码_" not in heading]
    with pytest.raises(Refused) as caught:
        penalties(row(headings), headings=headings)
    assert "统一社会信用代码" in caught.value.values["missing"]


def test_blank_codes_are_never_merged():
    blank = {"行政相对人代码_1(统一社会信用代码)": "/"}
    batch = penalties(row(OF_2019, **blank), row(OF_2019, **blank))
    assert counts(batch) == (0, 0, 0, 2)
    assert "不能确定是哪家企业" in problems(batch)[0][3]


def test_registration_number_finds_the_enterprise_when_there_is_no_code():
    Enterprise.objects.filter(pk=A).update(registration_number="130102000012345")
    blank = {
        "行政相对人代码_1(统一社会信用代码)": "",
        "行政相对人代码_2(工商注册号)": "130102000012345",
    }
    assert counts(penalties(row(OF_2019, **blank))) == (1, 0, 0, 0)
    assert Record.objects.get().enterprise_id == A
    Enterprise.objects.filter(pk=B).update(registration_number="130102000012345")
    batch = penalties(row(OF_2019, 行政处罚决定书文号="2号", **blank))
    assert counts(batch) == (0, 0, 0, 1)
    assert "工商注册号“130102000012345”" in problems(batch)[0][3]


def test_unknown_enterprise_is_refused_and_can_be_sent_again_from_the_error_file(clerk):
    stranger = {"行政相对人代码_1(统一社会信用代码)": STRANGER}
    batch = penalties(row(OF_2019, **stranger), row(OF_2019, 行政处罚决定书文号="2号"), by=clerk)
    assert counts(batch) == (1, 0, 0, 1)
    assert "名录中没有" in problems(batch)[0][3]
    roster_file(line(STRANGER, NAME_A))
    with reports.error_report(by=clerk, batch_id=batch.pk) as report:
        again = services.take_in(by=clerk, layout_key="penalties", name="再报.xlsx", stream=report)
    assert counts(again) == (1, 0, 0, 0)
    assert Record.objects.filter(enterprise=STRANGER).count() == 1


def test_name_of_another_enterprise_is_refused_former_name_and_width_are_not(clerk):
    assert (
        counts(penalties(row(OF_2019, 行政相对人名称="河北虚构甲(集团) 有限公司"), by=clerk))[0]
        == 1
    )
    batch = penalties(row(OF_2019, 行政相对人名称=NAME_B, 行政处罚决定书文号="2号"), by=clerk)
    assert NAME_B in problems(batch)[0][3]
    roster_file(line(A, "河北虚构改名有限公司"))
    assert counts(penalties(row(OF_2019, 行政处罚决定书文号="3号"), by=clerk))[0] == 1


def test_line_of_a_natural_person_is_refused(clerk):
    assert counts(penalties(row(OF_2019, 行政相对人类别="自然人"), by=clerk)) == (0, 0, 0, 1)


@pytest.mark.parametrize("keys", ["penalties", ("penalties", "listings", "behaviours")])
def test_natural_person_file_is_refused_as_a_whole(keys, clerk):
    with pytest.raises(Refused) as caught:
        take_in(keys, [OF_PERSONS, row(OF_PERSONS)], by=clerk)
    assert caught.value.code == "intake.natural_person"


@pytest.mark.parametrize(
    ("headings", "code", "said"),
    [
        ([*OF_2019, "处罚机关"], "intake.heading_doubled", "处罚机关"),
        ([*OF_2019[:2], "法定代表人证件号码", *OF_2019[3:]], "intake.headings_missing", "统一社会信用代码"),
        ([one for one in LATER if one != "统一社会信用代码"], "intake.headings_missing", "统一社会信用代码"),
        (["名称", "备注", "经办人"], "intake.no_layout_fits", ""),
    ],
)  # fmt: skip
def test_fault_of_the_headings_is_named_by_the_layout_that_is_nearest(headings, code, said, clerk):
    with pytest.raises(Refused) as caught:
        take_in(("penalties", "listings", "behaviours"), [headings, ["甲"]], by=clerk)
    values = caught.value.values
    assert caught.value.code == code
    assert said in (values.get("missing"), values.get("first"), "")


def test_line_is_held_against_the_uploaders_authority_not_the_roster(clerk):
    elsewhere = code_number(7)
    roster_file(line(elsewhere, NAME_A, 注册地行政区划代码="130203"))
    own = row(OF_2019, **{"行政相对人代码_1(统一社会信用代码)": elsewhere})
    foreign = row(OF_2019, 处罚机关="桥西区虚构监管局")
    batch = penalties(own, foreign, by=clerk)
    assert counts(batch) == (1, 0, 0, 1)
    assert problems(batch)[0][1:3] == ("处罚机关", "桥西区虚构监管局")


def test_lead_agency_gives_for_the_authorities_of_its_own_region():
    lead = person("lead", agency(CHANGAN))
    batch = penalties(row(OF_2019), row(OF_2019, 处罚机关="桥西区虚构监管局"), by=lead)
    assert counts(batch) == (1, 0, 0, 1)


def test_unknown_agency_is_refused_other_names_are_known(clerk):
    office = agency(CHANGAN, "department", OFFICE)
    assert counts(penalties(row(OF_2019, 处罚机关="长安区虚构局"), by=clerk)) == (0, 0, 0, 1)
    AgencyName.objects.create(agency=office, name="长安区虚构局")
    assert counts(penalties(row(OF_2019, 处罚机关="长安区 虚构局"), by=clerk)) == (1, 0, 0, 0)


def test_reader_may_not_give_records():
    with pytest.raises(NotPermitted):
        penalties(row(OF_2019), by=person("reader", agency(CHANGAN), "reader"))


def test_unknown_provider_is_refused_and_not_replaced(clerk):
    batch = penalties(
        row(OF_2019, 数据来源单位="长安区虚构科"),
        row(OF_2019, 数据来源单位="", 行政处罚决定书文号="2号"),
        by=clerk,
    )
    assert counts(batch) == (1, 0, 0, 1)
    assert problems(batch)[0][1:3] == ("数据来源单位", "长安区虚构科")


# --- dates, corrections ---


@pytest.mark.parametrize(
    ("day", "fates"),
    [("2025-01-31", (0, 0, 0, 1)), ("2025-02-01", (1, 0, 0, 0)), ("2025-03-04", (1, 0, 0, 0)), ("2025-03-05", (0, 0, 0, 1))],
)  # fmt: skip
def test_kind_takes_what_was_decided_while_it_is_in_use(day, fates):
    Kind.objects.filter(pk="breach_of_contract").update(
        since=dt.date(2025, 2, 1), until=dt.date(2025, 3, 5)
    )
    batch = others(row(OTHERS, 认定日期=day))
    assert counts(batch) == fates
    assert all("停用日期 2025-03-05" in message for *_, message in problems(batch))


def test_record_of_a_kind_that_went_out_of_use_stays_as_it_is_and_can_end():
    listings(row(LISTINGS))
    Kind.objects.filter(pk="abnormal_operation").update(until=dt.date(2025, 1, 2))
    assert counts(listings(row(LISTINGS))) == (0, 0, 1, 0)
    assert counts(listings(row(LISTINGS, 移出日期="2025-02-03"))) == (0, 1, 0, 0)
    given = replace(records.given_from(Record.objects.live().get()), number="另号", ended_on=None)
    with pytest.raises(Refused) as caught:
        records.give_record(by=OPERATOR, given=given, source="页面登记", on=dt.date(2025, 6, 1))
    assert caught.value.code == "records.kind_out_of_use"


def test_decision_in_the_future_is_refused(clerk):
    batch = penalties(row(OF_2019, 处罚决定日期="2199-01-01"), by=clerk)
    assert counts(batch) == (0, 0, 0, 1)
    assert "晚于今天" in problems(batch)[0][3]


def test_decision_number_is_needed(clerk):
    batch = penalties(row(OF_2019, 行政处罚决定书文号="/"), by=clerk)
    assert problems(batch)[0][1] == "行政处罚决定书文号"


def test_detail_that_cannot_change_a_grade_is_corrected_and_shown(clerk):
    penalties(row(OF_2019), by=clerk)
    batch = penalties(row(OF_2019, 处罚内容="罚款五千元整", 备注=""), by=clerk)
    assert counts(batch) == (0, 1, 0, 0)
    assert changes(batch) == [("内容摘要", "罚款五千元", "罚款五千元整")]
    old, new = Record.objects.order_by("pk")
    assert (old.retracted_at, new.supersedes_id, new.first_known_at) == (
        batch.merged_at, old.pk, old.first_known_at,
    )  # fmt: skip


def test_record_that_was_taken_down_does_not_come_back(clerk):
    penalties(row(OF_2019), by=clerk)
    records.retract_record(by=OPERATOR, record_id=Record.objects.get().pk, reason="登记错误")
    batch = penalties(row(OF_2019), by=clerk)
    assert counts(batch) == (0, 0, 0, 1)
    assert "登记错误" in problems(batch)[0][3]


def test_kind_a_clerk_decided_stays_when_the_file_comes_again(clerk):
    penalties(row(OF_2019, 处罚类别="训诫"), by=clerk)
    records.replace_record(
        by=OPERATOR, record_id=Record.objects.get().pk, changes={"kind_id": "penalty_other"},
        reason="认定", on=dt.date(2025, 6, 1),
    )  # fmt: skip
    assert counts(penalties(row(OF_2019, 处罚类别="训诫"), by=clerk)) == (0, 0, 1, 0)


def test_corrections_of_a_file_cost_the_same_for_few_and_for_many(clerk):
    """And the record's history leads to the file that put it right."""
    spent = []
    for most in (2, 9):
        lines = [row(OF_2019, 行政处罚决定书文号=f"{most}-{n}号") for n in range(most)]
        penalties(*lines, by=clerk)
        records.mark_record(
            by=OPERATOR, record_id=Record.objects.latest("pk").pk, kind="disputed",
            since=dt.date(2025, 6, 1), reason="异议",
        )  # fmt: skip
        for values in lines:
            values[OF_2019.index("备注")] = "更正"
        with CaptureQueriesContext(connection) as queries:
            batch = penalties(*lines, by=clerk)
        assert counts(batch) == (0, most, 0, 0)
        spent.append(len(queries))
    assert spent[0] == spent[1]
    record = Record.objects.latest("pk")
    assert list(record.marks.live().values_list("kind", flat=True)) == ["disputed"]
    assert record.audit_trail()[-1] == ("intake.batch", batch.pk)
    assert record.supersedes.audit_trail()[-1] == ("intake.batch", batch.pk)


def test_reason_that_names_a_file_of_others_leads_nowhere(clerk):
    batch = penalties(row(OF_2019), by=clerk)
    other = penalties(row(OF_2019, 行政处罚决定书文号="2号"))
    record = records.replace_record(
        by=OPERATOR, record_id=Record.objects.get(number__startswith="长").pk, changes={"remark": "x"},
        reason=f"见（文件第{other.pk}号）", on=dt.date(2025, 6, 1),
    )  # fmt: skip
    assert record.audit_trail() == [("intake.batch", batch.pk)]


# --- listings ---


def test_listing_is_a_state_and_its_removal_ends_it(clerk):
    assert counts(listings(row(LISTINGS), by=clerk)) == (1, 0, 0, 0)
    record = Record.objects.get()
    assert (record.kind_id, record.decided_on, record.ended_on, record.facts) == (
        "abnormal_operation", dt.date(2025, 1, 2), None, "未报年报",
    )  # fmt: skip
    removed = row(LISTINGS, 移出日期="2025-02-03", 移出原因="已补报")
    assert counts(listings(removed, by=clerk)) == (0, 1, 0, 0)
    record = Record.objects.live().get()
    assert (record.ended_on, record.end_reason) == (dt.date(2025, 2, 3), "已补报")
    assert counts(listings(removed, by=clerk)) == (0, 0, 1, 0)
    assert counts(listings(row(LISTINGS), by=clerk)) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("严重失信主体名单", "seriously_dishonest"), ("严重违法失信企业名单", "seriously_dishonest"),
     ("重大税收违法失信主体名单", "seriously_dishonest"), ("拖欠农民工工资失信联合惩戒对象名单", "seriously_dishonest"),
     ("失信被执行人名单", "judgment_defaulter"), ("经营异常名录", "abnormal_operation"), ("非正常纳税户", "abnormal_taxpayer")],
)  # fmt: skip
def test_list_names_mean_kinds(name, kind):
    listings(row(LISTINGS, 名单名称=name))
    assert Record.objects.get().kind_id == kind


def test_unknown_list_is_refused():
    batch = listings(row(LISTINGS, 名单名称="先进名单"))
    assert problems(batch)[0][1:3] == ("名单名称", "先进名单")


def test_removal_before_the_listing_is_refused():
    assert counts(listings(row(LISTINGS, 移出日期="2024-12-31"))) == (0, 0, 0, 1)


def test_listings_without_a_number_are_told_apart_by_list_and_day():
    lines = [row(LISTINGS, 列入文号=""), row(LISTINGS, 列入文号="", 列入日期="2025-01-03"),
             row(LISTINGS, 列入文号="", 名单名称="严重失信主体名单"), row(LISTINGS, 列入文号="")]  # fmt: skip
    assert counts(listings(*lines)) == (3, 0, 1, 0)
    assert counts(listings(*lines)) == (0, 0, 4, 0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"列入文号": ""}),
        ({"列入文号": ""}, {}),
        ({"列入文号": ""}, {"列入文号": "", "名单名称": "列入经营异常名录"}),
    ],
)
def test_removal_finds_the_listing_with_or_without_a_number(first, second):
    listings(row(LISTINGS, **first))
    batch = listings(row(LISTINGS, **second, 移出日期="2025-02-03"))
    assert counts(batch) == (0, 1, 0, 0), problems(batch)
    assert Record.objects.live().get().ended_on == dt.date(2025, 2, 3)
    assert counts(listings(row(LISTINGS, **first))) == (0, 0, 1, 0)


@pytest.mark.parametrize("number", ["", "长异列字〔2025〕9号"])
def test_listing_given_on_the_page_is_not_given_again_with_or_without_a_number(number):
    listings(row(LISTINGS, 列入文号="" if number else "长异列字〔2025〕1号"))
    given = records.given_from(Record.objects.get(), {"number": number})
    with pytest.raises(Refused) as caught:
        records.give_record(by=OPERATOR, given=given, source="页面登记", on=dt.date(2025, 6, 1))
    assert caught.value.code == "records.already_given"


@pytest.mark.parametrize("number", ["", "长异列字〔2025〕1号"])
def test_listing_in_the_layout_of_other_kinds_is_the_same_listing(number):
    listings(row(LISTINGS, 列入文号=number))
    same = row(
        OTHERS,
        信息类别="经营异常名录",
        文号="",
        内容摘要="",
        认定日期="2025-01-02",
        终止日期="2025-02-03",
    )
    assert counts(others(same)) == (0, 1, 0, 0)
    assert Record.objects.live().get().ended_on == dt.date(2025, 2, 3)


def test_two_numbers_of_one_day_are_two_listings_and_a_removal_says_which():
    listings(row(LISTINGS, 名单名称="失信被执行人名单"),
             row(LISTINGS, 名单名称="失信被执行人名单", 列入文号="2号"))  # fmt: skip
    bare = row(LISTINGS, 名单名称="失信被执行人名单", 列入文号="", 移出日期="2025-02-03")
    batch = listings(bare)
    assert counts(batch) == (0, 0, 0, 1)
    assert "不能确定是哪一条" in problems(batch)[0][3]
    bare[LISTINGS.index("列入文号")] = "2号"
    assert counts(listings(bare)) == (0, 1, 0, 0)
    assert Record.objects.live().get(number="2号").ended_on == dt.date(2025, 2, 3)


def test_listing_that_was_taken_down_does_not_come_back_without_its_number():
    listings(row(LISTINGS))
    records.retract_record(by=OPERATOR, record_id=Record.objects.get().pk, reason="登记错误")
    assert counts(listings(row(LISTINGS, 列入文号=""))) == (0, 0, 0, 1)
    assert counts(listings(row(LISTINGS, 列入文号="另号"))) == (1, 0, 0, 0)


@pytest.mark.parametrize("numbers", [("", ""), ("1号", ""), ("", "1号"), ("1号", "1 号")])
def test_listed_and_removed_in_one_file_is_one_ended_listing(numbers):
    first, second = numbers
    batch = listings(
        row(LISTINGS, 列入文号=first),
        row(LISTINGS, 列入文号=second, 列入原因="", 移出日期="2025-02-03", 移出原因="已补报"),
    )
    assert counts(batch) == (1, 0, 1, 0), problems(batch)
    record = Record.objects.get()
    assert (record.number, record.ended_on, record.facts) == (
        first or second, dt.date(2025, 2, 3), "未报年报",
    )  # fmt: skip


def test_lines_of_one_listing_that_contradict_each_other_are_refused_with_both_numbers():
    batch = listings(
        *(row(LISTINGS, 列入文号="", 移出日期=day) for day in ("2025-02-03", "2025-02-04"))
    )
    assert counts(batch) == (0, 0, 0, 2)
    assert [(number, column) for number, column, *_ in problems(batch)] == [
        (2, "移出日期"),
        (3, "移出日期"),
    ]
    assert {message[:12] for *_, message in problems(batch)} == {"第 2 行与第 3 行是"}


@pytest.mark.parametrize("number", ["", "1号"])
def test_removal_that_stands_twice_removes_once(number, monkeypatch):
    monkeypatch.setattr(limits, "CHUNK_LINES", 2)
    listings(row(LISTINGS, 列入文号=number))
    removal = row(LISTINGS, 列入文号=number, 移出日期="2025-02-03")
    new = row(LISTINGS, 列入文号="2号", 列入日期="2025-03-03")
    batch = listings(removal, new, removal, removal)
    assert (batch.state, *counts(batch)) == ("merged", 1, 1, 2, 0)


def test_further_line_of_the_same_record_by_another_key_changes_nothing_more(monkeypatch):
    """By the code and by the old registration number: the same enterprise, no common key."""
    monkeypatch.setattr(limits, "CHUNK_LINES", 1)
    Enterprise.objects.filter(pk=A).update(registration_number="130102000012345")
    penalties(row(OF_2019))
    blank = {
        "行政相对人代码_1(统一社会信用代码)": "",
        "行政相对人代码_2(工商注册号)": "130102000012345",
    }
    lines = [
        row(OF_2019, 备注="甲"),
        row(OF_2019, 备注="甲", **blank),
        row(OF_2019, 备注="乙", **blank),
    ]
    assert counts(penalties(*lines[:2])) == (0, 1, 1, 0)
    new = {"行政处罚决定书文号": "2号"}
    lines = [
        row(OF_2019, 备注="丙"),
        row(OF_2019, 备注="丁", **blank),
        row(OF_2019, **new),
        row(OF_2019, **new, **blank),
    ]
    batch = checked("penalties", [OF_2019, *lines])
    assert counts(batch) == (1, 1, 0, 2)
    assert [problem[:3] for problem in problems(batch)] == [
        (3, "备注", "丁"),
        (5, "行政处罚决定书文号", "2号"),
    ]
    services.confirm_batch(by=OPERATOR, batch_id=batch.pk, key=batch.confirm_key)
    assert services.merge_batch(batch.pk).state == "merged"


def test_line_without_a_number_that_could_be_another_listing_is_refused():
    listings(row(LISTINGS, 列入文号="1号"))
    batch = listings(
        row(LISTINGS, 列入文号="2号"), row(LISTINGS, 列入文号="", 移出日期="2025-02-03")
    )
    assert counts(batch) == (0, 0, 0, 2)


def test_line_without_a_number_beside_two_with_one_is_asked_for_it():
    batch = listings(*(row(LISTINGS, 列入文号=number) for number in ("1号", "", "2号")))
    assert counts(batch) == (2, 0, 0, 1)
    assert problems(batch)[0][:2] == (3, "列入文号")


def test_consequence_claimed_in_the_second_line_is_not_lost():
    batch = others(*(row(OTHERS, 文号="", 是否造成严重后果=claimed) for claimed in ("", "是")))
    assert counts(batch) == (1, 0, 1, 0)
    assert Record.objects.get().serious_claimed is True


# --- other kinds ---


def test_other_kind_with_a_serious_consequence_claimed(clerk):
    batch = others(row(OTHERS, 是否造成严重后果="是"), by=clerk)
    assert counts(batch) == (1, 0, 0, 0)
    assert (Record.objects.get().kind_id, Record.objects.get().serious_claimed) == (
        "breach_of_contract",
        True,
    )


@pytest.mark.parametrize(("said", "noted"), [("否", True), ("", False), ("是", False)])
def test_a_consequence_denied_by_a_file_is_not_passed_over(said, noted):
    """It is put right on the record's page; the report says so."""
    others(row(OTHERS, 是否造成严重后果="是"))
    batch = others(row(OTHERS, 是否造成严重后果=said))

    told = [line.label for line in batch.full_lines.all()]
    assert (counts(batch), Record.objects.get().serious_claimed) == ((0, 0, 1, 0), True)
    assert any("请在该条信息的页面更正" in label for label in told) is noted


@pytest.mark.parametrize(
    ("kind", "word"),
    [("口碑不佳", "构成表"), ("企业登记注册信息", "基本信息"), ("吊销许可证件", "行政处罚表")],
)
def test_kind_that_does_not_belong_here_is_refused(kind, word):
    batch = others(row(OTHERS, 信息类别=kind))
    assert word in problems(batch)[0][3]


def test_breaches_without_a_number_are_told_apart_by_what_they_say():
    lines = [row(OTHERS, 文号="", 内容摘要=text) for text in ("甲合同", "乙合同", "甲合同")]
    assert counts(others(*lines)) == (2, 0, 1, 0)
    assert counts(others(*lines)) == (0, 0, 3, 0)


def test_one_number_in_two_families_is_two_records_and_the_files_come_again():
    number = "（2025）冀0102执123号"
    judgment = row(OTHERS, 信息类别="司法判决及执行信息", 文号=number)
    listed = row(LISTINGS, 名单名称="失信被执行人名单", 列入文号=number)
    assert counts(others(judgment)) == counts(listings(listed)) == (1, 0, 0, 0)
    assert counts(others(judgment)) == counts(listings(listed)) == (0, 0, 1, 0)
    together = [row(OTHERS, 信息类别=kind, 文号=number, **{"统一社会信用代码": B, "企业名称": NAME_B})
                for kind in ("司法判决及执行信息", "失信被执行人名单")]  # fmt: skip
    assert counts(others(*together)) == (2, 0, 0, 0)


def test_line_with_the_kind_that_was_put_right_is_the_same_record():
    others(row(OTHERS, 文号="", 内容摘要="甲合同"))
    records.replace_record(
        by=OPERATOR, record_id=Record.objects.get().pk, changes={"kind_id": "broken_commitment"},
        reason="类别有误", on=dt.date(2025, 6, 1),
    )  # fmt: skip
    again = row(OTHERS, 文号="", 内容摘要="甲合同", 信息类别="未履行信用承诺")
    assert counts(others(again)) == (0, 0, 1, 0)


# --- the command ---


def run(tmp_path, stream, *options, capsys):
    path = tmp_path / "file"
    path.write_bytes(stream.getvalue())
    call_command("import_records", str(path), *options)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("headings", "kind"),
    [(OF_2019, "penalty_other"), (LATER, "penalty_other"), (LISTINGS, "abnormal_operation"), (OTHERS, "breach_of_contract")],
)  # fmt: skip
def test_command_tells_the_kind_of_file_by_its_headings(headings, kind, tmp_path, capsys):
    out = run(tmp_path, xlsx_file({"表": [headings, row(headings)]}), "--json", capsys=capsys)
    assert json.loads(out)["added"] == 1
    assert Record.objects.get().kind_id == kind
    assert not Event.objects.filter(act="records.given").exists()


def test_command_with_a_kind_for_lines_without_one(tmp_path, capsys):
    headings = [heading for heading in OTHERS if heading != "信息类别"]
    stream = csv_file([headings, row(headings)])
    said = json.loads(run(tmp_path, stream, "--kind", "broken_commitment", "--json", capsys=capsys))
    assert said["added"] == 1
    assert Record.objects.get().kind_id == "broken_commitment"


def test_command_with_an_unknown_kind_is_used_wrongly(tmp_path, capsys):
    with pytest.raises(CommandError) as caught:
        run(tmp_path, csv_file([OTHERS]), "--kind", "nonsense", capsys=capsys)
    assert caught.value.returncode == 2


def test_command_refuses_a_file_nobody_knows(tmp_path, capsys):
    with pytest.raises(CommandError) as caught:
        run(tmp_path, csv_file([["甲", "乙"], ["1", "2"]]), "--json", capsys=capsys)
    assert caught.value.returncode == 1
    assert "行政处罚" in json.loads(capsys.readouterr().out)["problems"][0]["message"]


def test_problems_stand_under_the_files_own_headings():
    headings = [
        heading.replace("处罚机关", "处罚机关名称") if heading == "处罚机关" else heading
        for heading in OF_2019
    ]
    batch = penalties(row(OF_2019, 处罚机关="无此局"), headings=headings)
    assert BatchLine.objects.get(batch=batch).problems[0][0] == "处罚机关名称"
