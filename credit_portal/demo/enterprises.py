"""Enterprises that could be in Hebei and are not: one piece of registration news for each."""

from __future__ import annotations

import datetime as dt
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import Any

from roster.enums import Affiliation, Status

from . import codes, names
from .places import apportion, county_weights
from .trades import TRADES, Trade

DAY = dt.timedelta(days=1)
OLDEST = dt.date(1996, 3, 1)
UNIFIED_SINCE = dt.date(2015, 10, 1)
"""Registrations before this day had a number of 15 digits."""


@dataclass(frozen=True)
class Place:
    """A county as names and addresses need it; `city` is the region it reports to."""

    code: str
    name: str
    full_name: str
    city: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """One invented enterprise: its code and what its registration says."""

    code: str
    given: dict[str, Any]
    trade: Trade


@dataclass(frozen=True)
class World:
    """What the inventing knows: the places, today, and the day of last year's evaluation."""

    places: Mapping[str, Place]
    today: dt.date
    reference: dt.date
    capitals: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, places: Mapping[str, Place], *, today: dt.date) -> World:
        """The world on a day; last year's evaluation is that of the last 31 December."""
        capitals: dict[str, str] = {}
        weights = county_weights(list(places))
        for code in sorted(places, key=lambda code: (-weights[code], code)):
            capitals.setdefault(places[code].city, code)
        return cls(places, today, last_31_december(today), capitals)


def last_31_december(today: dt.date) -> dt.date:
    """The reference date of last year's evaluation."""
    return dt.date(today.year - 1, 12, 31)


AFFILIATIONS = ((Affiliation.CENTRAL, 0.006), (Affiliation.PROVINCIAL, 0.006),
                (Affiliation.CITY, 0.012))  # fmt: skip

STATUSES = (
    (Status.OPEN, 0.9290), (Status.DORMANT, 0.0120), (Status.REVOKED, 0.0050),
    (Status.REVOKED_CLOSED, 0.0030), (Status.DEREGISTERED, 0.0420), (Status.ANNULLED, 0.0010),
    (Status.MOVED_OUT, 0.0050), (Status.OTHER, 0.0030),
)  # fmt: skip

FORMS = (
    ("有限公司", 0.80), ("有限责任公司", 0.08), ("股份有限公司", 0.03),
    ("合伙企业（有限合伙）", 0.03), ("经营部", 0.06),
)  # fmt: skip


def invent(count: int, *, seed: int, world: World) -> Iterator[Newcomer]:
    """`count` enterprises, county by county; the same seed and day give the same ones.

    Every county gets its share and, where they suffice, at least one; the busiest county of
    every city has an enterprise of the city's own. Names differ up to `names.BRANDS`.
    """
    rng = Random(f"enterprises {seed} {count}")
    number = 0
    for code, share in apportion(count, county_weights(list(world.places))).items():
        place = world.places[code]
        for turn in range(share):
            own = turn == 0 and world.capitals[place.city] == code
            yield _one(number, place, rng, world, Affiliation.CITY if own else None)
            number += 1


def _one(number: int, place: Place, rng: Random, world: World, affiliation: str | None) -> Newcomer:
    trade = TRADES[bisect(_TRADE_STEPS, rng.random() * _TRADE_STEPS[-1])]
    affiliation = affiliation or pick(rng, AFFILIATIONS, Affiliation.OTHER)
    status = pick(rng, STATUSES, Status.OPEN) if affiliation == Affiliation.OTHER else Status.OPEN
    established = _established(rng, world, status)
    division = _first_division(rng, place)
    given: dict[str, object] = {
        "name": _name(number, place, rng, trade, affiliation),
        "legal_representative": names.person(rng),
        "address": f"河北省{place.full_name}{names.street(rng)}",
        "region_id": place.code,
        "industry_id": trade.industry,
        "affiliation": str(affiliation),
        "monopoly": str(trade.monopoly),
        "status": str(status),
        "established_on": established,
    }
    if status != Status.OPEN:
        given["status_on"] = _later(rng, established, world.reference)
    if established < UNIFIED_SINCE:
        given["registration_number"] = codes.registration_number(division=division, number=number)
    if rng.random() < 0.03:
        former = names.brand(names.BRANDS - 1 - number)
        given["former_names"] = f"{place.name}{former}{rng.choice(trade.words)}有限公司"
    return Newcomer(codes.unified_code(division=division, number=number), given, trade)


def pick(rng: Random, shares: tuple[tuple[str, float], ...], otherwise: str) -> str:
    """One of the choices by its share of one; `otherwise` when the shares leave something."""
    mark = rng.random()
    for choice, share in shares:
        mark -= share
        if mark < 0:
            return choice
    return otherwise


def _established(rng: Random, world: World, status: str) -> dt.date:
    """More young enterprises than old ones, a few younger than last year's evaluation."""
    if status == Status.OPEN and rng.random() < 0.03:
        return between(rng, world.reference, world.today)
    days = (world.reference - OLDEST).days
    return world.reference - DAY * (200 + int((days - 200) * rng.random() ** 1.8))


def between(rng: Random, after: dt.date, until: dt.date) -> dt.date:
    """A day after `after`, at the latest `until`."""
    return after + DAY * (1 + int(rng.random() * max((until - after).days - 1, 0)))


def _later(rng: Random, established: dt.date, until: dt.date) -> dt.date:
    return between(rng, max(established + 90 * DAY, until - 1600 * DAY), until)


def _first_division(rng: Random, place: Place) -> str:
    """Where it was first registered: here, at the city, in a zone without a division code."""
    mark = rng.random()
    if place.city == "XIONGAN" and mark < 0.5:
        return "133100"
    if place.code in ("130102", "130108") and mark < 0.08:
        return "130192"
    if mark < 0.88:
        return place.code
    return place.code[:4] + "00" if mark < 0.96 else "130000"


def _name(number: int, place: Place, rng: Random, trade: Trade, affiliation: str) -> str:
    word, stem = rng.choice(trade.words), names.brand(number)
    city = place.full_name.removesuffix(place.name) or place.name
    if affiliation in (Affiliation.CENTRAL, Affiliation.PROVINCIAL):
        return f"河北{stem}{word}集团有限公司"
    if affiliation == Affiliation.CITY:
        return f"{city.removesuffix('市')}{stem}{word}集团有限公司"
    mark = rng.random()
    if mark < 0.4:
        where = city.removesuffix("市")
    else:
        where = place.name if mark < 0.7 else "河北" if mark < 0.9 else ""
    if trade.factory and mark < 0.1:
        return f"{place.name}{stem}{word}厂"
    return f"{where}{stem}{word}{pick(rng, FORMS, '有限公司')}"


_TRADE_STEPS = list(accumulate(trade.weight for trade in TRADES))

__all__ = ["Newcomer", "Place", "World", "between", "invent", "last_31_december", "pick"]
