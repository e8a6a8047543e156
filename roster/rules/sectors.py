"""Which monopoly sector an industry suggests. The mark itself is a clerk's decision.

Source: R13, 二(二); proposed from the industry code (GB/T 4754), decided by a clerk: design §7.
"""

from __future__ import annotations

from ..enums import Monopoly

SECTORS = {
    "103": Monopoly.SALT,
    "1494": Monopoly.SALT,
    "5125": Monopoly.SALT,
    "16": Monopoly.TOBACCO,
    "5128": Monopoly.TOBACCO,
    "07": Monopoly.ENERGY,
    "45": Monopoly.ENERGY,
    "44": Monopoly.POWER,
    "53": Monopoly.TRANSPORT,
    "55": Monopoly.TRANSPORT,
    "56": Monopoly.TRANSPORT,
    "57": Monopoly.TRANSPORT,
    "63": Monopoly.TELECOM,
    "66": Monopoly.BANKING,
    "67": Monopoly.FINANCE,
    "68": Monopoly.FINANCE,
    "69": Monopoly.FINANCE,
    "J": Monopoly.FINANCE,
}
"""Beginnings of industry codes by the sector they suggest; the longest one says it.

Road haulage (54), forwarding (58), warehouses (59) and couriers (60) are open to everybody and
would bury the few that matter, coal (06), refining (25) and water (46) likewise or are not named
in the text. Salt has no division of its own and is known from a longer code only.
"""

LONGEST = max(map(len, SECTORS))


def suggested_sector(industry: str) -> Monopoly:
    """The sector of R13 an industry code suggests, NONE for most of them."""
    for length in range(min(len(industry), LONGEST), 0, -1):
        if found := SECTORS.get(industry[:length]):
            return found
    return Monopoly.NONE
