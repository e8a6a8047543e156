"""People of enterprises register, ask to speak for one, follow what becomes of it, and get in again."""

import re

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from audit.models import Event
from credit_portal import enterprise_accounts, throttle
from credit_portal.models import Tries
from credit_portal.reset_mail import send_reset_link
from roster.bindings import approve_binding, end_binding, refuse_binding
from roster.models import Binding, Posting, User
from roster.registering import register_account
from roster.sign_in import turned_away
from tests.browser import Browser
from tests.credit_portal.html import forbidden
from tests.factories.bindings import applicant, asked
from tests.factories.evidence import pdf
from tests.factories.grading import load_reference
from tests.factories.roster import (
    CHANGAN,
    LONG_AGO,
    PASSWORD,
    Hebei,
    code,
    lead,
    person,
    signed_in,
    speaks_for,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store_dir")]
REGISTER, BIND, FORGOTTEN = "/enterprise/register/", "/enterprise/bind/", "/enterprise/forgotten/"
WORD = "strange-Words-2026"
ABOUT_ME = {"full_name": "赵某", "email": "", "password": WORD, "again": WORD}


@pytest.fixture
def hebei(db: None) -> Hebei:
    load_reference()
    return Hebei()


def text(answer) -> str:
    return answer.content.decode()


def request_for(enterprise: str, **given):
    file = SimpleUploadedFile("授权书.pdf", pdf(), "application/pdf")
    return {"code": enterprise, "name": "某某贸易有限公司", "phone": "", "proof": file, **given}


# --- registering -----------------------------------------------------------------------------------


def test_registering_gives_an_account_signs_in_and_shows_its_name(client: Browser) -> None:
    answer = client.post(REGISTER, ABOUT_ME, follow=True)
    user = User.objects.get(self_registered=True)

    assert re.fullmatch(r"QY\d{8}", user.username)
    assert answer.redirect_chain == [(BIND, 302)]
    assert f"账号已建立：{user.username}" in text(answer)
    assert user.check_password(WORD)
    acts = Event.objects.values_list("act", "actor").order_by("number")
    assert list(acts) == [
        ("roster.account_registered", user.username),
        ("credit_portal.signed_in", user.username),
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"again": "other"}, "两次输入的密码不一致。"),
        ({"password": "12345678", "again": "12345678"}, "全"),
        ({"password": "short", "again": "short"}, "密码太短"),
        ({"full_name": ""}, "这个字段是必填项。"),
        ({"email": "nowhere"}, ""),
    ],
)
def test_registering_says_what_is_wrong_and_keeps_nothing(client, settings, changed, said) -> None:
    settings.EMAIL_URL = "smtp://localhost"
    page = text(client.post(REGISTER, {**ABOUT_ME, **changed}))
    assert said in page
    assert "field-error" in page
    assert not User.objects.exists()


def test_so_many_accounts_of_one_network_and_then_a_pause(client: Browser) -> None:
    for _time in range(throttle.TRIES):
        assert Browser().post(REGISTER, ABOUT_ME).status_code == 302
    assert Browser().post(REGISTER, ABOUT_ME).status_code == 429
    elsewhere = Browser(REMOTE_ADDR="203.0.113.9").post(REGISTER, ABOUT_ME)
    assert elsewhere.status_code == 302
    assert User.objects.count() == throttle.TRIES + 1


def test_a_name_that_is_taken_is_passed_over(monkeypatch) -> None:
    drawn = iter([7, 7, 8])
    monkeypatch.setattr("roster.registering.secrets.randbelow", lambda _end: next(drawn))
    names = [register_account(full_name="某", password=WORD).username for _time in range(2)]
    assert names == ["QY00000007", "QY00000008"]


def test_who_is_signed_in_has_an_account_already(hebei: Hebei) -> None:
    assert signed_in(hebei.county).get(REGISTER).headers["Location"] == "/admin/"
    assert signed_in(applicant()).get(REGISTER).headers["Location"] == BIND


# --- coming in without an enterprise -----------------------------------------------------------------


def test_an_account_without_an_enterprise_comes_in_to_the_one_page(hebei: Hebei) -> None:
    user = applicant()
    form = {"username": user.username, "password": PASSWORD, "next": "/admin/"}
    answer = Browser().post("/admin/login/", form, follow=True)
    assert answer.redirect_chain[-1][0] == BIND
    assert user.username in text(answer)


def test_it_opens_nothing_else(hebei: Hebei) -> None:
    client = signed_in(applicant())
    assert client.get("/enterprise/")["Location"] == reverse("enterprise_bind")
    assert client.get("/enterprise/notices/").status_code == 403
    for name in ("enterprise", "record", "binding", "user"):
        room = "records" if name == "record" else "roster"
        assert client.get(reverse(f"admin:{room}_{name}_changelist")).status_code == 403
    assert client.get("/account/two-step/").status_code == 200
    assert client.get("/admin/password_change/").status_code == 200


def test_accounts_that_somebody_opened_still_need_something(hebei: Hebei) -> None:
    """They are given for a post, or to speak for an enterprise."""
    idle = User.objects.create_user("idle", password=PASSWORD)
    assert turned_away(idle, on=localdate()).code == "roster.no_post_yet"
    ended = applicant()
    Posting.objects.create(
        user=ended, agency=lead(CHANGAN), role="reader", since=LONG_AGO, until=LONG_AGO
    )
    assert turned_away(ended, on=localdate()) is not None


def test_a_switched_off_account_does_not_come_in(hebei: Hebei) -> None:
    user = applicant()
    client = signed_in(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(BIND).headers["Location"].startswith("/admin/login/")
    form = {"username": user.username, "password": PASSWORD}
    assert "账号或密码不正确" in text(Browser().post("/admin/login/", form))


# --- asking to speak ---------------------------------------------------------------------------------


def test_a_request_is_sent_and_followed(hebei: Hebei) -> None:
    client = signed_in(applicant())
    answer = client.post(BIND, request_for(hebei.own.pk, phone="0311-1234567"), follow=True)
    assert answer.redirect_chain == [(BIND, 302)]
    binding = Binding.objects.get()
    assert (binding.code, binding.phone, binding.proof.name) == (
        hebei.own.pk,
        "0311-1234567",
        "授权书.pdf",
    )
    page = text(answer)
    assert "申请已提交" in page
    assert "待核定" in page
    assert forbidden(page) == []


def test_the_answer_does_not_depend_on_the_enterprise(hebei: Hebei) -> None:
    """In everything but what was typed and when; nor does the name of the enterprise show."""
    pages = []
    for enterprise in (hebei.own.pk, code(99)):
        client = signed_in(register_account(full_name="赵某", password=PASSWORD))
        page = text(client.post(BIND, request_for(enterprise), follow=True))
        assert hebei.own.name not in page
        for varying in (
            enterprise, r"QY\d{8}", r"\d{4}-\d\d-\d\d \d\d:\d\d", r"bind/\d+/",
            r'name="(csrfmiddlewaretoken|_once)" value="[^"]*"',
        ):  # fmt: skip
            page = re.sub(varying, "", page)
        pages.append(page)
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"code": "91130102"}, "应为 18 位"),
        ({"code": ""}, "这个字段是必填项"),
        ({"name": ""}, "这个字段是必填项"),
        ({"phone": "<script>"}, "电话号码请只填数字"),
        ({"proof": SimpleUploadedFile("a.pdf", b"<html></html>")}, "按内容看，这个文件是：HTML"),
        ({"proof": SimpleUploadedFile("a.pdf", pdf(b"<< /S /JavaScript >>"))}, "JavaScript"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(hebei: Hebei, given, said) -> None:
    page = text(signed_in(applicant()).post(BIND, request_for(hebei.own.pk, **given)))
    assert said in page
    assert not Binding.objects.exists()


def test_a_refusal_of_the_service_is_shown_and_recorded(hebei: Hebei) -> None:
    user = applicant()
    asked(user, hebei.own.pk, on=localdate())
    answer = signed_in(user).post(BIND, request_for(hebei.own.pk))
    assert answer.status_code == 409
    assert "请先撤回原来的申请" in text(answer)
    refusal = Event.objects.latest("number")
    assert (refusal.act, refusal.outcome) == ("roster.binding_asked", "refused")


def test_who_sends_forms_without_end_has_to_wait(hebei: Hebei, monkeypatch) -> None:
    monkeypatch.setattr(enterprise_accounts, "FORMS", 3)
    client = signed_in(applicant())
    answers = [client.post(BIND, {"code": "9"}) for _time in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert "提交得太频繁" in text(answers[-1])
    assert int(answers[-1].headers["Retry-After"]) <= 900
    assert signed_in(applicant("钱某")).post(BIND, {"code": "9"}).status_code == 200
    assert client.get(BIND).status_code == 200


def test_the_same_form_twice_is_one_request(hebei: Hebei) -> None:
    client = signed_in(applicant())
    form = client.form(BIND)
    for _time in range(2):
        answer = client.press(form, **request_for(hebei.own.pk))
        assert answer.headers["Location"] == BIND
    assert Binding.objects.count() == 1


def test_an_own_request_is_withdrawn_and_anothers_is_not_there(hebei: Hebei) -> None:
    user, other = applicant(), applicant("钱某")
    own, foreign = asked(user, hebei.own.pk), asked(other, hebei.own.pk)
    client = signed_in(user)
    assert client.post(f"{BIND}{own.pk}/withdraw/").status_code == 302
    absent = client.post(f"{BIND}{10**9}/withdraw/")
    assert client.post(f"{BIND}{foreign.pk}/withdraw/").status_code == absent.status_code == 404
    assert set(Binding.objects.values_list("user", "state")) == {
        (user.pk, "withdrawn"),
        (other.pk, "waiting"),
    }


def test_the_page_says_why_a_request_was_refused(hebei: Hebei) -> None:
    user = applicant()
    row = asked(user, hebei.own.pk)
    refuse_binding(by=hebei.county, binding_id=row.pk, refusal="other", reason="公章不清")
    page = text(signed_in(user).get(BIND))
    assert "其他原因（见说明）" in page
    assert "公章不清" in page
    assert "county" not in page


def test_who_speaks_for_one_asks_for_another_from_the_same_page(hebei: Hebei) -> None:
    client = signed_in(speaks_for(hebei.own.pk))
    assert f'href="{BIND}"' in text(client.get("/enterprise/"))
    assert client.post(BIND, request_for(hebei.sibling.pk)).status_code == 302


def test_who_holds_a_post_is_told_to_use_another_account(hebei: Hebei) -> None:
    page = text(signed_in(hebei.county).get(BIND))
    assert "不能同时代表企业" in page
    assert 'type="file"' not in page


def test_from_approval_to_the_end(hebei: Hebei) -> None:
    """Each change ends the session; signing in again leads where one belongs by then."""
    user = applicant()
    row, client = asked(user, hebei.own.pk), signed_in(user)
    approve_binding(by=hebei.county, binding_id=row.pk, on=localdate())
    assert "ended=changed" in client.get(BIND).headers["Location"]
    client = signed_in(user)
    assert hebei.own.name in text(client.get("/enterprise/"))
    end_binding(by=hebei.county, binding_id=row.pk, reason="离职", on=localdate())
    assert client.get("/enterprise/").status_code == 302
    assert "已终止" in text(signed_in(user).get(BIND))


# --- a forgotten password ----------------------------------------------------------------------------


@pytest.fixture
def with_mail(settings):
    settings.EMAIL_URL = "smtp://localhost"
    return settings


@pytest.fixture
def posted(monkeypatch) -> list:
    """What the page hands to the workers."""
    found: list = []
    monkeypatch.setattr(
        "credit_portal.enterprise_accounts.send", lambda task, *args: found.append(args)
    )
    return found


def forget(account: str):
    return Browser().post(FORGOTTEN, {"username": account})


def test_the_page_is_the_same_for_every_account(hebei: Hebei, with_mail, posted) -> None:
    user = register_account(full_name="赵某", password=WORD, email="zhao@example.cn")
    without = applicant("钱某")
    pages = [
        re.sub(r'value="[^"]*"', "", text(forget(one)))
        for one in (user.username, without.username, "QY99999999", "county")
    ]
    assert set(pages) == {pages[0]}
    assert [args[0] for args in posted] == [user.pk, 0, 0, 0]


def test_without_mail_the_page_says_whom_to_ask(client: Browser, posted) -> None:
    page = text(client.get(FORGOTTEN))
    assert "省级安全管理员" in page
    assert 'name="username"' not in page
    client.post(FORGOTTEN, {"username": "QY00000001"})
    assert posted == []


def test_letters_to_an_account_are_throttled(with_mail, posted) -> None:
    answers = [forget("QY00000001").status_code for _time in range(throttle.TRIES + 1)]
    assert answers == [200] * throttle.TRIES + [429]


def letter_to(user: User) -> str:
    assert send_reset_link(user_id=user.pk, origin="https://portal.example.cn", language="zh-hans")
    (letter,) = mail.outbox
    assert letter.to == [user.email]
    (link,) = re.findall(r"https://portal\.example\.cn(/\S+)", letter.body)
    return link


def test_the_link_sets_a_new_password_once(with_mail) -> None:
    user = register_account(full_name="赵某", password=WORD, email="zhao@example.cn")
    open_elsewhere, client = signed_in(user), Browser()
    link = letter_to(user)
    page = client.get(link, follow=True)
    form = {"new_password1": "stranger-Words-2026", "new_password2": "stranger-Words-2026"}
    done = client.post(page.redirect_chain[-1][0], form)

    assert done.headers["Location"] == "/admin/login/?ended=reset"
    assert "密码已重新设置" in text(client.get(done.headers["Location"]))
    assert User.objects.get(pk=user.pk).check_password("stranger-Words-2026")
    assert open_elsewhere.get(BIND).status_code == 302
    event = Event.objects.latest("number")
    assert (event.act, event.actor) == ("roster.password_reset", user.username)
    assert "链接已经用过" in text(Browser().get(link, follow=True))


def test_a_link_of_another_account_or_a_made_up_one_is_none(with_mail) -> None:
    user = register_account(full_name="赵某", password=WORD, email="zhao@example.cn")
    other = applicant("钱某")
    token = letter_to(user).rstrip("/").rpartition("/")[2]
    from django.utils.http import urlsafe_base64_encode

    key = urlsafe_base64_encode(str(other.pk).encode())
    for place in (f"{key}/{token}", f"MQ/{token}x", "MQ/nothing", "~~/x"):
        assert "链接已经用过" in text(Browser().get(f"/enterprise/reset/{place}/", follow=True))


def test_no_letter_to_who_holds_a_post_has_no_address_or_is_switched_off(hebei: Hebei) -> None:
    officer = person(lead(CHANGAN), "reader", email="officer@example.cn")
    off = register_account(full_name="赵某", password=WORD, email="zhao@example.cn")
    User.objects.filter(pk=off.pk).update(is_active=False)
    for key in (officer.pk, off.pk, applicant().pk, 0):
        assert not send_reset_link(user_id=key, origin="https://a.example.cn", language="")
    assert mail.outbox == []


def test_the_counts_of_registering_hold_no_address() -> None:
    Browser().post(REGISTER, ABOUT_ME)
    assert all(re.fullmatch(r"[0-9a-f]{64}", row.key) for row in Tries.objects.all())
    assert Tries.objects.filter(since__lte=timezone.now()).exists()
