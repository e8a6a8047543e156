"""Names nobody has: of enterprises, people and streets, put together from invented parts."""

from __future__ import annotations

import re
from random import Random

FIRST = "澜岚榆棠砚檀楠桐枫柘杉梓楸樟槿荻芷蘅芃菡葭茗汀沅沚泓洵涧渚湄漪潆澄霁霖霏霓昕昀旻晔暄曦煦"
SECOND = "垣岑峤岫峦嵘巘陌陇隅畔畹畴砺砾磐璟璞瑾琚琮璇珩珺钧铎铮弦笙筠箴篱帆舫舸棹楫橹轩辕轲骐骥"
THIRD = "穗稷麦粟菽葵萱蒲苇苔藤蔓薇芸茵鹭鸢鹤雁雀鸥鹂鹊蝉萤鲤渡津埠坞堤驿亭阁榭廊檐牖扉帷幄"
BRANDS = len(FIRST) * len(SECOND) * len(THIRD)
STRIDE = 30_011  # a prime that divides none of the lengths

_BRAND = re.compile(f"[{FIRST}][{SECOND}][{THIRD}]")

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "安柏辰达恩帆歌和嘉景可岚黎敏宁沛齐然舒棠唯希言一知卓子青宜朗川禾若行简微初时远"


def brand(number: int) -> str:
    """Three characters as no known enterprise strings them together.

    Numbers below BRANDS give different brands.
    """
    rest = number * STRIDE % BRANDS
    rest, third = divmod(rest, len(THIRD))
    first, second = divmod(rest, len(SECOND))
    return FIRST[first] + SECOND[second] + THIRD[third]


def rebranded(name: str, number: int) -> str:
    """The same name with another brand."""
    return _BRAND.sub(brand(number), name, count=1)


def person(rng: Random) -> str:
    """A surname and one or two given characters."""
    given = "".join(rng.choice(GIVEN) for _ in range(1 + (rng.random() < 0.7)))
    return rng.choice(SURNAMES) + given


def street(rng: Random) -> str:
    """A street and a number."""
    stem = rng.choice(FIRST) + rng.choice(THIRD)
    kind = ("路", "街", "大街", "北路", "南大街", "工业园区")[int(rng.random() * 6)]
    return f"{stem}{kind}{int(rng.random() * 398) + 1}号"
