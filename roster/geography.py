"""The adapter from the region tables to the values the rules read."""

from __future__ import annotations

import datetime as dt

from .enums import Level
from .models import Region
from .posts import superiors
from .rules.registration import Geography


def geography(*, on: dt.date) -> Geography:
    """All regions of a day with level and city, in two queries.

    The city of a county is the nearest city-level region it reports to; a county-level region
    that reports to the province (定州, 辛集) is its own city. Source: R14; design §7.
    """
    above = superiors(on=on)
    regions = {region.pk: region for region in Region.objects.all()}
    levels = {code: region.level for code, region in regions.items()}
    cities: dict[str, str] = {}
    for code, level in levels.items():
        superior = above.get(code)
        own_city = level != Level.COUNTY or superior is None or levels[superior] == Level.PROVINCE
        cities[code] = code if own_city else str(superior)
    return Geography(levels, cities, {code: str(region) for code, region in regions.items()})
