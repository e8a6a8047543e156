"""An uploaded file through a child process with limits; nothing of it is parsed in this one."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import IO, Any, cast

from audit.refusal import Refused

from . import limits
from .places import place

logger = logging.getLogger(__name__)

BUFFER = 1 << 20
ROOT = Path(__file__).resolve().parent.parent
Row = Sequence[Any]
"""Number as a person counts, cells, flag."""
Head = tuple[int, Sequence[str]]


@dataclass(frozen=True)
class Table:
    """What a table of a file begins with: its first filled rows with their numbers.

    `formulas` counts its cells that are one; `hidden_columns` are numbers of columns; `cut` is
    why its rows cannot be read any further.
    """

    heads: list[Head]
    cut: Refused | None = None
    formulas: int = 0
    hidden_columns: tuple[int, ...] = ()


@dataclass
class Tables:
    """A file being read: its tables by name, then the rows of one of them.

    A workbook has its visible sheets, and the number of hidden ones. A text has an `encoding` and
    one table, but under each delimiter, by whose sign it is named: see `settle_delimiter`.
    """

    told: IO[bytes]
    printed: IO[bytes]
    tables: dict[str, Table] = field(default_factory=dict)
    hidden: int = 0
    encoding: str = ""

    def settle_delimiter(self, known: Callable[[Sequence[Head]], int]) -> str:
        """Of a text keep the table under the delimiter that is meant; its name.

        It is the one under which most headings are known, as `known` counts them in the first
        rows; when none is, the one that has the widest row. Raises Refused when its first rows
        cannot be read.
        """

        def fitness(name: str) -> tuple[int, int]:
            heads = self.tables[name].heads
            return known(heads), max((len(cells) for _number, cells in heads), default=0)

        name = max(self.tables, key=fitness)
        self.tables = {name: self.tables[name]}
        if cut := self.tables[name].cut:
            raise cut
        return name

    def rows(self, name: str) -> Iterator[Row]:
        """The filled rows of a table."""
        try:
            self.told.write(json.dumps(name).encode() + b"\n")
            self.told.close()
        except BrokenPipeError:
            raise Refused("intake.too_heavy") from None
        for said in self._said():
            if isinstance(said, dict):
                return
            yield from said

    def read_heads(self) -> None:
        """Read what the tables begin with. Raises Refused for a file that cannot be read."""
        for said in self._said():
            if "tables" in said:
                self.hidden = said.get("hidden", 0)
                self.encoding = said.get("encoding", "")
                return
            self.tables[said["table"]] = Table(
                [(number, cells) for number, cells in said["rows"]],
                _refusal(said["cut"]) if "cut" in said else None,
                said.get("formulas", 0),
                tuple(said.get("hidden_columns", ())),
            )

    def _said(self) -> Iterator[Any]:
        while text := self.printed.readline(limits.MESSAGE_BYTES):
            if not text.endswith(b"\n"):
                break
            said = json.loads(text)
            if isinstance(said, dict) and "fault" in said:
                raise _refusal(said)
            yield said
        raise Refused("intake.too_heavy")  # the child died without an end


@contextmanager
def open_tables(stream: IO[bytes]) -> Iterator[Tables]:
    """A file read by a child that is gone when the block ends.

    `stream` must be a real file. Raises Refused with a remedy for whatever the child cannot do, and
    when too many files are being read.
    """
    with place(os.fstat(stream.fileno()).st_size) as lock, _child(stream, lock) as tables:
        tables.read_heads()
        yield tables


@contextmanager
def _child(stream: IO[bytes], lock: int) -> Iterator[Tables]:
    stream.seek(0)
    told = {
        "descriptor": stream.fileno(),
        "memory": limits.CHILD_MEMORY,
        "cpu_seconds": limits.CHILD_CPU_SECONDS,
        "entries": limits.ZIP_ENTRIES,
        "unpacked": limits.ZIP_UNPACKED_BYTES,
        "unpacked_row": limits.ROW_UNPACKED_BYTES,
        "sheets": limits.SHEETS,
        "head": limits.HEADING_WITHIN_LINES,
        "lines": limits.LINES,
        "columns": limits.COLUMNS + limits.SPARE_COLUMNS,
        "cell": limits.CELL_CHARACTERS,
        "row": limits.ROW_CHARACTERS,
        "content": limits.CONTENT_CHARACTERS,
    }
    complaints = tempfile.TemporaryFile()  # noqa: SIM115  closed below
    child = subprocess.Popen(  # noqa: S603  our own code, no shell
        [sys.executable, "-E", "-s", "-m", "intake.child", json.dumps(told)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        pass_fds=(stream.fileno(), lock),
        cwd=ROOT,
        env={},
        bufsize=BUFFER,
    )
    clock = Timer(limits.CHILD_SECONDS, child.kill)
    clock.daemon = True
    clock.start()
    try:
        yield Tables(cast("IO[bytes]", child.stdin), cast("IO[bytes]", child.stdout))
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
            logger.warning("The child that reads files said: %s", ascii(said))
        complaints.close()


def _refusal(said: dict[str, Any]) -> Refused:
    match said["fault"]:
        case "empty":
            return Refused("intake.empty_file")
        case "form":
            return Refused("intake.save_as_xlsx", form=said["form"])
        case "unknown":
            return Refused("intake.unknown_form")
        case "undecodable":
            return Refused("intake.undecodable")
        case "quote":
            return Refused("intake.open_quote", line=said["line"])
        case "row":
            limit = limits.ROW_CHARACTERS
            return Refused("intake.row_too_long", line=said["line"], limit=limit)
        case "content":
            return Refused("intake.too_much_text")
        case "password":
            return Refused("intake.workbook_locked")
        case "entries" | "unpacked":
            return Refused("intake.workbook_too_large")
        case "entities":
            return Refused("intake.workbook_entities")
        case "far":
            return Refused("intake.cell_far_away", cell=said["cell"])
        case "lines":
            return Refused("intake.too_many_lines", lines=said["count"], limit=limits.LINES)
        case "sheets":
            return Refused("intake.too_many_sheets", sheets=said["count"], limit=limits.SHEETS)
        case "memory":
            return Refused("intake.too_heavy")
    return Refused("intake.broken_workbook")


__all__ = ["Head", "Row", "Table", "Tables", "open_tables"]
