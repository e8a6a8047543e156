"""The second step of signing in: set up, asked for, removed, reset, and who has to have it."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.core.internal.httpkit import serialize_request
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from audit.models import Event
from audit.once import KEY, new_key
from audit.refusal import Refused
from credit_portal.models import Step, Tries
from credit_portal.throttle import CODES, Attempt
from roster.accounts import set_password
from roster.models import User
from roster.second_factor import (
    has_second_factor,
    remove_second_factor,
    reset_second_factor,
    set_up_second_factor,
)
from tests.browser import Browser
from tests.credit_portal.html import forbidden
from tests.factories.grading import load_reference
from tests.factories.roster import (
    CHANGAN,
    LONG_AGO,
    LUNAN,
    OPERATOR,
    PASSWORD,
    Hebei,
    lead,
    person,
    signed_in,
    speaks_for,
)

pytestmark = pytest.mark.django_db
LOGIN, CODE, SET_UP = "/admin/login/", "/account/code/", "/account/two-step/set-up/"
CODES_PAGE, REMOVE = "/account/two-step/recovery-codes/", "/account/two-step/remove/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def hebei(db: None) -> Hebei:
    return Hebei()


@pytest.fixture
def clerk(hebei: Hebei) -> User:
    return hebei.county


@pytest.fixture
def protected(clerk: User) -> User:
    """An officer whose phone is bound."""
    return set_up_second_factor(by=clerk, secret=SECRET)


@pytest.fixture
def required(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


def code(secret: str = SECRET, *, later: int = 0) -> str:
    """What the phone shows now, or some half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def sign(client: Browser, user: User, *, goal: str = "/admin/") -> Any:
    form = {"username": user.username, "password": PASSWORD, "next": goal}
    return client.post(LOGIN, form)


def is_in(client: Browser) -> bool:
    return client.get("/admin/password_change/").status_code == 200


def acts() -> list[str]:
    """Acts and outcomes of signing in and of the second step, oldest first."""
    wanted = Event.objects.order_by("number").values_list("act", "outcome")
    words = ("factor", "recovery", "signed")
    return [f"{act} {outcome}" for act, outcome in wanted if any(word in act for word in words)]


# --- signing in ----------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(client: Browser, protected: User) -> None:
    answer = sign(client, protected)

    assert (answer.status_code, answer.headers["Location"]) == (302, CODE)
    assert not is_in(client)
    assert "credit_portal.signed_in done" not in acts()
    assert forbidden(client.get(CODE).content.decode()) == []


def test_password_and_code_open_the_page_one_wanted(client: Browser, protected: User) -> None:
    sign(client, protected, goal="/admin/roster/enterprise/")
    answer = client.post(CODE, {"code": code()})

    assert answer.headers["Location"] == "/admin/roster/enterprise/"
    assert is_in(client)
    event = Event.objects.get(act="credit_portal.signed_in")
    assert event.details["notes"][0]["values"] == {"address": "127.0.0.1", "factor": "totp"}


def test_a_code_opens_once(protected: User) -> None:
    first, second = Browser(), Browser()
    for client in (first, second):
        sign(client, protected)
    shown = code()
    first.post(CODE, {"code": shown})
    answer = second.post(CODE, {"code": shown})

    assert (is_in(first), is_in(second)) == (True, False)
    assert "动态码不正确或已经用过" in answer.content.decode()


def test_a_recovery_code_opens_once(protected: User) -> None:
    spare = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    opened = []
    for client in (Browser(), Browser()):
        sign(client, protected)
        client.post(CODE, {"code": spare})
        opened.append(is_in(client))

    assert opened == [True, False]


def test_without_the_password_there_is_no_code_to_type(client: Browser, protected: User) -> None:
    answer = client.post(CODE, {"code": code()}, follow=True)

    assert answer.redirect_chain == [(f"{LOGIN}?ended=half", 302)]
    assert "请先输入账号和密码" in answer.content.decode()


def test_a_wrong_code_is_told_as_such(client: Browser, protected: User) -> None:
    sign(client, protected)
    client.post(CODE, {"code": "000000"})

    event = Event.objects.get(outcome="refused")
    assert (event.actor, event.act) == (protected.username, "credit_portal.signed_in")
    assert "密码正确，动态码或恢复码不正确；来自127.0.0.1，共1次" in event.sentence


def test_codes_are_counted_and_the_right_password_gives_no_further_ones(protected: User) -> None:
    client = Browser()
    answers = []
    for n in range(8):
        sign(client, protected)
        answers.append(client.post(CODE, {"code": f"00000{n}"}).status_code)

    assert 429 in answers
    assert answers.count(200) <= 5
    assert not is_in(client)


def test_who_comes_as_somebody_else_is_asked_for_that_ones_code(
    hebei: Hebei, protected: User
) -> None:
    client = signed_in(hebei.city)
    sign(client, protected)

    assert client.get(CODE).status_code == 200
    client.post(CODE, {"code": code()})
    assert int(client.session["_auth_user_id"]) == protected.pk


@pytest.mark.parametrize("change", [{"is_active": False}, None])
def test_who_is_shut_out_between_the_steps_does_not_get_in(
    client: Browser, protected: User, change: dict[str, Any] | None
) -> None:
    sign(client, protected)
    if change:
        User.objects.filter(pk=protected.pk).update(**change)
    else:
        protected.postings.update(until=LONG_AGO)
    answer = client.post(CODE, {"code": code()})

    assert answer.headers["Location"] == f"{LOGIN}?ended=changed"
    assert "已有变更，请重新登录" in client.get(answer.headers["Location"]).content.decode()
    assert "_auth_user_id" not in client.session
    assert "credit_portal.signed_in done" not in acts()


def another_password(user: User) -> None:
    set_password(by=OPERATOR, user=user, password="another-word-9")


def another_post(user: User) -> None:
    user.postings.update(role="lead_approver")


def another_phone(user: User) -> None:
    reset_second_factor(by=OPERATOR, user=user)
    set_up_second_factor(by=user, secret=SECRET)


@pytest.mark.parametrize("change", [another_password, another_post, another_phone])
def test_a_half_sign_in_does_not_outlive_what_it_was_begun_with(
    client: Browser, protected: User, change: Callable[[User], None]
) -> None:
    sign(client, protected)
    change(protected)
    answer = client.post(CODE, {"code": code()})

    assert answer.headers["Location"] == f"{LOGIN}?ended=changed"
    assert not is_in(client)
    assert "credit_portal.signed_in done" not in acts()


@pytest.mark.parametrize("given", [{}, {"code": ""}])
def test_without_a_code_one_is_asked_for_it(
    client: Browser, protected: User, given: dict[str, str]
) -> None:
    sign(client, protected)
    answer = client.post(CODE, given)

    assert (answer.status_code, "请输入动态码。" in answer.content.decode()) == (200, True)
    assert client.post(CODE, {"code": code()}).status_code == 302


def test_a_sign_in_with_two_steps_leaves_the_count_of_the_network_as_it_was(
    client: Browser, protected: User
) -> None:
    for n in range(3):
        Browser().post(LOGIN, {"username": f"a{n}", "password": "wrong"})
    sign(client, protected)
    client.post(CODE, {"code": code()})

    network = Attempt(Step.PASSWORD, protected.username, "127.0.0.1").of_network
    assert Tries.objects.get(key=network).counted == 3
    assert is_in(client)


def test_codes_from_many_networks_come_to_an_end(protected: User) -> None:
    answers = []
    for n in range(CODES + 3):
        client = Browser(REMOTE_ADDR=f"2001:db8:{n}::1")
        sign(client, protected)
        answers.append(client.post(CODE, {"code": f"0000{n:02}"}).status_code)

    assert answers == [200] * CODES + [429] * 3


# --- setting it up ---------------------------------------------------------------------------------


def test_it_is_set_up_with_a_code_of_the_phone(client: Browser, clerk: User) -> None:
    sign(client, clerk)
    page = client.get(SET_UP).content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page)[1]
    wrong = client.post(SET_UP, {"code": "000000"})
    answer = client.post(SET_UP, {"code": code(secret)}, follow=True)

    assert forbidden(page) == []
    assert "<svg" in page
    assert "动态码不正确" in wrong.content.decode()
    assert answer.redirect_chain == [(CODES_PAGE, 302)]
    assert len(re.findall(r"<li><code>\d{8}</code>", answer.content.decode())) == 10
    assert acts()[-1] == "roster.second_factor_set_up done"


def test_a_second_click_leads_to_what_is_set_up(client: Browser, clerk: User) -> None:
    sign(client, clerk)
    secret = client.get(SET_UP).context["form"].secret
    client.post(SET_UP, {"code": code(secret)})

    assert client.post(SET_UP, {"code": code(secret)}).headers["Location"] == "/account/two-step/"
    assert acts().count("roster.second_factor_set_up done") == 1


def set_up(client: Browser) -> tuple[str, dict[str, str]]:
    form = client.form(SET_UP)
    secret = client.get(SET_UP).context["form"].secret
    return SET_UP, form.fields | {"code": code(secret)}


def remove(client: Browser) -> tuple[str, dict[str, str]]:
    return REMOVE, client.form(REMOVE).fields


def make_codes(client: Browser) -> tuple[str, dict[str, str]]:
    page = f"{CODES_PAGE}new/"
    return page, client.form(page).fields


@pytest.mark.parametrize("fill", [set_up, remove, make_codes])
def test_an_answer_that_got_lost_is_given_again(
    clerk: User, fill: Callable[[Browser], tuple[str, dict[str, str]]]
) -> None:
    """The browser still has the cookie of before, and sends the same form."""
    client = Browser()
    if fill is not set_up:
        set_up_second_factor(by=clerk, secret=SECRET)
    sign(client, clerk)
    client.post(CODE, {"code": code()})
    page, form = fill(client)
    before = client.cookies["sessionid"].value
    first = client.post(page, form)
    done = acts()
    client.cookies["sessionid"] = before
    second = client.post(page, form)

    assert (first.status_code, second.headers["Location"]) == (302, first.headers["Location"])
    assert "没有重复办理" in client.get(second.headers["Location"]).content.decode()
    assert acts() == done


def test_setting_it_up_ends_the_other_sessions(clerk: User) -> None:
    own, other = Browser(), Browser()
    for client in (own, other):
        sign(client, clerk)
    secret = own.get(SET_UP).context["form"].secret
    own.post(SET_UP, {"code": code(secret)})

    assert (is_in(own), is_in(other)) == (True, False)


def test_one_app_is_bound_and_no_more(protected: User) -> None:
    with pytest.raises(Refused, match="second_factor_there"):
        set_up_second_factor(by=protected, secret=SECRET)


def test_neither_key_nor_codes_stand_readable_in_the_database(protected: User) -> None:
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert SECRET not in stored
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code())


def test_a_retired_key_still_reads_and_a_lost_one_says_so(
    client: Browser, protected: User, settings: Any
) -> None:
    former = settings.SECRET_KEY
    settings.SECRET_KEY = "another-key" * 6
    sign(client, protected)
    lost = client.post(CODE, {"code": code()})
    settings.SECRET_KEY_FALLBACKS = [former]
    client.post(CODE, {"code": code()})

    assert lost.status_code == 409
    assert "请联系安全管理员重置" in lost.content.decode()
    assert is_in(client)


def test_recovery_codes_are_made_anew(client: Browser, protected: User) -> None:
    sign(client, protected)
    client.post(CODE, {"code": code()})
    former = client.get(CODES_PAGE).context["unused_codes"]
    answer = client.post(f"{CODES_PAGE}new/", follow=True)

    assert not set(former) & set(answer.context["unused_codes"])
    assert acts()[-1] == "roster.recovery_codes_made done"
    assert is_in(client)


def test_it_is_removed_by_its_owner(client: Browser, protected: User) -> None:
    sign(client, protected)
    client.post(CODE, {"code": code()})
    client.post(REMOVE)

    assert not has_second_factor(protected)
    assert not Authenticator.objects.exists()
    assert acts()[-1] == "roster.second_factor_removed done"
    with pytest.raises(Refused, match="second_factor_missing"):
        remove_second_factor(by=protected)


def test_a_while_after_the_sign_in_the_password_is_asked_for_again(
    client: Browser, protected: User
) -> None:
    sign(client, protected)
    client.post(CODE, {"code": code()})
    client.get("/admin/")
    session = client.session
    session["credit_portal.begun"] -= 600
    session.save()
    asked = client.get(REMOVE)
    wrong = client.post(asked.headers["Location"], {"password": "wrong"})
    right = client.post(asked.headers["Location"], {"password": PASSWORD})

    assert asked.headers["Location"].startswith("/account/password/?next=")
    assert "密码不正确" in wrong.content.decode()
    assert right.headers["Location"] == REMOVE
    assert client.get(REMOVE).status_code == 200


def stale_session(client: Browser, user: User) -> None:
    """Signed in so long ago that the password is asked for again."""
    sign(client, user)
    client.post(CODE, {"code": code()})
    session = client.session
    session["credit_portal.begun"] -= 600
    session.save()


@pytest.mark.parametrize(
    ("where", "act"),
    [(f"{CODES_PAGE}new/", "recovery_codes_made"), (REMOVE, "second_factor_removed")],
)
def test_no_form_waits_behind_the_password(
    client: Browser, protected: User, where: str, act: str
) -> None:
    """It is not carried out by the password, nor kept with the session, and is pressed again."""
    stale_session(client, protected)
    sent = client.post(where, {"note": "typed-before"})
    kept = str(dict(client.session))
    asked = client.get(sent.headers["Location"])
    answers = [client.post(sent.headers["Location"], {"password": PASSWORD}) for _ in range(2)]
    done = [one for one in acts() if act in one]

    assert [one.headers["Location"] for one in answers] == [where, where]
    assert ("typed-before" in kept, "HTTP_COOKIE" in kept) == (False, False)
    assert "刚才的操作没有办理" in asked.content.decode()
    assert done == []
    form = client.form(where)
    again = [client.press(form) for _ in range(2)]
    assert again[0].headers["Location"] == again[1].headers["Location"]
    assert [one for one in acts() if act in one] == [f"roster.{act} done"]


def test_form_kept_with_an_old_session_is_not_carried_out(client: Browser, protected: User) -> None:
    """As sessions of the version before may hold it."""
    stale_session(client, protected)
    request = RequestFactory().post(REMOVE, {KEY: new_key()})
    session = client.session
    session[STATE_SESSION_KEY] = {"request": serialize_request(request)}
    session.save()
    client.post(f"/account/password/?next={REMOVE}", {"password": PASSWORD})

    assert has_second_factor(protected)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_no_other_method_goes_past_the_key(client: Browser, protected: User, method: str) -> None:
    sign(client, protected)
    client.post(CODE, {"code": code()})

    assert client.generic(method, REMOVE).status_code == 405
    assert has_second_factor(protected)


# --- who has to have it ------------------------------------------------------------------------------


@pytest.mark.usefixtures("required")
def test_staff_without_it_come_to_nothing_else(client: Browser, clerk: User) -> None:
    sign(client, clerk)
    shut = [
        client.get(address).headers.get("Location")
        for address in ("/admin/", "/admin/password_change/", CODES_PAGE, "/admin/audit/event/")
    ]
    part = client.get("/admin/", headers={"HX-Request": "true"})

    assert shut == [SET_UP] * 4
    assert "refused" not in str(acts())
    assert part.headers["HX-Redirect"] == SET_UP
    assert [client.get(one).status_code for one in (SET_UP, "/", "/policy/")] == [200] * 3


@pytest.mark.usefixtures("required")
def test_once_set_up_the_desk_is_open(client: Browser, clerk: User) -> None:
    sign(client, clerk)
    secret = client.get(SET_UP).context["form"].secret
    client.post(SET_UP, {"code": code(secret)})

    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("required")
def test_who_speaks_for_an_enterprise_needs_none(client: Browser, hebei: Hebei) -> None:
    load_reference()
    sign(client, speaks_for(hebei.own.pk))

    assert client.get("/enterprise/").status_code == 200


def test_nobody_needs_it_where_it_is_off(client: Browser, clerk: User) -> None:
    sign(client, clerk)

    assert client.get("/admin/").status_code == 200


# --- somebody has lost the phone ------------------------------------------------------------------------


def security(region: str = CHANGAN) -> User:
    return person(lead(region), "security_admin")


def reset_page(user: User) -> str:
    return f"/admin/roster/user/{user.pk}/second-factor/"


def test_the_security_administrator_resets_it(protected: User) -> None:
    open_one, desk = Browser(), signed_in(security())
    sign(open_one, protected)
    open_one.post(CODE, {"code": code()})
    pressed = desk.press(desk.form(reset_page(protected)))
    answer = desk.get(pressed.url)

    assert "已重置" in answer.content.decode()
    assert not has_second_factor(protected)
    assert not is_in(open_one)
    event = Event.objects.get(act="roster.second_factor_reset")
    assert (event.outcome, event.targets.get().target_id) == ("done", str(protected.pk))


def test_another_areas_administrator_does_not(protected: User) -> None:
    assert signed_in(security(LUNAN)).post(reset_page(protected)).status_code == 404
    assert has_second_factor(protected)


def test_no_other_role_does(hebei: Hebei, protected: User) -> None:
    assert signed_in(hebei.city).post(reset_page(protected)).status_code == 403
    assert has_second_factor(protected)


def test_nobody_resets_the_own_one(hebei: Hebei) -> None:
    own = security()
    set_up_second_factor(by=own, secret=SECRET)
    with pytest.raises(Refused, match="second_factor_not_own"):
        reset_second_factor(by=own, user=own)


def test_the_command_resets_it(protected: User, capsys: Any) -> None:
    call_command("reset_second_factor", protected.username)

    assert "已重置" in capsys.readouterr().out
    assert Event.objects.get(act="roster.second_factor_reset").actor.startswith("os:")
    with pytest.raises(CommandError) as refused:
        call_command("reset_second_factor", protected.username)
    assert refused.value.returncode == 1


def test_no_page_of_the_admin_shows_keys_or_codes() -> None:
    shown = {model._meta.label for model in admin.site._registry}

    assert not {label for label in shown if label.split(".")[0] in ("mfa", "account", "auth")}


def test_an_operator_may_reset_anybody(protected: User) -> None:
    reset_second_factor(by=OPERATOR, user=protected)

    assert not has_second_factor(protected)
