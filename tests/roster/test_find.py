"""Finding an enterprise by what people know of it."""

import pytest

from roster.models import Enterprise, RosterEntry
from tests.factories.roster import code, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(regions):
    register(code(1), name="石家庄（长安）鑫源商贸有限公司")
    register(code(2), name="长安 ABC 科技有限公司", registration_number="130102000012345")
    register(code(3, division="130202"), region="130202", name="唐山鑫源物流有限公司")

    def find(text: str) -> list[str]:
        rows = Enterprise.objects.find(text).order_by("pk")
        assert set(RosterEntry.objects.find(text).values_list("enterprise_id", flat=True)) == {
            row.pk for row in rows
        }
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
