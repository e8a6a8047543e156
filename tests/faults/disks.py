"""Small disks that can be filled."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@contextlib.contextmanager
def disk_at(folder: Path, *, kib: int) -> Iterator[None]:
    """A disk of its own under a folder, of that size, gone afterwards."""
    size = f"size={kib}k,mode=777"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Nothing more fits on the disk under the folder, for a while."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as stream:
        while True:
            stream.write(b"\0" * 4096)
    try:
        yield
    finally:
        ballast.unlink()


@cache
def _may_mount() -> bool:
    if os.geteuid() != 0:
        return False
    with (
        TemporaryDirectory() as folder,
        contextlib.suppress(subprocess.CalledProcessError, OSError),
        disk_at(Path(folder), kib=4),
    ):
        return True
    return False


needs_a_disk = pytest.mark.skipif(not _may_mount(), reason="may not mount a small disk")
