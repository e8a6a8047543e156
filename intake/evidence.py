"""Evidence: files that people send as proof, looked through, stored and given out again.

What a file is follows from its bytes. Pictures are drawn anew and documents packed anew, so that
nothing hidden comes along; what does something when it is opened is refused with a remedy. Files
lie under generated names outside everything that is served, and go out only as attachments, held
against their digest. Source: R29, R64; domain facts 7.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import puremagic
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from audit.acts import act, note, stamp
from audit.kept import add_row
from audit.refusal import Refused

from . import limits
from .documents import packed_anew
from .enums import Scan
from .file_names import shown_name
from .layouts import Actor
from .models import StoredFile
from .pdfs import checked
from .pictures import drawn_anew
from .scanner import scanned
from .store import full_disk_refuses

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""A .doc, or a .docx that asks for a password."""


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken in: how it begins, and what is kept of it."""

    media_type: str
    extension: str
    begins: bytes
    keep: Callable[[bytes], bytes]


KINDS = (
    Kind("application/pdf", "pdf", b"%PDF-", checked),
    Kind("image/jpeg", "jpg", b"\xff\xd8\xff", partial(drawn_anew, form="JPEG")),
    Kind("image/png", "png", b"\x89PNG\r\n\x1a\n", partial(drawn_anew, form="PNG")),
    Kind(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
        b"PK\x03\x04",
        packed_anew,
    ),
)
ACCEPTED = ".pdf,.jpg,.jpeg,.png,.docx"
"""For the file field of a form; what a file is its bytes say."""


@dataclass(frozen=True)
class Evidence:
    """A file that was looked through: what will be kept of it. `given_sha256`: of what was sent."""

    name: str
    media_type: str
    content: bytes
    given_sha256: str
    scan: Scan
    scan_detail: str


def take_in(*, by: Actor, file: IO[bytes] | Any, name: str) -> StoredFile:
    """Look a file through and keep it. Raises Refused.

    A form with several files calls `examine` for each before its act begins: drawing and scanning
    take seconds, in which a transaction would hold others up.
    """
    return keep(by=by, evidence=examine(file, name=name))


def examine(file: IO[bytes] | Any, *, name: str) -> Evidence:
    """A sent file looked through; nothing is stored. Raises Refused with what to do instead."""
    if fault := getattr(file, "fault", ""):
        raise Refused("intake.evidence_too_large" if "large" in fault else fault, **_most())
    data = file.read(limits.EVIDENCE_BYTES + 1)
    if not data:
        raise Refused("intake.evidence_empty")
    if len(data) > limits.EVIDENCE_BYTES:
        raise Refused("intake.evidence_too_large", **_most())
    kind = _kind_of(data)
    found = scanned(data)
    return Evidence(
        name=shown_name(name, kind.extension),
        media_type=kind.media_type,
        content=kind.keep(data),
        given_sha256=hashlib.sha256(data).hexdigest(),
        scan=found.scan,
        scan_detail=found.detail,
    )


def _most() -> dict[str, int]:
    return {"limit_mb": limits.EVIDENCE_BYTES // limits.MB}


def _kind_of(data: bytes) -> Kind:
    for kind in KINDS:
        if data.startswith(kind.begins):
            return kind
    if data.startswith(OLD_OFFICE):
        raise Refused("intake.document_old")
    raise Refused("intake.evidence_kind", kind=_looks_like(data))


def _looks_like(data: bytes) -> str:
    """What a file that is not taken in seems to be, for the sentence that says so."""
    try:
        return puremagic.magic_string(data)[0].extension.lstrip(".").upper() or _("不认识的格式")
    except (puremagic.PureError, IndexError):
        return _("不认识的格式")


@act("intake.evidence_kept")
def keep(*, by: Actor, evidence: Evidence) -> StoredFile:
    """Store what was looked through, under a generated name.

    Its bytes are there before the row is; without the row they are swept away. Raises Refused when
    the disk is full.
    """
    stored = uuid.uuid4().hex
    _write(folder() / ARRIVING / stored, evidence.content)
    row = StoredFile(
        name=evidence.name,
        media_type=evidence.media_type,
        size_bytes=len(evidence.content),
        sha256=hashlib.sha256(evidence.content).hexdigest(),
        given_sha256=evidence.given_sha256,
        stored=stored,
        uploader=by.username,
        scan=evidence.scan,
        scan_detail=evidence.scan_detail,
        recorded_at=stamp(),
    )
    add_row(row)
    note(target=row)
    transaction.on_commit(partial(_settle, stored))
    return row


# --- on disk --------------------------------------------------------------------------------------

ARRIVING = "arriving"
"""Where the bytes lie until the row is there for good, so that a sweep has few to look at."""


def folder() -> Path:
    place = Path(settings.STORE_DIR) / "evidence"
    (place / ARRIVING).mkdir(parents=True, exist_ok=True, mode=0o700)
    place.chmod(0o700)
    return place


def _write(path: Path, content: bytes) -> None:
    with full_disk_refuses():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _settle(stored: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        (folder() / ARRIVING / stored).rename(folder() / stored)


def content_of(stored: StoredFile) -> bytes:
    """The bytes of a file. Raises Refused when they are gone or are not those of the row."""
    for place in (folder() / stored.stored, folder() / ARRIVING / stored.stored):
        with contextlib.suppress(FileNotFoundError):
            content = place.read_bytes()
            if hashlib.sha256(content).hexdigest() != stored.sha256:
                raise Refused("intake.evidence_damaged", name=stored.name)
            return content
    raise Refused("intake.evidence_missing", name=stored.name)


def answer(stored: StoredFile) -> HttpResponse:
    """A file on its way to somebody whom the caller has let in; no browser shows it on our pages.

    Raises Refused when it is gone or was changed.
    """
    response = HttpResponse(content_of(stored), content_type=stored.media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, stored.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def sweep() -> int:
    """Remove what arrived and came to nothing, an hour after it was written; settle what a killed
    process left behind. How many were removed."""
    before = time.time() - limits.EVIDENCE_ORPHAN_SECONDS
    names = [path.name for path in (folder() / ARRIVING).iterdir() if _is_older(path, before)]
    known = set(StoredFile.objects.filter(stored__in=names).values_list("stored", flat=True))
    for name in names:
        if name in known:
            _settle(name)
        else:
            (folder() / ARRIVING / name).unlink(missing_ok=True)
    return len(set(names) - known)


def erase_unnamed(*, by: Actor) -> int:
    """Remove the bytes of files that nothing names any more: taken out of a draft, or of a draft that
    was dropped. Their rows stay and say that they had come. How many were removed; made once a day.
    """
    left = [row for row in StoredFile.objects.unnamed() if (folder() / row.stored).exists()]
    if left:
        _erase(by=by, rows=left)
    return len(left)


@act("intake.evidence_erased")
def _erase(*, by: Actor, rows: Sequence[StoredFile]) -> None:
    for row in rows:
        note(target=row)
    names = [row.stored for row in rows]
    transaction.on_commit(lambda: _unlink(names))


def _unlink(names: Iterable[str]) -> None:
    for name in names:
        (folder() / name).unlink(missing_ok=True)


def _is_older(path: Path, before: float) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_mtime < before
    return False


__all__ = [
    "ACCEPTED",
    "Evidence",
    "answer",
    "content_of",
    "erase_unnamed",
    "examine",
    "keep",
    "sweep",
    "take_in",
]
