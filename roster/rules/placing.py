"""Which roster an enterprise belongs to. Source: R12–R15, 二(二)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ..enums import Affiliation, Level, Monopoly, Status


@dataclass(frozen=True)
class Placing:
    """The roster an enterprise belongs to and the sentence of the policy that puts it there."""

    level: str
    region: str
    rule: str


@dataclass(frozen=True)
class NoPlace:
    """Why no roster can be named; `code` is a message code of the roster room."""

    code: str


PROVINCE = "130000"
STAYING = frozenset({Status.OPEN, Status.REVOKED, Status.DORMANT, Status.OTHER})


@lru_cache(maxsize=16_384)
def place(
    *,
    affiliation: str,
    monopoly: str,
    region: str,
    region_level: str,
    city_of: Callable[[str], str],
) -> Placing | NoPlace:
    """The roster for an enterprise registered in `region`.

    `city_of` answers with the city-level region above a county (定州 and 辛集 are
    their own city; 容城, 安新 and 雄县 answer 雄安). An enterprise that belongs to the
    county of its address but whose address names no county gets `NoPlace`.
    Source: R12–R15, 二(二).
    """
    if affiliation == Affiliation.CENTRAL:
        return Placing(Level.PROVINCE, PROVINCE, "R13.central")
    if affiliation == Affiliation.PROVINCIAL:
        return Placing(Level.PROVINCE, PROVINCE, "R13.provincial")
    if monopoly != Monopoly.NONE:
        return Placing(Level.PROVINCE, PROVINCE, "R13.monopoly")
    if affiliation == Affiliation.CITY:
        if region_level == Level.PROVINCE:
            return NoPlace("roster.no_city_for_city_enterprise")
        return Placing(Level.CITY, city_of(region), "R14")
    if region_level != Level.COUNTY:
        return NoPlace("roster.no_county_in_address")
    return Placing(Level.COUNTY, region, "R15")


def roster_levels(region_level: str, *, is_own_city: bool) -> tuple[str, ...]:
    """The levels of the rosters a region keeps.

    A county that reports to the province (定州, 辛集) keeps its own city's roster too.
    Source: R12–R16; design §7.
    """
    if region_level == Level.COUNTY and is_own_city:
        return (Level.COUNTY, Level.CITY)
    return (region_level,)


def stays_on_roster(status: str) -> bool:
    """Revoked and dormant enterprises stay; deregistered, annulled and moved-out ones leave.

    Source: R19, 二(三); R37 (a revoked enterprise must be graded D).
    """
    return status in STAYING
