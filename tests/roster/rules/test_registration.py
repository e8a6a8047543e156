"""What a piece of registration news does. Source: R12–R16, R19; 二(二), 二(三)."""

import datetime as dt
from dataclasses import replace

import pytest

from roster.rules.placing import Placing
from roster.rules.registration import (
    Geography,
    Plan,
    Refusal,
    Registered,
    Standing,
    name_key,
    plan,
)

WHERE = Geography(
    levels={"130000": "province", "130100": "city", "130102": "county", "130104": "county"},
    cities={"130100": "130100", "130102": "130100", "130104": "130100", "130000": "130000"},
    names={"130102": "石家庄市长安区", "130104": "石家庄市桥西区", "130000": "河北省"},
)
CODE = "91130102000000001K"
FACTS = Registered(name="长安甲贸易有限公司", region_id="130102")
HERE = Placing("county", "130102", "R15")
KEPT = Standing(FACTS, "130102")
CLERK = frozenset({"130102"})
NEW = {"name": "长安甲贸易有限公司", "region_id": "130102"}


TODAY = dt.date(2026, 3, 2)


def planned(given: dict, before: Standing | None = KEPT, own: frozenset | None = CLERK, **more):
    return plan(code=CODE, given=given, before=before, geography=WHERE, own=own, on=TODAY, **more)


def refused(answer: Plan | Refusal) -> tuple[str, dict]:
    assert isinstance(answer, Refusal)
    return answer.code, dict(answer.values)


def test_plan_new_enterprise() -> None:
    assert planned(NEW, before=None) == Plan(CODE, "added", FACTS, HERE, moves=True)


def test_plan_new_enterprise_by_the_operator() -> None:
    assert planned(NEW, before=None, own=None) == Plan(CODE, "added", FACTS, HERE, moves=True)


def test_plan_new_enterprise_without_name() -> None:
    assert refused(planned({"region_id": "130102"}, before=None)) == ("roster.name_missing", {})


def test_plan_new_enterprise_of_another_county() -> None:
    answer = planned({**NEW, "region_id": "130104"}, before=None)

    assert refused(answer) == ("roster.other_unit", {"unit": "石家庄市桥西区"})


def test_plan_new_central_enterprise_belongs_to_the_province() -> None:
    answer = planned({**NEW, "affiliation": "central"}, before=None)

    assert refused(answer) == ("roster.other_unit", {"unit": "河北省"})


def test_plan_new_enterprise_that_left_already_belongs_to_its_place() -> None:
    gone = {**NEW, "status": "4"}

    assert planned(gone, before=None) == Plan(
        CODE, "added", replace(FACTS, status="4"), None, moves=False
    )
    assert refused(planned({**gone, "region_id": "130104"}, before=None)) == (
        "roster.other_unit",
        {"unit": "石家庄市桥西区"},
    )


def test_plan_enterprise_kept_by_another_unit() -> None:
    answer = planned({"name": "新名称"}, before=Standing(FACTS, "130104"))

    assert refused(answer) == ("roster.other_unit", {"unit": "石家庄市桥西区"})


def test_plan_cannot_pull_in_another_units_enterprise() -> None:
    foreign = Standing(replace(FACTS, region_id="130104"), "130104")

    assert refused(planned({"region_id": "130102"}, before=foreign)) == (
        "roster.other_unit",
        {"unit": "石家庄市桥西区"},
    )


def test_plan_moves_away() -> None:
    answer = planned({"region_id": "130104"})

    assert answer == Plan(
        CODE,
        "changed",
        replace(FACTS, region_id="130104"),
        Placing("county", "130104", "R15"),
        moves=True,
        changes=(("region_id", "130102", "130104"),),
    )


def test_plan_becomes_central() -> None:
    answer = planned({"affiliation": "central"})

    assert (answer.placing, answer.moves) == (Placing("province", "130000", "R13.central"), True)


def test_plan_stays_on_the_roster_by_another_sentence() -> None:
    """央企 becomes 省属: the same roster, but not by the same words of R13."""
    central = Standing(replace(FACTS, affiliation="central"), "130000")
    province = frozenset({"130000"})

    answer = planned({"affiliation": "provincial"}, before=central, own=province)
    renamed = planned({"name": "新名称"}, before=central, own=province)

    there = Placing("province", "130000", "R13.provincial")
    assert (answer.placing, answer.moves) == (there, True)
    assert (renamed.fate, renamed.moves) == ("changed", False)


def test_plan_leaves_the_roster() -> None:
    answer = planned({"status": "4"})

    assert (answer.fate, answer.placing, answer.moves) == ("changed", None, True)


def test_plan_revoked_stays() -> None:
    answer = planned({"status": "2"})

    assert (answer.fate, answer.placing, answer.moves) == ("changed", HERE, False)


def test_plan_comes_back_after_leaving() -> None:
    gone = Standing(replace(FACTS, status="4"), None)

    answer = planned({"status": "1"}, before=gone)

    assert (answer.fate, answer.placing, answer.moves) == ("changed", HERE, True)


def test_plan_same_news_again() -> None:
    assert planned(dict(NEW)).fate == "unchanged"


@pytest.mark.parametrize(
    "width",
    ["长安甲（集团）公司", "长安甲(集团)公司", "长安甲 (集团) 公司", "长安甲（ 集团 ）公司"],
)
def test_plan_bracket_width_and_spaces_are_no_change(width: str) -> None:
    before = Standing(replace(FACTS, name="长安甲（集团）公司"), "130102")

    answer = planned({"name": width}, before=before)

    assert (answer.fate, answer.facts.name) == ("unchanged", "长安甲（集团）公司")


def test_plan_new_name_keeps_the_old_one() -> None:
    answer = planned({"name": "长安新甲有限公司"})

    assert (answer.facts.name, answer.facts.former_names) == (
        "长安新甲有限公司",
        "长安甲贸易有限公司",
    )


def test_plan_new_name_is_not_kept_twice() -> None:
    before = Standing(replace(FACTS, former_names="长安甲贸易有限公司"), "130102")

    assert planned({"name": "长安新甲有限公司"}, before=before).facts.former_names == (
        "长安甲贸易有限公司"
    )


@pytest.mark.parametrize("correcting", [False, True])
@pytest.mark.parametrize(
    ("name", "refusal"),
    [("status_on", "roster.future_status"), ("established_on", "roster.future_establishment")],
)
def test_plan_day_later_than_today(name: str, refusal: str, correcting: bool) -> None:
    """What has not happened cannot be registered; today is the last day that has."""
    tomorrow = TODAY + dt.timedelta(days=1)

    assert planned({name: TODAY}, correcting=correcting).fate == "changed"
    answer = planned({name: tomorrow}, correcting=correcting)
    assert refused(answer) == (refusal, {"value": tomorrow})


def test_plan_new_state_forgets_the_day_of_the_old_one_unless_it_is_corrected() -> None:
    """Dormant since 2021, revoked on an unknown day: not since 2021. A correction says all."""
    day = dt.date(2021, 1, 1)
    dormant = Standing(replace(FACTS, status="7", status_on=day), "130102")

    assert planned({"status": "2"}, before=dormant).facts.status_on is None
    assert planned({"status": "2"}, before=dormant, correcting=True).facts.status_on == day


def test_plan_override_outlasts_a_new_address() -> None:
    by_hand = Standing(FACTS, "130102", override=True)

    answer = planned({"region_id": "130104"}, before=by_hand)

    assert (answer.placing, answer.moves) == (Placing("county", "130102", "override"), False)


def test_plan_override_ends_with_the_enterprise() -> None:
    answer = planned({"status": "4"}, before=Standing(FACTS, "130102", override=True))

    assert (answer.placing, answer.moves) == (None, True)


def test_plan_without_region() -> None:
    answer = planned({"name": "无址公司"}, before=None)

    assert refused(answer) == ("roster.region_missing", {})


@pytest.mark.parametrize("own", [CLERK, None])
def test_plan_new_enterprise_that_left_already_without_region(own) -> None:
    answer = planned({"name": "无址公司", "status": "4"}, before=None, own=own)

    assert refused(answer) == ("roster.region_missing", {})


def test_plan_enterprise_that_left_without_region_is_the_provinces() -> None:
    gone = Standing(Registered(name="无址公司", affiliation="central", status="4"), None)

    assert refused(planned({"name": "新名称"}, before=gone)) == (
        "roster.other_unit",
        {"unit": "河北省"},
    )


@pytest.mark.parametrize(
    ("above", "unit"),
    [
        ({"130103": "130104", "130104": "130100"}, "130104"),
        ({"130103": "130199", "130199": "130100"}, "130100"),
        ({}, "130000"),
    ],
)
def test_plan_enterprise_that_left_a_region_which_ended_is_the_superiors(above, unit) -> None:
    """R3: nobody is left out. 130199 has ended as well."""
    gone = Standing(replace(FACTS, region_id="130103", status="4"), None)
    where = replace(WHERE, above=above)

    answer = [
        plan(
            code=CODE, given={"name": "新名称"}, before=gone, geography=where,
            own=frozenset({own}), on=TODAY,
        )
        for own in ("130102", unit)
    ]  # fmt: skip

    assert [type(one) for one in answer] == [Refusal, Plan]


def test_plan_city_named_as_address_of_a_county_enterprise() -> None:
    answer = planned({**NEW, "region_id": "130100"}, before=None, own=None)

    assert refused(answer) == ("roster.no_county_in_address", {"value": "130100"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("河北（集团）有限公司", "河北(集团)有限公司"),
        ("河北 集团 有限公司", "河北集团有限公司"),
        ("河北ＡＢＣ公司", "河北abc公司"),
        ("河北\u3000集团", "河北集团"),
    ],
)
def test_name_key_is_the_same(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_name_key_differs_for_other_names() -> None:
    assert name_key("河北甲公司") != name_key("河北乙公司")
