"""The offices' pages of cases: queue, page, steps, clock. Source: R29."""

from __future__ import annotations

import datetime as dt
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grading.regrading import current_rating
from notices.models import Letter, Notice
from objections import handling
from objections.filing import Item
from objections.models import Case
from records.models import Kind
from roster.models import Enterprise, Representative, User
from tests.factories.objections import OWN, Office
from tests.factories.roster import post, signed_in

LIST = "/admin/objections/case/"


@pytest.fixture
def clerk(office: Office):
    return signed_in(office.clerk)


def shown(answer) -> str:
    return unescape(answer.content.decode())


def page(case: Case, name: str = "change") -> str:
    return f"{LIST}{case.pk}/{name}/"


def press(client, case: Case, name: str, **given):
    return client.press(client.form(page(case, name)), **given)


def today() -> dt.date:
    return timezone.localdate()


def filed(office, *items, **said) -> Case:
    return office.file(*items, on=today(), **said)


def test_case_is_handled_from_acceptance_to_decision_through_the_pages(office, clerk):
    case = filed(office)
    assert "受理" in shown(clerk.get(page(case)))
    assert press(clerk, case, "accept").headers["Location"] == page(case)
    assert press(clerk, case, "send", reason="请核查").status_code == 302
    asked = case.verifications.get()
    source = signed_in(office.source)
    answer_at = f"/admin/objections/verification/{asked.pk}/answer/"
    item = case.items.get()
    form = source.form(answer_at)
    given = {f"item{item.pk}-finding": "true", f"item{item.pk}-reason": "确非该企业"}
    assert source.press(form, **given, reason="属实").status_code == 302

    approver = signed_in(office.approver)
    decided = {
        f"item{item.pk}-outcome": "delete", f"item{item.pk}-reason": "予以删除", "reason": "经核查属实",
    }  # fmt: skip
    look = approver.press(approver.form(page(case, "decide")), **decided, _look="")
    assert "对等级的影响" in shown(look)
    basis = look.context["basis"]
    signed = approver.press(approver.form(page(case, "decide")), **decided, basis=basis, _sign="")

    assert signed.headers["Location"] == page(case)
    case.refresh_from_db()
    assert (case.state, current_rating(OWN).grade) == ("decided", "B")
    told = shown(clerk.get(page(case)))
    for said in ("已决定并告知", "处理决定书", "用到这条信息的地方", "确非该企业"):
        assert said in told


def test_unit_verifies_itself_through_the_page(office, clerk):
    case = filed(office, Item(office.severe.pk, "wrong"))
    press(clerk, case, "accept")
    item = case.items.get()
    given = {
        f"item{item.pk}-finding": "partly", f"item{item.pk}-reason": "金额有误",
        f"item{item.pk}-field_0": "fine_wan", f"item{item.pk}-value_0": "0.3",
    }  # fmt: skip

    assert press(clerk, case, "verify", **given).status_code == 302

    item.refresh_from_db()
    assert (item.finding, item.corrections) == ("partly", {"fine_wan": "0.3"})


def test_value_no_record_can_hold_is_told_on_the_page(office, clerk):
    case = filed(office)
    press(clerk, case, "accept")
    item = case.items.get()
    given = {
        f"item{item.pk}-finding": "true", f"item{item.pk}-reason": "x",
        f"item{item.pk}-field_0": "decided_on", f"item{item.pk}-value_0": "去年",
    }  # fmt: skip

    answer = press(clerk, case, "verify", **given)

    assert answer.status_code == 409
    assert "“认定日期”不能是“去年”" in shown(answer)


@pytest.mark.parametrize(
    ("name", "given", "state", "letter"),
    [
        ("ask_papers", {"reason": "请补原件"}, "papers", "papers"),
        ("refuse", {"code": "outside", "reason": "对决定本身有争议"}, "refused", "refusal"),
    ],
)
def test_step_with_a_letter_through_the_page(office, clerk, name, given, state, letter):
    case = filed(office)

    assert press(clerk, case, name, **given).status_code == 302

    case.refresh_from_db()
    assert case.state == state
    assert Letter.objects.get().kind == letter


def test_step_that_is_not_possible_any_more_is_told_with_what_was_done(office, clerk):
    case = filed(office)
    form = clerk.form(page(case, "accept"))
    press(signed_in(office.clerk), case, "ask_papers", reason="请补原件")

    answer = clerk.press(form)

    assert answer.status_code == 409
    assert "要求补正材料" in shown(answer)


@pytest.mark.parametrize("name", ["send", "verify", "send_back"])
def test_page_of_a_step_the_state_does_not_have_says_so(office, name):
    case = filed(office)
    who = signed_in(office.approver if name == "send_back" else office.clerk)

    answer = who.get(page(case, name))

    assert (answer.status_code, "目前的状态下不能这样办理" in shown(answer)) == (409, True)


@pytest.mark.parametrize("who", ["clerk", "approver", "source", "city_clerk"])
def test_buttons_are_those_one_may_press(office, who):
    case = office.accept(filed(office), on=today())
    user: User = getattr(office, who)
    answer = signed_in(user).get(page(case))

    buttons = [str(title) for title, _url in answer.context.get("tools", [])]
    assert buttons == {
        "clerk": ["送信息来源部门核查", "自行核查"], "approver": [], "city_clerk": [], "source": [],
    }[who]  # fmt: skip
    assert answer.status_code == (404 if who == "source" else 200)


def test_queue_is_sorted_by_the_day_that_binds(office, clerk):
    later = filed(office, kind="help")
    first = filed(office)

    page = clerk.get(LIST)

    assert [row.pk for row in page.context["cl"].result_list] == [first.pk, later.pk]


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ("mine=handle", ["new", "taken"]),
        ("mine=taken", ["taken", "verified"]),
        ("state=all", ["new", "taken", "verified"]),
        ("due=overdue", []),
        ("kind=repair", []),
        ("own=yes", ["new", "taken", "verified"]),
    ],
)
def test_queues(office, clerk, narrowed, found):
    cases = {
        "new": filed(office, kind="help"),
        "taken": office.accept(filed(office), on=today()),
        "verified": office.accept(filed(office, Item(office.fine.pk, "wrong")), on=today()),
    }
    office.verify(cases["verified"], on=today())

    rows = clerk.get(f"{LIST}?{narrowed}").context["cl"].result_list

    assert {row.pk for row in rows} == {cases[name].pk for name in found}


def test_approver_finds_what_waits_for_a_decision_but_not_the_own_verification(office):
    case = office.accept(filed(office), on=today())
    office.verify(case, on=today())

    for who, found in ((office.approver, 1), (office.clerk, 0)):
        answer = signed_in(who).get(f"{LIST}?mine=decide")
        assert len(answer.context["cl"].result_list) == found


def test_clock_page_tells_every_day_and_the_source_of_the_limit(office, clerk):
    case = filed(office)

    told = shown(clerk.get(page(case, "clock")))

    for said in ("决定是否受理", "默认值，无出处（参照：广州2个工作日）", "工作日"):
        assert said in told


def test_page_costs_as_many_queries_for_many_steps_as_for_few(office, clerk):
    case = filed(office)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            clerk.get(page(case))
        return len(queries)

    clerk.get(page(case))
    before = asked()
    press(clerk, case, "ask_papers", reason="请补")
    assert asked() <= before + 6


def test_inbox_opens_a_notice_and_leads_to_the_case(office, clerk):
    case = filed(office)
    notice = Notice.objects.get(agency=office.agency)
    listed = shown(clerk.get("/admin/notices/notice/"))
    assert f"新的申请 {case.number}" in listed

    answer = clerk.post(f"/admin/notices/notice/{notice.pk}/open/")

    assert answer.headers["Location"] == page(case)
    assert f"新的申请 {case.number}" not in shown(clerk.get("/admin/notices/notice/"))


def test_history_names_what_was_done(office, clerk):
    case = filed(office)
    press(clerk, case, "accept")

    told = shown(clerk.get(page(case, "history")))

    assert "受理申请" in told
    assert "提出申请" in told


def test_what_stands_still_comes_last_in_the_queue(office, clerk):
    waits = filed(office)
    handling.ask_papers(by=office.clerk, case_id=waits.pk, version=None, reason="补正", on=today())
    runs = filed(office, Item(office.fine.pk, "wrong"))
    assert list(clerk.get(LIST).context["cl"].result_list) == [runs, waits]


def test_who_verified_has_no_button_to_decide_and_is_told_why_on_its_page(office):
    both = User.objects.create_user("both", password="x")
    for role in ("lead_clerk", "lead_approver"):
        post(both, office.agency, role)
    case = filed(office)
    office.accept(case, by=both, on=today())
    office.verify(case, by=both, on=today())
    me = signed_in(both)

    assert "/decide/" not in shown(me.get(page(case)))
    answer = me.get(page(case, "decide"))
    assert answer.status_code == 409
    assert "参与了本事项的核查" in shown(answer)


def test_kind_out_of_use_is_told_where_it_is_entered(office, clerk):
    Kind.objects.filter(pk="penalty_other").update(until=dt.date(2025, 1, 1))
    case = filed(office)
    press(clerk, case, "accept")
    item = case.items.get()
    given = {
        f"item{item.pk}-finding": "true", f"item{item.pk}-reason": "x",
        f"item{item.pk}-field_0": "kind_id", f"item{item.pk}-value_0": "penalty_other",
    }  # fmt: skip

    answer = press(clerk, case, "verify", **given)

    assert (answer.status_code, "2025-01-01" in shown(answer)) == (409, True)


def test_enterprise_on_no_roster_is_put_on_one_by_its_registration_alone(office, clerk):
    case = office.accept(filed(office, Item(0, "wrong_roster")), on=today())
    office.register([OWN], status="3", status_on=dt.date(2025, 3, 1))
    assert Enterprise.objects.get(pk=OWN).keeper_id is None

    told = shown(clerk.get(page(case, "verify")))

    assert "不在任何名录，不能更正所在名录" in told
    assert "所在名录应当是" not in told
    office.verify(case, on=today(), corrections={"keeper": "130104", "level": "county"})
    offered = signed_in(office.approver).get(page(case, "decide")).context["forms"][0]
    possible = [value for value, _label in offered.fields["outcome"].choices]
    assert possible == ["", "recompute", "reject"]


def test_days_put_right_together_are_held_against_each_other(office, clerk):
    listed = office.give(OWN, "abnormal_operation", "2025-03-03", ended_on=dt.date(2025, 4, 1))
    case = filed(office, Item(listed.pk, "wrong"))
    press(clerk, case, "accept")
    item = case.items.get()
    given = {
        f"item{item.pk}-finding": "true", f"item{item.pk}-reason": "x",
        f"item{item.pk}-field_0": "decided_on", f"item{item.pk}-value_0": "2025-05-06",
    }  # fmt: skip
    later = {f"item{item.pk}-field_1": "ended_on", f"item{item.pk}-value_1": "2025-06-01"}

    wrong = press(clerk, case, "verify", **given)

    assert (wrong.status_code, "终止日期不能早于认定日期。" in shown(wrong)) == (409, True)
    assert press(clerk, case, "verify", **given, **later).status_code == 302


def link(user: User) -> None:
    Representative.objects.create(
        user=user, enterprise_id=OWN, since=dt.date(2019, 1, 1), until=dt.date(2019, 2, 1)
    )


def test_queues_leave_out_what_one_has_to_keep_away_from(office):
    new = filed(office, kind="help")
    verified = office.accept(filed(office), on=today())
    office.verify(verified, on=today())
    waiting = ((office.clerk, "handle", new), (office.approver, "decide", verified))

    for linked in (False, True):
        for who, mine, case in waiting:
            rows = signed_in(who).get(f"{LIST}?mine={mine}").context["cl"].result_list
            assert list(rows) == ([] if linked else [case])
            link(who)


def test_who_spoke_for_the_enterprise_is_told_on_the_page_of_the_case(office, clerk):
    case = filed(office)
    link(office.clerk)

    told = clerk.get(page(case))

    assert (told.context["tools"], "应当回避" in shown(told)) == ([], True)


def test_who_spoke_for_the_enterprise_is_told_before_answering(office):
    asked = office.send(office.accept(filed(office), on=today()), on=today())
    link(office.source)
    at = f"/admin/objections/verification/{asked.pk}/"
    source = signed_in(office.source)

    told = source.get(f"{at}change/")

    assert (told.context["may_answer"], "应当回避" in shown(told)) == (False, True)
    for name in ("answer", "extend"):
        answer = source.get(f"{at}{name}/")
        assert (answer.status_code, "应当回避" in shown(answer)) == (409, True)


def test_department_reads_the_papers_of_the_case_but_not_who_acts_for_it(office):
    case = office.file(files=["evidence", "authorisation"], agent="某律师", on=today())
    asked = office.send(office.accept(case, on=today()), on=today())
    at = f"/admin/objections/verification/{asked.pk}/"
    source = signed_in(office.source)
    papers = {file.role: f"{at}files/{file.pk}/" for file in case.files.all()}

    told = shown(source.get(f"{at}change/"))

    assert {role: address in told for role, address in papers.items()} == {
        "evidence": True, "authorisation": False,
    }  # fmt: skip
    assert source.get(papers["evidence"]).status_code == 200
    assert source.get(papers["authorisation"]).status_code == 404
    assert signed_in(office.clerk).get(page(case)).context["files"].count() == 2
