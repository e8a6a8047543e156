"""What is invented is valid, nobody's, plausible, and the same for the same seed."""

import hashlib
from collections import Counter

import pytest
from stdnum.cn import uscc

from credit_portal.demo import changes, codes, names
from credit_portal.demo.behaviour import HABITS, REVOCATION, Inventor
from credit_portal.demo.enterprises import invent
from credit_portal.demo.places import apportion, county_weights
from grading.rules.scheme import KINDS_OF_2022
from intake import cells


def inventor(world, seed=1):
    return Inventor.seeded(seed, world=world, office=lambda region, field: hash_of(region + field))


def hash_of(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:6], 16)


def digest(world, *, seed: int) -> str:
    lines = hashlib.sha256()
    writer = inventor(world, seed)
    for newcomer in invent(400, seed=seed, world=world):
        lines.update(f"{newcomer.code}{newcomer.given}{writer.of(newcomer)}".encode())
    return lines.hexdigest()


def test_codes_are_valid_and_all_different():
    made = [codes.unified_code(division="130102", number=number) for number in range(5_000)]

    assert all(uscc.is_valid(code) and cells.unified_code(code) == code for code in made)
    assert len(set(made)) == 5_000


def test_registration_number_has_its_check_digit():
    number = codes.registration_number(division="110108", number=1)

    rest = 10
    for digit in number:  # ISO 7064 MOD 11,10: the check digit brings the sum to one
        total = (rest + int(digit)) % 10
        rest = (total or 10) * 2 % 11
    assert total == 1


def test_brands_are_all_different():
    assert len({names.brand(number) for number in range(names.BRANDS)}) == names.BRANDS


def test_same_seed_gives_the_same_data(world):
    assert digest(world, seed=3) == digest(world, seed=3)


def test_another_seed_gives_other_data(world):
    assert digest(world, seed=3) != digest(world, seed=4)


def test_every_county_has_enterprises(world):
    counted = Counter(item.given["region_id"] for item in invent(5_000, seed=1, world=world))

    assert set(counted) == set(world.places)
    assert counted["130102"] == max(counted.values())


def test_names_and_codes_never_repeat(world):
    made = list(invent(20_000, seed=1, world=world))

    assert len({item.given["name"] for item in made}) == 20_000
    assert len({item.code for item in made}) == 20_000


def test_some_codes_begin_in_divisions_of_no_table(world):
    divisions = {item.code[2:8] for item in invent(5_000, seed=1, world=world)}

    assert {"133100", "130192"} <= divisions


def test_five_thousand_enterprises_have_about_twenty_thousand_records(world):
    writer = inventor(world)
    counted = [len(writer.of(item)) for item in invent(5_000, seed=1, world=world)]

    assert 18_000 < sum(counted) < 22_000
    assert 0.2 < counted.count(0) / 5_000 < 0.35
    assert max(counted) > 20


def test_records_lie_between_founding_and_today(world):
    writer = inventor(world)

    for newcomer in invent(2_000, seed=1, world=world):
        for behaviour in writer.of(newcomer):
            given = behaviour.given
            assert newcomer.given["established_on"] <= given.decided_on <= world.today
            assert given.ended_on is None or given.decided_on <= given.ended_on <= world.today
            for _kind, since, _reason in behaviour.marks:
                assert given.decided_on <= since <= world.today


def test_one_enterprise_never_has_one_decision_twice(world):
    writer = inventor(world)

    for newcomer in invent(2_000, seed=1, world=world):
        identities = [behaviour.given.identity for behaviour in writer.of(newcomer)]
        assert len(set(identities)) == len(identities)


def test_habits_cover_the_composition_table():
    kinds = {habit.kind for habit in (*HABITS, REVOCATION)}

    assert kinds == set(KINDS_OF_2022) - {"registration"}


def test_changes_only_happen_after_last_years_evaluation(world):
    made = list(invent(5_000, seed=1, world=world))
    news = changes.happened(made, seed=1, world=world)

    assert 100 < len(news) < 250
    days = [given["status_on"] for given in news.values() if "status_on" in given]
    assert days
    assert all(world.reference < day <= changes.day(world) for day in days)


def test_renamed_enterprises_have_names_of_their_own(world):
    made = list(invent(5_000, seed=1, world=world))
    known = {item.given["name"] for item in made}
    renamed = [given["name"] for given in changes.happened(made, seed=1, world=world).values()
               if "name" in given]  # fmt: skip

    assert len(set(renamed)) == len(renamed)
    assert not known & set(renamed)


@pytest.mark.parametrize(
    ("total", "shares"),
    [(0, [0, 0, 0]), (2, [1, 1, 0]), (3, [1, 1, 1]), (13, [7, 4, 2])],
)
def test_things_are_shared_by_weight(total, shares):
    assert list(apportion(total, {"a": 0.6, "b": 0.3, "c": 0.1}).values()) == shares


def test_county_weights_add_up_to_one(world):
    assert sum(county_weights(list(world.places)).values()) == pytest.approx(1)
