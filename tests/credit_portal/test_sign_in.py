"""Who comes in, where to, and what the others are told."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils.timezone import localdate

from audit.models import Event
from roster.models import Posting, Representative, User
from roster.second_factor import set_up_second_factor
from tests.browser import Browser
from tests.credit_portal.html import forbidden
from tests.credit_portal.test_bad_values import admin_patterns
from tests.factories.grading import load_reference
from tests.factories.roster import (
    CHANGAN,
    LONG_AGO,
    PASSWORD,
    Hebei,
    lead,
    person,
    signed_in,
    speaks_for,
)

pytestmark = pytest.mark.django_db
TOMORROW = localdate() + dt.timedelta(days=1)
OWN_PASSWORD = "/admin/password_change/"
OPEN_TO_ALL = {"/admin/login/", OWN_PASSWORD, f"{OWN_PASSWORD}done/"}


@pytest.fixture
def hebei(db: None) -> Hebei:
    load_reference()
    return Hebei()


def sign_in(client: Client, user: User, password: str = PASSWORD):
    form = {"username": user.username, "password": password, "next": "/admin/"}
    return client.post("/admin/login/", form, follow=True)


def test_officer_comes_to_the_desk(client: Client, hebei: Hebei) -> None:
    assert sign_in(client, hebei.county).redirect_chain == [("/admin/", 302)]


def test_representative_comes_to_the_page_of_the_enterprise(client: Client, hebei: Hebei) -> None:
    answer = sign_in(client, speaks_for(hebei.own.pk))

    body = answer.content.decode()
    assert (answer.status_code, answer.redirect_chain[-1][0]) == (200, "/enterprise/")
    assert (hebei.own.name in body, hebei.foreign.name in body) == (True, False)
    assert forbidden(body) == []


def test_representative_signs_out(client: Client, hebei: Hebei) -> None:
    client.force_login(speaks_for(hebei.own.pk))

    assert client.post("/sign-out/").headers["Location"] == "/"
    assert Event.objects.filter(act="credit_portal.signed_out").count() == 1
    assert client.get("/enterprise/").status_code == 302


def test_representative_opens_nothing_else(hebei: Hebei) -> None:
    client = signed_in(speaks_for(hebei.own.pk))
    shown = []
    for pattern in admin_patterns():
        places = dict.fromkeys(pattern.pattern.converters, "1")
        try:
            address = reverse(f"admin:{pattern.name}", kwargs=places)
        except NoReverseMatch:
            continue
        shown += [
            f"{address} {answer.status_code}"
            for answer in (client.get(address), client.post(address))
            if answer.status_code not in (302, 403, 404) and address not in OPEN_TO_ALL
        ]

    assert shown == []
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/enterprise/"


def test_representative_changes_the_own_password(client: Browser, hebei: Hebei) -> None:
    user = speaks_for(hebei.own.pk)
    sign_in(client, user)
    home = client.get("/enterprise/").content.decode()
    page = client.get(OWN_PASSWORD).content.decode()
    form = {"old_password": PASSWORD} | dict.fromkeys(
        ("new_password1", "new_password2"), "word-9-x"
    )
    answer = client.post(OWN_PASSWORD, form, follow=True)

    assert [f'href="{one}"' in home for one in (OWN_PASSWORD, "/account/two-step/")] == [True, True]
    assert (answer.redirect_chain, answer.status_code) == ([(f"{OWN_PASSWORD}done/", 302)], 200)
    assert [forbidden(one) for one in (home, page, answer.content.decode())] == [[], [], []]
    assert client.get("/enterprise/").status_code == 200
    assert Event.objects.latest("number").act == "roster.password_changed"
    assert sign_in(Browser(), user, "word-9-x").redirect_chain[-1][0] == "/enterprise/"


@pytest.mark.parametrize(("desk", "home"), [(True, "/admin/"), (False, "/enterprise/")])
def test_the_two_step_pages_lead_everybody_home(hebei: Hebei, desk: bool, home: str) -> None:
    user = hebei.county if desk else speaks_for(hebei.own.pk)
    client = Browser()
    sign_in(client, user)
    first = client.get("/account/two-step/").content.decode()
    set_up_second_factor(by=user, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    client = signed_in(user)
    codes = client.get("/account/two-step/recovery-codes/").content.decode()

    assert [f'href="{home}"' in page for page in (first, codes)] == [True, True]
    assert ("工作台" in first + codes) is desk


@pytest.mark.parametrize(
    "address",
    [
        "/account/two-step/", "/account/two-step/set-up/", "/account/password/", "/enterprise/",
        "/admin/password_change/", "/", "/policy/",
    ],
)  # fmt: skip
def test_what_somebody_signed_in_sees_is_kept_nowhere(hebei: Hebei, address: str) -> None:
    client = Browser()
    sign_in(client, speaks_for(hebei.own.pk))
    answer = client.get(address)

    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


def test_what_everybody_may_read_may_be_kept(client: Client, db: None) -> None:
    assert [client.get(page).headers.get("Cache-Control") for page in ("/", "/policy/")] == [
        None
    ] * 2


def test_page_of_the_enterprise_is_closed_to_officers(hebei: Hebei) -> None:
    county = signed_in(hebei.county)
    assert county.get("/enterprise/notices/").status_code == 403
    assert "不能同时代表企业" in county.get("/enterprise/", follow=True).content.decode()


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (LONG_AGO, dt.date(2026, 1, 1), "您在“130102牵头部门”的任职已于 2026-01-01 结束"),
        (TOMORROW, None, f"您的岗位自 {TOMORROW} 起生效"),
    ],
)
def test_who_holds_no_post_today_is_told_why(client, hebei, since, until, said: str) -> None:
    user = person(lead(CHANGAN), "reader", since=since)
    Posting.objects.filter(user=user).update(until=until)

    right, wrong = sign_in(client, user), sign_in(client, user, "wrong")

    assert said in right.content.decode()
    assert said not in wrong.content.decode()
    assert "账号或密码不正确" in wrong.content.decode()


@pytest.mark.parametrize(
    ("region", "whom"), [(CHANGAN, "石家庄市长安区的安全管理员"), (None, "河北省的安全管理员")]
)
def test_who_was_never_posted_is_told_whom_to_ask(client, hebei, region, whom: str) -> None:
    user = User.objects.create_user("fresh", PASSWORD, region_id=region)

    assert f"还没有任命岗位，不能登录。请联系{whom}" in sign_in(client, user).content.decode()


def test_former_representative_is_told_so(client: Client, hebei: Hebei) -> None:
    user = speaks_for(hebei.own.pk)
    Representative.objects.update(until=dt.date(2026, 1, 1))

    assert "您代表企业的资格已于 2026-01-01 终止" in sign_in(client, user).content.decode()


@pytest.mark.parametrize(
    ("posted_until", "said"),
    [
        (dt.date(2025, 12, 1), "您代表企业的资格已于 2026-01-01 终止"),
        (dt.date(2026, 2, 1), "您在“130102牵头部门”的任职已于 2026-02-01 结束"),
    ],
)
def test_who_was_both_is_told_of_what_ended_last(client, hebei, posted_until, said: str) -> None:
    """Whom to ask is who looks after the account now."""
    user = speaks_for(hebei.own.pk)
    Representative.objects.update(until=dt.date(2026, 1, 1))
    Posting.objects.create(
        user=user, agency=lead(CHANGAN), role="reader", since=LONG_AGO, until=posted_until
    )

    assert said in sign_in(client, user).content.decode()


def test_whose_post_ends_while_signed_in_is_told_so(hebei: Hebei) -> None:
    client = signed_in(hebei.county)
    Posting.objects.filter(user=hebei.county).update(until=dt.date(2026, 1, 1))

    page = client.get("/admin/", follow=True)
    assert "账号的密码、岗位、两步验证或启用状态已有变更" in page.content.decode()
    assert "的任职已于 2026-01-01 结束" in sign_in(client, hebei.county).content.decode()


def test_whoever_changed_the_password_is_led_home(hebei: Hebei) -> None:
    for user, home in ((hebei.county, "/admin/"), (speaks_for(hebei.own.pk), "/enterprise/")):
        page = signed_in(user).get("/admin/password_change/done/").content.decode()
        assert "新密码已经生效" in page
        assert f'href="{home}"' in page
