"""What events say of the rows that acts change, and rows that are not as they say."""

import datetime as dt
from contextlib import suppress

import pytest
from django.db import connection

from audit import compare as compare_module
from audit import triggers
from audit.acts import acting, note
from audit.compare import compare
from audit.found import Found
from audit.models import Event
from audit.refusal import Refused, record_refusal
from audit.stated import digest_of
from tests.factories.audit import CLERK
from workdays.enums import Unit
from workdays.models import Limit

pytestmark = pytest.mark.django_db

NAME = "办理时限 workdays.limit"


def limit(number: int = 1, **values: object) -> Limit:
    given = {
        "code": f"l{number}",
        "name": "试办",
        "days": 5,
        "unit": Unit.WORKDAYS,
        "source": "通知",
    }
    return Limit.objects.create(**{**given, **values})


def put(number: int = 1) -> Limit:
    with acting("tried.limit_set", by=CLERK):
        row = limit(number)
        note(target=row)
    return row


def change(row: Limit, **values: object) -> None:
    """An act that is behind the instance at hand, as services with an `update` are."""
    with acting("tried.limit_changed", by=CLERK):
        Limit.objects.filter(pk=row.pk).update(**values)
        note(target=row)


def test_the_event_states_the_row_as_the_act_leaves_it():
    row = put()
    change(row, days=7)
    row.refresh_from_db()
    assert Event.objects.get(number=2).details["stated"] == {
        "workdays.limit": {str(row.pk): digest_of(row)}
    }
    assert compare() == Found(True, 1)


def test_an_act_that_names_no_row_says_so():
    row = put()
    with acting("tried.looked_up", by=CLERK):
        note(target=("workdays.limit", row.pk, "试办"))
    assert Event.objects.get(number=2).details["stated"] == {}


def test_a_refusal_states_nothing():
    row = put()
    record_refusal(act="tried.limit_set", by=CLERK, exc=Refused("tried.no"), target=row)
    assert "stated" not in Event.objects.get(number=2).details
    assert compare().ok


def test_rows_that_a_savepoint_took_back_are_not_stated():
    with acting("tried.limit_set", by=CLERK):
        note(target=limit(1))
        with suppress(Refused), acting("tried.inner", by=CLERK):
            note(target=limit(2))
            raise Refused("tried.file_closed", number=1)
    assert compare() == Found(True, 1)


def test_a_row_an_act_removes_is_stated_as_gone():
    row = put()
    with acting("tried.limit_removed", by=CLERK):
        note(target=row)
        Limit.objects.filter(pk=row.pk).delete()
    assert compare() == Found(True, 0)
    limit(1, pk=row.pk)
    assert compare().first_bad == f"{NAME} {row.pk}：第2号审计事件已将它删去，却又出现。"


def test_a_row_changed_behind_the_acts_is_named_with_the_event_it_does_not_follow():
    row = put()
    change(row, days=7)
    put(2)
    Limit.objects.filter(pk=row.pk).update(days=5)  # what it was before
    assert compare() == Found(False, 1, f"{NAME} {row.pk}：与第2号审计事件办结时不一样。")


def test_a_row_that_is_gone_is_named():
    row = put()
    Limit.objects.all().delete()
    assert compare().first_bad == f"{NAME} {row.pk}：第1号审计事件写入的这一行不见了。"


def test_a_row_of_no_act_is_named():
    put()
    row = limit(2)
    assert compare().first_bad == f"{NAME} {row.pk}：没有审计事件写入过这一行。"


def test_in_a_chain_from_before_rows_were_stated_a_row_of_no_act_is_passed_over():
    row = put()
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_event SET details = '{}'")
    assert compare() == Found(True, 1)
    change(row, days=7)
    Limit.objects.filter(pk=row.pk).update(days=5)
    assert not compare().ok


def test_what_an_act_changed_meanwhile_is_no_fault(monkeypatch):
    """The check read the events before the act and the rows after it."""
    row = put()
    earlier = compare_module._all_said()
    change(row, until=dt.date(2026, 3, 2))
    put(2)
    monkeypatch.setattr(compare_module, "_all_said", lambda: earlier)
    assert compare() == Found(True, 2)
