"""What every test stands on: quick passwords and folders of its own."""

import tempfile
from pathlib import Path

import pytest
from django.conf import settings


def pytest_configure(config: pytest.Config) -> None:
    folder = Path(tempfile.mkdtemp(prefix="portal-test-"))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORE_DIR = folder / "store"
    settings.AUDIT_ANCHOR_DIR = folder / "anchor"
    settings.AUDIT_KEY_FILE = folder / "audit.key"
    settings.CELERY_BROKER_URL = "memory://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
