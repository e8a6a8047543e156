"""What happened to some of the invented enterprises since last year's evaluation."""

from __future__ import annotations

import datetime as dt
from random import Random

from roster.enums import Affiliation, Status

from . import names
from .enterprises import DAY, Newcomer, Place, World, between

SHARE = 0.035


def happened(newcomers: list[Newcomer], *, seed: int, world: World) -> dict[str, dict[str, object]]:
    """News by code: a new name, a move to another county, an end. Only about those still open."""
    rng = Random(f"changes {seed}")
    places = list(world.places.values())
    return {
        newcomer.code: _news(rng, newcomer, number, places, world)
        for number, newcomer in enumerate(newcomers)
        if rng.random() < SHARE and _may_change(newcomer, world)
    }


def day(world: World) -> dt.date:
    """The day all of it was registered: some months after the evaluation's, not after today."""
    return min(world.today, world.reference + 120 * DAY)


def _may_change(newcomer: Newcomer, world: World) -> bool:
    established = newcomer.given["established_on"]
    return (
        newcomer.given["status"] == Status.OPEN
        and newcomer.given["affiliation"] == Affiliation.OTHER
        and established < world.reference  # type: ignore[operator]
    )


def _news(
    rng: Random, newcomer: Newcomer, number: int, places: list[Place], world: World
) -> dict[str, object]:
    mark = rng.random()
    if mark < 0.35:
        return {"name": names.rebranded(str(newcomer.given["name"]), names.BRANDS // 2 + number)}
    if mark < 0.6:
        place = rng.choice(places)
        address = f"河北省{place.full_name}{names.street(rng)}"
        return {"region_id": place.code, "address": address}
    status = (
        Status.DEREGISTERED if mark < 0.9 else Status.DORMANT if mark < 0.97 else Status.REVOKED
    )
    return {"status": str(status), "status_on": between(rng, world.reference, day(world))}
