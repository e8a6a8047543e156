import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from audit.refusal import NotPermitted, Refused
from intake import services
from roster.layouts import industry_cell
from roster.models import Enterprise, Posting, Region, Registration, RosterEntry
from tests.factories.intake import code_number, csv_file, xlsx_file
from tests.factories.roster_files import (
    CHANGAN,
    HEADINGS,
    OPERATOR,
    PROVINCE,
    QIAOXI,
    SHIJIAZHUANG,
    TANGSHAN,
    agency,
    changes,
    counts,
    line,
    load_regions,
    person,
    problems,
    roster_file,
)  # fmt: skip

pytestmark = pytest.mark.django_db
A, B, C = (code_number(n) for n in (1, 2, 3))


@pytest.fixture(autouse=True)
def regions(db):
    load_regions()


@pytest.fixture
def clerk():
    return person("changan", agency(CHANGAN))


# --- lines ---


def test_new_lines_become_enterprises_versions_and_entries(clerk):
    batch = roster_file(line(A), line(B, 登记状态="吊销，未注销"), by=clerk)
    assert counts(batch) == (2, 0, 0, 0)
    enterprise = Enterprise.objects.get(pk=A)
    assert (enterprise.keeper_id, enterprise.industry_id, enterprise.affiliation, enterprise.status) == (
        CHANGAN, "51", "other", "1",
    )  # fmt: skip
    assert enterprise.established_on == dt.date(2015, 3, 1)
    assert Registration.objects.get(enterprise=B).status == "2"
    entry = RosterEntry.objects.get(enterprise=A)
    assert (entry.region_id, entry.level, entry.rule, entry.recorded_at) == (
        CHANGAN, "county", "R15", batch.merged_at,
    )  # fmt: skip
    assert Event.objects.filter(act="intake.file_merged").count() == 1
    assert not Event.objects.filter(act="roster.registrations_written").exists()


def test_line_of_a_region_that_has_ended_is_refused_with_its_name(clerk):
    Region.objects.filter(pk=QIAOXI).update(until=dt.date(2024, 1, 1))
    batch = roster_file(line(A, 注册地行政区划代码=QIAOXI), by=clerk)
    assert problems(batch) == [
        (2, "注册地行政区划代码", QIAOXI, "“石家庄市桥西区”目前不是启用的行政区划（未到启用日期或已停用）。请填写启用中的行政区划。"),
    ]  # fmt: skip


def test_same_file_twice_adds_nothing(clerk):
    lines = [line(A), line(B, 登记状态="注销"), line(C, 登记状态="歇业")]
    roster_file(*lines, by=clerk)
    before = (Registration.objects.count(), RosterEntry.objects.count())
    assert counts(roster_file(*lines, by=clerk)) == (0, 0, 3, 0)
    assert (Registration.objects.count(), RosterEntry.objects.count()) == before


def test_width_and_spaces_of_a_name_change_nothing(clerk):
    roster_file(line(A, "河北虚构（集团）有限公司"), by=clerk)
    assert counts(roster_file(line(A, "河北 虚构(集团)有限公司"), by=clerk)) == (0, 0, 1, 0)


def test_change_is_shown_with_before_and_after(clerk):
    roster_file(line(A), by=clerk)
    batch = roster_file(line(A, "河北改名有限公司", 登记状态="歇业"), by=clerk)
    assert counts(batch) == (0, 1, 0, 0)
    old = f"河北虚构{A[-6:]}有限公司"
    assert changes(batch) == [
        ("企业名称", old, "河北改名有限公司"), ("曾用名", "", old), ("登记状态", "存续", "歇业"),
    ]  # fmt: skip


def test_move_to_another_county_is_shown_and_ends_the_stay(clerk):
    roster_file(line(A), by=clerk)
    batch = roster_file(line(A, 注册地行政区划代码=QIAOXI), by=clerk)
    assert changes(batch)[-1] == ("所在名录", "石家庄市长安区", "石家庄市桥西区")
    assert Enterprise.objects.get(pk=A).keeper_id == QIAOXI


def test_blank_cell_says_nothing(clerk):
    roster_file(line(A), by=clerk)
    batch = roster_file(line(A, 行业代码="", 成立日期="/", 登记状态="暂无"), by=clerk)
    assert counts(batch) == (0, 0, 1, 0)


def test_absence_in_a_file_removes_nobody(clerk):
    roster_file(line(A), line(B), by=clerk)
    roster_file(line(A), by=clerk)
    assert Enterprise.objects.get(pk=B).keeper_id == CHANGAN


@pytest.mark.parametrize(
    ("values", "keeper"),
    [
        ({"隶属关系": "央企"}, PROVINCE), ({"隶属关系": "省属"}, PROVINCE), ({"隶属关系": "市属"}, SHIJIAZHUANG),
        ({"垄断性行业": "是"}, PROVINCE), ({"垄断性行业": "烟草"}, PROVINCE), ({"注册地行政区划代码": "130181"}, "130181"),
        ({"登记状态": "注销"}, None), ({"登记状态": "4"}, None), ({"登记状态": "吊销"}, CHANGAN),
    ],
)  # fmt: skip
def test_line_is_placed_by_r12_to_r16(values, keeper):
    roster_file(line(A, **values))
    assert Enterprise.objects.get(pk=A).keeper_id == keeper


# --- refusals ---


@pytest.mark.parametrize(
    ("values", "column", "word"),
    [
        (
            {"统一社会信用代码": A[:-1] + ("0" if A[-1] != "0" else "1")},
            "统一社会信用代码",
            "校验位",
        ),
        ({"统一社会信用代码": ""}, "统一社会信用代码", "必填"),
        ({"企业名称": ""}, "企业名称", "必填"),
        ({"注册地行政区划代码": "130199"}, "注册地行政区划代码", "130199"),
        ({"注册地行政区划代码": ""}, "注册地行政区划代码", "缺少注册地"),
        ({"注册地行政区划代码": "桥西区"}, "注册地行政区划代码", "桥西区"),
        ({"注册地行政区划代码": SHIJIAZHUANG}, "注册地行政区划代码", "县"),
        ({"隶属关系": "民营"}, "隶属关系", "央企"),
        ({"行业代码": "99"}, "行业代码", "行业"),
        ({"登记状态": "不详"}, "登记状态", "存续"),
        ({"成立日期": "2023-02-29"}, "成立日期", "没有 29 日"),
        ({"成立日期": "2199-01-01"}, "成立日期", "晚于今天"),
    ],
)
def test_bad_line_is_refused_with_column_and_remedy_and_stops_nothing(values, column, word):
    batch = roster_file(line(A, **values), line(B))
    assert counts(batch) == (1, 0, 0, 1)
    [(number, its_column, _value, message)] = problems(batch)
    assert (number, its_column) == (2, column)
    assert word in message


def test_line_of_another_unit_is_refused_with_that_units_name(clerk):
    roster_file(line(A, 注册地行政区划代码=TANGSHAN[:4] + "03"))
    batch = roster_file(
        line(A), line(B, 注册地行政区划代码=QIAOXI), line(C, 隶属关系="央企"), by=clerk
    )
    assert counts(batch) == (0, 0, 0, 3)
    units = [message for _, _, _, message in problems(batch)]
    assert "唐山市路北区" in units[0]
    assert "石家庄市桥西区" in units[1]
    assert "河北省" in units[2]


def test_own_deregistered_enterprise_stays_the_units_own(clerk):
    roster_file(line(A, 登记状态="注销"), by=clerk)
    assert counts(roster_file(line(A), by=clerk)) == (0, 1, 0, 0)


def test_same_code_twice_is_taken_once():
    batch = roster_file(line(A), line(B), line(A, "另一名称有限公司"))
    assert counts(batch) == (2, 0, 0, 1)
    assert problems(batch)[0][0] == 4


def test_unknown_divisions_in_the_unified_code_block_nothing():
    from intake.cells import _WEIGHTS, ALPHABET

    body = "91133100000000077"
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(body, _WEIGHTS, strict=False))
    assert roster_file(line(body + ALPHABET[(31 - total % 31) % 31])).added == 1


def test_address_stands_in_for_the_code():
    headings = ["企业名称", "统一社会信用代码", "住所"]
    batch = roster_file(
        ["甲有限公司", A, "河北省石家庄市长安区中山路1号"], ["乙有限公司", B, "桥西区自强路2号"],
        ["丙有限公司", C, "北京市朝阳区"], headings=headings,
    )  # fmt: skip
    assert counts(batch) == (1, 0, 0, 2)
    assert Enterprise.objects.get(pk=A).region_id == CHANGAN
    assert [column for _, column, _, _ in problems(batch)] == ["住所", "注册地行政区划代码"]
    assert "石家庄市桥西区" in problems(batch)[0][3]


@pytest.mark.parametrize(
    ("region", "address"),
    [
        (CHANGAN, "河北省唐山市路南区新华道1号"), (CHANGAN, "唐山市高新区1号"), (CHANGAN, "路南区新华道1号"),
        ("长安区", "石家庄市桥西区自强路2号"), (SHIJIAZHUANG, "唐山市路南区新华道1号"),
    ],
)  # fmt: skip
def test_code_that_the_address_contradicts_is_refused(region, address):
    batch = roster_file(
        [*line(A, 注册地行政区划代码=region), address], headings=[*HEADINGS, "注册地址"]
    )
    [(_, column, value, message)] = problems(batch)
    assert (counts(batch), column, value) == ((0, 0, 0, 1), "注册地行政区划代码", region)
    assert message.split("注册地址却在")[1].startswith(("唐山市", "石家庄市桥西区"))


@pytest.mark.parametrize(
    ("region", "address"),
    [
        (CHANGAN, "河北省石家庄市长安区中山东路1号"), (CHANGAN, "石家庄市中山东路1号"), (CHANGAN, "桥西区自强路2号"),
        (CHANGAN, "高新区长江大道9号"), ("130181", "石家庄市辛集市方碑路"), ("130629", "保定市容城县金台路"),
        ("130629", "保定市金台路"), (CHANGAN, "河北省"), (CHANGAN, ""),
    ],
)  # fmt: skip
def test_address_that_names_no_other_division_contradicts_nothing(region, address):
    batch = roster_file(
        [*line(A, 注册地行政区划代码=region), address], headings=[*HEADINGS, "注册地址"]
    )
    assert counts(batch) == (1, 0, 0, 0)


def test_new_deregistered_enterprise_without_a_division_is_told_so(clerk):
    batch = roster_file(line(A, 登记状态="注销", 注册地行政区划代码=""), by=clerk)
    [(_, column, _, message)] = problems(batch)
    assert (column, "缺少注册地行政区划代码" in message) == ("注册地行政区划代码", True)


def test_dates_a_workbook_keeps_as_zero_are_empty():
    blank = dt.date(1899, 12, 31)  # a date cell that holds 0
    rows = [HEADINGS, ["甲有限公司", A, CHANGAN, "其他", "否", "51", "存续", blank]]
    batch = services.take_in(
        by=OPERATOR, layout_key="roster", name="x.xlsx", stream=xlsx_file({"表": rows})
    )
    assert (counts(batch), Enterprise.objects.get().established_on) == ((1, 0, 0, 0), None)


def test_industry_of_three_digits_in_a_number_cell_is_refused():
    rows = [HEADINGS, ["甲有限公司", A, CHANGAN, "其他", "否", 111, "存续", ""]]
    batch = services.take_in(
        by=OPERATOR, layout_key="roster", name="x.xlsx", stream=xlsx_file({"表": rows})
    )
    [(_, column, value, message)] = problems(batch)
    assert (column, value, "“文本”" in message) == ("行业代码", "111", True)


def test_region_and_industry_in_number_cells_are_accepted():
    rows = [HEADINGS, ["甲有限公司", A, 130102, "其他", "否", 1, "存续", dt.date(2015, 3, 1)]]
    batch = services.take_in(
        by=person("u", agency(CHANGAN)),
        layout_key="roster",
        name="x.xlsx",
        stream=xlsx_file({"表": rows}),
    )
    assert counts(batch) == (1, 0, 0, 0)
    enterprise = Enterprise.objects.get(pk=A)
    assert (enterprise.region_id, enterprise.industry_id) == (CHANGAN, "01")


@pytest.mark.parametrize(
    ("written", "code"), [("C", "C"), ("C26", "26"), ("2611", "26"), ("26", "26"), ("\x011", "01"), ("\x0126", "26"),
     ("\x012611", "26"), ("0111", "01"), ("011", "01"), ("", ""), ("制造业", "制造业")]
)  # fmt: skip
def test_industry_cell(written, code):
    assert industry_cell(written) == code


def test_industry_by_name():
    roster_file(line(A, 行业代码="制造业"))
    assert Enterprise.objects.get(pk=A).industry_id == "C"


# --- who may ---


def test_department_clerk_may_not_take_in_a_roster():
    clerk = person("dept", agency(CHANGAN, "department"), "department_clerk")
    with pytest.raises(NotPermitted):
        roster_file(line(A), by=clerk)


def test_posting_that_ended_before_the_merge_stops_it(clerk):
    batch = services.receive(
        by=clerk, layout_key="roster", name="x.csv", stream=csv_file([HEADINGS, line(A)])
    )
    batch = services.check_batch(batch.pk, pause=0)
    services.confirm_batch(by=clerk, batch_id=batch.pk, key=batch.confirm_key)
    Posting.objects.update(until=dt.date(2021, 1, 1))
    batch = services.merge_batch(batch.pk)
    assert (batch.state, Enterprise.objects.count()) == ("refused", 0)


def test_two_requests_of_one_checked_file_count_one_query_per_slice(
    clerk, django_assert_max_num_queries
):
    codes = [code_number(n) for n in range(100, 400)]
    roster_file(*[line(code) for code in codes], by=clerk)
    with django_assert_max_num_queries(60):
        batch = roster_file(*[line(code) for code in codes], by=clerk)
    assert batch.unchanged == 300


def test_changed_lines_take_as_many_queries_however_many_there_are(clerk):
    codes = [code_number(n) for n in range(100, 400)]
    roster_file(*[line(code) for code in codes], by=clerk)
    asked = []
    for name, some in (("新", codes[:2]), ("又新", codes)):
        news = [
            line(code, f"{name}{code[-6:]}有限公司", 注册地行政区划代码=QIAOXI) for code in some
        ]
        with CaptureQueriesContext(connection) as queries:
            assert counts(roster_file(*news)) == (0, len(some), 0, 0)
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert Enterprise.objects.filter(name__startswith="又新", keeper=QIAOXI).count() == 300


# --- the command ---


def run(tmp_path, rows, *options, capsys):
    path = tmp_path / "名录.csv"
    path.write_bytes(csv_file(rows).getvalue())
    call_command("import_roster", str(path), *options)
    return capsys.readouterr().out


def test_command_prints_one_object(tmp_path, capsys):
    person("changan", agency(CHANGAN))
    out = run(
        tmp_path,
        [HEADINGS, line(A), line(B, 成立日期="2023-2-30")],
        "--json",
        "--by",
        "changan",
        capsys=capsys,
    )
    said = json.loads(out)
    batch = said.pop("batch")
    assert said == {
        "lines": 2, "added": 1, "changed": 0, "unchanged": 0, "refused": 1,
        "problems": [{"line": 3, "column": "成立日期", "value": "2023-2-30", "message": "2023 年 2 月没有 30 日。请核对日期。"}],
        "problems_total": 1,
    }  # fmt: skip
    assert Event.objects.get(act="intake.file_merged").target_id == str(batch)
    assert Event.objects.get(act="intake.file_merged").actor == "changan"


def test_command_dry_run_writes_nothing(tmp_path, capsys):
    said = json.loads(run(tmp_path, [HEADINGS, line(A)], "--json", "--dry-run", capsys=capsys))
    assert (said["added"], Enterprise.objects.count()) == (1, 0)


def test_command_refuses_a_file_with_code_1(tmp_path, capsys):
    with pytest.raises(CommandError) as caught:
        run(tmp_path, [["企业名称"], ["甲"]], "--json", capsys=capsys)
    assert caught.value.returncode == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["batch"], said["lines"], said["problems"][0]["line"]) == (None, 0, 1)
    assert "统一社会信用代码" in said["problems"][0]["message"]
    assert Event.objects.filter(outcome="refused").count() == 1


@pytest.mark.parametrize("arguments", [["missing.csv"], ["x.csv", "--by", "nobody"]])
def test_command_used_wrongly_has_code_2(arguments):
    with pytest.raises(CommandError) as caught:
        call_command("import_roster", *arguments)
    assert caught.value.returncode == 2


def test_command_in_words(tmp_path, capsys):
    out = run(tmp_path, [[*HEADINGS, "身份证号"], [*line(A), "1"]], capsys=capsys)
    assert "新增 1" in out
    assert "身份证号" in out


def test_refused_file_names_the_missing_headings(clerk):
    with pytest.raises(Refused) as caught:
        roster_file(["x"], headings=["统一社会信用代码"], by=clerk)
    assert caught.value.values["missing"] == "企业名称、注册地行政区划代码"
