"""Files as people send them, and a small layout to take them in with."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any

import xlsxwriter

from intake import cells
from intake.enums import Fate
from intake.headings import read_headings  # noqa: F401
from intake.layouts import (
    ADDED,
    UNCHANGED,
    Change,
    Column,
    Layout,
    Line,
    Outcome,
    Uploader,
    refused,
)
from intake.rows import copy_rows
from workdays.enums import DayKind
from workdays.models import CalendarDay

CLERK = Uploader("zhang", "某市行政审批局", "130100")
OTHER = Uploader("li", "某县行政审批局", "130102")
GOOD_CODE = "91110000600037341L"


def code_number(n: int) -> str:
    """A valid unified code for a number, for made-up enterprises."""
    body = f"91130102{n:09d}".upper()
    total = sum(
        cells.ALPHABET.index(sign) * weight
        for sign, weight in zip(body, cells._WEIGHTS, strict=False)
    )
    return body + cells.ALPHABET[(31 - total % 31) % 31]


class DayLayout(Layout):
    """Days off, written into the calendar: the only table below this room."""

    key = "test-days"
    title = "节假日"
    permission = "test"
    sqlite_max_lines = 1_000
    columns = (
        Column("date", "日期", cells.date, aliases=("放假日期",), required=True, filled=True),
        Column("kind", "类别", cells.choice({"休": "休", "班": "班"}), required=True, filled=True, few_values=True),
        Column("festival", "节日", cells.limited(20)),
        Column("code", "统一社会信用代码", cells.unified_code),
        Column("sum", "金额(万元)", cells.amount("万元")),
    )  # fmt: skip

    def __init__(self) -> None:
        self.finished = 0
        self.before_write: Any = None

    def open(self, *, by, on, options, source):
        return SimpleNamespace(by=by, on=on, options=options, source=source, seen=set())

    def check(self, context, lines: Sequence[Line]) -> list[Outcome]:
        known = dict(
            CalendarDay.objects.filter(
                date__in=[line.values["date"] for line in lines]
            ).values_list("date", "festival")
        )
        return [self._one(line, known, context) for line in lines]

    def _one(self, line: Line, known: dict[dt.date, str], context: Any) -> Outcome:
        day, festival = line.values["date"], line.values["festival"]
        if day in context.seen:
            return refused("日期", day, "文件中前面已有同一天。")
        context.seen.add(day)
        if day not in known:
            return ADDED
        if known[day] == festival:
            return UNCHANGED
        return Outcome(Fate.CHANGED, str(day), changes=(Change("节日", known[day], festival),))

    def write(self, context, lines, outcomes) -> None:
        if self.before_write:
            self.before_write()
        copy_rows(
            CalendarDay,
            ("date", "kind", "festival"),
            (
                (line.values["date"], line.values["kind"], line.values["festival"])
                for line, outcome in zip(lines, outcomes, strict=True)
                if outcome.fate == Fate.ADDED
            ),
        )
        for line, outcome in zip(lines, outcomes, strict=True):
            if outcome.fate == Fate.CHANGED:
                CalendarDay.objects.filter(date=line.values["date"]).update(
                    festival=line.values["festival"], kind=DayKind(line.values["kind"])
                )

    def finish(self, context) -> None:
        self.finished += 1


def csv_file(
    rows: Iterable[Sequence[object]], *, encoding: str = "utf-8", delimiter: str = ","
) -> io.BytesIO:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    return io.BytesIO(buffer.getvalue().encode(encoding))


def xlsx_file(sheets: dict[str, list[list[object]]], *, hidden: tuple[str, ...] = ()) -> io.BytesIO:
    """A workbook; dates become date cells, numbers number cells, texts text cells."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy/m/d"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            for row, values in enumerate(rows):
                for column, value in enumerate(values):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(row, column, value, day)
                    elif isinstance(value, bool):
                        sheet.write_boolean(row, column, value)
                    elif isinstance(value, int | float):
                        sheet.write_number(row, column, value)
                    elif value not in (None, ""):
                        sheet.write_string(row, column, str(value))
    target.seek(0)
    return target


DAYS = [
    ["日期", "类别", "节日"],
    ["2023-05-01", "休", "劳动节"],
    ["2023/5/2", "休", "劳动节"],
    ["2023年5月6日", "班", "劳动节"],
]
