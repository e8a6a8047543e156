"""When a sign-in ends, everywhere, and what is said then."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.utils import timezone

from credit_portal import sessions
from roster.accounts import (
    appoint,
    change_account,
    change_own_password,
    end_posting,
    end_representation,
    set_password,
)
from roster.models import Posting, Representative, User
from tests.browser import Browser
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
