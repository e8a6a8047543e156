"""Pages for anybody: front page, policy, sign-in, and the pages for what went wrong."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client

from grading import policy
from tests.credit_portal.html import forbidden

pytestmark = pytest.mark.django_db
PUBLIC_PAGES = ["/", "/policy/", "/policy/text/", "/admin/login/"]


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_public_page_obeys_the_content_security_policy(client: Client, address: str):
    answer = client.get(address)
    assert answer.status_code == 200
    assert forbidden(answer.content.decode()) == []
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/", "/policy/", "/policy/text/"])
def test_public_page_asks_nothing_of_the_database(
    client: Client, address: str, django_assert_num_queries
):
    with django_assert_num_queries(0):
        client.get(address)


def test_front_page_names_document_and_seven_parts(client: Client):
    page = client.get("/").content.decode()
    assert "冀政办字〔2022〕54号" in page
    assert [part.title for part in policy.PARTS if str(part.title) not in page] == []


def test_front_page_says_in_its_paragraph_which_document_it_carries_out(client: Client):
    page = client.get("/").content.decode()
    assert '本系统落实《<a href="/policy/text/">河北省人民政府办公厅关于' in page
    assert "》（冀政办字〔2022〕54号）：" in page


def test_every_clause_of_the_policy_page_leads_to_its_place_in_the_original(client: Client):
    page, text = (client.get(address).content.decode() for address in ("/policy/", "/policy/text/"))
    links = set(re.findall(r'href="/policy/text/#(t[\d-]+)"', page))
    assert len(links) > 20
    assert links <= set(re.findall(r' id="(t[\d-]+)"', text))


def test_front_page_leads_to_sign_in_and_policy(client: Client):
    page = client.get("/").content.decode()
    assert 'href="/admin/"' in page
    assert 'href="/policy/"' in page


def test_policy_page_has_an_anchor_for_every_number(client: Client):
    page = client.get("/policy/").content.decode()
    numbers = [item.number for part in policy.PARTS for item in part.requirements]
    numbers += [reading.number for reading in policy.READINGS]
    assert [number for number in numbers if f'id="{number}"' not in page] == []


def test_sign_in_page_speaks_chinese_and_names_its_fields(client: Client):
    page = client.get("/admin/login/").content.decode()
    assert "<h1>登录</h1>" in page
    assert '<label for="id_username">' in page


def test_wrong_password_is_said_on_the_page(client: Client):
    page = client.post("/admin/login/", {"username": "nobody", "password": "x"}).content.decode()
    assert 'class="errornote" role="alert"' in page


def test_unknown_address_is_a_page_of_ours(client: Client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "没有找到您要的内容" in answer.content.decode()


@pytest.mark.parametrize("template", ["400.html", "500.html"])
def test_fault_page_needs_neither_request_nor_database(template: str, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = render_to_string(template)
    assert forbidden(page) == []
    assert 'href="/"' in page
