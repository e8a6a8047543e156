"""What the admin home shows a person: what waits, for whom, how late; the grades; the current run.

Figures and addresses only; the words stand in templates/admin/index.html.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from audit import anchor
from credit_portal.pulse import WorkerState, worker_state
from grading.disagreement import EITHER, disagreeing
from grading.enums import OPEN_STATES, PartState, ProposalState, RunState
from grading.figures import grades_in_force
from grading.models import Proposal, RosterRun, Run, Scheme
from grading.progress import RunProgress, progress_of
from grading.queries import CURRENT_KINDS
from grading.verifying import RECORDED_EVERY, last_time
from intake.enums import FINISHED, BatchState
from intake.models import Batch
from notices.models import Notice
from objections.models import Case, Verification
from records.models import Record
from roster.enums import BindingState, Permission
from roster.files import waiting_for
from roster.models import Binding, Enterprise
from roster.scope import may, reach, visible
from workdays.models import CalendarDay
from workdays.queries import missing_years

DAY = dt.timedelta(days=1)
UNFINISHED_FILES = [state for state in BatchState if state not in FINISHED]
UNFINISHED_RUNS = (RunState.OPENED, RunState.RUNNING, RunState.STOPPED)


@dataclass(frozen=True)
class Waiting:
    """How many things wait, and the list that holds just them ("" when the person has none)."""

    count: int
    url: str = ""


@dataclass(frozen=True)
class Mine:
    """What waits for this person to decide."""

    files: Waiting
    take_backs: Waiting
    reviews: Waiting
    publications: Waiting
    withdrawals: Waiting
    corrections: Waiting
    consequences: Waiting
    undecided: Waiting
    disagreements: Waiting
    cases: Waiting
    verifications: Waiting
    decisions: Waiting
    bindings: Waiting
    notices: Waiting

    @property
    def total(self) -> int:
        return sum(item.count for item in vars(self).values())


@dataclass(frozen=True)
class Unit:
    """What is under way in the person's unit, whoever has to do it; `overdue` is part of it."""

    files: Waiting
    parts: Waiting
    corrections: Waiting
    overdue: Waiting
    cases: Waiting
    late_cases: Waiting


@dataclass(frozen=True)
class Grades:
    """Enterprises per grade in the current parts a person may see, under one scheme."""

    scheme: Scheme
    rosters: int
    counts: list[tuple[str, str, int]]


@dataclass(frozen=True)
class RunUnderWay:
    """A run in the parts the person sees, and its page: how far it is computed, then how many of
    the parts that stand are reviewed, the published ones among them, and published."""

    progress: RunProgress
    url: str
    parts: int
    reviewed: int
    published: int


@dataclass(frozen=True)
class Doors:
    """Where most work begins; "" for what the person has no part in."""

    upload: str
    start_run: str
    find: str
    load_calendar: str


@dataclass(frozen=True)
class Verified:
    """What is to be said of the last recorded `verify`: what it found, or that it is long ago."""

    at: dt.datetime | None
    first_bad: str


@dataclass(frozen=True)
class Home:
    """All of it. `workers`, `left_runs`, `missing_years`, `unanchored` and
    `verified` become warnings.

    has_cases: whether cases are this person's business; a source department has what it is asked.
    left_runs: what an older program began and this one does not go on with.
    """

    doors: Doors
    workers: WorkerState
    left_runs: list[Run]
    missing_years: list[int]
    unanchored: anchor.Unanchored | None
    verified: Verified | None
    mine: Mine | None
    unit: Unit | None
    has_cases: bool
    grades: list[Grades]
    run: RunUnderWay | None


def home_of(request: HttpRequest, *, at: dt.datetime, on: dt.date) -> Home:
    """What waits for the signed-in person and the unit, in a constant number of queries."""
    user: Any = request.user
    works = may(user, Permission.VIEW_ROSTER)
    return Home(
        doors=_doors(request),
        workers=worker_state(at=at),
        left_runs=list(Run.objects.visible_to(user).left_by_older()),
        missing_years=missing_years(on),
        unanchored=_unanchored(user, at),
        verified=_verified(user, at),
        mine=_mine(request, on) if works else None,
        unit=_unit(request, on) if works else None,
        has_cases=reach(user, Permission.VIEW_CASES).of_rosters,
        grades=_grades(user),
        run=_run(request),
    )


def _unanchored(user: Any, at: dt.datetime) -> anchor.Unanchored | None:
    return anchor.overdue(at=at) if _watches(user) else None


def _watches(user: Any) -> bool:
    """Those who must act: who keeps the system running, and who watches the audit."""
    return may(user, Permission.MANAGE_SYSTEM) or may(user, Permission.VIEW_AUDIT)


def _verified(user: Any, at: dt.datetime) -> Verified | None:
    """Where people rely on it somebody must verify, and record it, every week."""
    if not _watches(user):
        return None
    last = last_time()
    if last and last.first_bad:
        return Verified(last.at, last.first_bad)
    if settings.PRODUCTION and (last is None or at - last.at > RECORDED_EVERY):
        return Verified(last.at if last else None, "")
    return None


def _doors(request: HttpRequest) -> Doors:
    user: Any = request.user
    uploads = may(user, Permission.EDIT_ROSTER) or may(user, Permission.GIVE_RECORDS)
    return Doors(
        upload=_address(request, Batch, "add") if uploads else "",
        start_run=_address(request, Run, "add") if may(user, Permission.START_RUN) else "",
        find=_address(request, Enterprise, "changelist"),
        load_calendar=_address(request, CalendarDay, "load")
        if may(user, Permission.MANAGE_REFERENCE)
        else "",
    )


def _mine(request: HttpRequest, on: dt.date) -> Mine:
    user: Any = request.user
    parts, records = RosterRun.objects, Record.objects
    to_maintain = disagreeing(Enterprise.objects.to_maintain(user), on=on)
    return Mine(
        files=_waiting(
            request,
            visible(Batch.objects.of(user.username), user).filter(state=BatchState.CHECKED),
            state=BatchState.CHECKED,
            uploader=user.username,
        ),
        take_backs=_waiting(
            request, waiting_for(visible(Batch.objects.all(), user), user), mine="second"
        ),
        reviews=_waiting(request, parts.to_review(user), mine="review"),
        publications=_waiting(request, parts.to_publish(user), mine="publish"),
        withdrawals=_waiting(request, parts.to_withdraw(user), mine="withdraw"),
        corrections=_waiting(request, Proposal.objects.to_decide(user), mine="decide"),
        consequences=_waiting(request, records.to_confirm(user), mine="confirm"),
        undecided=_waiting(request, records.to_recognise(user), mine="recognise"),
        disagreements=_waiting(request, to_maintain, disagreement=EITHER, own="yes"),
        cases=_waiting(request, Case.objects.to_handle(user), mine="handle"),
        verifications=_waiting(request, Verification.objects.to_answer(user), mine="answer"),
        decisions=_waiting(request, Case.objects.to_decide(user), mine="decide"),
        bindings=_waiting(request, Binding.objects.waiting_for(user), state=BindingState.WAITING),
        notices=_waiting(request, Notice.objects.visible_to(user).unread_by(user)),
    )


def _unit(request: HttpRequest, on: dt.date) -> Unit:
    user: Any = request.user
    files = visible(Batch.objects.all(), user).filter(state__in=UNFINISHED_FILES)
    parts = RosterRun.objects.kept_by(user).under_way()
    corrections = Proposal.objects.of_unit(user).filter(state=ProposalState.WAITING)
    overdue = corrections.filter(due_on__lt=on)
    cases = Case.objects.seen_of_unit(user).open()
    return Unit(
        files=_waiting(request, files, state=UNFINISHED_FILES),
        parts=_waiting(request, parts, state=OPEN_STATES, own="yes"),
        corrections=_waiting(request, corrections, state=ProposalState.WAITING, own="yes"),
        overdue=_waiting(request, overdue, due="overdue", own="yes"),
        cases=_waiting(request, cases, own="yes"),
        late_cases=_waiting(request, cases.due(on - DAY), due="overdue", own="yes"),
    )


def _grades(user: Any) -> list[Grades]:
    """Summed in Python over at most some two hundred rosters, one row each."""
    found = grades_in_force(RosterRun.objects.visible_to(user).current())
    schemes = Scheme.objects.prefetch_related("grades").in_bulk(list(found))
    return [
        Grades(scheme=schemes[key], rosters=one.rosters, counts=_counts(schemes[key], one.grades))
        for key, one in sorted(found.items(), reverse=True)
    ]


def _counts(scheme: Scheme, counted: Mapping[str, int]) -> list[tuple[str, str, int]]:
    ordered = sorted(scheme.grades.all(), key=lambda grade: grade.order)
    return [(grade.grade, grade.name, counted.get(grade.grade, 0)) for grade in ordered]


def _run(request: HttpRequest) -> RunUnderWay | None:
    """The latest run being computed, else the latest annual or quarterly one, of which a part the
    person sees is neither published nor given up."""
    user: Any = request.user
    seen = RosterRun.objects.visible_to(user)
    open_parts = seen.under_way().filter(run=OuterRef("pk"))
    runs = Run.objects.filter(Exists(open_parts)).select_related("scheme").order_by("-pk")
    run = (
        runs.filter(state__in=UNFINISHED_RUNS).first()
        or runs.filter(kind__in=CURRENT_KINDS).first()
    )
    if run is None:
        return None
    progress = progress_of(run, seen.filter(run=run))
    states = Counter(item.part.state for item in progress.parts)
    published = states[PartState.PUBLISHED]
    return RunUnderWay(
        progress=progress,
        url=_address(request, Run, "change", run.pk),
        parts=states.total() - states[PartState.WITHDRAWN],
        reviewed=states[PartState.REVIEWED] + published,
        published=published,
    )


def _waiting(request: HttpRequest, found: QuerySet[Any], **narrowed: Any) -> Waiting:
    """A figure and its list: the filters given must find there what `found` counts here."""
    url = _address(request, found.model, "changelist")
    query = urlencode(narrowed, doseq=True)
    return Waiting(count=found.count(), url=url and f"{url}?{query}")


def _address(request: HttpRequest, model: type[Model], page: str, *key: Any) -> str:
    """A page of the admin, or "" when there is none that this person may open."""
    registered = admin.site._registry.get(model)
    if registered is None or not registered.has_view_permission(request):
        return ""
    try:
        return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_{page}", args=key)
    except NoReverseMatch:
        return ""
