import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy

from audit.enums import Outcome
from audit.plain import clean_text, instant, plain

SHANGHAI = dt.timezone(dt.timedelta(hours=8))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (0.5, "0.5"),
        (Decimal("12.50"), "12.50"),
        (dt.date(2026, 2, 28), "2026-02-28"),
        (dt.datetime(2026, 1, 1, 8, tzinfo=SHANGHAI), "2026-01-01T00:00:00.000000Z"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Outcome.DONE, "done"),
        (gettext_lazy("审计"), "审计"),
        ({3: (1, Decimal(2))}, {"3": [1, "2"]}),
        ({"b", "a"}, ["a", "b"]),
        ("a\x00b", "a␀b"),
        ("\ud800", "?"),
    ],
)
def test_plain_gives_what_both_databases_give_back(value, expected):
    assert plain(value) == expected


def test_plain_refuses_what_has_no_plain_form():
    with pytest.raises(TypeError, match="object cannot be noted"):
        plain([object()])


def test_clean_text_is_cut_visibly():
    assert clean_text("一二三四五", limit=3) == "一二…"


def test_instant_always_has_six_decimals():
    assert instant(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) == "2026-01-01T00:00:00.000000Z"
