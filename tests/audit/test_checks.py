from types import SimpleNamespace

import pytest

from audit import checks


def found(monkeypatch, engine, **options):
    described = {"default": {"ENGINE": engine, "OPTIONS": options}}
    monkeypatch.setattr(checks, "settings", SimpleNamespace(DATABASES=described))
    return [one.id for one in checks.sqlite_begins_immediate()]


@pytest.mark.parametrize("options", [{}, {"transaction_mode": "DEFERRED"}])
def test_sqlite_that_begins_late_stops_the_start(monkeypatch, options):
    assert found(monkeypatch, "django.db.backends.sqlite3", **options) == ["audit.E001"]


@pytest.mark.parametrize(
    ("engine", "options"),
    [
        ("django.db.backends.sqlite3", {"transaction_mode": "IMMEDIATE"}),
        ("django.db.backends.postgresql", {}),
    ],
)
def test_database_that_is_set_right_passes(monkeypatch, engine, options):
    assert found(monkeypatch, engine, **options) == []
