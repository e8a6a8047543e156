"""Working with the pages: enterprises by hand, stale forms, people, tables in and out."""

import datetime as dt
import re

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate

from audit.acts import acting, note
from audit.models import Event
from roster.accounts import appoint, end_posting
from roster.models import (
    Agency,
    Enterprise,
    Industry,
    Posting,
    Region,
    Reporting,
    RosterEntry,
    User,
)
from roster.reference import load_reference
from roster.tables import save_region
from tests.factories.intake import xlsx_file
from tests.factories.roster import (
    CHANGAN,
    LUNAN,
    OPERATOR,
    PASSWORD,
    PROVINCE,
    QIAOXI,
    SHIJIAZHUANG,
    code,
    department,
    lead,
    person,
    register,
    signed_in,
)
from workdays.models import CalendarDay, CalendarYear, Limit

pytestmark = pytest.mark.django_db


def url(page: str, *args: object, model: str = "roster_enterprise") -> str:
    return reverse(f"admin:{model}_{page}", args=args)


def filled(client, address: str) -> dict[str, str]:
    """The form of a page as a browser would send it back."""
    body = client.get(address).content.decode()
    form = re.search(r'<form[^>]*method="post" id="\w+_form".*?</form>', body, re.DOTALL)
    assert form, body[:2000]
    text = form.group()
    given = dict(re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', text))
    for name in re.findall(r'<input type="checkbox" name="([^"]+)"(?![^>]*checked)', text):
        given.pop(name, None)
    for name in re.findall(r'<input type="checkbox" name="([^"]+)"[^>]*checked', text):
        given[name] = "on"
    for name, inner in re.findall(
        r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL
    ):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', inner)
        given[name] = chosen.group(1) if chosen else ""
    for name, inner in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', text, re.DOTALL
    ):
        given[name] = inner.strip()
    return given


def errors(answer) -> str:
    return " ".join(re.findall(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', answer.content.decode(), re.DOTALL))  # fmt: skip


# --- enterprises -----------------------------------------------------------------------------------


def test_enterprise_added_by_hand(hebei) -> None:
    client = signed_in(hebei.county)
    given = filled(client, url("add")) | {
        "code": code(90).lower(), "name": "长安新设 有限公司", "region": CHANGAN,
    }  # fmt: skip

    answer = client.post(url("add"), given, follow=True)

    enterprise = Enterprise.objects.get(pk=code(90))
    assert (enterprise.name, enterprise.keeper_id) == ("长安新设有限公司", CHANGAN)
    assert answer.redirect_chain[-1][0] == url("changelist")
    assert enterprise.registrations.get().recorded_by == "county"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"code": "91130102000000001A"}, "校验"),
        ({"code": "123"}, "18"),
        ({"code": ""}, "这个字段是必填项"),
        ({"name": ""}, "这个字段是必填项"),
        ({"region": LUNAN}, "唐山市路南区"),
        ({"region": SHIJIAZHUANG}, "县级"),
        ({"affiliation": "central"}, "河北省"),
        ({"status": "77"}, "选择一个有效的选项"),
    ],
)
def test_enterprise_that_cannot_be_added(hebei, given: dict, said: str) -> None:
    client = signed_in(hebei.county)
    form = filled(client, url("add")) | {"code": code(90), "name": "某公司", "region": CHANGAN}

    answer = client.post(url("add"), form | given)

    assert answer.status_code in (200, 409)
    assert said in errors(answer)
    assert not Enterprise.objects.filter(pk=code(90)).exists()


def test_enterprise_added_whose_code_is_another_units(hebei) -> None:
    client = signed_in(hebei.county)
    form = filled(client, url("add")) | {
        "code": hebei.foreign.pk, "name": "抢注公司", "region": CHANGAN,
    }  # fmt: skip

    answer = client.post(url("add"), form)

    assert (answer.status_code, "唐山市路南区" in errors(answer)) == (409, True)
    assert hebei.foreign.name not in answer.content.decode()


def test_enterprise_changed(hebei) -> None:
    client = signed_in(hebei.county)
    address = url("change", hebei.own.pk)

    client.post(address, filled(client, address) | {"address": "长安区建设大街9号"})

    hebei.own.refresh_from_db()
    assert (hebei.own.address, hebei.own.version, hebei.own.name) == (
        "长安区建设大街9号",
        2,
        "长安甲贸易有限公司",
    )


def test_former_names_are_stored_as_a_file_gives_them(hebei) -> None:
    client = signed_in(hebei.county)
    address = url("change", hebei.own.pk)

    client.post(address, filled(client, address) | {"former_names": "旧名甲\r\n\r\n 旧名乙 \r\n"})

    hebei.own.refresh_from_db()
    assert hebei.own.former_names == "旧名甲\n旧名乙"


def test_new_state_asks_for_its_own_day(hebei) -> None:
    dormant = register(code(91), status="7", status_on=dt.date(2021, 1, 1))
    client = signed_in(hebei.county)
    address = url("change", dormant.pk)
    form = filled(client, address) | {"status": "2"}

    answer = client.post(address, form)

    assert (answer.status_code, "2021-01-01 是“歇业”的日期" in errors(answer)) == (200, True)
    client.post(address, form | {"status_on": "2026-02-01"})
    dormant.refresh_from_db()
    assert (dormant.status, dormant.status_on) == ("2", dt.date(2026, 2, 1))


def test_new_state_without_a_day_holds_from_today(hebei) -> None:
    dormant = register(code(91), status="7", status_on=dt.date(2021, 1, 1))
    client = signed_in(hebei.county)
    address = url("change", dormant.pk)

    client.post(address, filled(client, address) | {"status": "2", "status_on": ""})

    dormant.refresh_from_db()
    live = dormant.registrations.get(retracted_at=None, until=None)
    assert (dormant.status, dormant.status_on, live.since) == ("2", None, localdate())


@pytest.mark.parametrize("field", ["status_on", "established_on"])
def test_day_of_registration_in_the_future(hebei, field: str) -> None:
    client = signed_in(hebei.county)
    address = url("change", hebei.own.pk)
    tomorrow = localdate() + dt.timedelta(days=1)

    answer = client.post(address, filled(client, address) | {field: tomorrow.isoformat()})

    assert (answer.status_code, f"{tomorrow} 晚于今天" in errors(answer)) == (409, True)
    hebei.own.refresh_from_db()
    assert hebei.own.version == 1


def test_refused_change_gives_back_what_was_typed(hebei) -> None:
    client = signed_in(hebei.county)
    address = url("change", hebei.own.pk)
    form = filled(client, address) | {"name": "改了一半", "region": SHIJIAZHUANG}

    answer = client.post(address, form)

    assert answer.status_code == 409
    assert 'value="改了一半"' in answer.content.decode()
    event = Event.objects.order_by("-number").first()
    assert (event.outcome, event.act) == ("refused", "POST admin:roster_enterprise_change")


def test_stale_form_says_who_was_faster_and_saves_nothing(hebei) -> None:
    colleague = person(lead(CHANGAN), "lead_clerk", username="colleague")
    address = url("change", hebei.own.pk)
    client, other = signed_in(hebei.county), signed_in(colleague)
    mine, theirs = filled(client, address), filled(other, address)
    other.post(address, theirs | {"name": "同事先改公司"})

    answer = client.post(address, mine | {"name": "我后改公司"})

    assert answer.status_code == 409
    assert "colleague（130102牵头部门）" in errors(answer)
    hebei.own.refresh_from_db()
    assert hebei.own.name == "同事先改公司"


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_form_filled_in_otherwise_and_sent_again_is_another_wish(hebei) -> None:
    """The way back to a form that was sent: for a new enterprise its code decides."""
    client = signed_in(hebei.county)
    form = filled(client, url("add")) | {"code": code(90), "name": "某公司", "region": CHANGAN}
    client.post(url("add"), form)

    other = client.post(url("add"), form | {"code": code(91)})
    same = client.post(url("add"), form | {"name": "另一公司"})

    assert (other.status_code, same.status_code) == (302, 409)
    assert [Enterprise.objects.get(pk=code(n)).name for n in (90, 91)] == ["某公司", "某公司"]


def test_another_form_of_ones_own_is_stale(hebei) -> None:
    client = signed_in(hebei.county)
    address = url("change", hebei.own.pk)
    form = filled(client, address)
    client.post(address, form | {"address": "建设大街9号"})

    answer = client.post(address, form | {"legal_representative": "赵一"})

    assert (answer.status_code, "没有保存" in errors(answer)) == (409, True)


def test_form_that_moved_the_enterprise_away_sent_twice(hebei) -> None:
    client = signed_in(hebei.county)
    address = url("change", hebei.own.pk)
    form = filled(client, address) | {"region": QIAOXI}
    client.post(address, form)

    again = client.post(address, form)

    assert (again.status_code, again["Location"]) == (302, url("changelist"))
    assert "没有重复办理" in said(again)[-1]
    assert client.post(address, form | {"address": "别处"}).status_code == 409
    assert signed_in(hebei.other).post(address, form).status_code == 404


def test_form_of_an_enterprise_that_a_colleague_moved_away(hebei) -> None:
    colleague = signed_in(person(lead(CHANGAN), "lead_clerk", username="colleague"))
    client = signed_in(hebei.county)
    address = url("change", hebei.own.pk)
    form = filled(client, address)
    colleague.post(address, filled(colleague, address) | {"region": QIAOXI})

    answer = client.post(address, form | {"address": "建设大街9号"})

    assert (answer.status_code, "已由 colleague 于" in answer.content.decode()) == (409, True)


@pytest.mark.parametrize("seen", [None, "", "abc", "-1", "99999999999999", "１"])
def test_form_without_what_it_was_read_at(hebei, seen: str | None) -> None:
    client = signed_in(hebei.county)
    address = url("change", hebei.own.pk)
    form = filled(client, address) | {"name": "改名公司"}
    form.pop("_seen")

    answer = client.post(address, form if seen is None else form | {"_seen": seen})

    assert answer.status_code == 409
    hebei.own.refresh_from_db()
    assert hebei.own.version == 1


def test_enterprise_that_moves_away_leads_back_to_the_list(hebei) -> None:
    client = signed_in(hebei.county)
    address = url("change", hebei.own.pk)

    answer = client.post(
        address, filled(client, address) | {"region": QIAOXI, "_continue": "1"}, follow=True
    )

    assert (answer.status_code, answer.redirect_chain[-1][0]) == (200, url("changelist"))
    assert "该企业现列入“石家庄市桥西区”的名录。" in answer.content.decode()


def test_enterprise_page_says_why_it_stands_there(hebei) -> None:
    body = signed_in(hebei.province).get(url("change", hebei.central.pk)).content.decode()

    assert "驻冀中央企业列入省级名录（R13，二（二））" in body


def test_place_by_hand_from_the_page_and_back(hebei) -> None:
    client = signed_in(hebei.county)
    place, release = url("place", hebei.own.pk), url("release", hebei.own.pk)

    client.post(place, {"region": CHANGAN, "level": "", "reason": "开发区企业", "_seen": "1"})
    page = client.get(place).content.decode()
    entry = RosterEntry.objects.current().get(enterprise=hebei.own)
    assert (entry.override, entry.level, entry.reason) == (True, "county", "开发区企业")
    assert release in page

    client.post(release, {"reason": "开发区已撤销", "_seen": "2"})
    entry = RosterEntry.objects.current().get(enterprise=hebei.own)
    assert (entry.override, entry.rule) == (False, "R15")


def test_place_by_hand_after_a_colleague(hebei) -> None:
    colleague = signed_in(person(lead(CHANGAN), "lead_clerk", username="colleague"))
    place = url("place", hebei.own.pk)
    form = {"region": SHIJIAZHUANG, "level": "", "reason": "市政府批示", "_seen": "1"}
    colleague.post(place, form)

    answer = signed_in(hebei.county).post(place, form)

    assert (answer.status_code, "已由 colleague 于" in answer.content.decode()) == (409, True)
    assert signed_in(hebei.other).post(place, form).status_code == 404


def test_place_without_reason(hebei) -> None:
    client = signed_in(hebei.county)

    answer = client.post(url("place", hebei.own.pk), {"region": CHANGAN, "reason": " "})

    assert "这个字段是必填项" in errors(answer)


def test_place_with_a_stale_form(hebei) -> None:
    answer = signed_in(hebei.county).post(
        url("place", hebei.own.pk), {"region": CHANGAN, "reason": "x", "_seen": "7"}
    )

    assert (answer.status_code, "没有保存" in answer.content.decode()) == (409, True)


def test_moved_enterprise_leaves_its_entry_on_both_lists(hebei) -> None:
    client = signed_in(hebei.city)
    county = signed_in(hebei.county)
    address = url("change", hebei.own.pk)
    county.post(address, filled(county, address) | {"region": QIAOXI})
    entries = url("changelist", model="roster_rosterentry")

    def listed(**query: str) -> list[tuple]:
        rows = client.get(entries, {"q": hebei.own.pk, **query}).context["cl"].result_list
        return sorted((row.region_id, row.left_on is None) for row in rows)

    assert listed() == [(CHANGAN, False), (QIAOXI, True)]
    assert listed(present="present") == [(QIAOXI, True)]
    assert listed(present="left") == [(CHANGAN, False)]
    assert listed(present="history") == [(CHANGAN, True)]


# --- people ------------------------------------------------------------------------------------------


@pytest.fixture
def security(regions) -> User:
    return person(lead(PROVINCE), "security_admin", username="security")


def test_account_opened_and_posted_from_the_pages(security) -> None:
    client = signed_in(security)
    lead(CHANGAN)
    add = url("add", model="roster_user")
    client.post(
        add,
        filled(client, add)
        | {"username": "fresh", "full_name": "新人", "password": "very-long-word-9"},
    )
    fresh = User.objects.get(username="fresh")
    add = url("add", model="roster_posting")

    client.post(
        add,
        filled(client, add)
        | {
            "user": fresh.pk,
            "agency": lead(CHANGAN).pk,
            "role": "lead_clerk",
            "since": "2026-01-01",
        },
    )

    assert [post.region for post in User.objects.get(pk=fresh.pk).posts()] == [CHANGAN]
    assert fresh.check_password("very-long-word-9")


def test_account_with_a_weak_password(security) -> None:
    client = signed_in(security)
    add = url("add", model="roster_user")

    answer = client.post(
        add, filled(client, add) | {"username": "fresh", "full_name": "", "password": "12345"}
    )

    assert "密码" in errors(answer)
    assert not User.objects.filter(username="fresh").exists()


def test_excluded_post_is_refused_on_the_page(security) -> None:
    clerk = person(lead(CHANGAN), "lead_clerk")
    client = signed_in(security)
    add = url("add", model="roster_posting")

    answer = client.post(
        add,
        filled(client, add)
        | {"user": clerk.pk, "agency": lead(CHANGAN).pk, "role": "audit_admin", "since": "2026-01-01"},
    )  # fmt: skip

    assert (answer.status_code, "不得兼任" in errors(answer)) == (409, True)
    assert clerk.postings.count() == 1


def test_post_ended_from_the_page(security) -> None:
    clerk = person(lead(CHANGAN), "lead_clerk")
    browser = signed_in(clerk)
    posting = clerk.postings.get()
    assert browser.get(url("changelist")).status_code == 200

    client = signed_in(security)
    client.press(client.form(url("end", posting.pk, model="roster_posting")), until="2026-01-01")

    posting.refresh_from_db()
    assert posting.until == dt.date(2026, 1, 1)
    assert browser.get(url("changelist")).status_code == 302  # the session is over


def test_password_set_from_the_page_ends_open_sessions(security) -> None:
    clerk = person(lead(CHANGAN), "lead_clerk")
    browser = signed_in(clerk)
    client = signed_in(security)
    form = client.form(url("password", clerk.pk, model="roster_user"))

    client.press(form, password="new-long-word-7", again="new-long-word-7")

    assert User.objects.get(pk=clerk.pk).check_password("new-long-word-7")
    assert browser.get(url("changelist")).status_code == 302


def test_own_password_changed_is_recorded_and_keeps_the_session(security) -> None:
    browser = signed_in(security)

    answer = browser.post(
        reverse("admin:password_change"),
        {
            "old_password": PASSWORD,
            "new_password1": "my-own-word-42",
            "new_password2": "my-own-word-42",
        },
    )

    event = Event.objects.order_by("-number").first()
    assert (answer.status_code, event.act, event.actor) == (
        302,
        "roster.password_changed",
        "security",
    )
    assert browser.get(url("changelist", model="roster_user")).status_code == 200
    assert User.objects.get(pk=security.pk).check_password("my-own-word-42")


@pytest.mark.parametrize(
    ("password", "again"), [("new-long-word-7", "different-word-8"), ("123", "123"), ("", "")]
)
def test_password_that_cannot_be_set(security, password: str, again: str) -> None:
    clerk = person(lead(CHANGAN), "lead_clerk")
    address = url("password", clerk.pk, model="roster_user")

    answer = signed_in(security).post(address, {"password": password, "again": again})

    assert (answer.status_code, errors(answer) != "") == (200, True)
    assert User.objects.get(pk=clerk.pk).check_password(PASSWORD)


def test_account_of_another_area(regions) -> None:
    county = person(lead(CHANGAN), "security_admin")
    stranger = person(lead(LUNAN), "lead_clerk")
    client = signed_in(county)

    answers = {
        client.get(url(page, stranger.pk, model="roster_user")).status_code
        for page in ("change", "password", "history")
    } | {client.get(url("end", stranger.postings.get().pk, model="roster_posting")).status_code}

    assert answers == {404}


def test_history_of_a_person_tells_nothing_of_posts_elsewhere(security) -> None:
    user = User.objects.create_user("both")
    for region in (CHANGAN, LUNAN):
        appoint(
            by=security, user=user, agency=lead(region), role="lead_clerk",
            since=dt.date(2026, 1, 1),
        )  # fmt: skip
    end_posting(
        by=security, posting=user.postings.get(agency=lead(LUNAN)), until=dt.date(2026, 1, 1)
    )
    county = signed_in(person(lead(CHANGAN), "security_admin"))

    rows = county.get(url("history", user.pk, model="roster_user")).context["rows"]

    assert [(row.what, dict(row.values)["机构"]) for row in rows] == [
        ("任命岗位", "130102牵头部门")
    ]


def test_last_sign_in_is_for_who_looks_after_the_account(security) -> None:
    """A county sees people who were posted there once and now belong elsewhere."""
    own, gone = (person(lead(CHANGAN), "lead_clerk", username=name) for name in ("own", "gone"))
    end_posting(by=security, posting=gone.postings.get(), until=dt.date(2026, 1, 1))
    appoint(
        by=security, user=gone, agency=lead(LUNAN), role="lead_clerk", since=dt.date(2026, 1, 1)
    )
    User.objects.update(last_login="2026-02-03T04:05Z")
    county = person(lead(CHANGAN), "security_admin")

    def seen(user: User) -> list[bool]:
        client = signed_in(user)
        pages = (url("change", one.pk, model="roster_user") for one in (own, gone))
        texts = [client.get(page) for page in (*pages, url("changelist", model="roster_user"))]
        assert {answer.status_code for answer in texts} == {200}
        return ["2026-02-03 12:05" in answer.content.decode() for answer in texts]

    assert (seen(county), seen(security)) == ([True, False, False], [True, True, True])


def test_stored_password_is_shown_nowhere(security) -> None:
    clerk = person(lead(CHANGAN), "lead_clerk")

    body = signed_in(security).get(url("change", clerk.pk, model="roster_user")).content.decode()

    assert clerk.password not in body


# --- tables ------------------------------------------------------------------------------------------


@pytest.fixture
def system(regions) -> User:
    return person(lead(PROVINCE), "system_admin", username="sysadmin")


def test_region_added_and_changed(system) -> None:
    client = signed_in(system)
    add = url("add", model="roster_region")
    given = {"code": "130199", "name": "试验区", "full_name": "石家庄市试验区", "level": "county", "kind": "区"}  # fmt: skip
    client.post(add, filled(client, add) | given)
    address = url("change", "130199", model="roster_region")

    client.post(address, filled(client, address) | {"name": "新试验区"})

    assert Region.objects.get(pk="130199").name == "新试验区"


def test_region_with_a_stale_form(system) -> None:
    client = signed_in(system)
    address = url("change", CHANGAN, model="roster_region")
    form = filled(client, address)
    region = Region.objects.get(pk=CHANGAN)
    region.kind = "市辖区（改）"
    faster = person(lead(PROVINCE), "system_admin", username="faster")
    save_region(by=faster, region=region, on=localdate())

    answer = client.post(address, form | {"kind": "后改"})

    assert (answer.status_code, "faster" in errors(answer)) == (409, True)
    assert Region.objects.get(pk=CHANGAN).kind == "市辖区（改）"


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
@pytest.mark.parametrize("model", [Region, Agency])
def test_form_locks_its_row_in_the_order_of_all(beside, model) -> None:
    """Who holds the first row and goes on to the last, as a correction over several rosters does,
    is not met halfway."""
    load_reference(by=OPERATOR)
    client = signed_in(person(lead(PROVINCE), "system_admin"))
    department(LUNAN)
    first, *_, last = model.objects.order_by("pk")
    address = url("change", last.pk, model=model._meta.label_lower.replace(".", "_"))
    form = filled(client, address) | {"name": "新名"}

    with transaction.atomic():
        model.objects.select_for_update(no_key=True).get(pk=first.pk)
        saving = beside(lambda: client.post(address, form))
        assert not saving.ended_within(1)
        model.objects.select_for_update(no_key=True, nowait=True).get(pk=last.pk)

    assert saving.wait().status_code == 302
    assert model.objects.get(pk=last.pk).name == "新名"


def test_region_is_read_only_for_a_clerk(hebei) -> None:
    client = signed_in(hebei.county)

    page = client.get(url("change", CHANGAN, model="roster_region"))
    answer = client.post(url("change", CHANGAN, model="roster_region"), {"name": "x"})

    assert ('name="_save"' in page.content.decode(), answer.status_code) == (False, 403)


def test_reporting_line_from_a_day_on(system) -> None:
    client = signed_in(system)
    add = url("add", model="roster_reporting")

    client.post(
        add, filled(client, add) | {"region": CHANGAN, "superior": PROVINCE, "since": "2027-01-01"}
    )

    lines = Reporting.objects.filter(region=CHANGAN).order_by("pk")
    assert list(lines.values_list("superior", "since", "until")) == [
        (SHIJIAZHUANG, None, dt.date(2027, 1, 1)),
        (PROVINCE, dt.date(2027, 1, 1), None),
    ]


def test_reporting_line_in_a_circle(system) -> None:
    client = signed_in(system)
    add = url("add", model="roster_reporting")

    answer = client.post(
        add,
        filled(client, add) | {"region": SHIJIAZHUANG, "superior": CHANGAN, "since": "2027-01-01"},
    )

    assert (answer.status_code, "石家庄市长安区" in errors(answer)) == (409, True)


def test_agency_renamed_is_still_found_by_its_old_name(system) -> None:
    client = signed_in(system)
    agency = department(CHANGAN)
    address = url("change", agency.pk, model="roster_agency")

    client.post(address, filled(client, address) | {"name": "长安区市场监督管理局"})

    agency.refresh_from_db()
    assert agency.name == "长安区市场监督管理局"
    assert list(agency.other_names.values_list("name", flat=True)) == ["130102市场监管部门"]


def test_agency_with_other_names(system) -> None:
    client = signed_in(system)
    agency = department(CHANGAN)
    address = url("change", agency.pk, model="roster_agency")

    client.post(
        address,
        filled(client, address)
        | {"other_names-TOTAL_FORMS": "1", "other_names-0-name": "长安工商"},
    )

    assert list(agency.other_names.values_list("name", flat=True)) == ["长安工商"]


@pytest.mark.parametrize(
    "tampered",
    [
        {"other_names-TOTAL_FORMS": "3", "other_names-INITIAL_FORMS": "3",
         "other_names-0-id": "abc", "other_names-0-name": "x"},
        {"other_names-TOTAL_FORMS": "1", "other_names-INITIAL_FORMS": "1",
         "other_names-0-id": "999999", "other_names-0-name": "x"},
        {"other_names-TOTAL_FORMS": "99999999"},
        {"other_names-TOTAL_FORMS": "-1"},
        {"other_names-TOTAL_FORMS": "x", "other_names-INITIAL_FORMS": ""},
    ],
)  # fmt: skip
def test_agency_with_a_tampered_list_of_names(system, tampered: dict) -> None:
    client = signed_in(system)
    agency = department(CHANGAN)
    address = url("change", agency.pk, model="roster_agency")

    answer = client.post(address, filled(client, address) | tampered)

    assert 200 <= answer.status_code < 500
    assert agency.other_names.count() == 0


def upload(client, model: str, text: str, encoding: str = "utf-8", page: str = "import", **more):
    file = SimpleUploadedFile("表.csv", text.encode(encoding))
    return client.post(url(page, model=model), {"file": file, **more})


def test_agencies_come_in_from_a_table_after_a_look(system) -> None:
    client = signed_in(system)
    text = (
        "机构代码,机构名称,所属区划代码,类别,监管领域,启用日期,停用日期\n"
        "ca-yj,长安区应急管理局,130102,具有企业监管职责的部门,危险化学品,2020-01-01,\n"
    )

    seen = upload(client, "roster_agency", text, "gb18030")
    assert (Agency.objects.filter(code="ca-yj").exists(), seen.context["preview"].refused) == (
        False,
        0,
    )
    client.post(url("import", model="roster_agency"), {"key": seen.context["key"]})

    agency = Agency.objects.get(code="ca-yj")
    assert (agency.name, agency.kind, agency.region_id) == (
        "长安区应急管理局",
        "department",
        CHANGAN,
    )
    event = Event.objects.order_by("-number").first()
    assert (event.act, event.actor) == ("roster.table_imported", "sysadmin")


def test_table_with_other_delimiters_inside_a_cell(system) -> None:
    text = "代码,名称,门类\nZZ9,甲;乙;丙;丁;戊,A\n"
    seen = upload(signed_in(system), "roster_industry", text).context["preview"]
    assert [line.cells for line in seen.lines] == [("ZZ9", "甲;乙;丙;丁;戊", "A")]


def test_table_is_taken_in_once(system) -> None:
    client = signed_in(system)
    text = "代码,名称,门类\nZZ9,试验行业,A\n"
    key = upload(client, "roster_industry", text).context["key"]
    client.post(url("import", model="roster_industry"), {"key": key})

    again = client.post(url("import", model="roster_industry"), {"key": key})

    assert again.status_code == 409


def test_table_of_somebody_else_cannot_be_confirmed(system) -> None:
    key = upload(signed_in(system), "roster_industry", "代码,名称,门类\nZZ9,试验,A\n").context[
        "key"
    ]
    colleague = person(lead(PROVINCE), "system_admin")

    answer = signed_in(colleague).post(url("import", model="roster_industry"), {"key": key})

    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "没有数据行"),
        ("代码,名称\nZ1,x\n", "表头"),
        ("代码,名称,门类,多余\nZ1,x,A,1\n", "表头"),
        ("代码,名称,门类\nZ1,x\n", "第 2 行有 2 列"),
        ("代码,名称,门类\n", "没有数据行"),
        ('代码,名称,门类\nZ1,"x,A\n', "第 2 行起有引号没有成对"),
        ("代码,名称,门类\nZ1,x\x00,A\n", "第 2 行有读不出的字符"),
        (f"代码,名称,门类\nZ1,{'长' * 200_000},A\n", "超过 10000 个字"),
        ("代码,名称,门类\n" + "Z1,x,A\n" * 2_001, "文件超过 2000 行"),
        ("长" * 400_000, "文件超过 1 MB"),
        ("%PDF-1.7", "PDF"),
    ],
)
def test_table_with_a_faulty_form(system, text: str, said: str) -> None:
    answer = upload(signed_in(system), "roster_industry", text)

    assert answer.status_code == 200
    assert said in errors(answer) or (text == "" and "空" in errors(answer))


def test_workbook_under_the_name_of_a_table_is_refused(system) -> None:
    content = xlsx_file({"表": [["代码", "名称", "门类"], ["Z1", "x", "A"]]}).read()
    file = SimpleUploadedFile("表.csv", content)
    answer = signed_in(system).post(url("import", model="roster_industry"), {"file": file})

    assert "这里只导入 CSV" in errors(answer)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("长" * 400_000, "文件超过 1 MB"),
        ('date,kind,festival\n2031-01-01,休,"元旦\n', "引号没有成对"),
        (f"date,kind,festival\n2031-01-01,休,{'旦' * 200_000}\n", "一格内容过长"),
    ],
)
def test_calendar_with_a_faulty_form(system, content: str, said: str) -> None:
    file = SimpleUploadedFile("表.csv", content.encode())
    answer = signed_in(system).post(
        url("load", model="workdays_calendarday"), {"file": file, "source": "通知"}
    )

    assert said in answer.content.decode()
    assert answer.status_code in (200, 409)


def test_table_with_a_bad_line_is_refused_with_its_line(system) -> None:
    text = (
        "机构代码,机构名称,所属区划代码,类别,监管领域,启用日期,停用日期\n"
        "ok-1,好机构,130102,具有企业监管职责的部门,,,\n"
        "bad-1,坏机构,139999,具有企业监管职责的部门,,,\n"
    )

    preview = upload(signed_in(system), "roster_agency", text).context["preview"]

    assert [(line.number, bool(line.problems)) for line in preview.lines] == [(2, False), (3, True)]
    assert "没有代码为“139999”的行政区划。" in preview.lines[1].problems[0]
    assert not Agency.objects.filter(code="ok-1").exists()


def test_table_that_changed_behind_its_preview_is_not_taken_in(system) -> None:
    """A colleague has added the line meanwhile: it would change what the preview called new."""
    client = signed_in(system)
    shown = upload(client, "roster_industry", "代码,名称,门类\nZ1,我的,A\n")
    Industry.objects.create(code="Z1", name="同事的", section="A")

    key = {"key": shown.context["key"]}
    answer = client.post(url("import", model="roster_industry"), key)

    assert (answer.status_code, "请重新上传" in answer.content.decode()) == (409, True)
    assert Industry.objects.get(code="Z1").name == "同事的"


def test_exported_table_comes_back_unchanged(system) -> None:
    client = signed_in(system)
    page = client.get(url("export", model="roster_region"))
    columns = [name for name, _ in page.context["form"].fields["columns"].choices]
    answer = client.post(
        url("export", model="roster_region"), {"format": "csv", "columns": columns}
    )
    text = b"".join(answer.streaming_content).decode("utf-8-sig")

    preview = upload(client, "roster_region", text).context["preview"]

    assert (len(preview.lines), preview.news, preview.refused) == (Region.objects.count(), 0, 0)


def test_tables_are_not_taken_in_from_others(hebei) -> None:
    client = signed_in(hebei.province)

    assert upload(client, "roster_agency", "x").status_code == 403
    assert client.get(url("import", model="roster_region")).status_code == 403


def test_limit_set_from_a_day_on(system) -> None:
    from workdays.services import load_reference

    load_reference()
    client = signed_in(system)
    add = url("add", model="workdays_limit")

    client.post(
        add,
        filled(client, add)
        | {"code": "objection.accept", "name": "异议受理", "days": "3", "unit": "workdays",
           "source": "新办法第五条", "since": "2027-01-01"},
    )  # fmt: skip

    assert list(
        Limit.objects.filter(code="objection.accept").order_by("pk").values_list("days", "until")
    ) == [(2, dt.date(2027, 1, 1)), (3, None)]


def test_calendar_loaded_by_whole_years(system) -> None:
    client = signed_in(system)
    text = "date,kind,festival\n" + "".join(
        f"2031-{month:02}-01,休,{name}\n"
        for month, name in enumerate(
            ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"), 1
        )
    )

    upload(client, "workdays_calendarday", text, page="load", source="国办通知")

    assert CalendarYear.objects.get(year=2031).source == "国办通知"
    assert CalendarDay.objects.filter(date__year=2031).count() == 7


def test_half_a_calendar_is_refused(system) -> None:
    text = "date,kind,festival\n2031-01-01,休,元旦\n"

    answer = upload(signed_in(system), "workdays_calendarday", text, page="load", source="国办通知")

    assert (answer.status_code, "春节" in answer.content.decode()) == (409, True)
    assert not CalendarYear.objects.filter(year=2031).exists()


# --- audit log -------------------------------------------------------------------------------------------


def test_event_page_is_read_only(hebei) -> None:
    auditor = signed_in(person(lead(PROVINCE), "audit_admin"))
    event = Event.objects.first()

    page = auditor.get(url("change", event.pk, model="audit_event"))
    saved = auditor.post(url("change", event.pk, model="audit_event"), {"actor": "x"})

    assert ('name="_save"' in page.content.decode(), saved.status_code) == (False, 403)


def test_events_found_by_person_or_object(hebei) -> None:
    client = signed_in(hebei.county)
    address = url("change", hebei.own.pk)
    client.post(address, filled(client, address) | {"address": "新址"})
    auditor = signed_in(person(lead(PROVINCE), "audit_admin"))

    def found(text: str) -> set[str]:
        page = auditor.get(url("changelist", model="audit_event"), {"q": text})
        return {event.actor for event in page.context["cl"].result_list}

    assert (found("county"), found(hebei.own.pk), found("coun")) == (
        {"county"},
        {"county", "os:test"},
        set(),
    )


def test_event_found_by_a_key_of_two_targets_is_listed_once(regions) -> None:
    with acting("roster.region_saved", by=person(lead(PROVINCE), "system_admin")):
        note(target=("roster.posting", 987654))
        note(target=("roster.user", 987654))
    auditor = signed_in(person(lead(PROVINCE), "audit_admin"))

    page = auditor.get(url("changelist", model="audit_event"), {"target": "987654"})

    assert len(page.context["cl"].result_list) == 1


def test_event_has_no_history_of_its_own(regions) -> None:
    auditor = signed_in(person(lead(PROVINCE), "audit_admin"))

    page = auditor.get(url("change", Event.objects.first().pk, model="audit_event"))

    assert (page.status_code, "办理记录" in page.content.decode()) == (200, False)


def test_entry_leads_to_the_history_of_its_enterprise(hebei) -> None:
    entry = RosterEntry.objects.get(enterprise=hebei.own)
    client = signed_in(hebei.county)
    address = url("change", entry.pk, model="roster_rosterentry")
    history = url("history", hebei.own.pk)

    assert history in client.get(address).content.decode()
    Enterprise.objects.filter(pk=hebei.own.pk).update(keeper=LUNAN, region=LUNAN)
    assert history not in client.get(address).content.decode()


def test_event_log_is_closed_to_officers(hebei) -> None:
    assert signed_in(hebei.province).get(url("changelist", model="audit_event")).status_code == 403


def test_postings_list_says_who_is_posted(security) -> None:
    person(lead(CHANGAN), "lead_clerk", username="clerk", full_name="王某")

    rows = signed_in(security).get(url("changelist", model="roster_posting")).context["cl"]

    assert {str(row.user) for row in rows.result_list} == {"王某（clerk）", "security"}
    assert Posting.objects.count() == 2
