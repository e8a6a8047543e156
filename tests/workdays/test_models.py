import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from workdays.enums import Unit
from workdays.models import CalendarDay, Limit

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 1, 1)


def a_limit(**changed):
    values = {
        "code": "tried.answer",
        "name": "答复",
        "days": 3,
        "unit": Unit.WORKDAYS,
        "source": "默认值，无出处",
    }
    return Limit(**values | changed)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (lambda: a_limit(unit="weeks"), "单位只能是工作日、日或个月。"),
        (lambda: a_limit(since=DAY, until=DAY), "失效日期必须晚于生效日期。"),
        (lambda: CalendarDay(date=DAY, kind="假", festival="元旦"), "类别只能是“休”或“班”。"),
    ],
)
def test_constraint_holds_and_is_readable(row, sentence):
    with pytest.raises(ValidationError) as invalid:
        row().validate_constraints()
    assert sentence in invalid.value.messages
    with pytest.raises(IntegrityError), transaction.atomic():
        row().save()


def test_one_limit_of_a_code_is_in_force_without_end():
    a_limit().save()
    with pytest.raises(ValidationError, match="同一时限只能有一条未失效的规定"):
        a_limit(since=DAY).validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        a_limit(since=DAY).save()


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (dt.date(2000, 1, 1), [3]),
        (dt.date(2025, 12, 31), [3]),
        (dt.date(2026, 1, 1), [5]),
        (dt.date(2040, 1, 1), [5]),
    ],
)
def test_effective_on_is_from_since_up_to_but_without_until(on, expected):
    a_limit(days=3, until=DAY).save()
    a_limit(days=5, since=DAY).save()
    assert list(Limit.objects.effective_on(on).values_list("days", flat=True)) == expected


def test_limit_reads_as_the_offices_say_it():
    assert str(a_limit()) == "答复 3工作日"
