"""The grade in force of an enterprise, and grading it again on top of a part.

Source: R29, R33, R35–R36; design idea 4.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from audit.acts import note, stamp
from audit.kept import add_rows
from intake.rows import update_rows
from records.enums import NOT_COUNTED, MarkKind
from records.models import Mark, Record
from roster.enums import REVOKED_STATUSES
from roster.models import Region, Registration
from roster.rules.placing import PROVINCE
from roster.scope import Actor

from .engine import verdict_of
from .facts import View, facts_of_each
from .models import Correction, Overtaken, Rating, RosterRun, Run, Verdict

# --- the grade in force -----------------------------------------------------------------------


def current_parts() -> list[int]:
    """Keys of the current parts: resolved once per request or act, so that nothing mixes runs."""
    return list(RosterRun.objects.current().values_list("pk", flat=True))


def current_rating(code: str) -> Rating | None:
    """The grade in force of one enterprise, as `RatingQuerySet.in_force` says which that is."""
    return (
        Rating.objects.in_force(current_parts())
        .filter(enterprise=code)
        .select_related(
            "part__run", "part__region", "verdict__run__scheme", "correction__kept_from"
        )
        .first()
    )


def lock_rosters(regions: Iterable[str]) -> None:
    """Let one act at a time change which grades of these rosters are in force.

    Taken before the act's stamp: a correction confirmed while a part is being published is either
    seen by the publication or made on top of it, never lost between the two. Design idea 4.
    """
    wanted = Region.objects.filter(pk__in=set(regions)).order_by("pk")
    list(wanted.select_for_update(no_key=True))


def lock_publications() -> None:
    """Let one roster at a time change which of its parts is current: what two of them say of an
    enterprise that went from one to the other depends on both."""
    lock_rosters({PROVINCE})


PUT_RIGHT_SINCE = "评价后更正"

# --- regrading --------------------------------------------------------------------------------


SLICE = 1_000
"""Enterprises graded again at once: one statement for the facts, one each way for the ratings."""


def regrade(
    *, by: Actor, codes: Sequence[str], part: RosterRun, cause: str, now: dt.datetime
) -> list[str]:
    """Grade enterprises again on top of a part, by the statement and rules of the run.

    A grade kept from another roster is graded again by the run it came from. Returns those whose
    facts, and with them perhaps the grade, are others than before.
    """
    moved: list[tuple[Rating, Verdict]] = []
    for start in range(0, len(codes), SLICE):
        changed = _changed(part, codes[start : start + SLICE], now)
        _replace(changed, by=by, part=part, cause=cause, now=now)
        moved += changed
    for old, verdict in moved if len(moved) <= NAMED else ():
        note(
            target=("roster.enterprise", old.enterprise_id),
            regraded={
                "before": old.grade, "after": verdict.grade, "facts": verdict.facts,
                "part": part.pk,
            },
        )  # fmt: skip
    if len(moved) > NAMED:
        note(target=part, regraded_count=len(moved))
    _recount(part, moved)
    return [old.enterprise_id for old, _verdict in moved]


NAMED = 100
"""Of more enterprises graded again in one call the event keeps the number."""


def _changed(
    part: RosterRun, codes: Sequence[str], now: dt.datetime
) -> list[tuple[Rating, Verdict]]:
    """The ratings of a part that what was put right has overtaken, each with its new verdict."""
    standing = Rating.objects.standing().filter(part=part, enterprise__one_of=codes)
    ratings = standing.select_related("verdict__run__scheme").order_by("enterprise")
    return [
        (old, verdict) for old, verdict in _put_right(list(ratings), now) if verdict != old.verdict
    ]


def _put_right(ratings: Sequence[Rating], now: dt.datetime) -> Iterator[tuple[Rating, Verdict]]:
    """What the run of each rating says on what was put right since; its own verdict when that is
    the same."""
    by_run: dict[Run, list[Rating]] = defaultdict(list)
    for rating in ratings:
        by_run[rating.verdict.run].append(rating)
    for run, found in by_run.items():
        codes = [rating.enterprise_id for rating in found]
        keys = facts_of_each(codes, view=View.of_run(run, known_at=now))
        verdicts = {rating.verdict.facts: rating.verdict for rating in found}
        for rating in found:
            key = keys[rating.enterprise_id]
            if key not in verdicts:
                verdicts[key] = _verdict(run, key)
            yield rating, verdicts[key]


def _replace(
    changed: Sequence[tuple[Rating, Verdict]], *, by: Actor, part: RosterRun, cause: str,
    now: dt.datetime,
) -> None:  # fmt: skip
    if not changed:
        return
    corrections = [
        Correction(
            part=part, enterprise_id=old.enterprise_id, cause=cause, made_by=by.username,
            known_at=now,
        )
        for old, _verdict in changed
    ]  # fmt: skip
    add_rows(corrections)
    replaced = Rating.objects.filter(pk__one_of=[old.pk for old, _verdict in changed])
    replaced.update(replaced_by=0)  # frees the places of the standing ones
    new = Rating.objects.bulk_create(
        Rating(
            part=part,
            enterprise_id=old.enterprise_id,
            verdict=verdict,
            grade=verdict.grade,
            correction=correction,
        )
        for (old, verdict), correction in zip(changed, corrections, strict=True)
    )
    pairs = zip(changed, new, strict=True)
    update_rows(
        Rating,
        "id",
        ("replaced_by_id",),
        ((old.pk, rating.pk) for (old, _verdict), rating in pairs),
    )


def _verdict(run: Run, key: str) -> Verdict:
    """The run's verdict over these facts, added when the run had not met them."""
    found = Verdict.objects.filter(run=run, facts=key).first()
    if found is None:
        Verdict.objects.bulk_create([verdict_of(run, key)], ignore_conflicts=True)
        found = Verdict.objects.get(run=run, facts=key)
    return found


def _recount(part: RosterRun, moved: Sequence[tuple[Rating, Verdict]]) -> None:
    """The figures of a part follow its corrections; its digest and its slices say what the run
    found. The row is locked last: two acts on one part go side by side up to here."""
    own = [(old.verdict, new) for old, new in moved if new.run_id == part.run_id]
    if not own:
        return
    row = RosterRun.objects.select_for_update(no_key=True).get(pk=part.pk)
    row.counts = _moved(row.counts, [(old.facts, new.facts) for old, new in own])
    row.grades = _moved(row.grades, [(old.grade, new.grade) for old, new in own])
    row.save(update_fields=["counts", "grades"])


def _moved(counts: dict[str, int], moves: Iterable[tuple[str, str]]) -> dict[str, int]:
    changed = Counter(counts)
    for gone, come in moves:
        changed[gone] -= 1
        changed[come] += 1
    return {key: number for key, number in sorted(changed.items()) if number}


def regrade_current(*, by: Actor, code: str, cause: str) -> tuple[str, str] | None:
    """Regrade an enterprise in every current part it stands in; the grade in force before and
    after, None if ungraded.

    Also where a newer rating has overtaken it: that one may be given up. Design idea 4.
    """
    before = current_rating(code)
    if before is None:
        return None
    regrade_in_force(by=by, codes=[code], cause=cause)
    after = current_rating(code)
    return before.grade, after.grade if after else before.grade


def regrade_in_force(*, by: Actor, codes: Sequence[str], cause: str) -> None:
    """Regrade enterprises in every current part they stand in, each part with its own only: the
    enterprises of a file stand in many."""
    now, parts = stamp(), current_parts()
    standing: dict[int, list[str]] = defaultdict(list)
    for start in range(0, len(codes), SLICE):
        some = Rating.objects.standing().filter(
            part__in=parts, enterprise__one_of=codes[start : start + SLICE]
        )
        for part, code in some.order_by("enterprise").values_list("part", "enterprise"):
            standing[part].append(code)
    found = RosterRun.objects.filter(pk__in=standing).select_related("run").order_by("pk")
    for row in found:
        regrade(by=by, codes=standing[row.pk], part=row, cause=cause, now=now)


def standing_in(codes: Collection[str]) -> list[RosterRun]:
    """The current parts in which enterprises stand: one each, two after a move."""
    ratings = Rating.objects.standing().filter(part__in=current_parts(), enterprise__one_of=codes)
    parts = RosterRun.objects.filter(pk__in=ratings.values("part"))
    return list(parts.select_related("run").order_by("pk"))


def touched_since(part: RosterRun) -> list[str]:
    """Enterprises of a part about which something it counted was put right after its instant."""
    instant = part.run.known_at
    changed = Q(retracted_at__gt=instant)
    known = Q(first_known_at__lte=instant)
    marked = Q(recorded_at__gt=instant, kind__in=[*NOT_COUNTED, MarkKind.DISPUTED])
    confirmed = Q(recorded_at__gt=instant, kind=MarkKind.SERIOUS) & known
    # Two statements: each has a small index of its own, both conditions in one have none.
    put_right = [
        Record.objects.filter(changed & known),
        Record.objects.filter(known, supersedes__isnull=False, recorded_at__gt=instant),
    ]
    codes = {code for rows in put_right for code in rows.values_list("enterprise_id", flat=True)}
    codes |= set(
        Mark.objects.filter(changed | marked | confirmed).values_list(
            "record__enterprise_id", flat=True
        )
    )
    codes |= set(
        Registration.objects.filter(changed, status__in=REVOKED_STATUSES).values_list(
            "enterprise_id", flat=True
        )
    )
    rated: list[str] = []
    ordered = sorted(codes)
    for start in range(0, len(ordered), 500):
        rated += (
            Rating.objects.standing()
            .filter(part=part, enterprise__in=ordered[start : start + 500])
            .values_list("enterprise_id", flat=True)
        )
    return sorted(rated)


def regrade_touched(*, by: Actor, part: RosterRun) -> list[str]:
    """At publication: regrade whatever was put right since the run looked. Design idea 4."""
    codes = touched_since(part)
    return regrade(by=by, codes=codes, part=part, cause=PUT_RIGHT_SINCE, now=stamp())


# --- grades that stay in force ----------------------------------------------------------------


def keep_grades(*, by: Actor, lost: RosterRun, after: RosterRun) -> int:
    """Keep in force, in `after`, grades that would go with a part which is no longer current.

    Whoever stands in `lost` but not in `after`, the part that takes its place, and is on another
    roster by now, keeps the newest published grade until that roster grades it; how many do.
    Whoever is on no roster has no grade in force from here on. Source: R33; design §7.
    """
    now = stamp()
    # Put right too: in a part that was not current any more nobody did so.
    kept = list(_put_right(list(_newest_elsewhere(lost, after)), now))
    corrections = [
        Correction(
            part=after,
            enterprise_id=rating.enterprise_id,
            kept_from_id=rating.part_id,
            cause="转入其他名录，沿用原等级",
            made_by=by.username,
            known_at=now,
        )
        for rating, _verdict in kept
    ]
    add_rows(corrections)
    Rating.objects.bulk_create(
        Rating(
            part=after,
            enterprise_id=rating.enterprise_id,
            verdict=verdict,
            grade=verdict.grade,
            correction=correction,
        )
        for (rating, verdict), correction in zip(kept, corrections, strict=True)
    )
    return len(kept)


def _newest_elsewhere(lost: RosterRun, after: RosterRun) -> Iterator[Rating]:
    """The newest published rating of each, in code order, where it stands in no current part."""
    graded = Rating.objects.filter(part=after, enterprise=OuterRef("enterprise"))
    leavers = Rating.objects.standing().filter(
        ~Exists(graded), part=lost, enterprise__keeper__isnull=False
    )
    codes = list(leavers.order_by("enterprise").values_list("enterprise", flat=True))
    current = set(current_parts())
    for start in range(0, len(codes), 500):
        published = (
            Rating.objects.standing()
            .published()
            .filter(enterprise__in=codes[start : start + 500])
            .select_related("verdict__run__scheme")
        )
        for newest, *_older in _newest_first(published):
            if newest.part_id not in current:
                yield newest


def _newest_first(ratings: QuerySet[Rating]) -> Iterator[list[Rating]]:
    """The ratings of each enterprise, in code order, by the run that speaks in them."""
    ordered = ratings.order_by(
        "enterprise", "-verdict__run__reference_date", "-verdict__run", "-pk"
    )
    for _code, found in groupby(ordered, key=attrgetter("enterprise_id")):
        yield list(found)


def settle(*, now: RosterRun | None, lost: RosterRun | None) -> None:
    """After `now` took the place of `lost`: of the ratings that stand in several current parts
    all but the newest are overtaken.

    Under the lock of `lock_publications`, so that two publications see each other. Source: R33;
    design §7.
    """
    current = current_parts()
    others = Rating.objects.standing().filter(part__in=current).exclude(part=now)
    codes = set(_among(others, now)) | set(_among(Overtaken.objects.all(), lost))
    Overtaken.objects.filter(enterprise__one_of=codes).delete()
    Overtaken.objects.bulk_create(
        Overtaken(part_id=part, enterprise_id=code) for part, code in overtaken_among(codes)
    )


def overtaken_among(codes: Collection[str]) -> Iterator[tuple[int, str]]:
    """Part and enterprise of every rating that stands in a current part beside a newer one."""
    standing = Rating.objects.standing().filter(part__in=current_parts(), enterprise__one_of=codes)
    for _newest, *older in _newest_first(standing):
        yield from ((rating.part_id, rating.enterprise_id) for rating in older)


def kept_in_force(part: RosterRun) -> int:
    """How many enterprises of other rosters keep the grade of a part that was superseded."""
    rated = Rating.objects.filter(part=part, enterprise=OuterRef("enterprise"))
    kept = Rating.objects.in_force(current_parts()).filter(verdict__run=part.run_id)
    return kept.exclude(part__run=part.run_id).filter(Exists(rated)).count()


def _among(rows: QuerySet[Any], part: RosterRun | None) -> Iterable[str]:
    """Enterprises of some rows that a part has rated too."""
    if part is None:
        return ()
    rated = Rating.objects.standing().filter(part=part).values("enterprise")
    return rows.filter(enterprise__in=rated).values_list("enterprise", flat=True)
