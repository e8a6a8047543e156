"""Where in Hebei the invented enterprises are, in plausible proportions."""

from __future__ import annotations

from collections.abc import Mapping

PER_CITY = {
    "130100": 19, "130200": 11, "130300": 5, "130400": 11, "130500": 10, "130600": 13,
    "130700": 5, "130800": 4, "130900": 10, "131000": 8, "131100": 6,
}  # fmt: skip
"""Of a hundred enterprises so many in the city of the code's first four digits; invented."""

BUSY = {
    "130102": 5, "130104": 4, "130105": 3.5, "130108": 5, "130109": 2, "130110": 2,
    "130203": 3, "130202": 2, "130302": 4, "130402": 3, "130403": 3, "130502": 3, "130503": 3,
    "130602": 3, "130606": 3.5, "130682": 2, "130702": 2.5, "130703": 2.5, "130802": 3,
    "130903": 3, "131003": 3, "131102": 3, "131081": 1.6, "131082": 1.8,
}  # fmt: skip
QUIET = {"130107": 0.3, "130706": 0.3, "130804": 0.4, "130304": 0.5, "130503": 2.5}


def county_weights(codes: list[str]) -> dict[str, float]:
    """How many of all enterprises are registered in each county, as shares that add up to 1."""
    raw = {code: BUSY.get(code) or QUIET.get(code) or _usual(code) for code in codes}
    cities: dict[str, float] = {}
    for code, weight in raw.items():
        cities[code[:4]] = cities.get(code[:4], 0) + weight
    total = sum(PER_CITY[city + "00"] for city in cities)
    return {
        code: weight / cities[code[:4]] * PER_CITY[code[:4] + "00"] / total
        for code, weight in raw.items()
    }


def _usual(code: str) -> float:
    """By the kind of county its code tells: district, county-level city, county."""
    return 1.6 if code[4] in "01" else 1.5 if code[4] == "8" else 1.0


def apportion(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """`total` things shared by weight, whole ones, by largest remainder; each gets one first.

    With fewer things than places the heaviest places get one.

    >>> apportion(5, {"a": 0.7, "b": 0.2, "c": 0.1})
    {'a': 3, 'b': 1, 'c': 1}
    """
    ranked = sorted(weights, key=lambda place: (-weights[place], place))
    if total <= len(ranked):
        return {place: int(place in ranked[:total]) for place in weights}
    rest = total - len(ranked)
    exact = {place: rest * weights[place] for place in ranked}
    shares = {place: 1 + int(exact[place]) for place in ranked}
    by_remainder = sorted(ranked, key=lambda place: (int(exact[place]) - exact[place], place))
    for place in by_remainder[: total - sum(shares.values())]:
        shares[place] += 1
    return {place: shares[place] for place in weights}
