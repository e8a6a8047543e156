"""Acts on enterprises: registered, moved, gone, placed by hand. Source: R12–R16, R19."""

import datetime as dt

import pytest

from audit.models import Event
from audit.refusal import NotPermitted, Refused, explain
from roster.models import Enterprise, Registration, RosterEntry, User
from roster.services import override_place, register_enterprise, release_place
from tests.beside import at_once
from tests.factories.roster import (
    CHANGAN,
    DINGZHOU,
    LUNAN,
    OPERATOR,
    QIAOXI,
    RONGCHENG,
    SHIJIAZHUANG,
    TODAY,
    XINJI,
    XIONGAN,
    Hebei,
    code,
    lead,
    person,
    register,
)

pytestmark = pytest.mark.django_db


def write(hebei: Hebei, enterprise: Enterprise, by=None, version=None, **given):
    return register_enterprise(
        by=by or hebei.county,
        code=enterprise.pk,
        given=given,
        source="页面登记",
        on=TODAY,
        version=enterprise.version if version is None else version,
    )


def stays(enterprise: Enterprise) -> list[tuple]:
    """The stays of an enterprise as known today, oldest first."""
    return list(
        RosterEntry.objects.filter(enterprise=enterprise, retracted_at=None)
        .order_by("pk")
        .values_list("region_id", "level", "rule", "left_on")
    )


def last_event() -> Event:
    return Event.objects.order_by("-number").first()


# --- registering ---------------------------------------------------------------------------------


def test_register_by_hand_places_and_records(hebei) -> None:
    new = code(90)

    register_enterprise(
        by=hebei.county,
        code=new,
        given={"name": "长安新设有限公司", "region_id": CHANGAN},
        source="页面登记",
        on=TODAY,
    )

    enterprise = Enterprise.objects.get(pk=new)
    assert (enterprise.keeper_id, enterprise.version) == (CHANGAN, 1)
    assert stays(enterprise) == [(CHANGAN, "county", "R15", None)]
    assert enterprise.registrations.count() == 1
    event = last_event()
    assert (event.act, event.actor, event.target_id) == (
        "roster.enterprise_registered",
        "county",
        new,
    )


def test_register_known_code_again(hebei) -> None:
    with pytest.raises(Refused) as refusal:
        write(hebei, hebei.own, version=0, name="长安甲贸易有限公司", region_id=CHANGAN)

    assert refusal.value.code == "roster.exists"


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_register_the_same_code_at_once(beside) -> None:
    """The second waits for the first, and then finds it there."""
    hebei, new = Hebei(), code(90)
    colleague = person(lead(CHANGAN), "lead_clerk")

    def add(by: User, name: str) -> None:
        given = {"name": name, "region_id": CHANGAN}
        register_enterprise(by=by, code=new, given=given, source="页面登记", on=TODAY)

    second = at_once(
        beside, lambda: add(hebei.county, "先登记公司"), lambda: add(colleague, "后登记公司")
    )

    with pytest.raises(Refused) as refusal:
        second.wait()
    assert (refusal.value.code, Enterprise.objects.get(pk=new).name) == (
        "roster.exists",
        "先登记公司",
    )


def test_register_code_of_another_unit_names_that_unit(hebei) -> None:
    with pytest.raises(Refused) as refusal:
        write(hebei, hebei.foreign, version=0, name="路南丙", region_id=CHANGAN)

    assert refusal.value.values == {"unit": "唐山市路南区"}
    hebei.foreign.refresh_from_db()
    assert (hebei.foreign.name, hebei.foreign.keeper_id) == ("路南丙物流有限公司", LUNAN)


@pytest.mark.parametrize("unit", ["city", "other", "province", "market"])
def test_change_of_another_units_enterprise(hebei, unit: str) -> None:
    with pytest.raises(Refused) as refusal:
        write(hebei, hebei.own, by=getattr(hebei, unit), name="改名有限公司")

    assert refusal.value.code == "roster.other_unit"


def test_change_makes_a_version_and_keeps_the_former_name(hebei) -> None:
    write(hebei, hebei.own, name="长安改名有限公司")

    hebei.own.refresh_from_db()
    assert (hebei.own.name, hebei.own.former_names, hebei.own.version) == (
        "长安改名有限公司",
        "长安甲贸易有限公司",
        2,
    )
    live = Registration.objects.filter(enterprise=hebei.own, retracted_at=None)
    assert sorted(live.values_list("name", "until")) == sorted(
        [("长安甲贸易有限公司", TODAY), ("长安改名有限公司", None)]
    )


def test_same_news_again_writes_nothing(hebei) -> None:
    write(hebei, hebei.own, name="长安甲贸易有限公司", region_id=CHANGAN)

    hebei.own.refresh_from_db()
    assert (hebei.own.version, hebei.own.registrations.count()) == (1, 1)


def test_stale_form_names_who_was_faster(hebei) -> None:
    write(hebei, hebei.own, name="长安先改有限公司")

    with pytest.raises(Refused) as refusal:
        write(hebei, hebei.own, version=1, name="长安后改有限公司")

    assert refusal.value.code == "roster.form_stale_by"
    assert "结果 变更）" in refusal.value.values["what"]
    assert "county（130102牵头部门）" in explain(refusal.value)
    hebei.own.refresh_from_db()
    assert hebei.own.name == "长安先改有限公司"


def test_change_of_something_not_there(hebei) -> None:
    ghost = Enterprise(pk=code(99), version=3)

    with pytest.raises(NotPermitted):
        write(hebei, ghost, name="无", region_id=CHANGAN)


# --- moving, leaving, coming back ------------------------------------------------------------------


def test_move_to_another_county(hebei) -> None:
    answer = write(hebei, hebei.own, region_id=QIAOXI)

    hebei.own.refresh_from_db()
    assert (answer.moves, hebei.own.keeper_id) == (True, QIAOXI)
    assert stays(hebei.own) == [
        (CHANGAN, "county", "R15", TODAY),
        (QIAOXI, "county", "R15", None),
    ]
    left = RosterEntry.objects.get(enterprise=hebei.own, left_on=TODAY)
    assert left.leave_reason == "转入 130104（R15）"


def test_another_sentence_for_the_same_roster_is_another_stay(regions) -> None:
    """定州 keeps a county's and a city's roster under one code: the level changes, and why."""
    enterprise = register(code(1, division=DINGZHOU[:6]), region=DINGZHOU)

    news = {"affiliation": "city"}
    register_enterprise(
        by=OPERATOR, code=enterprise.pk, given=news, source="页面登记", on=TODAY, version=1
    )

    assert stays(enterprise) == [
        (DINGZHOU, "county", "R15", TODAY),
        (DINGZHOU, "city", "R14", None),
    ]
    left = RosterEntry.objects.get(enterprise=enterprise, left_on=TODAY)
    assert left.leave_reason == "改变列入依据（R14）"


def test_move_keeps_what_was_known_before(hebei) -> None:
    before = RosterEntry.objects.get(enterprise=hebei.own)

    write(hebei, hebei.own, region_id=QIAOXI)

    before.refresh_from_db()
    assert (before.left_on, before.retracted_at is not None) == (None, True)
    assert list(RosterEntry.objects.known_at(before.recorded_at).filter(enterprise=hebei.own)) == [
        before
    ]


def test_cannot_be_pulled_in(hebei) -> None:
    with pytest.raises(Refused) as refusal:
        write(hebei, hebei.sibling, region_id=CHANGAN)

    assert refusal.value.values == {"unit": "石家庄市桥西区"}
    hebei.sibling.refresh_from_db()
    assert hebei.sibling.keeper_id == QIAOXI


def test_becomes_central_and_belongs_to_the_province(hebei) -> None:
    write(hebei, hebei.own, affiliation="central")

    hebei.own.refresh_from_db()
    assert hebei.own.keeper_id == "130000"
    with pytest.raises(Refused):
        write(hebei, hebei.own, name="再改有限公司")


def test_deregistered_leaves_with_reason_and_day(hebei) -> None:
    write(hebei, hebei.own, status="4", status_on=dt.date(2026, 2, 1))

    hebei.own.refresh_from_db()
    entry = RosterEntry.objects.get(enterprise=hebei.own, retracted_at=None)
    assert hebei.own.keeper_id is None
    assert (entry.left_on, entry.leave_reason) == (dt.date(2026, 2, 1), "注销")


def test_deregistered_can_be_corrected_by_its_county(hebei) -> None:
    write(hebei, hebei.own, status="4")
    hebei.own.refresh_from_db()

    write(hebei, hebei.own, status="1")

    hebei.own.refresh_from_db()
    assert hebei.own.keeper_id == CHANGAN
    assert RosterEntry.objects.current().filter(enterprise=hebei.own).count() == 1


def test_revoked_stays(hebei) -> None:
    write(hebei, hebei.own, status="2")

    assert stays(hebei.own) == [(CHANGAN, "county", "R15", None)]


# --- special places --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "affiliation", "keeper", "level"),
    [
        (DINGZHOU, "other", DINGZHOU, "county"),
        (DINGZHOU, "city", DINGZHOU, "city"),
        (XINJI, "city", XINJI, "city"),
        (RONGCHENG, "other", RONGCHENG, "county"),
        (RONGCHENG, "city", XIONGAN, "city"),
        (CHANGAN, "city", SHIJIAZHUANG, "city"),
        (DINGZHOU, "central", "130000", "province"),
    ],
)
def test_special_places(regions, region: str, affiliation: str, keeper: str, level: str) -> None:
    enterprise = register(code(1, division=region[:6]), region=region, affiliation=affiliation)

    assert (enterprise.keeper_id, enterprise.entries.get().level) == (keeper, level)


@pytest.mark.parametrize("division", ["133100", "130192", "999999"])
def test_unknown_division_in_the_code_blocks_nothing(regions, division: str) -> None:
    """雄安 registers with 133100 and development zones with their own: the address decides."""
    enterprise = register(code(7, division=division))

    assert enterprise.keeper_id == CHANGAN


# --- placing by hand -------------------------------------------------------------------------------


def place(hebei: Hebei, by=None, *, region=SHIJIAZHUANG, level="city", reason="市政府批示", **more):
    override_place(
        by=by or hebei.county,
        code=more.get("code", hebei.own.pk),
        region=region,
        level=level,
        reason=reason,
        on=TODAY,
        version=more.get("version", 1),
    )


def test_override_places_with_reason(hebei) -> None:
    place(hebei)

    hebei.own.refresh_from_db()
    entry = RosterEntry.objects.current().get(enterprise=hebei.own)
    assert (hebei.own.keeper_id, hebei.own.version) == (SHIJIAZHUANG, 2)
    assert (entry.level, entry.rule, entry.reason, entry.override) == (
        "city",
        "override",
        "市政府批示",
        True,
    )
    event = last_event()
    assert (event.act, event.details["notes"][0]["reason"]) == (
        "roster.place_overridden",
        "市政府批示",
    )


def test_override_outlasts_new_registration_news(hebei) -> None:
    place(hebei, region=CHANGAN, level="county")
    hebei.own.refresh_from_db()

    write(hebei, hebei.own, region_id=QIAOXI)

    hebei.own.refresh_from_db()
    assert (hebei.own.region_id, hebei.own.keeper_id) == (QIAOXI, CHANGAN)


def test_release_lets_the_rule_place_again(hebei) -> None:
    place(hebei)
    hebei.own.refresh_from_db()

    release_place(
        by=hebei.city, code=hebei.own.pk, reason="批示已失效", on=TODAY, version=hebei.own.version
    )

    hebei.own.refresh_from_db()
    entry = RosterEntry.objects.current().get(enterprise=hebei.own)
    assert (hebei.own.keeper_id, entry.rule, entry.override) == (CHANGAN, "R15", False)


def test_release_of_what_was_never_overridden(hebei) -> None:
    with pytest.raises(Refused) as refusal:
        release_place(by=hebei.county, code=hebei.own.pk, reason="无", on=TODAY, version=1)

    assert refusal.value.code == "roster.not_overridden"


def test_release_to_the_same_roster_ends_the_override(hebei) -> None:
    place(hebei, region=CHANGAN, level="county")

    release_place(by=hebei.county, code=hebei.own.pk, reason="照常", on=TODAY, version=2)

    entry = RosterEntry.objects.current().get(enterprise=hebei.own)
    assert (entry.region_id, entry.rule, entry.override) == (CHANGAN, "R15", False)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"reason": "  "}, "roster.reason_missing"),
        ({"region": "999999"}, "roster.unknown_region"),
        ({"region": CHANGAN, "level": "city"}, "roster.no_such_roster"),
        ({"region": SHIJIAZHUANG, "level": "county"}, "roster.no_such_roster"),
        ({"version": 7}, "roster.form_stale"),
    ],
)
def test_override_refused(hebei, given: dict, refused: str) -> None:
    with pytest.raises(Refused) as refusal:
        place(hebei, **given)

    assert refusal.value.code.removesuffix("_by") == refused
    assert stays(hebei.own) == [(CHANGAN, "county", "R15", None)]


@pytest.mark.parametrize("unit", ["city", "other", "province", "market"])
def test_override_by_another_unit(hebei, unit: str) -> None:
    with pytest.raises(NotPermitted):
        place(hebei, by=getattr(hebei, unit))


def test_override_by_who_cannot_edit(hebei) -> None:
    reader = person(lead(CHANGAN), "reader")

    with pytest.raises(NotPermitted):
        place(hebei, by=reader)


def test_override_to_a_city_roster_of_dingzhou(hebei) -> None:
    place(hebei, region=DINGZHOU, level="city")

    assert RosterEntry.objects.current().get(enterprise=hebei.own).level == "city"
