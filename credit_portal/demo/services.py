"""The acts that fill an empty portal with the made-up Hebei and evaluate its last year."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db.models import QuerySet

from audit.acts import act, note
from audit.refusal import Refused
from grading import corrections
from grading import services as grading
from grading.enums import OPEN_STATES, PartState, ProposalKind, RunKind, RunState
from grading.models import Proposal, Rating, RosterRun, Run
from grading.rules.verdict import Facts
from records import services as records
from records.enums import Category, Shape
from records.models import Record
from roster.accounts import represent
from roster.enums import Role, Status
from roster.geography import geography
from roster.models import Enterprise, Posting, User
from roster.rules.registration import Refusal, plan
from roster.scope import Actor
from roster.services import standings, write_plans

from . import changes, people
from .behaviour import Behaviour, Inventor
from .enterprises import Newcomer, World, invent, last_31_december
from .offices import add_offices, directory, places

SOURCE = "演示数据"
SLICE = 5_000
MOST_OF_A_B = 5
CORRECTED_EACH = 900
"""One record in so many was corrected once."""


@act("demo.filled")
def fill(*, by: Actor, count: int, seed: int, today: dt.date) -> None:
    """Offices, people, enterprises and what they did; all of it or nothing.

    Raises Refused when the portal holds enterprises already: demo data never mixes with others.
    """
    if Enterprise.objects.exists():
        raise Refused("demo.not_empty")
    world = World.of(places(), today=today)
    add_offices()
    people.add_people(by=by, seed=seed, since=dt.date(today.year - 2, 1, 1))
    newcomers = list(invent(count, seed=seed, world=world))
    register(newcomers, by=by, today=today)
    offices = directory()
    inventor = Inventor.seeded(
        seed, world=world, office=lambda region, field: offices[region, field]
    )
    behaviours = [behaviour for newcomer in newcomers for behaviour in inventor.of(newcomer)]
    _record(behaviours, by=by, today=today)
    _change(newcomers, by=by, seed=seed, world=world)
    _appoint_representative(by=by, today=today)
    note(enterprises=len(newcomers), records=len(behaviours), seed=seed)


def register(newcomers: Iterable[Newcomer], *, by: Actor, today: dt.date) -> None:
    """Write the registration news of invented enterprises, placed by the portal's own rule."""
    land = geography(on=today)
    for some in _slices(iter(newcomers)):
        plans = [
            plan(code=item.code, given=item.given, before=None, geography=land, own=None, on=today)
            for item in some
        ]
        write_plans(by=by, plans=_accepted(plans), source=SOURCE, on=today)


def _accepted(plans: list) -> list:
    """Invented news must be faultless; a refusal is a fault of the inventing."""
    refused = [item for item in plans if isinstance(item, Refusal)]
    if refused:
        raise ValueError(f"{len(refused)} invented enterprises refused, first: {refused[0]}")
    return plans


def _record(behaviours: list[Behaviour], *, by: Actor, today: dt.date) -> None:
    for some in _slices(iter(behaviours)):
        given = [behaviour.given for behaviour in some]
        records.give_records(by=by, given=given, source=SOURCE, on=today)
    marked = {
        (behaviour.given.enterprise_id, behaviour.given.identity): behaviour.marks
        for behaviour in behaviours
        if behaviour.marks
    }
    for record, code, identity in live_records(sorted({code for code, _identity in marked})):
        for kind, since, reason in marked.get((code, identity), ()):
            records.mark_record(by=by, record_id=record, kind=kind, since=since, reason=reason)
    correct_amounts(by=by, today=today)


def live_records(codes: list[str]) -> Iterator[tuple[int, str, str]]:
    """Key, enterprise and identity of the records in force about some enterprises."""
    for start in range(0, len(codes), 500):
        yield from (
            Record.objects.live()
            .filter(enterprise__in=codes[start : start + 500])
            .order_by("enterprise_id", "identity")
            .values_list("pk", "enterprise_id", "identity")
        )


def correct_amounts(*, by: Actor, today: dt.date) -> None:
    """A few amounts that were put right once: their first version stays to be read."""
    fined = Record.objects.live().filter(fine_wan__isnull=False)
    for record in list(fined.order_by("enterprise_id", "identity")[::CORRECTED_EACH]):
        right = (record.fine_wan or 0) + 1
        records.replace_record(
            by=by,
            record_id=record.pk,
            changes={"fine_wan": right, "content": f"罚款{right}万元"},
            reason="罚款金额录入有误，经核对决定书更正",
            on=today,
        )


def _change(newcomers: list[Newcomer], *, by: Actor, seed: int, world: World) -> None:
    news = changes.happened(newcomers, seed=seed, world=world)
    before = standings(news)
    land = geography(on=world.today)
    plans = [
        plan(code=code, given=given, before=before[code], geography=land, own=None, on=world.today)
        for code, given in news.items()
    ]
    write_plans(by=by, plans=_accepted(plans), source=SOURCE, on=changes.day(world))


def _appoint_representative(*, by: Actor, today: dt.date) -> None:
    """Of an enterprise on the demo clerk's roster that one severe penalty of last year makes a C, so
    that a successful objection makes it a B; without one, of the open one with most records."""
    region = people.UNITS["changan"]
    on_roster = Record.objects.live().filter(enterprise__keeper=region)
    trading = on_roster.filter(enterprise__status=Status.OPEN)
    counted = Counter(trading.values_list("enterprise_id", flat=True))
    by_one = _made_c_by_one(on_roster, year=today.year - 1, region=region)
    if counted:
        represent(
            by=by,
            user=User.objects.get(username=people.REPRESENTATIVE),
            code=max(sorted(by_one or counted), key=counted.__getitem__),
            since=dt.date(today.year - 1, 1, 1),
        )


def _made_c_by_one(found: QuerySet[Record], *, year: int, region: str) -> list[str]:
    """Enterprises with one severe record in all, a penalty of a year by an authority of the region,
    and no more general records of that year than a B may have."""
    severe = found.filter(kind__category=Category.SEVERE)
    severely = Counter(severe.values_list("enterprise_id", flat=True))
    general = found.filter(kind__category=Category.GENERAL, decided_on__year=year)
    generally = Counter(general.values_list("enterprise_id", flat=True))
    penalties = severe.filter(
        kind__shape=Shape.DECISION, decided_on__year=year, authority__region=region
    )
    return [
        code
        for code in penalties.values_list("enterprise_id", flat=True)
        if severely[code] == 1 and generally[code] <= MOST_OF_A_B
    ]


def _slices(items: Iterator) -> Iterator[list]:
    while some := list(islice(items, SLICE)):
        yield some


# --- last year's evaluation -------------------------------------------------------------------


def first_annual_run() -> Run | None:
    """The run the demo data come with: the first annual one, in whatever year it was made."""
    return Run.objects.filter(kind=RunKind.ANNUAL).order_by("pk").first()


def is_evaluated() -> bool:
    """Whether that run is there and no part of it waits for anybody."""
    run = first_annual_run()
    return run is not None and not run.parts.filter(state__in=OPEN_STATES).exists()


def evaluate(*, by: Actor, today: dt.date) -> Run:
    """Open last year's annual run where it is not yet, compute it, review and publish its parts.

    Each part by the clerk and the approver of its own lead agency. Goes on where it stopped.
    """
    run = first_annual_run() or grading.open_run(
        by=by, kind=RunKind.ANNUAL, reference_date=last_31_december(today), on=today
    )
    if run.state != RunState.COMPUTED:
        run = grading.work(run.pk)
    clerks, approvers = _people(Role.LEAD_CLERK), _people(Role.LEAD_APPROVER)
    for part in run.parts.filter(state__in=OPEN_STATES).order_by("region_id"):
        _publish(part, clerk=clerks[part.region_id], approver=approvers[part.region_id])
    return run


def _publish(part: RosterRun, *, clerk: User, approver: User) -> None:
    if part.state == PartState.COMPUTED:
        grading.review_part(by=clerk, part_id=part.pk, digest=part.digest)
    grading.publish_part(by=approver, part_id=part.pk, digest=part.digest)


def _people(role: str) -> dict[str, User]:
    """One person of a role in every lead agency."""
    postings = Posting.objects.filter(role=role, until__isnull=True).select_related(
        "user", "agency"
    )
    return {posting.agency.region_id: posting.user for posting in postings.order_by("-pk")}


# --- what happened since ----------------------------------------------------------------------


def follow_up(*, today: dt.date) -> int:
    """Corrections of records of the demo county: one confirmed, two waiting for the approver.

    And one record of last year that came too late for its evaluation. Does nothing when any
    correction was ever proposed; returns how many were.
    """
    if Proposal.objects.exists():
        return 0
    clerk, approver = (User.objects.get(username=name) for name in (people.CLERK, people.APPROVER))
    chosen = _correctable(clerk)[:3]
    for turn, record in enumerate(chosen):
        shift = {"decided_on": record.decided_on.replace(year=record.decided_on.year - 1)}
        kind, changes, reason = (
            (ProposalKind.WITHDRAW, {}, "原决定经行政复议撤销"),
            (ProposalKind.CORRECT, shift, "决定日期录入有误，决定书载明为上一年"),
            (ProposalKind.WITHDRAW, {}, "原决定经法院判决撤销"),
        )[turn]
        proposal = corrections.change_record(
            by=clerk, record_id=record.pk, kind=kind, changes=changes, reason=reason, on=today
        )
        if turn == 0:
            corrections.decide_change(
                by=approver, proposal_id=proposal.pk, agree=True, reason="属实", on=today
            )
    if chosen:
        _give_late(chosen[-1], by=clerk, today=today)
    return len(chosen)


def _correctable(clerk: User) -> list[Record]:
    """Single general decisions of last year by the county's own authorities: each makes a B."""
    region, run = people.UNITS["changan"], first_annual_run()
    rated = Rating.objects.standing().filter(part__run=run, part__region=region)
    single = rated.filter(verdict__facts=Facts(general=1).key).values("enterprise")
    return list(
        Record.objects.live()
        .filter(
            enterprise__in=single,
            kind__category=Category.GENERAL,
            kind__shape=Shape.DECISION,
            authority__region=region,
            decided_on__year=run.reference_date.year if run else 0,
            marks__isnull=True,
        )
        .exclude(decided_on__month=2, decided_on__day=29)
        .select_related("authority")
        .order_by("enterprise_id", "identity")
    )


def _give_late(record: Record, *, by: Actor, today: dt.date) -> None:
    """Another decision on the same day, known only now."""
    changes = {"number": f"{record.number}之一", "serious_claimed": False}
    records.give_record(by=by, given=records.given_from(record, changes), source=SOURCE, on=today)
