"""Sign-on of the province, against a server that speaks OpenID Connect."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.exceptions import ImproperlyConfigured

from audit.models import Event
from credit_portal import environment
from roster.models import Posting, Representative, User
from roster.second_factor import set_up_second_factor
from tests.browser import Browser
from tests.factories.openid import CLIENT, SECRET, Province, _key, running
from tests.factories.roster import CHANGAN, LONG_AGO, Hebei, lead, signed_in

pytestmark = pytest.mark.django_db
START, BACK = "/account/sign-on/province/", "/account/sign-on/province/back/"
FAILED = "/admin/login/?ended=sign_on"


@pytest.fixture
def province(settings) -> Iterator[Province]:
    with running() as found:
        settings.OIDC_URL = found.address
        app = {
            "provider_id": "province", "name": "省统一身份认证", "client_id": CLIENT,
            "secret": SECRET, "settings": {"server_url": found.address},
        }  # fmt: skip
        own = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {**own, "APPS": [app]}}
        yield found


def sent_back(client: Browser) -> str:
    """Off to the province and signed in there; the address that it sends one back to."""
    away = urlsplit(client.get(START).headers["Location"])
    there = http.client.HTTPConnection(away.netloc)
    there.request("GET", f"{away.path}?{away.query}")
    back = there.getresponse().headers["Location"]
    there.close()
    return back.removeprefix("http://testserver")


def sign_on(client: Browser):
    return client.get(sent_back(client))


def text(answer) -> str:
    return answer.content.decode()


def test_it_is_off_until_somebody_says_where_it_is(client: Browser) -> None:
    assert client.get(START).status_code == 404
    assert client.get(BACK).status_code == 404
    assert "sign-on" not in text(client.get("/admin/login/"))


def test_the_sign_in_page_leads_to_it(client: Browser, province: Province) -> None:
    page = text(client.get("/admin/login/"))
    assert f'href="{START}"' in page
    assert "用省统一身份认证登录" in page


def test_the_first_time_opens_an_account_without_an_enterprise(client, province) -> None:
    answer = sign_on(client)
    assert answer.headers["Location"] == "/admin/"
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/enterprise/bind/"
    user = User.objects.get()
    assert (user.full_name, user.self_registered, user.has_usable_password()) == (
        "孙某",
        True,
        False,
    )
    assert not Representative.objects.exists()
    acts = Event.objects.order_by("number").values_list("act", "actor")
    assert list(acts) == [
        ("roster.account_signed_on", user.username),
        ("credit_portal.signed_in", user.username),
    ]


def test_the_next_time_is_the_same_account(client: Browser, province: Province) -> None:
    sign_on(client)
    sign_on(Browser())
    assert User.objects.count() == SocialAccount.objects.count() == 1
    province.claims["sub"] = "p-2"
    sign_on(Browser())
    assert User.objects.count() == 2


def test_what_is_asked_is_little_and_what_is_kept_is_less(client, province) -> None:
    province.claims |= {"email": "sun@example.cn", "phone_number": "13800000000", "id_card": "x"}
    sign_on(client)
    (asked,) = province.asked
    assert set(asked["scope"].split()) == {"openid", "profile"}
    assert asked["code_challenge_method"] == "S256"
    sign_on(Browser())
    assert SocialAccount.objects.get().extra_data == {"id_token": {"sub": "p-1", "name": "孙某"}}
    assert not SocialToken.objects.exists()
    assert User.objects.get().email == ""


def test_a_name_that_stands_beside_the_token_is_read_there(client, province) -> None:
    province.claims, province.told = {"sub": "p-1"}, {"sub": "p-1", "name": "李某"}
    sign_on(client)
    assert User.objects.get().full_name == "李某"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-portal"},
        {"iss": "https://elsewhere.example.cn"},
        {"exp": 1_000_000_000},
        {"name": None},
    ],
)
def test_a_token_that_is_not_the_provinces_for_us_opens_nothing(client, province, claims) -> None:
    """Of the last the page about the person is about somebody else."""
    province.claims |= claims
    province.told = {"sub": "p-9", "name": "李某"}
    if claims == {"name": None}:
        del province.claims["name"]
    assert sign_on(client).headers["Location"] == FAILED
    assert not User.objects.exists()


def test_a_token_signed_by_another_key_opens_nothing(client, province) -> None:
    province.signs_with = _key()
    assert sign_on(client).headers["Location"] == FAILED
    assert not User.objects.exists()


def test_what_comes_back_to_another_browser_or_twice_opens_nothing(client, province) -> None:
    back = sent_back(client)
    assert Browser().get(back).headers["Location"] == FAILED
    client.get(back)
    client.post("/sign-out/")
    assert client.get(back).headers["Location"] == FAILED
    assert User.objects.count() == 1


def test_who_cancels_there_is_back_on_the_sign_in_page(client, province) -> None:
    back = sent_back(client)
    state = back.rpartition("state=")[2]
    answer = client.get(f"{BACK}?error=access_denied&state={state}")
    assert answer.headers["Location"] == FAILED
    assert "没有通过省统一身份认证登录" in text(client.get(FAILED))


def test_a_sign_on_that_is_not_there_is_said(client, province, settings) -> None:
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = {"server_url": "http://127.0.0.1:9"}
    assert client.get(START).headers["Location"] == FAILED


def test_who_is_signed_in_is_not_changed_into_somebody_else(province: Province) -> None:
    hebei = Hebei()
    client = signed_in(hebei.county)
    assert client.get(START).headers["Location"] == "/admin/"
    assert client.get(f"{START}?process=connect").headers["Location"] == "/admin/"
    stranger = Browser()
    back = sent_back(stranger)
    stranger.force_login(hebei.county)
    assert stranger.get(back).status_code == 302
    assert stranger.get("/admin/").status_code == 200
    assert not SocialAccount.objects.exists()


def test_an_account_is_never_connected_with_one_that_was_opened_here(client, province) -> None:
    address = f"{START}?process=connect"
    away = urlsplit(client.get(address).headers["Location"])
    there = http.client.HTTPConnection(away.netloc)
    there.request("GET", f"{away.path}?{away.query}")
    back = there.getresponse().headers["Location"].removeprefix("http://testserver")
    there.close()
    assert client.get(back).headers["Location"] == FAILED
    assert not User.objects.exists()


def test_who_may_not_come_in_is_told_so(client: Browser, province: Province) -> None:
    sign_on(client)
    User.objects.update(is_active=False)
    assert sign_on(Browser()).headers["Location"] == "/admin/login/?ended=sign_on_refused"
    User.objects.update(is_active=True)
    Hebei()
    Posting.objects.create(
        user=User.objects.get(self_registered=True), agency=lead(CHANGAN), role="reader",
        since=LONG_AGO, until=LONG_AGO,
    )  # fmt: skip
    assert sign_on(Browser()).headers["Location"] == "/admin/login/?ended=sign_on_refused"


def test_a_second_step_is_asked_for_behind_it(client: Browser, province: Province) -> None:
    sign_on(client)
    set_up_second_factor(by=User.objects.get(), secret="JBSWY3DPEHPK3PXP" * 2)
    assert sign_on(Browser()).headers["Location"].startswith("/account/code/")


def test_settings_that_belong_together_are_given_together(monkeypatch) -> None:
    monkeypatch.setenv("OIDC_URL", "https://id.example.cn")
    with pytest.raises(ImproperlyConfigured, match="OIDC_SECRET"):
        environment.all_or_none("OIDC_URL", "OIDC_SECRET")
