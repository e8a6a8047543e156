"""Evidence: what is taken in, what is kept of it, what is refused, and how it goes out."""

import hashlib
import io
import os
import stat
import time
import tracemalloc
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from audit import recount
from audit.models import Event
from audit.refusal import Refused
from intake import evidence, limits
from intake.file_names import shown_name
from intake.models import StoredFile
from tests.factories.audit import CLERK
from tests.factories.evidence import (
    MACRO,
    docx,
    field,
    pdf,
    picture,
    png_of,
    png_with_text,
    relation,
    stream,
    zipped,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store_dir")]
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def take(data: bytes, name: str = "证明.pdf") -> StoredFile:
    return evidence.take_in(by=CLERK, file=io.BytesIO(data), name=name)


def refused(data: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        take(data)
    assert not StoredFile.objects.exists()
    assert not any(path.is_file() for path in evidence.folder().rglob("*"))
    return refusal.value.code


# --- what is taken in --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "media_type", "shown"),
    [
        (pdf(), "application/pdf", "照片.pdf"),
        (picture("JPEG"), "image/jpeg", "照片.jpg"),
        (picture("PNG"), "image/png", "照片.png"),
        (docx(), WORD, "照片.docx"),
    ],
)
def test_the_content_says_what_a_file_is_and_its_name_does_not(data, media_type, shown):
    row = take(data, name="照片.exe")
    assert (row.media_type, row.name) == (media_type, shown)
    assert row.given_sha256 == hashlib.sha256(data).hexdigest()
    kept = evidence.content_of(row)
    assert (row.sha256, row.size_bytes) == (hashlib.sha256(kept).hexdigest(), len(kept))


def test_a_kept_file_is_an_act_with_the_sum_of_its_row():
    row = take(pdf())
    event = Event.objects.get()
    assert (event.act, event.actor, event.target_id) == (
        "intake.evidence_kept",
        "wang",
        str(row.pk),
    )
    assert recount.recount().ok


def test_stored_bytes_are_for_the_portal_alone_under_a_generated_name(store_dir):
    row = take(pdf(), name="../../etc/passwd")
    (path,) = [path for path in store_dir.rglob("*") if path.is_file()]
    assert path.name == row.stored != row.name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(evidence.folder().stat().st_mode) == 0o700


def test_a_picture_keeps_its_pixels_and_nothing_else():
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "某型号手机", 6  # turned by a quarter
    with_place = picture("JPEG", exif=exif, comment=b"secret place", icc_profile=b"p" * 200)
    kept = evidence.content_of(take(with_place + b"<script>alert(1)</script>"))
    for hidden in ("某型号手机".encode(), b"secret", b"pppp", b"Exif", b"script"):
        assert hidden not in kept
    with Image.open(io.BytesIO(kept)) as shown:
        assert shown.size == (48, 64)


def test_text_and_what_follows_a_png_are_gone():
    data = png_with_text("Comment", "<script>") + zipped({"a.html": "<script>"})
    kept = evidence.content_of(take(data))
    assert b"zTXt" not in kept
    assert not zipfile.is_zipfile(io.BytesIO(kept))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "I;16", "CMYK"])
def test_pictures_of_every_sort_are_drawn(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, format=form)
    with Image.open(io.BytesIO(evidence.content_of(take(out.getvalue())))) as shown:
        assert shown.size == (8, 8)


def test_a_document_is_packed_anew_with_the_same_parts():
    given = docx(relations=relation("hyperlink", "https://example.cn/", outside=True))
    kept = evidence.content_of(take(given + b"trailing"))
    with zipfile.ZipFile(io.BytesIO(given)) as before, zipfile.ZipFile(io.BytesIO(kept)) as after:
        assert {name: before.read(name) for name in before.namelist()} == {
            name: after.read(name) for name in after.namelist()
        }
    assert b"trailing" not in kept


def test_a_pdf_with_packed_objects_and_links_is_kept_as_it_is():
    given = pdf(
        stream(b"4 0 << /Type /Annot /A << /S /URI /URI (https://example.cn/) >> >>", b"/Type /ObjStm /N 1 /First 4"),
        stream(b"\0" * 100, b"/Type /XRef /DecodeParms << /Predictor 12 /Columns 4 >>"),
    )  # fmt: skip
    assert evidence.content_of(take(given)) == given


# --- what is refused ---------------------------------------------------------------------------

HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "evidence_empty"),
        (HTML, "evidence_kind"),
        (SVG, "evidence_kind"),
        (b"GIF89a" + b"\0" * 40, "evidence_kind"),
        (b"MZ" + b"\0" * 100, "evidence_kind"),
        (b"plain words", "evidence_kind"),
        (HTML + pdf(), "evidence_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "document_old"),
        (zipped({"a.txt": "a"}), "evidence_kind"),
        (zipped({"xl/workbook.xml": "<a/>", "[Content_Types].xml": "<a/>"}), "evidence_kind"),
        (b"%PDF-1.7\n" + HTML, "evidence_broken"),
        (pdf()[:-40], "evidence_broken"),
        (pdf() + zipped({"a.html": HTML}), "evidence_broken"),
        (pdf(end=b"%%EOF\n" + HTML * 40), "evidence_broken"),
        (picture("JPEG")[:600], "evidence_broken"),
        (b"\xff\xd8\xff" + HTML, "evidence_broken"),
        (picture("PNG")[:120], "evidence_broken"),
        (docx()[:-30], "evidence_broken"),
        (b"PK\x03\x04" + HTML, "evidence_broken"),
    ],
)
def test_other_and_broken_files_are_refused(data, code):
    assert refused(data) == f"intake.{code}"


def test_the_sentence_says_what_a_file_looks_like():
    with pytest.raises(Refused) as refusal:
        take(HTML, name="营业执照.pdf")
    assert refusal.value.values == {"kind": "HTML"}


def test_a_file_above_the_limit_is_refused_without_being_read_on():
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size=-1):
            self.taken += size
            return b"%PDF-" + b"0" * (size - 5)

    file = Endless()
    with pytest.raises(Refused) as refusal:
        evidence.take_in(by=CLERK, file=file, name="a.pdf")
    assert (refusal.value.code, refusal.value.values) == (
        "intake.evidence_too_large",
        {"limit_mb": 10},
    )
    assert file.taken == limits.EVIDENCE_BYTES + 1


def test_what_the_upload_did_not_keep_is_refused_with_its_reason():
    file = SimpleUploadedFile("a.pdf", pdf())
    for fault, code in (
        ("intake.file_too_large", "intake.evidence_too_large"),
        ("intake.store_full", "intake.store_full"),
    ):
        file.fault = fault
        with pytest.raises(Refused) as refusal:
            evidence.examine(file, name="a.pdf")
        assert refusal.value.code == code


@pytest.mark.parametrize("size", [(60_000, 60_000), (30_000, 10), (8_000, 8_000), (2**31 - 1, 1)])
def test_a_bomb_of_pixels_is_refused_before_it_is_unpacked(size):
    """60,000 by 60,000 would be 3.6 GB."""
    data = png_of(*size, pixels=bytes(1_000_000))
    tracemalloc.start()
    code = refused(data)
    assert code == "intake.picture_too_large"
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_bomb_in_the_text_of_a_png_is_refused():
    assert refused(png_with_text("Comment", "0" * 70_000_000)) == "intake.evidence_broken"


def test_more_pixels_than_the_head_says_are_not_drawn():
    kept = evidence.content_of(take(png_of(10, 10, pixels=bytes(50_000_000))))
    with Image.open(io.BytesIO(kept)) as shown:
        assert shown.size == (10, 10)


# --- PDFs ----------------------------------------------------------------------------------------

SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
PACKED = b"/Type /ObjStm /N 1 /First 4"


@pytest.mark.parametrize(
    ("objects", "what"),
    [
        ([SCRIPT], "JavaScript"),
        ([b"<< /S /J#61vaScr#69pt /JS (x) >>"], "JavaScript"),
        ([stream(b"4 0 " + SCRIPT, PACKED)], "JavaScript"),
        ([stream(b"4 0 << /S/J#61vaScript >>", PACKED)], "JavaScript"),
        ([stream(b" " * 5_000_000 + SCRIPT, PACKED)], "JavaScript"),
        ([b"<< /S /Launch /F (cmd.exe) >>"], "Launch"),
        ([b"<< /Type /Filespec /EF << /F 5 0 R >> >>", stream(b"MZ", b"/Type /EmbeddedFile")], "EmbeddedFile"),
        ([b"<< /Names << /EmbeddedFiles 5 0 R >> >>"], "EmbeddedFiles"),
        ([b"<< /AcroForm << /XFA 5 0 R >> >>"], "XFA"),
        ([b"<< /S/SubmitForm/F(http://example.cn) >>"], "SubmitForm"),
        ([b"<< /S /GoToR /F (\\\\\\\\host\\\\share) >>"], "GoToR"),
        ([b"<< /Subtype /RichMedia >>"], "RichMedia"),
    ],
)  # fmt: skip
def test_a_pdf_that_does_something_is_refused_by_what_it_does(objects, what):
    with pytest.raises(Refused) as refusal:
        take(pdf(*objects))
    assert (refusal.value.code, refusal.value.values) == ("intake.pdf_does", {"what": what})


def half_packed(before: bytes, behind: bytes) -> bytes:
    """Flate whose first part lies there as it is; the sum at the end is wrong."""
    open_part = zlib.compressobj(0)
    packed = open_part.compress(before) + open_part.flush(zlib.Z_SYNC_FLUSH)
    return packed + zlib.compress(behind, wbits=-15) + b"\0\0\0\0"


def test_a_stream_is_looked_through_to_its_own_end_and_not_to_a_word_in_it():
    packed = half_packed(b"\nendstream\nendobj\n", b" " * 200_000 + SCRIPT)
    assert b"JavaScript" not in packed
    told = b"<< /Filter /FlateDecode /Length %d %s >>\nstream\n" % (len(packed), PACKED)
    assert refused(pdf(told + packed + b"\nendstream")) == "intake.pdf_does"


def test_a_stream_that_breaks_off_is_refused_unless_it_is_no_flate():
    packed = zlib.compress(b"<< /Type /Page >> " * 200)[:40] + b"\xff" * 400
    told = b"<< /Filter /%s /Length %d >>\nstream\n%s\nendstream"
    assert refused(pdf(told % (b"FlateDecode", len(packed), packed))) == "intake.evidence_broken"
    assert take(pdf(told % (b"DCTDecode", len(packed), packed)))


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (pdf(trailer=b"/Encrypt 4 0 R"), "pdf_locked"),
        (pdf(trailer=b"/Encr#79pt 4 0 R"), "pdf_locked"),
        (pdf(b"<< /Type /ObjStm /Filter /ASCIIHexDecode /Length 4 >>\nstream\n3c3c\nendstream"), "pdf_unreadable"),
        (pdf(stream(b"\2" * 99, PACKED + b" /DecodeParms << /Predictor 12 >>")), "pdf_unreadable"),
        (pdf(stream(bytes(300_000_000))), "evidence_too_heavy"),
        (pdf(b"stream\n" * 30_000), "evidence_too_heavy"),
        (pdf(stream(b"/A#61" * 20_000)), "pdf_unreadable"),
    ],
)  # fmt: skip
def test_a_pdf_that_cannot_be_looked_through_is_refused(file, code):
    assert refused(file) == f"intake.{code}"


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_stream_that_ends_with_a_block_is_looked_through_once(more):
    assert take(pdf(stream(bytes(2 * (1 << 20) + more))))


def test_letters_of_a_name_in_pixels_are_no_reason():
    """What follows must end the name; a word in a text is none."""
    given = pdf(
        stream(b"BT (JavaScript, /JavaScripts) Tj ET"),
        stream(bytes(range(256)) * 2_000, b"/Subtype /Image"),
    )
    assert take(given)


# --- Word documents ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (docx(main=MACRO, parts={"word/vbaProject.bin": b"\0"}), "vbaProject"),
        (docx(main=MACRO), "macro"),
        (docx(parts={"word/embeddings/a.bin": b"\0"}), "word/embeddings/a.bin"),
        (docx(parts={"word/embeddings/a.xlsx": b"PK"}), "word/embeddings/a.xlsx"),
        (docx(parts={"word/activeX/activeX1.bin": b"\0"}), "word/activeX/activeX1.bin"),
        (docx(parts={"../../evil.xml": "<a/>"}), "../../evil.xml"),
        (docx(parts={"/etc/evil.xml": "<a/>"}), "/etc/evil.xml"),
        (docx(relations=relation("attachedTemplate", "http://example.cn/t.dotm", outside=True)), "http://example.cn/t.dotm"),
        (docx(relations=relation("image", "file://host/share/p.png", outside=True)), "file://host/share/p.png"),
        (docx(relations=relation("hyperlink", "file:///c:/a.exe", outside=True)), "file:///c:/a.exe"),
        (docx(relations=relation("aFChunk", "a.html")), "aFChunk"),
        (docx(relations=relation("oleObject", "embeddings/o.png")), "oleObject"),
        (docx(body=field('DDEAUTO c:\\\\cmd "/k calc"')), "DDEAUTO"),
        (docx(body=field(" INCLUDEPICTURE http://example.cn/p ")), "INCLUDEPICTURE"),
        (docx(body='<w:fldSimple w:instr=" DDE cmd "/>'), "DDE"),
        (docx(prolog='<!DOCTYPE a [<!ENTITY b "b">]>'), "DOCTYPE"),
        (docx(parts={"word/other.png": "<a/>"}, declared='<Override PartName="/word/other.png" ContentType="application/xml"/>'), "/word/other.png"),
    ],
)  # fmt: skip
def test_a_document_that_runs_or_fetches_something_is_refused_by_what_it_is(data, what):
    with pytest.raises(Refused) as refusal:
        take(data, name="说明.docx")
    assert (refusal.value.code, refusal.value.values) == ("intake.document_does", {"what": what})


def test_a_bomb_in_a_document_is_refused_while_it_unpacks():
    data = docx(parts={"word/media/image1.png": bytes(200_000_000)})
    assert len(data) < 1_000_000
    assert refused(data) == "intake.evidence_too_heavy"


@pytest.mark.parametrize("body", ["<w:p/>" * 4_000_000, "<a>" * 501 + "</a>" * 501])
def test_endless_and_bottomless_texts_are_refused(body):
    assert refused(docx(body=body)) == "intake.evidence_too_heavy"


def test_too_many_parts_are_refused():
    assert refused(docx(parts={f"word/p{n}.xml": "<a/>" for n in range(1_001)})) == (
        "intake.evidence_too_heavy"
    )


def test_another_type_of_main_part_is_no_document():
    assert refused(docx(main="application/vnd.ms-word.template.main+xml")) == "intake.evidence_kind"


def test_a_part_twice_is_refused():
    out = io.BytesIO(docx())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "a") as package:
        package.writestr("word/document.xml", "<a/>")
    assert refused(out.getvalue()) == "intake.evidence_broken"


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("整改证明.pdf", "整改证明.pdf"),
        ("C:\\资料\\证明.pdf", "证明.pdf"),
        ("../../../etc/passwd", "passwd.pdf"),
        ("证明\u202efdp.exe", "证明fdp.pdf"),
        ("证\u200b明\u2066.pdf", "证明.pdf"),
        ("证明.pdf\0.exe", "证明.pdf.pdf"),
        ("名" * 300 + ".pdf", "名" * 80 + ".pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        (".pdf", "file.pdf"),
        ('a"b;<i>.pdf\r\nSet-Cookie: x', "a_b;_i_.pdf"),
    ],
)
def test_a_name_is_shown_without_what_misleads(given, shown):
    assert shown_name(given, "pdf") == shown


# --- the scanner ---------------------------------------------------------------------------------


def test_without_a_scanner_a_file_counts_as_not_scanned():
    row = take(pdf())
    assert (row.scan, row.scan_detail) == ("not_scanned", "")


def scanner(tmp_path, body: str) -> str:
    path = tmp_path / "scanner"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return str(path)


def test_a_scanner_reads_the_file_as_it_was_sent(tmp_path, settings):
    seen = tmp_path / "seen"
    settings.EVIDENCE_SCANNER = scanner(tmp_path, f"cat > {seen}; echo OK")
    data = picture("JPEG") + b"tail"
    row = take(data)
    assert (row.scan, row.scan_detail) == ("clean", "OK")
    assert seen.read_bytes() == data


def test_an_infected_file_is_not_kept(tmp_path, settings):
    settings.EVIDENCE_SCANNER = scanner(tmp_path, "cat > /dev/null; echo Eicar; exit 1")
    assert refused(pdf()) == "intake.evidence_infected"


@pytest.mark.parametrize("body", ["echo broken; exit 2", "exec sleep 30", ""])
def test_a_scanner_that_does_not_answer_leaves_a_file_not_scanned(
    tmp_path, settings, monkeypatch, body
):
    monkeypatch.setattr(limits, "SCAN_SECONDS", 1)
    settings.EVIDENCE_SCANNER = scanner(tmp_path, body) if body else "/nowhere/scanner"
    row = take(pdf())
    assert row.scan == "not_scanned"
    assert row.scan_detail


# --- out again -----------------------------------------------------------------------------------


def test_a_file_goes_out_as_an_attachment_that_no_browser_shows():
    answer = evidence.answer(take(pdf(), name="整改证明.pdf"))
    assert answer.content == pdf()
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E6%95%B4%E6%94%B9%E8%AF%81%E6%98%8E.pdf"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def stored_at(row: StoredFile):
    (path,) = evidence.folder().rglob(row.stored)
    return path


def test_a_file_that_was_changed_or_is_gone_does_not_go_out():
    row = take(pdf())
    path = stored_at(row)
    path.write_bytes(pdf() + b"!")
    with pytest.raises(Refused, match=r"intake\.evidence_damaged"):
        evidence.answer(row)
    path.unlink()
    with pytest.raises(Refused, match=r"intake\.evidence_missing"):
        evidence.answer(row)


# --- the sweep -----------------------------------------------------------------------------------


def age(path) -> None:
    long_ago = time.time() - limits.EVIDENCE_ORPHAN_SECONDS - 1
    os.utime(path, (long_ago, long_ago))


def test_what_an_act_gave_up_is_swept_away_after_an_hour():
    def give_up() -> None:
        with transaction.atomic():
            take(pdf())
            raise Refused("given up")

    with pytest.raises(Refused, match="given up"):
        give_up()
    (path,) = (path for path in evidence.folder().rglob("*") if path.is_file())
    assert evidence.sweep() == 0
    age(path)
    assert evidence.sweep() == 1
    assert not path.exists()


def test_the_sweep_leaves_what_a_row_names():
    row = take(pdf())
    age(stored_at(row))
    assert evidence.sweep() == 0
    assert stored_at(row).parent == evidence.folder()
    assert evidence.content_of(row) == pdf()


@pytest.mark.django_db(transaction=True)
def test_the_bytes_settle_once_the_row_is_there():
    row = take(pdf())
    assert stored_at(row).parent == evidence.folder()


def test_a_full_disk_is_said_and_leaves_nothing(monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert refused(pdf()) == "intake.store_full"
