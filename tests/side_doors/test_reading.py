"""Role × table × page: what a page shows is what the oracle says, and nothing else. Design idea 6."""

from __future__ import annotations

import pytest

from credit_portal.access import table

from . import oracle
from .doors import ELSEWHERE, LIST, ROW, TABLE_PAGE, TABLES, Door, addresses, doors, registered
from .oracle import Enterprise, Person, Placed
from .walking import WIDEST, Visitor, absent_key, address, listed, pages, plain, row_address
from .world import EXHAUSTIVE, WALKERS, World

pytestmark = pytest.mark.django_db
EVERYBODY = pytest.mark.parametrize("name", WALKERS)
FEW = 2
NOT_IN_THE_LIST = {"grading.rating"}
"""Its rows lead to the page that explains them, of the same address for all of an enterprise."""


def test_every_address_and_every_table_stands_in_the_oracle() -> None:
    said = {door.name for door in doors()} | set(ELSEWHERE)

    assert said == {name for name, _pattern in addresses()} == {row.name for row in table()}
    assert set(TABLES) == registered()


def of(kind: str) -> list[Door]:
    return [door for door in doors() if door.kind == kind]


@EVERYBODY
def test_a_list_shows_what_is_ones_own_to_see(world: World, name: str) -> None:
    me, wrong = Visitor(world, name), []
    for door in of(LIST):
        things, shown = world.of(door.model), set()
        for query in WIDEST.get(door.model, ("",)):
            for answer in pages(me, address(door.name), query):
                wrong += [f"{door.name} tells {text}" for text in me.gives_away(answer)]
                if answer.status_code != (200 if door.opens(me.person) else me.turned_away):
                    wrong.append(f"{door.name}: {answer.status_code}")
                shown |= listed(answer.content.decode(), things)
        seen = {one.key for one in things if oracle.sees(me.person, one.thing)}
        if door.model not in NOT_IN_THE_LIST and shown != seen:
            wrong.append(f"{door.name}: {shown ^ seen}")

    assert not wrong, "\n".join(wrong)


LEGS = [
    f"kind={kind}&leg={leg}" for kind, leg in (("objection", "accept"), ("objection", "provider"))
]
QUERIES = {"admin:objections_case_leg": LEGS}


@EVERYBODY
def test_a_page_of_a_whole_table_tells_what_is_ones_own(world: World, name: str) -> None:
    me, wrong = Visitor(world, name), []
    for door in of(TABLE_PAGE):
        if door.by:
            continue  # an empty table to fill in, the same for everybody
        for query in QUERIES.get(door.name, [""]):
            answer = me.get(f"{address(door.name)}?{query}")
            wrong += [f"{door.name} tells {text}" for text in me.gives_away(answer)]
            if not door.opens(me.person) and answer.status_code != me.turned_away:
                wrong.append(f"{door.name}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)


def opens(door: Door, person: Person, one: Placed) -> bool:
    """Whether a row's page is there for somebody. The reasons of a grade are also there for who
    decided something about the enterprise (R39)."""
    if door.name.endswith("_explain") and isinstance(one.thing, Enterprise):
        decided = any(
            post.agency in one.thing.deciders for post in person.with_role(*oracle.BUSINESS)
        )
        return decided or oracle.sees(person, one.thing)
    return oracle.sees(person, one.thing)


def some(things: list[Placed], door: Door, me: Visitor) -> list[Placed]:
    """A few that are the person's own to see and a few that are not; other ones for each person."""
    if EXHAUSTIVE:
        return things
    turn, chosen = WALKERS.index(me.name), []
    for seen in (True, False):
        found = [one for one in things if opens(door, me.person, one) is seen]
        chosen += [found[(turn + step * 7) % len(found)] for step in range(min(FEW, len(found)))]
    return chosen


@EVERYBODY
def test_a_page_of_a_row_opens_to_whom_it_belongs(world: World, name: str) -> None:
    me, wrong = Visitor(world, name), []
    for door in of(ROW):
        if not door.opens(me.person):
            continue
        key = absent_key(door.model)
        absent = plain(me.get(row_address(door, key)), key)
        for one in some(world.of(door.model), door, me):
            answer = me.get(row_address(door, one.key))
            if not opens(door, me.person, one):
                if plain(answer, one.key) != absent:
                    wrong.append(f"{door.name} {one.key}: {answer.status_code} unlike {absent[0]}")
                continue
            also = world.grounds(one.key) | one.marks if door.name.endswith("_explain") else ()
            wrong += [
                f"{door.name} {one.key} tells {text}" for text in me.gives_away(answer, also=also)
            ]
            looked_at = door.name.endswith(("_change", "_history", "_explain"))
            if answer.status_code >= 500 or (looked_at and answer.status_code not in (200, 302)):
                wrong.append(f"{door.name} {one.key}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)
