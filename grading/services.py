"""Acts on runs and their parts: open, stop, review, publish, withdraw. Source: R31–R40."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from audit.acts import act, note, stamp
from audit.clock import cut
from audit.refusal import NotPermitted, Refused
from intake.announce import send
from intake.sweeping import tend_each
from roster.enums import Permission, Status
from roster.models import Enterprise, Region, RosterEntry
from roster.scope import Actor, Operator, require
from roster.stale import news_of, stale

from . import engine
from .edition import EDITION
from .enums import OPEN_STATES, PartState, RunKind, RunState
from .models import Rating, RosterRun, Run, RunSchedule, Scheme
from .reference import load_reference
from .regrading import (
    keep_grades,
    kept_in_force,
    lock_publications,
    lock_rosters,
    regrade_touched,
    settle,
)
from .rules.window import FIRST_REFERENCE_DATE, is_leap_day
from .system import SYSTEM
from .tasks import work_on_run

logger = logging.getLogger(__name__)

TEND_EVERY = dt.timedelta(seconds=10)

# --- opening ----------------------------------------------------------------------------------


@act("grading.run_opened")
def open_run(
    *,
    by: Actor,
    kind: str,
    reference_date: dt.date,
    on: dt.date,
    regions: Iterable[str] | None = None,
    scheme: Scheme | None = None,
) -> Run:
    """Open a run over rosters, fix what it may know, and leave the computing to the workers.

    `regions` None: every roster the actor may start for. Raises NotPermitted for a roster that
    is not the actor's, Refused for a future or leap-day reference date and for a roster that
    still has an unfinished part. Source: R31, R33, R38; design idea 4.
    """
    _refuse_date(kind, reference_date, on)
    if scheme is not None and scheme.is_draft:
        raise Refused("grading.scheme_is_draft", scheme=str(scheme))
    instant = cut()
    chosen = _rosters(by, regions, reference_date)
    _refuse_open_parts(chosen)
    run = Run.objects.create(
        scheme=scheme or published_scheme(),
        kind=kind,
        reference_date=reference_date,
        known_at=instant,
        edition=EDITION,
        started_by=by.username,
        started_at=instant,
    )
    parts = RosterRun.objects.bulk_create(RosterRun(run=run, region=region) for region in chosen)
    note(target=run, kind=kind, reference_date=str(reference_date), rosters=len(chosen))
    for part in parts:
        note(target=part)
    transaction.on_commit(lambda: announce(run.pk), robust=True)
    return run


def published_scheme() -> Scheme:
    """The published scheme with the highest version. Raises Refused when there is none."""
    scheme = Scheme.objects.newest_published()
    if scheme is None:
        raise Refused("grading.no_scheme")
    return scheme


def rosters_to_grade(by: Actor, *, on: dt.date | None = None) -> list[Region]:
    """Regions with enterprises on their roster, today or on a reference date, for which the actor
    may start a run: a part of nobody would only keep the roster busy."""
    entries = RosterEntry.objects.filter(retracted_at__isnull=True, region=OuterRef("pk"))
    there = entries.current() if on is None else entries.effective_on(on)
    return [region for region in Region.objects.filter(Exists(there)) if may_start(by, region)]


def may_start(by: Actor, region: Region) -> bool:
    """Whether the actor may start a run over a roster: its own lead agency or one above. R38."""
    if isinstance(by, Operator):
        return True
    return any(
        post.is_lead and post.grants(Permission.START_RUN) and region.pk in post.subtree
        for post in by.posts()
    )


def _rosters(by: Actor, regions: Iterable[str] | None, on: dt.date) -> list[Region]:
    if not isinstance(by, Operator):
        require(by, Permission.START_RUN)
    allowed = {region.pk: region for region in rosters_to_grade(by, on=on)}
    if regions is None:
        chosen = list(allowed.values())
    else:
        wanted = list(dict.fromkeys(regions))
        unknown = [code for code in wanted if code not in allowed]
        if unknown:
            raise Refused("grading.roster_not_yours_or_empty", regions="、".join(unknown))
        chosen = [allowed[code] for code in wanted]
    if not chosen:
        raise Refused("grading.no_roster")
    return chosen


def _refuse_date(kind: str, reference_date: dt.date, on: dt.date) -> None:
    if reference_date > on:
        raise Refused("grading.future_reference_date", date=reference_date.isoformat())
    if reference_date < FIRST_REFERENCE_DATE:
        raise Refused("grading.early_reference_date", date=FIRST_REFERENCE_DATE.isoformat())
    if kind != RunKind.AD_HOC and is_leap_day(reference_date):
        raise Refused("grading.leap_day", date=reference_date.isoformat())


def _refuse_open_parts(regions: list[Region]) -> None:
    open_parts = RosterRun.objects.filter(region__in=regions, state__in=OPEN_STATES)
    clash = list(open_parts.select_related("region", "run")[:5])
    if clash:
        raise Refused(
            "grading.part_open",
            regions="、".join(str(part.region) for part in clash),
            run=str(clash[0].run),
            number=clash[0].run_id,
        )


# --- driving ----------------------------------------------------------------------------------


def announce(run_id: int) -> None:
    """Tell the workers to look; a broker that is down fails nothing, the sweep says it again."""
    send(work_on_run, run_id)


def work(run_id: int) -> Run:
    """Compute what there is to take of a run in this process."""
    engine.work(run_id)
    return Run.objects.get(pk=run_id)


def work_to_end(run_id: int, *, wait: Callable[[], None]) -> Run:
    """Compute a run until it is done or stopped; `wait` is called while others hold slices.

    A slice whose worker was killed is taken over when its lease ends. Source: design idea 5.
    """
    while (run := work(run_id)).state in (RunState.OPENED, RunState.RUNNING):
        wait()
    return run


@act("grading.run_stopped")
def stop_run(*, by: Actor, run_id: int) -> None:
    """Let no worker take another slice; what is graded stays."""
    run = run_to_steer(by=by, run_id=run_id)
    if Run.objects.filter(pk=run.pk, state=RunState.RUNNING).update(state=RunState.STOPPED) != 1:
        raise Refused(
            "grading.not_running", state=run.get_state_display(), what=news_of(run, by=by)
        )
    note(target=run)


@act("grading.run_resumed")
def resume_run(*, by: Actor, run_id: int) -> None:
    """Go on where a stopped run stood. Raises Refused for a run of another edition."""
    run = run_to_steer(by=by, run_id=run_id)
    refuse_other_edition(run)
    if Run.objects.filter(pk=run.pk, state=RunState.STOPPED).update(state=RunState.RUNNING) != 1:
        raise Refused(
            "grading.not_stopped", state=run.get_state_display(), what=news_of(run, by=by)
        )
    note(target=run)
    transaction.on_commit(lambda: announce(run.pk), robust=True)


def refuse_other_edition(run: Run) -> None:
    """Raise Refused for a run that this program may not compute."""
    if not Run.objects.computed_here().filter(pk=run.pk).exists():
        code = "grading.newer_edition" if run.edition > EDITION else "grading.older_edition"
        raise Refused(code, run=str(run), number=run.pk)


def run_to_steer(*, by: Actor, run_id: int) -> Run:
    """The run, if the actor may start one over all of its rosters. Raises NotPermitted."""
    run = Run.objects.filter(pk=run_id).first()
    if run is None or not may_steer(by, run):
        raise NotPermitted("roster.not_permitted", run=run_id)
    return run


def may_steer(by: Actor, run: Run) -> bool:
    """Whether the actor may stop and resume a run: whoever may start one over all its rosters."""
    return all(may_start(by, part.region) for part in run.parts.select_related("region"))


def grades_of(run: Run) -> dict[str, int]:
    """Enterprises per grade of a run, as its parts were computed."""
    total: Counter[str] = Counter()
    for grades in run.parts.exclude(state=PartState.WITHDRAWN).values_list("grades", flat=True):
        total.update(grades)
    return dict(sorted(total.items()))


def sweep_runs() -> int:
    """Announce every run with work left for this program, finish what only lacks the sum; how
    many."""
    for run in Run.objects.left_by_older():
        logger.warning(
            "Run %s was begun by an older program; give its parts up, begin anew", run.pk
        )
    unfinished = Run.objects.computed_here().filter(state__in=(RunState.OPENED, RunState.RUNNING))
    return tend_each(unfinished.values_list("pk", flat=True), _finish_or_announce)


def _finish_or_announce(run_id: int) -> None:
    engine.finish(run_id)
    announce(run_id)


def tend_run(run: Run, *, now: dt.datetime) -> bool:
    """What a page that waits for a run does for it: sum up what is done, announce the rest.

    At most once in TEND_EVERY, however many pages wait. True when it was this caller's turn.
    """
    if run.state not in (RunState.OPENED, RunState.RUNNING) or _tended(run.announced_at, now):
        return False
    turn = Q(announced_at__isnull=True) | Q(announced_at__lte=now - TEND_EVERY)
    if Run.objects.computed_here().filter(turn, pk=run.pk).update(announced_at=now) != 1:
        return False
    _finish_or_announce(run.pk)
    return True


def _tended(at: dt.datetime | None, now: dt.datetime) -> bool:
    return at is not None and at > now - TEND_EVERY


def open_due_runs(*, on: dt.date) -> list[Run]:
    """Open the yearly and quarterly runs that are due and do not exist. R31, R33.

    Due is a reference date once its days of waiting have passed. A missed day is caught up: the
    newest reference date before today counts. Rosters that still have an unfinished part are left
    for a later day. One refused run keeps no other from being opened; then raises Refused for the
    first, unless somebody else has opened it meanwhile.
    """
    opened, refusals = [], []
    for schedule in RunSchedule.objects.all():
        due = schedule.cycle.newest_before(on - dt.timedelta(days=schedule.wait_days))
        missing = _without_part(schedule.kind, due) if due is not None else []
        if due is None or not missing:
            continue
        try:
            opened.append(
                open_run(by=SYSTEM, kind=schedule.kind, reference_date=due, on=on, regions=missing)
            )
        except Refused as refusal:
            if _without_part(schedule.kind, due):
                refusals.append(refusal)
    if refusals:
        raise refusals[0]
    return opened


def _without_part(kind: str, reference_date: dt.date) -> list[str]:
    done = RosterRun.objects.filter(run__kind=kind, run__reference_date=reference_date).exclude(
        state=PartState.WITHDRAWN
    )
    busy = RosterRun.objects.filter(state__in=OPEN_STATES)
    kept = {region.pk for region in rosters_to_grade(SYSTEM, on=reference_date)}
    for parts in (done, busy):
        kept -= set(parts.values_list("region_id", flat=True))
    return sorted(kept)


# --- review and publication -------------------------------------------------------------------


@act("grading.part_reviewed")
def review_part(*, by: Actor, part_id: int, digest: str, seen: str | None = None) -> RosterRun:
    """Say that the verdicts of a part, as its digest names them, were looked at and hold.

    `seen`, here and below: the basis the page showed; None where nobody looked at a page.

    Raises NotPermitted, Refused (not computed yet, changed since it was opened, an enterprise was
    taken back since). Source: R38.
    """
    part = _locked_part(by, part_id, Permission.REVIEW_PART, seen)
    if part.state != PartState.COMPUTED:
        raise Refused("grading.not_to_review", state=part.get_state_display())
    if part.digest != digest:
        raise Refused("grading.part_changed")
    _refuse_taken_back(part)
    part.state = PartState.REVIEWED
    part.reviewed_by, part.reviewed_at = by.username, stamp()
    part.save(update_fields=["state", "reviewed_by", "reviewed_at"])
    note(target=part, region=part.region_id, digest=digest)
    return part


@act("grading.part_published")
def publish_part(*, by: Actor, part_id: int, digest: str, seen: str | None = None) -> RosterRun:
    """Make a reviewed part the roster's current one; a second person than the reviewer.

    Enterprises whose records were corrected after the run's instant are regraded in the same
    transaction, those that left for another roster keep their grade. Raises NotPermitted,
    Refused. Source: R32–R33, R38–R39; design idea 4.
    """
    lock_publications()
    part = _locked_part(by, part_id, Permission.PUBLISH_PART, seen)
    if part.run.kind == RunKind.AD_HOC:
        raise Refused("grading.ad_hoc_is_not_published")
    if part.state != PartState.REVIEWED:
        raise Refused("grading.not_to_publish", state=part.get_state_display())
    if part.digest != digest:
        raise Refused("grading.part_changed")
    if part.reviewed_by == by.username:
        raise Refused("grading.second_person", name=part.reviewed_by)
    if part.withdrawn_by:
        raise Refused("grading.withdrawal_waiting", who=part.withdrawn_by)
    _refuse_taken_back(part)
    before = _current_part(part)
    part.state = PartState.PUBLISHED
    part.published_by, part.published_at = by.username, stamp()
    part.save(update_fields=["state", "published_by", "published_at"])
    regraded = regrade_touched(by=by, part=part)
    is_newest = _current_part(part) == part
    kept = keep_grades(by=by, lost=before, after=part) if before and is_newest else 0
    if is_newest:
        settle(now=part, lost=before)
    note(
        target=part, region=part.region_id, digest=digest, reviewed_by=part.reviewed_by,
        regraded=len(regraded), kept=kept,
    )  # fmt: skip
    return part


def _refuse_taken_back(part: RosterRun) -> None:
    """Nobody is graded who came in with a file that was taken back since. Source: R12, R39."""
    gone = Enterprise.objects.filter(status=Status.TAKEN_BACK).values("pk")
    rated = Rating.objects.standing().filter(part=part, enterprise__in=gone)
    example = rated.select_related("enterprise").order_by("enterprise").first()
    if example is not None:
        raise Refused(
            "grading.taken_back_since", count=rated.count(), example=str(example.enterprise)
        )


def _current_part(part: RosterRun) -> RosterRun | None:
    """The part that is in force for the roster of a part."""
    current = RosterRun.objects.current().filter(region=part.region_id)
    return current.select_related("run__scheme").first()


@act("grading.part_withdrawal_asked")
def ask_withdrawal(*, by: Actor, part_id: int, reason: str, seen: str | None = None) -> RosterRun:
    """Propose to give up a part, with a reason; a second person decides. Design idea 4."""
    part = _locked_part(by, part_id, Permission.REVIEW_PART, seen)
    if part.state == PartState.WITHDRAWN:
        raise Refused("grading.already_withdrawn")
    if part.withdrawn_by and part.withdrawn_by != by.username:
        raise Refused("grading.withdrawal_waiting", who=part.withdrawn_by)
    if not reason.strip():
        raise Refused("grading.reason_missing")
    part.withdrawn_by, part.withdraw_reason = by.username, reason.strip()
    part.save(update_fields=["withdrawn_by", "withdraw_reason"])
    note(target=part, region=part.region_id, reason=reason)
    return part


@act("grading.part_withdrawn")
def withdraw_part(*, by: Actor, part_id: int, seen: str | None = None) -> RosterRun:
    """Give up a part on the proposal of another person; the one before it is current again.

    What was put right while the given-up part was in force is put right on that one too, and who
    came from another roster in between gets back the grade it came with. Raises NotPermitted,
    Refused; a superseded part whose grades enterprises on other rosters still keep is not given up.
    """
    lock_publications()
    part = _locked_part(by, part_id, Permission.PUBLISH_PART, seen)
    if part.state == PartState.WITHDRAWN:
        raise Refused("grading.already_withdrawn")
    if not part.withdrawn_by:
        raise Refused("grading.withdrawal_not_asked")
    if part.withdrawn_by == by.username:
        raise Refused("grading.second_person", name=part.withdrawn_by)
    was_current = _current_part(part) == part
    if kept := kept_in_force(part):
        raise Refused("grading.grades_still_kept", count=kept)
    part.state = PartState.WITHDRAWN
    part.withdrawn_confirmed_by = by.username
    part.save(update_fields=["state", "withdrawn_confirmed_by"])
    before = _current_part(part) if was_current else None
    regraded = regrade_touched(by=by, part=before) if before else []
    kept = keep_grades(by=by, lost=part, after=before) if before else 0
    if was_current:
        settle(now=before, lost=part)
    note(
        target=part, region=part.region_id, reason=part.withdraw_reason, regraded=len(regraded),
        kept=kept,
    )  # fmt: skip
    return part


@act("grading.part_withdrawal_dropped")
def drop_withdrawal(*, by: Actor, part_id: int, seen: str | None = None) -> RosterRun:
    """Let a proposal to give up a part fall: by who made it, or by the person who decides it."""
    part = _locked_part(by, part_id, Permission.REVIEW_PART, seen)
    if part.state == PartState.WITHDRAWN:
        raise Refused("grading.already_withdrawn")
    if not part.withdrawn_by:
        raise Refused("grading.withdrawal_not_asked")
    if part.withdrawn_by != by.username:
        require(by, Permission.PUBLISH_PART, part)
    note(target=part, region=part.region_id, asked_by=part.withdrawn_by, why=part.withdraw_reason)
    part.withdrawn_by, part.withdraw_reason = "", ""
    part.save(update_fields=["withdrawn_by", "withdraw_reason"])
    return part


def _locked_part(by: Actor, part_id: int, permission: str, seen: str | None) -> RosterRun:
    """The part and its roster, locked in this order as a correction locks them, if it is the
    actor's and still what the page showed. The operator is not one of the two people."""
    region = RosterRun.objects.filter(pk=part_id).values_list("region", flat=True).first()
    if region is None:
        raise NotPermitted("roster.not_permitted", permission=permission)
    lock_rosters({region})
    part = (
        RosterRun.objects.select_for_update(of=("self",), no_key=True)
        .select_related("run__scheme", "region")
        .get(pk=part_id)
    )
    require(by, permission, part)
    if isinstance(by, Operator):
        raise Refused("grading.person_needed")
    if seen not in (None, part.basis):
        raise stale(part, by=by)
    return part


__all__ = [
    "announce",
    "ask_withdrawal",
    "drop_withdrawal",
    "grades_of",
    "load_reference",
    "may_start",
    "may_steer",
    "open_due_runs",
    "open_run",
    "publish_part",
    "published_scheme",
    "refuse_other_edition",
    "resume_run",
    "review_part",
    "rosters_to_grade",
    "run_to_steer",
    "stop_run",
    "sweep_runs",
    "tend_run",
    "withdraw_part",
    "work",
    "work_to_end",
]
