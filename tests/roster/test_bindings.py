"""Who speaks for an enterprise by an own request: asked, decided by its unit, ended."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from audit import recount
from audit.models import Event
from audit.refusal import NotPermitted, Refused
from intake.models import StoredFile
from roster import bindings
from roster.bindings import approve_binding, end_binding, refuse_binding, withdraw_binding
from roster.enums import BindingState, Permission
from roster.models import Binding, Enterprise, Representative, User
from roster.scope import Operator, may, represented
from tests.factories.bindings import applicant, asked
from tests.factories.grading import OPERATOR
from tests.factories.grading import load_reference as load_all
from tests.factories.roster import (
    CHANGAN,
    QIAOXI,
    TODAY,
    Hebei,
    code,
    department,
    lead,
    person,
    post,
    signed_in,
    speaks_for,
)
from workdays.models import CalendarYear
from workdays.services import load_reference

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store_dir")]
UNKNOWN = code(99)


@pytest.fixture
def hebei(db: None) -> Hebei:
    load_reference(by=Operator(username="os:test"))
    return Hebei()


@pytest.fixture
def someone(hebei: Hebei) -> User:
    return applicant()


def deciders(binding: Binding) -> set[str]:
    return {
        user.username
        for user in User.objects.all()
        if may(user, Permission.DECIDE_BINDINGS, binding)
    }


# --- asking --------------------------------------------------------------------------------------


def test_asking_is_one_act_with_the_file_and_a_due_date(hebei, someone):
    before = Event.objects.count()
    binding = asked(someone, hebei.own.pk)
    assert (binding.state, binding.due_on) == ("waiting", dt.date(2026, 3, 5))
    event = Event.objects.latest("number")
    assert Event.objects.count() == before + 1
    assert (event.act, event.actor, event.region) == (
        "roster.binding_asked",
        someone.username,
        CHANGAN,
    )
    assert StoredFile.objects.get().uploader == someone.username
    assert recount.recount().ok


def test_an_unknown_enterprise_is_asked_for_like_any_other(hebei, someone):
    known, unknown = asked(someone, hebei.own.pk), asked(someone, UNKNOWN)
    assert (known.state, known.due_on) == (unknown.state, unknown.due_on)


def test_without_a_calendar_there_is_no_due_date_until_it_is_there(hebei, someone):
    binding = asked(someone, hebei.own.pk, on=dt.date(2031, 3, 3))
    assert binding.due_on is None
    Binding.objects.update(asked_at="2031-03-03T02:00:00Z")
    assert bindings.reckon_due(by=OPERATOR) == 0

    CalendarYear.objects.create(
        year=2031, source="试", loaded_at="2030-12-01T00:00:00Z", loaded_by="x"
    )

    assert [bindings.reckon_due(by=OPERATOR) for _round in range(2)] == [1, 0]
    binding.refresh_from_db()
    assert binding.due_on == dt.date(2031, 3, 6)


def refusal_of(call, *args, **given) -> str:
    with pytest.raises(Refused) as refusal, transaction.atomic():
        call(*args, **given)
    return refusal.value.code


def test_asking_is_refused_for_what_waits_what_is_so_and_who_is_posted(hebei, someone):
    asked(someone, hebei.own.pk)
    assert refusal_of(asked, someone, hebei.own.pk) == "roster.binding_waits"
    assert (
        refusal_of(asked, speaks_for(hebei.foreign.pk), hebei.foreign.pk)
        == "roster.already_represents"
    )
    assert refusal_of(asked, hebei.county, hebei.own.pk) == "roster.posted_may_not_ask"


def test_no_more_than_so_many_wait_and_are_asked_a_day(hebei, someone, monkeypatch):
    monkeypatch.setattr(bindings, "WAITING_AT_ONE_TIME", 2)
    monkeypatch.setattr(bindings, "ASKED_A_DAY", 3)
    rows = [asked(someone, code(number)) for number in (51, 52)]
    assert refusal_of(asked, someone, code(53)) == "roster.too_many_bindings"
    for row in rows:
        withdraw_binding(by=someone, binding_id=row.pk)
    asked(someone, code(54))
    assert refusal_of(asked, someone, code(55)) == "roster.too_many_bindings_today"


# --- who decides ---------------------------------------------------------------------------------


def test_the_unit_that_keeps_the_enterprise_decides(hebei, someone):
    approver = person(lead(CHANGAN), "lead_approver", username="approver")
    person(lead(CHANGAN), "reader", username="reader")
    person(lead(CHANGAN), "security_admin", username="security")
    person(department(CHANGAN), "department_approver", username="department")
    assert deciders(asked(someone, hebei.own.pk)) == {"county", approver.username}
    assert deciders(asked(someone, hebei.municipal.pk)) == {"city"}
    assert deciders(asked(someone, hebei.central.pk)) == {"province"}
    assert deciders(asked(someone, UNKNOWN)) == {"province"}


def test_who_decides_sees_and_nobody_else(hebei, someone):
    rows = {
        "county": asked(someone, hebei.own.pk),
        "other": asked(someone, hebei.foreign.pk),
        "city": asked(someone, hebei.municipal.pk),
    }
    unknown = asked(someone, UNKNOWN)
    for name, row in rows.items():
        user = User.objects.get(username=name)
        assert list(Binding.objects.visible_to(user)) == [row]
    assert list(Binding.objects.visible_to(hebei.province)) == [unknown]
    assert not Binding.objects.visible_to(hebei.market).exists()
    assert not Binding.objects.visible_to(someone).exists()
    assert Binding.objects.visible_to(Operator(username="os:test")).count() == 4


def test_a_request_goes_with_its_enterprise(hebei, someone):
    binding = asked(someone, hebei.own.pk)
    Enterprise.objects.filter(pk=hebei.own.pk).update(keeper=QIAOXI)
    clerk = person(lead(QIAOXI), "lead_clerk")
    assert list(Binding.objects.visible_to(clerk)) == [binding]
    assert not Binding.objects.visible_to(hebei.county).exists()
    Enterprise.objects.filter(pk=hebei.own.pk).update(keeper=None)
    assert deciders(binding) == {"province"}


# --- deciding ------------------------------------------------------------------------------------


def test_an_approved_request_lets_the_person_speak_from_that_day(hebei, someone):
    binding = asked(someone, hebei.own.pk)
    done = approve_binding(by=hebei.county, binding_id=binding.pk, on=TODAY)
    assert (done.state, done.decided_by) == (BindingState.APPROVED, "county")
    assert represented(someone, on=TODAY) == {hebei.own.pk}
    assert represented(someone, on=TODAY - dt.timedelta(days=1)) == set()
    event = Event.objects.latest("number")
    assert (event.act, event.region) == ("roster.binding_approved", CHANGAN)
    assert {"roster.binding", "roster.representative"} <= event.details["stated"].keys()


def test_a_refused_request_keeps_its_reason_and_can_be_made_again(hebei, someone):
    binding = asked(someone, hebei.own.pk)
    done = refuse_binding(by=hebei.county, binding_id=binding.pk, refusal="unreadable")
    assert (done.state, done.refusal) == (BindingState.REFUSED, "unreadable")
    assert not represented(someone, on=TODAY)
    assert asked(someone, hebei.own.pk).is_waiting


@pytest.mark.parametrize("refusal", ["", "some", "other"])
def test_a_refusal_needs_a_reason_that_says_something(hebei, someone, refusal):
    binding = asked(someone, hebei.own.pk)
    given = {"by": hebei.county, "binding_id": binding.pk, "refusal": refusal, "reason": " "}
    assert refusal_of(refuse_binding, **given) == "roster.reason_missing"


def test_an_unknown_enterprise_cannot_be_approved(hebei, someone):
    binding = asked(someone, UNKNOWN)
    given = {"by": hebei.province, "binding_id": binding.pk, "on": TODAY}
    assert refusal_of(approve_binding, **given) == "roster.unknown_enterprise"


def test_who_took_a_post_meanwhile_is_not_approved(hebei, someone):
    binding = asked(someone, hebei.own.pk)
    post(someone, lead(QIAOXI), "reader")
    given = {"by": hebei.county, "binding_id": binding.pk, "on": TODAY}
    assert refusal_of(approve_binding, **given) == "roster.representative_is_posted"


def test_the_second_to_decide_is_told_who_was_first(hebei, someone):
    binding = asked(someone, hebei.own.pk)
    approve_binding(by=hebei.county, binding_id=binding.pk, on=TODAY)
    for call, given in (
        (approve_binding, {"by": hebei.county, "on": TODAY}),
        (refuse_binding, {"by": hebei.county, "refusal": "unfit"}),
        (withdraw_binding, {"by": someone}),
    ):
        with pytest.raises(Refused) as refusal, transaction.atomic():
            call(binding_id=binding.pk, **given)
        assert refusal.value.code in ("roster.binding_decided", "roster.already_represents")


@pytest.mark.parametrize("name", ["city", "other", "province", "market"])
def test_another_unit_is_told_that_there_is_no_such_request(hebei, someone, name):
    binding, user = asked(someone, hebei.own.pk), User.objects.get(username=name)
    for call, given in (
        (approve_binding, {"on": TODAY}),
        (refuse_binding, {"refusal": "unfit"}),
        (end_binding, {"reason": "离职", "on": TODAY}),
        (withdraw_binding, {}),
    ):
        with pytest.raises(NotPermitted), transaction.atomic():
            call(by=user, binding_id=binding.pk, **given)
        with pytest.raises(NotPermitted), transaction.atomic():
            call(by=user, binding_id=10**9, **given)


def test_one_speaks_for_several_and_several_for_one(hebei, someone):
    other = applicant("钱某")
    for user, enterprise in ((someone, hebei.own), (someone, hebei.sibling), (other, hebei.own)):
        row = asked(user, enterprise.pk)
        approve_binding(by=Operator(username="os:test"), binding_id=row.pk, on=TODAY)
    assert represented(someone, on=TODAY) == {hebei.own.pk, hebei.sibling.pk}
    assert Representative.objects.filter(enterprise=hebei.own).count() == 2


def test_a_withdrawn_request_is_at_an_end(hebei, someone):
    binding = asked(someone, hebei.own.pk)
    withdraw_binding(by=someone, binding_id=binding.pk)
    assert Binding.objects.get().state == BindingState.WITHDRAWN
    assert not Binding.objects.waiting_for(hebei.county).exists()


# --- ending --------------------------------------------------------------------------------------


def test_the_unit_ends_what_it_approved_and_the_next_request_is_out(hebei, someone):
    load_all()
    binding = asked(someone, hebei.own.pk)
    approve_binding(by=hebei.county, binding_id=binding.pk, on=localdate())
    client = signed_in(someone)
    assert client.get("/enterprise/").status_code == 200
    end_binding(by=hebei.county, binding_id=binding.pk, reason="离职", on=localdate())
    assert client.get("/enterprise/").headers["Location"].startswith("/admin/login/")
    assert "离职" in str(Event.objects.get(act="roster.binding_ended").details)


def test_ending_needs_a_reason_and_something_to_end(hebei, someone):
    binding = asked(someone, hebei.own.pk)
    given = {"by": hebei.county, "binding_id": binding.pk, "on": TODAY}
    assert refusal_of(end_binding, **given, reason="") == "roster.reason_missing"
    assert refusal_of(end_binding, **given, reason="离职") == "roster.representation_already_ended"
    approve_binding(**given)
    end_binding(**given, reason="离职")
    assert refusal_of(end_binding, **given, reason="离职") == "roster.representation_already_ended"


# --- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "approved", "decided_by": "a", "decided_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"state": "refused", "decided_by": "a", "decided_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"state": "withdrawn"},
        {"decided_by": "a"},
        {"refusal": "unfit"},
    ],
)  # fmt: skip
def test_a_row_says_all_of_its_end_or_nothing(hebei, someone, changes):
    binding = asked(someone, hebei.own.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Binding.objects.filter(pk=binding.pk).update(**changes)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_decide_together_have_one_decision(hebei, someone, beside):
    binding = asked(someone, hebei.own.pk)
    approver = person(lead(CHANGAN), "lead_approver")
    calls = [
        lambda: approve_binding(by=hebei.county, binding_id=binding.pk, on=TODAY),
        lambda: refuse_binding(by=approver, binding_id=binding.pk, refusal="unfit"),
    ]
    ended = []
    for work in [beside(call) for call in calls]:
        try:
            ended.append(work.wait())
        except Refused as refusal:
            ended.append(refusal.code)
    assert [one for one in ended if isinstance(one, str)] == ["roster.binding_decided"]
    assert Representative.objects.count() == Binding.objects.filter(state="approved").count()
