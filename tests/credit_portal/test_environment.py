from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from credit_portal import environment

BASE = Path("/srv/portal")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("Yes", True), (" on ", True), ("0", False), ("false", False), ("", False)],
)
def test_flag_reads_the_words(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("DEBUG", value)

    assert environment.flag("DEBUG", not expected) is expected


def test_flag_unset_gives_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEBUG", raising=False)

    assert environment.flag("DEBUG", True) is True


def test_flag_refuses_another_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")

    with pytest.raises(ImproperlyConfigured) as refused:
        environment.flag("DEBUG", False)

    assert str(refused.value) == (
        "DEBUG is 'maybe'; allowed: one of 1, true, yes, on or 0, false, no, off."
    )


@pytest.mark.parametrize("value", ["0", "65", "many", "1.5", "²"])
def test_number_refuses_what_is_outside(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("WEB_THREADS", value)

    with pytest.raises(ImproperlyConfigured) as refused:
        environment.number("WEB_THREADS", 8, least=1, most=64)

    assert str(refused.value) == (
        f"WEB_THREADS is {value!r}; allowed: a whole number from 1 to 64."
    )


def test_choice_refuses_an_unknown_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_MODE", "prod")

    with pytest.raises(ImproperlyConfigured) as refused:
        environment.choice("PORTAL_MODE", ("demo", "production"), "demo")

    assert str(refused.value) == "PORTAL_MODE is 'prod'; allowed: one of demo, production."


def test_words_are_split_and_trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", " a.example , b.example,")

    assert environment.words("ALLOWED_HOSTS") == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///var/portal.sqlite3", "/srv/portal/var/portal.sqlite3"),
        ("sqlite:////data/portal.sqlite3", "/data/portal.sqlite3"),
    ],
)
def test_database_sqlite(monkeypatch: pytest.MonkeyPatch, url: str, name: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    assert environment.database("DATABASE_URL", "", BASE) == {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
    }


def test_database_postgresql_with_escapes_and_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://portal:p%40ss%2F@db.example:5433/credit?sslmode=require"
    )

    assert environment.database("DATABASE_URL", "", BASE) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "credit",
        "USER": "portal",
        "PASSWORD": "p@ss/",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    "url", ["mysql://a:secret@b/c", "postgresql://a:secret@b", "sqlite://x:secret@/y", "nonsense"]
)
def test_database_refuses_what_it_does_not_know(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(ImproperlyConfigured) as refused:
        environment.database("DATABASE_URL", "", BASE)

    assert str(refused.value).startswith("DATABASE_URL is ")
    assert "allowed: sqlite:///path/from/project" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_database_refuses_a_port_beyond_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:secret@b:99999/c")

    with pytest.raises(ImproperlyConfigured) as refused:
        environment.database("DATABASE_URL", "", BASE)

    assert str(refused.value) == (
        "DATABASE_URL is 'postgresql://…@b:99999/c'; allowed: a URL with a port from 1 to 65535."
    )


@pytest.mark.parametrize(
    ("url", "backend", "host", "port", "ssl", "tls"),
    [
        ("", "dummy", "", 587, False, False),
        ("smtp://mail.example", "smtp", "mail.example", 587, False, True),
        ("smtp://mail.example:2525", "smtp", "mail.example", 2525, False, True),
        ("smtps://mail.example", "smtp", "mail.example", 465, True, False),
        ("smtp://localhost:25?tls=no", "smtp", "localhost", 25, False, False),
    ],
)
def test_mail_server_is_named_by_a_url(monkeypatch, url, backend, host, port, ssl, tls):
    monkeypatch.setenv("MAIL", url)

    found = environment.mail("MAIL")

    assert found["EMAIL_BACKEND"] == f"django.core.mail.backends.{backend}.EmailBackend"
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == (host, port)
    assert (found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (ssl, tls)


def test_user_and_password_of_a_mail_server_are_decoded(monkeypatch):
    monkeypatch.setenv("MAIL", "smtps://portal%40x:p%2Fw@mail.example")

    found = environment.mail("MAIL")

    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("portal@x", "p/w")


@pytest.mark.parametrize(
    "url",
    ["http://mail.example", "smtp://", "mail.example", "smtp://u:secret@h:x", "smtp://h?tls=yes",
     "smtps://u:secret@h?tls=no", "smtp://h?other=1"],
)  # fmt: skip
def test_mail_server_that_cannot_be_one_stops_the_start(monkeypatch, url):
    monkeypatch.setenv("MAIL", url)

    with pytest.raises(ImproperlyConfigured) as fault:
        environment.mail("MAIL")
    assert "MAIL is " in str(fault.value)
    assert "secret" not in str(fault.value)


@pytest.mark.parametrize(
    ("value", "needed", "ok"),
    [("", False, True), ("portal@x.example", True, True), ("", True, False), ("portal", False, False),
     ("a@b c@d", True, False)],
)  # fmt: skip
def test_sender_is_one_address_and_needed_with_a_mail_server(monkeypatch, value, needed, ok):
    monkeypatch.setenv("SENDER", value)

    if ok:
        assert environment.sender("SENDER", needed=needed) == value
    else:
        with pytest.raises(ImproperlyConfigured, match="SENDER"):
            environment.sender("SENDER", needed=needed)
