"""The policy page, docs/policy.md and the citations in docstrings name the same clauses."""

import re

import pytest

from grading import policy
from tests.architecture import ROOMS, ROOT

REQUIREMENTS = [item for part in policy.PARTS for item in part.requirements]


def documented(letter: str) -> dict[str, str]:
    """First two cells of the rows of docs/policy.md whose first cell is a number like R35."""
    text = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    return dict(re.findall(rf"^\| ({letter}\d+) \| ([^|]+) \|", text, re.MULTILINE))


def citations() -> list[tuple[str, str]]:
    """Every (file, sentence) that begins with `Source: R…`."""
    found = []
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            text = " ".join(path.read_text(encoding="utf-8").split())
            found += [
                (str(path.relative_to(ROOT)), one)
                for one in re.findall(r"Source: (R[^\".]*)", text)
            ]
    return found


def test_requirements_are_numbered_without_a_hole():
    assert [item.number for item in REQUIREMENTS] == [f"R{n}" for n in range(1, 67)]


def test_parts_are_the_seven_of_the_document():
    assert [part.numeral for part in policy.PARTS] == list("一二三四五六七")


def test_clause_stands_in_the_part_it_is_listed_under():
    misplaced = [
        item.number
        for part in policy.PARTS
        for item in part.requirements
        if not item.clause.startswith((part.numeral, "前言"))
    ]
    assert misplaced == []


def test_page_and_document_give_the_same_clause():
    assert {item.number: item.clause for item in REQUIREMENTS} == documented("R")


def test_page_and_document_have_the_same_readings():
    assert [reading.number for reading in policy.READINGS] == list(documented("G"))


def test_requirement_is_found_by_its_number():
    assert policy.requirement("R35").clause == "四(三)"


def test_requirement_outside_the_policy_is_a_key_error():
    with pytest.raises(KeyError):
        policy.requirement("R67")


def test_cited_requirements_exist():
    unknown = [
        (where, number)
        for where, said in citations()
        for number in re.findall(r"\bR(\d+)", said)
        if not 1 <= int(number) <= len(REQUIREMENTS)
    ]
    assert unknown == []


def test_cited_clause_belongs_to_the_requirements_beside_it():
    """In `R30, R34–R37, 四(一)` each clause is that of one of the requirements."""
    wrong = []
    for where, said in citations():
        for part in said.split(";"):
            cited = re.findall(r"[一二三四五六七]\([一二三四五六]\)\d?", part)
            if not set(cited) <= {policy.requirement(number).clause for number in numbers(part)}:
                wrong.append((where, part))
    assert wrong == []


def numbers(said: str) -> list[str]:
    """All requirements a citation names, ranges written out."""
    ranges = re.findall(r"R(\d+)(?:–R(\d+))?", said)
    return [f"R{n}" for first, last in ranges for n in range(int(first), int(last or first) + 1)]


def test_original_text_has_seven_parts_and_every_cited_clause():
    anchors = {item.anchor for item in policy.original() if item.anchor}
    assert [item.text[:2] for item in policy.original() if item.kind == "part"] == [
        f"{numeral}、" for numeral in "一二三四五六七"
    ]
    assert {item.anchor for item in REQUIREMENTS} <= anchors


@pytest.mark.parametrize(
    ("clause", "begins"),
    [
        ("四(三)", "（三）明确分类内涵。A类即企业1年内无失信行为记录"),
        ("一(二)1", "（二）基本原则。"),
        ("七(二)", "（二）严格责任落实。"),
        ("前言", "河北省人民政府办公厅关于推进"),
    ],
)
def test_clause_is_found_in_the_original(clause: str, begins: str):
    (found,) = [one for one in policy.original() if one.anchor == policy.anchor_of(clause)]
    assert found.text.startswith(begins)
