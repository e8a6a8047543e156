import re
import sys
from types import ModuleType
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from audit.models import Event
from audit.refusal import NotPermitted, Refused, register_messages
from credit_portal import access, urls
from credit_portal.edge import way_back
from roster.models import User

pytestmark = pytest.mark.django_db


def refused(request: HttpRequest) -> HttpResponse:
    raise Refused("test.no", value="桥西区")


def not_yours(request: HttpRequest) -> HttpResponse:
    raise NotPermitted("roster.not_permitted", permission="view_roster")


def not_there(request: HttpRequest) -> HttpResponse:
    raise Http404


def too_long(request: HttpRequest) -> HttpResponse:
    raise DataError("value too long for type character varying(10)")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault")


def fine(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("text", ""))


def bare(answer: Any) -> str:
    """The page without the form's token, which differs each time, and the address asked for."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return page.replace(answer.request["PATH_INFO"], "")


@pytest.fixture(autouse=True)
def doors(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal's own addresses, and a few more that fail in every way."""
    views = (refused, not_yours, not_there, too_long, broken, fine)
    module = ModuleType("doors")
    vars(module).update(
        {name: value for name, value in vars(urls).items() if name.startswith("handler")},
        urlpatterns=[
            *urls.urlpatterns,
            *(path(f"test/{view.__name__}", view, name=f"test_{view.__name__}") for view in views),
        ],
    )
    monkeypatch.setitem(sys.modules, "doors", module)
    settings.ROOT_URLCONF = "doors"
    open_row = access.Row(name="test_*", permissions=(access.PUBLIC,))
    monkeypatch.setattr(access, "row_for", lambda name: open_row)
    register_messages({"test.no": "注册地“{value}”不能确定，请填写代码。"})


def test_a_refusal_is_a_page_with_its_sentence(signed_in: Client) -> None:
    answer = signed_in.get("/test/refused")

    assert answer.status_code == 409
    assert "注册地“桥西区”不能确定，请填写代码。" in answer.content.decode()


def test_a_refusal_is_recorded_with_who_and_what(signed_in: Client) -> None:
    signed_in.post("/test/refused")

    event = Event.objects.get()
    assert (event.actor, event.outcome, event.act) == ("nobody", "refused", "POST test_refused")


def test_a_stranger_leaves_no_event(client: Client) -> None:
    assert client.get("/test/refused").status_code == 409
    assert Event.objects.count() == 0


def test_not_yours_and_not_there_are_one_page(signed_in: Client) -> None:
    yours, there = signed_in.get("/test/not_yours"), signed_in.get("/test/not_there")

    assert (yours.status_code, there.status_code) == (404, 404)
    assert bare(yours) == bare(there)


@pytest.mark.parametrize(
    "address",
    [
        "/test/fine?q=a%00b",
        "/test/fine?a%00b=q",
        "/test/fine%00",
        "/test/fine?q=" + "9" * 5_000,
        "/test/fine?" + "q=9&" * 4_000,
    ],
)
def test_addresses_that_nobody_means_are_400(client: Client, address: str) -> None:
    assert client.get(address).status_code == 400


def test_nul_in_a_cookie_is_400(client: Client) -> None:
    client.cookies["sessionid"] = "\0"

    assert client.get("/test/fine").status_code == 400


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", None])
def test_nul_in_a_form_is_400(client: Client, content_type: str | None) -> None:
    if content_type:
        answer = client.post("/test/fine", "text=a%00b", content_type=content_type)
    else:
        answer = client.post("/test/fine", {"text": "a\0b"})

    assert answer.status_code == 400


def test_files_without_end_are_413_told_in_one_line(
    client: Client, settings: Any, caplog: Any
) -> None:
    caplog.set_level("INFO")
    most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
    said = [
        client.post("/test/fine", {"file": [SimpleUploadedFile("x.pdf", b"x")] * count})
        for count in (most, most + 1)
    ]

    assert [one.status_code for one in said] == [200, 413]
    assert f"最多 {most} 份" in said[1].content.decode()
    assert {one.levelname for one in caplog.records} == {"INFO"}


def test_a_form_comes_through(client: Client) -> None:
    assert client.post("/test/fine", {"text": "冀"}).content.decode() == "冀"


def test_a_value_no_column_can_hold_is_400(signed_in: Client) -> None:
    assert signed_in.get("/test/too_long").status_code == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", ""])
def test_other_methods_are_405(client: Client, method: str) -> None:
    answer = client.generic(method, "/test/fine")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST, OPTIONS")
    assert "405" in answer.content.decode()


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/admin/?q=1", "/admin/?q=1"),
        ("http://testserver//evil.example/x", ""),
        ("http://testserver///evil.example/x", ""),
        ("http://testserver/\\evil.example/x", ""),
        ("http://testserver.evil.example/x", ""),
        ("http://evil.example/x", ""),
        ("", ""),
    ],
)
def test_the_way_back_leads_to_a_page_of_ours(
    rf: RequestFactory, client: Client, referer: str, back: str
) -> None:
    assert way_back(rf.get("/", headers={"Referer": referer})) == back
    page = client.get("/test/refused", headers={"Referer": referer}).content.decode()
    assert ("evil.example" in page, back in page) == (False, True)


def test_a_fault_is_a_500_page_that_says_no_details(client: Client) -> None:
    client.raise_request_exception = False

    answer = client.get("/test/broken")

    assert answer.status_code == 500
    assert "系统出现故障" in answer.content.decode()
    assert "a fault" not in answer.content.decode()


def test_a_form_without_token_is_a_clear_403(nobody: User) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/test/fine", {"text": "x"})

    assert answer.status_code == 403
    assert "没有做任何改动" in answer.content.decode() or "没有保存" in answer.content.decode()


@pytest.mark.parametrize("address", ["/", "/test/not_there", "/test/refused", "/healthz"])
def test_every_page_carries_the_content_policy(client: Client, address: str) -> None:
    policy = client.get(address).headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("redirects", [True, False])
@pytest.mark.parametrize("host", ["evil.example", "a b", "[::1"])
def test_a_foreign_host_is_told_in_one_line_and_its_page_carries_all_headers(
    client: Client, settings: Any, caplog: Any, redirects: bool, host: str
) -> None:
    """Also over plain HTTP where that is led to HTTPS."""
    settings.SECURE_SSL_REDIRECT = redirects
    caplog.set_level("INFO")
    answer = client.get("/", headers={"Host": host})
    told = [(one.name, one.levelname, one.exc_info) for one in caplog.records]

    assert answer.status_code == 400
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert (answer.headers["X-Frame-Options"], answer.headers["X-Content-Type-Options"]) == (
        "DENY", "nosniff",
    )  # fmt: skip
    assert told == [("credit_portal.edge", "INFO", None)]
    assert "127.0.0.1" in caplog.text


def test_plain_http_is_led_to_https_with_all_headers(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/policy/")

    assert answer.headers["Location"] == "https://testserver/policy/"
    assert {"Content-Security-Policy", "X-Frame-Options"} <= set(answer.headers)
