"""What only a browser can tell: no page asks for what its content policy forbids."""

from typing import Any

import pytest

from roster.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def complaints(page: Any) -> list[str]:
    """Everything the browser's console reports as a fault."""
    found: list[str] = []
    page.on("console", lambda message: message.type == "error" and found.append(message.text))
    page.on("pageerror", lambda fault: found.append(str(fault)))
    return found


@pytest.mark.parametrize("address", ["/", "/policy/", "/policy/text/", "/admin/login/"])
def test_public_pages_keep_their_policy(
    live_server: Any, page: Any, complaints: list[str], address: str
) -> None:
    answer = page.goto(live_server.url + address)

    assert answer.status == 200
    assert "企业信用分级分类监管" in page.title()
    assert complaints == []


def test_signing_in_without_a_post_says_so(live_server: Any, page: Any) -> None:
    User.objects.create_user("nobody", "pass-word-1")
    page.goto(f"{live_server.url}/admin/")

    page.fill("input[name=username]", "nobody")
    page.fill("input[name=password]", "pass-word-1")
    page.click("[type=submit]")

    assert page.locator(".errornote, .notice-error").count() >= 1
