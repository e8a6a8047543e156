"""Files that attack or mislead, sent in through the page: accepted right, or refused with line,
column and remedy. Each is really made; the large ones stand in `tests/intake/test_bounded.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest

from audit.models import Event
from intake import limits, services
from intake.enums import BatchState
from intake.models import Batch, BatchLine
from intake.places import place
from records.models import Record
from roster.models import Enterprise
from tests.factories import hostile
from tests.factories.files import (
    PENALTIES,
    ROSTER,
    checked,
    confirm,
    page,
    penalty_line,
    read_workbook,
    roster_line,
    upload,
)
from tests.factories.intake import csv_file, xlsx_file
from tests.factories.roster import Hebei, code, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store_dir")]


@dataclass(frozen=True)
class Refused:
    """The whole file is refused, and the page says this of it."""

    said: tuple[str, ...]


@dataclass(frozen=True)
class Taken:
    """What is stored afterwards; the lines refused with column and sentence; what the page says."""

    stored: dict[str, str]
    lines: dict[int, tuple[str, str]] = field(default_factory=dict)
    said: tuple[str, ...] = ()


def refused(*said: str) -> Refused:
    return Refused(said)


@pytest.fixture
def clerk(hebei: Hebei):
    return signed_in(hebei.county)


def stored(layout: str) -> dict[str, str]:
    """Names of new enterprises by code, or contents of penalties by number."""
    if layout == "roster":
        new = Enterprise.objects.filter(pk__in=[code(n) for n in range(20, 40)])
        return dict(new.values_list("pk", "name"))
    return dict(Record.objects.values_list("number", "content"))


def holds(clerk: Any, layout: str, content: bytes, wanted: Refused | Taken) -> None:
    """Send a file in, confirm it, have it merged, and look at what has come of it."""
    answer = upload(clerk, layout, content, "表")
    if isinstance(wanted, Refused):
        assert answer.status_code == 409
        assert _missing(wanted.said, answer) == []
        assert not Batch.objects.exists()
        assert Event.objects.filter(act="intake.file_received", outcome="refused").count() == 1
        return
    assert answer.status_code == 302, unescape(answer.content.decode())
    batch = services.check_batch(Batch.objects.latest("pk").pk, pause=0)
    lines = {
        line.number: line.problems[0] for line in BatchLine.objects.filter(batch=batch, fate="refused")
    }  # fmt: skip
    assert {number: column for number, (column, _value, _said) in lines.items()} == {
        number: column for number, (column, _said) in wanted.lines.items()
    }
    for number, (_column, said) in wanted.lines.items():
        assert said in lines[number][2]
    sentences = [said for _column, said in wanted.lines.values()]
    assert _missing((*wanted.said, *sentences), clerk.get(page("change", batch))) == []
    if wanted.stored:
        assert confirm(clerk, batch).status_code == 302
        assert services.merge_batch(batch.pk).state == BatchState.MERGED
    assert stored(layout) == wanted.stored


def _missing(said: Sequence[str], answer: Any) -> list[str]:
    shown = unescape(answer.content.decode())
    return [one for one in said if one not in shown]


def texts(rows: Sequence[Sequence[object]], ends: str = "\n") -> bytes:
    return hostile.csv_of(rows, ends).encode()


def sheets(hidden: tuple[str, ...] = (), **named: list[list[object]]) -> bytes:
    return xlsx_file(named, hidden=hidden).read()


# --- roster files -----------------------------------------------------------------------------------

NAME = {n: f"企业{code(n)[-6:]}有限公司" for n in range(20, 40)}
FIRST, SECOND = {code(21): NAME[21]}, {code(22): NAME[22]}
BOTH = FIRST | SECOND
GOOD = [ROSTER, roster_line(21), roster_line(22)]
TITLE = ["某某区企业名录", "", "", "", ""]
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
FALSE_O = code(21).replace("0", "\u041e", 1)  # a Cyrillic letter for a zero


BROKEN = refused("工作簿已损坏", "另存为 .xlsx")


def swapped(row: list[object], *places: int) -> list[object]:
    return [row[place] for place in places]


ROSTER_FILES: dict[str, tuple[bytes, Refused | Taken]] = {
    "one cell at the far corner": (hostile.far_cell(GOOD), refused("XFD1048576", "删除它所在的整行")),
    "rows numbered 99,999,999": (hostile.far_rows(GOOD), refused("A99999999", "删除它所在的整行")),
    "a cell far below its row": (hostile.with_row(GOOD, f'<row r="4">{hostile.cell("A99999999", "x")}</row>'), BROKEN),
    "a cell in the last row of a sheet": (hostile.with_row(GOOD, f'<row r="4">{hostile.cell("A1048576", "x")}</row>'), BROKEN),
    "a cell of a hidden row that stands in the next": (
        hostile.with_row(GOOD[:2], hostile.row(5, GOOD[2]).replace('<row r="5"', '<row r="3" hidden="1"')), BROKEN,
    ),
    "a row number twice": (hostile.with_row(GOOD, hostile.row(3, roster_line(23))), BROKEN),
    "a far cell before a near one": (
        hostile.with_row(GOOD, f'<row r="4">{hostile.cell("XFD4", "x")}{hostile.cell("A4", "x")}</row>'), BROKEN,
    ),
    "a hidden row of another prefix": (
        hostile.with_row(GOOD[:2], hostile.row(3, GOOD[2], more=' hidden="1"').replace("row ", f"x:row xmlns:x='{hostile.MAIN}' ").replace("/row", "/x:row")), BROKEN,
    ),
    "a dimension too small": (hostile.with_dimension(GOOD, "A1:B2"), Taken(BOTH)),
    "a dimension too large": (hostile.with_dimension(GOOD, "A1:XFD1048576"), Taken(BOTH)),
    "no places at rows and cells": (hostile.without_places(GOOD), Taken(BOTH)),
    "claims 3 GB unpacked": (hostile.claiming(GOOD, megabytes=3_072), refused("展开后过大", "拆分")),
    "claims less than it holds": (hostile.lying_directory(GOOD, megabytes=8), refused("已损坏", "另存为 .xlsx")),
    "claims its beginning only": (hostile.honest_prefix(GOOD), refused("已损坏")),
    "two parts of one name": (hostile.two_of_a_name(GOOD, GOOD[:2]), refused("已损坏")),
    "two workbooks in one": (hostile.two_workbooks(GOOD, GOOD[:2]), refused("已损坏")),
    "too many parts": (hostile.many_entries(count=3_000), refused("展开后过大")),
    "external entity": (hostile.with_entity(GOOD, hostile.EXTERNAL, "&file;"), refused("ENTITY", "另存为 .xlsx")),
    "entity bomb": (hostile.with_entity(GOOD, hostile.BOMB, "&i;"), refused("ENTITY")),
    "a comment in a sheet": (hostile.with_comment(GOOD), refused("注释", "另存为 .xlsx")),
    "formulas with results": (
        hostile.with_formulas(GOOD, column=0, results=[NAME[21], NAME[22]]),
        Taken(BOTH, said=("2 格是公式",)),
    ),
    "formulas not counted yet": (
        hostile.with_formulas(GOOD, column=4, results=[None, "2019-05-06"]),
        Taken(SECOND, {2: ("成立日期", "没有结果")}),
    ),
    "formulas that failed": (
        hostile.with_formulas(GOOD, column=4, results=["#REF!", "#DIV/0!"]),
        Taken({}, {2: ("成立日期", "结果有误"), 3: ("成立日期", "结果有误")}),
    ),
    "merged cells of two lines": (
        hostile.with_merged([*GOOD, roster_line(23)], (1, 3, 2, 3)),
        Taken({code(23): NAME[23]}, {2: ("", "取消合并"), 3: ("", "取消合并")}),
    ),
    "a merged title": (hostile.with_merged([TITLE, *GOOD], (0, 0, 0, 4)), Taken(BOTH)),
    "a hidden sheet": (
        sheets(hidden=("藏",), 名录=GOOD, 藏=[ROSTER, roster_line(23)]),
        Taken(BOTH, said=("1 个隐藏的工作表没有读取",)),
    ),
    "several sheets that fit": (sheets(一=GOOD, 二=GOOD), refused("一、二", "只保留其中一个")),
    "several sheets of which one fits": (
        sheets(说明=[["请勿改动"]], 名录=GOOD), Taken(BOTH, said=("没有读取的工作表：说明",)),
    ),
    "a hidden row": (hostile.with_hidden(GOOD, lines=[2]), Taken(FIRST, {3: ("", "取消隐藏")})),
    "a hidden column": (
        hostile.with_hidden(GOOD, columns=[4]), Taken(BOTH, said=("隐藏的，也读取了：成立日期。",)),
    ),
    "an unbalanced quote": (
        texts([ROSTER, roster_line(21), roster_line(22, 企业名称='"乙公司'), roster_line(23)]),
        refused("第 3 行起有引号没有成对", "补全或删除引号"),
    ),
    "200,000 characters in a cell": (
        texts([ROSTER, roster_line(21), roster_line(22, 企业名称="长" * 200_000)]),
        Taken(FIRST, {3: ("", "超过 10000 个字")}),
    ),
    "200,000 characters in a cell of a workbook": (
        hostile.workbook(hostile.sheet("".join(hostile.row(n, r) for n, r in enumerate(
            [ROSTER, roster_line(21), roster_line(22, 企业名称="长" * 200_000)], 1)))),
        Taken(FIRST, {3: ("", "超过 10000 个字")}),
    ),
    "doubled headings": (
        texts([[*ROSTER, "社会信用代码"], [*roster_line(21), code(21)]]),
        refused("“统一社会信用代码”与“社会信用代码”指同一列"),
    ),
    "a missing heading": (texts([ROSTER[1:], roster_line(21)[1:]]), refused("第 1 行应为表头", "企业名称")),
    "wrapped headings": (
        sheets(表=[["企业\n名称", "统一社会\n信用代码", *ROSTER[2:]], *GOOD[1:]]), Taken(BOTH),
    ),
    "re-ordered headings": (texts([swapped(row, 4, 2, 0, 3, 1) for row in GOOD]), Taken(BOTH)),
    "title, total and remark": (
        texts([TITLE, ["填报单位：某局", "", "", "", ""], *GOOD, ["合计", "2", "", "", ""], ["备注：无", "", "", "", ""]]),
        Taken(BOTH, {6: ("", "像是合计、备注"), 7: ("", "像是合计、备注")}),
    ),
    "two heading rows": (
        texts([[*ROSTER[:3], "登记情况", ""], ["", "", "", *ROSTER[3:]], *GOOD[1:]]),
        refused("第 1 行和第 2 行都是表头", "合为一行"),
    ),
    "UTF-16": (csv_file(GOOD, encoding="utf-16").read(), Taken(BOTH, said=("UTF-16",))),
    "UTF-16 without a mark": (csv_file(GOOD, encoding="utf-16-le").read(), refused("UTF-8 或 GB18030")),
    "mixed line ends": (
        texts([ROSTER], "\r\n") + texts([roster_line(21)], "\r") + texts([roster_line(22)]), Taken(BOTH),
    ),
    "NUL": (
        texts([ROSTER, roster_line(21), roster_line(22, 企业名称="乙\x00公司")]),
        Taken(FIRST, {3: ("企业名称", "无法识别的字符")}),
    ),
    "semicolons in a former name": (
        texts([[*ROSTER[:2], "曾用名", *ROSTER[2:]], *([*row[:2], "甲一;甲二;甲三;甲四;甲五;甲六;甲七", *row[2:]] for row in GOOD[1:])]),
        Taken(BOTH),
    ),
    "commas in a former name of a file of tabs": (
        csv_file([[*row, "曾用名" if row == ROSTER else "甲,乙,丙,丁,戊,己,庚"] for row in GOOD], delimiter="\t").read(), Taken(BOTH),
    ),
    "semicolons in a remark": (
        texts([*GOOD, ["备注：1;2;3;4;5;6;7"]]), Taken(BOTH, {4: ("", "像是合计、备注")}),
    ),
    "full-width digits": (
        texts([ROSTER, [str(cell).translate(WIDE) for cell in roster_line(21, 企业名称=NAME[21])], roster_line(22)]),
        Taken({code(21): NAME[21].translate(WIDE)} | SECOND),
    ),
    "a look-alike letter in a code": (
        texts([ROSTER, roster_line(21, 统一社会信用代码=FALSE_O), roster_line(22)]),
        Taken(SECOND, {2: ("统一社会信用代码", "看上去相像")}),
    ),
    "look-alike letters in a name": (
        texts([ROSTER, roster_line(21, 企业名称="\u0410\u0412\u0421贸易有限公司"), roster_line(22)]),
        Taken(SECOND, {2: ("企业名称", "外文字母")}),
    ),
    "a name that turns its direction": (
        texts([ROSTER, roster_line(21, 企业名称=f"\u202e{NAME[21]}\u2066"), roster_line(22)]), Taken(BOTH),
    ),
    "a code stored as a number": (
        sheets(表=[ROSTER, roster_line(21, 统一社会信用代码=911301020000000210), roster_line(22)]),
        Taken(SECOND, {2: ("统一社会信用代码", "存成了数字")}),
    ),
    "a code as a number of a CSV": (
        texts([ROSTER, roster_line(21, 统一社会信用代码="9.1130102E+17"), roster_line(22)]),
        Taken(SECOND, {2: ("统一社会信用代码", "存成了数字")}),
    ),
    "one code twice with different values": (
        texts([ROSTER, roster_line(21), roster_line(21, 登记状态="歇业"), roster_line(22)]),
        Taken(BOTH, {3: ("统一社会信用代码", "只取第一次出现的一行")}),
    ),
    "an old workbook": (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, refused(".xls", "另存为 .xlsx")),
}  # fmt: skip


@pytest.mark.parametrize("kind", ROSTER_FILES)
def test_roster_file(clerk, kind: str) -> None:
    holds(clerk, "roster", *ROSTER_FILES[kind])


# --- penalty files ----------------------------------------------------------------------------------

OWN = ("长安甲贸易有限公司", code(1), "130102市场监管部门")
FINE = [*PENALTIES, "罚款金额（万元）"]


def fine(number: int, amount: object = "0.1", **values: object) -> list[object]:
    """A fine of the enterprise that is there, under a number of its own."""
    given = {
        "行政处罚决定书文号": f"长市监罚字〔2025〕{number}号",
        "处罚决定日期": "2025-07-01",
    } | values
    return [*penalty_line(*OWN, **given), amount]  # type: ignore[arg-type]


def told(*numbers: int) -> dict[str, str]:
    return {f"长市监罚字〔2025〕{number}号": "罚款一千元" for number in numbers}


FINES = [FINE, fine(1), fine(2)]
PENALTY_FILES: dict[str, tuple[bytes, Refused | Taken]] = {
    "one cell at the far corner": (hostile.far_cell(FINES), refused("XFD1048576")),
    "a hidden row": (hostile.with_hidden(FINES, lines=[2]), Taken(told(1), {3: ("", "取消隐藏")})),
    "merged cells of two lines": (
        hostile.with_merged([*FINES, fine(3)], (1, 7, 2, 7)),
        Taken(told(3), {2: ("", "取消合并"), 3: ("", "取消合并")}),
    ),
    "formulas not counted yet": (
        hostile.with_formulas(FINES, column=9, results=[0.1, None]),
        Taken(told(1), {3: ("罚款金额（万元）", "没有结果")}, said=("2 格是公式",)),
    ),
    "an unbalanced quote": (
        texts([FINE, fine(1), fine(2, 处罚内容='"罚款')]), refused("第 3 行起有引号没有成对"),
    ),
    "200,000 characters in a cell": (
        texts([FINE, fine(1), fine(2, 处罚内容="长" * 200_000)]), Taken(told(1), {3: ("", "超过 10000 个字")}),
    ),
    "two heading rows": (
        texts([[*FINE[:9], "处罚金额"], [*[""] * 9, "罚款金额（万元）"], *FINES[1:]]),
        refused("第 1 行和第 2 行都是表头"),
    ),
    "a total": (texts([*FINES, ["合计", *[""] * 8, "0.2"]]), Taken(told(1, 2), {4: ("", "像是合计")})),
    "a look-alike letter in a code": (
        texts([FINE, fine(1), fine(2, **{PENALTIES[1]: code(1).replace("0", "\u041e", 1)})]),
        Taken(told(1), {3: (PENALTIES[1], "看上去相像")}),
    ),
    "a code stored as a number": (
        sheets(表=[FINE, fine(1), fine(2, **{PENALTIES[1]: 911301020000000016})]),
        Taken(told(1), {3: (PENALTIES[1], "存成了数字")}),
    ),
    "one decision twice with different dates": (
        texts([FINE, fine(1), fine(2), fine(2, 处罚决定日期="2025-07-02")]),
        Taken(told(1), {3: ("处罚决定日期", "日期不同"), 4: ("处罚决定日期", "日期不同")}),
    ),
    "amounts in yuan": (
        texts([FINE, fine(1), fine(2, "1000"), fine(3, "5000", 处罚内容="罚款5000元"), fine(4, "5000元", 处罚内容="罚款5000元")]),
        Taken(
            told(1) | {"长市监罚字〔2025〕4号": "罚款5000元"},
            {3: ("罚款金额（万元）", "请改为 0.1"), 4: ("罚款金额（万元）", "请改为 0.5")},
        ),
    ),
    "about natural persons": (
        texts([["行政相对人名称", "证件类型", "证件号码", *PENALTIES[3:]], ["某人", "身份证", "1", *fine(1)[3:9]]]),
        refused("自然人的行政处罚表", "文件未保存"),
    ),
    "lines about natural persons": (
        texts([[*FINE, "行政相对人类别"], [*fine(1), "法人"], [*fine(2), "自然人"]]),
        Taken(told(1), {3: ("行政相对人类别", "自然人")}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", PENALTY_FILES)
def test_penalty_file(clerk, kind: str) -> None:
    holds(clerk, "penalties", *PENALTY_FILES[kind])


# --- what a refused line leaves -----------------------------------------------------------------------


def test_report_of_hidden_lines_shows_them_and_is_taken_in(clerk) -> None:
    content = hostile.with_hidden(GOOD, lines=[1, 2])
    batch = checked(clerk, "roster", content)
    report = read_workbook(clerk.get(page("errors", batch)))

    assert [row[3] for row in report[1:]] == [code(21), code(22)]
    again = checked(clerk, "roster", sheets(报告=report))
    confirm(clerk, again)
    services.merge_batch(again.pk)
    assert stored("roster") == BOTH


def test_file_sent_while_many_are_read_is_refused_and_can_be_sent_again(
    clerk, settings, monkeypatch
) -> None:
    settings.IN_WEB_PROCESS = True
    monkeypatch.setattr(limits, "READERS", 1)
    monkeypatch.setattr(limits, "READER_WAIT_SECONDS", 0)

    with place(0):
        holds(clerk, "roster", texts(GOOD), refused("正在读取的文件较多，请稍后再上传。"))

    holds(clerk, "roster", texts(GOOD), Taken(BOTH))


def test_report_of_many_bad_lines_is_bounded(clerk, monkeypatch) -> None:
    monkeypatch.setattr(limits, "LINES_IN_FULL", 100)
    bad = [roster_line(21, 统一社会信用代码="坏") for _line in range(6_000)]
    batch = checked(clerk, "roster", texts([ROSTER, *bad]))

    assert (batch.refused, batch.problems_total) == (6_000, 6_000)
    assert BatchLine.objects.filter(batch=batch).count() == 100
    assert len(read_workbook(clerk.get(page("errors", batch)))) == 101
    assert "6,000" in re.sub(r"\s", "", clerk.get(page("change", batch)).content.decode())
