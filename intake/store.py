"""Stored files: the upload while it is read, and the copy without personal papers that is kept.

The upload lies in a file without a name that is gone with its process. The copy is a gzip CSV
with a generated name: heading line, then per line its number, a flag and the cells that are kept.
Its digest is taken while it is written and held against it every time it is read.
"""

from __future__ import annotations

import csv
import datetime as dt
import errno
import gzip
import hashlib
import io
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from audit.refusal import Refused

from . import limits
from .papers import Withholder
from .reading import Source
from .slices import slices

SURPLUS = "surplus"
"""The flag of a row with filled cells beyond the headings; `intake.child` knows the others."""


@dataclass(frozen=True)
class Upload:
    """The bytes as they came: readable, without a name, with digest and size."""

    stream: IO[bytes]
    sha256: str
    size: int


@dataclass(frozen=True)
class Copy:
    """A copy as written: its generated name, digest, and number of lines below the heading.

    `withheld` counts by column the cells that were identity numbers of persons.
    """

    name: str
    sha256: str
    lines: int
    withheld: dict[str, int] = field(default_factory=dict)


def folder() -> Path:
    place = Path(settings.STORE_DIR) / "intake"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


@contextmanager
def spooled(stream: IO[bytes]) -> Iterator[Upload]:
    """The upload in a file without a name. Raises Refused above the limit or on a full disk."""
    digest, size = hashlib.sha256(), 0
    with full_disk_refuses(), tempfile.TemporaryFile(dir=folder()) as spool:
        while block := stream.read(1 << 20):
            size += len(block)
            if size > limits.FILE_BYTES:
                raise Refused("intake.file_too_large", limit_mb=limits.FILE_BYTES // limits.MB)
            digest.update(block)
            spool.write(block)
        spool.flush()
        spool.seek(0)
        yield Upload(spool, digest.hexdigest(), size)


def write_copy(source: Source, *, most_lines: int, on: dt.date) -> Copy:
    """Write what is kept of a file under a generated name.

    Columns with personal papers, columns without a heading and cells that are a person's
    identity number never reach the disk. Raises Refused with too many lines or a full disk; then nothing is left.
    """
    name = f"{uuid.uuid4().hex}.csv.gz"
    part = folder() / f"{name}.part"
    try:
        with full_disk_refuses():
            withholder = Withholder(on=on)
            sha256, lines = _write(part, source, most_lines, withholder)
            part.rename(folder() / name)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    titles = source.headings.titles
    withheld = {titles[place]: count for place, count in sorted(withholder.counts.items())}
    return Copy(name, sha256, lines, withheld)


def _write(part: Path, source: Source, most_lines: int, withholder: Withholder) -> tuple[str, int]:
    headings = source.headings
    lines = 0
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        hashing = _Hashing(raw)
        with gzip.GzipFile(
            fileobj=hashing, mode="wb", compresslevel=1, filename="", mtime=0
        ) as packed:  # type: ignore[call-overload]
            text = io.TextIOWrapper(packed, encoding="utf-8", newline="", write_through=False)
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(["", "", *headings.titles])
            write, cleaned = writer.writerow, withholder.cleaned
            kept = _picker(headings.kept)
            width = headings.width
            for number, cells, flag in source.rows:
                lines += 1
                if lines > most_lines:
                    raise Refused("intake.too_many_lines", lines=lines, limit=most_lines)
                if len(cells) != width:
                    cells, flag = _fitted(cells, width, flag)
                write((number, flag, *cleaned(kept(cells))))
            text.flush()
            text.detach()
        raw.flush()
        os.fsync(raw.fileno())
    return hashing.digest.hexdigest(), lines


def _picker(places: tuple[int, ...]) -> Any:
    if len(places) == 1:
        only = places[0]
        return lambda cells: (cells[only],)
    return itemgetter(*places)


def _fitted(cells: list[str], width: int, flag: str) -> tuple[list[str], str]:
    """A row as wide as the headings; filled cells beyond them refuse the line."""
    if len(cells) > width:
        beyond = any(cell.strip() for cell in cells[width:])
        return cells[:width], SURPLUS if beyond else flag
    return [*cells, *[""] * (width - len(cells))], flag


class _Hashing:
    """A raw file that digests what passes through it."""

    def __init__(self, raw: IO[bytes]) -> None:
        self.raw = raw
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self.raw.write(data)

    def read(self, size: int = -1) -> bytes:
        data = self.raw.read(size)
        self.digest.update(data)
        return data

    def flush(self) -> None:
        self.raw.flush()


class CopyReader:
    """A copy being read slice by slice; `verify` at the end says whether it is the same bytes."""

    def __init__(self, raw: IO[bytes], sha256: str) -> None:
        self._hashing = _Hashing(raw)
        self._sha256 = sha256
        packed = gzip.GzipFile(fileobj=self._hashing, mode="rb")  # type: ignore[call-overload]
        self._rows = csv.reader(io.TextIOWrapper(packed, encoding="utf-8", newline=""))
        try:
            self.titles = next(self._rows)[2:]
        except (StopIteration, OSError, EOFError, ValueError, csv.Error):
            raise Refused("intake.copy_damaged") from None

    def slices(self) -> Iterator[list[list[str]]]:
        """Rows in slices: [number, flag, cell, …]. Ends only when the digest was right."""
        try:
            yield from slices(self._rows)
        except (OSError, EOFError, ValueError, csv.Error):
            raise Refused("intake.copy_damaged") from None
        self.verify()

    def verify(self) -> None:
        """Raise Refused unless all that was read is what was written."""
        while self._hashing.read(1 << 20):
            pass
        if self._hashing.digest.hexdigest() != self._sha256:
            raise Refused("intake.copy_damaged")


@contextmanager
def open_copy(name: str, sha256: str) -> Iterator[CopyReader]:
    """A stored copy. Raises Refused when it is gone or was changed."""
    try:
        raw = (folder() / _safe(name)).open("rb")
    except OSError:
        raise Refused("intake.copy_missing") from None
    with raw:
        yield CopyReader(raw, sha256)


def remove_copy(name: str) -> None:
    """Remove a stored copy; one that is gone already is no fault."""
    (folder() / _safe(name)).unlink(missing_ok=True)


def old_names(*, older_than_seconds: float) -> list[str]:
    """Names of stored files not touched for so long, unfinished ones included."""
    before = time.time() - older_than_seconds
    found = []
    for path in folder().iterdir():
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < before:
                found.append(path.name)
    return found


def _safe(name: str) -> str:
    if Path(name).name != name or not name:
        raise Refused("intake.copy_missing")
    return name


@contextmanager
def full_disk_refuses() -> Iterator[None]:
    """What is written inside is refused, and said so, when there is no room for it."""
    try:
        yield
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise Refused("intake.store_full") from exc
        raise


__all__ = [
    "SURPLUS",
    "Copy",
    "CopyReader",
    "Upload",
    "folder",
    "full_disk_refuses",
    "old_names",
    "open_copy",
    "remove_copy",
    "spooled",
    "write_copy",
]
