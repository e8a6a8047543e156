"""The command that loads what comes with the portal."""

import io
import json

import pytest
from django.core.management import call_command

from audit.models import Event
from grading.models import Scheme
from records.models import Kind
from roster.models import Industry, Region, Reporting
from workdays.models import CalendarYear

pytestmark = pytest.mark.django_db


def loaded() -> dict[str, int]:
    out = io.StringIO()
    call_command("reference", json=True, stdout=out)
    return json.loads(out.getvalue())


def test_reference_loads_everything_once() -> None:
    first = loaded()
    events = Event.objects.count()
    second = loaded()

    assert first["regions"] == Region.objects.count() == 180
    assert first["industries"] == Industry.objects.count() == 117
    assert (first["kinds"], first["years"]) == (
        Kind.objects.count(),
        CalendarYear.objects.count(),
    )
    assert (set(second.values()), Event.objects.count()) == ({0}, events)
    assert Scheme.objects.get().version == 1


def test_reference_leaves_what_officers_changed() -> None:
    loaded()
    Region.objects.filter(pk="130102").update(name="新名")

    loaded()

    assert Region.objects.get(pk="130102").name == "新名"


def test_reference_knows_who_reports_to_whom() -> None:
    loaded()

    lines = dict(
        Reporting.objects.filter(
            region__in=["130682", "130181", "130629", "130632", "130638", "XIONGAN", "130102"]
        ).values_list("region", "superior")
    )

    assert lines == {
        "130682": "130000",  # 定州市
        "130181": "130000",  # 辛集市
        "130629": "XIONGAN",  # 容城县
        "130632": "XIONGAN",  # 安新县
        "130638": "XIONGAN",  # 雄县
        "XIONGAN": "130000",
        "130102": "130100",
    }
