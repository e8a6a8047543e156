"""Numbers of persons in free texts, in every way they are written."""

import pytest

from intake.masking import MASK, masked


@pytest.mark.parametrize(
    "number",
    [
        "110101199003071233",
        "13010219850101234X",
        "13010219850101234x",
        "13010219850101234Ｘ",
        "13010219850101234\u0425",  # Cyrillic
        "13010219850101234\u0445",
        "13010219850101234\u03a7",  # Greek
        "13010219850101234×",
        "１１０１０１１９９００３０７１２３３",
        "1101 0119 9003 0711 23",
        "110101 1990 0307 1123",
        "110101－19900307－1123",
        "110101\u00a019900307\u00a01123",
        "110101\u200b199003071123",
        "110101900307123",
        "911124198108030024",
        "9111 2419 8108 0300 24",
        "91112419810803002X",
        "+86 138 1234 5678",
        "１３８１２３４５６７８",
    ],
)
def test_number_of_a_person_is_masked(number: str) -> None:
    assert masked(f"见{number}的材料") == f"见{MASK}的材料"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("护照E12345678", "护照…"),
        ("护照Ｅ１２３４５６７８", "护照…"),
        ("证件H12345678，有效", "证件…,有效"),
        ("证件号码：H1234567890", "证件号码:…"),
        ("港澳居民来往内地通行证 H12345678", "港澳居民来往内地通行证 …"),
        ("passport no. EA1234567", "passport no. …"),
    ],
)
def test_number_of_a_named_paper_is_masked(text: str, said: str) -> None:
    assert masked(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "91130102000000001W",
        "91110000600037341L",
        "911101198503120008",  # a unified code that seems to hold a day
        "91110119850312094X",
        "911101198503121239",  # and whose last digit is right as a person's too
        "许可证件A12345678",
        "证照E12345678",
        "订单E12345678",
        "2026-03-02T12:00:00.000+08:00",
        "（２０２５）１２号：一、二；三",
        "130102",
    ],
)
def test_everything_else_comes_back_as_it_stands(text: str) -> None:
    assert masked(text) == text
