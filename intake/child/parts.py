"""The parts of a workbook's zip, held to their limits before anything of them is used."""

from __future__ import annotations

import copy
import posixpath
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from .said import Fault, File, Told

BLOCK = 1 << 20
ENTRY = b"PK\x01\x02"
"""What each entry of a zip's directory begins with."""
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
IN_SHEETS = (b"<!",)
"""Comments too: `survey` would take what stands in one for rows."""
WORKBOOK = "xl/workbook.xml"
PACKAGE = "_rels/.rels"
RELATIONS = "xl/_rels/workbook.xml.rels"
SHEETS = "xl/worksheets/"


class Parts:
    """The directory of a workbook. Raises Fault for what is none, too large, or not what it says."""

    def __init__(self, file: File, told: Told) -> None:
        _count_entries(file, told["entries"])
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            raise Fault("broken") from None
        entries = self._zip.infolist()
        names = {entry.filename.lower() for entry in entries}
        if "xl/workbook.bin" in names:
            raise Fault("form", form=".xlsb")
        if WORKBOOK not in names:
            raise Fault("unknown")
        if len(names) < len(entries):
            raise Fault("broken")  # two readers could each take another one
        if any(entry.flag_bits & 1 for entry in entries):
            raise Fault("password")
        if sum(entry.file_size for entry in entries) > told["unpacked"]:
            raise Fault("unpacked")
        for entry in entries:
            if not entry.filename.lower().startswith(SHEETS):  # those that are read: `survey`
                for _block in self._blocks(entry):
                    pass

    def blocks(self, name: str) -> Iterator[bytes]:
        """A part, unpacked. Raises Fault when it is not there, or not what the directory says."""
        for entry in self._zip.infolist():
            if entry.filename.lower() == name.lower():
                return self._blocks(entry)
        raise Fault("broken")

    def _blocks(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        more = copy.copy(entry)
        more.file_size += 1  # so that a part longer than it says is seen to be
        left, end = entry.file_size, b""
        is_xml = entry.filename.lower().endswith((".xml", ".rels"))
        forbidden = IN_SHEETS if entry.filename.lower().startswith(SHEETS) else DECLARATIONS
        try:
            with self._zip.open(more) as part:
                while block := part.read(BLOCK):
                    left -= len(block)
                    if left < 0:
                        raise Fault("broken")
                    if is_xml:
                        _refuse(end + block, forbidden)
                        end = block[-len(DECLARATIONS[0]) :]
                    yield block
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
            raise Fault("broken") from None
        if left:
            raise Fault("broken")

    def sheets(self) -> dict[str, str]:
        """The part of each sheet, by the sheet's name."""
        books = self._relations(PACKAGE, "").values()
        if [target for kind, target in books if kind == "officeDocument"] != [WORKBOOK]:
            raise Fault("broken")  # two readers could each take another workbook
        targets = self._relations(RELATIONS, "xl")
        found: dict[str, str] = {}
        for one in self._tree(WORKBOOK).iter():
            if _local(one.tag) == "sheet":
                name = one.get("name", "")
                identity = next((v for k, v in one.attrib.items() if _local(k) == "id"), "")
                if name in found or identity not in targets:
                    raise Fault("broken")
                found[name] = targets[identity][1]
        return found

    def _relations(self, name: str, folder: str) -> dict[str, tuple[str, str]]:
        """Kind and part of what a part is related to, by its identity."""
        return {
            one.get("Id", ""): (
                one.get("Type", "").rpartition("/")[2],
                _resolved(one.get("Target", ""), folder),
            )
            for one in self._tree(name).iter()
            if _local(one.tag) == "Relationship"
        }

    def _tree(self, name: str) -> ElementTree.Element:
        try:
            return ElementTree.fromstring(b"".join(self.blocks(name)))  # noqa: S314  no entities left
        except (ElementTree.ParseError, ValueError, LookupError):
            raise Fault("broken") from None


def _count_entries(file: File, most: int) -> None:
    """Before the directory is read: one of ten million entries would fill the memory first."""
    file.seek(0)
    found, end = 0, b""
    while block := file.read(BLOCK):
        found += (end + block).count(ENTRY)
        if found > most:
            raise Fault("entries")
        end = block[1 - len(ENTRY) :]
    file.seek(0)


def _refuse(block: bytes, forbidden: tuple[bytes, ...]) -> None:
    if any(one in block for one in forbidden):
        raise Fault("entities")
    if b"\x00" in block:
        raise Fault("broken")  # not in the encoding a workbook is written in


def _resolved(target: str, folder: str) -> str:
    """The part a relation names, written from the top or from the folder."""
    if target.startswith("/"):
        return target[1:]
    return posixpath.normpath(posixpath.join(folder, target))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
