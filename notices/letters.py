"""Letters: issued with a number and a code, drawn as PDF, confirmed to anybody who has both.

Source: R29 (the answer is written, with reasons and remedies), R64.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import qrcode
import typst
from django.conf import settings
from django.db import models
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import override
from qrcode.image.svg import SvgPathImage

from audit.acts import act, note, stamp
from audit.kept import add_row
from audit.refusal import Refused
from intake.sweeping import tend_each
from roster.models import Agency, Enterprise
from roster.scope import Actor, Operator

from . import typeface
from .enums import PREFIXES, LetterKind
from .models import Letter, Rendering
from .numbers import take_number

TEMPLATE = 2
"""The newest of `letter_*.typ`; a letter is always drawn by the one it was issued with."""
TEMPLATES = Path(__file__).parent / "templates_of_letters"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of a code: nothing that looks like something else."""
CODE_LENGTH = 8
PDF = "application/pdf"


@dataclass(frozen=True)
class LetterContent:
    """What a letter says, in the offices' Chinese.

    paragraphs: the text. rows: (label, value) of its table. reasons: the findings and what is
    decided, point by point. remedies: what can be done about it, with the limit.
    """

    to: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()


@act("notices.letter_issued")
def issue(
    *, by: Actor, kind: LetterKind, agency: Agency, enterprise: Enterprise, about: models.Model,
    content: LetterContent, key: str, on: dt.date,
) -> Letter:  # fmt: skip
    """Issue a letter, in the act that it tells of; it is drawn later. The same key again is the
    letter that is there."""
    found = Letter.objects.filter(key=key).first()
    if found is not None:
        return found
    letter = Letter(
        kind=kind,
        number=f"{take_number(PREFIXES[kind], region=agency.region_id, on=on)}号",
        code="".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)),
        agency=agency,
        enterprise=enterprise,
        about_type=about._meta.label_lower,
        about_id=str(about.pk),
        content=_as_issued(kind, agency, content),
        template=TEMPLATE,
        key=key,
        issued_on=on,
        issued_by=by.username,
        issued_at=stamp(),
    )
    add_row(letter)
    note(target=letter, number=letter.number)
    return letter


def _as_issued(kind: LetterKind, agency: Agency, content: LetterContent) -> str:
    """All that is said, with title and signature: in Chinese whoever issues it, and under the name
    the office has now."""
    with override(settings.LANGUAGE_CODE):
        said = asdict(content) | {"title": str(kind.label), "agency": agency.name}
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


# --- drawing ------------------------------------------------------------------------------------


def pdf(letter: Letter) -> bytes:
    """The PDF of a letter: as it was stored, or drawn now, which gives the same. Raises Refused
    when what is stored was changed or is gone."""
    rendering = Rendering.objects.filter(letter=letter).first()
    if rendering is None:
        return draw(letter)
    content = b""
    with contextlib.suppress(FileNotFoundError):
        content = (folder() / rendering.stored).read_bytes()
    if hashlib.sha256(content).hexdigest() != rendering.sha256:
        raise Refused("notices.letter_damaged", number=letter.number)
    return content


def draw(letter: Letter, *, form: Literal["pdf", "png"] = "pdf") -> bytes:
    """A letter drawn from what it says, by the template it was issued with; as PDF for archives, of
    which the same letter gives the same bytes."""
    address = check_address(letter)
    values = _shown(json.loads(letter.content)) | {
        "number": letter.number,
        "code": letter.code,
        "date": f"{letter.issued_on.year}年{letter.issued_on.month}月{letter.issued_on.day}日",
        "address": address,
        "page": settings.PUBLIC_URL + reverse("letter_check"),
        "qr": qrcode.make(address, image_factory=SvgPathImage, border=0).to_string(
            encoding="unicode"
        ),
    }
    return typst.compile(
        TEMPLATES / f"letter_{letter.template}.typ",
        font_paths=[typeface.FOLDER],
        ignore_system_fonts=True,
        sys_inputs={"letter": json.dumps(values, ensure_ascii=False)},
        format=form,
        pdf_standards="a-2u" if form == "pdf" else [],
        timestamp=letter.issued_at.replace(microsecond=0),
    )


def _shown(said: Any) -> Any:
    """What a letter says, in characters that its typeface has."""
    if isinstance(said, str):
        return typeface.printable(said)
    if isinstance(said, list):
        return [_shown(one) for one in said]
    return {name: _shown(one) for name, one in said.items()}


def check_address(letter: Letter) -> str:
    """Where anybody can check the letter; both number and code are in it."""
    page = reverse("letter_check")
    return (
        f"{settings.PUBLIC_URL}{page}?{urlencode({'number': letter.number, 'code': letter.code})}"
    )


def answer(letter: Letter) -> HttpResponse:
    """A letter on its way to somebody whom the caller has let in."""
    response = HttpResponse(pdf(letter), content_type=PDF)
    name = f"{letter.get_kind_display()}{letter.number}.pdf"
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def folder() -> Path:
    place = Path(settings.STORE_DIR) / "letters"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def draw_due(*, by: Operator, most: int = 50) -> int:
    """Draw and keep letters that are issued and not drawn yet, in no order, so that those that cannot
    be drawn hold up no others for long; how many. Called by the sweep."""
    due = Letter.objects.filter(rendering=None).order_by("?")[:most]
    return tend_each(due, lambda one: _keep(by=by, letter=one, content=draw(one)))


@act("notices.letter_drawn")
def _keep(*, by: Operator, letter: Letter, content: bytes) -> None:
    """Two workers may draw the same letter; the first keeps it, and they are the same bytes."""
    Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if Rendering.objects.filter(letter=letter).exists():
        return
    stored = f"{letter.pk}.pdf"
    _write(folder() / stored, content)
    row = Rendering(
        letter=letter,
        stored=stored,
        sha256=hashlib.sha256(content).hexdigest(),
        rendered_at=stamp(),
    )
    add_row(row)
    note(target=letter)


def _write(path: Path, content: bytes) -> None:
    """Under the name of its letter, so that what a killed worker left behind is written over."""
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


# --- checking -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Confirmed:
    """All that a check says of a letter."""

    number: str
    kind: Any
    issued_on: dt.date


def confirm(number: str, code: str) -> Confirmed | None:
    """Whether there is such a letter: for the number with its code, the same answer for every other.
    Brackets and case do not matter. Source: domain facts 7 (nothing else is shown)."""
    wanted = plain_number(number)
    letter = Letter.objects.filter(number=wanted).first()
    given = "".join(code.split()).upper()
    if letter is None or not secrets.compare_digest(letter.code.encode(), given.encode()):
        return None
    return Confirmed(letter.number, letter.get_kind_display(), letter.issued_on)


def plain_number(number: str) -> str:
    """A number as it is kept, however its brackets and blanks were typed, with 号 or without."""
    text = "".join(number.split())
    for opening, closing in (("[", "]"), ("［", "］"), ("(", ")"), ("（", "）"), ("【", "】")):
        text = text.replace(opening, "〔").replace(closing, "〕")
    return text if text.endswith("号") else f"{text}号"


__all__ = [
    "Confirmed",
    "LetterContent",
    "answer",
    "check_address",
    "confirm",
    "draw",
    "draw_due",
    "issue",
    "pdf",
    "plain_number",
]
