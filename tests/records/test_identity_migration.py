"""Identities stored before they named the family of kinds. Source: design §4."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from records.models import Record
from tests.factories.grading import County, code, load_reference

pytestmark = pytest.mark.django_db
renaming = import_module("records.migrations.0004_identity_by_family")


@pytest.fixture
def county():
    load_reference()
    county = County.make()
    county.register([code(1)])
    return county


def renamed(record: Record, before: str) -> str:
    """What becomes of a record's identity that was stored in the old form."""
    Record.objects.filter(pk=record.pk).update(identity=before)
    renaming.rename(apps, SimpleNamespace(connection=connection))
    record.refresh_from_db()
    return record.identity


@pytest.mark.parametrize(
    ("kind", "number", "before"),
    [
        ("licence_revoked", "甲〔2025〕1号", "n:{agency}:甲（2025）1号"),
        ("judgment", "乙1号", "n:{agency}:乙1号"),
        ("abnormal_operation", "", "k:{agency}:abnormal_operation:2025-03-04:经营异常名录"),
        ("breach_of_contract", "", "k:99:breach_of_contract:2025-03-04:"),
    ],
)
def test_stored_identity_becomes_the_one_a_line_has_now(county, kind, number, before):
    record = county.give(code(1), kind, "2025-03-04", number=number)
    now = record.identity
    assert renamed(record, before.format(agency=county.authority.pk)) == now


def test_what_the_provider_told_stays(county):
    record = county.give(code(1), "breach_of_contract", "2025-03-04", number="")
    agency = county.authority.pk
    before = f"k:{agency}:breach_of_contract:2025-03-04:9f2c"
    assert renamed(record, before) == f"d:{agency}:breach_of_contract:2025-03-04:9f2c"


def test_two_live_records_of_one_day_both_stay(county):
    records = [
        county.give(code(1), "tax_arrears", "2025-03-04", number="", provider_key=told)
        for told in "ab"
    ]
    before = [f"k:{county.authority.pk}:tax_arrears:2025-03-04:{told}" for told in "ab"]
    Record.objects.filter(pk=records[0].pk).update(identity=before[0])
    assert renamed(records[1], before[1]) == before[1]
