"""Acts on regions, reporting lines and agencies."""

import datetime as dt

import pytest
from django.db import transaction

from audit.refusal import Refused, explain
from roster.models import Region, Reporting
from roster.tables import save_region, set_superior
from tests.factories.roster import (
    OPERATOR,
)

pytestmark = pytest.mark.django_db


def zone(code: str = "130199", name: str = "试验区") -> Region:
    return Region(code=code, name=name, full_name=f"石家庄市{name}", level="county", kind="区")


# --- somebody was faster ---------------------------------------------------------------------------


def test_region_added_again_does_not_replace_the_first(regions) -> None:
    save_region(by=OPERATOR, region=zone())

    with pytest.raises(Refused) as refusal:
        save_region(by=OPERATOR, region=zone(name="另一区"))

    assert explain(refusal.value) == "没有保存：具有 区划代码 的 行政区划 已存在。"
    assert Region.objects.get(pk="130199").name == "试验区"


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_region_added_twice_at_once(beside) -> None:
    with transaction.atomic():
        save_region(by=OPERATOR, region=zone())
        second = beside(lambda: save_region(by=OPERATOR, region=zone(name="另一区")))
        assert not second.ended_within(1)

    with pytest.raises(Refused, match=r"roster\.not_stored"):
        second.wait()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_reporting_line_set_twice_at_once(beside) -> None:
    one, other = (save_region(by=OPERATOR, region=zone(code)) for code in ("130198", "130199"))

    def report() -> Reporting:
        return set_superior(by=OPERATOR, region=one, superior=other, since=dt.date(2027, 1, 1))

    with transaction.atomic():
        report()
        second = beside(report)
        assert not second.ended_within(1)

    with pytest.raises(Refused, match=r"roster\.superior_since"):
        second.wait()
    assert Reporting.objects.count() == 1
