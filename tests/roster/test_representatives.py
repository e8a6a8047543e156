"""Who speaks for an enterprise: acts and pages of the province's security administrators."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Event
from audit.refusal import NotPermitted, Refused
from roster.accounts import appoint, end_representation, represent
from roster.models import Enterprise, Representative, User
from roster.scope import Operator, may, represented
from tests.factories.roster import (
    CHANGAN,
    PROVINCE,
    TODAY,
    Hebei,
    code,
    lead,
    person,
    signed_in,
    speaks_for,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 1, 1)


@pytest.fixture
def security(hebei: Hebei) -> User:
    return person(lead(PROVINCE), "security_admin", username="security")


@pytest.fixture
def somebody(hebei: Hebei) -> User:
    return User.objects.create_user("somebody")


def given(by, user: User, *, of: str = code(1), since=DAY, until=None) -> Representative:
    return represent(by=by, user=user, code=of, since=since, until=until)


def test_represent_takes_effect_on_its_day_and_until_its_end(security, somebody) -> None:
    row = given(security, somebody)
    end_representation(by=security, representative=row, until=dt.date(2026, 2, 1))

    spoken = [
        represented(somebody, on=day)
        for day in (dt.date(2025, 12, 31), DAY, dt.date(2026, 1, 31), dt.date(2026, 2, 1))
    ]
    assert spoken == [frozenset(), {code(1)}, {code(1)}, frozenset()]
    assert list(Event.objects.order_by("-number").values_list("act", flat=True)[:2]) == [
        "roster.representation_ended",
        "roster.represented",
    ]


@pytest.mark.parametrize(
    ("region", "role"), [(CHANGAN, "security_admin"), (PROVINCE, "lead_clerk")]
)
def test_represent_by_who_may_not(hebei, somebody, region: str, role: str) -> None:
    by = person(lead(region), role)
    row = Representative.objects.create(user=somebody, enterprise=hebei.own, since=DAY)

    with pytest.raises(NotPermitted):
        given(by, somebody, of=code(3))
    with pytest.raises(NotPermitted):
        end_representation(by=by, representative=row, until=TODAY)


@pytest.mark.parametrize(
    ("case", "refused"),
    [
        ({"of": code(99)}, "roster.unknown_enterprise"),
        ({"until": dt.date(2025, 12, 31)}, "roster.representation_backwards"),
        ({"of": code(3)}, "roster.already_represents"),
    ],
)
def test_represent_that_cannot_be(security, somebody, case: dict, refused: str) -> None:
    given(security, somebody, of=code(3), until=dt.date(2026, 6, 1))

    with pytest.raises(Refused) as refusal:
        given(security, somebody, **case)

    assert refusal.value.code == refused


def test_represent_again_after_the_end(security, somebody) -> None:
    given(security, somebody, until=dt.date(2026, 6, 1))

    assert given(security, somebody, since=dt.date(2026, 6, 1)).until is None


def test_end_representation_twice(security, somebody) -> None:
    row = given(security, somebody)
    end_representation(by=security, representative=row, until=DAY)

    with pytest.raises(Refused) as refusal:
        end_representation(by=security, representative=row, until=TODAY)

    assert refusal.value.code == "roster.representation_already_ended"


def test_officer_does_not_speak_for_an_enterprise_meanwhile(security, hebei, somebody) -> None:
    with pytest.raises(Refused) as officer:
        given(security, hebei.county)
    given(security, somebody, until=dt.date(2026, 6, 1))

    def posted(since: dt.date):
        return appoint(by=security, user=somebody, agency=lead(CHANGAN), role="reader", since=since)

    with pytest.raises(Refused) as representative:
        posted(dt.date(2026, 5, 31))

    assert (officer.value.code, representative.value.code) == (
        "roster.representative_is_posted",
        "roster.speaks_for_enterprises",
    )
    assert posted(dt.date(2026, 6, 1)).pk


def test_end_before_the_beginning_is_held_by_the_table(hebei, somebody) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Representative.objects.create(
            user=somebody, enterprise=hebei.own, since=DAY, until=dt.date(2025, 12, 31)
        )


def test_own_enterprise_is_for_who_speaks_for_it(hebei) -> None:
    representative = speaks_for(hebei.own.pk)

    assert may(representative, "own_enterprise", hebei.own)
    assert not may(representative, "own_enterprise", hebei.foreign)
    assert not may(hebei.county, "own_enterprise")
    assert may(Operator.here(), "own_enterprise")


# --- pages ---------------------------------------------------------------------------------------


def url(page: str, *args: object) -> str:
    return reverse(f"admin:roster_representative_{page}", args=args)


def test_representative_set_up_and_ended_from_the_pages(security, somebody) -> None:
    client = signed_in(security)
    said = client.post(
        url("add"), {"user": somebody.pk, "code": code(1).lower(), "since": "2026-01-01"}
    )
    row = Representative.objects.get()
    client.press(client.form(url("end", row.pk)), until="2026-02-01")

    row.refresh_from_db()
    assert (said.status_code, row.enterprise_id, row.until) == (302, code(1), dt.date(2026, 2, 1))
    shown = [client.get(url(page, row.pk)).content.decode() for page in ("change", "history")]
    shown += [client.get(url("changelist")).content.decode()]
    assert [Enterprise.objects.get(pk=code(1)).name in body for body in shown] == [False] * 3
    assert [code(1) in body for body in shown] == [True] * 3


def test_what_somebody_else_has_set_up_is_refused(security, hebei, somebody) -> None:
    colleague = signed_in(person(lead(PROVINCE), "security_admin", username="colleague"))
    client = signed_in(security)
    account = reverse("admin:roster_user_add")
    fresh = {"username": "fresh", "full_name": "新人", "password": "a-long-word-1"}
    colleague.post(account, fresh)
    end = client.form(reverse("admin:roster_posting_end", args=[hebei.county.postings.get().pk]))
    colleague.press(colleague.form(end.action), until="2099-01-01")

    answers = [client.post(account, fresh), client.press(end, until="2099-01-01")]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "colleague" in answers[1].content.decode()


@pytest.mark.parametrize(
    ("wrong", "said", "status"),
    [("9113", "18", 200), (code(99), "名录中没有", 409), ("", "这个字段是必填项", 200)],
)
def test_representative_with_a_wrong_code(security, somebody, wrong, said, status) -> None:
    answer = signed_in(security).post(
        url("add"), {"user": somebody.pk, "code": wrong, "since": "2026-01-01"}
    )

    assert (answer.status_code, said in answer.content.decode()) == (status, True)
    assert not Representative.objects.exists()


def test_pages_of_representatives_are_closed_to_counties(hebei) -> None:
    client = signed_in(person(lead(CHANGAN), "security_admin"))

    assert {client.get(url(page)).status_code for page in ("changelist", "add", "export")} == {403}
