"""Acts on people, posts, enterprises and rosters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from audit.acts import act, note, stamp
from audit.kept import retract
from audit.refusal import NotPermitted, Refused
from intake.rows import copy_rows, update_rows

from .accounts import appoint, end_posting
from .enums import Level, Permission, Status
from .geography import geography
from .models import Enterprise, Registration, RosterEntry
from .rules.placing import Placing, roster_levels
from .rules.registration import Plan, Refusal, Registered, Standing, plan, search_key
from .scope import Actor, Operator, may
from .stale import minute, stale

FACTS = tuple(Registered.__dataclass_fields__)
_values = attrgetter(*FACTS)
NAMED = 100
"""Of more enterprises in one call the event keeps count and digest; their batch is its target."""


def standings(codes: Iterable[str]) -> dict[str, Standing]:
    """The enterprises among `codes` that the portal knows, in two queries; locked in an act."""
    wanted = frozenset(codes)
    known = Enterprise.objects.filter(code__one_of=wanted).order_by("code")
    if connection.in_atomic_block:
        known = known.select_for_update(
            of=("self",), no_key=True
        )  # what is read here is written back
    rows = list(known.values_list("code", "keeper_id", *FACTS))
    placed = RosterEntry.objects.current().filter(enterprise__one_of=wanted, override=True)
    by_hand = set(placed.values_list("enterprise_id", flat=True))
    return {
        code: Standing(Registered(*facts), keeper, override=code in by_hand)
        for code, keeper, *facts in rows
    }


def own_rosters(by: Actor) -> frozenset[str] | None:
    """Regions whose roster the actor maintains; None for the operator, who loads for all."""
    if isinstance(by, Operator):
        return None
    return frozenset(
        post.region for post in by.posts() if post.is_lead and post.grants(Permission.EDIT_ROSTER)
    )


@act("roster.enterprise_registered")
def register_enterprise(
    *, by: Actor, code: str, given: dict[str, object], source: str, on: dt.date, version: int = 0
) -> Plan:
    """Write one piece of registration news; `version` is what the form was read at (0: new).

    Raises Refused with the reason of the plan, or says who changed the
    enterprise since the form was read. Source: R12–R16, R19.
    """
    before = standings([code]).get(code)
    answer = plan(
        code=code,
        given=given,
        before=before,
        geography=geography(on=on),
        own=own_rosters(by),
        on=on,
    )
    if isinstance(answer, Refusal):
        raise Refused(answer.code, **dict(answer.values))
    if version == 0 and answer.fate != "added":
        raise Refused("roster.exists", code=code)
    current = Enterprise.objects.get(pk=code) if before and version else None
    _refuse_stale(current, version, by=by)
    try:
        with transaction.atomic():
            write_plans(by=by, plans=[answer], source=source, on=on)
    except IntegrityError:
        # Nobody can lock what is not there yet: somebody else has added it in this moment.
        if before is None and Enterprise.objects.filter(pk=code).exists():
            raise Refused("roster.exists", code=code) from None
        raise
    return answer


@act("roster.registrations_written")
def write_plans(*, by: Actor, plans: Sequence[Plan], source: str, on: dt.date) -> None:
    """Write plans that `plan` made in this transaction: versions, present state, rosters.

    One statement per table and slice, however many plans. Source: R19, 二(三); design idea 3.
    """
    now = stamp()
    work = [item for item in plans if item.fate != "unchanged"]
    added = [item for item in work if item.fate == "added"]
    changed = [item for item in work if item.fate == "changed"]
    revised = [item for item in changed if item.changes]
    ended = _end_registrations({item.code: item for item in revised}, by=by, on=on, now=now)
    copy_rows(
        Enterprise,
        ("code", "name_key", "keeper_id", "version", *FACTS),
        (_enterprise_row(item) for item in added if not item.again),
    )
    _update_enterprises([*changed, *(item for item in added if item.again)])
    current = (_registration_row(item, by, source, on, now) for item in (*added, *revised))
    copy_rows(Registration, VERSION, chain(ended, current))
    _move(by=by, plans=[item for item in work if item.moves], on=on, now=now)
    for item in work if len(work) <= NAMED else ():
        note(
            target=("roster.enterprise", item.code, item.facts.name),
            region=item.keeper or "",
            fate=item.fate,
            changes=[(name, str(old), str(new)) for name, old, new in item.changes],
        )
    note(added_count=len(work))


def _enterprise_row(item: Plan) -> tuple:
    facts = _values(item.facts)
    return item.code, _search_key(item), item.keeper, 1, *facts


VERSION = (
    "enterprise_id", "name_key", "since", "until", "source", "recorded_by", "recorded_at",
    "retract_reason", *FACTS,
)  # fmt: skip


def _registration_row(item: Plan, by: Actor, source: str, on: dt.date, now: dt.datetime) -> tuple:
    since = item.facts.established_on if item.fate == "added" else _changed_on(item, on)
    return (
        item.code, _search_key(item), since, None, source, by.username, now, "",
        *_values(item.facts),
    )  # fmt: skip


def _changed_on(item: Plan, on: dt.date) -> dt.date:
    """From which day news holds: a change of state from its own date, all else from today."""
    states = any(name == "status" for name, *_ in item.changes)
    return item.facts.status_on or on if states else on


def _search_key(item: Plan) -> str:
    return search_key(item.facts.name, item.facts.former_names)


def _end_registrations(
    items: Mapping[str, Plan], *, by: Actor, on: dt.date, now: dt.datetime
) -> list[tuple]:
    """Retract the versions that news ends and give them back with the day they end before."""
    live = list(
        Registration.objects.filter(
            enterprise__one_of=items, retracted_at__isnull=True, until__isnull=True
        )
    )
    ended = [
        (
            row.enterprise_id, row.name_key, row.since,
            _changed_on(items[row.enterprise_id], on), row.source, by.username, now, "",
            *_values(row),
        )
        for row in live
    ]  # fmt: skip
    retract(live, at=now, retract_reason="superseded")
    return ended


def _update_enterprises(items: Sequence[Plan]) -> None:
    if not items:
        return
    update_rows(
        Enterprise,
        "code",
        ("name_key", "keeper_id", *FACTS),
        ((item.code, _search_key(item), item.keeper, *_values(item.facts)) for item in items),
        counter="version",
    )


def _move(*, by: Actor, plans: Sequence[Plan], on: dt.date, now: dt.datetime) -> None:
    """End the stay on the old roster, begin the one on the new."""
    codes = [item.code for item in plans if item.fate == "changed"]
    ended = list(RosterEntry.objects.current().filter(enterprise__one_of=codes))
    left = _end_stays(ended, plans={item.code: item for item in plans}, by=by, on=on, now=now)
    copy_rows(RosterEntry, ENTRY, left)
    copy_rows(
        RosterEntry,
        ENTRY,
        (
            _entry_row(item, by=by, joined_on=_joined_on(item, on), now=now)
            for item in plans
            if item.placing is not None
        ),
    )


ENTRY = (
    "enterprise_id", "region_id", "level", "rule", "reason", "override",
    "joined_on", "left_on", "leave_reason", "recorded_by", "recorded_at",
)  # fmt: skip


def _joined_on(item: Plan, on: dt.date) -> dt.date | None:
    """A newly known enterprise belongs here since it exists, a moving one since it moved."""
    return item.facts.established_on if item.fate == "added" else on


def _entry_row(
    item: Plan, *, by: Actor, joined_on: dt.date | None, now: dt.datetime,
    reason: str = "", override: bool = False,
) -> tuple:  # fmt: skip
    placing: Placing = item.placing  # type: ignore[assignment]
    return (
        item.code, placing.region, placing.level, placing.rule, reason, override,
        joined_on, None, "", by.username, now,
    )  # fmt: skip


def _end_stays(
    entries: Sequence[RosterEntry], *, plans: dict[str, Plan], by: Actor, on: dt.date,
    now: dt.datetime,
) -> list[tuple]:  # fmt: skip
    retract(entries, at=now)
    rows = []
    for entry in entries:
        item = plans[entry.enterprise_id]
        reason, left_on = _leaving(item, entry, on)
        rows.append(
            (
                entry.enterprise_id,
                entry.region_id,
                entry.level,
                entry.rule,
                entry.reason,
                entry.override,
                entry.joined_on,
                left_on,
                reason,
                by.username,
                now,
            )
        )
    return rows


def _leaving(item: Plan, entry: RosterEntry, on: dt.date) -> tuple[str, dt.date]:
    """Why and when a stay ends: a registration state ends it on its own date. R19."""
    if item.placing is None:
        return str(Status(item.facts.status).label), item.facts.status_on or on
    if item.placing.region == entry.region_id:
        return f"改变列入依据（{item.placing.rule}）", on
    return f"转入 {item.placing.region}（{item.placing.rule}）", on


def _refuse_stale(current: Enterprise | None, version: int, *, by: Actor) -> None:
    if current is None and version:
        raise NotPermitted("roster.not_permitted")
    if current is not None and current.version != version:
        raise stale(current, by=by)


@act("roster.place_overridden")
def override_place(
    *, by: Actor, code: str, region: str, level: str, reason: str, on: dt.date, version: int
) -> None:
    """Put an enterprise on a roster by hand, against R12–R15, with a written reason.

    Only the unit that keeps it may do so; it can give it away, never pull one in. `version` is
    what the form was read at. Raises NotPermitted, Refused. Source: R12–R16; the open end 等 of
    R13 and development zones without a code make this necessary.
    """
    enterprise = kept_enterprise(by, code, version, reason)
    _place(by=by, enterprise=enterprise, region=region, level=level, reason=reason, on=on)


@act("roster.place_decided")
def place_by_decision(
    *, by: Actor, code: str, region: str, level: str, reason: str, on: dt.date
) -> None:
    """The same by a decision on an objection to the roster; the act above has asked who may and for
    a second person. Raises Refused. Source: R12–R16, R29."""
    rows = Enterprise.objects.select_for_update(of=("self",), no_key=True)
    _place(by=by, enterprise=rows.get(pk=code), region=region, level=level, reason=reason, on=on)


def _place(
    *, by: Actor, enterprise: Enterprise, region: str, level: str, reason: str, on: dt.date
) -> None:
    code, where = enterprise.pk, geography(on=on)
    if region not in where.levels:
        if region in where.names:
            raise Refused("roster.region_ended", region=where.names[region])
        raise Refused("roster.unknown_region", value=region)
    is_own_city = where.cities[region] == region
    if level not in roster_levels(where.levels[region], is_own_city=is_own_city):
        named = str(Level(level).label) if level in Level.values else level
        raise Refused("roster.no_such_roster", region=where.names[region], level=named)
    if enterprise.keeper_id is None:
        raise Refused("roster.not_on_roster")
    now = stamp()
    facts = standings([code])[code].facts
    item = Plan(code, "changed", facts, Placing(level, region, "override"), moves=True)
    ended = list(RosterEntry.objects.current().filter(enterprise=enterprise))
    left = _end_stays(ended, plans={code: item}, by=by, on=on, now=now)
    copy_rows(RosterEntry, ENTRY, left)
    row = _entry_row(item, by=by, joined_on=on, now=now, reason=reason, override=True)
    copy_rows(RosterEntry, ENTRY, [row])
    Enterprise.objects.filter(pk=code).update(keeper_id=region, version=F("version") + 1)
    note(
        target=enterprise,
        region=region,
        reason=reason,
        changes=[("keeper_id", str(enterprise.keeper_id), region)],
    )


@act("roster.place_released")
def release_place(*, by: Actor, code: str, reason: str, on: dt.date, version: int) -> Plan:
    """Take an override back: from now on the rule places the enterprise again.

    Raises NotPermitted, Refused. Source: R12–R16.
    """
    enterprise = kept_enterprise(by, code, version, reason)
    standing = standings([code])[code]
    if not standing.override:
        raise Refused("roster.not_overridden")
    answer = plan(
        code=code,
        given={},
        before=replace(standing, override=False),
        geography=geography(on=on),
        own=own_rosters(by),
        on=on,
    )
    if isinstance(answer, Refusal):
        raise Refused(answer.code, **dict(answer.values))
    answer = replace(answer, fate="changed", moves=True)
    note(target=enterprise, reason=reason)
    write_plans(by=by, plans=[answer], source="", on=on)
    return answer


def kept_enterprise(by: Actor, code: str, version: int, reason: str) -> Enterprise:
    """The enterprise, locked, when the actor's unit keeps it and the form is not stale.

    Raises NotPermitted, Refused: somebody was faster, or no reason was given.
    """
    enterprise = (
        Enterprise.objects.select_for_update(of=("self",), no_key=True).filter(pk=code).first()
    )
    if enterprise is None:
        raise NotPermitted("roster.not_permitted")
    if not may(by, Permission.EDIT_ROSTER, enterprise):
        raise left_own_roster(by, code) or NotPermitted("roster.not_permitted")
    _refuse_stale(enterprise, version, by=by)
    if not reason.strip():
        raise Refused("roster.reason_missing")
    return enterprise


def left_own_roster(by: Actor, code: str) -> Refused | None:
    """Who took an enterprise off the actor's roster; None when its last stay was elsewhere.

    The stay that has ended tells, which the actor may see. Source: R2, R12.
    """
    ended = RosterEntry.objects.filter(
        enterprise=code, retracted_at__isnull=True, left_on__isnull=False
    )
    last = ended.order_by("-recorded_at", "-pk").first()
    if last is None or last.region_id not in (own_rosters(by) or ()):
        return None
    return Refused("roster.left_own_roster", who=last.recorded_by, at=minute(last.recorded_at))


__all__ = [
    "appoint",
    "end_posting",
    "left_own_roster",
    "override_place",
    "own_rosters",
    "place_by_decision",
    "register_enterprise",
    "release_place",
    "standings",
    "write_plans",
]
