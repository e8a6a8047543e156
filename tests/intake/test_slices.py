"""Rows taken together."""

from intake import limits
from intake.slices import slices

ROWS = [["甲", "乙"]] * 450


def lengths(rows) -> list[int]:
    return [len(part) for part in slices(rows)]


def test_slices_have_so_many_lines(monkeypatch):
    monkeypatch.setattr(limits, "CHUNK_LINES", 200)
    assert lengths(ROWS) == [200, 200, 50]


def test_slices_of_long_rows_have_fewer(monkeypatch):
    monkeypatch.setattr(limits, "CHUNK_CHARACTERS", 300)
    assert lengths(ROWS) == [200, 200, 50]
    assert lengths([["长" * 300]] * 250) == [100, 100, 50]


def test_no_rows_are_no_slice():
    assert lengths([]) == []
