"""A form is carried out once, and a stale one is told what changed and by whom."""

import pytest
from django.contrib.messages import get_messages

from audit.models import Event, SentForm
from tests.credit_portal.pressing import FORMS, Filled, World

EVERY_FORM = pytest.mark.parametrize("name", FORMS)


@pytest.fixture
def world(db: None, store_dir: object) -> World:
    return World()


def said(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def events_of(form: Filled) -> list[tuple[str, str]]:
    return list(Event.objects.filter(actor=form.who.username).values_list("act", "outcome"))


@EVERY_FORM
def test_form_sent_twice_is_carried_out_once(world: World, name: str) -> None:
    form = FORMS[name](world)
    before = len(events_of(form))

    first = form.press()
    done = events_of(form)
    second = form.press()

    assert (first.status_code, len(done)) == (302, before + 1), first.content.decode()[-3000:]
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert "没有重复办理" in said(second)
    assert events_of(form) == done
    assert SentForm.objects.latest("pk").location == first["Location"]
