"""The first security administrator of an empty portal, from the command line."""

import io

import pytest
from django.core.management import CommandError, call_command

from audit.actors import operating_account
from audit.labels import sentence
from audit.models import Event
from roster.models import Agency, Posting, User
from tests.browser import Browser
from tests.factories.roster import CHANGAN, PROVINCE, lead, person

pytestmark = pytest.mark.django_db
PASSWORD = "first-long-word-7"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def first_admin(monkeypatch: pytest.MonkeyPatch):
    def run(*, password: str = PASSWORD, stdin: type = io.StringIO, **given: str) -> str:
        monkeypatch.setattr("sys.stdin", stdin(f"{password}\n"))
        said = io.StringIO()
        asked = {
            "agency_name": "河北省牵头部门",
            "username": "anquan01",
            "full_name": "甲",
            **given,
        }
        call_command("first_admin", stdout=said, **asked)
        return said.getvalue()

    return run


def refusal(run, **given) -> tuple[int, str]:
    with pytest.raises(CommandError) as refused:
        run(**given)
    return refused.value.returncode, str(refused.value)


def test_first_admin_is_one_event(regions, first_admin) -> None:
    known = Event.objects.count()

    assert first_admin() == "已设立第一个安全管理员甲（anquan01），机构为“河北省牵头部门”。\n"

    event = Event.objects.order_by("number")[known:].get()
    assert (event.actor, event.act) == (operating_account(), "roster.first_admin_posted")
    assert PASSWORD not in str(event.content())
    assert "设立第一个安全管理员" in sentence(event)
    posting = Posting.objects.select_related("agency", "user").get()
    assert (posting.user.username, posting.role, posting.agency.code, posting.agency.region_id) == (
        "anquan01", "security_admin", "HB-LEAD", PROVINCE,
    )  # fmt: skip


def test_first_admin_signs_in_and_opens_the_other_accounts(regions, first_admin) -> None:
    first_admin()
    client = Browser()

    client.post("/admin/login/", {"username": "anquan01", "password": PASSWORD})
    given = {"username": "xitong01", "full_name": "乙", "password": "next-long-word-8"}
    client.post("/admin/roster/user/add/", given)
    posted = {
        "user": User.objects.get(username="xitong01").pk, "agency": Agency.objects.get().pk,
        "role": "system_admin", "since": "2026-01-01",
    }  # fmt: skip
    client.post("/admin/roster/posting/add/", posted)

    assert {*Posting.objects.values_list("user__username", "role")} == {
        ("anquan01", "security_admin"),
        ("xitong01", "system_admin"),
    }


def test_first_admin_comes_once(regions, first_admin) -> None:
    person(lead(CHANGAN), "reader")

    assert refusal(first_admin) == (
        1,
        "系统中已有人任职，不再设立第一个安全管理员。账号和岗位请由安全管理员在网页上办理。",
    )
    assert not User.objects.filter(username="anquan01").exists()
    assert Event.objects.refused().get().act == "roster.first_admin_posted"


def test_first_admin_needs_the_reference_tables(first_admin) -> None:
    assert refusal(first_admin) == (
        1,
        "库中没有河北省的行政区划。请先执行 manage.py reference 装入基础数据。",
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"password": "xq7"}, "初始密码：密码太短，至少要有 8 个字符。"),
        ({"username": "os:root"}, "账号名留给系统"),
        ({"username": "x" * 61}, "账号：确保该变量包含不超过 60 字符"),
        ({"agency_name": " "}, "argument --agency-name: must not be blank"),
        ({"agency_name": "名" * 121}, "没有保存：确保该变量包含不超过 120 字符"),
    ],
)
def test_first_admin_says_what_is_wrong(regions, first_admin, given, said: str) -> None:
    code, text = refusal(first_admin, **given)

    assert (code, said in text) == (1, True), text
    assert not User.objects.exists()
    assert not Agency.objects.exists()


def test_password_is_typed_twice_at_a_terminal(regions, monkeypatch, first_admin) -> None:
    typed = iter([PASSWORD, "another-word-9"])
    monkeypatch.setattr("roster.commands.getpass", lambda _: next(typed))

    assert refusal(first_admin, stdin=Terminal) == (1, "两次输入的密码不一致。请重新执行。")
