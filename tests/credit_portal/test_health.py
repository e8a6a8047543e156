from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client


@pytest.fixture
def unlisted(settings: Any) -> None:
    """As in a process that was started before collectstatic."""
    manifest = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": manifest}


def test_healthz_answers_without_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"ok": True})


@pytest.mark.django_db
def test_readyz_when_migrated(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"ok": True, "database": True, "migrations": True, "static": True}


@pytest.mark.django_db
def test_readyz_with_a_migration_waiting(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("grading", "0001_initial")
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "database": True, "migrations": False, "static": True}


@pytest.mark.django_db
def test_readyz_with_a_migration_of_a_newer_version(client: Client) -> None:
    MigrationRecorder(connection).record_applied("grading", "9999_of_a_newer_version")
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "database": True, "migrations": False, "static": True}


@pytest.mark.django_db
def test_readyz_without_database(client: Client) -> None:
    with mock.patch(
        "credit_portal.release.MigrationRecorder", side_effect=OperationalError("away")
    ):
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "database": False, "migrations": False, "static": True}


@pytest.mark.django_db
def test_readyz_without_the_list_of_static_files(client: Client, unlisted: None) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "database": True, "migrations": True, "static": False}


@pytest.mark.django_db
def test_without_the_list_of_static_files_a_page_fails_with_ours(
    client: Client, unlisted: None
) -> None:
    client.raise_request_exception = False

    answer = client.get("/")

    assert answer.status_code == 500
    assert "系统出现故障" in answer.content.decode()
