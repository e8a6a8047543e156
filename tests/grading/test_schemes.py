"""The standard as dated data: drafts are worked on, published versions never change."""

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from audit.models import Event
from audit.refusal import NotPermitted, Refused
from grading import reference, services
from grading.enums import Weight
from grading.models import RunSchedule, Scheme, SchemeGrade, SchemeKind
from grading.rules.scheme import GRADES_OF_2022, KINDS_OF_2022, Counting
from grading.schemes import Draft, copy_scheme, end_schedule, fingerprint, save_draft, set_schedule
from tests.factories.roster import OPERATOR, TODAY, Hebei


@pytest.fixture
def hebei(db) -> Hebei:
    made = Hebei()
    reference.load_reference(by=OPERATOR)
    return made


@pytest.fixture
def published(hebei) -> Scheme:
    return Scheme.objects.get(version=1)


@pytest.fixture
def draft(hebei, published) -> Scheme:
    return copy_scheme(by=hebei.province, scheme_id=published.pk)


def save(hebei, draft: Scheme, said: Draft, seen: str = "", by=None) -> Scheme:
    seen = seen or fingerprint(Draft.of(draft))
    return save_draft(by=by or hebei.province, scheme_id=draft.pk, seen=seen, said=said)


# --- version 1 ------------------------------------------------------------------------------------


def test_first_version_is_the_policy_text(published):
    said = Draft.of(published)

    assert (said.window_months, said.general_limit) == (12, 5)
    assert dict(said.kinds) == KINDS_OF_2022
    assert [(g, *said.grades[g]) for g in said.grades] == list(GRADES_OF_2022)


def test_loading_the_reference_again_adds_nothing(published):
    assert reference.load_reference(by=OPERATOR) == 0
    assert Scheme.objects.count() == 1


# --- published versions -------------------------------------------------------------------------


def changes_of_a_published_version() -> list:
    return [
        lambda scheme: Scheme.objects.get(pk=scheme.pk).save(),
        lambda scheme: scheme.delete(),
        lambda scheme: Scheme.objects.filter(pk=scheme.pk).update(general_limit=6),
        lambda scheme: Scheme.objects.update(general_limit=6),
        lambda scheme: Scheme.objects.all().delete(),
        lambda scheme: scheme.kinds.first().save(),
        lambda scheme: scheme.kinds.first().delete(),
        lambda scheme: SchemeKind.objects.update(weight=Weight.NONE),
        lambda scheme: scheme.kinds.all().delete(),
        lambda scheme: scheme.grades.first().save(),
        lambda scheme: scheme.grades.first().delete(),
        lambda scheme: SchemeGrade.objects.filter(grade="A").update(name="优秀"),
        lambda scheme: SchemeGrade(scheme=scheme, grade="E", name="", meaning="", order=5).save(),
        lambda scheme: scheme.grades.create(grade="E", name="", meaning="", order=5),
    ]


@pytest.mark.parametrize("change", changes_of_a_published_version())
def test_published_version_refuses_every_change(published, change):
    before = Draft.of(published)
    with pytest.raises(Refused) as refused:
        change(published)

    assert refused.value.code == "grading.scheme_published"
    assert Draft.of(Scheme.objects.get(version=1)) == before


def test_published_version_is_not_saved_as_a_draft(hebei, published):
    said = replace(Draft.of(published), general_limit=6)
    with pytest.raises(Refused) as refused:
        save(hebei, published, said)

    assert refused.value.code == "grading.scheme_published"


# --- drafts -----------------------------------------------------------------------------------------


def test_copy_says_the_same_under_the_next_number(published, draft):
    assert (draft.version, draft.state, draft.based_on) == (2, "draft", published)
    assert Draft.of(draft) == Draft.of(published)


def test_one_draft_at_a_time(hebei, published, draft):
    with pytest.raises(Refused) as refused:
        copy_scheme(by=hebei.province, scheme_id=published.pk)

    assert refused.value.code == "grading.draft_open"


@pytest.mark.parametrize("who", ["county", "city", "market"])
def test_standard_is_the_provinces(hebei, published, who):
    with pytest.raises(NotPermitted):
        copy_scheme(by=getattr(hebei, who), scheme_id=published.pk)


def test_draft_is_saved_with_an_event_that_names_the_changes(hebei, draft):
    before = Draft.of(draft)
    kinds = dict(before.kinds) | {"judgment_defaulter": Counting(Weight.NONE)}
    save(hebei, draft, replace(before, general_limit=4, kinds=kinds, note="试行"))
    draft.refresh_from_db()
    noted = Event.objects.get(act="grading.scheme_saved").details["notes"][0]["values"]["changes"]

    assert (draft.general_limit, draft.note) == (4, "试行")
    assert Draft.of(draft).kinds["judgment_defaulter"].weight == Weight.NONE
    assert noted == [
        ["general_limit", "5", "4"],
        ["note", "", "试行"],
        ["judgment_defaulter", "listed|0|1", "none"],
    ]


def test_draft_changed_by_somebody_else_is_not_overwritten(hebei, draft):
    before = Draft.of(draft)
    seen = fingerprint(before)
    save(hebei, draft, replace(before, general_limit=4))
    with pytest.raises(Refused) as refused:
        save(hebei, draft, replace(before, general_limit=7), seen=seen)

    assert refused.value.code == "roster.form_stale_by"
    assert Scheme.objects.get(pk=draft.pk).general_limit == 4


@pytest.mark.parametrize("part", ["kinds", "grades"])
def test_draft_with_something_unknown_is_refused(hebei, draft, part):
    before = Draft.of(draft)
    more = {"kinds": {"x": Counting(Weight.GENERAL)}, "grades": {"E": ("", "")}}[part]
    said = replace(before, **{part: dict(getattr(before, part)) | more})
    with pytest.raises(Refused) as refused:
        save(hebei, draft, said)

    assert refused.value.code == "grading.draft_unknown"


def test_no_run_goes_by_a_draft(hebei, draft):
    with pytest.raises(Refused) as refused:
        services.open_run(
            by=hebei.county, kind="adhoc", reference_date=TODAY, on=TODAY, scheme=draft
        )

    assert refused.value.code == "grading.scheme_is_draft"
    assert services.published_scheme().version == 1


# --- the cycle --------------------------------------------------------------------------------------


def test_cycle_begins_and_ends(hebei):
    since = dt.date(2025, 1, 1)
    made = set_schedule(by=hebei.province, kind="quarterly", month=3, day=31, since=since)
    ended = end_schedule(by=hebei.province, schedule_id=made.pk, until=dt.date(2026, 1, 1))

    assert made.cycle.newest_before(TODAY) == dt.date(2025, 3, 31)
    assert ended.until == dt.date(2026, 1, 1)
    with pytest.raises(Refused):
        end_schedule(by=hebei.province, schedule_id=made.pk, until=TODAY)


def test_cycle_that_holds_already(hebei):
    """Of two that are the same, ending one would end nothing; one that follows is another."""
    given = {"by": hebei.province, "kind": "quarterly", "month": 3, "day": 31}
    first = set_schedule(**given, since=dt.date(2025, 1, 1), until=dt.date(2026, 1, 1))
    with pytest.raises(Refused, match="schedule_exists"):
        set_schedule(**given, since=dt.date(2025, 6, 1))
    second = set_schedule(**given, since=dt.date(2026, 1, 1))

    assert set(RunSchedule.objects.filter(kind="quarterly")) == {first, second}


@pytest.mark.parametrize(("month", "day"), [(4, 31), (2, 29), (2, 30), (13, 1), (1, 0)])
def test_cycle_on_a_day_that_not_every_year_has(hebei, month, day):
    with pytest.raises(ValidationError):
        set_schedule(by=hebei.province, kind="quarterly", month=month, day=day, since=TODAY)


def test_cycle_that_ends_before_it_begins(hebei):
    day_before = TODAY - dt.timedelta(days=1)
    with pytest.raises(ValidationError):
        set_schedule(
            by=hebei.province, kind="quarterly", month=3, day=31, since=TODAY, until=day_before
        )


def test_cycle_cannot_end_before_it_began(hebei):
    schedule = RunSchedule.objects.get()
    with pytest.raises(Refused) as refused:
        end_schedule(by=hebei.province, schedule_id=schedule.pk, until=dt.date(2000, 1, 1))

    assert refused.value.code == "grading.schedule_ends_early"


@pytest.mark.parametrize("who", ["county", "city", "market"])
def test_cycle_is_the_provinces(hebei, who):
    with pytest.raises(NotPermitted):
        set_schedule(by=getattr(hebei, who), kind="quarterly", month=3, day=31, since=TODAY)
