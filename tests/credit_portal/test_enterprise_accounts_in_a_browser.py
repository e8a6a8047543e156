"""Registering, asking to speak for an enterprise, and the clerk's answer, in a browser."""

from pathlib import Path
from typing import Any

import pytest

from roster.models import Binding, User
from tests.factories.bindings import applicant, asked
from tests.factories.evidence import pdf
from tests.factories.roster import OPERATOR, Hebei
from tests.in_a_browser import come_in, fits, press_to
from workdays.services import load_reference

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store_dir"),
]
WORD = "strange-Words-2026"


@pytest.fixture
def hebei(db: None) -> Hebei:
    load_reference(by=OPERATOR)
    return Hebei()


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    path = tmp_path / "授权书.pdf"
    path.write_bytes(pdf())
    return path


SUBMIT = "form.form [type=submit]"


@pytest.mark.parametrize("width", [1280, 390])
def test_from_nothing_to_a_request_by_keyboard(
    live_server: Any, page: Any, complaints: list[str], hebei: Hebei, proof: Path, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/admin/login/")
    assert fits(page)
    page.click("text=注册账号")
    page.wait_for_url("**/enterprise/register/")
    for name, value in (("full_name", "赵某"), ("password", WORD), ("again", WORD)):
        press_to(page, f"[name={name}]")
        page.keyboard.type(value)
    assert fits(page)
    press_to(page, SUBMIT)
    page.keyboard.press("Enter")
    page.wait_for_url("**/enterprise/bind/")
    user = User.objects.get(self_registered=True)
    assert user.username in page.inner_text("main")

    press_to(page, "[name=code]")
    page.keyboard.type(hebei.own.pk.lower())
    press_to(page, "[name=name]")
    page.keyboard.type("长安甲贸易有限公司")
    page.set_input_files("[name=proof]", proof)  # the window of the system is no page
    press_to(page, SUBMIT)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=申请已提交")
    assert Binding.objects.get().code == hebei.own.pk
    assert fits(page)
    assert complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_wrong_is_said_beside_the_field(
    live_server: Any, page: Any, complaints: list[str], hebei: Hebei, tmp_path: Path, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    come_in(page, live_server.url, applicant())
    page.goto(f"{live_server.url}/enterprise/bind/")
    web = tmp_path / "网页.pdf"
    web.write_text("<html>不是 PDF</html>")
    page.fill("[name=code]", "9113")
    page.set_input_files("[name=proof]", web)
    page.click("form.form [type=submit]")

    assert "这个文件是：HTML" in page.inner_text("#id_proof_error")
    assert page.get_attribute("#id_proof", "aria-invalid") == "true"
    assert "id_proof_error" in page.get_attribute("#id_proof", "aria-describedby")
    assert fits(page)
    assert complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_a_clerk_opens_the_proof_and_decides(
    live_server: Any, page: Any, complaints: list[str], hebei: Hebei, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    binding = asked(applicant(), hebei.own.pk, phone="0311-1234567")
    come_in(page, live_server.url, hebei.county)
    page.goto(f"{live_server.url}/admin/roster/binding/")
    page.click("text=长安甲贸易有限公司")
    assert fits(page)
    with page.expect_download() as download:
        page.click("text=授权书.pdf")
    assert Path(download.value.path()).read_bytes() == pdf()
    page.click("button[value=approve]")
    page.wait_for_selector("text=今日起代表该企业")
    binding.refresh_from_db()
    assert binding.state == "approved"
    assert fits(page)
    page.click("text=终止代表资格")
    page.fill("[name=reason]", "离职")
    page.click("#content [type=submit]")
    page.wait_for_selector("text=今日起终止")
    assert complaints == []


def test_a_forgotten_password_says_whom_to_ask(
    live_server: Any, page: Any, complaints: list[str]
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{live_server.url}/admin/login/")
    page.click("text=忘记密码")
    assert "省级安全管理员" in page.inner_text("main")
    assert fits(page)
    assert complaints == []
