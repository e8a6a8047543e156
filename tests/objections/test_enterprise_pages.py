"""The enterprise's own pages, as its representative finds them. Source: R29, R32 (企业自查), R56."""

from __future__ import annotations

import datetime as dt
import io
import re
from html import unescape
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from grading.system import SYSTEM
from notices import letters
from notices.models import Letter, Notice
from objections import deciding, enterprise, handling
from objections.filing import Item
from objections.models import Case, Draft
from objections.urls import urlpatterns
from tests.browser import forms_of
from tests.factories import evidence as files_of
from tests.factories.grading import TODAY
from tests.factories.objections import OTHER, OWN, Office, speaks_for
from tests.factories.roster import signed_in


@pytest.fixture
def rep(office: Office):
    return signed_in(office.rep)


def shown(answer) -> str:
    return unescape(answer.content.decode())


def pdf(name: str = "证明.pdf") -> io.BytesIO:
    file = io.BytesIO(files_of.pdf())
    file.name = name
    return file


def begun(rep, office, kind: str = "objection", **chosen) -> Draft:
    chosen = chosen or ({} if kind == "help" else {"record": [str(office.severe.pk)]})
    answer = rep.post(f"/enterprise/{OWN}/apply/{kind}/", chosen)
    assert answer.status_code == 302, shown(answer)
    return Draft.objects.get()


FILLED = {
    "item0-ground": "wrong_subject", "item0-field_0": "fine_wan", "item0-is_0": "3",
    "item0-should_0": "0.3", "item0-explanation": "多写一位", "statement": "不是本企业的信息",
    "committed": "on",
}  # fmt: skip


# --- reading ----------------------------------------------------------------------------------


def test_first_page_says_the_grade_the_records_and_what_can_be_done(rep, office):
    answer = rep.get("/enterprise/")

    page = shown(answer)
    for said in (
        "严重失信",
        "吊销许可证件",
        str(office.severe.number),
        "提出异议",
        "申请信用修复",
        "咨询求助",
    ):
        assert said in page
    assert "虚构企业000000002" not in page


def test_who_speaks_for_two_chooses_between_them(office):
    user = speaks_for("both", OWN)
    user.representations.create(enterprise_id=OTHER, since="2020-01-01")

    page = shown(signed_in(user).get("/enterprise/"))

    assert [f"/enterprise/{one}/" in page for one in (OWN, OTHER)] == [True, True]


def test_grade_is_explained_without_the_offices_addresses(rep):
    page = shown(rep.get(f"/enterprise/{OWN}/grade/"))

    assert "计入评价的信息" in page
    assert "何时变化" in page
    assert "/admin/records" not in page


def test_record_says_its_source_and_until_when_it_is_published(rep, office):
    page = shown(rep.get(f"/enterprise/{OWN}/records/{office.severe.pk}/"))

    for said in (office.authority.name, "2028-02-03", "2026-02-03", "对这条信息提出异议"):
        assert said in page


def test_record_under_way_leads_to_its_case_instead(rep, office):
    case = office.file()

    page = shown(rep.get(f"/enterprise/{OWN}/records/{office.severe.pk}/"))

    assert case.number in page
    assert "对这条信息提出异议" not in page


def test_disputed_record_marks_the_grade(rep, office):
    office.accept(office.file())

    assert "异议处理中" in shown(rep.get("/enterprise/"))


def told(client, address: str) -> tuple[int, str]:
    """The answer without what is of this request alone: its address, the key of its forms."""
    answer = client.get(address)
    plain = shown(answer).replace(address, "ADDRESS")
    return answer.status_code, re.sub(r'csrfmiddlewaretoken" value="\w+"', "", plain)


@pytest.mark.parametrize(
    "pattern", [one for one in urlpatterns if one.pattern.converters], ids=lambda one: one.name
)
def test_what_is_anothers_is_like_what_is_not_there(office, pattern):
    """Of every address, for a stranger and for nobody's keys: the same page."""
    case = office.upheld(files=["evidence"])
    draft = office.draft(Item(office.fine.pk, "wrong"), files=["evidence"])
    notice = Notice.objects.filter(enterprise=OWN).first()
    keys = {
        "enterprise_notice": notice.pk, "enterprise_letter": Letter.objects.first().pk,
        "enterprise_record": office.fine.pk,
    }  # fmt: skip
    own = keys.get(pattern.name, draft.pk if "draft" in pattern.name else case.pk)
    files = draft.files.get().pk if "draft" in pattern.name else case.files.get().pk
    there = {"pk": own, "code": OWN, "kind": "objection", "file": files}
    nowhere = {"pk": 987_654, "code": "91130102000000099X", "kind": "objection", "file": 987_654}
    stranger = signed_in(speaks_for("stranger", OTHER))
    needed = pattern.pattern.converters

    answers = [
        told(stranger, reverse(pattern.name, kwargs={key: keys_[key] for key in needed}))
        for keys_ in (there, nowhere)
    ]

    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_page_that_is_left_open_is_closed_when_one_no_longer_speaks_for_it(rep, office):
    office.rep.representations.update(until="2021-01-01")

    assert rep.get(f"/enterprise/{OWN}/").status_code in (302, 403, 404)


@pytest.mark.parametrize("at", ["", "apply/objection/", "apply/repair/"])
def test_number_of_queries_does_not_grow_with_records_and_cases(rep, office, at):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert rep.get(f"/enterprise/{OWN}/{at}").status_code == 200
        return len(queries)

    office.file()
    refused = office.give(OWN, "penalty_other", "2024-01-05")
    case = office.file(Item(refused.pk, "made_good"), kind="repair", files=["proof"])
    office.decide(office.verify(office.accept(case), "false"), "reject")
    asked()
    before = asked()
    for n in range(5):
        given = office.give(OWN, "penalty_other", f"2025-0{n + 1}-05")
        if n % 2:
            office.file(Item(given.pk, "wrong"))
        office.file(kind="help")

    assert asked() == before


def test_day_count_and_the_source_departments_leg_are_on_the_page_of_a_case(rep, office):
    case = office.accept(office.file())
    office.send(case)

    with mock.patch("objections.views.localdate", return_value=dt.date(2026, 3, 5)):
        said = shown(rep.get(f"/enterprise/cases/{case.pk}/"))

    legs = re.findall(r'data-label="已计">([^<]*)<', said)
    assert (legs, "信息来源部门" in said) == (["0工作日", "3工作日", "3工作日"], True)


def test_unread_messages_come_first_and_the_others_are_a_page_away(rep, office):
    for _n in range(3):
        office.file(kind="help")
    first, *_others = Notice.objects.filter(enterprise=OWN).order_by("pk")
    for notice in Notice.objects.filter(enterprise=OWN).exclude(pk=first.pk):
        rep.post(f"/enterprise/notices/{notice.pk}/")

    with mock.patch("objections.views.NOTICES_SHOWN", 2):
        one, two = (rep.get(f"/enterprise/notices/?page={n}").context["notices"] for n in (1, 2))

    assert [row.is_read for row in [*one, *two]] == [False, True, True]
    assert one[0].notice == first


# --- filing -----------------------------------------------------------------------------------


def test_objection_is_filed_through_the_pages(rep, office):
    draft = begun(rep, office)
    address = f"/enterprise/drafts/{draft.pk}/"
    form = rep.form(address)
    kept = rep.press(form, **FILLED, evidence=[pdf(), pdf("其他.pdf")], _check="")
    assert kept.headers["Location"] == f"{address}check/"
    read = shown(rep.get(f"{address}check/"))
    for said in ("不是本企业的信息", "不是本企业", "罚款金额", "证明.pdf", "其他.pdf"):
        assert said in read

    filed = rep.press(rep.form(f"{address}check/"))

    case = Case.objects.get()
    assert filed.headers["Location"] == f"/enterprise/cases/{case.pk}/"
    assert case.items.get().claims == [{"field": "fine_wan", "is": "3", "should": "0.3"}]
    assert case.files.count() == 2
    page = shown(rep.get(f"/enterprise/cases/{case.pk}/"))
    for said in (case.number, "待受理", "2026", "办理过程", "决定是否受理"):
        assert said in page


def test_button_pressed_twice_and_in_two_tabs_is_one_case_and_the_same_receipt(rep, office):
    draft = begun(rep, office)
    address = f"/enterprise/drafts/{draft.pk}/"
    rep.press(rep.form(address), **FILLED)
    form = rep.form(f"{address}check/")

    answers = [rep.press(form), rep.press(form), rep.post(f"{address}check/")]

    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert Case.objects.count() == 1


def test_what_is_missing_is_said_and_nothing_typed_is_lost(rep, office):
    draft = begun(rep, office)
    address = f"/enterprise/drafts/{draft.pk}/"
    rep.press(rep.form(address), **FILLED | {"statement": ""})

    answer = rep.press(rep.form(f"{address}check/"))

    assert answer.status_code == 409
    assert "请填写事实和理由。" in shown(answer)
    assert "多写一位" in shown(rep.get(address))


def test_nothing_chosen_is_told(rep):
    answer = rep.post(f"/enterprise/{OWN}/apply/objection/", {})

    assert "请选择要提出的信息或者评价结果。" in shown(answer)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("kind", ["review", "nonsense"])
def test_only_what_one_can_apply_for_has_a_page(rep, kind):
    assert rep.get(f"/enterprise/{OWN}/apply/{kind}/").status_code == 404


def test_file_that_is_none_is_refused_with_what_was_typed(rep, office):
    draft = begun(rep, office)
    page = io.BytesIO(b"<html><script>alert(1)</script></html>")
    page.name = "证明.pdf"

    answer = rep.press(rep.form(f"/enterprise/drafts/{draft.pk}/"), **FILLED, evidence=page)

    assert answer.status_code == 409
    assert "PDF" in shown(answer)
    assert "不是本企业的信息" in shown(answer)
    assert draft.files.count() == 0


def test_file_is_given_back_as_an_attachment_and_taken_out_again(rep, office):
    draft = begun(rep, office)
    rep.press(rep.form(f"/enterprise/drafts/{draft.pk}/"), **FILLED, evidence=pdf())
    row = draft.files.get()

    answer = rep.get(f"/enterprise/drafts/{draft.pk}/files/{row.pk}/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]

    rep.post(f"/enterprise/drafts/{draft.pk}/drop/", {"file": str(row.pk)})
    assert draft.files.count() == 0


def test_draft_is_thrown_away_and_one_filed_is_not(rep, office):
    draft = begun(rep, office, "help")
    rep.press(rep.form(f"/enterprise/drafts/{draft.pk}/"), statement="怎样提高等级？")
    rep.press(rep.form(f"/enterprise/drafts/{draft.pk}/check/"))

    assert rep.post(f"/enterprise/drafts/{draft.pk}/drop/").status_code == 409
    assert Draft.objects.count() == 1


def test_filed_draft_leads_to_its_case(rep, office):
    draft = begun(rep, office, "help")
    rep.press(rep.form(f"/enterprise/drafts/{draft.pk}/"), statement="怎样提高等级？")
    rep.press(rep.form(f"/enterprise/drafts/{draft.pk}/check/"))
    case = Case.objects.get()

    for page in ("", "check/"):
        answer = rep.get(f"/enterprise/drafts/{draft.pk}/{page}")
        assert answer.headers["Location"] == f"/enterprise/cases/{case.pk}/"


def test_what_another_tab_changed_is_shown_before_it_is_filed(rep, office):
    draft = begun(rep, office, "help")
    page = f"/enterprise/drafts/{draft.pk}/"
    rep.press(rep.form(page), statement="甲")
    shown_first, other_tab = rep.form(f"{page}check/"), rep.form(page)
    rep.press(other_tab, statement="乙")

    answer = rep.press(shown_first)

    assert answer.status_code == 409
    assert "在别的窗口改动过" in shown(answer)
    assert "乙" in shown(answer)
    assert not Case.objects.exists()
    assert rep.press(rep.form(f"{page}check/")).status_code == 302


def test_draft_kept_in_two_tabs_loses_nothing_without_a_word(rep, office):
    draft = begun(rep, office, "help")
    page = f"/enterprise/drafts/{draft.pk}/"
    one, other = rep.form(page), rep.form(page)
    rep.press(one, statement="甲")

    answer = rep.press(other, statement="乙")

    draft.refresh_from_db()
    assert (answer.status_code, draft.content["statement"]) == (409, "甲")
    assert "乙" in shown(answer)
    (again,) = [f for f in forms_of(answer.content.decode(), page) if f.action == page]
    assert rep.press(again).status_code == 302


@pytest.mark.parametrize("key", ["9" * 25, "9" * 5_000, "-1", "x"])
def test_record_that_is_no_number_of_one_begins_no_draft(rep, key):
    answer = rep.post(f"/enterprise/{OWN}/apply/objection/", {"record": key})

    assert answer.status_code == 200
    assert not Draft.objects.exists()


def test_question_is_about_nothing_whatever_is_sent(rep, office):
    sent = {"record": str(office.fine.pk), "rating": "1"}
    page = rep.post(f"/enterprise/{OWN}/apply/help/", sent).headers["Location"]
    rep.press(rep.form(page), statement="怎样提高等级？")

    assert rep.press(rep.form(f"{page}check/")).status_code == 302
    assert not Case.objects.get().items.exists()


def test_repair_that_cannot_be_asked_for_cannot_be_chosen_and_says_why(rep, office):
    new = office.give(OWN, "penalty_other", f"{localdate()}", measures="罚款", on=localdate())

    choose = shown(rep.get(f"/enterprise/{OWN}/apply/repair/"))
    record = shown(rep.get(f"/enterprise/{OWN}/records/{new.pk}/"))

    assert f'value="{new.pk}" disabled' in choose
    assert "最短公示期到" in choose
    assert "暂不能申请信用修复" in record


# --- following --------------------------------------------------------------------------------


def test_papers_are_supplied_through_the_page(rep, office):
    case = office.file()
    handling.ask_papers(by=office.clerk, case_id=case.pk, version=None, reason="请补原件", on=TODAY)
    address = f"/enterprise/cases/{case.pk}/supply/"
    form = rep.form(address)
    assert "请补原件" in shown(rep.get(address))

    rep.press(form, reason="已补", evidence=pdf())

    case.refresh_from_db()
    assert (case.state, case.files.count()) == ("submitted", 1)


def test_stale_form_is_told_which_steps_were_taken_and_not_what_offices_wrote(rep, office):
    case = office.accept(office.file())
    form = rep.form(f"/enterprise/cases/{case.pk}/withdraw/")
    office.verify(case)
    deciding.send_back(by=office.approver, case_id=case.pk, version=None, reason="拟驳回", on=TODAY)

    answer = rep.press(form, reason="不再需要")

    said = shown(answer)
    assert answer.status_code == 409
    assert f"2026-03-02 自行核查 {office.agency}；2026-03-02 退回重新核查 {office.agency}" in said
    for hidden in (office.clerk.username, office.approver.username, "核查说明", "拟驳回"):
        assert hidden not in said
    case.refresh_from_db()
    assert case.state == "accepted"
    page = f"/enterprise/cases/{case.pk}/withdraw/"
    (again,) = [f for f in forms_of(answer.content.decode(), page) if f.action == page]
    assert rep.press(again).status_code == 302


def test_what_the_state_does_not_allow_leads_back_to_the_case(rep, office):
    case = office.upheld()

    for act in ("supply", "withdraw"):
        answer = rep.get(f"/enterprise/cases/{case.pk}/{act}/", follow=True)
        assert answer.redirect_chain[-1][0] == f"/enterprise/cases/{case.pk}/"
        assert "已决定并告知" in shown(answer)


def test_withdrawal_through_the_page(rep, office):
    case = office.file()

    rep.press(rep.form(f"/enterprise/cases/{case.pk}/withdraw/"), reason="")

    case.refresh_from_db()
    assert case.state == "withdrawn"


def test_review_begins_with_what_the_case_was_about(rep, office):
    case = office.upheld(outcome="reject", on=localdate())

    answer = rep.post(f"/enterprise/cases/{case.pk}/review/")

    draft = Draft.objects.get(kind="review")
    assert answer.headers["Location"] == f"/enterprise/drafts/{draft.pk}/"
    assert case.number in shown(rep.get(f"/enterprise/drafts/{draft.pk}/"))


def test_review_that_comes_too_late_is_told_before_anything_is_filled_in(rep, office):
    case = office.upheld(outcome="reject")

    answer = rep.post(f"/enterprise/cases/{case.pk}/review/", follow=True)

    assert "申请复核的期限是 2026-03-17，已经超过" in shown(answer)
    assert not Draft.objects.filter(kind="review").exists()


def test_decision_its_letter_and_the_new_grade_are_on_the_pages(rep, office):
    case = office.upheld()
    letters.draw_due(by=SYSTEM)
    page = shown(rep.get(f"/enterprise/cases/{case.pk}/"))
    letter = Letter.objects.get(kind="decision")

    assert letter.number in page
    answer = rep.get(f"/enterprise/letters/{letter.pk}/")
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "一般失信" in shown(rep.get("/enterprise/"))


def test_what_offices_write_to_each_other_is_not_on_the_page(rep, office):
    case = office.accept(office.file())
    handling.send_case(
        by=office.clerk, case_id=case.pk, version=None, question="内部要求甲", on=TODAY
    )
    office.answer(case.verifications.get())

    page = shown(rep.get(f"/enterprise/cases/{case.pk}/"))
    assert "内部要求甲" not in page
    assert office.clerk.username not in page


def test_notice_is_opened_once_and_leads_to_the_case(rep, office):
    case = office.file()
    page = shown(rep.get("/enterprise/notices/"))
    assert f"申请已收到：{case.number}" in page
    notice = Notice.objects.get(enterprise=OWN)

    answer = rep.post(f"/enterprise/notices/{notice.pk}/")

    assert answer.headers["Location"] == f"/enterprise/cases/{case.pk}/"
    assert not Notice.objects.visible_to(office.rep).unread_by(office.rep).exists()


def test_names_are_text_on_every_page(rep, office):
    office.file(kind="help", statement="<script>alert(1)</script>")
    case = Case.objects.get()

    page = rep.get(f"/enterprise/cases/{case.pk}/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_every_open_case_is_on_the_first_page_and_the_others_one_press_further(rep, office):
    for _n in range(10):
        case = office.file(kind="help")
        handling.reply(by=office.clerk, case_id=case.pk, version=None, reason="见说明", on=TODAY)
    open_one = office.file(kind="help")
    assert enterprise.OTHERS_SHOWN == 20
    page = shown(rep.get(f"/enterprise/{OWN}/"))
    assert open_one.number in page
    assert "全部办理的事项" not in page

    with mock.patch.object(enterprise, "OTHERS_SHOWN", 3):
        page = shown(rep.get(f"/enterprise/{OWN}/"))
        every = shown(rep.get(f"/enterprise/{OWN}/", {"cases": "all"}))

    assert open_one.number in page
    assert page.count("/enterprise/cases/") == 4
    assert "全部办理的事项" in page
    assert every.count("/enterprise/cases/") == 11
