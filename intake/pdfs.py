"""PDFs sent as evidence: shown and printed, and nothing in them that does anything.

No reader of PDFs is at work here: the names by which a PDF says what it does are looked for in its
bytes and in everything that it holds packed, and what hides them is refused. A PDF that was printed
anew has none of it, which is the remedy of every refusal.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from audit.refusal import Refused

from . import limits

_END = rb"(?=[\s\0/<>\[\](){}%]|\Z)"
DOES = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE|GoToR"
    rb"|Rendition)" + _END
)
"""Scripts, programs, files inside, players, forms that send themselves, links into other files."""
LOCKED = re.compile(rb"/Encrypt" + _END)
PACKS_OBJECTS = re.compile(rb"/(?:XRef|ObjStm)" + _END)
OTHER_PACKING = re.compile(
    rb"/(LZWDecode|LZW|ASCII85Decode|A85|ASCIIHexDecode|AHx|RunLengthDecode|RL|Crypt)" + _END
)
"""Ways of packing that are not unpacked here. Of what packs objects only plain Flate is read."""
HIDDEN_OBJECTS = re.compile(rb"/First" + _END)
REARRANGED = re.compile(rb"/(?:Predictor|DecodeParms|DP)" + _END)
OF_OTHERS = re.compile(
    rb"\A(?!.*/(?:FlateDecode|Fl)(?![A-Za-z])).*/(?:DCT|JPX|CCITT|CCF|JBIG2|LZW|A85|AHx|RL|ASCII|RunLength)",
    re.DOTALL,
)
"""Streams packed in another way, whose bytes may begin like Flate by chance."""
STREAM = re.compile(rb"(?<!end)stream(?:[ \t]*\r?\n|\r)")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
ESCAPED_NAME = re.compile(rb"/[^\s\0/<>\[\](){}%#]{0,40}#[0-9A-Fa-f]{2}[^\s\0/<>\[\](){}%]{0,80}")
END_WITHIN, LONGEST_SAID = 1_024, 4_096
LONGEST_NAME = 128
PACKED_BLOCK, BLOCK = 1 << 16, 1 << 20


def checked(data: bytes) -> bytes:
    """The PDF as it is. Raises Refused for one that is broken, locked, does something, or cannot
    be looked through."""
    if b"%%EOF" not in data[-END_WITHIN:] or zipfile.is_zipfile(io.BytesIO(data)):
        raise Refused("intake.evidence_broken")
    escaped = _Escaped()
    plain = data + escaped.names_in(data)
    if LOCKED.search(plain):
        raise Refused("intake.pdf_locked")
    _refuse_doing(plain)
    if PACKS_OBJECTS.search(plain) and OTHER_PACKING.search(plain):
        raise Refused("intake.pdf_unreadable")
    for block in _unpacked(data):
        _refuse_doing(block)
        _refuse_doing(escaped.names_in(block))
    return data


def _refuse_doing(plain: bytes) -> None:
    if found := DOES.search(plain):
        raise Refused("intake.pdf_does", what=found[1].decode())


class _Escaped:
    """Names may be written in hexadecimal: /J#61vaScript. Nobody writes thousands so."""

    def __init__(self) -> None:
        self.left = limits.PDF_ESCAPED_NAMES

    def names_in(self, data: bytes) -> bytes:
        """Those names of a block, in plain. Raises Refused where there are too many in all."""
        found = []
        for name in ESCAPED_NAME.finditer(data):
            self.left -= 1
            if self.left < 0:
                raise Refused("intake.pdf_unreadable")
            found.append(_unescaped(name[0]))
        return b" ".join([b"", *found, b""])


def _unescaped(data: bytes) -> bytes:
    return ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data)


def _unpacked(data: bytes) -> Iterator[bytes]:
    """What every stream holds, block by block, each with the end of the one before it."""
    left = limits.PDF_UNPACKED_BYTES
    for number, start in enumerate(STREAM.finditer(data)):
        if number >= limits.PDF_STREAMS:
            raise Refused("intake.evidence_too_heavy")
        end, said = b"", _said(data, start.start())
        if HIDDEN_OBJECTS.search(said) and REARRANGED.search(said):
            raise Refused("intake.pdf_unreadable")
        for block in _inflated(data, start.end(), is_flate=not OF_OTHERS.search(said)):
            left -= len(block)
            if left < 0:
                raise Refused("intake.evidence_too_heavy")
            yield end + block
            end = block[-LONGEST_NAME:]


def _said(data: bytes, place: int) -> bytes:
    """What an object says of the stream that begins at a place."""
    first = max(place - LONGEST_SAID, 0)
    return _unescaped(data[max(data.rfind(b"obj", first, place), first) : place])


def _inflated(data: bytes, start: int, *, is_flate: bool) -> Iterator[bytes]:
    """A Flate stream up to its own end, whatever the file says its length is; of another nothing.

    Readers do not mind a wrong sum at its end, so it is not looked at here either; what breaks off
    in the middle could show a reader more than is seen here, and refuses the file.
    """
    head = int.from_bytes(data[start : start + 2])
    if head >> 8 & 15 != zlib.DEFLATED or head % 31:
        return
    unpacking = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        for place in range(start + 2, len(data), PACKED_BLOCK):
            packed = data[place : place + PACKED_BLOCK]
            while packed and not unpacking.eof:
                yield unpacking.decompress(packed, BLOCK)
                packed = unpacking.unconsumed_tail
            if unpacking.eof:
                return
    except zlib.error:
        if is_flate:
            raise Refused("intake.evidence_broken") from None


__all__ = ["checked"]
