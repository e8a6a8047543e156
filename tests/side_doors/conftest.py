"""The world behind the side doors: made once for a module, each test's own acts are taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from .world import World


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[World]:
    """Filling it takes seconds, so the tests of a module share it."""
    Path(settings.STORE_DIR).mkdir(parents=True, exist_ok=True)
    with django_db_blocker.unblock(), transaction.atomic():
        yield World.make()
        transaction.set_rollback(True)
