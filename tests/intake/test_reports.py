import csv
import datetime as dt
import io

import pytest
import tablib
from django.test import override_settings
from python_calamine import CalamineWorkbook

from audit.refusal import NotPermitted, Refused
from intake import exports, reports, services
from intake.export_formats import SafeCSV, TextXLSX
from tests.factories.intake import CLERK, DAYS, GOOD_CODE, OTHER, csv_file, xlsx_file
from workdays.models import CalendarDay


def cells_of(file):
    with file:
        book = CalamineWorkbook.from_filelike(file)
        return [list(row) for row in book.get_sheet_by_index(0).iter_rows()]


def taken_in(stream):
    with stream:
        return services.take_in(by=CLERK, layout_key="test-days", name="x", stream=stream)


@pytest.mark.django_db
@pytest.mark.usefixtures("days")
class TestErrorReport:
    def test_has_original_columns_line_and_reason(self):
        batch = taken_in(csv_file([["日期", "类别", "节日", "经办"], ["2023-5-1", "休", "=1+1", "甲"],
                                   ["2023-2-29", "休", "=2+2", "007"]]))  # fmt: skip
        rows = cells_of(reports.error_report(by=CLERK, batch_id=batch.pk))
        assert rows[0] == ["行号", "未接受原因", "日期", "类别", "节日", "经办"]
        assert len(rows) == 2
        assert rows[1][0] == 3
        assert "29" in rows[1][1]
        assert rows[1][2:] == ["2023-2-29", "休", "=2+2", "007"]

    def test_corrected_report_can_be_sent_again_as_it_is(self):
        batch = taken_in(csv_file([*DAYS, ["2023-2-29", "休", "补录"]]))
        rows = cells_of(reports.error_report(by=CLERK, batch_id=batch.pk))
        rows[1][2] = "2023-02-28"
        again = taken_in(xlsx_file({"未接受的行": rows}))
        assert (again.added, again.refused, again.notes) == (1, 0, [])
        assert CalendarDay.objects.get(date=dt.date(2023, 2, 28)).festival == "补录"

    def test_sent_again_uncorrected_is_refused_the_same(self):
        stream = xlsx_file(
            {
                "表": [
                    ["日期", "类别", "统一社会信用代码"],
                    [dt.date(2023, 5, 1), "休", 911100006000373000],
                ]
            }
        )
        batch = taken_in(stream)
        again = taken_in(reports.error_report(by=CLERK, batch_id=batch.pk))
        first, second = (one.full_lines.get().problems for one in (batch, again))
        assert (again.refused, second) == (1, first)

    def test_belongs_to_the_uploader(self):
        batch = taken_in(csv_file([DAYS[0], ["x", "休", ""]]))
        with pytest.raises(NotPermitted):
            reports.error_report(by=OTHER, batch_id=batch.pk)

    def test_of_a_clean_file_is_refused(self):
        with pytest.raises(Refused) as caught:
            reports.error_report(by=CLERK, batch_id=taken_in(csv_file(DAYS)).pk)
        assert caught.value.code == "intake.nothing_refused"

    def test_template_filled_in_is_accepted(self, days):
        rows = cells_of(reports.template(days))
        assert rows[0] == [column.heading for column in days.columns]
        rows.append(["2023-05-01", "休", "劳动节", GOOD_CODE, "1"])
        assert taken_in(xlsx_file({"节假日": rows})).added == 1
        assert taken_in(reports.template(days)).lines == 0


DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"]


def test_export_workbook_keeps_texts_as_texts():
    rows = [
        ["007", GOOD_CODE, "911100006000373419", *DANGEROUS],
        [7, dt.date(2023, 5, 1), True, None],
    ]
    found = cells_of(exports.xlsx_file(["a"], rows))
    assert found[1][:3] == ["007", GOOD_CODE, "911100006000373419"]
    assert [text.strip() for text in found[1][3:]] == [text.strip() for text in DANGEROUS]
    assert all(type(cell) is str for cell in found[1])
    assert found[2][:3] == [7.0, dt.date(2023, 5, 1), "是"]


def test_export_workbook_goes_on_in_another_sheet(monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    with exports.xlsx_file(["a"], [["1"], ["2"], ["3"]], title="表") as file:
        book = CalamineWorkbook.from_filelike(file)
        file.seek(0)
    assert book.sheet_names == ["表", "表 2"]
    assert [list(row) for row in book.get_sheet_by_index(1).iter_rows()] == [["a"], ["3"]]


def test_export_csv_defuses_formula_starts():
    text = b"".join(
        exports.csv_lines(["名称"], [[value] for value in DANGEROUS] + [[-5], ["甲,乙"]])
    ).decode()
    assert text.startswith("\ufeff")
    found = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [row[0] for row in found[1:]] == [*[f"'{value}" for value in DANGEROUS], "-5", "甲,乙"]


@override_settings(IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT=True)
def test_export_formats_for_the_admin_write_the_same_way():
    data = tablib.Dataset(["007", "=1+1"], headers=["代码", "名称"])
    rows = cells_of(io.BytesIO(TextXLSX().export_data(data)))
    assert rows == [["代码", "名称"], ["007", "=1+1"]]
    assert SafeCSV().export_data(data) == "\ufeff代码,名称\r\n007,'=1+1\r\n"
    assert not TextXLSX().can_import()
    assert SafeCSV().create_dataset("\ufeff代码\r\n007\r\n").dict == [{"代码": "007"}]
