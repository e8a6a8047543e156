"""Signing in and out leaves events; a flood of failures leaves few."""

import datetime as dt
import sqlite3
from typing import Any

import pytest
from django.contrib.auth.views import LogoutView
from django.db import OperationalError, transaction
from django.test import Client
from django.utils import timezone

from audit.models import Event
from credit_portal import sign_in
from credit_portal.models import FailedSignIn
from credit_portal.sweep import sweep
from roster.models import Agency, Posting, User
from tests.factories.grading import County, load_reference, person

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def clerk() -> User:
    load_reference()
    return County.make().clerk


def told() -> list[tuple[str, str, str, int]]:
    """Actor, act, outcome and count of the events of signing in and out, oldest first."""
    events = Event.objects.filter(act__startswith="credit_portal.").order_by("number")
    return [
        (one.actor, one.act, one.outcome, one.details.get("values", {}).get("times", 1))
        for one in events
    ]


def sign(client: Client, account: str, password: str) -> int:
    return client.post(LOGIN, {"username": account, "password": password}).status_code


def test_sign_in_and_out_are_events(client: Client, clerk: User) -> None:
    assert sign(client, clerk.username, "pass") == 302
    client.post("/admin/logout/")

    assert told() == [
        (clerk.username, "credit_portal.signed_in", "done", 1),
        (clerk.username, "credit_portal.signed_out", "done", 1),
    ]
    event = Event.objects.get(act="credit_portal.signed_in")
    assert (event.region, event.details["notes"][0]["values"]) == (
        "130102",
        {"address": "127.0.0.1"},
    )


def test_failed_sign_in_is_an_event_without_the_password(client: Client, clerk: User) -> None:
    sign(client, clerk.username, "guessed-word")

    assert told() == [(clerk.username, "credit_portal.signed_in", "refused", 1)]
    event = Event.objects.get(outcome="refused")
    assert "guessed-word" not in str(event.content())
    assert "账号或密码不正确，或者没有现任岗位；来自127.0.0.1，共1次。" in event.sentence


def test_what_was_typed_as_an_unknown_account_is_not_kept(client: Client, clerk: User) -> None:
    sign(client, "my-pass-word-1", "x")
    sign(client, "my-pass-word-2", "x")

    assert told() == [("未知账号", "credit_portal.signed_in", "refused", 1)]
    assert "my-pass" not in str(list(FailedSignIn.objects.values()))


def test_an_empty_form_is_no_attempt(client: Client, clerk: User) -> None:
    sign(client, clerk.username, "")

    assert told() == []


def test_a_flood_is_told_once_a_minute_with_its_count(clerk: User) -> None:
    for second in range(100):
        fail(clerk, NOON + dt.timedelta(seconds=second))

    assert [times for *_rest, times in told()] == [1, 60]


def test_the_sweep_tells_the_rest_and_forgets_the_quiet(clerk: User) -> None:
    began = timezone.now() - dt.timedelta(minutes=2)
    for second in range(3):
        fail(clerk, began + dt.timedelta(seconds=second))
    sweep()

    assert [times for *_rest, times in told()] == [1, 2]
    assert sign_in.tell_counted(at=timezone.now() + dt.timedelta(minutes=2)) == 0
    assert FailedSignIn.objects.count() == 0


def test_failures_of_each_account_and_address_are_told_apart(clerk: User) -> None:
    for address in ("10.0.0.1", "10.0.0.2"):
        for account in (clerk.username, "nobody", "no-one"):
            sign_in.failed(account=account, address=address, at=NOON)

    assert [actor for actor, *_rest in told()] == [clerk.username, "未知账号"] * 2


def test_an_account_is_known_however_its_name_is_typed(client: Client, clerk: User) -> None:
    sign(client, f" {clerk.username.replace('1', '１')} ", "x")

    assert [actor for actor, *_rest in told()] == [clerk.username]


def test_failures_from_one_ipv6_network_are_counted_together(clerk: User) -> None:
    for address in ("2001:db8:1:2::1", "2001:db8:1:aaaa::9", "2001:db8:2::1"):
        sign_in.failed(account=clerk.username, address=address, at=NOON)

    assert apart() == [("2001:db8:1::/48", 1), ("2001:db8:2::/48", 0)]


def apart() -> list[tuple[str, int]]:
    """The addresses that are told apart, and the failures from each that no event tells yet."""
    rows = FailedSignIn.objects.exclude(address=sign_in.ELSEWHERE).order_by("address")
    return list(rows.values_list("address", "untold"))


@pytest.mark.parametrize("known", [True, False])
def test_a_flood_from_everywhere_leaves_few_events(clerk: User, known: bool) -> None:
    """Of one account, or of as many unknown ones, from sixty networks; the totals are told."""
    for n in range(60):
        account = clerk.username if known else f"nobody{n}"
        sign_in.failed(account=account, address=f"10.0.{n}.1", at=NOON)
    at_once = [times for *_rest, times in told()]
    sign_in.tell_counted(at=NOON + sign_in.WINDOW)

    assert at_once == [1] * sign_in.TOLD_APART
    assert [times for *_rest, times in told()] == [1] * sign_in.TOLD_APART + [57]
    assert "来自其他地址，共57次" in Event.objects.latest("number").sentence


def test_an_hour_of_new_addresses_leaves_few_events(clerk: User) -> None:
    for minute in range(60):
        for n in range(6):
            now = NOON + dt.timedelta(minutes=minute, seconds=n)
            sign_in.failed(account=clerk.username, address=f"10.{minute}.{n}.1", at=now)
        sign_in.tell_counted(at=now)

    assert len(told()) <= 60 * (sign_in.TOLD_APART + 1)


@pytest.mark.django_db(transaction=True)
def test_a_flood_at_once_leaves_few_events(clerk: User, beside: Any) -> None:
    def fail_from(n: int) -> None:
        sign_in.failed(account=clerk.username, address=f"10.0.{n}.1", at=NOON)

    for one in [beside(lambda n=n: fail_from(n)) for n in range(12)]:
        one.wait()

    assert [times for *_rest, times in told()] == [1] * sign_in.TOLD_APART


def test_what_was_typed_while_one_waits_is_told_as_not_looked_at(
    client: Client, clerk: User
) -> None:
    """The right password among it: it was not even compared."""
    for _ in range(5):
        sign(client, clerk.username, "wrong")
    assert sign(client, clerk.username, "pass") == 429
    sign_in.tell_counted(at=timezone.now() + 2 * sign_in.WINDOW)

    assert [times for *_rest, times in told()] == [1, 5]
    sentence = Event.objects.latest("number").sentence
    assert "共5次，其中1次是在尝试过多须等待时输入的，对错未核对" in sentence
    assert "密码不正确" not in sentence


def test_a_failure_whose_event_cannot_be_written_is_not_taken_for_told(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = NOON + 2 * sign_in.WINDOW
    with monkeypatch.context() as patched:
        patched.setattr(sign_in, "record_refusal", cannot_be_written)
        with pytest.raises(OperationalError):
            fail(clerk, NOON)
    fail(clerk, NOON)
    fail(clerk, NOON)
    with monkeypatch.context() as patched:
        patched.setattr(sign_in, "record_refusal", cannot_be_written)
        with pytest.raises(OperationalError):
            sign_in.tell_counted(at=later)

    assert sign_in.tell_counted(at=later) == 1
    assert [times for *_rest, times in told()] == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_a_failure_is_counted_when_its_quiet_row_is_just_being_forgotten(
    clerk: User, beside: Any
) -> None:
    fail(clerk, NOON)
    with transaction.atomic():
        FailedSignIn.objects.all().delete()
        second = beside(lambda: fail(clerk, NOON + 2 * sign_in.WINDOW))
        assert not second.ended_within(0.3)
    second.wait()

    assert [times for *_rest, times in told()] == [1, 1]
    assert apart() == [("10.0.0.1", 0)]


def test_who_cannot_be_written_down_is_not_let_in(
    client: Client, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sign_in, "sign_in", cannot_be_written)
        assert sign(client, clerk.username, "pass") == 503

    assert client.get("/admin/").status_code == 302
    assert sign(client, clerk.username, "pass") == 302


@pytest.mark.parametrize("what_fails", ["sign_out", "the page"])
def test_a_sign_out_is_carried_out_and_recorded_or_neither(
    client: Client, clerk: User, monkeypatch: pytest.MonkeyPatch, what_fails: str
) -> None:
    client.force_login(clerk)
    place = sign_in if what_fails == "sign_out" else LogoutView
    with monkeypatch.context() as patched:
        patched.setattr(place, {sign_in: "sign_out"}.get(place, "dispatch"), cannot_be_written)
        answer = client.post("/admin/logout/")

    assert (answer.status_code, "刚才的操作没有保存" in answer.content.decode()) == (503, True)
    assert client.get("/admin/").status_code == 200
    assert told() == []


def test_a_sign_out_that_is_only_asked_for_is_none(client: Client, clerk: User) -> None:
    client.force_login(clerk)

    assert client.get("/admin/logout/").status_code == 405
    assert told() == []


def test_sign_ins_are_read_only_where_the_account_is_looked_after(
    client: Client, clerk: User
) -> None:
    former = Agency.objects.create(code="f", name="路南区牵头部门", region_id="130202", kind="lead")
    begun, ended = dt.date(2019, 1, 1), dt.date(2020, 1, 1)
    Posting.objects.create(user=clerk, agency=former, role="reader", since=begun, until=ended)
    sign(client, clerk.username, "wrong")
    sign(client, clerk.username, "pass")
    client.post("/admin/logout/")

    def history(agency: Agency) -> list[str]:
        client.force_login(person(f"security-{agency.region_id}", agency, "security_admin"))
        rows = client.get(f"/admin/roster/user/{clerk.pk}/history/").context["rows"]
        return [row.what for row in rows]

    assert history(former) == []
    assert history(Agency.objects.get(code="lead-130102")) == ["退出登录", "登录", "登录"]


def cannot_be_written(*_given: object, **_values: object) -> None:
    """As the database says when another process does not end in time."""
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY  # type: ignore[misc]
    raise OperationalError("database is locked") from locked


def fail(user: User, at: dt.datetime) -> None:
    sign_in.failed(account=user.username, address="10.0.0.1", at=at)


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "address"),
    [
        (None, "203.0.113.9", "127.0.0.1"),
        (("HTTP_X_FORWARDED_PROTO", "https"), "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (("HTTP_X_FORWARDED_PROTO", "https"), "", "127.0.0.1"),
        (("HTTP_X_FORWARDED_PROTO", "https"), "<b>", ""),
        (("HTTP_X_FORWARDED_PROTO", "https"), "::ffff:203.0.113.9", "203.0.113.9"),
        (("HTTP_X_FORWARDED_PROTO", "https"), "203.0.113.9:5678", "203.0.113.9"),
        (("HTTP_X_FORWARDED_PROTO", "https"), "[2001:db8::9]:443", "2001:db8::9"),
        (("HTTP_X_FORWARDED_PROTO", "https"), "[2001:db8::9]", "2001:db8::9"),
        (("HTTP_X_FORWARDED_PROTO", "https"), "2001:db8::9", "2001:db8::9"),
        (("HTTP_X_FORWARDED_PROTO", "https"), "fe80::1%<text>", ""),
        (("HTTP_X_FORWARDED_PROTO", "https"), "1.2.3.4, unknown", ""),
    ],
)
def test_address_is_what_the_own_proxy_says(rf, settings, behind_proxy, forwarded, address) -> None:
    settings.SECURE_PROXY_SSL_HEADER = behind_proxy
    assert sign_in.address_of(rf.get("/", HTTP_X_FORWARDED_FOR=forwarded)) == address


def test_a_proxy_that_says_no_address_is_warned_of_once(
    rf, settings, caplog, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    monkeypatch.setattr(sign_in, "_warned", [])
    for said in ("203.0.113.9:5678", "unknown", "unknown", "fe80::1%x"):
        sign_in.address_of(rf.get("/", HTTP_X_FORWARDED_FOR=said))

    warned = [record.getMessage() for record in caplog.records if record.name == sign_in.__name__]
    assert warned == ["X-Forwarded-For ends in no address: 'unknown'; all count as one network"]
