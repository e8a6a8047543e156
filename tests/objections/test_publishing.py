"""Records come down on the day after which they are not published, once, and it is told. Facts 3."""

from __future__ import annotations

import datetime as dt
from html import unescape

import pytest

from audit.models import Event
from grading.regrading import current_rating
from notices.models import Notice
from objections import publishing
from objections.filing import Item
from records import services as records
from records import takedown
from records.models import PublicationRound, Record, TakenDown
from tests.factories.grading import OPERATOR, TODAY
from tests.factories.objections import OTHER, OWN, Office
from tests.factories.roster import signed_in

DAY = dt.timedelta(days=1)
FINE_DOWN = dt.date(2028, 2, 3)  # 36 months: decided on 2025-02-03, by the rules of that day


def down() -> set[int]:
    return set(TakenDown.objects.filter(waits=False).values_list("record", flat=True))


@pytest.mark.parametrize(("before", "gone"), [(1, False), (0, True)])
def test_record_comes_down_on_its_last_day(office: Office, before: int, gone: bool):
    publishing.take_down_due(on=FINE_DOWN - before * DAY)
    assert (office.fine.pk in down()) is gone
    assert PublicationRound.objects.get().taken_down == len(down()) == 2 * gone


def test_next_rounds_find_what_ended_since(office):
    minor = office.give(OWN, "penalty_other", "2026-01-10", measures="警告")
    new = office.give(OTHER, "penalty_other", "2026-04-10", measures="罚款")
    days = [TODAY + n * DAY for n in range(500)]
    came = {day: publishing.take_down_due(on=day) for day in days}
    assert {day: n for day, n in came.items() if n} == {
        dt.date(2026, 4, 10): 1, dt.date(2027, 4, 10): 1,
    }  # fmt: skip
    assert down() == {minor.pk, new.pk}
    assert PublicationRound.objects.count() == len(days)


def test_days_that_were_missed_are_caught_up(office):
    publishing.take_down_due(on=TODAY)
    publishing.take_down_due(on=FINE_DOWN + 100 * DAY)
    assert down() == {office.severe.pk, office.fine.pk}


def test_late_arrival_comes_down_on_the_next_day(office):
    publishing.take_down_due(on=TODAY)
    old = office.give(OTHER, "penalty_other", "2020-01-10", measures="罚款")
    assert publishing.take_down_due(on=TODAY) == 0
    assert publishing.take_down_due(on=TODAY + DAY) == 1
    assert down() == {old.pk}


def test_own_shorter_end_counts(office):
    soon = TODAY + 10 * DAY
    row = office.give(OTHER, "penalty_other", "2026-01-10", measures="罚款", publication_until=soon)
    assert [publishing.take_down_due(on=TODAY + n * DAY) for n in range(12)] == [0] * 10 + [1, 0]
    assert down() == {row.pk}


def test_correction_that_prolongs_brings_it_back(office):
    row = office.give(OTHER, "penalty_other", "2023-01-10", measures="罚款")
    publishing.take_down_due(on=TODAY)
    records.replace_record(
        by=OPERATOR, record_id=row.pk, changes={"decided_on": dt.date(2025, 1, 10)}, reason="更正",
        on=TODAY,
    )  # fmt: skip
    now = Record.objects.get(supersedes=row)
    assert now in Record.objects.published()
    assert publishing.take_down_due(on=TODAY + DAY) == 0
    assert now in Record.objects.published()


def test_repair_brings_a_record_down(office):
    office.upheld(
        Item(office.fine.pk, "made_good"), kind="repair", files=["proof"], outcome="repair"
    )
    publishing.take_down_due(on=TODAY)
    repaired = Record.objects.get(supersedes=office.fine)
    assert repaired in Record.objects.taken_down()


def test_grade_stays_when_a_record_comes_down(office):
    before = current_rating(OWN).grade
    publishing.take_down_due(on=FINE_DOWN)
    assert current_rating(OWN).grade == before


def test_what_is_broken_off_goes_on(office, monkeypatch):
    for n in range(1, 6):
        office.give(OTHER, "penalty_other", f"2020-0{n}-10", measures="罚款")
    monkeypatch.setattr(takedown, "PORTION", 2)
    monkeypatch.setattr(publishing, "PORTIONS", 1)
    came = [publishing.take_down_due(on=TODAY) for _n in range(5)]
    assert came == [2, 2, 1, 0, 0]
    assert PublicationRound.objects.get().taken_down == 5


def test_correction_while_the_first_round_is_broken_off_hides_nothing_from_it(office, monkeypatch):
    rows = [
        office.give(OTHER, "penalty_other", f"2020-0{n}-10", measures="罚款") for n in range(1, 6)
    ]
    monkeypatch.setattr(takedown, "PORTION", 2)
    monkeypatch.setattr(publishing, "PORTIONS", 1)
    publishing.take_down_due(on=TODAY)
    put_right(rows[0], facts="补")

    came = [publishing.take_down_due(on=TODAY) for _n in range(4)]

    assert came == [2, 1, 0, 0]
    assert not Record.objects.published().filter(decided_on__year=2020).exists()
    assert PublicationRound.objects.get().taken_down == 5


def put_right(row: Record, **changes) -> Record:
    return records.replace_record(
        by=OPERATOR, record_id=row.pk, changes=changes, reason="更正", on=TODAY
    )


def test_what_came_down_stays_down_since_the_same_day_when_it_is_put_right(office):
    row = office.give(OTHER, "penalty_other", "2023-01-10", measures="罚款")
    publishing.take_down_due(on=TODAY)

    now = put_right(row, decided_on=dt.date(2023, 3, 20))  # past its term as well, but later

    assert TakenDown.objects.get(record=now).on == TODAY
    assert publishing.take_down_due(on=TODAY + DAY) == 0


def test_what_came_back_and_comes_down_again_is_counted_again(office):
    row = office.give(OTHER, "penalty_other", "2023-01-10", measures="罚款")
    publishing.take_down_due(on=TODAY)
    now = put_right(row, decided_on=dt.date(2025, 1, 10))
    later = dt.date(2028, 1, 10)
    for n in range(3):
        publishing.take_down_due(on=later - DAY + n * DAY)

    assert TakenDown.objects.get(record=now).on == later
    assert PublicationRound.objects.get(on=later).taken_down == 1


def test_round_is_told_once_to_whose_roster_it_is(office):
    office.give(OWN, "penalty_other", "2020-01-10", measures="罚款")
    for _n in range(3):
        publishing.take_down_due(on=TODAY)
    (notice,) = Notice.objects.filter(kind="objections.taken_down")
    assert (notice.agency, notice.values) == (office.agency, {"count": 1, "on": str(TODAY)})
    clerk = signed_in(office.clerk)
    answer = clerk.get(f"/admin/notices/notice/{notice.pk}/open/", follow=True)
    assert answer.context["cl"].result_count == 1
    assert Event.objects.filter(act="records.taken_down").count() == 1


def test_made_good_first_where_that_is_the_rule(office, settings):
    settings.REMEDY_BEFORE_TAKEDOWN = True
    lasting = office.give(OTHER, "penalty_other", "2020-01-10", measures="罚款")
    ended = office.give(OTHER, "penalty_other", "2020-02-10", ended_on=dt.date(2020, 5, 1))
    publishing.take_down_due(on=TODAY)
    assert down() == {ended.pk}
    assert list(Record.objects.waiting_to_come_down()) == [lasting]
    assert Notice.objects.filter(kind="objections.not_made_good").count() == 1
    publishing.take_down_due(on=TODAY + DAY)
    assert TakenDown.objects.count() == 2
    records.mark_record(
        by=OPERATOR, record_id=lasting.pk, kind="repaired", since=TODAY, reason="已改正"
    )
    publishing.take_down_due(on=TODAY + 2 * DAY)
    assert down() == {ended.pk, lasting.pk}
    assert not Record.objects.waiting_to_come_down()


def test_page_of_a_record_says_until_when_it_is_published(office):
    publishing.take_down_due(on=FINE_DOWN)
    page = signed_in(office.clerk).get(f"/admin/records/record/{office.fine.pk}/change/")
    text = unescape(page.content.decode())
    assert "2028-02-03 停止公示" in text
    assert "最短公示期到" in text


@pytest.mark.parametrize(("wanted", "count"), [("yes", 1), ("no", 2), ("waits", 0)])
def test_list_is_narrowed_by_publication(office, wanted, count):
    office.give(OTHER, "penalty_other", "2026-02-10", measures="罚款", number="测字〔2026〕9号")
    publishing.take_down_due(on=TODAY)
    for row in (office.severe, office.fine):
        takedown.take_down(by=OPERATOR, record_ids=[row.pk], on=FINE_DOWN)
    answer = signed_in(office.clerk).get(
        "/admin/records/record/", {"published": wanted, "own": "all"}
    )
    assert answer.context["cl"].result_count == count
