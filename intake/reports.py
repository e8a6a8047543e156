"""Workbooks that go back to the clerk: the refused lines with their reasons, and empty templates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from audit.refusal import NotPermitted, Refused

from . import layouts, store
from .cells import NUMBER
from .enums import Fate
from .exports import SheetWriter, is_formula, written
from .headings import REPORT_LINE, REPORT_REASON
from .layouts import Actor, Column, Layout
from .models import Batch, BatchLine


@dataclass(frozen=True)
class FullLine:
    """A refused or changed line as a page shows it."""

    number: int
    fate: str
    label: str
    problems: list[tuple[str, str, str]]
    changes: list[tuple[str, str, str]]


def full_lines(batch: Batch, fate: str, *, limit: int | None = None) -> Iterator[FullLine]:
    """Refused or changed lines in file order, a stream of them."""
    found = BatchLine.objects.filter(batch=batch, fate=fate).order_by("number")
    rows = found[:limit] if limit is not None else found
    values = rows.values_list("number", "fate", "label", "problems", "changes")
    for number, its_fate, label, problems, changes in values.iterator(chunk_size=2_000):
        yield FullLine(
            number,
            its_fate,
            label,
            [tuple(one) for one in problems],
            [tuple(one) for one in changes],
        )


def error_report(*, by: Actor, batch_id: int) -> IO[bytes]:
    """The refused lines with their original cells, a line number and a reason, as a workbook.

    It can be corrected and sent again as it is: the two columns of ours are not read. Raises
    NotPermitted, Refused when no line was refused or the copy is gone.
    """
    batch = _readable(by, batch_id)
    if not batch.refused:
        raise Refused("intake.nothing_refused")

    def write(writer: SheetWriter) -> None:
        with store.open_copy(batch.copy_name, batch.copy_sha256) as copy:
            writer.headings(
                [REPORT_LINE, REPORT_REASON, *copy.titles], widths=[8, 60, *_widths(copy.titles)]
            )
            _write_refused(writer, batch, copy)

    return written(write, title=_("未接受的行"))


def _widths(titles: list[str]) -> list[int]:
    return [min(max(len(title) * 2 + 2, 14), 40) for title in titles]


def _write_refused(writer: SheetWriter, batch: Batch, copy: store.CopyReader) -> None:
    waiting = full_lines(batch, Fate.REFUSED)
    line = next(waiting, None)
    for rows in copy.slices():
        for row in rows:
            if line is None or int(row[0]) != line.number:
                continue
            _write_line(writer, line, row[2:])
            line = next(waiting, None)


def _write_line(writer: SheetWriter, line: FullLine, cells: list[str]) -> None:
    writer.sheet.write_number(writer.rows_written, 0, line.number)
    reason = reason_text(line)
    writer.sheet.write_string(writer.rows_written, 1, reason, writer.wrapped)
    for place, cell in enumerate(cells, 2):
        if cell[:1] == NUMBER:
            writer.number_as_written(place, cell[1:])
        elif cell:
            style = writer.quoted if is_formula(cell) else writer.text
            writer.sheet.write_string(writer.rows_written, place, cell, style)
    writer.next_row()


def reason_text(line: FullLine) -> str:
    """The problems of a line in one text."""
    parts = []
    for column, value, message in line.problems:
        said = f"“{value}”" if value else ""
        parts.append(f"{column}{said}：{message}" if column else message)
    return "\n".join(parts)


def template(layout: Layout) -> IO[bytes]:
    """An empty workbook with the headings of a layout and a sheet that explains them."""

    def write(writer: SheetWriter) -> None:
        writer.headings([column.heading for column in _shown(layout)])
        writer.next_sheet(_("填写说明"))
        for place, (width, style) in enumerate(
            ((34, writer.text), (12, writer.text), (80, writer.wrapped))
        ):
            writer.sheet.set_column(place, place, width, style)
        for row, cells in enumerate(_explained(layout)):
            style = writer.bold if row == 0 else writer.wrapped
            for place, cell in enumerate(cells):
                writer.sheet.write_string(row, place, cell, style)

    return written(write, title=str(layout.title))


def _shown(layout: Layout) -> list[Column]:
    return [column for column in layout.columns if column.in_template]


def _explained(layout: Layout) -> Iterator[tuple[str, str, str]]:
    yield _("列名"), _("是否必填"), _("说明")
    for column in _shown(layout):
        must = _("必填") if column.filled else _("须有此列") if column.required else _("选填")
        also = (
            _("也可写作：{names}。").format(names="、".join(column.aliases))
            if column.aliases
            else ""
        )
        yield column.heading, must, f"{column.hint}{also}"


def _readable(by: Actor, batch_id: int) -> Batch:
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is None:
        raise NotPermitted("intake.not_permitted")
    layouts.get(batch.layout).require_sight(by, batch)
    return batch


__all__ = ["FullLine", "error_report", "full_lines", "reason_text", "template"]
