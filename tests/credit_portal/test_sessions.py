"""When a sign-in ends, everywhere, and what is said then."""

import datetime as dt
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from credit_portal import sessions
from credit_portal.second_factor import OverviewView
from roster.accounts import (
    appoint,
    change_account,
    change_own_password,
    end_posting,
    end_representation,
    set_password,
)
from roster.models import Posting, Representative, User
from roster.second_factor import set_up_second_factor
from tests.browser import Browser
from tests.factories.grading import load_reference
from tests.factories.roster import CHANGAN, OPERATOR, PASSWORD, Hebei, lead, speaks_for

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as travelling:
        yield travelling


@pytest.fixture
def hebei(clock: Any, db: None) -> Hebei:
    return Hebei()


@pytest.fixture
def clerk(hebei: Hebei) -> User:
    return hebei.county


def come_in(user: User) -> Browser:
    client = Browser()
    client.post("/admin/login/", {"username": user.username, "password": PASSWORD})
    client.get("/admin/", follow=True)
    return client


def is_in(client: Browser) -> bool:
    return client.get("/admin/password_change/").status_code == 200


# --- what ends it at the next request -----------------------------------------------------------------


def a_password(user: User) -> None:
    set_password(by=OPERATOR, user=user, password="another-word-9")


def the_own_password(user: User) -> None:
    change_own_password(by=user, password="another-word-9")


def switched_off(user: User) -> None:
    change_account(by=OPERATOR, user=user, full_name="", is_active=False)


def switched_off_and_on(user: User) -> None:
    switched_off(user)
    change_account(by=OPERATOR, user=user, full_name="", is_active=True)


def one_more_post(user: User) -> None:
    appoint(by=OPERATOR, user=user, agency=lead(CHANGAN), role="reader", since=TODAY)


def no_post(user: User) -> None:
    end_posting(by=OPERATOR, posting=user.postings.get(), until=TODAY)


def another_post(user: User) -> None:
    Posting.objects.filter(user=user).update(role="lead_approver")


@pytest.mark.parametrize(
    "change",
    [
        a_password, the_own_password, switched_off, switched_off_and_on, one_more_post, no_post,
        another_post,
    ],
)  # fmt: skip
def test_it_ends_in_every_browser(clerk: User, change: Callable[[User], None]) -> None:
    browsers = [come_in(clerk), come_in(clerk)]
    assert [is_in(one) for one in browsers] == [True, True]
    change(clerk)

    assert [is_in(one) for one in browsers] == [False, False]


def test_another_persons_does_not(hebei: Hebei, clerk: User) -> None:
    other = come_in(hebei.city)
    one_more_post(clerk)

    assert is_in(other)


def test_it_ends_with_the_representation(hebei: Hebei) -> None:
    load_reference()
    client = come_in(speaks_for(hebei.own.pk))
    assert client.get("/enterprise/").status_code == 200
    end_representation(by=OPERATOR, representative=Representative.objects.get(), until=TODAY)

    assert client.get("/enterprise/").status_code == 302


def test_it_ends_on_the_day_a_post_ends(clerk: User, clock: Any) -> None:
    Posting.objects.filter(user=clerk).update(until=TODAY + dt.timedelta(days=1))
    clock.move_to(dt.datetime(2026, 3, 2, 15, 50, tzinfo=dt.UTC))
    client = come_in(clerk)
    assert is_in(client)
    clock.shift(dt.timedelta(minutes=20))

    assert not is_in(client)


def test_who_changes_the_own_password_stays_in(clerk: User) -> None:
    here, elsewhere = come_in(clerk), come_in(clerk)
    new = {"new_password1": "another-word-9", "new_password2": "another-word-9"}
    here.post("/admin/password_change/", {"old_password": PASSWORD, **new})

    assert (is_in(here), is_in(elsewhere)) == (True, False)


NEW = {"new_password1": "another-word-9", "new_password2": "another-word-9"}
OWN_PASSWORD = "/admin/password_change/"


def test_the_own_password_sent_again_with_the_cookie_of_before(clerk: User) -> None:
    """The answer got lost, or the second press was faster than it."""
    client = come_in(clerk)
    before = client.cookies["sessionid"].value
    form = client.form(OWN_PASSWORD).fields | {"old_password": PASSWORD} | NEW
    first = client.post(OWN_PASSWORD, form)
    client.cookies["sessionid"] = before
    second = client.post(OWN_PASSWORD, form)

    assert (second.status_code, second.headers["Location"]) == (302, first.headers["Location"])
    assert "没有重复办理" in client.get(second.headers["Location"]).content.decode()
    assert is_in(client)


@pytest.mark.django_db(transaction=True)
def test_the_own_password_sent_twice_at_once(clerk: User, clock: Any, beside: Any) -> None:
    """Both presses come with the same cookie, minutes after the last page."""
    client = come_in(clerk)
    form = client.form(OWN_PASSWORD).fields | {"old_password": PASSWORD} | NEW
    clock.shift(dt.timedelta(minutes=2))
    one, other = with_cookies(client), with_cookies(client)
    with transaction.atomic():
        first = one.post(OWN_PASSWORD, form)
        second = beside(lambda: other.post(OWN_PASSWORD, form))
        assert not second.ended_within(0.3)
    again = second.wait()

    assert (first.status_code, again.status_code) == (302, 302)
    assert first.headers["Location"] == again.headers["Location"]
    assert [is_in(one), is_in(other)] == [True, True]


def with_cookies(client: Browser) -> Browser:
    """The same browser, in another tab."""
    tab = Browser()
    tab.cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
    return tab


def test_a_page_under_way_does_not_put_the_former_digest_back(
    clerk: User, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was begun before the password was changed in another tab, and is answered after it."""
    client = come_in(clerk)
    form = client.form(OWN_PASSWORD).fields | {"old_password": PASSWORD} | NEW
    clock.shift(dt.timedelta(minutes=2))
    tab, pressed = with_cookies(client), []
    shown = OverviewView.get_context_data

    def meanwhile(view: Any, **named: Any) -> Any:
        if not pressed:
            pressed.append(client.post(OWN_PASSWORD, form).status_code)
        return shown(view, **named)

    monkeypatch.setattr(OverviewView, "get_context_data", meanwhile)

    assert tab.get("/account/two-step/").status_code == 200
    assert (pressed, is_in(client), is_in(tab)) == ([302], True, True)


# --- ended while a page is being answered ------------------------------------------------------------


def ended_behind(patch: pytest.MonkeyPatch, press: Callable[[], Any]) -> Any:
    """What is answered when somebody has signed out in another tab before the session is written."""
    save = SessionStore.save

    def saved(store: SessionStore, *given: Any, **named: Any) -> None:
        Session.objects.filter(pk=store.session_key).delete()
        save(store, *given, **named)

    with patch.context() as patched:
        patched.setattr(SessionStore, "save", saved)
        return press()


@pytest.mark.django_db(transaction=True)
def test_what_was_carried_out_is_told_when_the_sign_in_ended_meanwhile(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = come_in(clerk)
    form = client.form(OWN_PASSWORD).fields | {"old_password": PASSWORD} | NEW
    answer = ended_behind(monkeypatch, lambda: client.post(OWN_PASSWORD, form))
    said = client.get(answer.headers["Location"]).content.decode()

    assert answer.status_code == 302
    assert answer.headers["Location"] == (
        "/admin/login/?next=/admin/password_change/done/&ended=left_done"
    )
    assert "刚才提交的操作已经办理，不必再次提交" in said
    assert "没有保存" not in said
    assert User.objects.get(pk=clerk.pk).check_password("another-word-9")


def test_a_page_whose_sign_in_ended_meanwhile_leads_to_sign_in(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed out in another tab, while this page writes something into the session."""
    client = come_in(clerk)
    press = lambda: client.get("/account/two-step/set-up/")  # noqa: E731
    answer = ended_behind(monkeypatch, press)
    said = client.get(answer.headers["Location"]).content.decode()

    assert answer.headers["Location"] == "/admin/login/?next=/account/two-step/set-up/&ended=left"
    assert "您的登录已经结束" in said
    assert "刚才提交" not in said


def test_what_may_have_been_carried_out_is_told_as_that(
    client: Browser, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_second_factor(by=clerk, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    form = {"username": clerk.username, "password": PASSWORD}
    client.post("/admin/login/", form)
    answer = ended_behind(monkeypatch, lambda: client.post("/admin/login/", form))

    assert answer.headers["Location"] == "/admin/login/?next=/admin/login/&ended=left_perhaps"
    assert "可能已经办理" in client.get(answer.headers["Location"]).content.decode()


def test_a_part_of_a_page_leads_the_whole_page_to_sign_in(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = come_in(clerk)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/admin/"}
    press = lambda: client.get("/account/two-step/set-up/", headers=headers)  # noqa: E731
    answer = ended_behind(monkeypatch, press)

    assert answer.headers["HX-Redirect"] == "/admin/login/?next=/admin/&ended=left"


# --- left alone, or over --------------------------------------------------------------------------------


def test_it_ends_an_hour_after_the_last_page(clerk: User, clock: Any) -> None:
    client = come_in(clerk)
    for _ in range(3):
        clock.shift(dt.timedelta(minutes=59))
        assert is_in(client)
    clock.shift(dt.timedelta(minutes=60))

    page = client.get("/admin/roster/enterprise/", follow=True)
    assert page.redirect_chain[0][0] == "/admin/login/?next=/admin/roster/enterprise/&ended=idle"
    assert "您已超过60分钟没有操作" in page.content.decode()


def test_it_ends_after_ten_hours_of_work(clerk: User, clock: Any) -> None:
    client = come_in(clerk)
    for _ in range(19):
        clock.shift(dt.timedelta(minutes=30))
        assert is_in(client)
    clock.shift(dt.timedelta(minutes=30))

    assert "登录已满10小时" in client.get("/admin/", follow=True).content.decode()


def test_a_page_that_asks_by_itself_is_nobody_at_work(clerk: User, clock: Any) -> None:
    client = come_in(clerk)
    asking = {
        "HX-Request": "true",
        "HX-Current-URL": "http://testserver/admin/grading/run/1/change/",
    }
    for _ in range(5):
        clock.shift(dt.timedelta(minutes=10))
        assert "HX-Redirect" not in client.get("/admin/", headers=asking).headers
    clock.shift(dt.timedelta(minutes=10))

    answer = client.get("/admin/", headers=asking)
    assert answer.headers["HX-Redirect"] == (
        "/admin/login/?next=/admin/grading/run/1/change/&ended=idle"
    )


def test_signing_in_again_begins_anew(clerk: User, clock: Any) -> None:
    client = come_in(clerk)
    clock.shift(dt.timedelta(hours=9, minutes=59))
    client.post("/admin/login/", {"username": clerk.username, "password": PASSWORD})
    clock.shift(dt.timedelta(minutes=30))

    assert is_in(client)


def test_what_was_not_saved_is_said_and_the_sign_in_leads_back(clerk: User, clock: Any) -> None:
    client = come_in(clerk)
    page = "/admin/roster/enterprise/add/"
    clock.shift(dt.timedelta(hours=2))
    answer = client.post(
        page, {"name": "虚构"}, headers={"Referer": f"http://testserver{page}?a=1"}
    )
    said = client.get(answer.headers["Location"]).content.decode()
    form = {"username": clerk.username, "password": PASSWORD, "next": f"{page}?a=1"}

    assert "刚才提交的内容没有保存" in said
    assert f'name="next" value="{page}?a=1"' in said
    assert client.post("/admin/login/", form).headers["Location"] == f"{page}?a=1"


def test_who_was_never_signed_in_is_told_nothing(client: Browser, hebei: Hebei) -> None:
    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
    assert "没有操作" not in client.get("/admin/login/?ended=nonsense").content.decode()


def test_sessions_that_are_over_are_removed_and_no_other(clerk: User, clock: Any) -> None:
    come_in(clerk)
    clock.shift(dt.timedelta(hours=9))
    other = come_in(clerk)
    assert (sessions.forget(at=timezone.now()), Session.objects.count()) == (0, 2)
    clock.shift(dt.timedelta(hours=26))
    assert (sessions.forget(at=timezone.now()), Session.objects.count()) == (1, 1)
    assert "登录已满10小时" in other.get("/admin/", follow=True).content.decode()
