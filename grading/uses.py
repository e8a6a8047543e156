"""What used a record: runs and ratings, and what upper rooms made of it. Source: R29; design idea 10.

An upper room registers a finder at start-up; a lower room never asks upward.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from records.models import Record
from roster.scope import Actor

from .enums import PartState
from .explanation import sees_grade_of
from .facts import View, weigh
from .models import Rating
from .versions import versions_of


@dataclass(frozen=True)
class Use:
    """One thing in which a record was used. before, after: what it said with the record, and what
    it says now; the same text when nothing changed, after "" when nothing has taken its place."""

    what: Any
    label: str
    at: dt.datetime
    before: str
    after: str


Finder = Callable[[Record, Actor], Iterable[Use]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Let a room say what it made of a record; called when the portal starts."""
    _finders.append(finder)


def uses_of(record: Record, *, user: Actor) -> list[Use]:
    """Everything in which any version of a record was used, newest first, as far as every room
    lets the user see it."""
    found = [use for finder in (ratings_with, *_finders) for use in finder(record, user)]
    return sorted(found, key=lambda use: use.at, reverse=True)


def ratings_with(record: Record, user: Actor) -> Iterable[Use]:
    """The published ratings that counted a version of the record, and the grade that stands there
    now. To who sees the grades of the enterprise. Source: R29."""
    if not sees_grade_of(user, record.enterprise_id):
        return
    line = {version.record.pk for version in versions_of(record)}
    ratings = (
        Rating.objects.filter(enterprise=record.enterprise_id)
        .filter(part__state=PartState.PUBLISHED)
        .select_related("part__run", "part__region", "verdict__run__scheme", "correction")
        .order_by("pk")
    )
    for rating in ratings:
        if line & _counted(rating):
            now = _standing(rating)
            yield Use(
                what=_("评价结果"),
                label=f"{rating.part.run} · {rating.part.region}",
                at=_at(rating),
                before=rating.grade,
                after=now.grade,
            )


def _counted(rating: Rating) -> set[int]:
    """The records that a rating counted, as it knew them."""
    known_at = rating.correction.known_at if rating.correction else None
    view = View.of_run(rating.verdict.run, known_at=known_at)
    return {item.record for item in weigh(rating.enterprise_id, view=view) if not item.failed}


def _standing(rating: Rating) -> Rating:
    """The rating that stands in its place today."""
    return Rating.objects.standing().get(part=rating.part_id, enterprise=rating.enterprise_id)


def _at(rating: Rating) -> dt.datetime:
    published = rating.part.published_at
    assert published is not None  # noqa: S101 -- only published parts are asked for
    return rating.correction.known_at if rating.correction else published


__all__ = ["Use", "ratings_with", "register", "uses_of"]
