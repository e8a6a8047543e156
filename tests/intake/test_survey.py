"""What the text of a sheet shows beside its values, whatever program wrote it."""

import pytest

from intake.child.said import Fault
from intake.child.survey import survey
from tests.factories.hostile import HEAD, MAIN, sheet

TOLD = {"columns": 256, "unpacked_row": 10_000}
ROW = '<row r="2" hidden="1"><c r="A2"><f>A1</f></c><c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'


def seen(content: str, *, cut: int = 1 << 20):
    data = content.encode()
    return survey((data[at : at + cut] for at in range(0, len(data), cut)), TOLD)


@pytest.mark.parametrize("cut", [1 << 20, 7, 64])
def test_survey_finds_what_is_hidden_and_what_has_no_result(cut):
    columns = '<cols><col min="3" max="4" hidden="1"/><col min="5" max="5"/></cols>'
    content = sheet('<row r="1"><c r="A1"><v>1</v></c></row>' + ROW, before=columns)
    found = survey_whole_first_block(content, cut)

    assert (found.hidden, found.hidden_columns, found.formulas) == ({2}, [3, 4], 2)
    assert found.unread == {2: {1: "", 3: "#DIV/0!"}}


def survey_whole_first_block(content: str, cut: int):
    """The root stands in the first block, which has a million bytes; what follows may be cut."""
    data = content.encode()
    first = data.index(b"<sheetData>")
    rest = data[first:]
    return survey([data[:first], *(rest[at : at + cut] for at in range(0, len(rest), cut))], TOLD)


def test_survey_knows_prefixes_and_other_quotes():
    content = (
        f"{HEAD}<x:worksheet xmlns:x='{MAIN}'><x:sheetData>"
        "<x:row r='7' hidden='true'><x:c r='B7'><x:f>A1</x:f></x:c></x:row>"
        "</x:sheetData></x:worksheet>"
    )
    found = seen(content)
    assert (found.hidden, found.unread) == ({7}, {7: {2: ""}})


def test_survey_counts_rows_and_cells_without_a_place():
    found = seen(sheet('<row><c><v>1</v></c></row><row hidden="1"><c/><c><f>A1</f></c></row>'))
    assert (found.hidden, found.unread) == ({2}, {2: {2: ""}})


def test_text_as_a_result_may_be_empty():
    found = seen(sheet('<row r="1"><c r="A1" t="str"><f>IF(1,"","")</f><v></v></c></row>'))
    assert (found.formulas, found.unread) == (1, {})


def test_formatted_blank_cell_far_away_does_not_matter():
    assert seen(sheet('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row>')).unread == {}


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "XFD1"),
        ('<row r="1"><c r="IW1"><v>1</v></c></row>', "IW1"),
        ('<row r="1048577"><c r="A1048577"><v>1</v></c></row>', "A1048577"),
    ],
)
def test_filled_cell_far_away_is_named(row, cell):
    with pytest.raises(Fault) as caught:
        seen(sheet(row))
    assert (caught.value.code, caught.value.values) == ("far", {"cell": cell})


@pytest.mark.parametrize("content", ["", "<html/>", f"{HEAD}<worksheet><sheetData><row>"])
def test_what_is_no_whole_sheet_is_broken(content):
    with pytest.raises(Fault, match="broken"):
        seen(content)
