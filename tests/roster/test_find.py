"""Finding an enterprise by what people know of it."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from roster.models import Enterprise, RosterEntry
from roster.services import register_enterprise
from tests.factories.roster import (
    CHANGAN,
    LUNAN,
    OPERATOR,
    TODAY,
    code,
    lead,
    person,
    register,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(regions):
    register(code(1), name="石家庄（长安）鑫源商贸有限公司")
    register(code(2), name="长安 ABC 科技有限公司", registration_number="130102000012345")
    register(code(3, division="130202"), region="130202", name="唐山鑫源物流有限公司")

    def find(text: str) -> list[str]:
        rows = Enterprise.objects.find(text).order_by("pk")
        entries = RosterEntry.objects.find(text, by=OPERATOR)
        assert set(entries.values_list("enterprise_id", flat=True)) == {row.pk for row in rows}
        return [row.pk for row in rows]

    return find


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("鑫源", [1, 3]),
        ("唐山鑫源", [3]),
        ("鑫源 唐山", [3]),
        ("石家庄(长安)", [1]),
        ("石家庄（ 长安 ）", [1]),
        ("abc", [2]),
        ("长安abc", [2]),
        ("ＡＢＣ", [2]),
        ("没有的名字", []),
        ("130102000012345", [2]),
        ("  ", [1, 2, 3]),
        ("%", []),
        ("_", []),
    ],
)
def test_find_by_name_or_number(found, text: str, numbers: list[int]) -> None:
    codes = [code(number, division="130202" if number == 3 else "130102") for number in numbers]
    assert found(text) == sorted(codes)


def test_find_by_unified_code(found) -> None:
    assert found(code(1)) == [code(1)]
    assert found(code(1).lower()) == [code(1)]


def test_find_by_beginning_of_the_code(found) -> None:
    assert found("91130202") == [code(3, division="130202")]
    assert found("911301") == [code(1), code(2)]


def renamed(key: str, name: str, **given: str) -> None:
    version = Enterprise.objects.get(pk=key).version
    register_enterprise(
        by=OPERATOR, code=key, given={"name": name, **given}, source="", on=TODAY, version=version
    )


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("鑫源商贸", [1]), ("新名", [1]), ("更新名", [1]), ("司石家庄", []), ("司 石家庄", [1])],
)
def test_find_by_a_former_name(found, text: str, numbers: list[int]) -> None:
    renamed(code(1), "新名商贸有限公司")
    renamed(code(1), "更新名商贸有限公司")

    assert found(text) == [code(number) for number in numbers]


def test_stay_is_not_found_by_what_another_county_calls_the_enterprise_since(found) -> None:
    renamed(code(1), "新名商贸有限公司", region_id=LUNAN)
    clerks = {region: person(lead(region), "lead_clerk") for region in (CHANGAN, LUNAN)}

    def stays(region: str, text: str) -> set[str]:
        by = clerks[region]
        rows = RosterEntry.objects.visible_to(by).find(text, by=by)
        return set(rows.values_list("enterprise_id", flat=True))

    assert (stays(CHANGAN, "新名"), stays(LUNAN, "新名")) == (set(), {code(1)})
    assert stays(CHANGAN, code(1)) == stays(CHANGAN, code(1)[:10]) & {code(1)} == {code(1)}


def test_names_of_before_are_found_after_the_migration(found) -> None:
    fill = import_module("roster.migrations.0008_former_names_are_found").fill
    Enterprise.objects.filter(pk=code(1)).update(former_names="旧 名商贸\n（老）字号")
    assert found("旧名") == []

    fill(apps, None)

    assert (found("旧名"), found("(老)字号"), found("长安")) == (
        [code(1)],
        [code(1)],
        [code(1), code(2)],
    )


@pytest.mark.postgres
def test_words_of_a_name_are_found_by_the_index(found) -> None:
    # Over so few rows every plan is as cheap: only those by an index that the condition fits remain.
    with connection.cursor() as cursor:
        for other in ("seqscan", "indexscan", "indexonlyscan"):
            cursor.execute(f"SET LOCAL enable_{other} = off")

    assert "enterprise_name_words" in Enterprise.objects.find("鑫源商贸").explain()
