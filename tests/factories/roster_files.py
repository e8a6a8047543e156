"""Units and people of a few counties, and roster files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from intake import services
from intake.models import Batch, BatchLine
from roster import reference
from roster.models import Agency, Posting, User
from roster.scope import Operator

from .intake import csv_file

OPERATOR = Operator(username="os:test")
CHANGAN, QIAOXI, SHIJIAZHUANG, TANGSHAN, PROVINCE = "130102", "130104", "130100", "130200", "130000"
HEADINGS = [
    "企业名称",
    "统一社会信用代码",
    "注册地行政区划代码",
    "隶属关系",
    "垄断性行业",
    "行业代码",
    "登记状态",
    "成立日期",
]


def load_regions() -> None:
    reference.load_reference(by=OPERATOR)


def agency(region: str, kind: str = "lead", name: str = "") -> Agency:
    """The lead agency of a region, or a department of it."""
    code = f"{kind}-{region}-{name}"
    found = Agency.objects.filter(code=code).first()
    return found or Agency.objects.create(
        code=code, name=name or f"{region}号牵头部门", region_id=region, kind=kind
    )


def person(username: str, at: Agency, role: str = "lead_clerk") -> User:
    user = User.objects.create_user(username)
    Posting.objects.create(user=user, agency=at, role=role, since=dt.date(2020, 1, 1))
    return user


def line(code: str, name: str = "", **values: str) -> list[str]:
    """A good roster line of 长安区, with some values put differently."""
    given = {
        "企业名称": name or f"河北虚构{code[-6:]}有限公司", "统一社会信用代码": code,
        "注册地行政区划代码": CHANGAN, "隶属关系": "其他", "垄断性行业": "否", "行业代码": "51",
        "登记状态": "存续", "成立日期": "2015-03-01", **values,
    }  # fmt: skip
    return [given[heading] for heading in HEADINGS]


def take_in(
    layout: str | Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    by: Any = OPERATOR,
    **more: Any,
) -> Batch:
    return services.take_in(
        by=by, layout_key=layout, name="file.csv", stream=csv_file(rows), **more
    )


def roster_file(
    *lines: list[str], by: Any = OPERATOR, headings: list[str] = HEADINGS, **more: Any
) -> Batch:
    return take_in("roster", [headings, *lines], by=by, **more)


def counts(batch: Batch) -> tuple[int, int, int, int]:
    return batch.added, batch.changed, batch.unchanged, batch.refused


def problems(batch: Batch) -> list[tuple[int, str, str, str]]:
    """Line, column, value and message of every problem."""
    return [
        (one.number, *problem)
        for one in BatchLine.objects.filter(batch=batch, fate="refused").order_by("number")
        for problem in one.problems
    ]


def changes(batch: Batch) -> list[tuple[str, str, str]]:
    return [
        tuple(change)
        for one in BatchLine.objects.filter(batch=batch, fate="changed").order_by("number")
        for change in one.changes
    ]
