"""What used a record. Source: R29; design idea 10."""

import datetime as dt

import pytest

from grading import uses
from grading.enums import Settlement
from grading.settling import Settled, Standing, settle
from tests.factories.grading import TODAY, code, person
from tests.factories.roster import lead

CASE = "冀信异〔2026〕130102-0001"


@pytest.fixture
def graded(county):
    county.register([code(1), code(2)])
    county.severe = county.give(code(1), "licence_revoked", "2025-06-01")
    county.later = county.give(code(2), "penalty_other", "2026-02-01")
    county.publish(county.run())
    return county


def told(record, user):
    return [(use.before, use.after) for use in uses.uses_of(record, user=user)]


def test_rating_that_counted_it_is_named_with_the_grade_that_stands_there_now(graded):
    assert told(graded.severe, graded.clerk) == [("C", "C")]

    settle(
        by=graded.approver, code=code(1), standing=Standing(), reason="属实", reference=CASE,
        settled=[Settled(graded.severe.pk, Settlement.DELETE)], on=TODAY,
    )  # fmt: skip

    assert told(graded.severe, graded.clerk) == [("C", "A")]


def test_later_version_of_the_record_leads_to_what_used_the_earlier(graded):
    changed = {"conduct": "无证经营"}
    settle(
        by=graded.approver, code=code(1), standing=Standing(), reason="补充", reference=CASE,
        settled=[Settled(graded.severe.pk, Settlement.COMPLETE, changed)], on=TODAY,
    )  # fmt: skip
    successor = type(graded.severe).objects.get(supersedes=graded.severe)

    assert told(successor, graded.clerk) == [("C", "C")]


def test_record_outside_the_window_was_used_by_nobody(graded):
    assert told(graded.later, graded.clerk) == []


def test_grades_are_told_to_who_sees_them_only(graded):
    stranger = person("other-clerk", lead("130202"), "lead_clerk")

    assert told(graded.severe, stranger) == []


def test_upper_room_adds_what_it_made_of_a_record(graded, monkeypatch):
    monkeypatch.setattr(uses, "_finders", [])
    draw = uses.Use("抽查", "2026年第1次", dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "抽中", "抽中")
    uses.register(lambda record, user: [draw] if record == graded.severe else [])

    assert uses.uses_of(graded.severe, user=graded.clerk)[-1] == draw
    assert uses.uses_of(graded.later, user=graded.clerk) == []
