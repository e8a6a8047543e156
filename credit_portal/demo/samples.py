"""Files to try the imports with: rosters and records of the demo clerk's county.

Most lines are good, a few have the faults that real files have. `说明.txt` says what to expect.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import xlsxwriter

from records.models import Record
from roster.enums import Affiliation, Status
from roster.models import Agency, Enterprise, Region

from . import codes, names
from .enterprises import DAY, last_31_december
from .offices import code_of
from .people import CLERK, UNITS

GUIDE = "说明.txt"
Row = list[object]


@dataclass(frozen=True)
class Scene:
    """What the files speak of: open enterprises of the county, one of another, two departments."""

    region: Region
    known: list[Enterprise]
    elsewhere: Enterprise | None
    market: str
    emergency: str
    other_market: str
    today: dt.date

    def at(self, place: int) -> Enterprise:
        """The enterprise at a place; in a tiny portal they come round again."""
        return self.known[place % len(self.known)]

    def some(self, start: int, stop: int) -> list[Enterprise]:
        return [self.at(place) for place in range(start, stop)]

    @property
    def worse(self) -> Enterprise:
        """The enterprise the penalties turn into a C: it has not done anything yet."""
        return self.at(0)

    @property
    def often(self) -> Enterprise:
        """The enterprise that gets six general records, one more than a B may have."""
        return self.at(1)

    @property
    def last_year(self) -> dt.date:
        return last_31_december(self.today)


def write(folder: Path, *, today: dt.date) -> int:
    """Write the files that are not there yet; how many. None when the county is empty."""
    missing = [name for name in (*FILES, GUIDE) if not (folder / name).exists()]
    if not missing or (scene := _scene(today)) is None:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    for name in missing:
        (folder / name).write_bytes(_guide(scene).encode() if name == GUIDE else FILES[name](scene))
    return len(missing)


def _scene(today: dt.date) -> Scene | None:
    region = Region.objects.get(pk=UNITS["changan"])
    established = dt.date(today.year - 2, 1, 1)
    here = Enterprise.objects.filter(
        keeper=region, region=region, status=Status.OPEN, affiliation=Affiliation.OTHER,
        established_on__lt=established,
    )  # fmt: skip
    guilty = set(Record.objects.filter(enterprise__in=here).values_list("enterprise_id", flat=True))
    known = sorted(here, key=lambda item: (item.pk in guilty, item.pk))
    if len(known) < 2:
        return None
    elsewhere = Enterprise.objects.filter(keeper="130203", status=Status.OPEN).first()
    named = dict(Agency.objects.values_list("code", "name"))
    return Scene(
        region,
        known,
        elsewhere,
        named[code_of(region.pk, "market")],
        named[code_of(region.pk, "emergency")],
        named[code_of("130203", "market")],
        today,
    )


# --- rosters ----------------------------------------------------------------------------------

ROSTER: Row = [
    "企业名称", "统一社会信用代码", "注册地行政区划代码", "注册地址", "隶属关系", "垄断性行业",
    "行业代码", "登记状态", "成立日期",
]  # fmt: skip
SURPLUS = 20_000_000
"""Numbers from here on belong to enterprises that only the sample files know."""


def _roster(scene: Scene) -> list[Row]:
    """About 60 lines: known as they are, known with news, new ones, wrong ones."""
    unchanged = [_registered(item) for item in scene.known[8:36]]
    changed = [
        _registered(item, name=names.rebranded(item.name, SURPLUS + 60 + n))
        for n, item in enumerate(scene.some(2, 4))
    ]
    changed += [
        _registered(item, address=_address(scene, n)) for n, item in enumerate(scene.some(4, 7))
    ]
    changed += [_registered(item, status="歇业") for item in scene.some(7, 8)]
    return [ROSTER, *changed, *unchanged, *_new(scene, 18), *_wrong(scene)]


def _registered(item: Enterprise, *, name: str = "", address: str = "", status: str = "") -> Row:
    return [
        name or item.name,
        item.pk,
        item.region_id,
        address or item.address,
        item.get_affiliation_display(),
        item.get_monopoly_display(),
        item.industry_id,
        status or item.get_status_display(),
        item.established_on,
    ]


def _address(scene: Scene, number: int) -> str:
    return f"河北省{scene.region.full_name}{names.street(Random(number))}"


def _new(scene: Scene, count: int) -> Iterator[Row]:
    for turn in range(count):
        number = SURPLUS + turn
        yield [
            f"{scene.region.name}{names.brand(number)}商贸有限公司",
            codes.unified_code(division=scene.region.pk, number=number),
            scene.region.pk,
            _address(scene, number),
            "其他",
            "否",
            "51",
            "存续",
            scene.today - DAY * (20 + turn * 9),
        ]


def _wrong(scene: Scene) -> Iterator[Row]:
    """Each with one fault: check character, division, date, name, code, another unit's."""
    rows = list(_new(scene, 24))[18:]
    code = str(rows[0][1])
    rows[0][1] = code[:-1] + ("1" if code[-1] != "1" else "2")
    rows[1][2] = "139999"
    rows[2][8] = "2025年2月30日"
    rows[3][0] = ""
    rows[4][1] = ""
    rows[5][4] = "民营"
    yield from rows
    if scene.elsewhere is not None:
        yield _registered(scene.elsewhere)


# --- penalties --------------------------------------------------------------------------------

PENALTIES_2019 = [
    "行政相对人名称", "行政相对人类别", "行政相对人代码_1(统一社会信用代码)",
    "行政相对人代码_2(工商注册号)", "行政相对人代码_3(组织机构代码)",
    "行政相对人代码_4(税务登记号)", "行政相对人代码_5(事业单位证书号)",
    "行政相对人代码_6(社会组织登记证号)", "法定代表人", "法定代表人身份证号",
    "行政处罚决定书文号", "违法行为类型", "违法事实", "处罚依据", "处罚类别", "处罚内容",
    "罚款金额（万元）", "没收违法所得、没收非法财物的金额（万元）", "暂扣或吊销证照名称及编号",
    "处罚决定日期", "处罚有效期", "公示截止期", "处罚机关", "处罚机关统一社会信用代码",
    "数据来源单位", "数据来源单位统一社会信用代码",
]  # fmt: skip
PENALTIES_LATER = [
    "行政相对人名称", "行政相对人类别", "统一社会信用代码", "工商注册号", "组织机构代码",
    "税务登记号", "事业单位证书号", "社会组织登记证号", "法定代表人", "法定代表人证件类型",
    "法定代表人证件号码", "行政处罚决定文书号", "违法行为类型", "违法事实", "处罚依据", "处罚类别",
    "处罚内容", "罚款金额（万元）", "没收违法所得、没收非法财物的金额（万元）",
    "暂扣或吊销证照名称及编号", "处罚决定日期", "处罚有效期", "公示截止期", "处罚机关",
    "处罚机关统一社会信用代码", "数据来源单位", "数据来源单位统一社会信用代码", "失信严重程度",
    "备注",
]  # fmt: skip


@dataclass(frozen=True)
class Penalty:
    name: str
    code: str
    representative: str
    number: str
    measures: str
    content: str
    on: object
    fine: object = "/"
    conduct: str = "未对安全设备进行定期检测"
    facts: str = "现场检查发现可燃气体报警装置超期未检测。"
    basis: str = "《中华人民共和国安全生产法》有关规定"
    authority: str = ""
    licence: str = "无"


def _penalty(
    item: Enterprise, number: str, measures: str, content: str, on: object, **more: object
) -> Penalty:
    return Penalty(
        item.name,
        item.pk,
        item.legal_representative,
        number,
        measures,
        content,
        on,
        **more,  # type: ignore[arg-type]
    )


def _numbers(scene: Scene, word: str, year: int) -> Iterator[str]:
    return (f"长{word}罚字〔{year}〕第{turn}号" for turn in range(901, 999))


def _first_penalties(scene: Scene) -> list[Penalty]:
    """Last year's, given late: one order to stop production, six fines for one enterprise."""
    year = scene.last_year.year
    number = _numbers(scene, "应急", year)
    day = scene.last_year
    found = [
        _penalty(
            scene.worse, next(number), "罚款、责令停产停业", "罚款3.5万元，责令停产停业整顿",
            day - 12 * DAY, fine="3.5",
        )
    ]  # fmt: skip
    found += [
        _penalty(scene.often, next(number), "罚款", f"罚款{n}万元", day - n * 15 * DAY, fine=str(n))
        for n in range(1, 7)
    ]
    found += [
        _penalty(item, next(number), "警告", "警告", f"{year}年{n + 2}月1{n}日")
        for n, item in enumerate(scene.some(40, 43))
    ]
    return [*found, *_wrong_penalties(scene, number)]


def _wrong_penalties(scene: Scene, number: Iterator[str]) -> Iterator[Penalty]:
    """An unknown enterprise, a day to come, another unit's authority, no decision number."""
    stranger = codes.unified_code(division="130102", number=SURPLUS + 90)
    fined = ("罚款", "罚款1万元")
    yield Penalty(
        f"长安区{names.brand(SURPLUS + 90)}商贸有限公司", stranger, "", next(number), *fined,
        scene.last_year - 40 * DAY, "1",
    )  # fmt: skip
    item = scene.known[-1]
    yield _penalty(item, next(number), *fined, scene.today + 30 * DAY, fine="1")
    yield _penalty(
        item, next(number), *fined, scene.last_year - 30 * DAY, fine="1",
        authority=scene.other_market,
    )  # fmt: skip
    yield _penalty(item, next(number), "罚款", "罚款一万元", scene.last_year, fine="一万")


def _later_penalties(scene: Scene) -> list[Penalty]:
    """This year's: the same enterprise again, so that it is a C in a run of today too."""
    number = _numbers(scene, "市监", scene.today.year)
    recent = max(scene.today - 25 * DAY, scene.last_year + DAY)
    licence = "食品经营许可证 JY11301020099001"
    found = [
        _penalty(
            scene.worse, next(number), "罚款、吊销许可证件", "罚款5万元，吊销食品经营许可证", recent,
            fine=5, licence=licence, conduct="经营超过保质期的食品",
            facts="货架上有超过保质期的食品待售。", basis="《中华人民共和国食品安全法》有关规定",
        )
    ]  # fmt: skip
    found += [
        _penalty(
            item, next(number), "没收违法所得、罚款", f"罚款{n}.2万元", recent, fine=n + 0.2,
            conduct="销售不合格产品", facts="经抽样检验，一批次商品不符合标准要求。",
            basis="《中华人民共和国产品质量法》有关规定",
        )
        for n, item in enumerate(scene.some(43, 51), start=1)
    ]  # fmt: skip
    return found


def _as_2019(scene: Scene) -> list[Row]:
    rows: list[Row] = [[*PENALTIES_2019]]
    for item in _first_penalties(scene):
        authority = item.authority or scene.emergency
        rows.append([
            item.name, "法人及非法人组织", item.code, "", "", "", "", "", item.representative,
            "1301**********0000", item.number, item.conduct, item.facts, item.basis,
            item.measures, item.content, item.fine, "/", item.licence, item.on, "9999-9-9",
            "", authority, _office_code(1), authority, _office_code(1),
        ])  # fmt: skip
    return rows


def _as_later(scene: Scene) -> list[Row]:
    rows: list[Row] = [[*PENALTIES_LATER]]
    for item in _later_penalties(scene):
        severe = "许可证件" in item.measures
        rows.append([
            item.name, "法人及非法人组织", item.code, "", "", "", "", "", item.representative,
            "身份证", "1301**********0000", item.number, item.conduct, item.facts, item.basis,
            item.measures, item.content, item.fine, "", item.licence, item.on, "", "",
            scene.market, _office_code(2), scene.market, _office_code(2),
            "严重" if severe else "一般", "",
        ])  # fmt: skip
    return rows


def _office_code(number: int) -> str:
    """Of a department: such a column must never be taken for the enterprise's."""
    return codes.unified_code(division="130102", number=SURPLUS + 500 + number, kind="11")


# --- listings, other kinds --------------------------------------------------------------------

LISTINGS = [
    "企业名称", "统一社会信用代码", "名单名称", "列入原因", "列入文号", "列入机关", "列入日期",
    "移出日期", "移出原因",
]  # fmt: skip
OTHERS = [
    "企业名称", "统一社会信用代码", "信息类别", "文号", "内容摘要", "认定机关", "认定日期",
    "终止日期", "是否造成严重后果",
]  # fmt: skip


def _listings(scene: Scene) -> list[Row]:
    office, day = scene.market, scene.last_year
    late = "未在规定期限公示年度报告"
    rows: list[Row] = [[*LISTINGS]]
    for n, item in enumerate(scene.some(12, 18)):
        ended = [day - n * DAY, "已补报年度报告"] if n % 2 else ["", ""]
        number = f"长市监异字〔{day.year}〕第{940 + n}号"
        rows.append(
            [item.name, item.pk, "经营异常名录", late, number, office, day - 90 * DAY, *ended]
        )
    item = scene.at(18)
    number = f"长市监严字〔{day.year}〕第951号"
    rows.append([item.name, item.pk, "严重失信主体名单", "情节严重", number, office,
                 day - 200 * DAY, "无", "无"])  # fmt: skip
    item = scene.at(19)
    rows.append([item.name, item.pk, "经营异常名录", late, f"长市监异字〔{day.year}〕第952号", office,
                 day - 20 * DAY, day - 60 * DAY, "移出日期早于列入日期"])  # fmt: skip
    return rows


def _others(scene: Scene) -> list[Row]:
    day, office = scene.last_year, scene.market
    kinds = [
        ("未履行信用承诺", "告知承诺事项经核查未履行", "否"),
        ("合同违约", "政府采购合同未按期履行", "是"),
        ("行政强制执行", "查封不合格商品", "否"),
        ("未履行信用承诺", "承诺的整改未按期完成", "否"),
    ]
    rows: list[Row] = [[*OTHERS]]
    for n, (kind, content, serious) in enumerate(kinds):
        item = scene.at(20 + n)
        number = f"长信字〔{day.year}〕第{960 + n}号" if n != 3 else "/"
        rows.append([item.name, item.pk, kind, number, content, office, day - (n + 2) * 20 * DAY,
                     "", serious])  # fmt: skip
    item = scene.at(25)
    rows.append([item.name, item.pk, "口碑不佳", "", "没有这一类别", office, day, "", "否"])
    return rows


# --- files ------------------------------------------------------------------------------------


def _csv(rows: list[Row], *, encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def _xlsx(rows: list[Row]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"strings_to_formulas": False}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, dt.date):
                    sheet.write_datetime(number, place, dt.datetime(*value.timetuple()[:3]), day)  # noqa: DTZ001  a day of the sheet
                else:
                    sheet.write(number, place, value)
    return content.getvalue()


FILES: dict[str, Callable[[Scene], bytes]] = {
    "长安区名录.csv": lambda scene: _csv(_roster(scene)),
    "长安区名录.xlsx": lambda scene: _xlsx(_roster(scene)),
    "行政处罚-2019版.csv": lambda scene: _csv(_as_2019(scene), encoding="gb18030"),
    "行政处罚-现行版.xlsx": lambda scene: _xlsx(_as_later(scene)),
    "名单.csv": lambda scene: _csv(_listings(scene)),
    "其他失信信息.csv": lambda scene: _csv(_others(scene)),
}


def _guide(scene: Scene) -> str:
    worse, often = scene.worse.name, scene.often.name
    return f"""样例文件。数据均为虚构，认定机关均属{scene.region.full_name}；用 {CLERK} 登录导入。

长安区名录.csv、长安区名录.xlsx
    两个文件内容相同：新增 18 家，变更 6 家，其余不变，末尾几行有错。
    先导入一个，再导入另一个：第二次没有新增。
行政处罚-2019版.csv
    GB18030 编码，{scene.last_year.year} 年的处罚，末尾 4 行有错。导入后再评价：
    “{worse}”因责令停产停业成为 C，
    “{often}”因 6 条一般失信行为成为 C。
行政处罚-现行版.xlsx
    {scene.today.year} 年的处罚，“{worse}”再次被处罚。
名单.csv
    经营异常名录、严重失信主体名单；末行有错。
其他失信信息.csv
    一条称造成严重后果，待审核人认定；末行的类别不存在。
"""
