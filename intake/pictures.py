"""Pictures sent as evidence are drawn anew: what is kept shows the same and holds nothing else."""

from __future__ import annotations

import io
import struct
import threading
import zlib

from PIL import Image, ImageOps

from audit.refusal import Refused

from . import limits

BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    struct.error,
    zlib.error,
)
"""What Pillow says of a picture that it cannot read to its end."""
TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_drawing = threading.Lock()
"""One at a time in a process: a picture needs some 0.5 GB while it is drawn."""


def drawn_anew(data: bytes, form: str) -> bytes:
    """A JPEG or PNG from its pixels alone, upright; without place, camera, profile, text and
    whatever follows it. Raises Refused; the size is looked at before anything is unpacked.
    """
    with _drawing:
        try:
            with Image.open(io.BytesIO(data), formats=(form,)) as picture:
                _refuse_too_large(*picture.size)
                return _drawn(picture, form)
        except TOO_LARGE:
            raise _too_large() from None
        except BROKEN:
            raise Refused("intake.evidence_broken") from None


def _refuse_too_large(width: int, height: int) -> None:
    if width * height > limits.EVIDENCE_PIXELS or max(width, height) > limits.EVIDENCE_SIDE:
        raise _too_large()


def _too_large() -> Refused:
    return Refused(
        "intake.picture_too_large",
        limit=limits.EVIDENCE_PIXELS // 10_000,
        side=limits.EVIDENCE_SIDE,
    )


def _drawn(picture: Image.Image, form: str) -> bytes:
    upright = ImageOps.exif_transpose(picture)
    plain = upright.convert(_mode(upright, form))
    plain.info = {}
    out = io.BytesIO()
    plain.save(out, format=form, **({"quality": 90} if form == "JPEG" else {}))
    return out.getvalue()


def _mode(picture: Image.Image, form: str) -> str:
    if picture.mode in ("1", "L"):
        return "L"
    return "RGBA" if form == "PNG" and picture.has_transparency_data else "RGB"


__all__ = ["drawn_anew"]
