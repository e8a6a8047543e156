"""A made-up Hebei, invented without a database or filled into one."""

import csv
import datetime as dt
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils.timezone import localdate

from credit_portal.demo.enterprises import Place, World
from roster import reference

COUNT = 1_000
TODAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="session")
def world() -> World:
    """The counties as the region table has them, on a fixed day."""
    rows = list(csv.DictReader((reference.DATA / "regions.csv").read_text("utf-8").splitlines()))
    names = {row["code"]: row["name"] for row in rows}
    places = {}
    for row in rows:
        if row["kind"] in reference.KIND_LEVELS:
            continue
        above = row["reports_to"]
        city = row["code"] if above == "130000" else above
        full_name = row["name"] if city == row["code"] else names[city] + row["name"]
        places[row["code"]] = Place(row["code"], row["name"], full_name, city)
    return World.of(places, today=TODAY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("samples")


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker, folder: Path) -> Iterator[str]:
    """What `manage.py demo` said over a thousand enterprises; taken back after the module.

    Filling takes seconds, so the tests of a module share it and change nothing.
    """
    said = StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("demo", enterprises=COUNT, seed=7, samples=folder, stdout=said)
        yield said.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def today() -> dt.date:
    return localdate()
