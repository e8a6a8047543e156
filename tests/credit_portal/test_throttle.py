"""How often a password may be tried, and that nobody is locked out by somebody else."""

import datetime as dt
import random
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import BasePasswordHasher, get_hasher

from credit_portal import browsers, throttle
from credit_portal.models import Step, Tries
from credit_portal.sweep import sweep
from credit_portal.throttle import (
    CODES,
    CODES_OF_KNOWN,
    FROM_EVERYWHERE,
    TRIES,
    TRIES_OF_A_NETWORK,
    WINDOW,
    Attempt,
)
from roster.models import User
from tests.beside import Beside
from tests.browser import Browser
from tests.factories.roster import CHANGAN, PASSWORD, Hebei, lead, person

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def tried(
    network: str, at: dt.datetime, *, account: str = "zhang", browser: str = ""
) -> dt.timedelta | None:
    return throttle.wait(Attempt(Step.PASSWORD, account, network, browser), at=at)


def completed(attempt: Attempt, at: dt.datetime) -> None:
    """What the page does when somebody is in."""
    throttle.was_right(attempt, at=at)
    throttle.forget_own(attempt)


# --- the counts ----------------------------------------------------------------------------------


def test_five_tries_then_one_waits_until_a_quarter_of_an_hour_after_the_first() -> None:
    waits = [tried("10.0.0.1", NOON + n * SECOND) for n in range(7)]

    assert waits == [None] * TRIES + [WINDOW - 5 * SECOND, WINDOW - 6 * SECOND]
    assert tried("10.0.0.1", NOON + WINDOW) is None


def test_another_network_another_account_another_step_have_counts_of_their_own() -> None:
    for _ in range(TRIES):
        tried("10.0.0.1", NOON)

    assert tried("10.0.0.1", NOON) is not None
    assert tried("10.0.0.2", NOON) is None
    assert tried("10.0.0.1", NOON, account="li") is None
    assert throttle.wait(Attempt(Step.CODE, "zhang", "10.0.0.1"), at=NOON) is None


def test_a_completed_sign_in_takes_its_own_tries_back_and_nobody_elses() -> None:
    for _ in range(TRIES):
        tried("10.0.0.1", NOON)
        tried("10.0.0.2", NOON)
    completed(Attempt(Step.PASSWORD, "zhang", "10.0.0.1"), NOON)

    assert tried("10.0.0.1", NOON) is None
    assert tried("10.0.0.2", NOON) is not None


def test_an_account_tried_from_everywhere_has_one_try_from_each_further_network() -> None:
    for n in range(FROM_EVERYWHERE):
        tried(f"10.0.1.{n}", NOON)

    assert [tried("10.0.2.1", NOON), tried("10.0.2.1", NOON)] == [None, WINDOW]


def test_a_network_that_tries_many_accounts_waits() -> None:
    waits = [tried("10.0.0.1", NOON, account=f"a{n}") for n in range(TRIES_OF_A_NETWORK + 1)]

    assert waits == [None] * TRIES_OF_A_NETWORK + [WINDOW]


def test_what_was_right_is_taken_back_from_the_counts_of_others_and_no_more() -> None:
    mine = Attempt(Step.PASSWORD, "zhang", "10.0.0.1")
    for n in range(7):
        tried("10.0.0.1", NOON, account=f"a{n}")
    for _ in range(3):
        throttle.wait(mine, at=NOON)
        completed(mine, NOON)

    assert Tries.objects.get(key=mine.of_network).counted == 7


def test_what_was_right_is_not_taken_from_a_count_begun_since() -> None:
    mine = Attempt(Step.PASSWORD, "zhang", "10.0.0.1")
    throttle.wait(mine, at=NOON)
    tried("10.0.0.1", NOON + WINDOW, account="li")
    throttle.was_right(mine, at=NOON)

    assert Tries.objects.get(key=mine.of_network).counted == 1


def coded(network: str, *, browser: str = "") -> dt.timedelta | None:
    return throttle.wait(Attempt(Step.CODE, "zhang", network, browser), at=NOON)


def test_codes_of_an_account_are_counted_from_wherever_they_come() -> None:
    waits = [coded(f"10.{n}.0.1") for n in range(CODES + 5)]

    assert waits == [None] * CODES + [WINDOW] * 5
    assert coded("10.0.0.1", browser="own") is None


def test_codes_of_all_known_browsers_are_counted_together() -> None:
    waits = [coded("10.0.0.1", browser=f"b{n}") for n in range(CODES_OF_KNOWN + 1)]

    assert waits == [None] * CODES_OF_KNOWN + [WINDOW]
    assert coded("10.0.0.1") is None


def test_who_has_to_wait_leaves_no_row() -> None:
    for n in range(TRIES_OF_A_NETWORK):
        tried("10.0.0.1", NOON, account=f"a{n}")
    before = Tries.objects.count()
    refused = [tried("10.0.0.1", NOON, account=f"b{n}") for n in range(3)]

    assert refused == [WINDOW] * 3
    assert Tries.objects.count() == before


def test_an_ipv6_line_is_one_network() -> None:
    """A line may have a whole /48."""
    assert throttle.network_of("2001:db8:1:2::1") == throttle.network_of("2001:db8:1:ffff::9")
    assert throttle.network_of("2001:db8:2::1") != throttle.network_of("2001:db8:1::1")


def test_the_sweep_forgets_what_is_over() -> None:
    tried("10.0.0.1", NOON)
    sweep()

    assert Tries.objects.count() == 0


# --- nobody is locked out by somebody else --------------------------------------------------------


def flood(chance: random.Random, at: dt.datetime, networks: list[str]) -> None:
    """What an attacker tries within two minutes, from any network and in browsers he has used."""
    for _ in range(chance.randint(0, 12)):
        known = "attackers-browser" if chance.random() < 0.3 else ""
        tried(chance.choice(networks), at, browser=known)


@pytest.mark.parametrize("seed", range(3))
def test_a_flood_of_hours_makes_no_known_browser_wait(seed: int) -> None:
    """Not even one that stands in a network of the attacker's."""
    chance = random.Random(seed)
    networks = [f"10.0.0.{n}" for n in range(30)]
    waits = []
    for minute in range(0, 120, 2):
        now = NOON + dt.timedelta(minutes=minute)
        flood(chance, now, networks)
        if minute % 10 == 0:
            mine = Attempt(Step.PASSWORD, "zhang", networks[0], "own-browser")
            waits.append(throttle.wait(mine, at=now))
            completed(mine, now)

    assert waits == [None] * 12


@pytest.mark.parametrize("seed", range(3))
def test_a_flood_of_hours_makes_nobody_elsewhere_wait_who_types_it_right(seed: int) -> None:
    """A browser the account has never used, in a network the attacker does not have."""
    chance = random.Random(seed)
    networks = [f"10.0.0.{n}" for n in range(30)]
    waits = []
    for minute in range(0, 120, 2):
        now = NOON + dt.timedelta(minutes=minute)
        flood(chance, now, networks)
        if minute % 10 == 0:
            mine = Attempt(Step.PASSWORD, "zhang", "192.0.2.7")
            waits.append(throttle.wait(mine, at=now))
            completed(mine, now)

    assert waits == [None] * 12


@pytest.mark.parametrize("seed", range(3))
def test_whoever_types_it_wrong_waits_a_quarter_of_an_hour_at_most(seed: int) -> None:
    """However long the flood goes on: from the own first try to the next that is looked at."""
    chance = random.Random(seed)
    networks = [f"10.0.0.{n}" for n in range(30)]
    looked_at = []
    for minute in range(0, 120, 2):
        now = NOON + dt.timedelta(minutes=minute)
        flood(chance, now, networks)
        if tried("192.0.2.7", now) is None:
            looked_at.append(minute)

    gaps = [later - earlier for earlier, later in pairwise(looked_at)]
    assert max(gaps) < WINDOW.seconds // 60 + 2  # a try every two minutes


# --- through the pages ------------------------------------------------------------------------------


@pytest.fixture
def clerk() -> User:
    Hebei()
    return person(lead(CHANGAN), "lead_clerk", username="zhang")


def sign(
    client: Browser, password: str, *, account: str = "zhang", address: str = "10.0.0.1"
) -> Any:
    form = {"username": account, "password": password}
    return client.post(LOGIN, form, REMOTE_ADDR=address)


def test_who_tried_too_often_is_told_how_long_to_wait(client: Browser, clerk: User) -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(TRIES):
            assert sign(client, "wrong").status_code == 200
        answer = sign(client, PASSWORD)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "请在 15 分钟后再试" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_owner_signs_in_again_on_the_same_browser_in_the_midst_of_a_flood(clerk: User) -> None:
    own, attacker = Browser(), Browser()
    with time_machine.travel(NOON, tick=False) as clock:
        assert sign(own, PASSWORD).status_code == 302
        own.post("/admin/logout/")
        for _ in range(40):
            sign(attacker, "wrong")
            clock.shift(60)
        assert sign(attacker, PASSWORD).status_code == 429
        assert sign(own, PASSWORD).status_code == 302


def test_a_browser_is_known_for_the_accounts_that_signed_in_with_it_only(clerk: User) -> None:
    other = person(lead(CHANGAN), "lead_approver", username="li")
    client = Browser()
    sign(client, PASSWORD)
    for _ in range(TRIES):
        sign(Browser(), "wrong", account=other.username)

    assert sign(client, PASSWORD, account="li").status_code == 429


def test_a_forged_cookie_makes_no_browser_known(client: Browser, clerk: User) -> None:
    client.cookies[browsers.COOKIE] = f"mine.{browsers._mark('zhang')}"
    for _ in range(TRIES):
        sign(client, "wrong")
    client.cookies[browsers.COOKIE] = f"other.{browsers._mark('zhang')}:x:y"

    assert sign(client, PASSWORD).status_code == 429


def test_a_proxy_is_asked_for_the_address_and_nobody_else(
    client: Browser, clerk: User, settings: Any
) -> None:
    """What a visitor writes into the header himself gives him no further tries."""
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for n in range(TRIES):
        said = f"198.51.100.{n}, 203.0.113.9"
        client.post(LOGIN, {"username": "zhang", "password": "x"}, HTTP_X_FORWARDED_FOR=said)
    answer = client.post(
        LOGIN,
        {"username": "zhang", "password": PASSWORD},
        HTTP_X_FORWARDED_FOR="198.51.100.99, 203.0.113.9",
    )

    assert answer.status_code == 429


def test_a_browser_stays_known_while_the_key_is_replaced(clerk: User, settings: Any) -> None:
    former = settings.SECRET_KEY
    client = Browser()
    sign(client, PASSWORD)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key" * 6, [former]
    for _ in range(TRIES):
        sign(Browser(), "wrong")

    assert sign(client, PASSWORD).status_code == 302
    settings.SECRET_KEY_FALLBACKS = []
    for _ in range(TRIES):
        sign(Browser(), "wrong")
    assert sign(client, PASSWORD).status_code == 302


def test_who_signs_in_gives_the_network_no_further_tries(clerk: User) -> None:
    for n in range(7):
        sign(Browser(), "wrong", account=f"a{n}")
    for _ in range(4):
        sign(Browser(), PASSWORD)
    network = Attempt(Step.PASSWORD, "zhang", "10.0.0.1").of_network

    assert Tries.objects.get(key=network).counted == 7


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_not_twenty_tries(
    beside: Callable[[Callable[[], object]], Beside], clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = count_hashes(monkeypatch)
    guesses = [beside(lambda: sign(Browser(), "wrong").status_code) for _ in range(20)]
    answers = [guess.wait() for guess in guesses]

    assert sorted(answers) == [200] * TRIES + [429] * (20 - TRIES)
    assert len(hashed) == TRIES


def test_the_old_password_is_no_way_around(clerk: User) -> None:
    client = Browser()
    sign(client, PASSWORD)
    form = {"old_password": "wrong", "new_password1": "x", "new_password2": "x"}
    answers = [client.post("/admin/password_change/", form).status_code for _ in range(TRIES + 1)]

    assert answers == [200] * TRIES + [429]


def test_a_new_password_that_is_refused_costs_no_try(clerk: User) -> None:
    client = Browser()
    sign(client, PASSWORD)
    form = {"old_password": PASSWORD, "new_password1": "x", "new_password2": "y"}
    answers = [client.post("/admin/password_change/", form).status_code for _ in range(TRIES + 2)]

    assert answers == [200] * (TRIES + 2)


# --- no account is discovered -------------------------------------------------------------------------


def count_hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password hash that is made from now on."""
    made: list[str] = []
    hasher: type[BasePasswordHasher] = type(get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(
        hasher,
        "encode",
        lambda self, *given, **named: made.append("") or encode(self, *given, **named),
    )
    return made


def answered(account: str, monkeypatch: pytest.MonkeyPatch, *, times: int = 1) -> tuple[Any, ...]:
    """What a stranger sees of a wrong password: status, page, headers, cookies, hashes made."""
    client = Browser(enforce_csrf_checks=False)
    for _ in range(times - 1):
        sign(client, "wrong", account=account, address=f"10.9.{len(account)}.1")
    with monkeypatch.context() as patched:
        made = count_hashes(patched)
        answer = sign(client, "wrong", account=account, address=f"10.9.{len(account)}.1")
    page = answer.content.decode().replace(account, "…")
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    names = sorted(answer.cookies)
    return answer.status_code, page, sorted(answer.headers), names, len(made)


@pytest.mark.parametrize("times", [1, TRIES, TRIES + 1])
def test_no_wrong_password_tells_whether_there_is_an_account(
    clerk: User, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    User.objects.create_user("withoutpost", PASSWORD)
    off = person(lead(CHANGAN), "lead_clerk", username="switchedoffclerk")
    User.objects.filter(pk=off.pk).update(is_active=False)
    names = ("zhang", "withoutpost", "switchedoffclerk", "nosuchaccountatall")
    with time_machine.travel(NOON, tick=False):
        seen = [answered(name, monkeypatch, times=times) for name in names]

    assert seen == [seen[0]] * len(names)
    assert seen[0][0] == (429 if times > TRIES else 200)
    assert seen[0][-1] == (0 if times > TRIES else 1)


def test_a_switched_off_account_looks_unknown_even_with_the_right_password(clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    right, unknown = (sign(Browser(), PASSWORD, account=name) for name in ("zhang", "wang"))

    assert (right.status_code, unknown.status_code) == (200, 200)
    assert "账号或密码不正确" in right.content.decode()
