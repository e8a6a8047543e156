"""From a phone to the letter: everybody who has a part in an objection, each in a browser. Source: R29."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import localdate

from objections.models import Case
from records.models import Record
from tests.factories.evidence import pdf
from tests.factories.objections import OWN, Office
from tests.in_a_browser import PHONE, press_to, sign_in
from tests.pdfs import text_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STATEMENT, REASON, EVIDENCE = "许可证件并未吊销", "原决定已经撤销，予以删除", "营业执照.pdf"
SEVERE = "吊销许可证件"
DISPUTED = "异议处理中"


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    path = tmp_path / EVIDENCE
    path.write_bytes(pdf())
    return path


def test_an_upheld_objection_lifts_the_grade_and_everybody_is_told(
    browser_of: Any, live_server: Any, complaints: list[str], office: Office, evidence: Path
) -> None:
    name = office.severe.enterprise.name
    phone = browser_of(width=PHONE)
    sign_in(phone, live_server.url, office.rep.username, "pass")
    reads_why(phone)
    number = files(phone, evidence)
    clerk = browser_of(office.clerk)
    accepts(clerk, number)
    assert DISPUTED in record_page(phone, office.severe)
    sends(clerk, number)
    answers(browser_of(office.source))
    decides(browser_of(office.approver), number)

    assert grade_of(phone) == "B"
    letter = is_told(phone, number)
    confirms(browser_of(width=PHONE), letter, hidden=(name, OWN, number, office.agency.name))
    assert complaints == []


def test_a_repair_that_is_granted_lifts_the_grade(
    browser_of: Any, live_server: Any, complaints: list[str], office: Office, evidence: Path
) -> None:
    """The fine is past its shortest publication; the severe one that hides it goes first."""
    office.upheld(on=localdate())
    phone = browser_of(office.rep, PHONE)
    assert grade_of(phone) == "B"
    number = applies_for_repair(phone, evidence)
    clerk = browser_of(office.clerk)
    opens(clerk, number)
    clerk.get_by_role("link", name="受理", exact=True).click()
    clerk.get_by_role("button", name="受理", exact=True).click()
    clerk.get_by_text(f"{number}：已受理").wait_for()
    sends(clerk, number)
    answers(browser_of(office.source))
    decides(browser_of(office.approver), number, outcome="准予修复", grades=["B", "A"])

    assert grade_of(phone) == "A"
    page = record_page(phone, office.fine)
    assert "已信用修复" in page
    assert complaints == []


def applies_for_repair(page: Any, evidence: Path) -> str:
    page.get_by_role("link", name="申请信用修复").first.click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("事实和理由").fill("罚款已经缴清")
    page.get_by_label("纠正失信行为的证明").set_input_files(evidence)
    page.get_by_label("本企业承诺").check()
    page.get_by_role("button", name="保存并核对").click()
    page.wait_for_url("**/check/")
    page.get_by_role("button", name="提出申请").click()
    page.wait_for_url("**/cases/*/")
    return re.search(r"冀信修〔\d+〕130102-\d+", page.inner_text("h1"))[0]  # type: ignore[index]


def test_an_objection_is_filed_by_keyboard_alone(
    browser_of: Any, complaints: list[str], office: Office, evidence: Path
) -> None:
    page = browser_of(office.rep, PHONE)
    page.goto("/enterprise/")
    press(page, "a[href$='/apply/objection/']", "Enter")
    page.wait_for_url("**/apply/objection/")
    press(page, f"[name=record][value='{office.severe.pk}']", "Space")
    press(page, "main button", "Enter")
    page.wait_for_url("**/drafts/*/")
    press(page, "[name$=ground]", "ArrowDown")
    press_to(page, "[name=statement]")
    page.keyboard.type(STATEMENT)
    page.set_input_files("[name=evidence]", evidence)  # the window of the system is no page
    press(page, "[name=committed]", "Space")
    press(page, "[name=_check]", "Enter")
    page.wait_for_url("**/check/")
    press(page, "main button", "Enter")
    page.wait_for_url("**/cases/*/")

    case = Case.objects.get()
    assert (case.statement, case.items.get().ground) == (STATEMENT, "wrong")
    assert complaints == []


def press(page: Any, wanted: str, key: str) -> None:
    press_to(page, wanted)
    page.keyboard.press(key)


# --- the enterprise ---------------------------------------------------------------------------


def grade_of(page: Any) -> str:
    page.goto("/enterprise/")
    return page.locator(".grade-large .grade-letter").inner_text()


def reads_why(page: Any) -> None:
    assert grade_of(page) == "C"
    page.get_by_role("link", name="为什么是这个等级").click()
    page.get_by_role("heading", name="为什么是这个等级").wait_for()
    assert "四（三）C类" in page.inner_text("blockquote.clause")
    assert page.get_by_role("row").filter(has_text=SEVERE).count() >= 1


def files(page: Any, evidence: Path) -> str:
    """An objection against the severe record, pressed in two tabs; the number of the receipt."""
    page.get_by_role("link", name=SEVERE).first.click()
    page.get_by_role("link", name="对这条信息提出异议").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("理由类别").select_option(label="内容错误")
    page.get_by_label("事实和理由").fill(STATEMENT)
    page.get_by_label("证明材料").set_input_files(evidence)
    page.get_by_label("本企业承诺").check()
    page.get_by_role("button", name="保存并核对").click()
    page.wait_for_url("**/check/")
    assert EVIDENCE in page.inner_text("main")
    other = page.context.new_page()
    other.goto(page.url)
    for tab in (page, other):
        tab.get_by_role("button", name="提出申请").click()
        tab.wait_for_url("**/cases/*/")
    assert page.url == other.url
    other.close()

    number = re.search(r"冀信异〔\d+〕130102-\d+", page.inner_text("h1"))[0]  # type: ignore[index]
    assert f"已提出，编号 {number}" in page.inner_text("main")
    receipt = page.url
    page.go_back()
    page.wait_for_url(receipt)  # nothing is left there to press
    return number


def record_page(page: Any, record: Record) -> str:
    page.goto(f"/enterprise/{OWN}/records/{record.pk}/")
    return page.inner_text("main")


def is_told(page: Any, number: str) -> str:
    """By a notice, the history, the explanation and the letter, whose text is the answer."""
    page.get_by_role("link", name="消息", exact=True).click()
    page.get_by_role("button", name=f"已作出决定：{number}").click()
    page.get_by_role("heading", name=number).wait_for()
    history = page.locator(".own-steps").inner_text()
    assert re.search(r"提出申请.+受理.+送信息来源部门核查.+作出决定", history, re.DOTALL)
    assert page.locator(".facts .grade-letter").all_inner_texts() == ["C", "B"]
    with page.expect_download() as download:
        page.get_by_role("link", name="处理决定书").click()
    letter = text_of(Path(download.value.path()).read_bytes())
    assert number in letter
    assert REASON in letter

    page.goto(f"/enterprise/{OWN}/grade/")
    assert "C → B" in page.inner_text("main")
    assert SEVERE not in page.locator("section").first.inner_text()  # what counts
    return letter


# --- the offices ------------------------------------------------------------------------------


def opens(page: Any, number: str) -> None:
    page.goto("/admin/objections/case/")
    page.get_by_role("link", name=number).click()


def accepts(page: Any, number: str) -> None:
    opens(page, number)
    page.get_by_role("link", name="受理", exact=True).click()
    page.get_by_role("button", name="受理", exact=True).click()
    page.get_by_text(f"{number}：已受理").wait_for()
    page.get_by_role("link", name="打开该条信息").click()
    page.get_by_text(DISPUTED).first.wait_for()


def sends(page: Any, number: str) -> None:
    opens(page, number)
    page.get_by_role("link", name="送信息来源部门核查").click()
    page.get_by_label("核查要求").fill("请核对原决定")
    page.get_by_role("button", name="送出").click()
    page.get_by_text(f"{number}：信息来源部门核查").wait_for()


def answers(page: Any) -> None:
    """From the notice in the department's inbox."""
    page.goto("/admin/notices/notice/")
    page.get_by_role("button", name="请核查").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=EVIDENCE).click()
    assert Path(download.value.path()).read_bytes() == pdf()
    page.get_by_role("link", name="答复核查结果").click()
    page.get_by_label("属实", exact=True).check()
    page.get_by_label("核查说明").fill("原决定已经撤销")
    page.get_by_role("button", name="提交核查结果").click()
    page.get_by_text("核查结果已经答复").wait_for()


def decides(
    page: Any, number: str, *, outcome: str = "删除", grades: Sequence[str] = ("C", "B")
) -> None:
    """The effect is shown before it is signed."""
    opens(page, number)
    page.get_by_role("link", name="作出决定").click()
    page.get_by_label("处理:", exact=True).select_option(label=outcome)
    page.get_by_label("处理理由").fill(REASON)
    page.get_by_label("决定的事实和理由").fill("经信息来源部门核查属实")
    page.get_by_role("button", name="下一步").click()
    page.get_by_text("对等级的影响").wait_for()
    assert page.locator(".effect .grade-letter").all_inner_texts() == [*grades]
    page.get_by_role("button", name="按此决定").click()
    page.get_by_text(f"{number}：已决定并告知").wait_for()


# --- anybody ----------------------------------------------------------------------------------


def confirms(page: Any, letter: str, *, hidden: tuple[str, ...]) -> None:
    """That the letter is true, and nothing about whom it is about."""
    number = re.search(r"冀信决〔\d+〕130102-\d+号", letter)[0]  # type: ignore[index]
    code = re.search(r"校验码：(\w{8})", letter)[1]  # type: ignore[index]
    page.goto("/public/letter/")
    page.get_by_label("文号").fill(number)
    page.get_by_label("校验码").fill(code)
    page.get_by_role("button", name="核对").click()
    page.get_by_text("文书属实").wait_for()
    said = page.content()
    assert number in said
    assert [word for word in hidden if word in said] == []
