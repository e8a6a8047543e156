import datetime as dt
import threading

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from audit import clock
from audit.acts import acting, stamp
from audit.clock import TICK, cut, last_cut
from audit.models import ChainHead, ClockMark, Event
from audit.refusal import Refused, explain
from tests.factories.audit import CLERK, keep_file

AHEAD = dt.timedelta(days=3650)


@pytest.fixture
def set_mark(db):
    """The last cut, as if it had been read at this time."""

    def set_to(at):
        ClockMark.objects.update_or_create(pk=1, defaults={"cut_at": at})
        return at

    return set_to


@pytest.mark.django_db
def test_stamp_is_the_same_through_the_act_and_later_in_the_next():
    with acting("tried.desk_cleared", by=CLERK):
        first, again = stamp(), stamp()
    with acting("tried.desk_cleared", by=CLERK):
        later = stamp()
    assert first == again < later


@pytest.mark.django_db
def test_stamp_carries_its_time_zone_and_is_about_now():
    with acting("tried.desk_cleared", by=CLERK):
        assert abs(dt.datetime.now(dt.UTC) - stamp()) < dt.timedelta(minutes=1)


@pytest.mark.django_db
def test_cut_outside_a_transaction_is_refused(monkeypatch):
    monkeypatch.setattr(clock.connection(), "in_atomic_block", False)
    with pytest.raises(TransactionManagementError):
        cut()


@pytest.mark.django_db
def test_cut_is_stored_and_later_than_every_event():
    at = keep_file(by=CLERK)
    assert cut() == last_cut()
    assert last_cut() > at


@pytest.mark.django_db
def test_two_cuts_are_never_the_same():
    assert cut() < cut()


@pytest.mark.django_db
def test_stamp_comes_after_the_cut_of_its_own_act():
    with acting("tried.run_opened", by=CLERK):
        known_at = cut()
        assert stamp() > known_at


def test_stamp_after_a_clock_set_back_is_still_later_than_the_cut(set_mark):
    mark = set_mark(dt.datetime.now(dt.UTC) + AHEAD)
    assert keep_file(by=CLERK) == mark + TICK


def test_cut_after_a_clock_set_back_is_not_before_any_stamp_given(set_mark):
    mark = set_mark(dt.datetime.now(dt.UTC) + AHEAD)
    given = keep_file(by=CLERK)
    assert mark < given <= cut()


@pytest.mark.django_db
def test_cut_is_not_before_an_event_stamped_by_a_clock_that_ran_ahead():
    keep_file(by=CLERK)
    ahead = dt.datetime.now(dt.UTC) + AHEAD
    ChainHead.objects.update(latest_at=ahead)
    assert cut() >= ahead


@pytest.mark.django_db
def test_stamp_lost_with_its_savepoint_is_taken_anew_after_a_cut(set_mark):
    with acting("tried.desk_cleared", by=CLERK):
        with transaction.atomic():
            lost = stamp()
            transaction.set_rollback(True)
        mark = set_mark(lost + TICK)
        assert stamp() > mark


@pytest.mark.django_db
def test_stamp_is_kept_when_no_cut_passed_since_its_savepoint():
    with acting("tried.desk_cleared", by=CLERK):
        with transaction.atomic():
            first = stamp()
        assert stamp() == first


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_cut_waits_for_an_act_that_has_stamped_and_then_comes_after_it(beside):
    stamped, finish = threading.Event(), threading.Event()

    def slow_act():
        with acting("tried.file_kept", by=CLERK):
            at = stamp()
            stamped.set()
            finish.wait(30)
            return at

    other = beside(slow_act)
    assert stamped.wait(30)
    tries = []

    def pause(seconds):
        tries.append(seconds)
        finish.set()
        assert other.ended_within(30)

    with transaction.atomic():
        known_at = cut(sleep=pause)
        assert (tries, Event.objects.count()) == ([1.0], 1)
    assert other.wait() < known_at


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_cut_that_finds_no_quiet_moment_is_refused_and_holds_nobody_up(beside):
    stamped, finish = threading.Event(), threading.Event()

    def slow_act():
        with acting("tried.file_kept", by=CLERK):
            stamp()
            stamped.set()
            finish.wait(30)

    other = beside(slow_act)
    assert stamped.wait(30)
    with pytest.raises(Refused) as refused, transaction.atomic():
        cut(sleep=lambda seconds: keep_file_beside(beside))
    finish.set()
    other.wait()
    assert refused.value.code == "audit.cut_busy"
    assert explain(refused.value).startswith("此刻仍有业务数据正在写入，等待29秒后仍未结束")
    assert last_cut() is None
    assert Event.objects.count() == 30


def keep_file_beside(beside):
    beside(lambda: keep_file(by=CLERK)).wait()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_stamp_asked_for_during_a_cut_waits_and_comes_after_it(beside):
    with transaction.atomic():
        known_at = cut()
        other = beside(lambda: keep_file(by=CLERK))
        assert not other.ended_within(0.5)
    assert other.wait() > known_at


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_cuts_at_once_both_come_through(beside):
    def open_run():
        with acting("tried.run_opened", by=CLERK):
            return cut(pause=0.05)

    cuts = [other.wait() for other in [beside(open_run) for _ in range(5)]]
    assert len(set(cuts)) == 5
    assert last_cut() == max(cuts)
