"""Telling people something, and their reading it. Source: R29; design idea 5 (written in the act)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models, transaction

from audit.acts import act, note, stamp
from audit.kept import add_row
from audit.plain import plain
from audit.refusal import NotPermitted
from roster.models import Agency, Enterprise, User
from roster.scope import Actor

from . import outbox
from .kinds import kind_of
from .models import Notice, Reading


@dataclass(frozen=True)
class To:
    """Who is told: the people of an enterprise, those of an agency with a permission, or one; one of
    an agency as long as the person has a post there."""

    enterprise: Enterprise | None = None
    agency: Agency | None = None
    permission: str = ""
    user: User | None = None


@act("notices.told")
def tell(
    *, by: Actor, to: To, kind: str, about: models.Model, values: dict[str, Any], key: str
) -> Notice:
    """Put a notice into an inbox, in the act that it tells of. The same key again is the notice
    that is there: nobody is told twice. Raises KeyError for an unknown kind."""
    kind_of(kind)
    found = Notice.objects.filter(key=key).first()
    if found is not None:
        return found
    notice = Notice(
        kind=kind,
        enterprise=to.enterprise,
        agency=to.agency,
        permission=to.permission,
        user=to.user,
        about_type=about._meta.label_lower,
        about_id=str(about.pk),
        said=json.dumps(plain(values), ensure_ascii=False, sort_keys=True),
        key=key,
        told_at=stamp(),
    )
    try:
        with transaction.atomic():
            add_row(notice)
    except IntegrityError:
        # Told by somebody else while this one waited for the key.
        if (told := Notice.objects.filter(key=key).first()) is not None:
            return told
        raise
    outbox.write(notice)
    note(target=("notices.notice", notice.pk), kind=kind)
    return notice


def read(*, by: User, notice_id: int) -> Notice:
    """Somebody has opened a notice. The first time is an act, later ones are none. Raises
    NotPermitted."""
    notice = Notice.objects.visible_to(by).filter(pk=notice_id).first()
    if notice is None:
        raise NotPermitted("roster.not_permitted")
    if not Reading.objects.filter(notice=notice, user=by).exists():
        _read(by=by, notice=notice)
    return notice


@act("notices.read")
def _read(*, by: User, notice: Notice) -> None:
    try:
        with transaction.atomic():
            add_row(Reading(notice=notice, user=by, read_at=stamp()))
    except IntegrityError:
        pass  # opened in two tabs at once
    note(target=("notices.notice", notice.pk))


# --- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A notice in sentences, for one reader."""

    notice: Notice
    title: str
    body: str
    is_read: bool


def shown(notices: Iterable[Notice], *, user: User) -> list[Shown]:
    """Notices in the reader's language; two queries."""
    rows = list(notices)
    read_by = set(
        Reading.objects.filter(notice__in=rows, user=user).values_list("notice", flat=True)
    )
    return [Shown(row, *sentences_of(row), is_read=row.pk in read_by) for row in rows]


def sentences_of(notice: Notice) -> tuple[str, str]:
    """Title and body."""
    return kind_of(notice.kind).sentences(notice.values)


def link_of(notice: Notice) -> str:
    """Where a notice leads: for an enterprise to its own pages, for officers to the desk."""
    return kind_of(notice.kind).link(notice.about_id, notice.enterprise_id is not None)


__all__ = ["Shown", "To", "link_of", "read", "sentences_of", "shown", "tell"]
