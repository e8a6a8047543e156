"""Telling, and reading. Source: R29; domain facts 7."""

import pytest
from django.db import transaction
from django.utils import translation

from audit.acts import acting
from audit.models import Event
from audit.refusal import NotPermitted
from notices import services
from notices.kinds import NoticeKind, register
from notices.models import Notice, Reading
from notices.services import To, link_of, read, shown, tell
from roster.models import Enterprise
from tests.factories.grading import OPERATOR, County
from tests.factories.objections import OTHER, OWN, Office, speaks_for


@pytest.fixture
def office(db, tmp_path, settings) -> Office:
    settings.STORE_DIR = tmp_path
    return Office.open()


def told(office, to: To, key: str = "k") -> Notice:
    values = {"number": "冀信异〔2026〕130102-0001", "enterprise": "甲公司", "agency": "乙局"}
    return tell(
        by=OPERATOR, to=to, kind="objections.receipt", about=Enterprise.objects.get(pk=OWN),
        values=values, key=key,
    )  # fmt: skip


def own() -> Enterprise:
    return Enterprise.objects.get(pk=OWN)


def test_same_key_is_told_once(office):
    first, second = told(office, To(enterprise=own())), told(office, To(enterprise=own()))

    assert first == second
    assert Notice.objects.count() == 1


def test_notice_goes_with_the_act_that_it_tells_of(office):
    with acting("tried.broken", by=OPERATOR):
        told(office, To(enterprise=own()))
        transaction.set_rollback(True)

    assert not Notice.objects.exists()


def test_notice_of_an_enterprise_is_read_by_who_speaks_for_it(office):
    notice = told(office, To(enterprise=own()))
    colleague, stranger = speaks_for("colleague", OWN), speaks_for("stranger", OTHER)

    seeing = [office.rep, colleague, stranger, office.clerk, office.city_clerk, OPERATOR]
    assert [Notice.objects.visible_to(who).exists() for who in seeing] == [
        True, True, False, False, False, False,
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        read(by=stranger, notice_id=notice.pk)


def test_notice_of_an_agency_is_read_by_its_people_with_the_permission(office):
    told(office, To(agency=office.agency, permission="decide_cases"))
    neighbour = County.make("130104")

    seeing = [office.approver, office.clerk, office.city_approver, neighbour.approver, office.rep]
    assert [Notice.objects.visible_to(who).exists() for who in seeing] == [
        True, False, False, False, False,
    ]  # fmt: skip


def test_notice_to_a_person_is_that_persons(office):
    told(office, To(user=office.clerk))

    assert [Notice.objects.visible_to(who).exists() for who in (office.clerk, office.approver)] == [
        True, False,
    ]  # fmt: skip


def test_reading_is_each_persons_own_and_once(office):
    notice = told(office, To(enterprise=own()))
    colleague = speaks_for("colleague", OWN)

    for _again in range(2):
        read(by=office.rep, notice_id=notice.pk)

    assert Reading.objects.count() == 1
    assert Event.objects.filter(act="notices.read").count() == 1
    assert [shown([notice], user=who)[0].is_read for who in (office.rep, colleague)] == [
        True,
        False,
    ]
    assert not Notice.objects.visible_to(office.rep).unread_by(office.rep).exists()
    assert Notice.objects.visible_to(colleague).unread_by(colleague).exists()


def test_sentences_are_made_when_it_is_read_in_the_readers_language(office):
    notice = told(office, To(enterprise=own()))

    with translation.override("zh-hans"):
        assert shown([notice], user=office.rep)[0].title == (
            "申请已收到：冀信异〔2026〕130102-0001"
        )
    with translation.override("en"):
        assert "冀信异〔2026〕130102-0001" in shown([notice], user=office.rep)[0].title


def test_notice_leads_enterprise_and_officer_to_their_own_pages(office):
    case = office.file()
    rows = Notice.objects.filter(about_id=str(case.pk)).order_by("enterprise")

    links = {bool(row.enterprise_id): link_of(row) for row in rows}
    assert links == {
        True: f"/enterprise/cases/{case.pk}/",
        False: f"/admin/objections/case/{case.pk}/change/",
    }


def test_unknown_kind_is_a_fault_of_the_program(office):
    with pytest.raises(KeyError):
        tell(by=OPERATOR, to=To(user=office.clerk), kind="none", about=own(), values={}, key="x")


def test_kind_is_registered_by_one_room():
    mine = NoticeKind("objections.receipt", "x", "y", lambda key, own: "")

    with pytest.raises(ValueError, match=r"objections\.receipt"):
        register([mine])


def test_telling_alone_is_an_act(office):
    before = Event.objects.count()

    told(office, To(user=office.clerk))

    assert Event.objects.count() == before + 1
    assert services.kind_of("objections.receipt").code == "objections.receipt"
