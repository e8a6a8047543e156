"""Names of divisions in front of an address. Source: R15; design §5."""

import csv
from pathlib import Path

import pytest

import roster
from roster.enums import Level
from roster.reference import KIND_LEVELS
from roster.rules.address import Gazetteer, places


@pytest.fixture(scope="module")
def gazetteer():
    path = Path(roster.__file__).parent / "data" / "regions.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    levels = {row["code"]: KIND_LEVELS.get(row["kind"], Level.COUNTY) for row in rows}
    names = {row["code"]: row["name"] for row in rows}
    cities = {
        row["code"]: row["code"] if row["reports_to"] in ("", "130000") else row["reports_to"]
        for row in rows
    }
    return Gazetteer(places(levels, names, cities))


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("河北省石家庄市长安区中山东路1号", "130102"),
        ("石家庄市长安区中山东路1号", "130102"),
        ("长安区中山东路1号", "130102"),
        ("石家庄市 桥西区 自强路", "130104"),
        ("河北省石家庄市辛集市方碑路", "130181"),
        ("辛集市方碑路", "130181"),
        ("定州市中山路", "130682"),
        ("河北雄安新区容城县", None),
        ("雄安新区容城县金台路", "130629"),
        ("保定市容城县金台路", "130629"),
        ("石家庄市裕华路", "130100"),
        ("河北省", "130000"),
        ("北京市朝阳区", None),
        ("", None),
    ],
)
def test_address_names_one_division(gazetteer, address, code):
    assert gazetteer.find(address) == ((code,) if code else ())


def test_qiaoxi_without_its_city_is_ambiguous(gazetteer):
    assert len(gazetteer.find("桥西区自强路1号")) > 1


def test_city_with_a_district_of_another_city_is_only_the_city(gazetteer):
    assert gazetteer.find("保定市长安区中山路") == ("130600",)
