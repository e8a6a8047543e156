"""The pages of the enterprises one speaks for: what is another's answers exactly like what is not
there, by every address and by every second place of one. Issue 4, must hold; R32, R64."""

from __future__ import annotations

import pytest
from django.urls import reverse

from notices.models import Letter
from objections.models import CaseFile, DraftFile
from records.models import Record

from . import oracle
from .doors import NOT_THERE, OWN, Door, doors
from .oracle import Placed
from .walking import Visitor, absent_key, plain, row_address
from .world import EXHAUSTIVE, HANDS, SPEAKING, World

pytestmark = pytest.mark.django_db
FEW = 4
OWN_DOORS = [door for door in doors() if door.kind == OWN]


def some(things: list[Placed], turn: int) -> list[Placed]:
    if EXHAUSTIVE or len(things) <= FEW:
        return things
    return [things[(turn + step * 5) % len(things)] for step in range(FEW)]


def opens(one: Placed) -> bool:
    """A record that was taken back is no longer shown to its enterprise."""
    return one.model != "records.record" or Record.objects.live().filter(pk=one.key).exists()


@pytest.mark.parametrize("name", [*SPEAKING, "spoke", "idle"])
def test_own_rows_open_and_those_of_others_are_not_there(world: World, name: str) -> None:
    me, wrong = Visitor(world, name), []
    for turn, door in enumerate(OWN_DOORS):
        key = absent_key(door.model)
        absent = plain(me.get(row_address(door, key)), key)
        things = [one for one in world.of(door.model) if opens(one)]
        own = [one for one in things if oracle.owns(me.person, one.thing)]
        for one in some([one for one in things if one not in own], turn):
            answer = me.get(row_address(door, one.key))
            if plain(answer, one.key) != absent:
                wrong.append(f"{door.name} {one.key}: {answer.status_code} unlike {absent[0]}")
        for one in some(own, turn):
            answer = me.get(row_address(door, one.key))
            has_file = door.beside != "file" or door.places(one.key)["file"] != NOT_THERE
            if answer.status_code not in ((200, 302) if has_file else (absent[0],)):
                wrong.append(f"{door.name} {one.key}: {answer.status_code}")
            wrong += [f"{door.name} {one.key} tells {text}" for text in me.gives_away(answer)]

    assert absent[0] in (403, 404)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", [one for one in HANDS if one not in SPEAKING])
def test_nobody_of_an_office_comes_in_by_these_pages(world: World, name: str) -> None:
    me = Visitor(world, name)
    wrong = [
        f"{door.name} {one.key}: {answer.status_code}"
        for door in OWN_DOORS
        for one in world.of(door.model)[:2]
        if (answer := me.get(row_address(door, one.key))).status_code != me.turned_away
    ]

    assert wrong == []


@pytest.mark.parametrize("name", SPEAKING)
def test_a_second_place_leads_to_nothing_of_others(world: World, name: str) -> None:
    """The file of another's case under the own case, the record of another under the own code."""
    me, wrong = Visitor(world, name), []
    for door in (one for one in OWN_DOORS if one.beside in ("file", "code")):
        things = [one for one in world.of(door.model) if opens(one)]
        own, others = (
            [one for one in things if oracle.owns(me.person, one.thing) is mine]
            for mine in (True, False)
        )
        for one in own[:2]:
            for key, beside in strange(door, one, others):
                where = reverse(door.name, kwargs={door.by: key, door.beside: beside})
                none = NOT_THERE if door.beside == "file" else beside
                nowhere = reverse(
                    door.name,
                    kwargs={
                        door.by: key if door.beside == "file" else NOT_THERE,
                        door.beside: none,
                    },
                )
                if plain(me.get(where), "") != plain(me.get(nowhere), ""):
                    wrong.append(f"{where} unlike {nowhere}")

    assert not wrong, "\n".join(wrong)


def strange(door: Door, own: Placed, others: list[Placed]) -> list[tuple[str, str]]:
    """Pairs of places of which one is the own and the other is not."""
    if door.beside == "code":
        code = Record.objects.get(pk=own.key).enterprise_id
        return [(one.key, code) for one in others[:4]]
    row = {"objections.draft": (DraftFile, "draft"), "objections.case": (CaseFile, "case")}
    model, name = row[door.model]
    keys = [one.key for one in others]
    files = model.objects.filter(**{f"{name}__in": keys}).values_list("pk", flat=True)[:4]
    return [(own.key, str(file)) for file in files]


def test_the_check_of_a_letter_tells_nothing_but_number_day_and_kind(world: World) -> None:
    """And a wrong code for a letter that is there the same as a number that is not."""
    me, letter = Visitor(world, "idle"), Letter.objects.first()
    assert letter is not None
    page = reverse("letter_check")
    right = me.get(page, {"number": letter.number, "code": letter.code})
    number = letter.number.removesuffix("号")
    assert me.gives_away(right) - {number} == set()
    assert number in right.content.decode()

    absent = letter.number.replace("-0001", "-9999")
    wrong, none = (
        plain(me.get(page, {"number": one, "code": "ABCDEFGH"}), "")[1].replace(one, "")
        for one in (letter.number, absent)
    )
    assert wrong == none
