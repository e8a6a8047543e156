"""Who sees whom: county, its city, another county, and everybody else. Design idea 6."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured

from audit.models import ChainHead, Event
from roster.accounts import change_own_password
from roster.models import (
    Agency,
    Enterprise,
    Posting,
    Region,
    Registration,
    Representative,
    RosterEntry,
    User,
)
from roster.scope import Operator, may, reach, visible
from roster.services import register_enterprise
from tests.factories.roster import (
    BAODING,
    CHANGAN,
    DINGZHOU,
    LUNAN,
    PROVINCE,
    QIAOXI,
    RONGCHENG,
    SHIJIAZHUANG,
    TODAY,
    XIONGAN,
    Hebei,
    code,
    department,
    lead,
    person,
    post,
    register,
    speaks_for,
)

pytestmark = pytest.mark.django_db


def names(hebei: Hebei, user) -> set[str]:
    """Which of the five enterprises a user sees, by what they are called in the fixture."""
    seen = set(Enterprise.objects.visible_to(user).values_list("pk", flat=True))
    known = {
        getattr(hebei, name).pk: name
        for name in ("own", "sibling", "foreign", "central", "municipal")
    }
    return {known[pk] for pk in seen}


@pytest.mark.parametrize(
    ("officer", "seen"),
    [
        ("county", {"own"}),
        ("city", {"own", "sibling", "municipal"}),
        ("other", {"foreign"}),
        ("province", {"own", "sibling", "foreign", "central", "municipal"}),
        ("market", {"own", "central", "municipal"}),  # 属地监管: what is registered in the area
    ],
)
def test_enterprises_of_an_officer(hebei, officer: str, seen: set[str]) -> None:
    assert names(hebei, getattr(hebei, officer)) == seen


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_enterprises_of_an_administrator(hebei, role: str) -> None:
    assert names(hebei, person(lead(PROVINCE), role)) == set()


def test_enterprises_of_a_representative(hebei) -> None:
    assert names(hebei, speaks_for(hebei.foreign.pk)) == {"foreign"}


def test_enterprises_of_nobody(hebei) -> None:
    without_post = User.objects.create_user("idle")

    assert (names(hebei, without_post), names(hebei, AnonymousUser())) == (set(), set())


def test_enterprises_of_the_operator(hebei) -> None:
    assert names(hebei, Operator.here()) == {"own", "sibling", "foreign", "central", "municipal"}


def test_enterprises_of_an_account_switched_off(hebei) -> None:
    User.objects.filter(pk=hebei.county.pk).update(is_active=False)

    assert names(hebei, User.objects.get(pk=hebei.county.pk)) == set()


def test_departed_enterprise_stays_with_its_place(hebei) -> None:
    register_enterprise(
        by=hebei.county, code=hebei.own.pk, given={"status": "4"}, source="", on=TODAY, version=1
    )

    assert (names(hebei, hebei.county), names(hebei, hebei.other)) == ({"own"}, {"foreign"})


def test_moved_enterprise_goes_out_of_sight(hebei) -> None:
    register_enterprise(
        by=hebei.county, code=hebei.own.pk, given={"region_id": LUNAN}, source="", on=TODAY,
        version=1,
    )  # fmt: skip

    assert (names(hebei, hebei.county), names(hebei, hebei.other)) == (set(), {"own", "foreign"})


@pytest.mark.parametrize(
    ("region", "above", "beside"),
    [
        (DINGZHOU, PROVINCE, BAODING),  # reports to the province, not to 保定
        (RONGCHENG, XIONGAN, BAODING),  # reports to 雄安, not to 保定
    ],
)
def test_special_counties_are_seen_from_where_they_report(regions, region, above, beside) -> None:
    enterprise = register(code(1, division=region), region=region)

    def sees(at: str) -> bool:
        clerk = person(lead(at), "lead_clerk")
        return Enterprise.objects.visible_to(clerk).filter(pk=enterprise.pk).exists()

    assert (sees(region), sees(above), sees(beside)) == (True, True, False)


# --- what hangs on an enterprise -------------------------------------------------------------------


@pytest.mark.parametrize("model", [Registration, RosterEntry])
@pytest.mark.parametrize(
    ("officer", "seen"),
    [
        ("county", {"own"}),
        ("city", {"own", "sibling", "municipal"}),
        ("other", {"foreign"}),
        ("market", {"own", "central", "municipal"}),
    ],
)
def test_versions_and_entries_of_an_officer(hebei, model, officer: str, seen: set[str]) -> None:
    rows = model.objects.visible_to(getattr(hebei, officer))

    wanted = {getattr(hebei, name).pk for name in seen}
    assert set(rows.values_list("enterprise_id", flat=True)) == wanted
    assert model.objects.exclude(enterprise__in=wanted).exists()


def test_reach_is_asked_for_each_permission(hebei) -> None:
    """Who reads records in one county must not read them where the other post cannot."""
    user = person(department(CHANGAN), "reader")
    post(user, lead(LUNAN), "inspector")  # views rosters, not records

    assert reach(user, "view_records").rosters == frozenset()
    assert reach(user, "view_roster").rosters == frozenset({LUNAN})


# --- people ------------------------------------------------------------------------------------------


def test_accounts_of_a_security_administrator(hebei) -> None:
    county = person(lead(CHANGAN), "security_admin", username="county-security")
    for name, region in (("here", CHANGAN), ("elsewhere", LUNAN), ("province's", None)):
        User.objects.create_user(f"unposted-{name}", region_id=region)

    seen = set(User.objects.visible_to(county).values_list("username", flat=True))

    assert seen == {"county", "market", "county-security", "unposted-here"}
    assert set(Posting.objects.visible_to(county).values_list("agency__region", flat=True)) == {
        CHANGAN
    }


def test_accounts_of_everybody_else(hebei) -> None:
    for user in (hebei.county, hebei.province, hebei.market):
        assert (
            User.objects.visible_to(user).count(),
            Posting.objects.visible_to(user).count(),
        ) == (0, 0)


def test_accounts_of_the_provinces_security_administrator(hebei) -> None:
    province = person(lead(PROVINCE), "security_admin")

    assert User.objects.visible_to(province).count() == User.objects.count()


def test_representatives_are_the_provinces(hebei) -> None:
    speaks_for(hebei.own.pk)

    def seen(region: str, role: str) -> int:
        return Representative.objects.visible_to(person(lead(region), role)).count()

    assert seen(PROVINCE, "security_admin") == 1
    assert seen(CHANGAN, "security_admin") == seen(PROVINCE, "lead_clerk") == 0


# --- other rooms -------------------------------------------------------------------------------------


def test_events_of_an_audit_administrator(hebei) -> None:
    for officer, enterprise in ((hebei.county, hebei.own), (hebei.other, hebei.foreign)):
        register_enterprise(
            by=officer, code=enterprise.pk, given={"address": "新址1号"}, source="", on=TODAY,
            version=1,
        )  # fmt: skip
    county = person(lead(CHANGAN), "audit_admin")
    province = person(lead(PROVINCE), "audit_admin")

    assert set(visible(Event.objects.all(), county).values_list("actor", flat=True)) == {
        "county",
        "os:test",  # who registered the enterprise of 长安区
    }
    assert visible(Event.objects.all(), province).count() == Event.objects.count()
    assert visible(Event.objects.all(), hebei.province).count() == 0


@pytest.mark.parametrize(
    ("region", "seen"), [(CHANGAN, True), (LUNAN, True), (SHIJIAZHUANG, True), (QIAOXI, False)]
)
def test_event_without_a_place_is_seen_wherever_the_person_is_posted(
    hebei, region: str, seen: bool
) -> None:
    post(hebei.county, lead(LUNAN), "reader")
    change_own_password(by=User.objects.get(pk=hebei.county.pk), password="my-own-word-42")
    auditor = person(lead(region), "audit_admin")

    events = Event.objects.filter(act="roster.password_changed")

    assert visible(events, auditor).exists() is seen
    assert not visible(events, hebei.county).exists()


def test_reference_tables_are_open_to_every_post(hebei) -> None:
    for user in (hebei.county, hebei.market, person(lead(LUNAN), "audit_admin")):
        assert visible(Region.objects.all(), user).count() == Region.objects.count()
    assert visible(Agency.objects.all(), speaks_for(hebei.own.pk)).count() == 0


def test_a_table_nobody_thought_about_is_closed(hebei) -> None:
    with pytest.raises(ImproperlyConfigured):
        visible(ChainHead._default_manager.all(), hebei.county)


# --- permissions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "kind", "allowed"),
    [
        (CHANGAN, "lead", True),
        (QIAOXI, "lead", False),
        (SHIJIAZHUANG, "lead", False),  # the level above sees and does not edit
        (PROVINCE, "lead", False),
        (CHANGAN, "department", False),
    ],
)
def test_may_edit_roster(hebei, region: str, kind: str, allowed: bool) -> None:
    agency = lead(region) if kind == "lead" else department(region)
    clerk = person(agency, "lead_clerk")

    assert may(clerk, "edit_roster", hebei.own) is allowed


def test_may_keep_reference_tables_only_at_the_province(regions) -> None:
    assert may(person(lead(PROVINCE), "system_admin"), "manage_reference")
    assert not may(person(lead(CHANGAN), "system_admin"), "manage_reference")
