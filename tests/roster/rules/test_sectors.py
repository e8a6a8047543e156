"""The sector of R13 that an industry code suggests."""

import pytest

from roster.enums import Monopoly
from roster.rules.sectors import suggested_sector


@pytest.mark.parametrize(
    ("industry", "sector"),
    [
        ("66", Monopoly.BANKING),
        ("6620", Monopoly.BANKING),
        ("68", Monopoly.FINANCE),
        ("J", Monopoly.FINANCE),
        ("44", Monopoly.POWER),
        ("45", Monopoly.ENERGY),
        ("16", Monopoly.TOBACCO),
        ("63", Monopoly.TELECOM),
        ("53", Monopoly.TRANSPORT),
        ("1494", Monopoly.SALT),
        ("1030", Monopoly.SALT),
    ],
)
def test_industry_suggests_a_sector(industry: str, sector: Monopoly) -> None:
    assert suggested_sector(industry) is sector


@pytest.mark.parametrize("industry", ["", "14", "149", "54", "60", "52", "C", "46", "10"])
def test_open_trades_suggest_none(industry: str) -> None:
    assert suggested_sector(industry) is Monopoly.NONE
