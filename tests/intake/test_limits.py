"""The table of limits: what stands in it is written down, and each is held."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.refusal import Refused
from intake import limits, store
from intake.reading import open_source
from tests.factories import hostile
from tests.factories.intake import DAYS, DayLayout, csv_file, xlsx_file

from .test_reading import TODAY

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "limits.md"
ALL = {name for name in vars(limits) if name.isupper() and name != "MB"}


def test_guide_lists_every_limit_with_its_value() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]+?) \|", GUIDE.read_text("utf-8"), re.MULTILINE)

    assert dict(rows) == {name: _written(name) for name in ALL}


def _written(name: str) -> str:
    value = getattr(limits, name)
    if name.endswith(("_BYTES", "_MEMORY")):
        return f"{value // limits.MB:,} MB"
    return f"{value:,}"


# --- each is held: with the limit lowered, a harmless file is one too many ----------------------------


def day_file() -> io.BytesIO:
    return csv_file([DAYS[0], *([f"2023-05-{day:02}", "休", "劳动节"] for day in range(1, 21))])


def day_book() -> io.BytesIO:
    return xlsx_file({"表": DAYS, "二": [["说明"]]})


def wide(columns: int) -> io.BytesIO:
    return csv_file([[*row, *["x"] * columns] for row in DAYS])


HELD: dict[str, tuple[float, Callable[[], io.BytesIO], str]] = {
    "FILE_BYTES": (20, day_file, "intake.file_too_large"),
    "COLUMNS": (5, lambda: wide(4), "intake.too_many_columns"),
    "SPARE_COLUMNS": (2 - limits.COLUMNS, day_book, "intake.cell_far_away"),
    "ROW_CHARACTERS": (20, lambda: csv_file([DAYS[0], ["2023-05-01", "休", "长" * 30]]), "intake.row_too_long"),
    "CONTENT_CHARACTERS": (30, lambda: csv_file(DAYS * 200), "intake.too_much_text"),
    "HEADING_WITHIN_LINES": (1, lambda: csv_file([["表"], *DAYS]), "intake.headings_missing"),
    "ZIP_ENTRIES": (3, day_book, "intake.workbook_too_large"),
    "ZIP_UNPACKED_BYTES": (1_000, day_book, "intake.workbook_too_large"),
    "ROW_UNPACKED_BYTES": (100, lambda: io.BytesIO(hostile.endless_row_of_sheet(megabytes=2)), "intake.row_too_long"),
    "SHEETS": (1, day_book, "intake.too_many_sheets"),
    "LINES": (-100, day_book, "intake.too_many_lines"),
    "CHILD_MEMORY": (64 * limits.MB, lambda: io.BytesIO(hostile.large_strings(DAYS, megabytes=128)), "intake.too_heavy"),
    "CHILD_CPU_SECONDS": (0, lambda: io.BytesIO(hostile.large_strings(DAYS, megabytes=1_024)), "intake.too_heavy"),
    "CHILD_SECONDS": (0.01, day_file, "intake.too_heavy"),
    "MESSAGE_BYTES": (10, day_file, "intake.too_heavy"),
}  # fmt: skip
ELSEWHERE = {
    "SQLITE_LINES": "test_services.py",
    "CELL_CHARACTERS": "test_reading.py",
    "TABLE_BYTES": "roster/test_admin_pages.py",
    "TABLE_LINES": "roster/test_admin_pages.py",
    "LINES_IN_FULL": "test_services.py",
    "PROBLEMS_SHOWN": "roster/test_commands.py",
    "CHUNK_LINES": "test_slices.py",
    "CHUNK_CHARACTERS": "test_slices.py",
    "LEASE_SECONDS": "test_killed_worker.py",
    "ANNOUNCE_SECONDS": "test_services.py",
    "TEND_SECONDS": "roster/test_batches.py",
    "ATTEMPTS": "test_services.py",
    "SQLITE_PAUSE_SECONDS": "roster/test_batches_without_worker.py",
    "READERS": "test_places.py",
    "READER_WAIT_SECONDS": "test_places.py",
    "SMALL_FILE_BYTES": "test_places.py",
    "ORPHAN_HOURS": "test_services.py",
    "EVIDENCE_FILES": "roster/test_batches.py",
    **dict.fromkeys(
        (
            "EVIDENCE_BYTES",
            "EVIDENCE_PIXELS",
            "EVIDENCE_SIDE",
            "PDF_STREAMS",
            "PDF_UNPACKED_BYTES",
            "PDF_ESCAPED_NAMES",
            "DOCUMENT_PARTS",
            "DOCUMENT_TEXT_BYTES",
            "DOCUMENT_DEPTH",
            "DOCUMENT_UNPACKED_BYTES",
            "SCAN_SECONDS",
            "EVIDENCE_ORPHAN_SECONDS",
        ),
        "test_evidence.py",
    ),
}
"""Limits whose tests stand in another file."""


@pytest.mark.parametrize("name", HELD)
def test_limit_is_held(name: str, monkeypatch) -> None:
    value, make, code = HELD[name]
    file = make()
    monkeypatch.setattr(limits, name, value)
    with (
        pytest.raises(Refused) as caught,
        store.spooled(file) as upload,
        open_source(upload.stream, [DayLayout()], on=TODAY) as source,
    ):
        list(source.rows)
    assert caught.value.code == code


def test_every_limit_has_its_test() -> None:
    assert set(HELD) | set(ELSEWHERE) == ALL
