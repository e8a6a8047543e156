"""A database that stays locked is an answer for other people, not a fault."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

import manage
from audit.acts import Account, acting
from credit_portal import access, urls
from credit_portal.busy import is_busy
from roster.models import User

pytestmark = pytest.mark.django_db(transaction=True)
SENTENCE = "系统正忙，请稍后重试；刚才的操作没有保存。"


@contextmanager
def held_by_another() -> Iterator[None]:
    """Another process writes and does not end; ours waits a twentieth of a second."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        other = psycopg.connect(**_plain(connection.get_connection_params()))
        other.execute("LOCK TABLE roster_user, intake_batch IN EXCLUSIVE MODE")
    else:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 50")
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()
        connection.close()  # and its short patience with it


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: parameters[name] for name in ("dbname", "user", "host", "port", "password") if parameters.get(name)}  # fmt: skip


def writes(request: HttpRequest) -> HttpResponse:
    User.objects.create_user("late")
    return HttpResponse("saved")


def acts_and_writes(request: HttpRequest) -> HttpResponse:
    """An act, and behind it another statement that meets a database locked since."""
    with acting("tried.half", by=Account("os:test")):
        User.objects.create_user("early")
    with held_by_another():
        return writes(request)


def session_writes(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = True
    return HttpResponse("seen")


@pytest.fixture(autouse=True)
def doors(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("busy_doors")
    vars(module).update(
        {name: value for name, value in vars(urls).items() if name.startswith("handler")},
        urlpatterns=[
            *urls.urlpatterns,
            *(
                path(f"test/{one.__name__}", one)
                for one in (writes, acts_and_writes, session_writes)
            ),
        ],
    )
    monkeypatch.setitem(sys.modules, "busy_doors", module)
    settings.ROOT_URLCONF = "busy_doors"
    open_row = access.Row(name="test_*", permissions=(access.PUBLIC,))
    monkeypatch.setattr(access, "row_for", lambda name: open_row)


def test_view_that_finds_the_database_locked_answers_503(client: Client, caplog: Any) -> None:
    with held_by_another():
        answer = client.post("/test/writes")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert SENTENCE in answer.content.decode()
    assert not User.objects.exists()
    assert "stayed busy at /test/writes" in caplog.text
    assert client.post("/test/writes").content == b"saved"


def test_page_that_fails_behind_an_act_does_not_say_that_nothing_was_saved(
    client: Client,
) -> None:
    answer = client.post("/test/acts_and_writes")

    assert answer.status_code == 503
    assert "核对刚才的操作是否已经保存" in answer.content.decode()
    assert User.objects.get().username == "early"


def test_command_that_fails_behind_an_act_says_that_a_part_is_saved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "django.core.management.execute_from_command_line",
        lambda _arguments: acts_and_writes(HttpRequest()),
    )
    with pytest.raises(SystemExit) as ended:
        manage.main()

    assert ended.value.code == (
        "系统正忙，没有执行完，已经办结的部分保存了下来。请稍后核对，再接着执行。"
    )


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only there one table locks all")
def test_session_that_cannot_be_written_does_not_say_what_was_saved(client: Client) -> None:
    client.raise_request_exception = False
    with held_by_another():
        answer = client.post("/test/session_writes")

    assert answer.status_code == 503
    assert "核对刚才的操作是否已经保存" in answer.content.decode()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only there one table locks all")
def test_session_that_is_there_and_cannot_be_written_is_not_taken_for_ended(
    client: Client,
) -> None:
    client.post("/test/session_writes")
    with held_by_another():
        answer = client.post("/test/session_writes")

    assert answer.status_code == 503
    assert "核对刚才的操作是否已经保存" in answer.content.decode()


def test_command_that_finds_the_database_locked_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    file = tmp_path / "名录.csv"
    file.write_text(
        "企业名称,统一社会信用代码,注册地址\n甲,91110000600037341L,\n", encoding="utf-8"
    )
    monkeypatch.setattr(sys, "argv", ["manage.py", "import_roster", str(file)])
    with held_by_another(), pytest.raises(SystemExit) as ended:
        manage.main()

    assert ended.value.code == SENTENCE


def test_another_fault_of_the_database_is_a_fault() -> None:
    fault = OperationalError("no such table: x")

    assert not is_busy(fault)
    with pytest.raises(OperationalError):
        manage.busy_sentence(fault)
