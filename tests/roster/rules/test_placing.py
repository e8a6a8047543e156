"""Which roster an enterprise belongs to. Source: R12–R15, 二(二)."""

import pytest

from roster.enums import Affiliation, Level, Monopoly, Status
from roster.rules.placing import NoPlace, Placing, place, roster_levels, stays_on_roster

CITIES = {
    "130102": "130100",  # 长安区 → 石家庄市
    "130100": "130100",
    "130682": "130682",  # 定州市 reports to the province: its own city
    "130181": "130181",  # 辛集市 likewise
    "130629": "XIONGAN",  # 容城县 → 雄安新区
    "XIONGAN": "XIONGAN",
}
COUNTIES = ("130102", "130682", "130181", "130629")


def placed(affiliation: str, monopoly: str, region: str) -> Placing | NoPlace:
    level = Level.COUNTY if region in COUNTIES else Level.CITY if region else Level.PROVINCE
    return place(
        affiliation=affiliation,
        monopoly=monopoly,
        region=region,
        region_level=level,
        city_of=CITIES.__getitem__,
    )


@pytest.mark.parametrize(
    ("clause", "affiliation", "monopoly", "region", "level", "roster"),
    [
        ("R13.central", "central", "", "130102", "province", "130000"),
        ("R13.central", "central", "", "", "province", "130000"),
        ("R13.central", "central", "power", "130102", "province", "130000"),
        ("R13.provincial", "provincial", "", "130682", "province", "130000"),
        ("R13.monopoly", "other", "finance", "130102", "province", "130000"),
        ("R13.monopoly", "other", "energy", "130102", "province", "130000"),
        ("R13.monopoly", "other", "power", "130102", "province", "130000"),
        ("R13.monopoly", "other", "tobacco", "130102", "province", "130000"),
        ("R13.monopoly", "other", "salt", "130102", "province", "130000"),
        ("R13.monopoly", "other", "telecom", "130102", "province", "130000"),
        ("R13.monopoly", "other", "transport", "130102", "province", "130000"),
        ("R13.monopoly", "other", "banking", "130102", "province", "130000"),
        ("R13.monopoly", "other", "other", "130102", "province", "130000"),
        ("R13.monopoly", "city", "salt", "130102", "province", "130000"),
        ("R14", "city", "", "130102", "city", "130100"),
        ("R14", "city", "", "130100", "city", "130100"),
        ("R14", "city", "", "130682", "city", "130682"),
        ("R14", "city", "", "130181", "city", "130181"),
        ("R14", "city", "", "130629", "city", "XIONGAN"),
        ("R14", "city", "", "XIONGAN", "city", "XIONGAN"),
        ("R15", "other", "", "130102", "county", "130102"),
        ("R15", "other", "", "130682", "county", "130682"),
        ("R15", "other", "", "130181", "county", "130181"),
        ("R15", "other", "", "130629", "county", "130629"),
    ],
)
def test_place_by_clause(
    clause: str, affiliation: str, monopoly: str, region: str, level: str, roster: str
) -> None:
    assert placed(affiliation, monopoly, region) == Placing(level, roster, clause)


def test_place_of_a_county_enterprise_whose_address_names_a_city_only() -> None:
    assert placed("other", "", "130100") == NoPlace("roster.no_county_in_address")


def test_place_of_a_city_enterprise_without_a_city() -> None:
    assert placed("city", "", "") == NoPlace("roster.no_city_for_city_enterprise")


def test_place_is_named_for_every_affiliation_and_sector() -> None:
    answers = {
        type(placed(affiliation, monopoly, "130102"))
        for affiliation in Affiliation.values
        for monopoly in Monopoly.values
    }

    assert answers == {Placing}


@pytest.mark.parametrize(
    ("status", "stays"),
    [
        (Status.OPEN, True),
        (Status.REVOKED, True),  # R37: must be graded D
        (Status.REVOKED_CLOSED, False),
        (Status.DEREGISTERED, False),
        (Status.ANNULLED, False),
        (Status.MOVED_OUT, False),
        (Status.DORMANT, True),
        (Status.OTHER, True),
    ],
)
def test_stays_on_roster_by_status(status: str, stays: bool) -> None:
    assert stays_on_roster(status) is stays


@pytest.mark.parametrize(
    ("level", "is_own_city", "levels"),
    [
        ("province", True, ("province",)),
        ("city", True, ("city",)),
        ("county", False, ("county",)),
        ("county", True, ("county", "city")),  # 定州, 辛集
    ],
)
def test_roster_levels_of_a_region(level: str, is_own_city: bool, levels: tuple[str, ...]) -> None:
    assert roster_levels(level, is_own_city=is_own_city) == levels
