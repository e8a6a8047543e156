"""更正登记信息: what registration never was, by the unit that keeps the enterprise."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from grading import corrections, regrading
from grading.models import Proposal
from roster.models import Enterprise, User
from tests.credit_portal.html import forbidden
from tests.factories.grading import TODAY, code
from tests.factories.officers import Officers, signed_in

A, B, C, D = code(1), code(2), code(3), code(4)


@pytest.fixture
def office(officers: Officers) -> Officers:
    """An enterprise that a file called revoked in 2020, published as D, and an open one."""
    officers.county.register([A], status="2", status_on=dt.date(2020, 5, 1))
    officers.county.register([B], former_names="旧名甲\n旧名乙")
    officers.county.publish(officers.county.run())
    return officers


def page(user: User, enterprise: str = A) -> Any:
    return signed_in(user).get(reverse("admin:grading_proposal_registration", args=[enterprise]))


def send(user: User, enterprise: str = A, **changes: Any) -> Any:
    """The page opened, some fields changed and sent."""
    row = Enterprise.objects.get(pk=enterprise)
    names = (
        "name", "former_names", "registration_number", "legal_representative", "address",
        "affiliation", "monopoly", "status", "status_on", "established_on",
    )  # fmt: skip
    given = {name: getattr(row, name) or "" for name in names}
    given |= {"region": row.region_id or "", "industry": row.industry_id or ""}
    given |= {"former_names": row.former_names.replace("\n", "\r\n")}
    given |= {"reason": "登记有误", "_seen": row.version} | changes
    url = reverse("admin:grading_proposal_registration", args=[enterprise])
    return signed_in(user).post(url, given)


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def decide(user: User, proposal: Proposal, decision: str = "agree") -> Any:
    url = reverse("admin:grading_proposal_decide", args=[proposal.pk])
    shown = Proposal.objects.get(pk=proposal.pk).basis
    return signed_in(user).post(url, {"decision": decision, "reason": "", "basis": shown})


# --- the page --------------------------------------------------------------------------------------


def test_page_shows_todays_values_and_says_what_it_is_for(office: Officers) -> None:
    response = page(office.county.clerk)
    text = strip_tags(response.content.decode())
    assert "“更正”是原来登记的内容从来就不对" in text
    assert response.context["form"]["status"].value() == "2"
    assert 'name="_seen" value="1"' in response.content.decode()
    assert forbidden(response.content.decode()) == []


def test_enterprise_page_leads_there_for_its_keeper_only(office: Officers) -> None:
    url = reverse("admin:grading_proposal_registration", args=[A])
    home = reverse("admin:roster_enterprise_change", args=[A])
    assert {
        "clerk": url in signed_in(office.county.clerk).get(home).content.decode(),
        "approver": url in signed_in(office.county.approver).get(home).content.decode(),
        "city": url in signed_in(office.city.clerk).get(home).content.decode(),
    } == {"clerk": True, "approver": False, "city": False}


def test_only_the_keepers_clerk_has_the_page(office: Officers) -> None:
    people = {
        "clerk": office.county.clerk,
        "approver": office.county.approver,
        "city": office.city.clerk,
        "other county": office.other.clerk,
        "department": office.department_clerk,
        "auditor": office.auditor,
    }
    assert {name: page(user).status_code for name, user in people.items()} == {
        "clerk": 200, "city": 404, "other county": 404,
        "approver": 403, "department": 403, "auditor": 403,
    }  # fmt: skip
    sent = {send(user, name="他人").status_code for user in list(people.values())[1:]}
    assert sent == {403, 404}
    assert page(office.county.clerk, "91130102000000000X").status_code == 404


# --- saving ----------------------------------------------------------------------------------------


def test_a_wrong_name_is_put_right_at_once_and_never_was_a_former_name(office: Officers) -> None:
    response = send(office.county.clerk, B, name="虚构正名有限公司")
    row = Enterprise.objects.get(pk=B)
    assert (response.status_code, said(response)) == (302, "更正已生效。")
    assert (row.name, row.former_names) == ("虚构正名有限公司", "旧名甲\n旧名乙")
    assert Proposal.objects.count() == 0


def test_the_state_waits_for_a_second_person_and_says_what_it_does(office: Officers) -> None:
    response = send(office.county.clerk, status="1", status_on="")
    assert said(response).startswith("已提交复核。确认后等级由D变为A")
    assert Enterprise.objects.get(pk=A).status == "2"


def test_the_day_of_a_wrong_state_may_have_been_right(office: Officers) -> None:
    send(office.county.clerk, status="3")
    assert Proposal.objects.get().changes == {"status": "3"}
    decide(office.county.approver, Proposal.objects.get())
    row = Enterprise.objects.get(pk=A)
    assert (row.status, row.status_on) == ("3", dt.date(2020, 5, 1))


def test_a_day_in_the_future_is_refused(office: Officers) -> None:
    response = send(office.county.clerk, B, established_on="2099-01-01")
    assert (response.status_code, "2099-01-01 晚于今天" in response.content.decode()) == (409, True)


def test_nothing_changed_is_refused(office: Officers) -> None:
    response = send(office.county.clerk, B)
    assert (response.status_code, "没有任何改动" in response.content.decode()) == (409, True)


def test_reason_is_required(office: Officers) -> None:
    response = send(office.county.clerk, B, name="虚构正名有限公司", reason=" ")
    assert "reason" in response.context["form"].errors
    assert Enterprise.objects.get(pk=B).version == 1


def test_stale_form_is_refused_with_what_was_typed(office: Officers) -> None:
    send(office.county.clerk, B, legal_representative="赵一")
    response = send(office.county.clerk, B, legal_representative="钱二", _seen=1)
    text = response.content.decode()
    assert (response.status_code, "您这次的填写没有保存" in text, "钱二" in text) == (
        409,
        True,
        True,
    )
    assert Enterprise.objects.get(pk=B).legal_representative == "赵一"


def test_a_correction_that_moves_the_enterprise_away_sent_twice(office: Officers) -> None:
    moved = {"region": "130108", "_seen": 1, "_once": "a-key-of-one-page"}
    first, second = (send(office.county.clerk, B, **moved) for _ in range(2))
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert ("更正已生效" in said(first), "没有重复办理" in said(second)) == (True, True)
    other = send(office.county.clerk, B, region="130108", legal_representative="赵一", _seen=1)
    assert other.status_code == 404
    assert send(office.department_clerk, B, region="130108", _seen=1).status_code == 403


def test_while_one_waits_no_other_is_taken(office: Officers) -> None:
    send(office.county.clerk, status="1", status_on="")
    assert "正在等待复核" in page(office.county.clerk).content.decode()
    response = send(office.county.clerk, status="9")
    assert (response.status_code, Proposal.objects.count()) == (409, 1)


@pytest.mark.parametrize("wrong", [{"region": "999999"}, {"status": "x"}, {"status_on": "昨天"}])
def test_wrong_values_are_said_beside_the_field(office: Officers, wrong: dict[str, str]) -> None:
    response = send(office.county.clerk, B, **wrong)
    assert (response.status_code, list(response.context["form"].errors)) == (200, list(wrong))


# --- the second person -----------------------------------------------------------------------------


@pytest.fixture
def proposal(office: Officers) -> Proposal:
    send(office.county.clerk, status="1", status_on="")
    return Proposal.objects.get()


def test_proposal_page_names_the_fields_before_and_after(
    office: Officers, proposal: Proposal
) -> None:
    url = reverse("admin:grading_proposal_change", args=[proposal.pk])
    response = signed_in(office.county.approver).get(url)
    assert [str(change) for change in response.context["changes"]] == [
        "登记状态：吊销，未注销 → 存续",
        "状态日期：2020-05-01 → —",
    ]
    assert response.context["can_decide"]
    decide(office.county.approver, proposal)
    assert regrading.current_rating(A).grade == "A"
    after = signed_in(office.county.approver).get(url).context["changes"]
    assert str(after[0]) == "登记状态：吊销，未注销 → 存续"


def test_who_sees_and_who_decides_it(office: Officers, proposal: Proposal) -> None:
    def answers(user: User) -> tuple[int, int, int]:
        client = signed_in(user)
        listed = client.get(reverse("admin:grading_proposal_changelist"))
        found = client.get(reverse("admin:grading_proposal_change", args=[proposal.pk]))
        to_decide = Proposal.objects.to_decide(User.objects.get(pk=user.pk)).count()
        return len(listed.context["cl"].result_list), found.status_code, to_decide

    assert {
        "approver": answers(office.county.approver),
        "clerk": answers(office.county.clerk),
        "city": answers(office.city.approver),
        "other": answers(office.other.approver),
        "department": answers(office.department_approver),
    } == {
        "approver": (1, 200, 1), "clerk": (1, 200, 0), "city": (1, 200, 0),
        "other": (0, 404, 0), "department": (0, 404, 0),
    }  # fmt: skip
    assert decide(office.other.approver, proposal).status_code == 404


# --- registration and penalties that disagree --------------------------------------------------------


def listed(user: User, which: str) -> set[str]:
    url = reverse("admin:roster_enterprise_changelist")
    response = signed_in(user).get(url, {"disagreement": which})
    return {row.pk for row in response.context["cl"].result_list}


def mark(office: Officers, number: int, **values: Any) -> Any:
    return office.county.give(code(number), "business_licence_revoked", "2025-03-01", **values)


def test_enterprises_on_which_registration_and_penalties_disagree(office: Officers) -> None:
    office.county.register([C, D])
    mark(office, 2)
    mark(office, 3, ended_on=dt.date(2025, 4, 1))
    gone = mark(office, 4)
    proposal = corrections.change_record(
        by=office.county.clerk, record_id=gone.pk, kind="withdraw", changes={}, reason="撤销",
        on=TODAY,
    )  # fmt: skip
    assert listed(office.county.clerk, "record") == {B, D}
    decide(office.county.approver, proposal)
    clerk = office.county.clerk
    assert listed(clerk, "record") == {B}
    assert listed(clerk, "registration") == {A}
    assert listed(clerk, "either") == {A, B}
    assert listed(office.other.clerk, "either") == set()
    mark(office, 1)
    assert listed(clerk, "either") == {B}


def test_home_counts_them_for_the_keepers_clerk_and_leads_to_them(office: Officers) -> None:
    def card(user: User) -> Any:
        return signed_in(user).get(reverse("admin:index")).context["home"].mine.disagreements

    mine = card(office.county.clerk)
    assert mine.count == 1
    found = signed_in(office.county.clerk).get(mine.url).context["cl"].result_list
    assert [row.pk for row in found] == [A]
    others = (office.county.approver, office.city.clerk, office.other.clerk)
    assert [card(user).count for user in others] == [0, 0, 0]


def test_the_list_costs_as_many_queries_for_many_as_for_one(office: Officers) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            listed(office.county.clerk, "either")
        return len(seen)

    listed(office.county.clerk, "either")
    before = queries()
    office.county.register([code(number) for number in range(10, 20)], status="2")
    assert (queries(), len(listed(office.county.clerk, "either"))) == (before, 11)


def test_industries_that_suggest_a_monopoly_and_carry_no_mark(office: Officers) -> None:
    county = office.county
    county.register([C], industry_id="66")
    county.register([D], industry_id="54")
    county.register([code(5)], industry_id="44", monopoly="power")
    county.register([code(6)], industry_id="63", status="4", status_on=dt.date(2025, 1, 1))
    url = reverse("admin:roster_enterprise_changelist")
    response = signed_in(county.clerk).get(url, {"unmarked": "yes"})
    assert [row.pk for row in response.context["cl"].result_list] == [C]


# --- amounts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "shown"), [("1.260000", "1.26"), ("100", "100"), ("0.5", "0.5")])
def test_amounts_are_shown_as_they_were_given(office: Officers, given: str, shown: str) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01", fine_wan=given)
    url = reverse("admin:records_record_change", args=[record.pk])
    edited = signed_in(office.county.clerk).get(url).content.decode()
    assert f'name="fine_wan" value="{shown}"' in edited
    looked_at = signed_in(office.reader).get(url).content.decode()
    assert f'<div class="readonly">{shown}</div>' in looked_at
