"""Which division an address or a name of a division means; several or none is an answer too.

Source: R15, 二(二) (登记注册地址); design §5 (an ambiguous 桥西区 is refused, not guessed).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..enums import Level
from .placing import PROVINCE

PROVINCE_NAME = "河北省"


@dataclass(frozen=True)
class Place:
    """A region by code, with its level, its own name, and the names of cities it may stand under.

    `cities` holds the city it reports to and the one its GB/T 2260 code was given under: people
    write 石家庄市辛集市 and 保定市容城县 as well as 辛集市 and 雄安新区容城县.
    """

    code: str
    level: str
    name: str
    cities: tuple[str, ...] = ()


class Gazetteer:
    """Names in front of an address, the longest first."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._by_text: dict[str, set[str]] = defaultdict(set)
        self._by_code: dict[str, tuple[str, ...]] = {}
        for place in places:
            self._by_code[place.code] = tuple(_ways_to_write(place))
            for text in self._by_code[place.code]:
                self._by_text[text].add(place.code)

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(text) for text in self._by_text}, reverse=True)

    def begins(self, address: str, code: str) -> bool:
        """Whether an address begins with a name of this region: what nearly every one does."""
        return address.startswith(self._by_code[code])

    def find(self, address: str) -> tuple[str, ...]:
        """Codes of the regions the address begins with: one, several when it is ambiguous, none.

        The longest name counts: 石家庄市桥西区 is one district, 桥西区 alone is several, and
        石家庄市 alone is the city.
        """
        text = "".join(address.split())
        for length in self._lengths:
            found = self._by_text.get(text[:length])
            if found and len(text) >= length:
                return tuple(sorted(found))
        return ()


def are_apart(one: str, other: str, cities: Mapping[str, str]) -> bool:
    """Whether neither of two regions lies in the other; `cities` names the city of each.

    A county lies in the city it reports to and in the one its code was given under.
    """
    return one not in _around(other, cities) and other not in _around(one, cities)


def _around(code: str, cities: Mapping[str, str]) -> set[str]:
    return {code, cities.get(code, code), f"{code[:4]}00", PROVINCE}


def _ways_to_write(place: Place) -> Iterable[str]:
    yield from _with_province(place.name)
    if place.level == Level.COUNTY:
        for city in place.cities:
            yield from _with_province(city + place.name)


def _with_province(text: str) -> Iterable[str]:
    yield text
    if text != PROVINCE_NAME:
        yield PROVINCE_NAME + text


def places(
    levels: Mapping[str, str], names: Mapping[str, str], cities: Mapping[str, str]
) -> list[Place]:
    """The places of a table of regions; `cities` names the city each belongs to today."""
    return [
        Place(code, level, names[code], _cities_of(code, level, names, cities))
        for code, level in levels.items()
    ]


def _cities_of(
    code: str, level: str, names: Mapping[str, str], cities: Mapping[str, str]
) -> tuple[str, ...]:
    if level != Level.COUNTY:
        return ()
    given_under = f"{code[:4]}00"
    above = {cities.get(code, ""), given_under} - {code}
    return tuple(sorted(names[city] for city in above if city in names))


__all__ = ["Gazetteer", "Place", "are_apart", "places"]
