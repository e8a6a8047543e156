"""Acts on regions, reporting lines and agencies."""

import datetime as dt

import pytest
from django.db import transaction

from audit.refusal import Refused, explain
from roster.accounts import appoint
from roster.geography import geography
from roster.models import (
    Agency,
    AgencyName,
    Enterprise,
    Posting,
    Region,
    Reporting,
    RosterEntry,
    User,
)
from roster.posts import Post
from roster.reference import load_reference
from roster.scope import may
from roster.services import override_place, register_enterprise
from roster.standing_map import take_map
from roster.tables import save_agency, save_region, set_superior
from tests.beside import at_once
from tests.factories.roster import (
    CHANGAN,
    DINGZHOU,
    LONG_AGO,
    LUNAN,
    OPERATOR,
    PROVINCE,
    QIAOXI,
    SHIJIAZHUANG,
    TODAY,
    Hebei,
    code,
    department,
    lead,
    person,
)

TOMORROW = TODAY + dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


def zone(code: str = "130199", name: str = "试验区") -> Region:
    return Region(code=code, name=name, full_name=f"石家庄市{name}", level="county", kind="区")


def save_zone(code: str = "130199", name: str = "试验区") -> Region:
    return save_region(by=OPERATOR, region=zone(code, name), on=TODAY)


# --- somebody was faster ---------------------------------------------------------------------------


def test_region_added_again_does_not_replace_the_first(regions) -> None:
    save_zone()

    with pytest.raises(Refused) as refusal:
        save_zone(name="另一区")

    assert explain(refusal.value) == "没有保存：具有 区划代码 的 行政区划 已存在。"
    assert Region.objects.get(pk="130199").name == "试验区"


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_region_added_twice_at_once(beside) -> None:
    second = at_once(beside, save_zone, lambda: save_zone(name="另一区"))

    with pytest.raises(Refused, match=r"roster\.not_stored"):
        second.wait()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_reporting_line_set_twice_at_once(beside) -> None:
    one, other = (save_zone(code) for code in ("130198", "130199"))

    def report() -> Reporting:
        return set_superior(by=OPERATOR, region=one, superior=other, since=dt.date(2027, 1, 1))

    second = at_once(beside, report)

    with pytest.raises(Refused, match=r"roster\.superior_since"):
        second.wait()
    assert Reporting.objects.count() == 1


# --- regions end ------------------------------------------------------------------------------------


def end(region: str, until: dt.date = TODAY) -> str:
    """The code of the refusal to end a region, "" when it ended."""
    row = Region.objects.get(pk=region)
    row.until = until
    try:
        save_region(by=OPERATOR, region=row, on=TODAY)
    except Refused as refusal:
        return refusal.code
    return ""


def report(region: str, superior: str, since: dt.date = LONG_AGO) -> None:
    one, other = (Region.objects.get(pk=code) for code in (region, superior))
    set_superior(by=OPERATOR, region=one, superior=other, since=since)


def test_region_ends_when_nothing_stands_on_it_any_more(hebei) -> None:
    save_zone()
    report("130199", CHANGAN)
    said = [end(CHANGAN)]
    register_enterprise(
        by=hebei.county, code=hebei.own.pk, given={"region_id": QIAOXI}, source="页面登记", on=TODAY,
        version=1,
    )  # fmt: skip
    said.append(end(CHANGAN))
    report("130199", QIAOXI, TODAY)
    said.append(end(CHANGAN))
    Posting.objects.filter(agency__region=CHANGAN).update(until=TODAY)
    Agency.objects.filter(region=CHANGAN).update(until=TODAY)
    said += [end(CHANGAN, TOMORROW), end(CHANGAN)]

    assert said == [
        "roster.region_keeps_roster",
        "roster.region_has_regions",
        "roster.region_has_agencies",
        "roster.region_ends_ahead",
        "",
    ]


def move_in(enterprise: Enterprise) -> None:
    """Have an enterprise taken in by 桥西区."""
    register_enterprise(
        by=OPERATOR, code=enterprise.pk, given={"region_id": QIAOXI}, source="页面登记", on=TODAY,
        version=1,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_region_ends_after_who_is_being_taken_in_has_been_counted(beside) -> None:
    people = Hebei()
    RosterEntry.objects.filter(region=QIAOXI).update(left_on=TODAY, leave_reason="试")

    ending = at_once(beside, lambda: move_in(people.own), lambda: end(QIAOXI))

    assert ending.wait() == "roster.region_keeps_roster"


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_enterprise_is_placed_by_the_map_as_it_is_after_a_change(beside) -> None:
    people = Hebei()
    with transaction.atomic():
        take_map()
        Region.objects.filter(pk=QIAOXI).update(until=TODAY)
        moving = beside(lambda: move_in(people.own))
        assert not moving.ended_within(1)

    with pytest.raises(Refused, match=r"roster\.region_ended"):
        moving.wait()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_region_does_not_wait_for_ever_for_a_long_file(beside) -> None:
    Hebei()
    with transaction.atomic():
        geography(on=TODAY)
        waiting = beside(transaction.atomic(lambda: take_map(attempts=2, pause=1.0)))

        with pytest.raises(Refused) as refusal:
            waiting.wait()

    assert explain(refusal.value) == (
        "正在登记企业或导入名录，等候 1 秒后仍未结束，行政区划和报送关系暂时不能变更。没有保存，请稍后再试。"
    )


def test_region_that_has_not_begun_is_closed_as_well(hebei) -> None:
    row = Region.objects.get(pk=CHANGAN)
    row.since = TOMORROW

    with pytest.raises(Refused, match=r"roster\.region_keeps_roster"):
        save_region(by=OPERATOR, region=row, on=TODAY)


@pytest.fixture
def ended(hebei) -> Hebei:
    """长安区 has ended today, which the table alone would not have allowed."""
    Region.objects.filter(pk=CHANGAN).update(until=TODAY)
    return hebei


def test_region_that_has_ended_takes_no_enterprise_in(ended) -> None:
    with pytest.raises(Refused) as refusal:
        register_enterprise(
            by=ended.county, code=code(90), given={"name": "某公司", "region_id": CHANGAN},
            source="页面登记", on=TODAY,
        )  # fmt: skip

    assert explain(refusal.value) == (
        "“石家庄市长安区”目前不是启用的行政区划（未到启用日期或已停用）。请填写启用中的行政区划。"
    )


def test_region_that_has_ended_is_given_no_enterprise_by_hand(ended) -> None:
    with pytest.raises(Refused, match=r"roster\.region_ended"):
        override_place(
            by=ended.other, code=ended.foreign.pk, region=CHANGAN, level="county", reason="试",
            on=TODAY, version=1,
        )  # fmt: skip


def test_region_that_has_ended_gets_no_region_below_it(ended) -> None:
    save_zone()

    with pytest.raises(Refused, match=r"roster\.region_not_in_effect"):
        report("130199", CHANGAN, TODAY)


def test_enterprise_left_on_a_roster_that_has_ended_can_be_placed_again(ended) -> None:
    """Even by hand placed there: the rule places it by its new address."""
    RosterEntry.objects.filter(enterprise=ended.own).update(override=True, reason="试")

    register_enterprise(
        by=ended.county, code=ended.own.pk, given={"region_id": QIAOXI}, source="页面登记",
        on=TODAY, version=1,
    )  # fmt: skip

    ended.own.refresh_from_db()
    assert ended.own.keeper_id == QIAOXI


def test_enterprise_that_left_a_region_which_ended_is_kept_by_its_superior(ended) -> None:
    gone = Enterprise.objects.filter(pk=ended.own.pk)
    gone.update(keeper=None, status="4")

    assert [may(user, "edit_roster", gone.get()) for user in (ended.county, ended.city)] == [
        False,
        True,
    ]
    register_enterprise(
        by=ended.city, code=ended.own.pk, given={"address": "建设大街9号"}, source="页面登记",
        on=TODAY, version=1,
    )  # fmt: skip
    assert gone.get().address == "建设大街9号"


# --- reporting lines --------------------------------------------------------------------------------


def test_line_that_closes_a_circle_later_on(regions) -> None:
    """路南 to 长安 from June is known when 长安 is to report to 路南 from January."""
    report(LUNAN, CHANGAN, dt.date(2027, 6, 1))

    with pytest.raises(Refused) as refusal:
        report(CHANGAN, LUNAN, dt.date(2027, 1, 1))

    assert (refusal.value.code, refusal.value.values["day"]) == (
        "roster.superior_loop",
        "2027-06-01",
    )


@pytest.mark.parametrize(
    ("superior", "city"), [(CHANGAN, SHIJIAZHUANG), (DINGZHOU, DINGZHOU), (PROVINCE, "130199")]
)
def test_city_of_a_zone_is_the_nearest_above_it(regions, superior: str, city: str) -> None:
    save_zone()
    report("130199", superior)

    assert geography(on=TODAY).cities["130199"] == city


# --- agencies end -----------------------------------------------------------------------------------


def end_agency(agency: Agency, until: dt.date | None) -> Agency:
    agency.until = until
    return save_agency(by=OPERATOR, agency=agency, on=TODAY)


def test_agency_ends_when_nobody_is_posted_there(regions) -> None:
    clerk = person(lead(CHANGAN), "lead_clerk")

    with pytest.raises(Refused) as refusal:
        end_agency(lead(CHANGAN), TODAY)
    assert explain(refusal.value) == (
        "“130102牵头部门”还有 1 个岗位在 2026-03-02 之后任职。请先由安全管理员结束这些任职，再停用。"
    )
    clerk.postings.update(until=TODAY)
    assert end_agency(lead(CHANGAN), TODAY).until == TODAY


def test_post_in_an_agency_that_has_ended_gives_nothing(regions) -> None:
    clerk = person(lead(CHANGAN), "lead_clerk")
    Agency.objects.update(until=TODAY)

    days = (TODAY - dt.timedelta(days=1), TODAY)
    assert [len(Post.held(clerk, on=day)) for day in days] == [1, 0]


@pytest.mark.parametrize(
    ("since", "until", "appointed"),
    [(LONG_AGO, None, False), (LONG_AGO, TODAY, True), (TODAY, TOMORROW, False)],
)
def test_posted_only_while_there_is_the_agency(regions, since, until, appointed: bool) -> None:
    Agency.objects.filter(pk=lead(CHANGAN).pk).update(until=TODAY)
    newcomer = User.objects.create_user("newcomer")

    given = {"agency": lead(CHANGAN), "role": "lead_clerk", "since": since, "until": until}
    if appointed:
        assert appoint(by=OPERATOR, user=newcomer, **given).until == until
        return
    with pytest.raises(Refused, match=r"roster\.agency_not_in_effect"):
        appoint(by=OPERATOR, user=newcomer, **given)


def test_agency_does_not_outlast_its_region(regions) -> None:
    Region.objects.filter(pk=CHANGAN).update(until=TODAY)

    with pytest.raises(Refused, match=r"roster\.agency_outlasts_region"):
        end_agency(Agency(code="x", name="新机构", region_id=CHANGAN, kind="department"), None)


def successor(since: dt.date | None, until: dt.date | None = None) -> Agency:
    return Agency(
        code="successor", name="长安区数据局", region_id=CHANGAN, kind="lead", since=since, until=until
    )  # fmt: skip


@pytest.mark.parametrize(
    ("former_until", "since", "until", "saved"),
    [
        (None, TOMORROW, None, False),
        (None, TODAY, TOMORROW, False),
        (TOMORROW, TODAY, None, False),
        (TOMORROW, None, None, False),
        (TOMORROW, TOMORROW, None, True),
        (TOMORROW, LONG_AGO, LONG_AGO + dt.timedelta(days=1), False),
    ],
)
def test_region_has_one_lead_agency_a_day(regions, former_until, since, until, saved) -> None:
    former = end_agency(lead(CHANGAN), former_until)

    if saved:
        assert save_agency(by=OPERATOR, agency=successor(since, until), on=TODAY).pk
        return
    with pytest.raises(Refused) as refusal:
        save_agency(by=OPERATOR, agency=successor(since, until), on=TODAY)
    assert explain(refusal.value) == (
        f"“石家庄市长安区”同一时间只能有一个牵头部门：“{former.name}”的启用日期为 —，"
        f"停用日期为 {former_until or '—'}。请先填写它的停用日期，或者改正启用、停用日期，"
        "使两者前后相接、不重叠。"
    )


def test_lead_agency_does_not_go_on_into_its_successor(regions) -> None:
    former = end_agency(lead(CHANGAN), TOMORROW)
    save_agency(by=OPERATOR, agency=successor(TOMORROW), on=TODAY)

    with pytest.raises(Refused, match=r"roster\.second_lead_agency"):
        end_agency(former, TOMORROW + dt.timedelta(days=1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_second_lead_agency_at_once(beside) -> None:
    load_reference(by=OPERATOR)
    other = successor(TODAY, TOMORROW)
    other.code, other.name = "other", "长安区信用办"

    second = at_once(
        beside,
        lambda: save_agency(by=OPERATOR, agency=successor(TODAY), on=TODAY),
        lambda: save_agency(by=OPERATOR, agency=other, on=TODAY),
    )

    with pytest.raises(Refused, match=r"roster\.second_lead_agency"):
        second.wait()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_one_name_taken_by_two_agencies_at_once(beside) -> None:
    load_reference(by=OPERATOR)
    department(LUNAN)
    other = Agency(code="other", name="长安区 数据局", region_id=QIAOXI, kind="department")

    second = at_once(
        beside,
        lambda: save_agency(by=OPERATOR, agency=successor(TODAY), on=TODAY),
        lambda: save_agency(by=OPERATOR, agency=other, on=TODAY),
    )

    with pytest.raises(Refused, match=r"roster\.agency_name_taken"):
        second.wait()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_agency_added_while_its_region_ends(beside) -> None:
    load_reference(by=OPERATOR)
    with transaction.atomic():
        assert end(CHANGAN) == ""
        adding = beside(lambda: save_agency(by=OPERATOR, agency=successor(LONG_AGO), on=TODAY))
        assert not adding.ended_within(1)

    with pytest.raises(Refused, match=r"roster\.agency_outlasts_region"):
        adding.wait()


# --- one name, one agency -------------------------------------------------------------------------


@pytest.fixture
def holder(regions) -> Agency:
    """An agency that was called otherwise before."""
    agency = lead(CHANGAN)
    AgencyName.objects.create(agency=agency, name="长安区（原）信用办")
    return agency


@pytest.mark.parametrize("name", ["130102牵头部门", "130102 牵头部门", "长安区(原)信用办"])
@pytest.mark.parametrize("as_other", [False, True])
def test_name_of_another_agency_is_refused_with_its_holder(holder, name: str, as_other) -> None:
    agency = department(LUNAN)
    names = [name] if as_other else None
    agency.name = agency.name if as_other else name

    with pytest.raises(Refused) as refusal:
        save_agency(by=OPERATOR, agency=agency, on=TODAY, names=names)

    assert (refusal.value.code, refusal.value.values) == (
        "roster.agency_name_taken",
        {"name": name, "agency": "130102牵头部门"},
    )


def test_agency_goes_back_to_its_own_former_name(holder) -> None:
    holder.name = "长安区（原）信用办"

    save_agency(by=OPERATOR, agency=holder, on=TODAY)

    assert list(holder.other_names.values_list("name", flat=True)) == ["130102牵头部门"]
