import pickle

import pytest
from django.db import connection
from django.utils import translation

from audit.models import Event
from audit.refusal import (
    NotPermitted,
    Refused,
    explain,
    record_refusal,
    register_messages,
)
from audit.verify import verify
from tests.factories.audit import CLERK, keep_file

register_messages({"tried.file_closed": "案卷{number}已经归档，不能再改。"})


def refused_attempt(**kwargs) -> Refused:
    with pytest.raises(Refused) as refused:
        keep_file(by=CLERK, refuse=True, **kwargs)
    return refused.value


def test_explain_fills_the_sentence_with_the_values():
    assert explain(Refused("tried.file_closed", number=7)) == "案卷7已经归档，不能再改。"


def test_explain_of_a_missing_value_shows_an_ellipsis():
    assert explain(Refused("tried.file_closed")) == "案卷…已经归档，不能再改。"


def test_explain_of_an_unknown_code_names_it():
    assert "tried.unheard" in explain(Refused("tried.unheard"))


def test_explain_does_not_read_placeholders_in_values():
    assert explain(Refused("tried.file_closed", number="{code}")).startswith("案卷{code}")


def test_explain_of_another_exception_names_its_kind():
    assert "ZeroDivisionError" in explain(ZeroDivisionError())


def test_explain_speaks_the_readers_language():
    with translation.override("zh-hans"):
        assert explain(Refused("audit.cut_busy", seconds=29)).startswith("此刻仍有业务数据")


@pytest.mark.parametrize("kind", [Refused, NotPermitted])
def test_refusal_survives_the_way_to_a_worker(kind):
    sent = pickle.loads(pickle.dumps(kind("tried.file_closed", number=7)))  # noqa: S301  our own
    assert (type(sent), sent.code, sent.values) == (kind, "tried.file_closed", {"number": 7})


def test_refusal_with_its_own_signature_survives_the_way_to_a_worker():
    from workdays.rules import CalendarGap

    sent = pickle.loads(pickle.dumps(CalendarGap(2031)))  # noqa: S301  our own
    assert (type(sent), sent.values) == (CalendarGap, {"year": 2031})


@pytest.mark.django_db
def test_recorded_refusal_is_an_event_of_its_own():
    exc = refused_attempt(number=7)
    record_refusal(act="tried.file_kept", by=CLERK, exc=exc, target=("tried.file", 7, "案卷7"))
    event = Event.objects.refused().get()
    assert (event.act, event.actor, event.target_label) == ("tried.file_kept", "wang", "案卷7")
    assert event.details["code"] == "tried.file_closed"
    assert event.details["values"] == {"number": 7}
    assert Event.objects.done().count() == 0
    assert verify().ok


@pytest.mark.django_db
def test_recorded_refusal_takes_any_exception_and_any_value():
    record_refusal(act="tried.file_kept", by=CLERK, exc=ValueError("\x00"))
    record_refusal(act="tried.file_kept", by=CLERK, exc=Refused("a", who=object, part="\x00"))
    assert list(Event.objects.order_by("number").values_list("details__code", flat=True)) == [
        "ValueError",
        "a",
    ]


@pytest.mark.django_db(transaction=True)
def test_refusal_is_recorded_after_the_rollback_and_only_then():
    exc = refused_attempt()
    assert (Event.objects.count(), connection.in_atomic_block) == (0, False)
    record_refusal(act="tried.file_kept", by=CLERK, exc=exc)
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_refusal_cannot_be_recorded_inside_a_transaction_that_may_still_fail():
    from django.db import transaction

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        record_refusal(act="tried.file_kept", by=CLERK, exc=Refused("a"))
    assert Event.objects.count() == 0
