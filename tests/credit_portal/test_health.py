from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client


def test_healthz_answers_without_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"ok": True})


@pytest.mark.django_db
def test_readyz_when_migrated(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"ok": True, "database": True, "migrations": True}


@pytest.mark.django_db
def test_readyz_with_a_migration_waiting(client: Client) -> None:
    with mock.patch("credit_portal.health.MigrationExecutor.migration_plan", return_value=["one"]):
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "database": True, "migrations": False}


@pytest.mark.django_db
def test_readyz_without_database(client: Client) -> None:
    with mock.patch("credit_portal.health.MigrationExecutor", side_effect=OperationalError("away")):
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "database": False, "migrations": False}
