"""Evidence as people send it, and as nobody should: PDFs, pictures and Word documents."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image, PngImagePlugin

MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(*objects: bytes, trailer: bytes = b"", end: bytes = b"%%EOF\n") -> bytes:
    """A PDF of one page; further objects are numbered from 4."""
    found = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        *objects,
    ]
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(found, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(found) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    said = b"<< /Size %d /Root 1 0 R %s >>" % (len(found) + 1, trailer)
    return out + b"trailer\n%s\nstartxref\n%d\n%s" % (said, start, end)


def stream(content: bytes, said: bytes = b"") -> bytes:
    """A Flate stream of a PDF."""
    packed = zlib.compress(content)
    head = b"<< /Filter /FlateDecode /Length %d %s >>" % (len(packed), said)
    return head + b"\nstream\n" + packed + b"\nendstream"


def picture(form: str = "PNG", *, size: tuple[int, int] = (64, 48), **saved: Any) -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(out, format=form, **saved)
    return out.getvalue()


def png_with_text(key: str, value: str) -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_text(key, value, zip=True)
    return picture("PNG", pnginfo=said)


def png_of(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG of grey pixels whose head says how large it is, whatever follows."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checked = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checked

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = zlib.compress(pixels, 9)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def docx(
    *,
    body: str = "<w:p><w:r><w:t>整改已完成</w:t></w:r></w:p>",
    main: str = MAIN,
    relations: str = "",
    parts: dict[str, str | bytes] | None = None,
    declared: str = "",
    prolog: str = "",
) -> bytes:
    """A Word document of one paragraph."""
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    found: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{types}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/>{declared}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{rels}"><Relationship Id="r1" '
        f'Type="{RELATIONS}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'{prolog}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{rels}">{relations}</Relationships>',
        **(parts or {}),
    }
    return zipped(found)


def relation(kind: str, target: str, *, outside: bool = False) -> str:
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="r9" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/>'


def field(code: str) -> str:
    """A field whose code is spread over two runs, as Word does it."""
    half = len(code) // 2
    return "".join(
        f"<w:p><w:r><w:instrText>{part}</w:instrText></w:r></w:p>"
        for part in (code[:half], code[half:])
    )


def zipped(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()
