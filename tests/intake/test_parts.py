"""The parts of a workbook's zip, before anything of them is used."""

import io

import pytest

from intake.child.parts import Parts
from intake.child.said import Fault
from tests.factories import hostile
from tests.factories.intake import DAYS

TOLD = {"entries": 2_000, "unpacked": 1 << 31}


def fault(content: bytes) -> str:
    with pytest.raises(Fault) as caught:
        Parts(io.BytesIO(content), TOLD).sheets()
    return caught.value.code


def test_parts_of_a_workbook_are_found_by_the_names_of_its_sheets():
    content = hostile.with_dimension(DAYS, "A1")
    assert Parts(io.BytesIO(content), TOLD).sheets() == {"表": "xl/worksheets/sheet1.xml"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (hostile.honest_prefix(DAYS), "broken"),
        (hostile.two_of_a_name(DAYS, DAYS), "broken"),
        (hostile.two_workbooks(DAYS, DAYS), "broken"),
        (hostile.claiming(DAYS, megabytes=3_000), "unpacked"),
        (hostile.many_entries(count=2_500), "entries"),
        (hostile.workbook("", entities=hostile.BOMB), "entities"),
        (hostile.zipped([hostile.Part.of("word/document.xml", "<x/>")]), "unknown"),
        (hostile.zipped([hostile.Part.of("xl/workbook.bin", "x")]), "form"),
        (b"PK\x03\x04", "broken"),
    ],
)
def test_parts_that_two_readers_could_take_differently_or_that_are_too_much(content, code):
    assert fault(content) == code


def test_part_is_not_read_beyond_what_its_entry_says():
    parts = Parts(io.BytesIO(hostile.lying_directory(DAYS, megabytes=8)), TOLD)
    with pytest.raises(Fault, match="broken"):
        list(parts.blocks("xl/worksheets/sheet1.xml"))
