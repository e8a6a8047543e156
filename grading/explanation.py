"""Why an enterprise has its grade: what counted, what did not and why not, what came since.

Source: R38, 五(一); design §4. Reads only; what counts says `facts`, what follows the rules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce

from audit.refusal import NotPermitted
from records.models import Mark, Record
from roster.enums import LEFT_STATUSES, REVOKED_STATUSES, Permission, Status
from roster.models import Enterprise, Registration, RosterEntry
from roster.scope import Actor, may, reach

from .enums import PartState, Weight
from .facts import View, Weighed, facts_of, weigh
from .models import Correction, Rating, RosterRun, Run, SchemeGrade
from .outlook import Outlook, outlook
from .queries import decided_by
from .regrading import current_rating
from .rules.verdict import Facts
from .rules.window import window_start
from .services import published_scheme


@dataclass(frozen=True)
class MarkShown:
    """A mark on a record: whether the rating knew it, and whether it still stands."""

    mark: Mark
    in_rating: bool
    stands: bool


@dataclass(frozen=True)
class Item:
    """One record, as what it counts, and the codes of WHY_NOT when it did not.

    successor: the version in force now when this one has been put right since. may_open, may_follow:
    whether the record, and its successor, are the reader's to see. counts_next: whether the next
    run would count it.
    """

    record: Record
    weight: str
    why_not: tuple[str, ...]
    marks: tuple[MarkShown, ...]
    may_open: bool
    may_follow: bool = False
    successor: Record | None = None
    counts_next: bool = False

    @property
    def weight_label(self) -> str:
        return str(Weight(self.weight).label) if self.weight else ""

    @property
    def taken_down(self) -> bool:
        """Retracted since, and nothing in its place."""
        return self.record.retracted_at is not None and self.successor is None

    @property
    def is_disputed(self) -> bool:
        return any(shown.mark.kind == "disputed" and shown.stands for shown in self.marks)


@dataclass(frozen=True)
class Step:
    """One regrading on top of the part: the grade before and after, and what caused it."""

    correction: Correction
    before: str
    after: str


@dataclass(frozen=True)
class Explanation:
    """Everything the page says. Without a rating `missing` names the reason instead.

    registered: the enterprise as registration has it, for a reader who only sees the rating of a
    past part as registration had it then. outlook: None for such a reader.
    """

    enterprise: Enterprise
    registered: Enterprise | Registration
    grades: dict[str, SchemeGrade]
    outlook: Outlook | None = None
    rating: Rating | None = None
    missing: str = ""
    missing_part: RosterRun | None = None
    entry: RosterEntry | None = None
    view: View | None = None
    facts: Facts | None = None
    items: tuple[Item, ...] = ()
    revocations: tuple[Registration, ...] = ()
    steps: tuple[Step, ...] = ()
    earlier: tuple[Rating, ...] = ()
    current: Rating | None = None
    follows: bool = True
    forecast_items: dict[int, Record] = field(default_factory=dict)

    @property
    def counted(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if not item.why_not)

    @property
    def not_counted(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.why_not)

    @property
    def next_reference(self) -> dt.date | None:
        """The next day a run falls due on."""
        return self.outlook.next_reference if self.outlook else None

    @property
    def part(self) -> RosterRun | None:
        return self.rating.part if self.rating else None

    @property
    def is_past(self) -> bool:
        """The enterprise is another unit's by now; the reader sees what the own part says."""
        return self.outlook is None

    @property
    def run(self) -> Run | None:
        """The run whose standard and date the grade speaks by."""
        return self.rating.verdict.run if self.rating else None

    @property
    def is_kept(self) -> bool:
        """Kept from a part before, not given by the part it stands in."""
        return bool(self.rating and self.rating.correction and self.rating.correction.kept_from)

    @property
    def is_current(self) -> bool:
        return bool(self.rating and self.current and self.rating.pk == self.current.pk)

    @property
    def since(self) -> dt.datetime | None:
        """When this grade was given: the correction's instant, else the publication."""
        if self.rating is None:
            return None
        if self.rating.correction is not None:
            kept_from = self.rating.correction.kept_from
            return kept_from.published_at if kept_from else self.rating.correction.known_at
        return self.rating.part.published_at

    @property
    def meaning(self) -> SchemeGrade | None:
        return self.grades.get(self.rating.grade) if self.rating else None

    @property
    def has_moved(self) -> bool:
        """The unit that keeps the enterprise today is not the one that graded it. Design §7."""
        moved = self.part and self.enterprise.keeper_id != self.part.region_id
        return bool(moved and not self.is_past)

    @property
    def is_young(self) -> bool:
        """Established within the window: the grade speaks of less than the whole of it."""
        born = self.registered.established_on
        return bool(self.view and born and self.view.start < born <= self.view.reference)

    @property
    def is_dormant(self) -> bool:
        return self.registered.status == Status.DORMANT

    @property
    def has_left(self) -> bool:
        return self.registered.status in LEFT_STATUSES

    @property
    def is_disputed(self) -> bool:
        """Something that counted is under dispute now; it counts until decided. Design §7."""
        return any(item.is_disputed for item in self.counted)

    @property
    def disagreement(self) -> str:
        """Revoked by a record but not by registration, or the reverse; either suffices. §7."""
        if self.facts is None or not self.facts.revoked:
            return ""
        by_record = any(item.weight == Weight.REVOCATION for item in self.counted)
        if by_record and not self.revocations:
            return "record_only"
        return "registration_only" if self.revocations and not by_record else ""


def explain_rating(
    code: str, *, user: Actor, at: dt.datetime, on: dt.date, part_id: int | None = None
) -> Explanation:
    """The grade in force of an enterprise, or the one a certain part gives it, with its reasons.

    To the unit of a part whose enterprise has moved to another unit the rating of that part, and
    nothing that came after it. Raises NotPermitted when the user may see neither the enterprise's
    grade nor, for a part that is named, that part. Source: R38–R41; design ideas 4 and 6.
    """
    enterprise = Enterprise.objects.select_related("keeper", "region").filter(pk=code).first()
    if enterprise is None or not _reads_grades(user, enterprise):
        raise NotPermitted("roster.not_permitted")
    rating = _rating_of(part_id, code, user=user) if part_id is not None else None
    if not sees_grade_of(user, code):
        if rating is None:
            raise NotPermitted("roster.not_permitted")
        return Explanation(enterprise=enterprise, **_as_it_was(rating, user=user))
    current = current_rating(code)
    rating = rating or current
    ahead = outlook(code, scheme=published_scheme(), on=on, known_at=at)
    common: dict[str, Any] = {
        "enterprise": enterprise,
        "registered": enterprise,
        "outlook": ahead,
        "forecast_items": _records({pk for row in ahead.rows for pk in row.leaving}),
        "entry": RosterEntry.objects.current().filter(enterprise=code).first(),
        "current": current,
        "earlier": _earlier(code, rating),
    }
    if rating is None:
        missing, standing = _why_missing(enterprise)
        return Explanation(
            **common,
            grades=_grades(ahead.scheme.pk),
            missing=missing,
            missing_part=standing,
            items=tuple(_items(_now(ahead, code, at, on), user=user, at=at, view=None)),
        )
    grounds = _grounds(rating)
    weighed = _weighed(rating, grounds["view"], at)
    next_time = _counting_next(code, ahead, at)
    items = _items(weighed, user=user, at=at, view=grounds["view"])
    shown = tuple(replace(item, counts_next=item.record.pk in next_time) for item in items)
    return Explanation(**common, **grounds, items=shown)


def _reads_grades(user: Actor, enterprise: Enterprise) -> bool:
    """Officers by their post, a representative the own enterprise's. Source: R32 (企业自查)."""
    own = may(user, Permission.OWN_ENTERPRISE, enterprise)  # type: ignore[arg-type]
    return own or may(user, Permission.VIEW_RATINGS)


def _as_it_was(rating: Rating, *, user: Actor) -> dict[str, Any]:
    """The rating as its part knew things: neither name, records nor grades that came after."""
    grounds = _grounds(rating)
    view: View = grounds["view"]
    weighed = weigh(rating.enterprise_id, view=view)
    items = _items(weighed, user=user, at=view.known_at, view=view, later=False)
    return {"registered": _registered_at(rating, view), "items": tuple(items), **grounds}


def _registered_at(rating: Rating, view: View) -> Registration:
    versions = Registration.objects.filter(enterprise=rating.enterprise_id, until__isnull=True)
    known = versions.filter(recorded_at__lte=view.known_at)
    return known.order_by("-recorded_at", "-pk")[0]


def _grounds(rating: Rating) -> dict[str, Any]:
    """What a rating rests on, whoever reads it."""
    code = rating.enterprise_id
    view = View.of_run(
        rating.verdict.run,
        known_at=rating.correction.known_at if rating.correction else None,
    )
    facts = Facts.parse(rating.verdict.facts)
    return {
        "grades": _grades(rating.verdict.run.scheme_id),
        "rating": rating,
        "view": view,
        "facts": facts,
        "revocations": tuple(_revocations(code, view)) if facts.revoked else (),
        "steps": tuple(_steps(rating)),
        "follows": facts_of(code, view=view) == rating.verdict.facts,
    }


# --- which rating -----------------------------------------------------------------------------


def _rating_of(part_id: int, code: str, *, user: Actor) -> Rating:
    """What a part says of an enterprise, to who sees the enterprise's grades (a published part
    then), and to the part's own unit. Raises NotPermitted."""
    published = Q(part__state=PartState.PUBLISHED)
    own = Q(part__region__in=reach(user, Permission.VIEW_RATINGS).rosters)
    mine = Q(part__in=RosterRun.objects.visible_to(user))
    allowed = published | mine if sees_grade_of(user, code) else own & mine
    found = (
        Rating.objects.standing()
        .select_related(
            "part__run", "part__region", "verdict__run__scheme", "correction__kept_from"
        )
        .filter(allowed, part=part_id, enterprise=code)
        .first()
    )
    if found is None:
        raise NotPermitted("roster.not_permitted")
    return found


def sees_grade_of(user: Actor, code: str) -> bool:
    """Grades are seen by who keeps the enterprise, supervises it or decided something about it,
    and by the levels above. Source: R39–R41; design idea 6."""
    if Enterprise.objects.visible_to(user).filter(pk=code).exists():
        return True
    return decided_by(user).filter(enterprise=code).exists()


def _earlier(code: str, rating: Rating | None) -> tuple[Rating, ...]:
    """The grades of other published parts, newest first."""
    found = (
        Rating.objects.standing()
        .filter(enterprise=code, part__state=PartState.PUBLISHED)
        .select_related("part__run__scheme", "part__region")
        .order_by("-part__run__reference_date", "-part__run_id")
    )
    return tuple(found.exclude(pk=rating.pk) if rating else found)[:12]


def _grades(scheme: int) -> dict[str, SchemeGrade]:
    return {grade.grade: grade for grade in SchemeGrade.objects.filter(scheme=scheme)}


def _why_missing(enterprise: Enterprise) -> tuple[str, RosterRun | None]:
    """The code of NOT_GRADED, and the current part of the roster when there is one."""
    if enterprise.keeper_id is None:
        return ("left_roster" if enterprise.status in LEFT_STATUSES else "no_roster"), None
    part = (
        RosterRun.objects.current()
        .filter(region=enterprise.keeper_id)
        .select_related("run", "region")
        .first()
    )
    return ("joined_later" if part else "roster_not_graded"), part


# --- what counted -----------------------------------------------------------------------------


def _weighed(rating: Rating, view: View, at: dt.datetime) -> list[Weighed]:
    """What the rating weighed, what was first known later, and what the run had weighed but the
    correction took away."""
    code = rating.enterprise_id
    own = weigh(code, view=view)
    known = {item.record for item in own}
    now = weigh(code, view=replace(view, known_at=at))
    later = [item for item in now if item.record not in known and "known_later" in item.failed]
    return [*own, *later, *_taken_away(rating, view, known)]


def _taken_away(rating: Rating, view: View, known: set[int]) -> list[Weighed]:
    """Records that were taken down, or moved to another enterprise, before the rating was made."""
    if rating.correction is None:
        return []
    before = weigh(rating.enterprise_id, view=View.of_run(rating.verdict.run))
    gone = [item for item in before if item.record not in known]
    successors = _successors(_records(item.record for item in gone).values())
    return [
        Weighed(item.record, item.weight, ("taken_away",))
        for item in gone
        if item.record not in successors
        or successors[item.record].enterprise_id != rating.enterprise_id
    ]


def _counting_next(code: str, ahead: Outlook, at: dt.datetime) -> set[int]:
    """Records the next run would count, as known now; none when no run is planned."""
    if ahead.next_reference is None:
        return set()
    months = ahead.scheme.window_months
    start = window_start(ahead.next_reference, months=months)
    view = View(ahead.scheme.pk, ahead.next_reference, start, at, at)
    return {item.record for item in weigh(code, view=view) if not item.failed}


def _now(ahead: Outlook, code: str, at: dt.datetime, on: dt.date) -> list[Weighed]:
    """What would be weighed today, for an enterprise that has no rating yet."""
    months = ahead.scheme.window_months
    view = View(ahead.scheme.pk, on, window_start(on, months=months), at, at)
    return weigh(code, view=view)


def _items(
    weighed: list[Weighed], *, user: Actor, at: dt.datetime, view: View | None, later: bool = True
) -> Iterable[Item]:
    """`later`: with what was put right and marked since."""
    keys = {item.record for item in weighed}
    records = _records(keys)
    replaced = [record for record in records.values() if later and record.retracted_at]
    successors = _successors(replaced)
    open_keys = set(
        Record.objects.visible_to(user)
        .filter(pk__in=keys | {record.pk for record in successors.values()})
        .values_list("pk", flat=True)
    )
    marks = _marks(keys, known_at=view.known_at if view else at)

    def newest_first(item: Weighed) -> tuple[dt.date, int]:
        return records[item.record].decided_on, item.record

    for item in sorted(weighed, key=newest_first, reverse=True):
        failed = ("not_in_scheme",) if "not_in_scheme" in item.failed else item.failed
        successor = successors.get(item.record)
        yield Item(
            record=records[item.record],
            weight=item.weight,
            why_not=failed,
            marks=tuple(shown for shown in marks.get(item.record, ()) if later or shown.in_rating),
            may_open=item.record in open_keys,
            may_follow=successor is not None and successor.pk in open_keys,
            successor=successor,
        )


def _records(keys: Iterable[int]) -> dict[int, Record]:
    return Record.objects.select_related("kind", "authority").in_bulk(list(keys))


def _successors(replaced: Iterable[Record]) -> dict[int, Record]:
    """For versions put right since, the version in force now; a chain is short."""
    found: dict[int, Record] = {}
    heads = {record.pk: record.pk for record in replaced}
    while heads:
        nexts = {
            int(record.supersedes_id or 0): record
            for record in Record.objects.filter(supersedes__in=heads).select_related(
                "kind", "authority"
            )
        }
        following = {}
        for key, record in nexts.items():
            if record.retracted_at is None:
                found[heads[key]] = record
            else:
                following[record.pk] = heads[key]
        heads = following
    return found


def _marks(keys: Iterable[int], *, known_at: dt.datetime) -> dict[int, list[MarkShown]]:
    """Marks the rating knew and marks that stand now, by record."""
    shown: dict[int, list[MarkShown]] = {}
    for mark in Mark.objects.filter(record__in=keys).order_by("recorded_at"):
        in_rating = mark.recorded_at <= known_at and not (
            mark.retracted_at and mark.retracted_at <= known_at
        )
        stands = mark.retracted_at is None
        if in_rating or stands:
            shown.setdefault(mark.record_id, []).append(MarkShown(mark, in_rating, stands))
    return shown


def _revocations(code: str, view: View) -> Iterable[Registration]:
    """Versions of the registration that said revoked, as the rating knew them."""
    begun = Registration.objects.annotate(begun_on=Coalesce("status_on", "since"))
    return begun.filter(
        Q(begun_on__isnull=True) | Q(begun_on__lte=view.reference),
        Q(until__isnull=True) | Q(until__gt=view.reference),
        Q(retracted_at__isnull=True) | Q(retracted_at__gt=view.known_at),
        enterprise=code,
        status__in=REVOKED_STATUSES,
        recorded_at__lte=view.known_at,
    ).order_by("-recorded_at")[:1]


# --- what came since --------------------------------------------------------------------------


def _steps(rating: Rating) -> Iterable[Step]:
    """The regradings on top of the rating's part, oldest first."""
    versions = list(
        Rating.objects.filter(part=rating.part_id, enterprise=rating.enterprise_id)
        .select_related("correction")
        .order_by("pk")
    )
    for before, after in pairwise(versions):
        if after.correction is not None:
            yield Step(after.correction, before.grade, after.grade)


__all__ = ["Explanation", "Item", "Step", "explain_rating", "sees_grade_of"]
