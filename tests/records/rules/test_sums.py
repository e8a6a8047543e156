"""Sums in the words of a decision, and amounts filled in yuan where 万元 is asked for."""

from decimal import Decimal

import pytest

from records.rules.sums import is_in_yuan, sums_told


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("罚款5000元", ["5000"]),
        ("罚款人民币 12,000.50 元整", ["12000.50"]),
        ("处0.5万元罚款", ["5000"]),
        ("处2亿元罚款", ["200000000"]),
        ("罚款伍仟元整", ["5000"]),
        ("罚款一万二千三百元", ["12300"]),
        ("罚款十五万元", ["150000"]),
        ("罚款二千零三万元", ["20030000"]),
        ("没收违法所得1200元，罚款叁拾万圆", ["1200", "300000"]),
        ("责令改正", []),
        ("共5000件", []),
    ],
)
def test_sums_are_told_in_yuan(text, yuan):
    assert sums_told(text) == {Decimal(one) for one in yuan}


@pytest.mark.parametrize(
    ("sum_wan", "text", "answer"),
    [
        ("5000", "罚款5000元", True),
        ("5000", "罚款伍仟元整", True),
        ("0.5", "罚款5000元", False),
        ("5000", "罚款5000万元", False),
        ("5000", "没收5000元，罚款5000万元", False),
        ("5000", "罚款", False),
        ("0", "罚款0元", False),
    ],
)
def test_amount_is_in_yuan_when_the_words_say_so(sum_wan, text, answer):
    assert is_in_yuan(Decimal(sum_wan), text) is answer
