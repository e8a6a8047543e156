"""The web process dies in the middle of an act, or before its answer; the person presses again.

The same form, to another process: then there is one effect, and nothing is lost.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from audit.models import Event
from grading import corrections, services
from grading.enums import PartState, ProposalKind, ProposalState
from grading.models import Proposal, RosterRun, Run
from intake import services as files
from intake import store
from intake.enums import BatchState
from intake.models import Batch
from notices.models import Letter, Notice
from objections import deciding, filing, handling
from objections.models import Case
from roster.models import User
from tests.factories.cases import drafted, speaker
from tests.factories.files import ROSTER, page, roster_line
from tests.factories.grading import (
    COUNTY,
    OPERATOR,
    REFERENCE,
    TODAY,
    County,
    code,
    person,
    state_set_up,
)
from tests.factories.intake import csv_file
from tests.faults.browser import Form, Person
from tests.faults.processes import Nursery, Process
from tests.faults.wholeness import orphans, wrong_with_books
from tests.workers import wait_until


@dataclass
class Press:
    """A button: who presses it, on which page, and what must have come of it, once."""

    by: User
    page: str
    act: str
    outcome: Callable[[], Any]
    action: str = ""
    filled: dict[str, Any] | None = None


def answers(web: Process) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", web.port)) == 0


def web_of(nursery: Nursery, step: str | None = None) -> Process:
    web = nursery.web(step=step)
    wait_until(lambda: answers(web))
    return web


def pressed_again(nursery: Nursery, press: Press, step: str) -> list[Any]:
    """What stands after the process died at the step, and after the same form was sent again."""
    person = Person(press.by)
    web = web_of(nursery, step)
    form = person.form(web.port, press.page, action=press.action, **(press.filled or {}))
    body = form.body  # a file can be read once
    assert send(person, web, form, body) is None
    wait_until(lambda: not web.lives)
    assert web.has_reached_its_step()
    before = press.outcome()
    other = web_of(nursery)
    status = send(person, other, form, body)
    assert status in (200, 302, 409), status
    other.kill()
    done = Event.objects.filter(act=press.act, outcome="done").count()
    return [before, press.outcome(), done]  # pressed again may be told as an act, too


def send(person: Person, web: Process, form: Form, body: tuple[bytes, str]) -> int | None:
    return person.send(web.port, form.address, *body)


# --- the buttons ---------------------------------------------------------------------------------


def file_sent(county: County) -> Press:
    rows = csv_file([ROSTER, roster_line(21)])
    rows.name = "名录.csv"
    return Press(
        county.clerk, page("add"), "intake.file_received",
        lambda: Batch.objects.count(),
        filled={"layout": "roster", "file": rows},
    )  # fmt: skip


def checked(county: County) -> Batch:
    rows = csv_file([ROSTER, roster_line(21)])
    batch = files.receive(by=county.clerk, layout_key="roster", name="名录.csv", stream=rows)
    return files.check_batch(batch.pk, pause=0)


def file_confirmed(county: County) -> Press:
    batch = checked(county)
    return Press(
        county.clerk, page("change", batch), "intake.file_confirmed",
        lambda: Batch.objects.filter(state=BatchState.CONFIRMED).count(),
        action=page("confirm", batch),
    )  # fmt: skip


def file_cancelled(county: County) -> Press:
    batch = checked(county)
    return Press(
        county.clerk, page("change", batch), "intake.file_cancelled",
        lambda: Batch.objects.filter(state=BatchState.CANCELLED).count(),
        action=page("cancel", batch),
    )  # fmt: skip


def run_started(county: County) -> Press:
    return Press(
        county.clerk, reverse("admin:grading_run_add"), "grading.run_opened",
        lambda: Run.objects.count(),
        filled={"which": "all"},
    )  # fmt: skip


def computed(county: County) -> RosterRun:
    run = services.open_run(
        by=OPERATOR, kind="annual", reference_date=REFERENCE, on=TODAY, regions=[COUNTY]
    )
    return county.part(services.work(run.pk))


def part_page(part: RosterRun, name: str) -> str:
    return reverse(f"admin:grading_rosterrun_{name}", args=[part.pk])


def part_reviewed(county: County) -> Press:
    part = computed(county)
    return Press(
        county.clerk, part_page(part, "change"), "grading.part_reviewed",
        lambda: RosterRun.objects.filter(state=PartState.REVIEWED).count(),
        action=part_page(part, "review"),
    )  # fmt: skip


def part_published(county: County) -> Press:
    part = computed(county)
    services.review_part(by=county.clerk, part_id=part.pk, digest=part.digest)
    return Press(
        county.approver, part_page(part, "change"), "grading.part_published",
        lambda: RosterRun.objects.current().count(),
        action=part_page(part, "publish"),
    )  # fmt: skip


def correction_decided(county: County) -> Press:
    """The withdrawal of the one general record of a B."""
    record = county.give(code(1), "penalty_other", "2025-05-05")
    county.publish(services.work(computed(county).run_id))
    proposal = corrections.change_record(
        by=person("dept-clerk", county.authority, "department_clerk"), record_id=record.pk,
        kind=ProposalKind.WITHDRAW, changes={}, reason="复议撤销", on=TODAY,
    )  # fmt: skip
    approver = person("dept-approver", county.authority, "department_approver")
    state_set_up()
    return Press(
        approver,
        reverse("admin:grading_proposal_change", args=[proposal.pk]), "grading.correction_decided",
        lambda: Proposal.objects.filter(state=ProposalState.CONFIRMED).count(),
        action=reverse("admin:grading_proposal_decide", args=[proposal.pk]),
        filled={"decision": "agree"},
    )  # fmt: skip


def brought(county: County) -> tuple[Case, User]:
    """An objection against the one general record of a B, and who filed it."""
    record = county.give(code(1), "penalty_other", "2025-05-05")
    county.publish(services.work(computed(county).run_id))
    user = speaker(code(1))
    draft = drafted(user, code(1), [record.pk])
    return filing.file_case(by=user, draft_id=draft.pk, on=localdate()), user


def case_filed(county: County) -> Press:
    record = county.give(code(1), "penalty_other", "2025-05-05")
    user = speaker(code(1))
    draft = drafted(user, code(1), [record.pk])
    state_set_up()
    return Press(
        user, reverse("enterprise_draft_check", args=[draft.pk]), "objections.filed",
        lambda: told_once("objections.receipt", Case.objects.all()),
    )  # fmt: skip


def case_accepted(county: County) -> Press:
    case, _user = brought(county)
    state_set_up()
    return Press(
        county.clerk, case_page(case, "accept"), "objections.accepted",
        lambda: told_once("objections.accepted", Case.objects.filter(state="accepted"), "acceptance"),
    )  # fmt: skip


def case_decided(county: County) -> Press:
    """The record is deleted, the B becomes an A, the enterprise is told and has a letter."""
    case, _user = brought(county)
    handling.accept_case(by=county.clerk, case_id=case.pk, version=None, on=localdate())
    item = case.items.get()
    found = [handling.Found(item.pk, "true", "经核对")]
    handling.verify_alone(
        by=county.clerk, case_id=case.pk, version=None, found=found, on=localdate()
    )
    case.refresh_from_db()
    decisions = [deciding.Decision(item.pk, "delete", "查实")]
    effect = deciding.effect_of(by=county.approver, case=case, decisions=decisions, on=localdate())
    state_set_up()
    return Press(
        county.approver, case_page(case, "decide"), "objections.decided",
        lambda: told_once("objections.decided", Case.objects.filter(state="decided"), "decision"),
        filled={
            f"item{item.pk}-outcome": "delete", f"item{item.pk}-outcome_reason": "查实",
            f"item{item.pk}-reason": "查实", "reason": "经核查", "_sign": "1",
            "basis": deciding.as_basis(effect),
        },
    )  # fmt: skip


def case_page(case: Case, name: str) -> str:
    return reverse(f"admin:objections_case_{name}", args=[case.pk])


def told_once(kind: str, cases: QuerySet[Case], letter: str = "") -> int:
    """How many cases; each has one notice of the kind, and one letter where there is one."""
    count = cases.count()
    assert Notice.objects.filter(kind=kind).count() == count
    if letter:
        assert Letter.objects.filter(kind=letter).count() == count
    return count


BUTTONS = [
    file_sent, file_confirmed, file_cancelled, run_started, part_reviewed, part_published,
    correction_decided, case_filed, case_accepted, case_decided,
]  # fmt: skip


@pytest.mark.parametrize("button", BUTTONS)
def test_act_broken_off_has_no_effect_and_pressed_again_one(county, nursery, button):
    assert pressed_again(nursery, button(county), "written") == [0, 1, 1]
    assert (wrong_with_books(), orphans()) == ([], [])


@pytest.mark.parametrize("button", [one for one in BUTTONS if one is not file_sent])
def test_act_without_an_answer_is_done_and_pressed_again_no_second_time(county, nursery, button):
    before, after, _done = pressed_again(nursery, button(county), "committed")
    assert (before, after) == (1, 1)
    assert (wrong_with_books(), orphans()) == ([], [])


def test_copy_of_a_file_that_was_never_recorded_is_swept(county, nursery):
    assert pressed_again(nursery, file_sent(county), "copy written") == [0, 1, 1]
    assert len(list(store.folder().iterdir())) == 2
    assert (orphans(), len(list(store.folder().iterdir()))) == ([], 1)


def test_copy_of_a_cancelled_file_that_was_not_removed_is_swept(county, nursery):
    before, after, _done = pressed_again(nursery, file_cancelled(county), "copy not removed")
    assert (before, after, len(list(store.folder().iterdir()))) == (1, 1, 1)
    assert (orphans(), list(store.folder().iterdir())) == ([], [])
