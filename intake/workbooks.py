"""XLSX through a child process with limits; nothing of the file is parsed in this one."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import IO, Any, cast

from audit.refusal import Refused

from . import limits

logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("workbook_child.py")
SPARE_COLUMNS = 56
Row = tuple[int, list[str], str]


def check_parts(stream: IO[bytes]) -> None:
    """Hold the directory of the zip against the limits, before anything is unpacked.

    Raises Refused for what is no workbook, is too large unpacked, or is an old or locked one.
    """
    try:
        with zipfile.ZipFile(stream) as parts:
            entries = parts.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise Refused("intake.broken_workbook") from None
    names = {entry.filename for entry in entries}
    if "xl/workbook.bin" in names:
        raise Refused("intake.save_as_xlsx", form=".xlsb")
    if "xl/workbook.xml" not in names:
        raise Refused("intake.unknown_form")
    if len(entries) > limits.ZIP_ENTRIES:
        raise Refused("intake.workbook_too_large")
    if sum(entry.file_size for entry in entries) > limits.ZIP_UNPACKED_BYTES:
        raise Refused("intake.workbook_too_large")


class Workbook:
    """A workbook being read: the first rows of its sheets, then the rows of one of them."""

    def __init__(self, told: IO[str], printed: IO[str]) -> None:
        self._told = told
        self._printed = printed
        self.heads: dict[str, list[tuple[int, list[str]]]] = {}
        self.hidden = 0
        self._read_heads()

    def rows(self, sheet: str) -> Iterator[Row]:
        """The filled rows of a sheet: number as a person counts, cells, flag."""
        try:
            self._told.write(json.dumps(sheet) + "\n")
            self._told.close()
        except BrokenPipeError:
            raise Refused("intake.workbook_too_heavy") from None
        for said in self._said():
            if isinstance(said, list):
                yield said[0], said[1], said[2]
            elif "end" in said:
                return

    def _read_heads(self) -> None:
        for said in self._said():
            if "sheet" in said:
                self.heads[said["sheet"]] = [(number, cells) for number, cells in said["rows"]]
            elif "heads" in said:
                self.hidden = said["hidden"]
                return

    def _said(self) -> Iterator[Any]:
        for text in self._printed:
            said = json.loads(text)
            if isinstance(said, dict) and "fault" in said:
                raise _refusal(said)
            yield said
        raise Refused("intake.workbook_too_heavy")  # the child died without an end


@contextmanager
def open_workbook(stream: IO[bytes]) -> Iterator[Workbook]:
    """A workbook read by a child that is gone when the block ends.

    `stream` must be a real file. Raises Refused with a remedy for whatever the child cannot do.
    """
    check_parts(stream)
    stream.seek(0)
    told = {
        "descriptor": stream.fileno(),
        "memory": limits.CHILD_MEMORY,
        "cpu_seconds": limits.CHILD_CPU_SECONDS,
        "lines": limits.LINES,
        "columns": limits.COLUMNS + SPARE_COLUMNS,
        "cell": limits.CELL_CHARACTERS,
        "head": limits.HEADING_WITHIN_LINES,
        "sheets": limits.SHEETS,
    }
    complaints = tempfile.TemporaryFile()  # noqa: SIM115  closed below
    child = subprocess.Popen(  # noqa: S603  our own script, no shell
        [sys.executable, "-I", str(CHILD), json.dumps(told)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        pass_fds=(stream.fileno(),),
        env={},
        encoding="utf-8",
    )
    clock = Timer(limits.CHILD_SECONDS, child.kill)
    clock.daemon = True
    clock.start()
    try:
        yield Workbook(cast("IO[str]", child.stdin), cast("IO[str]", child.stdout))
    finally:
        clock.cancel()
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe and not pipe.closed:
                with suppress(BrokenPipeError):
                    pipe.close()
        child.wait()
        complaints.seek(0)
        if said := complaints.read(2_000).decode(errors="replace").strip():
            logger.warning("The child that reads workbooks said: %s", ascii(said))
        complaints.close()


def _refusal(said: dict[str, Any]) -> Refused:
    match said["fault"]:
        case "password":
            return Refused("intake.workbook_locked")
        case "lines":
            return Refused("intake.too_many_lines", lines=said["count"], limit=limits.LINES)
        case "columns":
            return Refused("intake.too_many_columns", columns=said["count"], limit=limits.COLUMNS)
        case "sheets":
            return Refused("intake.too_many_sheets", sheets=said["count"], limit=limits.SHEETS)
        case "memory":
            return Refused("intake.workbook_too_heavy")
    return Refused("intake.broken_workbook")
