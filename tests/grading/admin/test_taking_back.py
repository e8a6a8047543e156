"""撤回文件 on the page of a file: asked for, weighed, agreed to, its result."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from grading.regrading import current_rating
from intake import taking_back
from intake.enums import BatchState
from intake.models import Batch
from records import services as records
from records.models import Record
from roster.models import User
from tests.factories.grading import code
from tests.factories.officers import Officers, signed_in
from tests.factories.roster_files import line, roster_file
from tests.factories.taking_back import give_file, taken_back, weighed


@pytest.fixture
def office(officers: Officers) -> Officers:
    officers.county.register([code(1), code(2)])
    return officers


@pytest.fixture
def batch(office: Officers) -> Batch:
    """Two enterprises are C by it."""
    batch = give_file(office.county, 1, 2)
    office.county.publish(office.county.run())
    return batch


def address(batch: Batch, page: str) -> str:
    return reverse(f"admin:intake_batch_{page}", args=[batch.pk])


def text(response: Any) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


def asked(office: Officers, batch: Batch) -> str:
    """The digest of the effect as the page of the second person sends it."""
    taking_back.ask(by=office.county.clerk, batch_id=batch.pk, reason="发错了文件")
    return weighed(batch).fates_digest


def test_the_whole_way_on_the_pages(office, batch):
    clerk, approver = signed_in(office.county.clerk), signed_in(office.county.approver)
    assert address(batch, "ask_back") in clerk.get(address(batch, "change")).content.decode()
    sent = clerk.post(address(batch, "ask_back"), {"reason": "发错了文件"}, follow=True)
    assert "推算影响中" in text(sent)
    taking_back.weigh(batch.pk)
    shown = text(approver.get(address(batch, "change")))
    assert "失效2" in shown
    assert "C→A：2 户" in shown
    assert "发错了文件" in shown
    digest = batch.take_backs.get().fates_digest
    answer = {"decision": "agree", "digest": digest, "reason": ""}
    done = approver.post(address(batch, "decide_back"), answer, follow=True)
    assert "撤回中" in text(done)
    taking_back.carry_out(batch.pk)
    assert "已撤回" in text(clerk.get(address(batch, "change")))
    assert current_rating(code(1)).grade == "A"


def test_what_stays_is_listed(office, batch):
    record = Record.objects.live().first()
    records.retract_record(by=office.county.clerk, record_id=record.pk, reason="重复报送")
    taken_back(batch, office.county)
    shown = text(signed_in(office.county.clerk).get(address(batch, "change")))
    assert "保留不动1" in shown
    assert "重复报送" in shown


def test_who_asked_may_drop_but_not_agree(office, batch):
    digest = asked(office, batch)
    clerk = signed_in(office.county.clerk)
    page = clerk.get(address(batch, "change"))
    assert "不撤回了" in text(page)
    assert "同意撤回" not in text(page)
    refused = clerk.post(address(batch, "decide_back"), {"decision": "agree", "digest": digest})
    assert refused.status_code == 409
    assert "须由另一人复核" in text(refused)
    clerk.post(address(batch, "decide_back"), {"decision": "refuse"})
    batch.refresh_from_db()
    assert batch.state == BatchState.MERGED


@pytest.mark.parametrize("digest", ["", "0" * 64])
def test_page_of_another_effect_is_told_so(office, batch, digest):
    asked(office, batch)
    approver = signed_in(office.county.approver)
    answer = {"decision": "agree", "digest": digest}
    refused = approver.post(address(batch, "decide_back"), answer)
    assert refused.status_code == 409
    assert "影响已有变化" in text(refused)


@pytest.mark.parametrize("page", ["ask_back", "decide_back"])
@pytest.mark.parametrize("who", ["other.clerk", "city.approver", "department_clerk"])
def test_file_of_another_unit_is_not_there(office, batch, page, who):
    person: Any = office
    for name in who.split("."):
        person = getattr(person, name)
    asked(office, batch)
    client = signed_in(person)
    for response in (
        client.get(address(batch, page)),
        client.post(address(batch, page), {"reason": "错", "decision": "agree"}),
    ):
        assert response.status_code == (
            403 if who == "city.approver" and page == "ask_back" else 404
        )
    batch.refresh_from_db()
    assert batch.state == BatchState.WEIGHED


def test_approver_asks_for_nothing(office, batch):
    approver = signed_in(office.county.approver)
    assert "申请撤回" not in text(approver.get(address(batch, "change")))
    assert approver.get(address(batch, "ask_back")).status_code in (403, 404)


def test_reason_is_asked_for(office, batch):
    clerk = signed_in(office.county.clerk)
    answer = clerk.post(address(batch, "ask_back"), {"reason": " "})
    assert answer.context["form"].errors["reason"]
    batch.refresh_from_db()
    assert batch.state == BatchState.MERGED


def listed(user: User, **query: str) -> list[int]:
    response = signed_in(user).get(reverse("admin:intake_batch_changelist"), query)
    return [row.pk for row in response.context["cl"].result_list]


def test_list_of_those_that_wait_for_a_second_person(office, batch):
    asked(office, batch)
    assert listed(office.county.approver, mine="second") == [batch.pk]
    assert listed(office.county.clerk, mine="second") == []


def test_enterprises_taken_back_are_listed_when_asked_for(office):
    clerk = office.county.clerk
    taken_back(roster_file(line(code(11)), by=clerk), office.county)
    found = signed_in(clerk)
    address = reverse("admin:roster_enterprise_changelist")
    plain = found.get(address).context["cl"].result_list
    assert code(11) not in [row.pk for row in plain]
    wanted = found.get(address, {"status": "8"}).context["cl"].result_list
    assert [row.pk for row in wanted] == [code(11)]


def test_enterprise_taken_back_can_be_registered_anew_but_not_corrected(office):
    clerk = office.county.clerk
    taken_back(roster_file(line(code(11)), by=clerk), office.county)
    page = signed_in(clerk).get(reverse("admin:roster_enterprise_change", args=[code(11)]))
    assert page.status_code == 200
    assert "随文件撤回" in text(page)
    offered = dict(page.context["adminform"].form.fields["status"].choices)
    assert "8" not in offered


def test_grade_of_an_enterprise_taken_back_is_still_explained(office):
    clerk = office.county.clerk
    batch = roster_file(line(code(11)), by=clerk)
    office.county.publish(office.county.run())
    taken_back(batch, office.county)
    page = signed_in(clerk).get(reverse("admin:grading_rating_explain", args=[code(11)]))
    assert page.status_code == 200
    assert "随文件撤回" in text(page)
