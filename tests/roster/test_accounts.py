"""Acts on accounts and posts. Source: R64; domain facts 7 (separated administrators)."""

import datetime as dt
from itertools import permutations

import pytest
from django.db import IntegrityError, transaction

from audit.refusal import NotPermitted, Refused, explain
from roster.accounts import appoint, change_account, end_posting, open_account, set_password
from roster.models import Posting, Representative, User
from roster.roles import PERMISSIONS
from roster.scope import Operator, may
from tests.factories.roster import (
    CHANGAN,
    LUNAN,
    OPERATOR,
    PROVINCE,
    SHIJIAZHUANG,
    TODAY,
    department,
    lead,
    person,
    post,
)

pytestmark = pytest.mark.django_db
ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")


@pytest.fixture
def security(regions) -> User:
    return person(lead(PROVINCE), "security_admin", username="security")


@pytest.fixture
def newcomer(regions) -> User:
    return User.objects.create_user("newcomer", full_name="新来者", region_id=CHANGAN)


def give(by, user: User, role: str = "lead_clerk", agency=None, **when) -> Posting:
    return appoint(
        by=by,
        user=user,
        agency=agency or lead(CHANGAN),
        role=role,
        since=when.get("since", TODAY),
        until=when.get("until"),
    )


def test_appoint_gives_the_permissions_of_the_role(security, newcomer) -> None:
    give(security, newcomer)

    held = User.objects.get(pk=newcomer.pk).posts()
    assert [(one.role, one.region) for one in held] == [("lead_clerk", CHANGAN)]


def test_end_posting_takes_effect_on_its_day(security, newcomer) -> None:
    posting = give(security, newcomer, since=dt.date(2025, 1, 1))

    end_posting(by=security, posting=posting, until=dt.date(2025, 6, 1))

    assert User.objects.get(pk=newcomer.pk).posts() == ()


def test_end_posting_twice(security, newcomer) -> None:
    posting = give(security, newcomer, since=dt.date(2025, 1, 1))
    end_posting(by=security, posting=posting, until=dt.date(2025, 6, 1))

    with pytest.raises(Refused) as refusal:
        end_posting(by=security, posting=posting, until=dt.date(2025, 7, 1))

    assert refusal.value.code == "roster.posting_already_ended"


def test_end_posting_before_it_begins(security, newcomer) -> None:
    posting = give(security, newcomer)

    with pytest.raises(Refused) as refusal:
        end_posting(by=security, posting=posting, until=TODAY - dt.timedelta(days=1))

    assert refusal.value.code == "roster.posting_ends_before_it_begins"


@pytest.mark.parametrize(("first", "second"), list(permutations(ADMINISTRATORS, 2)))
def test_administrators_exclude_each_other(security, newcomer, first: str, second: str) -> None:
    give(security, newcomer, first)

    with pytest.raises(Refused) as refusal:
        give(security, newcomer, second)

    assert refusal.value.code == "roster.roles_exclude_each_other"


@pytest.mark.parametrize("administrator", ADMINISTRATORS)
@pytest.mark.parametrize("order", ["business first", "administrator first"])
def test_administrators_exclude_business(security, newcomer, administrator: str, order) -> None:
    first, second = ("lead_clerk", administrator)
    if order == "administrator first":
        first, second = second, first
    give(security, newcomer, first)

    with pytest.raises(Refused) as refusal:
        give(security, newcomer, second)

    assert refusal.value.code == "roster.roles_exclude_each_other"


def test_administrator_after_another_post_ended(security, newcomer) -> None:
    give(security, newcomer, since=dt.date(2025, 1, 1), until=dt.date(2025, 6, 1))

    posting = give(security, newcomer, "audit_admin", since=dt.date(2025, 6, 1))

    assert posting.role == "audit_admin"


def test_administrator_before_a_later_post_begins(security, newcomer) -> None:
    give(security, newcomer, since=dt.date(2026, 6, 1))

    posting = give(security, newcomer, "audit_admin", until=dt.date(2026, 6, 1))

    assert posting.until == dt.date(2026, 6, 1)


def test_no_administrator_may_touch_a_grade_or_a_record() -> None:
    business = {
        "edit_roster", "give_records", "correct_records", "confirm_corrections", "start_run",
        "confirm_consequences", "review_part", "publish_part", "edit_scheme", "edit_kinds",
        "view_ratings", "view_records", "view_roster",
    }  # fmt: skip

    assert {role: PERMISSIONS[role] & business for role in ADMINISTRATORS} == dict.fromkeys(
        ADMINISTRATORS, frozenset()
    )


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ((TODAY, None), (dt.date(2026, 6, 1), dt.date(2026, 7, 1)), True),
        ((TODAY, dt.date(2026, 7, 1)), (TODAY, dt.date(2026, 7, 1)), True),
        ((dt.date(2026, 6, 1), None), (TODAY, None), True),
        ((dt.date(2026, 6, 1), None), (TODAY, dt.date(2026, 6, 1)), False),
        ((dt.date(2026, 6, 1), dt.date(2026, 6, 1)), (TODAY, None), False),
    ],
)
def test_appoint_to_a_post_that_is_held_meanwhile(
    security, newcomer, first, second, refused: bool
) -> None:
    """Else it would have to be ended twice. A post that ended on its first day was never held."""
    give(security, newcomer, since=first[0], until=first[1])

    if not refused:
        assert give(security, newcomer, since=second[0], until=second[1]).pk
        return
    with pytest.raises(Refused) as refusal:
        give(security, newcomer, since=second[0], until=second[1])
    assert explain(refusal.value) == (
        "新来者（newcomer）已在“130102牵头部门”任“牵头部门经办人”"
        f"（任职日期 {first[0]}，免职日期 {first[1] or '—'}），任期不能重叠。"
        "请核对任职、免职日期，或者先结束该任职。"
    )


def test_appoint_lead_role_in_a_department(security, newcomer) -> None:
    with pytest.raises(Refused) as refusal:
        give(security, newcomer, "lead_clerk", department(CHANGAN))

    assert refusal.value.code == "roster.role_needs_lead"


def test_appoint_department_role_in_a_lead_agency(security, newcomer) -> None:
    with pytest.raises(Refused) as refusal:
        give(security, newcomer, "department_clerk", lead(CHANGAN))

    assert refusal.value.code == "roster.role_needs_department"


@pytest.mark.parametrize("role", ["lead_clerk", "lead_approver", "system_admin", "audit_admin"])
def test_appoint_by_who_is_no_security_administrator(regions, newcomer, role: str) -> None:
    with pytest.raises(NotPermitted):
        give(person(lead(PROVINCE), role), newcomer)


def test_appoint_in_another_area(regions, newcomer) -> None:
    county = person(lead(CHANGAN), "security_admin")

    assert give(county, newcomer).agency == lead(CHANGAN)
    for agency in (lead(LUNAN), lead(PROVINCE)):
        with pytest.raises(NotPermitted):
            give(county, newcomer, agency=agency)


def ended(user: User, region: str, *, until: dt.date) -> None:
    Posting.objects.create(
        user=user, agency=lead(region), role="lead_clerk", since=dt.date(2024, 1, 1), until=until
    )


def test_account_belongs_to_who_opened_it_until_it_is_posted(regions) -> None:
    """Else another county sets its password before its own county makes it an approver."""
    county, other = (person(lead(region), "security_admin") for region in (CHANGAN, LUNAN))

    user = open_account(by=county, username="fresh", full_name="新人", password="a-long-word-1")

    assert user.region_id == CHANGAN
    for act in (
        lambda: set_password(by=other, user=user, password="another-long-word"),
        lambda: change_account(by=other, user=user, full_name="别人", is_active=True),
        lambda: give(other, user, agency=lead(LUNAN)),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_account_opened_where_the_post_reaches_furthest(regions) -> None:
    both = person(lead(LUNAN), "security_admin")
    post(both, lead(SHIJIAZHUANG), "security_admin")

    assert open_account(by=both, username="a", full_name="", password=None).region_id == (
        SHIJIAZHUANG
    )
    assert open_account(by=OPERATOR, username="b", full_name="", password=None).region_id is None


@pytest.mark.parametrize(
    ("here", "elsewhere", "allowed"),
    [
        (dt.date(2025, 6, 1), dt.date(2025, 1, 1), True),
        (dt.date(2025, 1, 1), dt.date(2025, 6, 1), False),
        (dt.date(2025, 1, 1), dt.date(2025, 1, 1), False),
    ],
)
def test_account_belongs_to_where_the_last_post_ended(
    regions, newcomer, here: dt.date, elsewhere: dt.date, allowed: bool
) -> None:
    county = person(lead(CHANGAN), "security_admin")
    ended(newcomer, CHANGAN, until=here)
    ended(newcomer, LUNAN, until=elsewhere)

    assert may(county, "manage_accounts", newcomer) is allowed


def test_appoint_somebody_who_was_posted_here_before_and_elsewhere_since(regions, newcomer) -> None:
    county = person(lead(CHANGAN), "security_admin")
    ended(newcomer, CHANGAN, until=dt.date(2025, 1, 1))
    post(newcomer, lead(LUNAN), "lead_clerk")

    with pytest.raises(Refused) as refusal:
        give(county, newcomer)

    assert refusal.value.code == "roster.account_elsewhere"


AHEAD = dt.date(2099, 1, 1)


@pytest.mark.parametrize(
    ("posted", "spoken", "allowed"),
    [
        (None, (TODAY, None), False),
        (None, (dt.date(2025, 1, 1), dt.date(2025, 6, 1)), False),
        (None, (AHEAD, AHEAD), True),
        (dt.date(2025, 7, 1), (dt.date(2025, 1, 1), dt.date(2025, 6, 1)), True),
        (dt.date(2025, 5, 1), (dt.date(2025, 1, 1), dt.date(2025, 6, 1)), False),
        (dt.date(2025, 7, 1), (AHEAD, None), False),
        (AHEAD, (AHEAD, None), True),
    ],
)
def test_account_that_speaks_or_spoke_for_an_enterprise(
    hebei, newcomer, posted, spoken, allowed: bool
) -> None:
    """The province's while it does so today or later, without a post that goes on; then the newest
    of both decides. What ended on its first day was a mistake.
    """
    county = person(lead(CHANGAN), "security_admin")
    since, until = spoken
    Representative.objects.create(user=newcomer, enterprise=hebei.own, since=since, until=until)
    if posted:
        ended(newcomer, CHANGAN, until=posted)

    assert may(county, "manage_accounts", newcomer) is allowed
    assert User.objects.visible_to(county).filter(pk=newcomer.pk).exists() is bool(
        posted or allowed
    )


def test_appoint_somebody_who_spoke_for_an_enterprise_since(hebei, newcomer) -> None:
    ended(newcomer, CHANGAN, until=dt.date(2025, 1, 1))
    Representative.objects.create(
        user=newcomer, enterprise=hebei.own, since=dt.date(2025, 1, 1), until=dt.date(2025, 6, 1)
    )

    with pytest.raises(Refused) as refusal:
        give(person(lead(CHANGAN), "security_admin"), newcomer)

    assert explain(refusal.value) == (
        "新来者（newcomer）现在、将来或最近代表企业，账号由省级管理，不能由本级任命。"
        "请联系省级安全管理员办理。"
    )


def test_appoint_by_the_operator(regions, newcomer) -> None:
    assert give(Operator.here(), newcomer).user == newcomer


def test_security_administrator_cannot_end_the_own_post(security) -> None:
    with pytest.raises(Refused) as refusal:
        end_posting(by=security, posting=security.postings.get(), until=TODAY)

    assert refusal.value.code == "roster.not_oneself"


# --- accounts --------------------------------------------------------------------------------------


def test_open_account_without_post_may_nothing(security) -> None:
    user = open_account(by=security, username="fresh", full_name="新人", password="a-long-word-1")

    assert (user.check_password("a-long-word-1"), user.posts(), user.is_staff) == (True, (), False)


def test_open_account_twice(security) -> None:
    open_account(by=security, username="fresh", full_name="新人", password=None)

    with pytest.raises(Refused) as refusal:
        open_account(by=security, username="fresh", full_name="另一人", password=None)

    assert refusal.value.code == "roster.account_exists"


@pytest.mark.parametrize("username", ["system", "System", "os:root", "OS:root", "ｏｓ：root"])
def test_open_account_with_a_reserved_name(security, username: str) -> None:
    with pytest.raises(Refused) as refusal:
        open_account(by=security, username=username, full_name="", password=None)

    assert refusal.value.code == "roster.account_reserved"
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(username)


def test_switched_off_account_holds_no_post(security, newcomer) -> None:
    give(security, newcomer, since=dt.date(2025, 1, 1))

    change_account(by=security, user=newcomer, full_name="新来者", is_active=False)

    assert User.objects.get(pk=newcomer.pk).posts() == ()


def test_address_for_mail_is_kept_unless_another_is_given(security) -> None:
    user = open_account(
        by=security, username="fresh", full_name="新人", password=None, email="a@example.com"
    )
    change_account(by=security, user=user, full_name="新来者", is_active=True)
    assert User.objects.get(pk=user.pk).email == "a@example.com"

    change_account(by=security, user=user, full_name="新来者", is_active=True, email="")
    assert User.objects.get(pk=user.pk).email == ""


def test_switch_off_oneself(security) -> None:
    with pytest.raises(Refused) as refusal:
        change_account(by=security, user=security, full_name="", is_active=False)

    assert refusal.value.code == "roster.not_oneself"


def test_set_password(security, newcomer) -> None:
    set_password(by=security, user=newcomer, password="another-long-word")

    assert User.objects.get(pk=newcomer.pk).check_password("another-long-word")


def test_set_password_of_somebody_posted_above(regions, newcomer) -> None:
    """A county's administrator must not get at a provincial officer who also works here."""
    county = person(lead(CHANGAN), "security_admin")
    post(newcomer, lead(CHANGAN), "lead_clerk")
    post(newcomer, lead(PROVINCE), "lead_clerk")

    with pytest.raises(NotPermitted):
        set_password(by=county, user=newcomer, password="another-long-word")


def test_set_password_is_in_the_log_without_the_password(security, newcomer) -> None:
    from audit.models import Event

    set_password(by=security, user=newcomer, password="another-long-word")

    event = Event.objects.order_by("-number").first()
    assert (event.act, "another-long-word" in str(event.details)) == ("roster.password_set", False)
