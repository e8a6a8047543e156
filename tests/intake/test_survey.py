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


OTHER_PREFIX = '<x:row r="2" hidden="1"><x:c r="A2"><x:v>1</x:v></x:c></x:row>'


@pytest.mark.parametrize("content", [
    sheet(OTHER_PREFIX),
    sheet(OTHER_PREFIX.replace("x:row", "row")),
    sheet(OTHER_PREFIX).replace("<worksheet ", "<y:worksheet ").replace("sheetData", "y:sheetData"),
    sheet(OTHER_PREFIX.replace("x:", "")).replace("<worksheet ", "<x:worksheet ").replace("sheetData", "x:sheetData"),
])  # fmt: skip
def test_rows_of_another_prefix_than_the_root_are_broken(content):
    with pytest.raises(Fault, match="broken"):
        seen(content)


def test_text_that_looks_like_a_prefix_does_not_matter():
    assert (
        seen(
            sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>a:row b:c </t></is></c></row>')
        ).hidden
        == set()
    )


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


def filled(place: str) -> str:
    return f'<c r="{place}"><v>1</v></c>'


@pytest.mark.parametrize(
    "rows",
    [
        f'<row r="1">{filled("A1")}</row><row r="2">{filled("A99999999")}</row>',
        f'<row r="1">{filled("A1")}</row><row r="2">{filled("A1048576")}</row>',
        f'<row r="1">{filled("A1")}</row><row r="2" hidden="1">{filled("A3")}</row>',
        f'<row r="2">{filled("A2")}</row><row r="2">{filled("A2")}</row>',
        f'<row r="3">{filled("A3")}</row><row r="2">{filled("A2")}</row>',
        f'<row r="1">{filled("XFD1")}{filled("A1")}</row>',
        f'<row r="1">{filled("A1")}{filled("A1")}</row>',
        f'<row r="1"><c/><c/>{filled("B1")}</row>',
        f'<row r="0">{filled("A0")}</row>',
        f'<row r="A1">{filled("A1")}</row>',
        '<row r="1"><c r="1A"><v>1</v></c></row>',
        '<row r="1"><c r = "A2"><v>1</v></c></row>',
        "<row r='1'><c r='A2'><v>1</v></c></row>",
        """<row r="1"><c r='A1'/></row><row r="2"><c r='A1'/></row>""",
        '<row r="1"><c r="&#65;1"><v>1</v></c></row>',
        """<row s=" r='1'" r="2" hidden="1"><c><v>1</v></c></row><row r="3" hidden=">"/>""",
        '<row r="1" r="2" hidden="1"><c><v>1</v></c></row>',
        f'{filled("XFD1048576")}<row r="1"/>',
        filled("A1"),
        f'<row r="2" hidden="1"></row>{filled("A2")}',
        f'<row r="2" hidden="1"/><c><v>1</v></c><row r="4">{filled("A4")}</row>',
        f'<row r="1">{filled("A1")}<row r="2">{filled("A2")}</row></row>',
        f'<row r="1">{filled("A1")}</row><?x <row> ?><row hidden="1"><c><v>1</v></c></row>',
    ],
)
def test_place_that_two_readers_could_take_differently_is_broken(rows):
    with pytest.raises(Fault, match="broken"):
        seen(sheet(rows))


def test_rows_written_alike_and_not_alike_are_told_apart():
    rows = f'<row r="1">{filled("A1")}{filled("C1")}</row><row r="2">{filled("A2")}{filled("C2")}</row>'
    with pytest.raises(Fault, match="broken"):
        seen(sheet(rows + f'<row r="3">{filled("A3")}{filled("C2")}</row>'))
    with pytest.raises(Fault, match="far"):
        seen(sheet(rows + f'<row r="3">{filled("A3")}{filled("XFD3")}</row>'))
    assert seen(sheet(rows + f'<row r="5">{filled("A5")}<c t="e"/></row>')).unread == {5: {2: ""}}


@pytest.mark.parametrize("content", ["", "<html/>", f"{HEAD}<worksheet><sheetData><row>"])
def test_what_is_no_whole_sheet_is_broken(content):
    with pytest.raises(Fault, match="broken"):
        seen(content)
