"""A lost password, set anew from the command line."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from audit.actors import operating_account
from audit.models import Event
from roster.models import User
from tests.factories.roster import PROVINCE, lead, person

pytestmark = pytest.mark.django_db
PASSWORD = "found-long-word-7"


@pytest.fixture
def admin(regions) -> User:
    return person(lead(PROVINCE), "security_admin", username="anquan01")


def changepassword(monkeypatch: pytest.MonkeyPatch, password: str, username: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    said = io.StringIO()
    call_command("changepassword", username, stdout=said)
    return said.getvalue()


def test_password_set_at_the_command_line_is_one_event(admin, monkeypatch) -> None:
    known = Event.objects.count()

    assert "的新密码" in changepassword(monkeypatch, PASSWORD, "anquan01")

    event = Event.objects.order_by("number")[known:].get()
    assert (event.actor, event.act) == (operating_account(), "roster.password_set")
    assert PASSWORD not in str(event.content())
    assert Client().login(username="anquan01", password=PASSWORD)


def test_password_set_at_the_command_line_ends_open_sessions(admin, monkeypatch) -> None:
    client = Client()
    client.force_login(admin)

    changepassword(monkeypatch, PASSWORD, "anquan01")

    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("password", "username", "code", "said"),
    [
        ("xq7", "anquan01", 1, "密码太短，至少要有 8 个字符。"),
        (PASSWORD, "nobody", 2, "There is no account nobody."),
    ],
)
def test_password_that_cannot_be_set(admin, monkeypatch, password, username, code, said) -> None:
    with pytest.raises(CommandError) as refused:
        changepassword(monkeypatch, password, username)

    assert (refused.value.returncode, said in str(refused.value)) == (code, True)
    assert not Event.objects.filter(act="roster.password_set").exists()
