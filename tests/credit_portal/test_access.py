from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from audit.models import Event
from credit_portal import access
from credit_portal.access import PUBLIC, SIGNED_IN, Row
from roster.enums import Permission

ANYONE = SimpleNamespace(is_authenticated=False)


def holder(*permissions: str) -> Any:
    """A signed-in person whose only post carries these permissions."""
    post = SimpleNamespace(grants=lambda wanted: wanted in permissions)
    return SimpleNamespace(is_authenticated=True, posts=lambda: (post,))


@pytest.mark.parametrize(
    ("permissions", "user", "admitted"),
    [
        ((PUBLIC,), ANYONE, True),
        ((SIGNED_IN,), ANYONE, False),
        ((SIGNED_IN,), holder(), True),
        ((Permission.VIEW_ROSTER,), ANYONE, False),
        ((Permission.VIEW_ROSTER,), holder(), False),
        ((Permission.VIEW_ROSTER,), holder(Permission.VIEW_AUDIT), False),
        ((Permission.VIEW_ROSTER,), holder(Permission.VIEW_ROSTER), True),
        ((Permission.VIEW_ROSTER, Permission.VIEW_AUDIT), holder(Permission.VIEW_AUDIT), True),
    ],
)
def test_row_admits(permissions: tuple[str, ...], user: Any, admitted: bool) -> None:
    assert Row(name="any", permissions=permissions).admits(user) is admitted


def test_a_row_may_cover_the_pages_of_one_model() -> None:
    row = Row(name="admin:roster_enterprise_*", permissions=(SIGNED_IN,))

    assert row.fits("admin:roster_enterprise_change")
    assert not row.fits("admin:roster_enterprisegroup_change")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([Row("a", ("view_everything",))], "access.csv, a: permissions 'view_everything'"),
        ([Row("a", ("",))], "access.csv, a: permissions ''"),
        ([Row("a", (PUBLIC, SIGNED_IN))], "access.csv, a: permissions 'public|signed-in'"),
        ([Row("a", (PUBLIC,)), Row("a", (SIGNED_IN,))], "access.csv has a twice."),
    ],
)
def test_check_refuses_a_bad_table(rows: list[Row], said: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        access.check(rows)

    assert str(refused.value).startswith(said)


def test_anonymous_is_sent_to_sign_in(client: Client) -> None:
    answer = client.get("/admin/password_change/")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/admin/login/?next=/admin/password_change/"


@pytest.mark.django_db
def test_without_permission_is_403_and_recorded(
    signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Row(name="policy", permissions=(Permission.VIEW_AUDIT,))
    monkeypatch.setattr(access, "row_for", lambda name: row)

    answer = signed_in.get("/policy/")

    assert answer.status_code == 403
    event = Event.objects.get()
    assert (event.actor, event.act, event.outcome) == ("nobody", "GET policy", "refused")


@pytest.mark.django_db
def test_an_address_without_a_row_is_closed(
    signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "row_for", lambda name: None)

    assert signed_in.get("/policy/").status_code == 403


def test_an_address_that_nobody_has_thought_about_has_no_row() -> None:
    assert access.row_for("no_such_address") is None
