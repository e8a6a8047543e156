"""Files made to fill the memory: what reads them stays small, what is parsed keeps to its limit."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.db import connection

from intake import limits
from tests.factories import hostile
from tests.factories.files import ROSTER, roster_line

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="no database has a part in it"
)
ROWS = [ROSTER, roster_line(1), roster_line(2)]
GROWN_MIB = 80
"""What a process that only reads what the child says may take beside what it has when it begins."""
SMALL, LARGE = 160, limits.CHILD_MEMORY // limits.MB

FILES: dict[str, tuple[Callable[[], bytes], str, int, int]] = {
    "a line without an end": (lambda: hostile.endless_line(ROWS, megabytes=64), "intake.row_too_long", 0, SMALL),
    "a row of quoted cells without an end": (lambda: hostile.endless_row(ROWS, megabytes=64), "intake.row_too_long", 0, SMALL),
    "a quote that is never closed": (lambda: hostile.open_quote(ROWS, megabytes=64), "intake.row_too_long", 0, SMALL),
    "rows as long as they may be": (lambda: hostile.long_rows(ROWS, megabytes=64), "read", 70, SMALL),
    "rows of many cells under each delimiter": (lambda: hostile.rows_of_all_delimiters(megabytes=64), "read", 76, SMALL),
    "1 GB of shared strings": (lambda: hostile.large_strings(ROWS, megabytes=1_024), "read", 3, LARGE),
    "1 GB of rows in a sheet": (lambda: hostile.large_sheet(ROWS, megabytes=1_024), "intake.cell_far_away", 0, SMALL),
    "256 MB of one row in a sheet": (lambda: hostile.endless_row_of_sheet(megabytes=256), "intake.row_too_long", 0, SMALL),
    "one long text in every cell": (lambda: hostile.repeated_text(ROSTER, rows=50_000), "intake.too_heavy", 0, LARGE),
    "100,000 parts": (lambda: hostile.many_entries(count=100_000), "intake.workbook_too_large", 0, SMALL),
    "256 MB that claims to be small": (lambda: hostile.lying_directory(ROWS, megabytes=256), "intake.broken_workbook", 0, SMALL),
    "one cell at the far corner": (lambda: hostile.far_cell(ROWS), "intake.cell_far_away", 0, SMALL),
    "rows numbered 99,999,999": (lambda: hostile.far_rows(ROWS), "intake.cell_far_away", 0, SMALL),
    "an entity bomb": (lambda: hostile.with_entity(ROWS, hostile.BOMB, "&i;"), "intake.workbook_entities", 0, SMALL),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_memory_stays_bounded(kind: str, tmp_path) -> None:
    make, answer, rows, most = FILES[kind]
    file = tmp_path / "file"
    file.write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-m", "tests.intake.bounded_reader", str(file)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "credit_portal.settings"},
        stdout=subprocess.PIPE,
        check=True,
    )
    said = json.loads(done.stdout)

    assert (said["answer"], said["rows"]) == (answer, rows)
    assert said["grown_mib"] <= GROWN_MIB
    assert said["child_mib"] <= most
