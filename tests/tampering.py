"""Single changes behind the portal's back, as a superuser of the database could make them, and
whether `verify` names each. Used by tests/grading/test_tampering.py and bench/tampering.py.

Each change is made in a savepoint, looked at through the same code as `manage.py verify`, and
undone. Source: R64; design ideas 3 and 7; decision 20.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from audit import anchor, kept
from audit.acts import acting, note
from audit.models import ChainHead, ClockMark, Event, EventTarget
from audit.rules.chain import link
from grading import corrections, engine, schemes, services
from grading.enums import PartState, RunKind
from grading.models import Chunk, Overtaken, Rating, RosterRun, Run, Verdict
from grading.verifying import checks
from intake import evidence, taking_back
from intake.enums import DECIDED, TakeBackState
from intake.models import BatchLine, BatchSlice, KeptRow, TakeBack
from notices import letters
from notices import services as notices
from notices.models import Letter, Notice
from objections import deciding, filing, handling, publishing
from objections.filing import Content, Item
from objections.models import Case, CaseFile, CaseItem, Verification
from records import services as records
from records.models import Kind, Record
from records.tables import save_kind
from roster import bindings
from roster.accounts import appoint, end_posting, represent
from roster.models import Agency, AgencyName, Binding, Enterprise, User
from roster.registering import register_account
from roster.tables import save_agency
from tests.architecture import ROOMS
from tests.factories.evidence import pdf, stream
from tests.factories.grading import (
    OPERATOR,
    TODAY,
    County,
    code,
    load_reference,
    state_set_up,
)
from tests.factories.roster_files import line, roster_file
from tests.factories.taking_back import give_file, taken_back, weighed
from workdays.enums import Unit
from workdays.models import CalendarDay
from workdays.services import set_limit

INSIDE, OUTSIDE = "2025-06-01", "2019-06-01"
Rows = dict[type[models.Model], list[models.Model]]

# --- the portal that is tampered with ------------------------------------------------------------


@dataclass
class Scene:
    """A published and corrected year of three small counties, and how everything was yesterday."""

    yesterday: Rows = field(default_factory=dict)
    anchors: Path = field(default_factory=lambda: Path(settings.AUDIT_ANCHOR_DIR))


@contextmanager
def small_slices() -> Iterator[None]:
    former, engine.SLICE_SIZE = engine.SLICE_SIZE, 3
    try:
        yield
    finally:
        engine.SLICE_SIZE = former


def set_up() -> Scene:
    """Everything by the services of the portal; nothing but the first accounts around them."""
    load_reference()
    first, second, third = County.make(), County.make("130104"), County.make("130108")
    state_set_up()
    _change_tables(first)
    with small_slices():
        _first_year(first)
        scene = Scene(yesterday=_copy_of_everything())
        anchor.anchor_now()
        _since_then(first, second, third)
    anchor.anchor_now()
    return scene


def _change_tables(county: County) -> None:
    agency = county.authority
    save_agency(by=OPERATOR, agency=agency, on=TODAY, names=["原工商部门", "原质监部门"])
    other = county.agency
    save_agency(by=OPERATOR, agency=other, on=TODAY, names=["原发展改革部门"])
    for number, role in enumerate(("reader", "lead_clerk", "reader")):
        with acting("tried.set_up", by=OPERATOR):
            user = User.objects.create_user(f"more-{number}", full_name=f"某{number}")
            note(target=user)
        posting = appoint(
            by=OPERATOR, user=user, agency=county.agency, role=role, since=dt.date(2024, 1, 1)
        )
        if number:
            end_posting(by=OPERATOR, posting=posting, until=dt.date(2025, 1, number))
    for number in (3, 5, 8):
        since = dt.date(2026, number, 1)
        set_limit(by=OPERATOR, code="tried", name="试办", days=number, unit=Unit.WORKDAYS,
                  source="试办通知", since=since)  # fmt: skip
    for month in (3, 6):
        schemes.set_schedule(
            by=OPERATOR, kind=RunKind.QUARTERLY, month=month, day=30, since=dt.date(2026, 1, 1)
        )
    schemes.copy_scheme(by=OPERATOR, scheme_id=services.published_scheme().pk)
    own = {"code": "tried", "name": "试办信息", "category": "general", "shape": "decision"}
    save_kind(by=OPERATOR, kind=Kind(**own, counting_date="决定日期"))


def _first_year(county: County) -> None:
    """Two files with additions, a change and refused lines; records of all sorts; a published run."""
    codes = [code(number) for number in range(1, 9)]
    roster_file(*(line(one) for one in codes[:5]), line("91130102MA0000000X"), line("1"))
    roster_file(line(codes[0], "改名后的虚构企业"), line(codes[1]), line("2"), line("3"))
    county.register(codes[5:])
    for number, one in enumerate(codes[:4]):
        county.give(one, "penalty_other", INSIDE, fine_wan=number, content=f"罚款{number}万元")
    county.give(codes[0], "licence_revoked", INSIDE)
    county.give(codes[1], "licence_revoked", INSIDE)
    county.give(codes[4], "penalty_other", OUTSIDE)
    county.give(codes[6], "penalty_other", INSIDE)
    county.give(codes[7], "penalty_other", INSIDE, serious_claimed=True)
    for number, kind in ((2, "disputed"), (3, "repaired"), (4, "disputed")):
        records.mark_record(
            by=OPERATOR, record_id=Record.objects.filter(enterprise=codes[number])[0].pk,
            kind=kind, since=TODAY, reason="申请",
        )  # fmt: skip
    gone = county.give(codes[5], "abnormal_operation", OUTSIDE)
    records.retract_record(by=OPERATOR, record_id=gone.pk, reason="误录")
    for number, until in ((1, None), (2, dt.date(2026, 2, 1)), (3, None)):
        with acting("tried.set_up", by=OPERATOR):
            user = User.objects.create_user(f"speaker-{number}")
            note(target=user)
        represent(by=OPERATOR, user=user, code=codes[number], since=TODAY - dt.timedelta(90),
                  until=until)  # fmt: skip
    county.publish(county.run())


def _since_then(first: County, second: County, third: County) -> None:
    """A quarter with two corrections, two moves, a refused proposal, a part given up, an estimate."""
    codes = [code(number) for number in range(1, 9)]
    second.register([codes[6]])
    quarter = first.run(dt.date(2026, 3, 31), kind="quarterly")
    first.publish(quarter)
    for number, agree in ((0, True), (1, True), (2, False)):
        record = Record.objects.live().filter(enterprise=codes[number]).order_by("-pk")[0]
        proposal = corrections.change_record(
            by=first.clerk, record_id=record.pk, kind="retract", changes={}, reason="误录", on=TODAY
        )
        corrections.decide_change(
            by=first.approver, proposal_id=proposal.pk, agree=agree, reason="已核", on=TODAY
        )
    third.register([codes[7], code(31), code(32)])
    third.publish(third.run(dt.date(2026, 6, 30), kind="quarterly"))
    given_up = third.publish(third.run(dt.date(2026, 9, 30), kind="quarterly"))
    services.ask_withdrawal(by=third.clerk, part_id=given_up.pk, reason="基准日有误")
    services.withdraw_part(by=third.approver, part_id=given_up.pk)
    first.run(dt.date(2026, 1, 31), kind="adhoc")
    _take_files_back(first)
    _ask_to_speak(first)
    _bring_cases(first)
    for day in (TODAY, dt.date(2028, 3, 1), dt.date(2028, 4, 1)):
        publishing.take_down_due(on=day)


def _take_files_back(county: County) -> None:
    """One, of which three rows stay because they were marked since; one that had brought in two
    enterprises; and one that is kept after all."""
    county.register([code(number) for number in range(41, 46)])
    wrong, kept = give_file(county, 41, 42, 43, 44), give_file(county, 45)
    for record in Record.objects.filter(recorded_at=wrong.merged_at).order_by("pk")[:3]:
        records.mark_record(
            by=OPERATOR, record_id=record.pk, kind="disputed", since=TODAY, reason="申请"
        )
    taken_back(wrong, county)
    taken_back(roster_file(line(code(51)), line(code(52)), by=county.clerk), county)
    taking_back.ask(by=county.clerk, batch_id=kept.pk, reason="看错了")
    weighed(kept)
    taking_back.decide(by=county.clerk, batch_id=kept.pk, agree=False, reason="没有错")


def _ask_to_speak(county: County) -> None:
    """Requests with their files: one waits, one is granted, one refused, one taken back."""
    found = []
    for number in range(1, 5):
        user = register_account(full_name=f"某{number}", password="strange-Words-2026")
        file = evidence.examine(io.BytesIO(pdf(stream(b"%d" % number))), name=f"授权书{number}.pdf")
        found.append(
            bindings.ask_binding(
                by=user, code=code(number), name=f"虚构{number}", phone=f"0311-{number}0000",
                proof=file, on=TODAY - dt.timedelta(days=number),
            )
        )  # fmt: skip
    _waits, granted, refused, left = found
    bindings.approve_binding(by=OPERATOR, binding_id=granted.pk, on=TODAY)
    bindings.refuse_binding(by=OPERATOR, binding_id=refused.pk, refusal="unfit", reason="无公章")
    bindings.withdraw_binding(by=left.user, binding_id=left.pk)


def _bring_cases(county: County) -> None:
    """A case that was decided, one that a source department is asked about, one that waits, and a
    question that was answered; with files, letters, and notices that somebody has opened."""
    users = {name: User.objects.get(username=f"speaker-{name}") for name in (1, 3)}
    decided, asked, waits, question = (
        _filed(users[number], code(number + 1), number, kind, about)
        for number, kind, about in (
            (1, "objection", "record"), (3, "objection", "record"), (1, "objection", "rating"),
            (3, "help", ""),
        )
    )  # fmt: skip
    for case in (decided, asked):
        handling.accept_case(by=county.clerk, case_id=case.pk, version=None, on=TODAY)
        handling.send_case(
            by=county.clerk, case_id=case.pk, version=None, question="请核查", on=TODAY
        )
    first, second = Verification.objects.order_by("pk")
    found = [handling.Found(item.pk, "false", "与原件相同") for item in decided.items.all()]
    handling.answer(
        by=county.clerk,
        verification_id=first.pk,
        found=found,
        opinion="已核",
        on=TODAY,
    )
    handling.extend(by=county.clerk, verification_id=second.pk, reason="调档", on=TODAY)
    outcomes = [deciding.Decision(item.pk, "reject", "无误") for item in decided.items.all()]
    deciding.decide(
        by=county.approver, case_id=decided.pk, version=None, decisions=outcomes, reason="经核查",
        on=TODAY,
    )  # fmt: skip
    handling.reply(by=county.clerk, case_id=question.pk, version=None, reason="见说明", on=TODAY)
    handling.ask_papers(
        by=county.clerk, case_id=waits.pk, version=None, reason="请补原件", on=TODAY
    )
    letters.draw_due(by=OPERATOR, most=3)
    for user in users.values():
        for told in Notice.objects.visible_to(user)[:2]:
            notices.read(by=user, notice_id=told.pk)


def _filed(user: User, enterprise: str, number: int, kind: str, about: str) -> Case:
    live = Record.objects.live().filter(enterprise=enterprise).order_by("pk")
    items = {"record": [Item(live[0].pk, "wrong")], "rating": [Item(0, "wrong_year")], "": []}[
        about
    ]
    content = Content(items=items, statement=f"说明{number}", committed=True)
    draft = filing.begin_draft(by=user, code=enterprise, kind=kind, content=content, on=TODAY)
    file = evidence.examine(
        io.BytesIO(pdf(stream(about.encode() or b"-"))), name=f"证明{number}.pdf"
    )
    filing.keep_draft(by=user, draft_id=draft.pk, content=content, files=[(file, "evidence")])
    return filing.file_case(by=user, draft_id=draft.pk, on=TODAY)


# --- tables ---------------------------------------------------------------------------------------


NOT_VOUCHED = {
    "grading.Run": {"announced_at", "state"},
    "grading.Chunk": {"token", "lease_until"},
    "intake.Batch": {
        "copy_name", "lines_done", "confirm_key", "token", "lease_until", "attempts",
        "announced_at",
    },
    "roster.User": {"password", "last_login", "date_joined"},
    "roster.Enterprise": {"version"},
    "objections.Case": {"leg", "due_on", "papers_due_on", "gap_year", "reckoned_at"},
    "objections.Verification": {"due_on", "gap_year"},
}  # fmt: skip
"""Columns of which `verify` says nothing: leases, counters, what a page needs. Decision 20."""

NOT_AT_ALL = {
    "roster.Industry", "credit_portal.WorkerPulse", "credit_portal.FailedSignIn",
    "credit_portal.Tries", "audit.SentForm", "notices.Mail", "notices.Series",
    "objections.Draft", "objections.DraftFile",
}  # fmt: skip
"""Tables of ours of which `verify` says nothing. Decision 20."""

ENDED = (TakeBackState.DROPPED, TakeBackState.DONE)
UNREPLAYED = (PartState.WITHDRAWN, PartState.ESTIMATED)


def plain(model: type[models.Model]) -> models.QuerySet:
    """The rows without what a manager of ours refuses or adds."""
    return models.QuerySet(model)


def rows_of(model: type[models.Model]) -> list[models.Model]:
    """The rows that matter, in key order: of results those of parts that count or may yet."""
    rows = plain(model).order_by("pk")
    counted = plain(RosterRun).exclude(state__in=UNREPLAYED)
    if model in (Chunk, Rating):
        rows = rows.filter(part__in=counted)
    elif model is Verdict:
        rows = rows.filter(pk__in=plain(Rating).filter(part__in=counted).values("verdict"))
    elif model is RosterRun:
        rows = rows.exclude(state=PartState.ESTIMATED)
    elif model in (BatchSlice, BatchLine):
        rows = rows.filter(batch__state__in=DECIDED)
    elif model is TakeBack:
        rows = rows.filter(state__in=ENDED)
    elif model is KeptRow:
        rows = rows.filter(take_back__state__in=ENDED)
    return list(rows)


def columns_of(model: type[models.Model]) -> list[str]:
    left_out = NOT_VOUCHED.get(model._meta.label, set())
    return [
        one.attname
        for one in model._meta.concrete_fields
        if not one.primary_key and one.attname not in left_out
    ]


def tables() -> list[type[models.Model]]:
    """Every table of our rooms that `verify` vouches for; libraries keep theirs themselves."""
    ours = (model for room in ROOMS for model in apps.get_app_config(room).get_models())
    return [model for model in ours if model._meta.label not in NOT_AT_ALL]


# --- changes --------------------------------------------------------------------------------------


class Impossible(Exception):
    """There is no such row, or nothing would be changed by it."""


@dataclass(frozen=True)
class Change:
    """One change: what kind, in which table, where; `column` where one value is changed."""

    kind: str
    model: type[models.Model]
    place: str = "middle"
    column: str = ""

    def __str__(self) -> str:
        where = f".{self.column}" if self.column else ""
        return f"{self.kind} {self.model._meta.label}{where} ({self.place})"


KINDS = ("edit", "re-date", "delete", "insert", "swap", "truncate", "restore")
PLACES = ("first", "middle", "last")
SINGLE = (ChainHead, ClockMark)


def all_changes() -> Iterator[Change]:
    """Every kind of change of every table, column and place."""
    for model in tables():
        for name in columns_of(model):
            dated = isinstance(model._meta.get_field(name), models.DateField)
            for place in PLACES:
                yield Change("re-date" if dated else "edit", model, place, name)
        yield from (Change("delete", model, place) for place in PLACES)
        yield Change("restore", model)
        if model in SINGLE:
            continue
        yield from (Change("insert", model, place) for place in PLACES)
        yield Change("truncate", model)
        for name in columns_of(model):
            yield Change("swap", model, "", name)


def make(change: Change, scene: Scene) -> list[models.Model]:
    """Change the database; the rows that are wrong now, as they were or as they became.

    Raises Impossible, IntegrityError where the table's own constraints stand in the way.
    """
    rows = rows_of(change.model)
    match change.kind:
        case "edit" | "re-date":
            return _edit(_at(rows, change.place), change.column)
        case "delete":
            row = _at(rows, change.place)
            plain(change.model).filter(pk=row.pk)._raw_delete(using="default")
            return [row]
        case "insert":
            return [_insert(_at(rows, change.place))]
        case "swap":
            return _swap(rows, change.column)
        case "truncate":
            if not rows:
                raise Impossible
            plain(change.model)._raw_delete(using="default")
            return rows
    return _restore(change.model, scene)


def _at(rows: Sequence[models.Model], place: str) -> models.Model:
    if not rows:
        raise Impossible
    return rows[{"first": 0, "middle": len(rows) // 2, "last": -1}[place]]


def _edit(row: models.Model, column: str) -> list[models.Model]:
    value = other_than(row, column)
    plain(type(row)).filter(pk=row.pk).update(**{_field(row, column).name: value})
    return [row, *plain(type(row)).filter(pk=row.pk)]


def _field(row: models.Model, column: str) -> Any:
    return next(one for one in row._meta.concrete_fields if one.attname == column)


def other_than(row: models.Model, column: str) -> Any:
    """Another value that the column could have."""
    one, value = _field(row, column), getattr(row, column)
    if isinstance(one, models.ForeignKey):
        keys = plain(one.related_model).exclude(pk=value).order_by("pk")
        found = keys.values_list("pk", flat=True).first()
        if found is None:
            raise Impossible
        return found
    if one.choices:
        return next(key for key, _label in one.flatchoices if key != value)
    match one:
        case models.DateTimeField():
            return (value or ANY_TIME) - dt.timedelta(days=400)
        case models.DateField():
            return (value or TODAY) - dt.timedelta(days=400)
        case models.BooleanField():
            return not value
        case models.DecimalField():
            return (value or Decimal(0)) + 1
        case models.IntegerField():
            return (value or 0) + 1
        case models.JSONField():
            return {**value, "又": 1} if isinstance(value, dict) else [*(value or []), "又"]
    longer = f"{value}改"
    return longer if len(longer) <= (one.max_length or 10_000) else f"改{str(value)[1:]}"


ANY_TIME = dt.datetime(2026, 3, 2, 3, 4, 5, tzinfo=dt.UTC)

FRESH: dict[str, Callable[[Any], dict[str, Any]]] = {
    "audit.Event": lambda row: {"number": Event.objects.count() + 1},
    "audit.EventTarget": lambda row: {"position": row.position + 50},
    "grading.Chunk": lambda row: {"number": row.number + 50},
    "grading.Rating": lambda row: {"enterprise_id": "Z", "replaced_by_id": None},
    "grading.RosterRun": lambda row: {"region_id": "130000"},
    "grading.Scheme": lambda row: {"version": row.version + 50},
    "grading.SchemeGrade": lambda row: {"grade": "E"},
    "grading.SchemeKind": lambda row: {"kind_id": "tried"},
    "grading.Verdict": lambda row: {"facts": "0|0|0|0|0|3|0", "grade": "D"},
    "grading.Overtaken": lambda row: {"enterprise_id": code(1)},
    "intake.BatchLine": lambda row: {"number": row.number + 50},
    "intake.BatchSlice": lambda row: {"number": row.number + 50},
    "intake.KeptRow": lambda row: {"number": row.number + 50},
    "intake.StoredFile": lambda row: {"stored": "0" * 32},
    "intake.TakeBack": lambda row: {"state": TakeBackState.DROPPED},
    "notices.Letter": lambda row: {"number": "某", "key": "某"},
    "notices.Notice": lambda row: {"key": "某"},
    "notices.Reading": lambda row: {"user_id": User.objects.get(username="more-0").pk},
    "notices.Rendering": lambda row: {
        "stored": "某",
        "letter_id": Letter.objects.filter(rendering=None)[0].pk,
    },
    "objections.Case": lambda row: {"number": "某"},
    "objections.CaseFile": lambda row: {"file_id": Binding.objects.all()[0].proof_id},
    "objections.CaseItem": lambda row: {"target": "rating", "record_id": None},
    "objections.Verification": lambda row: {
        "agency_id": Agency.objects.exclude(pk=row.agency_id)[0].pk
    },
    "records.Kind": lambda row: {"code": "zz", "name": "某类"},
    "records.Mark": lambda row: {"record_id": 0},
    "records.PublicationRound": lambda row: {"on": dt.date(2030, 1, 1)},
    "records.TakenDown": lambda row: {"record_id": 0},
    "records.Record": lambda row: {"identity": "某"},
    "roster.Agency": lambda row: {"code": "zz", "name": "某机构", "kind": "department"},
    "roster.AgencyName": lambda row: {"name": "某名"},
    "roster.Binding": lambda row: {
        "code": "Z",
        "representative_id": None,
        "state": "withdrawn",
        "refusal": "",
        "decided_by": "某",
        "decided_at": ANY_TIME,
    },
    "roster.Enterprise": lambda row: {"code": "Z"},
    "roster.Posting": lambda row: {"role": "inspector"},
    "roster.Region": lambda row: {"code": "999999"},
    "roster.Registration": lambda row: {"enterprise_id": "Z"},
    "roster.Reporting": lambda row: {"until": TODAY},
    "roster.Representative": lambda row: {"until": TODAY},
    "roster.RosterEntry": lambda row: {"enterprise_id": "Z"},
    "roster.User": lambda row: {"username": "某"},
    "workdays.CalendarDay": lambda row: {"date": dt.date(2026, 7, 15)},
    "workdays.CalendarYear": lambda row: {"year": 2040},
    "workdays.Limit": lambda row: {"code": "某"},
}
"""What a copied row must have of its own; without it the table would not take it."""


def _insert(row: models.Model) -> models.Model:
    values = {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields}
    own = FRESH.get(row._meta.label, lambda _row: {})(row)
    if row._meta.pk.attname not in own:
        values.pop(row._meta.pk.attname)
    (added,) = plain(type(row)).bulk_create([type(row)(**{**values, **own})])
    return added


def _swap(rows: Sequence[models.Model], column: str) -> list[models.Model]:
    """Exchange one value between two rows that differ in more than this one."""
    for one in rows:
        for two in reversed(rows):
            mine, theirs = getattr(one, column), getattr(two, column)
            if mine != theirs and _more_differs(one, two, column):
                name, table = _field(one, column).name, plain(type(one))
                table.filter(pk=one.pk).update(**{name: _aside(one, column)})
                table.filter(pk=two.pk).update(**{name: mine})
                table.filter(pk=one.pk).update(**{name: theirs})
                return [one, two, *table.filter(pk__in=[one.pk, two.pk])]
    raise Impossible


def _more_differs(one: models.Model, two: models.Model, column: str) -> bool:
    others = [name for name in columns_of(type(one)) if name != column]
    return any(getattr(one, name) != getattr(two, name) for name in others)


def _aside(row: models.Model, column: str) -> Any:
    """A value for a moment, so that no unique column has one value twice."""
    one = _field(row, column)
    rules = [rule for rule in row._meta.constraints if isinstance(rule, models.UniqueConstraint)]
    if not one.unique and not any(one.name in rule.fields for rule in rules):
        return getattr(row, column)
    match one.target_field if isinstance(one, models.ForeignKey) else one:
        case models.IntegerField() | models.AutoField():
            return 31_999
        case models.DateField():
            return dt.date(1999, 1, 1)
    return "~"


def _restore(model: type[models.Model], scene: Scene) -> list[models.Model]:
    """Put one table back to how it was yesterday."""
    today, former = list(plain(model)), scene.yesterday[model]
    vouched = columns_of(model)
    as_told = [
        {row.pk: [getattr(row, name) for name in vouched] for row in rows}
        for rows in (today, former)
    ]
    rows = {row.pk: row for row in (*former, *today)}
    changed = [row for key, row in rows.items() if as_told[0].get(key) != as_told[1].get(key)]
    if not changed:
        raise Impossible
    _put_back(model, former)
    return changed


def _values(row: models.Model) -> dict[str, Any]:
    return {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields}


def _put_back(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    plain(model)._raw_delete(using="default")
    plain(model).bulk_create([type(row)(**_values(row)) for row in rows])


def _copy_of_everything() -> Rows:
    return {model: list(plain(model)) for model in tables()}


# --- changes of several tables, and of the anchors ------------------------------------------------


def restore_everything(scene: Scene) -> None:
    """Yesterday's copy of the whole database: in itself there is nothing wrong with it."""
    for model, rows in scene.yesterday.items():
        _put_back(model, rows)


def cut_the_tail(scene: Scene) -> None:
    """The last three events gone, and the head made to fit."""
    last = ChainHead.objects.get().number
    for model, column in ((EventTarget, "event__gt"), (Event, "number__gt")):
        plain(model).filter(**{column: last - 3})._raw_delete(using="default")
    _fit_the_head()


def rewrite_the_chain(scene: Scene) -> None:
    """Another actor in the middle, and all hashes behind it made to fit."""
    events = list(plain(Event).order_by("number"))
    middle = len(events) // 2
    events[middle].actor = "某甲"
    previous = events[middle - 1].hash
    for event in events[middle:]:
        hash_ = link(previous, event.content())
        plain(Event).filter(pk=event.pk).update(
            actor=event.actor, previous_hash=previous, hash=hash_
        )
        previous = hash_
    _fit_the_head()


def _fit_the_head() -> None:
    last = plain(Event).order_by("-number")[0]
    latest = plain(Event).aggregate(at=models.Max("at"))["at"]
    plain(ChainHead).update(number=last.number, hash=last.hash, latest_at=latest)


def swap_two_events(scene: Scene) -> None:
    """Two neighbours change places, numbers and all."""
    number = Event.objects.count() // 2
    for old, new in ((number, 9_999), (number + 1, number), (9_999, number + 1)):
        plain(Event).filter(number=old).update(number=new)


def _anchor_files(scene: Scene) -> list[Path]:
    return sorted(scene.anchors.glob("*.jsonl"))


def change_an_anchor(scene: Scene) -> None:
    """One digit of a signed line."""
    file = _anchor_files(scene)[-1]
    said = json.loads(file.read_text().splitlines()[-1])
    file.write_text(file.read_text().replace(f'"number":{said["number"]}', '"number":7'))


def empty_the_anchors(scene: Scene) -> None:
    for file in _anchor_files(scene):
        file.write_text("")


WHOLESALE: dict[str, tuple[Callable[[Scene], None], str]] = {
    "whole database of yesterday": (restore_everything, "审计链的末端被截掉"),
    "tail cut, head made to fit": (cut_the_tail, "审计链的末端被截掉"),
    "chain rewritten, hashes made to fit": (rewrite_the_chain, "号审计事件与"),
    "two events change places": (swap_two_events, "不相接"),
    "anchor changed": (change_an_anchor, "不是用本系统的密钥签的"),
    "anchors emptied": (empty_the_anchors, "没有找到这条审计链的锚点"),
}
"""By what is done: how, and a part of the sentence that must name it."""

# --- what verify says ------------------------------------------------------------------------------


def first_bad() -> str | None:
    """As `manage.py verify` goes through the checks, in production."""
    mode, settings.PORTAL_MODE = settings.PORTAL_MODE, "production"
    try:
        return next((bad for check in checks() if (bad := check.carry_out().first_bad)), None)
    finally:
        settings.PORTAL_MODE = mode


@dataclass(frozen=True)
class Seen:
    """What came of a change. named: "row", "table", or "" for neither; said: None if not found."""

    change: Change
    said: str | None
    named: str


def tamper(change: Change, scene: Scene) -> Seen:
    """Make one change, let `verify` look, undo it. Raises Impossible, IntegrityError."""
    with undone():
        rows = make(change, scene)
        said = first_bad()
        return Seen(change, said, _named(said, change.model, rows))


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def tamper_wholesale(name: str, scene: Scene) -> str | None:
    """What `verify` says after one of WHOLESALE; the anchors are put back too."""
    anchors = {file: file.read_bytes() for file in _anchor_files(scene)}
    try:
        with undone():
            WHOLESALE[name][0](scene)
            return first_bad()
    finally:
        for file, content in anchors.items():
            file.write_bytes(content)


def _named(said: str | None, model: type[models.Model], rows: Sequence[models.Model]) -> str:
    if said is None:
        return ""
    if any(re.search(token, said) for row in rows for token in tokens(row)):
        return "row"
    return "table" if model._meta.label_lower in said else ""


def tokens(row: Any) -> Iterator[str]:
    """Patterns by which a row is named: it, or what it is a part of."""
    label, key = row._meta.label_lower, row.pk
    yield rf"{label} {key}(?!\w)"
    match row:
        case Event():
            yield _event(key)
        case EventTarget():
            yield _event(row.event_id)
        case ChainHead():
            yield "audit_chainhead|审计链所记的末端|审计链到不了所记的末端|与前一事件的摘要不相接|锚点"
        case ClockMark():
            yield "audit.clockmark"
        case Verdict():
            users = plain(Rating).filter(verdict=key).values_list("enterprise", flat=True)
            yield from users
        case Chunk():
            yield rf"名录评价结果 (grading.rosterrun )?{row.part_id}[，（）]"
        case CaseItem() | CaseFile():
            yield rf"objections.case {row.case_id}(?!\d)"
        case BatchSlice() | BatchLine():
            yield rf"intake.batch {row.batch_id}(?!\d)"
        case KeptRow():
            yield rf"intake.takeback {row.take_back_id}(?!\d)"
        case AgencyName():
            yield rf"roster.agency {row.agency_id}(?!\d)"
        case CalendarDay():
            yield rf"workdays.calendaryear {row.date.year}"
        case _ if hasattr(row, "scheme_id") and not isinstance(row, Run):
            yield rf"grading.scheme {row.scheme_id}(?!\d)"
    if isinstance(row, Rating | Overtaken | Enterprise):
        yield str(getattr(row, "enterprise_id", key))
    if kept.kept_of(type(row)):
        for column in kept.instants(type(row)).values():
            for number in Event.objects.done().filter(at=getattr(row, column)).values_list("pk"):
                yield _event(number[0])


def _event(number: int) -> str:
    return rf"第(\d+、)*{number}(、\d+)*号"
