"""Files that attack or mislead, really made: by xlsxwriter, or part by part and byte by byte.

What is large unpacked is made of one block, compressed once and repeated.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import xlsxwriter

MB = 1 << 20
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


# --- a zip written by hand -----------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A part as it stands in a zip; `claimed` is the size its entry says."""

    name: str
    packed: bytes
    crc: int
    claimed: int

    @classmethod
    def of(cls, name: str, content: str | bytes, *, claimed: int | None = None) -> Part:
        data = content.encode() if isinstance(content, str) else content
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        size = len(data) if claimed is None else claimed
        return cls(name, packer.compress(data) + packer.flush(), zlib.crc32(data), size)

    @classmethod
    def repeated(cls, name: str, start: str, block: str, times: int, end: str) -> Part:
        """A part that is small packed and large unpacked."""
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        beginning, middle, ending = start.encode(), block.encode(), end.encode()
        packed = packer.compress(beginning) + packer.flush(zlib.Z_FULL_FLUSH)
        again = packer.compress(middle) + packer.flush(zlib.Z_FULL_FLUSH)
        crc = zlib.crc32(beginning)
        for _time in range(times):
            crc = zlib.crc32(middle, crc)
        packed += again * times + packer.compress(ending) + packer.flush()
        size = len(beginning) + times * len(middle) + len(ending)
        return cls(name, packed, zlib.crc32(ending, crc), size)


def zipped(parts: Sequence[Part]) -> bytes:
    """A zip whose directory says what its parts claim."""
    body, directory = io.BytesIO(), io.BytesIO()
    for part in parts:
        name = part.name.encode()
        told = (20, 0, 8, 0, 33, part.crc, len(part.packed), part.claimed, len(name), 0)
        directory.write(struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, *told[:5], *told[5:], 0, 0, 0, 0, body.tell()))  # fmt: skip
        directory.write(name)
        body.write(struct.pack("<4s5H3L2H", b"PK\x03\x04", *told) + name + part.packed)
    start, size = body.tell(), directory.tell()
    count = len(parts) & 0xFFFF
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size, start, 0)
    return body.getvalue() + directory.getvalue() + end


# --- a workbook written by hand ------------------------------------------------------------------


def cell(place: str, value: object) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def row(number: int, values: Sequence[object], *, more: str = "") -> str:
    """A row of texts from column A on."""
    cells = "".join(cell(f"{chr(65 + at)}{number}", value) for at, value in enumerate(values))
    return f'<row r="{number}"{more}>{cells}</row>'


def sheet(rows: str, *, before: str = "", after: str = "") -> str:
    start = f'{HEAD}<worksheet xmlns="{MAIN}">'
    return f"{start}{before}<sheetData>{rows}</sheetData>{after}</worksheet>"


def parts_around(*, more: str = "", entities: str = "") -> list[Part]:
    """What a workbook with one sheet needs besides that sheet."""
    return [
        Part.of("[Content_Types].xml", f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'),
        Part.of("_rels/.rels", f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'),
        Part.of("xl/workbook.xml", f'{HEAD}{entities}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="表" sheetId="1" r:id="rId1"/></sheets>{more}</workbook>'),
        Part.of("xl/_rels/workbook.xml.rels", f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'),
    ]  # fmt: skip


def workbook(content: str | Part, *more: Part, entities: str = "") -> bytes:
    """A workbook of one sheet, given as its XML or as a part."""
    one = Part.of("xl/worksheets/sheet1.xml", content) if isinstance(content, str) else content
    return zipped([*parts_around(entities=entities), one, *more])


def made(write: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    """A workbook as a spreadsheet writes it."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        write(book)
    return target.getvalue()


# --- what fills memory ---------------------------------------------------------------------------


def far_cell(rows: Sequence[Sequence[object]]) -> bytes:
    """One cell at XFD1048576."""

    def write(book: xlsxwriter.Workbook) -> None:
        one = book.add_worksheet()
        for number, values in enumerate(rows):
            one.write_row(number, 0, values)
        one.write_string(1_048_575, 16_383, "x")

    return made(write)


def far_rows(rows: Sequence[Sequence[object]]) -> bytes:
    """Rows numbered 99,999,999 and the one after."""
    first = "".join(row(number, values) for number, values in enumerate(rows[:1], 1))
    far = "".join(row(number, values) for number, values in enumerate(rows[1:], 99_999_999))
    return workbook(sheet(first + far))


def with_row(rows: Sequence[Sequence[object]], content: str) -> bytes:
    """A sheet whose last row is written so."""
    body = "".join(row(number, values) for number, values in enumerate(rows, 1))
    return workbook(sheet(body + content))


def large_strings(rows: Sequence[Sequence[object]], *, megabytes: int) -> bytes:
    """Shared strings of so many megabytes, in a zip of a few."""
    text = "<si><t>" + "长" * 100 + "</t></si>"
    block = text * (MB // len(text.encode()))
    strings = Part.repeated("xl/sharedStrings.xml", f'{HEAD}<sst xmlns="{MAIN}">', block, megabytes, "</sst>")  # fmt: skip
    body = "".join(row(number, values) for number, values in enumerate(rows, 1))
    return workbook(sheet(body), strings)


def large_sheet(rows: Sequence[Sequence[object]], *, megabytes: int) -> bytes:
    """A sheet of so many megabytes: one row again and again, without numbers."""
    head = "".join(row(number, values) for number, values in enumerate(rows, 1))
    line = "<row>" + '<c t="inlineStr"><is><t>长长长长长长长长</t></is></c>' * 8 + "</row>"
    block = line * (MB // len(line.encode()))
    start = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{head}'
    end = "</sheetData></worksheet>"
    return workbook(Part.repeated("xl/worksheets/sheet1.xml", start, block, megabytes, end))


def endless_row_of_sheet(*, megabytes: int) -> bytes:
    """A sheet whose one row never ends."""
    one = '<c t="inlineStr"><is><t>长长长长长长长长</t></is></c>'
    start = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData><row>'
    end = "</row></sheetData></worksheet>"
    block = one * (MB // len(one.encode()))
    return workbook(Part.repeated("xl/worksheets/sheet1.xml", start, block, megabytes, end))


def repeated_text(headings: Sequence[object], *, rows: int) -> bytes:
    """One shared string of 10,000 characters in every cell: small as a file, vast as a table."""
    strings = Part.of("xl/sharedStrings.xml", f'{HEAD}<sst xmlns="{MAIN}"><si><t>{"长" * 10_000}</t></si></sst>')  # fmt: skip
    cells = '<c t="s"><v>0</v></c>' * len(headings)
    start = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{row(1, headings)}'
    block = f"<row>{cells}</row>" * 1_000
    end = "</sheetData></worksheet>"
    name = "xl/worksheets/sheet1.xml"
    return workbook(Part.repeated(name, start, block, rows // 1_000, end), strings)


def many_entries(*, count: int) -> bytes:
    """A zip with so many empty parts."""
    return zipped([*parts_around(), *(Part(f"x/{n}", b"\x03\x00", 0, 0) for n in range(count))])


def lying_directory(rows: Sequence[Sequence[object]], *, megabytes: int) -> bytes:
    """A sheet of many megabytes whose entry says it has a thousand bytes."""
    body = "".join(row(number, values) for number, values in enumerate(rows, 1))
    start = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{body}'
    block = "<row/>" * (MB // 6)
    whole = Part.repeated("xl/worksheets/sheet1.xml", start, block, megabytes, "</sheetData></worksheet>")  # fmt: skip
    return workbook(Part(whole.name, whole.packed, whole.crc, 1_000))


def honest_prefix(rows: Sequence[Sequence[object]]) -> bytes:
    """Shared strings whose entry gives the size and the checksum of their beginning only."""
    body = "".join(row(number, values) for number, values in enumerate(rows, 1))
    begin = f'{HEAD}<sst xmlns="{MAIN}"><si><t>x</t></si></sst>'
    part = Part.of("xl/sharedStrings.xml", begin + "\n" * 1_000)
    data = begin.encode()
    short = Part(part.name, part.packed, zlib.crc32(data), len(data))
    return workbook(sheet(body), short)


def two_of_a_name(rows: Sequence[Sequence[object]], others: Sequence[Sequence[object]]) -> bytes:
    """A zip with two parts of one name: each reader might take another."""
    one, other = (
        Part.of("xl/worksheets/sheet1.xml", sheet("".join(row(n, r) for n, r in enumerate(body, 1))))
        for body in (rows, others)
    )  # fmt: skip
    return workbook(one, other)


EXTERNAL = '<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/hostname">]>'
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "长长长长长长长长长长">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


def with_entity(rows: Sequence[Sequence[object]], declared: str, used: str) -> bytes:
    """A sheet that declares an entity and uses it in a cell of its last row."""
    body = "".join(row(number, values) for number, values in enumerate(rows, 1))
    content = sheet(body + row(len(rows) + 1, [used] * len(rows[0])))
    return workbook(content.replace(HEAD, HEAD + declared))


def with_comment(rows: Sequence[Sequence[object]]) -> bytes:
    """A sheet with a comment that looks like its end, and rows after it."""
    body = "".join(row(number, values) for number, values in enumerate(rows, 1))
    return workbook(sheet(f"<!-- </sheetData> -->{body}"))


# --- texts ---------------------------------------------------------------------------------------


def csv_of(rows: Sequence[Sequence[object]], ends: str = "\n") -> str:
    return "".join(",".join(map(str, one)) + ends for one in rows)


def endless_line(rows: Sequence[Sequence[object]], *, megabytes: int) -> bytes:
    """A text whose last line has no end."""
    return csv_of(rows).encode() + "长".encode() * (megabytes * MB // 3)


def endless_row(rows: Sequence[Sequence[object]], *, megabytes: int) -> bytes:
    """A text whose last row is one of quoted cells, each with a line break, without an end."""
    return csv_of(rows).encode() + b'"a\n",' * (megabytes * MB // 5)


def rows_of_all_delimiters(*, megabytes: int) -> bytes:
    """Long rows of small cells, whichever delimiter they are read by, and no headings."""
    one = b"aa,bb;cc\tdd" * 80_000 + b"\n"
    return one * (megabytes * MB // len(one))


def open_quote(rows: Sequence[Sequence[object]], *, megabytes: int) -> bytes:
    """A quotation mark that is never closed, and many lines after it."""
    return csv_of(rows).encode() + b'"' + b"a,b,c\n" * (megabytes * MB // 6)


# --- what misleads -------------------------------------------------------------------------------


def with_formulas(
    rows: Sequence[Sequence[object]], *, column: int, results: Sequence[object]
) -> bytes:
    """A workbook in which one column is formulas, with these results; None: not counted yet."""

    def write(book: xlsxwriter.Workbook) -> None:
        one = book.add_worksheet()
        for number, values in enumerate(rows):
            one.write_row(number, 0, values)
        for number, result in enumerate(results, 1):
            one.write_formula(number, column, "=A1&B1", None, "" if result is None else result)

    return made(write)


def with_merged(rows: Sequence[Sequence[object]], *ranges: tuple[int, int, int, int]) -> bytes:
    """A workbook in which ranges (first row, first column, last row, last column) are merged."""

    def write(book: xlsxwriter.Workbook) -> None:
        one = book.add_worksheet()
        for number, values in enumerate(rows):
            one.write_row(number, 0, values)
        for first, left, last, right in ranges:
            one.merge_range(first, left, last, right, rows[first][left])

    return made(write)


def with_hidden(
    rows: Sequence[Sequence[object]], *, lines: Sequence[int] = (), columns: Sequence[int] = ()
) -> bytes:
    """A workbook with hidden rows and columns, counted from 0."""

    def write(book: xlsxwriter.Workbook) -> None:
        one = book.add_worksheet()
        for number, values in enumerate(rows):
            one.write_row(number, 0, values)
        for number in lines:
            one.set_row(number, None, None, {"hidden": True})
        for number in columns:
            one.set_column(number, number, None, None, {"hidden": True})

    return made(write)


def with_dimension(rows: Sequence[Sequence[object]], said: str) -> bytes:
    """A sheet that says a wrong extent of itself."""
    body = "".join(row(number, values) for number, values in enumerate(rows, 1))
    return workbook(sheet(body, before=f'<dimension ref="{said}"/>'))


def without_places(rows: Sequence[Sequence[object]]) -> bytes:
    """A sheet whose rows and cells carry no place, as some programs write it."""
    body = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{v}</t></is></c>' for v in values) + "</row>"
        for values in rows
    )
    return workbook(sheet(body))


def claiming(rows: Sequence[Sequence[object]], *, megabytes: int) -> bytes:
    """A small sheet whose entry says it has so many megabytes unpacked."""
    body = "".join(row(number, values) for number, values in enumerate(rows, 1))
    return workbook(Part.of("xl/worksheets/sheet1.xml", sheet(body), claimed=megabytes * MB))


def two_workbooks(rows: Sequence[Sequence[object]], others: Sequence[Sequence[object]]) -> bytes:
    """A zip with a second workbook, which its relations name beside the first."""
    one, other = (
        Part.of(f"xl/worksheets/sheet{n}.xml", sheet("".join(row(m, r) for m, r in enumerate(b, 1))))
        for n, b in enumerate((rows, others), 1)
    )  # fmt: skip
    parts = {part.name: part for part in parts_around()}
    second = unpacked(parts["xl/workbook.xml"])
    relations = unpacked(parts["xl/_rels/workbook.xml.rels"]).replace(b"sheet1", b"sheet2")
    named = unpacked(parts["_rels/.rels"]).replace(
        b"</Relationships>",
        f'<Relationship Id="rId9" Type="{RELATIONS}/officeDocument" Target="y/workbook.xml"/></Relationships>'.encode(),
    )  # fmt: skip
    parts["_rels/.rels"] = Part.of("_rels/.rels", named)
    more = [Part.of("y/workbook.xml", second), Part.of("y/_rels/workbook.xml.rels", relations)]
    return zipped([*parts.values(), *more, one, other])


def unpacked(part: Part) -> bytes:
    return zlib.decompress(part.packed, -15)


def long_rows(rows: Sequence[Sequence[object]], *, megabytes: int) -> bytes:
    """Rows of a hundred cells, each as long as a cell may be."""
    one = ",".join(["a" * 9_999] * 100) + "\n"
    return csv_of(rows).encode() + one.encode() * (megabytes * MB // len(one))
