"""A form is used up by the act that it asks for, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from audit import once
from audit.acts import acting, note
from audit.models import Event, SentForm
from tests.factories.audit import CLERK

pytestmark = pytest.mark.django_db


@contextmanager
def arrived(digest: str = "form") -> Iterator[None]:
    """A request that brings a form."""
    with once.watching():
        once.arrive(once.Arrival(account="clerk", digest=digest))
        yield


def carry_out(target: str = "1") -> None:
    with acting("tried.once", by=CLERK):
        note(target=("tried.thing", target))


def test_acts_of_one_arrival_share_the_form() -> None:
    with arrived():
        carry_out()
        carry_out()
        assert once.earlier() is None

    assert (Event.objects.count(), SentForm.objects.count()) == (2, 1)


def test_another_arrival_does_nothing() -> None:
    with arrived():
        carry_out()
        once.answered("/there/")
    with arrived(), pytest.raises(once.CarriedOut):
        carry_out("2")

    form = SentForm.objects.get()
    assert Event.objects.count() == 1
    assert (form.location, form.target_type, form.target_id) == ("/there/", "tried.thing", "1")


def test_other_forms_and_acts_without_one_take_no_notice() -> None:
    for digest in ("one", "other"):
        with arrived(digest):
            carry_out()
    carry_out()

    assert (Event.objects.count(), SentForm.objects.count()) == (3, 2)


def test_act_that_fails_leaves_the_form_free() -> None:
    def fail() -> None:
        with acting("tried.once", by=CLERK):
            raise ValueError

    with arrived(), pytest.raises(ValueError):  # noqa: PT011  -- any fault
        fail()
    with arrived():
        carry_out()

    assert Event.objects.count() == 1


def test_dry_run_leaves_the_form_free() -> None:
    with arrived(), transaction.atomic():
        carry_out()
        transaction.set_rollback(True)
    with arrived():
        carry_out()

    assert (Event.objects.count(), SentForm.objects.count()) == (1, 1)


def test_act_aside_leaves_the_form_free() -> None:
    with arrived():
        with once.aside():
            carry_out()
        assert not SentForm.objects.exists()
        carry_out()

    assert SentForm.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_second_arrival_waits_for_the_first_and_takes_its_place(beside) -> None:
    """The first is taken back: the second, which has waited for it, is the one that is done."""

    def second() -> None:
        with arrived():
            carry_out("2")

    with pytest.raises(ValueError), transaction.atomic(), arrived():  # noqa: PT011, PT012  -- any fault
        carry_out("1")
        waiting = beside(second)
        assert not waiting.ended_within(0.3)
        raise ValueError
    waiting.wait()

    assert [event.target_id for event in Event.objects.all()] == ["2"]
