"""Person × act × row: who may, does; who may not, changes nothing, and of a row that is not the
person's to see learns no more than of none. Design ideas 3 and 6."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from django.db import connection, transaction

from objections.models import Case

from . import oracle
from .acts import ACTS, Act
from .doors import ACTS as DOORS_OF_ROWS
from .doors import OWN, OWN_PAGES, ROW, Door, doors
from .oracle import CHANGAN, Placed
from .walking import Visitor, absent_key, address, plain, row_address
from .world import EXHAUSTIVE, HANDS, World

pytestmark = pytest.mark.django_db
EVERYBODY = pytest.mark.parametrize("name", HANDS)
WRITTEN_BESIDE = ("audit_", "django_session", "portal_cache", "credit_portal_")
"""What an attempt may leave: that it was made."""
ONLY_READ = {
    "intake_batch_progress",
    "intake_batch_errors",
    "grading_run_progress",
    "grading_rating_explain",
    "roster_binding_proof",
    "objections_case_clock",
    "objections_case_file",
    "objections_verification_file",
    "notices_letter_pdf",
    "enterprise_page",
    "enterprise_grade",
    "enterprise_record",
    "enterprise_case",
    "enterprise_case_file",
    "enterprise_draft_file",
    "enterprise_letter",
}


def test_every_act_on_a_row_is_tried() -> None:
    tried = {act.door.removeprefix("admin:") for act in ACTS}
    forms = {door.name.removeprefix("admin:") for door in doors() if door.kind in (ROW, OWN)}

    assert {*DOORS_OF_ROWS, *OWN_PAGES} - ONLY_READ <= tried
    assert tried - set(DOORS_OF_ROWS) - forms == {
        "records_record_add", "records_record_changelist", "roster_posting_add",
        "roster_representative_add",
    }  # fmt: skip


NEVER_DONE = {
    "roster_enterprise_release", "grading_run_stop", "grading_run_resume", "grading_scheme_copy",
    "grading_scheme_edit", "grading_rosterrun_publish", "grading_rosterrun_withdraw",
    "roster_user_second_factor",
}  # fmt: skip
"""For which the world has no row in a state for it; these are refused to everybody who tries."""


def test_every_other_act_is_done_by_somebody(world: World) -> None:
    """Somebody of those who try it may do it, to a row in a state for it."""
    done = set()
    for name in HANDS:
        me = Visitor(world, name)
        for place, act in enumerate(ACTS):
            rows = [one for one in tried_on(act, me) if act.may(me.person, one.thing)]
            if any(act.can(act.row(one)) for one in rows):
                done.add(place)
    never = {act.door.removeprefix("admin:") for place, act in enumerate(ACTS) if place not in done}

    assert never == NEVER_DONE


def tables() -> list[str]:
    names = connection.introspection.table_names()
    return [name for name in names if not name.startswith(WRITTEN_BESIDE)]


def contents() -> dict[str, str]:
    """A digest of every table of business."""
    found = {}
    for table in tables():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            rows = sorted(repr(row) for row in cursor.fetchall())
        found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def changed_since(before: dict[str, str]) -> set[str]:
    """Tables of business that hold something else than they did."""
    return {table for table, digest in contents().items() if digest != before[table]}


@contextmanager
def taken_back() -> Iterator[None]:
    """An attempt that leaves the world as it was; to the portal it stands in no transaction."""
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)


def sent(me: Visitor, act: Act, key: str, form: Any) -> Any:
    """The answer to a form."""
    where = address(act.door) if act.to_table else row_address(_door(act.door), key)
    return me.client.post(where, form)


@cache
def _door(name: str) -> Door:
    return next(one for one in doors() if one.name == name)


def tried_on(act: Act, me: Visitor) -> list[Placed]:
    """Of the rows the act can come to something for: one the person may do it to, one that is
    only seen, one that is not seen. All of them in the long run."""
    things = me.world.of(act.model._meta.label_lower)
    if EXHAUSTIVE:
        return things
    groups: dict[tuple[bool, bool, bool], list[Placed]] = {}
    for one in things:
        can = act.can(act.row(one)) if act.may(me.person, one.thing) else True
        group = (act.may(me.person, one.thing), can, oracle.sees(me.person, one.thing))
        groups.setdefault(group, []).append(one)
    turn = HANDS.index(me.name)
    return [found[turn % len(found)] for found in groups.values()]


def knew(me: Visitor, one: Placed) -> bool:
    """Whether the person sees a stay of the enterprise: it was on the own roster once, so it is
    no secret that it has left."""
    stays = (other.thing for other in me.world.of("roster.rosterentry"))
    return any(stay.enterprise == one.thing and oracle.sees(me.person, stay) for stay in stays)


def told(me: Visitor, act: Act, one: Placed, answer: Any) -> list[str]:
    """What the answer to an act on a row that one does not see tells beyond "not there"."""
    if act.to_table or knew(me, one):
        also = {one.key, act.form(act.row(one)).get("enterprise_code", "")} | one.marks
        return [f"{act.door} {one.key} tells {text}" for text in me.gives_away(answer, also=also)]
    key = absent_key(one.model)
    with taken_back():
        absent = sent(me, act, key, act.form(act.row(one)))
    same = plain(answer, one.key) == plain(absent, key)
    return (
        [] if same else [f"{act.door} {one.key}: {answer.status_code} unlike {absent.status_code}"]
    )


@EVERYBODY
def test_an_act_is_done_by_whom_it_belongs_to_and_by_nobody_else(world: World, name: str) -> None:
    me, before, wrong = Visitor(world, name), contents(), []
    for act in ACTS:
        for one in tried_on(act, me):
            row, allowed = act.row(one), act.may(me.person, one.thing)
            wanted = allowed and act.can(row)
            with taken_back():
                answer = sent(me, act, one.key, act.form(row))
                changed = contents() != before
                said = f"{act.door} {one.key}: {answer.status_code}"
                if changed != wanted:
                    wrong.append(f"{said}, changed={changed}")
                if answer.status_code >= 500:
                    wrong.append(said)
            if not (allowed or oracle.sees(me.person, one.thing)):
                wrong += told(me, act, one, answer)

    assert not wrong, "\n".join(wrong)


def test_who_has_sent_a_case_back_may_do_so_again(world: World) -> None:
    """Apart from the decider stand those who verified; sending back is no part in that."""
    me = Visitor(world, f"{CHANGAN}-lead-lead_approver")
    act = next(one for one in ACTS if one.door == "admin:objections_case_send_back")
    before = contents()
    sent_back = Case.objects.filter(unit=CHANGAN, state="verified", steps__action="send_back")
    for case in sent_back:
        with taken_back():
            sent(me, act, str(case.pk), act.form(case))
            assert "objections_casestep" in changed_since(before)
    assert sent_back
