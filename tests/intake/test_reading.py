"""Files as they come, against the headings of a layout: no database."""

import csv
import datetime as dt
import io
import zipfile

import pytest

from audit.refusal import Refused
from intake import limits, store
from intake.papers import is_id_number, is_personal
from intake.reading import open_source
from tests.factories.intake import DAYS, GOOD_CODE, DayLayout, csv_file, xlsx_file

TODAY = dt.date(2026, 3, 2)


def rows_of(stream, layout=None):
    """Kept rows of a file with their numbers, as `store` would write them."""
    with (
        store.spooled(stream) as upload,
        open_source(upload.stream, [layout or DayLayout()], on=TODAY) as source,
    ):
        return source, [(number, cells, flag) for number, cells, flag in source.rows]


def refusal(stream, layout=None):
    with pytest.raises(Refused) as caught:
        rows_of(stream, layout)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_every_encoding_and_delimiter(encoding, delimiter):
    source, rows = rows_of(csv_file(DAYS, encoding=encoding, delimiter=delimiter))
    assert source.headings.found == {"date": 0, "kind": 1, "festival": 2}
    assert rows[2] == (4, ["2023年5月6日", "班", "劳动节"], "")


SEVERAL = "甲一;甲二;甲三;甲四;甲五"
IN_CELLS = {
    "semicolons in a cell": (",", [], [["2023-05-01", "休", SEVERAL]]),
    "semicolons in every cell": (",", [], [["2023-05-01", "休", SEVERAL]] * 20),
    "commas in a cell of a file of tabs": ("\t", [], [["2023-05-01", "休", "甲,乙,丙,丁,戊,己"]]),
    "commas in every cell of a file of semicolons": (";", [], [["2023-05-01", "休", "甲,乙,丙,丁,戊,己"]] * 20),
    "commas in a title of a file of semicolons": (";", [["一,二,三,四,五,六"], []], [["2023-05-01", "休", "甲"]]),
    "semicolons in titles and cells": (",", [["填报单位：某局;填报人：某"], ["一;二;三"]], [["2023-05-01", "休", SEVERAL]] * 3),
}  # fmt: skip


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE])
@pytest.mark.parametrize("kind", IN_CELLS)
def test_csv_with_other_delimiters_inside_cells(kind, quoting):
    delimiter, above, lines = IN_CELLS[kind]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting)
    writer.writerows([*above, DAYS[0], *lines])
    _, rows = rows_of(io.BytesIO(text.getvalue().encode()))
    assert [cells for _number, cells, _flag in rows] == lines


def test_remark_below_a_small_csv_does_not_decide_its_delimiter():
    lines = [*DAYS[:2], ["备注：1;2;3;4;5;6;7"]]
    _, rows = rows_of(csv_file(lines))
    assert [cells for _number, cells, _flag in rows] == lines[1:]


def test_csv_without_a_known_heading_is_named_by_its_widest_delimiter():
    exc = refusal(csv_file([["甲", "乙", "丙"], ["1", "2;3", "4"]]))
    assert (exc.code, exc.values["line"]) == ("intake.headings_missing", 1)


def test_csv_of_semicolons_with_an_open_quote_is_refused_with_its_line():
    exc = refusal(io.BytesIO('日期;类别;节日\n2023-05-01;休;"劳动节\n'.encode()))
    assert (exc.code, exc.values["line"]) == ("intake.open_quote", 2)


def test_csv_of_rare_characters_is_gb18030():
    _, rows = rows_of(csv_file([DAYS[0], ["2023-05-01", "休", "㐂𠮷节"]], encoding="gb18030"))
    assert rows[0][1][2] == "㐂𠮷节"


def test_csv_with_one_broken_byte_is_refused_not_repaired():
    good = csv_file(DAYS, encoding="gb18030").getvalue()
    assert refusal(io.BytesIO(good + b"\xff\xff")).code == "intake.undecodable"


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_csv_with_any_line_ends(ends):
    text = ends.join(",".join(row) for row in DAYS)
    _, rows = rows_of(io.BytesIO(text.encode()))
    assert [number for number, _, _ in rows] == [2, 3, 4]


def test_blank_lines_are_skipped_and_counted():
    lines = [["", "", ""], DAYS[0], [], DAYS[1], [" ", "", "\t"], DAYS[2]]
    source, rows = rows_of(csv_file(lines))
    assert source.headings.line == 2
    assert [number for number, _, _ in rows] == [4, 6]


def test_title_row_above_the_headings():
    source, rows = rows_of(csv_file([["2023年节假日安排表"], ["填报单位：某局", "", ""], *DAYS]))
    assert source.headings.line == 3
    assert [number for number, _, _ in rows] == [4, 5, 6]


def test_headings_in_any_order_width_and_spacing():
    stream = csv_file([["节 日", "\u3000类别*", "放假日期"], ["劳动节", "休", "2023-5-1"]])
    source, _ = rows_of(stream)
    assert source.headings.found == {"date": 2, "kind": 1, "festival": 0}


def test_missing_heading_refuses_the_file_and_names_it():
    exc = refusal(csv_file([["节日", "类别"], ["劳动节", "休"]]))
    assert (exc.code, exc.values["missing"]) == ("intake.headings_missing", "日期")


def test_doubled_heading_refuses_the_file_and_names_both():
    exc = refusal(csv_file([["日期", "放假日期", "类别"], ["2023-5-1", "2023-5-1", "休"]]))
    assert (exc.code, exc.values) == (
        "intake.heading_doubled",
        {"first": "日期", "second": "放假日期"},
    )


@pytest.mark.parametrize(
    "heading",
    ["法定代表人证件类型", "法定代表人证件号码", "证件号码", "自然人证件类型", "身份证号", "居民身份证号码", "法定代表人身份证号", "护照号码", "zjhm",
     "行政相对人代码_5 (居民身份证号)", "公民身份号码", "法定代表人身份号码", "法人证号", "法人证件代码", "法人有效证件",
     "ID号", "ID card no", "id_card", "sfz", "frsfzh", "港澳通行证号", "军官证号", "法定代表人（身份证）", "负责人证件",
     "法定代表人身份证号码（与营业执照一致）"],
)  # fmt: skip
def test_personal_column_is_recognised(heading):
    assert is_personal(heading)


@pytest.mark.parametrize(
    "heading",
    ["暂扣或吊销证照名称及编号", "事业单位证书号", "社会组织登记证号", "统一社会信用代码", "法定代表人", "执法证号", "许可证件名称",
     "事业单位法人证书号", "法人登记证号", "法人营业执照号", "grid_no", "资金", "valid_until", "证照编号"],
)  # fmt: skip
def test_other_column_is_not_personal(heading):
    assert not is_personal(heading)


ID = "13010219790512004X"


@pytest.mark.parametrize(
    "cell",
    [ID, ID.lower(), "130102 19790512 004x", "'" + ID, f'="{ID}"', "１３０１０２１９７９０５１２００４Ｘ",
     "\x01130102197905123000"],
)  # fmt: skip
def test_identity_number_is_recognised_by_its_content(cell):
    assert is_id_number(cell, on=TODAY)


@pytest.mark.parametrize(
    "cell",
    ["130102197905120040", "130102197913123048", "130102202005123046", GOOD_CODE, f"张三{ID}",
     "2023051200000001", ""],
)  # fmt: skip
def test_other_cell_is_no_identity_number(cell):
    assert not is_id_number(cell, on=TODAY)


def test_column_of_identity_numbers_is_dropped_under_any_heading():
    stream = csv_file(
        [
            ["日期", "联系方式", "类别", "节日"],
            ["2023-5-1", ID, "休", ID],
            ["2023-5-2", "x", "休", ID],
        ]
    )
    source, _ = rows_of(stream)
    assert (source.headings.dropped, source.headings.unused) == (("节日",), ("联系方式",))
    assert source.headings.found == {"date": 0, "kind": 2}


def test_columns_dropped_unused_and_untitled_are_named():
    stream = csv_file(
        [
            ["日期", "类别", "身份证号", "", "经办人", "经办人"],
            ["2023-5-1", "休", "1301", "x", "甲", "乙"],
        ]
    )
    source, _ = rows_of(stream)
    assert source.headings.dropped == ("身份证号",)
    assert source.headings.unused == ("经办人", "经办人（2）")
    assert source.headings.untitled == (3,)
    assert source.headings.kept == (0, 1, 4, 5)


def test_workbook_typed_cells_become_texts_with_a_number_mark():
    stream = xlsx_file(
        {
            "表": [
                ["日期", "类别", "节日"],
                [dt.date(2023, 5, 1), "休", 45047],
                [],
                [45048, "班", True],
            ]
        }
    )
    _, rows = rows_of(stream)
    assert rows == [
        (2, ["2023-05-01", "休", "\x0145047"], ""),
        (4, ["\x0145048", "班", "TRUE"], ""),
    ]


def test_workbook_with_an_explaining_sheet_reads_the_one_that_fits():
    stream = xlsx_file({"填写说明": [["请按说明填写"]], "数据": DAYS, "藏": DAYS}, hidden=("藏",))
    source, rows = rows_of(stream)
    assert len(rows) == 3
    assert [note["code"] for note in source.notes] == [
        "intake.note_other_sheets",
        "intake.note_hidden_sheets",
    ]


def test_workbook_with_two_sheets_that_fit_is_refused():
    exc = refusal(xlsx_file({"一": DAYS, "二": DAYS}))
    assert (exc.code, exc.values["sheets"]) == ("intake.several_sheets", "一、二")


def test_workbook_from_a_later_column_keeps_row_numbers():
    shifted = [[], [], *[["", *row] for row in DAYS]]
    source, rows = rows_of(xlsx_file({"表": shifted}))
    assert source.headings.line == 3
    assert rows[0][0] == 4


def test_content_decides_not_the_name():
    _, rows = rows_of(xlsx_file({"表": DAYS}))
    assert len(rows) == 3


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "intake.save_as_xlsx"),
        (b"%PDF-1.7\n", "intake.save_as_xlsx"),
        (b"<html><table></table></html>", "intake.save_as_xlsx"),
        (b"PK\x03\x04broken", "intake.broken_workbook"),
        (b"", "intake.empty_file"),
        (b"\n\n\n", "intake.empty_file"),
        ("一,二\n".encode() + b"\0" * 20, "intake.unknown_form"),
        (b"\x80\x81\x82\x83\xff\xff", "intake.undecodable"),
    ],
)
def test_file_of_another_form_is_refused_with_a_remedy(start, code):
    assert refusal(io.BytesIO(start)).code == code


def test_zip_that_is_no_workbook_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as parts:
        parts.writestr("word/document.xml", "<x/>")
    target.seek(0)
    assert refusal(target).code == "intake.unknown_form"


def test_zip_that_claims_too_much_is_refused_before_unpacking(monkeypatch):
    monkeypatch.setattr(limits, "ZIP_UNPACKED_BYTES", 1_000)
    assert refusal(xlsx_file({"表": DAYS})).code == "intake.workbook_too_large"


def test_child_out_of_memory_is_a_refusal(monkeypatch):
    monkeypatch.setattr(limits, "CHILD_MEMORY", 32 * limits.MB)
    rows = [DAYS[0]] + [["2023-05-01", "休", f"节日{n}" * 20] for n in range(40_000)]
    assert refusal(xlsx_file({"表": rows})).code == "intake.too_heavy"


def test_child_that_takes_too_long_is_killed(monkeypatch):
    monkeypatch.setattr(limits, "CHILD_SECONDS", 0.01)
    assert refusal(xlsx_file({"表": DAYS})).code == "intake.too_heavy"


def test_open_quote_is_refused_with_its_line():
    text = '日期,类别,节日\n2023-05-01,休,劳动节\n2023-05-02,休,"劳动节\n2023-05-03,休,劳动节\n'
    exc = refusal(io.BytesIO(text.encode()))
    assert (exc.code, exc.values["line"]) == ("intake.open_quote", 3)


def test_line_break_inside_quotes_is_one_line():
    text = '日期,类别,节日\n2023-05-01,休,"劳动\n节"\n2023-05-02,休,劳动节\n'
    _, rows = rows_of(io.BytesIO(text.encode()))
    assert [(number, cells[2]) for number, cells, _ in rows] == [(2, "劳动\n节"), (3, "劳动节")]


def test_control_characters_and_long_cells_are_marked():
    stream = csv_file(
        [DAYS[0], ["2023-05-01", "休", "劳\x01动\x00"], ["2023-05-02", "休", "长" * 20_000]]
    )
    _, rows = rows_of(stream)
    assert rows[0][1][2] == "劳\ufffd动\ufffd"
    assert rows[1][2] == "long"


def test_file_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "FILE_BYTES", 20)
    assert refusal(csv_file(DAYS)).code == "intake.file_too_large"
