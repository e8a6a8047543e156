"""The adapter from the region tables to the values the rules read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import connection

from .days import holds
from .enums import Level
from .models import Region
from .posts import superiors
from .rules.registration import Geography
from .standing_map import hold_map


def geography(*, on: dt.date) -> Geography:
    """The regions of a day with level and city, and the names of all there ever were; two queries.

    In an act the map stays as it was read until the act ends, so what is planned by it can be
    written. Source: R14; design §7.
    """
    if connection.in_atomic_block:
        hold_map()
    above = superiors(on=on)
    regions = list(Region.objects.all())
    levels = {region.pk: region.level for region in regions if holds(region, on)}
    cities = {code: _city(code, levels, above) for code in levels}
    return Geography(levels, cities, {region.pk: str(region) for region in regions}, above)


def _city(code: str, levels: Mapping[str, str], above: Mapping[str, str]) -> str:
    """The nearest city-level region that a region reports to, directly or not.

    What reports to the province (定州, 辛集) is the city of itself and of what is below it.
    """
    below = {code}
    while levels[code] == Level.COUNTY:
        superior = above.get(code, "")
        if superior in below or levels.get(superior, Level.PROVINCE) == Level.PROVINCE:
            break
        below.add(superior)
        code = superior
    return code
