"""The enterprise's own pages, as its representative finds them. Source: R29, R32 (企业自查), R56."""

from __future__ import annotations

import datetime as dt
import io
import re
from html import unescape
from unittest import mock

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from grading.system import SYSTEM
from intake import evidence
from notices import letters
from notices.models import Letter, Notice
from objections import deciding, enterprise, filing, handling
from objections.filing import Item
from objections.models import Case, Draft
from objections.urls import urlpatterns
from records import services as records
from tests.browser import Form, forms_of
from tests.factories import evidence as files_of
from tests.factories.grading import OPERATOR, TODAY
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


STATEMENT = "决定书送达的是另一家公司"


def filled(office, **changes) -> dict[str, str]:
    """What is typed about the severe record."""
    item = f"item{office.severe.pk}"
    return {
        f"{item}-ground": "wrong_subject", f"{item}-field_0": "fine_wan", f"{item}-is_0": "3",
        f"{item}-should_0": "0.3", f"{item}-explanation": "多写一位", "statement": STATEMENT,
        "committed": "on",
    } | changes  # fmt: skip


def shown_again(answer, page: str) -> Form:
    """The form of a page that was not done."""
    assert answer.status_code == 409, answer.headers
    (form,) = [one for one in forms_of(answer.content.decode(), page) if one.action == page]
    return form


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


def test_version_before_leads_to_the_record_as_it_stands(rep, office):
    before, gone = office.fine, office.severe
    now = records.replace_record(
        by=OPERATOR, record_id=before.pk, changes={"facts": "补"}, reason="更正", on=TODAY
    )
    records.retract_record(by=OPERATOR, record_id=gone.pk, reason="误录")

    answer = rep.get(f"/enterprise/{OWN}/records/{before.pk}/")

    assert answer["Location"] == f"/enterprise/{OWN}/records/{now.pk}/"
    assert rep.get(f"/enterprise/{OWN}/records/{gone.pk}/").status_code == 404


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
    kept = rep.press(form, **filled(office), evidence=[pdf(), pdf("其他.pdf")], _check="")
    assert kept.headers["Location"] == f"{address}check/"
    read = shown(rep.get(f"{address}check/"))
    for said in (STATEMENT, "不是本企业", "罚款金额", "证明.pdf", "其他.pdf"):
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
    rep.press(rep.form(address), **filled(office))
    form = rep.form(f"{address}check/")

    answers = [rep.press(form), rep.press(form), rep.post(f"{address}check/")]

    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert Case.objects.count() == 1


def test_what_is_missing_is_said_and_nothing_typed_is_lost(rep, office):
    draft = begun(rep, office)
    address = f"/enterprise/drafts/{draft.pk}/"
    rep.press(rep.form(address), **filled(office, statement=STATEMENT, committed=""))

    answer = rep.press(rep.form(f"{address}check/"))

    assert answer.status_code == 409
    assert "请阅读并作出信用承诺，再提出申请。" in shown(answer)
    kept = shown(rep.get(address))
    assert [said in kept for said in ("多写一位", STATEMENT)] == [True, True]


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

    answer = rep.press(rep.form(f"/enterprise/drafts/{draft.pk}/"), **filled(office), evidence=page)

    assert answer.status_code == 409
    assert "PDF" in shown(answer)
    assert STATEMENT in shown(answer)
    assert draft.files.count() == 0


def test_file_is_given_back_as_an_attachment(rep, office):
    draft = begun(rep, office)
    rep.press(rep.form(f"/enterprise/drafts/{draft.pk}/"), **filled(office), evidence=pdf())
    row = draft.files.get()

    answer = rep.get(f"/enterprise/drafts/{draft.pk}/files/{row.pk}/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


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
    assert rep.press(shown_again(answer, page)).status_code == 302


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


# --- what it is about -------------------------------------------------------------------------


def chosen_at(rep, *keys: int, kind: str = "objection"):
    return rep.post(f"/enterprise/{OWN}/apply/{kind}/", {"record": [str(key) for key in keys]})


def test_more_records_than_can_be_filed_are_refused_as_they_are_chosen(rep, office, monkeypatch):
    monkeypatch.setattr(filing, "MOST_ITEMS", 1)

    answer = chosen_at(rep, office.severe.pk, office.fine.pk)

    assert answer.status_code == 409
    assert "一次最多选择 1 条信息。请分几次提出。" in shown(answer)
    assert shown(answer).count(" checked") == 2
    assert not Draft.objects.exists()


def test_court_listing_beside_others_is_refused_as_it_is_chosen(rep, office):
    listed = office.give(OWN, "judgment_defaulter", "2025-03-03")

    answer = chosen_at(rep, listed.pk, office.fine.pk)

    assert answer.status_code == 409
    assert "请分别提出申请。" in shown(answer)
    assert not Draft.objects.exists()


def test_record_gone_or_under_way_is_refused_as_it_is_chosen(rep, office):
    case = office.file()
    records.retract_record(by=OPERATOR, record_id=office.fine.pk, reason="重复")

    answers = [shown(chosen_at(rep, one.pk)) for one in (office.severe, office.fine)]

    assert f"正在 {case.number} 号事项中办理，办结之前不能再次提出" in answers[0]
    assert "不再是本企业的信息" in answers[1]
    assert Draft.objects.filter(case=None).count() == 0


def test_repair_too_early_is_refused_as_it_is_chosen(rep, office):
    new = office.give(OWN, "penalty_other", f"{localdate()}", measures="罚款", on=localdate())

    answer = chosen_at(rep, new.pk, kind="repair")

    assert answer.status_code == 409
    assert "最短公示期到" in shown(answer)


def test_draft_says_at_once_what_was_filed_by_a_colleague_meanwhile(rep, office):
    draft = begun(rep, office)
    case = office.file(by=speaks_for("colleague", OWN))

    page = shown(rep.get(f"/enterprise/drafts/{draft.pk}/"))

    assert f"正在 {case.number} 号事项中办理" in page


def test_one_record_is_taken_out_and_what_was_typed_stays(rep, office):
    draft = begun(rep, office, record=[str(office.severe.pk), str(office.fine.pk)])
    page = f"/enterprise/drafts/{draft.pk}/"

    answer = rep.press(rep.form(page), **filled(office), _without_item=str(office.fine.pk))

    assert answer.headers["Location"] == page
    draft.refresh_from_db()
    (left,) = draft.content["items"]
    assert (left["record"], left["explanation"]) == (office.severe.pk, "多写一位")
    assert draft.content["statement"] == STATEMENT
    assert "_without_item" not in shown(rep.get(page))


def test_the_last_record_stays(rep, office):
    draft = begun(rep, office)
    page = f"/enterprise/drafts/{draft.pk}/"

    answer = rep.press(rep.form(page), **filled(office), _without_item=str(office.severe.pk))

    assert answer.status_code == 409
    assert "请丢弃这份申请" in shown(answer)
    draft.refresh_from_db()
    assert (len(draft.content["items"]), draft.content["statement"]) == (1, "")


def test_text_stays_with_its_record_when_another_tab_took_one_out(rep, office):
    draft = begun(rep, office, record=[str(office.fine.pk), str(office.severe.pk)])
    page = f"/enterprise/drafts/{draft.pk}/"
    one, other = rep.form(page), rep.form(page)
    rep.press(one, _without_item=str(office.fine.pk))
    typed = filled(office) | {f"item{office.fine.pk}-explanation": "罚款已经撤销"}

    again = shown_again(rep.press(other, **typed), page)

    assert rep.press(again).status_code == 302
    draft.refresh_from_db()
    (left,) = draft.content["items"]
    assert (left["record"], left["explanation"]) == (office.severe.pk, "多写一位")


def test_repair_shows_what_it_is_about_and_is_filed(rep, office):
    answer = chosen_at(rep, office.fine.pk, office.severe.pk, kind="repair")
    page = answer.headers["Location"]
    read = shown(rep.get(page))
    for one in (office.fine, office.severe):
        assert f"{one.kind} {one.number}" in read
    rep.press(rep.form(page), _without_item=str(office.severe.pk))

    rep.press(rep.form(page), statement="已缴清罚款", committed="on", proof=pdf())
    filed = rep.press(rep.form(f"{page}check/"))

    assert filed.status_code == 302, shown(filed)
    assert Case.objects.get().items.get().record == office.fine


@pytest.mark.parametrize("typed", ["is_0", "should_0"])
def test_what_is_wrong_without_a_field_is_asked_for_its_field(rep, office, typed):
    draft = begun(rep, office)
    page, item = f"/enterprise/drafts/{draft.pk}/", f"item{office.severe.pk}"
    row = {f"{item}-{part}": "" for part in ("field_0", "is_0", "should_0")}
    wrong = filled(office) | row | {f"{item}-{typed}": "3"}

    again = rep.press(rep.form(page), **wrong)

    assert "请选择是哪一项，或者清空这一行。" in shown(again)
    assert "没有保存，请改正下面标出的内容。" in shown(again)
    rest = {f"{item}-field_0": "fine_wan"}
    assert rep.press(shown_again(again, page), **rest).status_code == 302
    draft.refresh_from_db()
    (claim,) = draft.content["items"][0]["claims"]
    assert (claim["field"], claim[typed.removesuffix("_0")]) == ("fine_wan", "3")


# --- what another tab did meanwhile ---------------------------------------------------------------


def test_mistake_in_a_draft_hides_nothing_another_tab_did(rep, office):
    draft = begun(rep, office, "help")
    page = f"/enterprise/drafts/{draft.pk}/"
    one, other = rep.form(page), rep.form(page)
    rep.press(one, statement="甲")
    again = shown_again(rep.press(other, statement="长" * 2_001), page)

    answer = rep.press(again, statement="乙")

    assert "在别的窗口改动过" in shown(answer)
    draft.refresh_from_db()
    assert draft.content["statement"] == "甲"
    assert rep.press(shown_again(answer, page)).status_code == 302


def test_mistake_in_a_withdrawal_hides_nothing_the_office_did(rep, office):
    case = office.file()
    page = f"/enterprise/cases/{case.pk}/withdraw/"
    form = rep.form(page)
    office.accept(case)
    again = shown_again(rep.press(form, reason="长" * 1_001), page)

    answer = rep.press(again, reason="不再需要")

    assert f"受理 {office.agency}" in shown(answer)
    case.refresh_from_db()
    assert case.state == "accepted"
    assert rep.press(shown_again(answer, page)).status_code == 302


def test_mistake_in_what_is_supplied_hides_nothing_done_meanwhile(rep, office):
    case = office.file()
    handling.ask_papers(by=office.clerk, case_id=case.pk, version=None, reason="请补", on=TODAY)
    page = f"/enterprise/cases/{case.pk}/supply/"
    form = rep.form(page)
    Case.objects.filter(pk=case.pk).update(version=F("version") + 1)
    again = shown_again(rep.press(form, reason="长" * 1_001), page)

    answer = rep.press(again, reason="已补")

    assert "在您打开页面之后" in shown(answer)
    assert rep.press(shown_again(answer, page)).status_code == 302


# --- files ------------------------------------------------------------------------------------------


def bad(name: str) -> io.BytesIO:
    file = io.BytesIO(b"<html></html>")
    file.name = name
    return file


AGAIN = "刚才选择的文件没有收下，请重新选择全部文件。"


def test_every_refused_file_is_named_and_all_are_to_be_chosen_again(rep, office):
    draft = begun(rep, office)
    page = f"/enterprise/drafts/{draft.pk}/"
    sent = {
        "evidence": [bad("坏的.pdf"), pdf(), bad("也坏\u202e.png")],
        "commitment": bad("丙.pdf"),
    }

    answer = rep.press(rep.form(page), **filled(office), **sent)

    said = shown(answer)
    for name in ("“坏的.pdf”：", "“也坏.png”：", "“丙.pdf”："):
        assert name in said
    assert (said.count(AGAIN), STATEMENT in said) == (1, True)
    assert draft.files.count() == 0


def test_refused_file_is_named_where_papers_are_supplied(rep, office):
    case = office.file()
    handling.ask_papers(by=office.clerk, case_id=case.pk, version=None, reason="请补", on=TODAY)
    page = f"/enterprise/cases/{case.pk}/supply/"

    answer = rep.press(rep.form(page), reason="已补", evidence=[pdf(), bad("坏的.pdf")])

    assert answer.status_code == 409
    assert [said in shown(answer) for said in ("“坏的.pdf”：", AGAIN, "已补")] == [True] * 3
    assert case.files.count() == 0


def test_more_files_than_a_case_takes_are_told_before_they_are_looked_at(rep, office):
    draft = begun(rep, office)
    page = f"/enterprise/drafts/{draft.pk}/"
    many = [pdf(f"{n}.pdf") for n in range(13)]

    with mock.patch.object(evidence, "examine") as examine:
        answer = rep.press(rep.form(page), **filled(office), evidence=many)

    assert answer.status_code == 409
    assert [s in shown(answer) for s in ("材料最多 10 份", AGAIN, STATEMENT)] == [True] * 3
    examine.assert_not_called()


def test_files_without_end_are_told_how_many_are_possible(rep, office, caplog):
    draft = begun(rep, office)
    page = f"/enterprise/drafts/{draft.pk}/"
    form = rep.form(page)
    many = [pdf(f"{n}.pdf") for n in range(31)]

    answer = rep.post(
        page, form.fields | {"evidence": many}, headers={"Referer": f"http://testserver{page}"}
    )

    assert answer.status_code == 413
    assert "一次选择的文件太多，最多 30 份" in shown(answer)
    assert f'href="{page}"' in shown(answer)
    assert [one for one in caplog.records if one.levelname in ("ERROR", "WARNING")] == []


def with_file(rep, office) -> tuple[Draft, str]:
    draft = begun(rep, office)
    page = f"/enterprise/drafts/{draft.pk}/"
    rep.press(rep.form(page), evidence=pdf())
    return draft, page


def test_file_is_taken_out_and_what_was_typed_stays(rep, office):
    draft, page = with_file(rep, office)
    typed = filled(office) | {f"item{office.severe.pk}-field_0": ""}
    sent = {"_without_file": str(draft.files.get().pk), "commitment": pdf("承诺.pdf")}

    answer = rep.press(rep.form(page), **typed, **sent)

    assert answer.headers["Location"] == page
    assert [row.file.name for row in draft.files.all()] == ["承诺.pdf"]
    kept = shown(rep.get(page))
    assert [said in kept for said in (STATEMENT, 'value="0.3"')] == [True, True]


def test_file_stays_when_what_was_typed_cannot_be_kept(rep, office):
    draft, page = with_file(rep, office)
    form = rep.form(page)

    answer = rep.press(form, statement="长" * 2_001, _without_file=str(draft.files.get().pk))

    assert answer.status_code == 409
    assert "没有保存，请改正下面标出的内容。" in shown(answer)
    assert draft.files.count() == 1


def test_file_is_not_taken_out_of_a_draft_that_was_changed_meanwhile(rep, office):
    draft, page = with_file(rep, office)
    form = rep.form(page)
    rep.press(rep.form(page), statement="甲")

    answer = rep.press(form, statement="乙", _without_file=str(draft.files.get().pk))

    assert answer.status_code == 409
    assert draft.files.count() == 1


def test_enter_in_a_field_of_a_draft_only_saves(rep, office):
    draft = begun(rep, office, record=[str(office.severe.pk), str(office.fine.pk)])
    page = f"/enterprise/drafts/{draft.pk}/"
    rep.press(rep.form(page), evidence=pdf())

    form = shown(rep.get(page)).partition('class="own-form"')[2].partition("</form>")[0]

    assert re.findall(r'<button[^>]* name="(\w+)"', form) == [
        "_keep", "_without_item", "_without_item", "_without_file", "_check", "_keep",
    ]  # fmt: skip


def test_draft_is_thrown_away_once_that_was_asked(rep, office):
    draft, page = with_file(rep, office)
    assert f'href="{page}drop/"' in shown(rep.get(page))

    asked = shown(rep.get(f"{page}drop/"))

    assert "填写的内容和 1 份材料都不能恢复" in asked
    assert f"{office.severe}" in asked
    assert Draft.objects.filter(pk=draft.pk).exists()
    assert rep.press(rep.form(f"{page}drop/")).headers["Location"] == f"/enterprise/{OWN}/"
    assert not Draft.objects.exists()


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
    assert rep.press(shown_again(answer, page)).status_code == 302


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
