"""Word documents sent as evidence: text and pictures, and nothing that runs or fetches anything.

A document is a zip of parts. Its parts are looked through one by one and packed anew, so that
nothing before, between and behind them comes along.
"""

from __future__ import annotations

import io
import re
import xml.parsers.expat
import zipfile
import zlib
from collections.abc import Mapping

from audit.refusal import Refused

from . import limits

BROKEN = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError,
    LookupError, ValueError, xml.parsers.expat.ExpatError,
)  # fmt: skip
"""What the standard library says of a zip or a part that it cannot read to its end."""
TEXTS = ("xml", "rels")
PICTURES = ("png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "emf", "wmf")
ENDINGS = frozenset({*TEXTS, *PICTURES, "odttf", "fntdata"})
"""Parts of a document of text and pictures; programs and other files inside have other ones."""
PART_NAME = re.compile(r"(?!/)(?!.*(?:^|/)\.\.(?:/|$))[\w\-. \[\]()/%+~]{1,200}")
MAIN_PART, TYPES_PART = "word/document.xml", "[Content_Types].xml"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
FETCHING = re.compile(r"(?<![A-Z])(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK)(?![A-Z])")
"""Fields that start or fetch something when the document is opened or printed."""
INSIDE = ("oleObject", "package", "control", "vbaProject", "aFChunk", "subDocument", "frame")
"""Relations to programs and whole files."""
LINKS = ("http://", "https://", "mailto:")
BLOCK = 1 << 16


def packed_anew(data: bytes) -> bytes:
    """The document with the parts it had. Raises Refused for one that is broken or too large, holds
    macros or other files, or refers to what lies outside of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _packed(package)
    except BROKEN:
        raise Refused("intake.evidence_broken") from None


def _packed(package: zipfile.ZipFile) -> bytes:
    entries = [entry for entry in package.infolist() if not entry.is_dir()]
    _refuse_parts(entries)
    out, left = io.BytesIO(), _Left()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as anew:
        for entry in entries:
            _copy(package, entry, anew, left)
    return out.getvalue()


def _refuse_parts(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > limits.DOCUMENT_PARTS:
        raise Refused("intake.evidence_too_heavy")
    if any("vbaproject" in name.lower() for name in names):
        raise Refused("intake.document_does", what="vbaProject")
    if MAIN_PART not in names or TYPES_PART not in names:
        raise Refused("intake.evidence_kind", kind="ZIP")
    if len({name.lower() for name in names}) != len(names):
        raise Refused("intake.evidence_broken")
    for name in names:
        if not PART_NAME.fullmatch(name) or _ending(name) not in ENDINGS:
            raise Refused("intake.document_does", what=name[-40:])


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()


class _Left:
    """How much of a document may still be unpacked, and read."""

    def __init__(self) -> None:
        self.unpacked = limits.DOCUMENT_UNPACKED_BYTES
        self.read = limits.DOCUMENT_TEXT_BYTES

    def take(self, size: int, *, is_text: bool) -> None:
        """Raises Refused when nothing is left."""
        self.unpacked -= size
        self.read -= size if is_text else 0
        if self.unpacked < 0 or self.read < 0:
            raise Refused("intake.evidence_too_heavy")


def _copy(
    package: zipfile.ZipFile, entry: zipfile.ZipInfo, anew: zipfile.ZipFile, left: _Left
) -> None:
    """Copy a part, looked through while it passes."""
    part = _Part(entry.filename) if _ending(entry.filename) in TEXTS else None
    written = zipfile.ZipInfo(entry.filename, entry.date_time)
    written.compress_type = zipfile.ZIP_DEFLATED
    with package.open(entry) as source, anew.open(written, "w") as target:
        while block := source.read(BLOCK):
            left.take(len(block), is_text=part is not None)
            target.write(block)
            if part:
                part.read(block)
    if part:
        part.end()


class _Part:
    """A part of XML while it passes: what it declares, what it refers to, what its fields do."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.has_main_type = False
        self._field: list[str] = []
        self._depth = 0
        self._is_field = False
        self._parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._close
        self._parser.CharacterDataHandler = self._text

    def read(self, block: bytes) -> None:
        self._parser.Parse(block, False)

    def end(self) -> None:
        """Raises Refused for fields that fetch, and for a document of another type."""
        self._parser.Parse(b"", True)
        if found := FETCHING.search("".join(self._field).upper()):
            raise Refused("intake.document_does", what=found[1])
        if self.name == TYPES_PART and not self.has_main_type:
            raise Refused("intake.evidence_kind", kind="ZIP")

    def _doctype(self, *said: object) -> None:
        raise Refused("intake.document_does", what="DOCTYPE")

    def _start(self, name: str, said: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > limits.DOCUMENT_DEPTH:
            raise Refused("intake.evidence_too_heavy")
        tag = name.rpartition(" ")[2]
        self._is_field = tag == "instrText"
        if tag == "fldSimple":
            self._field += [value for key, value in said.items() if key.endswith("instr")]
        elif tag == "Relationship":
            _refuse_relation(said)
        elif tag in ("Default", "Override") and self.name == TYPES_PART:
            self._declare(said)

    def _close(self, name: str) -> None:
        self._is_field = False
        self._depth -= 1

    def _text(self, text: str) -> None:
        if self._is_field:
            self._field.append(text)

    def _declare(self, said: Mapping[str, str]) -> None:
        """A type is that of the ending: XML under another would pass here without being read."""
        kind, part = said.get("ContentType", ""), said.get("PartName", "")
        ending = said.get("Extension", "").lower() or _ending(part)
        if "macro" in kind.lower():
            raise Refused("intake.document_does", what="macro")
        if kind.lower().endswith("xml") and ending not in TEXTS:
            raise Refused("intake.document_does", what=part or ending)
        if part == f"/{MAIN_PART}":
            self.has_main_type = kind == MAIN_TYPE


def _refuse_relation(said: Mapping[str, str]) -> None:
    kind, target = said.get("Type", "").rpartition("/")[2], said.get("Target", "")
    if kind in INSIDE:
        raise Refused("intake.document_does", what=kind)
    is_link = kind == "hyperlink" and target.lower().startswith(LINKS)
    if said.get("TargetMode", "").lower() == "external" and not is_link:
        raise Refused("intake.document_does", what=target[:60] or kind)


__all__ = ["packed_anew"]
