"""What only a browser can tell: no page asks for what its content policy forbids."""

import datetime as dt
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib import admin
from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from credit_portal import access
from grading import corrections
from grading.enums import ProposalKind
from roster.enums import Role
from roster.models import User
from roster.scope import visible
from tests.browser import Browser
from tests.credit_portal.test_bad_values import admin_patterns
from tests.factories.bindings import applicant, asked
from tests.factories.files import ROSTER, checked, roster_line
from tests.factories.grading import TODAY, County, code, load_reference, person
from tests.factories.roster import PASSWORD, speaks_for
from tests.in_a_browser import come_in, fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("address", ["/", "/policy/", "/policy/text/", "/admin/login/"])
def test_public_pages_keep_their_policy(
    live_server: Any, page: Any, complaints: list[str], address: str
) -> None:
    answer = page.goto(live_server.url + address)

    assert answer.status == 200
    assert "企业信用分级分类监管" in page.title()
    assert complaints == []


def test_a_page_that_breaks_the_policy_is_noticed(
    live_server: Any, page: Any, complaints: list[str]
) -> None:
    """What every other test here relies on."""
    page.goto(f"{live_server.url}/policy/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    page.wait_for_timeout(100)

    assert len(complaints) == 1
    assert "Content Security Policy" in complaints[0]


def test_signing_in_without_a_post_says_so(live_server: Any, page: Any) -> None:
    User.objects.create_user("nobody", "pass-word-1")
    page.goto(f"{live_server.url}/admin/")

    page.fill("input[name=username]", "nobody")
    page.fill("input[name=password]", "pass-word-1")
    page.click("[type=submit]")

    assert page.locator(".errornote, .notice-error").count() >= 1


# --- every page, for everybody who may open it ------------------------------------------------------

DOWNLOADS = {
    "admin:intake_batch_template",
    "admin:intake_batch_errors",
    "admin:roster_binding_proof",
}
SIGNING_OUT = {"admin:logout", "sign_out"}


@pytest.fixture
def people() -> dict[str, User]:
    """Somebody in each role, and something of every kind to look at."""
    load_reference()
    province, county = County.make("130000"), County.make()
    county.register([code(1), code(2), code(3)])
    record = county.give(code(3), "penalty_other", "2025-06-01")
    county.publish(county.run())
    corrections.change_record(
        by=county.clerk, record_id=record.pk, kind=ProposalKind.WITHDRAW, changes={},
        reason="撤销", on=TODAY,
    )  # fmt: skip
    asked(applicant(), code(1), on=TODAY)
    client = Browser()
    client.force_login(county.clerk)
    checked(client, "roster", [ROSTER, roster_line(4), roster_line(5, 登记状态="?")])
    county.run(dt.date(2025, 9, 30), "quarterly")
    department = {Role.DEPARTMENT_CLERK, Role.DEPARTMENT_APPROVER}
    found = {
        str(role): person(
            f"one-{role}", county.authority if role in department else province.agency, role
        )
        for role in Role
        if role not in (Role.REPRESENTATIVE, Role.LEAD_CLERK, Role.LEAD_APPROVER)
    }
    return found | {
        "province_clerk": province.clerk,
        "lead_clerk": county.clerk,
        "lead_approver": county.approver,
        "representative": speaks_for(code(1)),
    }


def model_of(name: str) -> type[Model] | None:
    """The model whose page an address of the admin is: `roster_user_change`."""
    models = {
        f"{model._meta.app_label}_{model._meta.model_name}": model for model in admin.site._registry
    }
    return models.get(name.rpartition("_")[0]) or next(
        (model for prefix, model in models.items() if name.startswith(f"{prefix}_")), None
    )


def addresses(user: User) -> Iterator[str]:
    """Every address the person may open, with a thing that the person sees in its place."""
    names = [f"admin:{pattern.name}" for pattern in admin_patterns() if pattern.name]
    for name in [*names, *(row.name for row in access.table() if ":" not in row.name)]:
        row = access.row_for(name)
        if row is None or not row.admits(user) or name in DOWNLOADS | SIGNING_OUT:
            continue
        model = model_of(name.partition(":")[2])
        try:
            yield reverse(name)
        except NoReverseMatch:
            seen = visible(model._default_manager.all(), user).first() if model else None
            if seen is not None:
                yield reverse(name, args=[seen.pk])


def test_no_page_anybody_may_open_breaks_the_policy(
    live_server: Any, page: Any, complaints: list[str], people: dict[str, User]
) -> None:
    """One test for all roles: what there is to look at takes longer to make than to look at."""
    wrong, opened = [], {}
    for role, user in people.items():
        come_in(page, live_server.url, user)
        opened[role] = 0
        for address in sorted(set(addresses(User.objects.get(pk=user.pk)))):
            complaints.clear()
            answer = page.goto(live_server.url + address)
            opened[role] += answer.status == 200
            wrong += [f"{role} {address}: {said}" for said in complaints]

    assert wrong == []
    assert min(opened.values()) >= 5, opened


# --- the second step, as a person does it --------------------------------------------------------------


def shown(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.mark.parametrize("width", [1280, 375])
def test_the_second_step_is_set_up_and_asked_for(
    live_server: Any, page: Any, complaints: list[str], settings: Any, width: int
) -> None:
    """On a desk and on a phone: nothing runs over the edge, nothing breaks the policy."""
    settings.SECOND_FACTOR_REQUIRED = True
    load_reference()
    clerk = County.make().clerk
    clerk.set_password(PASSWORD)
    clerk.save()
    page.set_viewport_size({"width": width, "height": 800})

    sign_in(page, live_server.url, clerk.username)
    assert page.url.endswith("/account/two-step/set-up/")
    assert fits(page)
    secret = page.inner_text(".secret code")
    drawn = page.locator(".qr svg").bounding_box()
    assert drawn["width"] > 150
    page.fill("[name=code]", shown(secret))
    page.click("#login-form [type=submit]")
    assert page.locator(".recovery-codes li").count() == 10
    assert fits(page)
    spare = page.locator(".recovery-codes code").first.inner_text()
    for address in ("/account/two-step/", "/account/two-step/remove/",
                    "/account/two-step/recovery-codes/new/", "/account/password/"):  # fmt: skip
        page.goto(live_server.url + address)
        assert fits(page)

    page.context.clear_cookies()
    sign_in(page, live_server.url, clerk.username)
    assert page.url.endswith("/account/code/")
    assert fits(page)
    page.fill("[name=code]", spare)
    page.click("#login-form [type=submit]")

    assert page.url.endswith("/admin/")
    assert complaints == []


@pytest.mark.parametrize("width", [1280, 375])
def test_who_tried_too_often_sees_how_long_to_wait(
    live_server: Any, page: Any, complaints: list[str], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for _ in range(6):
        sign_in(page, live_server.url, "zhang")

    assert re.search(r"请在 1[45] 分钟后再试", page.inner_text("#content"))
    assert fits(page)
    assert complaints == []
