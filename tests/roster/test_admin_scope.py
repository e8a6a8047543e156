"""Every path of the admin on which another unit's enterprise could show: lists, pages, histories,
widgets, forms, actions, exports. Design idea 6."""

import csv
import io
import re
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.acts import acting, note
from audit.models import Event
from roster.admin.enterprises import EnterpriseAdmin
from roster.admin.people import PostingAdmin
from roster.admin_scope import Column, ScopedAdmin, exports, scoped_action
from roster.enums import Permission
from roster.filters import EnterpriseFilter
from roster.models import Enterprise, Posting, Representative, RosterEntry
from tests.factories.roster import (
    CHANGAN,
    LONG_AGO,
    LUNAN,
    PROVINCE,
    TODAY,
    Hebei,
    code,
    lead,
    person,
    post,
    register,
    signed_in,
    speaks_for,
)

pytestmark = pytest.mark.django_db

SEEN = {
    "county": {"own"},
    "city": {"own", "sibling", "municipal"},
    "other": {"foreign"},
    "market": {"own", "central", "municipal"},
}
OFFICERS = pytest.mark.parametrize("officer", list(SEEN))


def keys(hebei: Hebei, names: set[str]) -> set[str]:
    return {getattr(hebei, name).pk for name in names}


def url(page: str, *args: object, model: str = "enterprise") -> str:
    return reverse(f"admin:roster_{model}_{page}", args=args)


def shown(response) -> list:
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def without_address(response) -> str:
    """The body of an answer without what only repeats the address and the form's token."""
    body = response.content.decode()
    return re.sub(r'(name="(next|csrfmiddlewaretoken)"[^>]*)value="[^"]*"', r"\1", body)


# --- lists -------------------------------------------------------------------------------------------


@OFFICERS
def test_list_shows_the_visible_rows(hebei, officer: str) -> None:
    client = signed_in(getattr(hebei, officer))

    rows = shown(client.get(url("changelist")))

    assert {row.pk for row in rows} == keys(hebei, SEEN[officer])


@OFFICERS
def test_list_of_entries_shows_the_visible_rows(hebei, officer: str) -> None:
    client = signed_in(getattr(hebei, officer))

    rows = shown(client.get(url("changelist", model="rosterentry")))

    assert {row.enterprise_id for row in rows} == keys(hebei, SEEN[officer])


@OFFICERS
def test_popup_list_shows_the_visible_rows(hebei, officer: str) -> None:
    client = signed_in(getattr(hebei, officer))

    rows = shown(client.get(url("changelist"), {"_popup": "1"}))

    assert {row.pk for row in rows} == keys(hebei, SEEN[officer])


def test_search_finds_visible_rows_only(hebei) -> None:
    rows = shown(signed_in(hebei.county).get(url("changelist"), {"q": "有限公司"}))

    assert [row.pk for row in rows] == [hebei.own.pk]
    assert shown(signed_in(hebei.county).get(url("changelist"), {"q": hebei.foreign.pk})) == []


def test_filter_by_another_region_shows_nothing(hebei) -> None:
    assert shown(signed_in(hebei.county).get(url("changelist"), {"keeper": LUNAN})) == []


def test_filter_by_what_the_panel_does_not_offer(hebei) -> None:
    client = signed_in(hebei.county)
    lookups = (
        "keeper__name=x", "keeper__exact=130202", "name__startswith=路", "keeper__in=130202",
        "entries__region=130202", "registrations__name=x", "representatives__user__username=x",
        "records__number=1", "code__gte=0", "nonsense=1", "keeper_id=130202",
    )  # fmt: skip

    answers = {client.get(f"{url('changelist')}?{one}").status_code for one in lookups}

    assert answers == {400}


def test_filter_with_a_wrong_value_says_so_and_shows_nothing(hebei) -> None:
    answer = signed_in(hebei.county).get(url("changelist"), {"keeper": "999999"})

    assert shown(answer) == []
    assert "选择一个有效的选项" in answer.content.decode()


def test_filters_of_several_values_are_kept_by_the_search_form(hebei) -> None:
    answer = signed_in(hebei.county).get(f"{url('changelist')}?status=1&status=2")

    body = answer.content.decode()
    form = body[body.index('id="changelist-search"') :].partition("</form>")[0]
    assert re.findall(r'name="status" value="(\d)"', form) == ["1", "2"]


def test_empty_filters_are_forgotten(hebei) -> None:
    answer = signed_in(hebei.county).get(f"{url('changelist')}?status=&keeper=&section=")

    assert len(shown(answer)) == 1
    assert answer.context["cl"].filter_params == {}


def test_list_takes_the_same_number_of_queries_whatever_its_length(regions) -> None:
    client = signed_in(person(lead(CHANGAN), "lead_clerk"))
    counts = []
    for numbers in (range(1, 2), range(2, 42)):
        register([code(number) for number in numbers])
        with CaptureQueriesContext(connection) as queries:
            rows = shown(client.get(url("changelist")))
        counts.append((len(rows), len(queries)))

    assert [rows for rows, _ in counts] == [1, 41]
    assert counts[0][1] == counts[1][1]


def test_list_counts_no_further_than_its_cap(hebei, monkeypatch) -> None:
    monkeypatch.setattr(EnterpriseAdmin.paginator, "cap", 2)

    answer = signed_in(hebei.province).get(url("changelist"))

    assert answer.context["cl"].result_count == 2
    assert "超过 2 条" in answer.content.decode()


def test_list_with_strange_parameters(hebei) -> None:
    client = signed_in(hebei.county)
    names = ("p", "o", "all", "_popup", "_to_field", "e", "q", "_facets")
    values = ("", "abc", "-1", "0", "9" * 40, "1.5.-2", "é石", "%", "'\"<")

    answers = {
        client.get(url("changelist"), {name: value}).status_code
        for name in names
        for value in values
    }

    assert answers <= {200, 302, 400}


def test_list_with_strange_filter_values(hebei) -> None:
    client = signed_in(hebei.county)
    values = ("abc", "-1", "9" * 40, "2023-02-30", "é石", "%", "'\"<")

    rows = {
        (name, value): shown(client.get(url("changelist"), {name: value}))
        for name in sorted(EnterpriseFilter.parameter_names())
        for value in values
    }

    assert [key for key, found in rows.items() if found] == []


# --- single pages: not there and not yours are the same answer ------------------------------------------


def test_search_that_finds_too_much_shows_the_first_found_in_order(regions, monkeypatch) -> None:
    register([code(number) for number in range(1, 10)])
    monkeypatch.setattr(EnterpriseAdmin.paginator, "cap", 5)
    monkeypatch.setattr(EnterpriseAdmin, "list_per_page", 3)
    client = signed_in(person(lead(CHANGAN), "lead_clerk"))

    pages = [
        [row.pk for row in shown(client.get(url("changelist"), {"q": "有限公司", "p": page}))]
        for page in (1, 2)
    ]

    assert [len(page) for page in pages] == [3, 2]
    assert pages[0] + pages[1] == sorted(pages[0] + pages[1])


def test_order_that_is_not_offered_is_the_lists_own(regions) -> None:
    register([code(number) for number in (3, 1, 2)])
    client = signed_in(person(lead(CHANGAN), "lead_clerk"))

    orders = [
        [row.pk for row in shown(client.get(url("changelist"), {"o": order}))]
        for order in ("", "2", "-4", "0", "-0")
    ]

    codes = [code(1), code(2), code(3)]
    assert orders == [codes, codes, codes, codes, codes[::-1]]


@pytest.mark.parametrize("page", ["change", "history", "place", "release"])
@pytest.mark.parametrize("officer", ["county", "city", "other"])
def test_page_of_another_units_enterprise_answers_like_one_not_there(
    hebei, page: str, officer: str
) -> None:
    client = signed_in(getattr(hebei, officer))
    hidden = {"county": "sibling", "city": "foreign", "other": "own"}[officer]

    theirs = client.get(url(page, getattr(hebei, hidden).pk))
    nobodys = client.get(url(page, code(77)))

    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert without_address(theirs) == without_address(nobodys)


@pytest.mark.parametrize("page", ["change", "place", "release"])
def test_post_to_another_units_enterprise_answers_like_one_not_there(hebei, page: str) -> None:
    client = signed_in(hebei.county)
    given = {"name": "抢改有限公司", "region": CHANGAN, "reason": "x", "_seen": "1"}

    theirs = client.post(url(page, hebei.foreign.pk), given)
    nobodys = client.post(url(page, code(77)), given)

    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert without_address(theirs) == without_address(nobodys)
    hebei.foreign.refresh_from_db()
    assert (hebei.foreign.name, hebei.foreign.keeper_id) == ("路南丙物流有限公司", LUNAN)


@pytest.mark.parametrize("page", ["change", "history"])
def test_page_of_a_visible_enterprise(hebei, page: str) -> None:
    answers = {
        officer: signed_in(getattr(hebei, officer)).get(url(page, hebei.own.pk)).status_code
        for officer in ("county", "city", "other", "province", "market")
    }

    assert answers == {"county": 200, "city": 200, "other": 404, "province": 200, "market": 200}


def test_level_above_sees_but_cannot_save(hebei) -> None:
    client = signed_in(hebei.city)

    page = client.get(url("change", hebei.own.pk))
    saved = client.post(url("change", hebei.own.pk), {"name": "市里改名", "_seen": "1"})

    assert 'name="_save"' not in page.content.decode()
    assert saved.status_code == 403
    hebei.own.refresh_from_db()
    assert hebei.own.name == "长安甲贸易有限公司"


@pytest.mark.parametrize(
    ("model", "role"),
    [
        ("enterprise", "lead_clerk"), ("rosterentry", "lead_clerk"), ("region", "lead_clerk"),
        ("agency", "lead_clerk"), ("reporting", "lead_clerk"), ("user", "security_admin"),
        ("posting", "security_admin"),
    ],
)  # fmt: skip
def test_page_with_a_key_that_is_none(regions, model: str, role: str) -> None:
    client = signed_in(person(lead(PROVINCE), role))
    strange = ("abc", "9" * 26, "-1", "1.5", "é石", "_5F", "a" * 300, "1'--", "None", "0")

    answers = {
        client.get(url(page, key, model=model)).status_code
        for page in ("change", "history")
        if (model, page) != ("rosterentry", "history")  # acts name the enterprise, not its stays
        for key in strange
    }

    assert answers == {404}


@pytest.mark.parametrize("model", ["enterprise", "rosterentry", "region", "user", "posting"])
def test_nothing_can_be_deleted(hebei, model: str) -> None:
    role = "security_admin" if model in ("user", "posting") else "lead_clerk"
    client = signed_in(person(lead(PROVINCE), role))
    key = {
        "enterprise": hebei.own.pk,
        "rosterentry": RosterEntry.objects.first().pk,
        "region": CHANGAN,
        "user": hebei.county.pk,
        "posting": Posting.objects.first().pk,
    }[model]

    answer = client.post(f"/admin/roster/{model}/{key}/delete/", {"post": "yes"})

    assert answer.status_code == 404


def test_view_on_site_tells_nothing(hebei) -> None:
    from django.contrib.contenttypes.models import ContentType

    kind = ContentType.objects.get_for_model(Enterprise).pk
    client = signed_in(hebei.county)

    theirs = client.get(f"/admin/r/{kind}/{hebei.foreign.pk}/")
    nobodys = client.get(f"/admin/r/{kind}/{code(77)}/")

    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert without_address(theirs) == without_address(nobodys)


def test_reference_by_another_field_of_the_address(hebei) -> None:
    client = signed_in(hebei.county)

    assert client.get(f"{url('change', hebei.foreign.name)}?_to_field=name").status_code == 400
    assert client.get(f"{url('change', hebei.foreign.pk)}?_to_field=code").status_code == 404


# --- widgets and forms -----------------------------------------------------------------------------------


def complete(client, *, model: str, field: str, term: str = "") -> dict:
    answer = client.get(
        reverse("admin:autocomplete"),
        {"app_label": "roster", "model_name": model, "field_name": field, "term": term},
    )
    return {"status": answer.status_code, "rows": answer.json().get("results", [])} if (
        answer.status_code == 200
    ) else {"status": answer.status_code, "rows": []}  # fmt: skip


@OFFICERS
@pytest.mark.parametrize("term", ["", "有限公司", "91130"])
def test_autocomplete_offers_visible_rows_only(hebei, officer: str, term: str) -> None:
    client = signed_in(getattr(hebei, officer))

    found = complete(client, model="rosterentry", field="enterprise", term=term)

    assert {row["id"] for row in found["rows"]} == keys(hebei, SEEN[officer])


def test_autocomplete_of_accounts_is_the_security_administrators(hebei) -> None:
    security = person(lead(CHANGAN), "security_admin", username="security")

    mine = complete(signed_in(security), model="posting", field="user")
    clerks = complete(signed_in(hebei.county), model="posting", field="user")

    assert {row["text"] for row in mine["rows"]} == {"county", "market", "security"}
    assert clerks == {"status": 403, "rows": []}


def posting_form(by, given: dict) -> str:
    answer = signed_in(by).post(url("add", model="posting"), given)
    assert answer.status_code == 200
    return answer.content.decode()


def test_form_refuses_a_foreign_key_like_one_not_there(hebei) -> None:
    security = person(lead(CHANGAN), "security_admin")
    given = {"agency": lead(CHANGAN).pk, "role": "reader", "since": "2026-01-01", "until": ""}

    theirs = posting_form(security, {**given, "user": hebei.other.pk})
    nobodys = posting_form(security, {**given, "user": 10**9})

    assert "选择一个有效的选项" in theirs
    assert "选择一个有效的选项" in nobodys
    assert "other" not in re.findall(r"<option[^>]*>([^<]*)</option>", theirs)
    assert Posting.objects.filter(user=hebei.other).count() == 1


def test_first_values_from_the_address_show_visible_rows_only(hebei) -> None:
    client = signed_in(person(lead(CHANGAN), "security_admin"))

    mine = client.get(url("add", model="posting"), {"user": hebei.county.pk})
    theirs = client.get(url("add", model="posting"), {"user": hebei.other.pk})

    assert re.findall(r"<option[^>]*selected[^>]*>([^<]*)</option>", mine.content.decode()) == [
        "county", "---------",
    ]  # fmt: skip
    assert "other" not in re.findall(r"<option[^>]*>([^<]*)</option>", theirs.content.decode())


def test_first_values_from_the_address_that_are_none(regions) -> None:
    client = signed_in(person(lead(PROVINCE), "security_admin"))

    for value in ("abc", "9" * 30, "-", ""):
        assert client.get(url("add", model="posting"), {"user": value}).status_code == 200


class RepresentativeAdmin(ScopedAdmin):
    """Not part of the portal: tries the widgets on a table with keys to enterprises."""

    view_permission = Permission.VIEW_ROSTER
    add_permission = Permission.EDIT_ROSTER
    raw_id_fields = ("enterprise",)
    fields = ("enterprise",)


def test_raw_id_widget_names_visible_rows_only(hebei) -> None:
    request = RequestFactory().get("/")
    request.user = hebei.county
    form = RepresentativeAdmin(Representative, admin.site).get_form(request)

    assert hebei.own.name in str(form(initial={"enterprise": hebei.own.pk})["enterprise"])
    assert hebei.foreign.name not in str(
        form(initial={"enterprise": hebei.foreign.pk})["enterprise"]
    )
    assert form({"enterprise": hebei.own.pk}).errors == {}
    bad = form({"enterprise": hebei.foreign.pk})
    assert bad.errors == form({"enterprise": code(77)}).errors != {}
    assert hebei.foreign.name not in bad.as_p()


def test_link_to_a_row_that_is_not_the_readers(hebei) -> None:
    """An entry of one's own roster, about an enterprise that has moved away since."""
    from roster.services import register_enterprise

    register_enterprise(
        by=hebei.county, code=hebei.own.pk, given={"region_id": LUNAN, "name": "路南新名有限公司"},
        source="", on=TODAY, version=1,
    )  # fmt: skip
    left = RosterEntry.objects.get(enterprise=hebei.own, left_on=TODAY)
    client = signed_in(hebei.county)

    page = client.get(url("change", left.pk, model="rosterentry"))
    listed = client.get(url("changelist", model="rosterentry"))

    assert (page.status_code, listed.status_code) == (200, 200)
    for body in (page.content.decode(), listed.content.decode()):
        assert hebei.own.pk in body
        assert "路南新名有限公司" not in body
        assert url("change", hebei.own.pk) not in body


# --- actions -------------------------------------------------------------------------------------------


@pytest.fixture
def touched(monkeypatch) -> list[str]:
    """An action on enterprises that remembers what it was given."""
    rows: list[str] = []

    @scoped_action(description="试一试", permission=Permission.EDIT_ROSTER)
    def touch(model_admin, request, queryset):
        rows.extend(queryset.order_by("pk").values_list("pk", flat=True))

    monkeypatch.setattr(EnterpriseAdmin, "actions", [touch])
    return rows


def act(client, *selected: str, across: str = "0", query: str = ""):
    given = {"action": "touch", "index": "0", "select_across": across, "_selected_action": selected}
    return client.post(url("changelist") + query, given)


def test_action_on_own_rows(hebei, touched) -> None:
    assert act(signed_in(hebei.county), hebei.own.pk).status_code == 302
    assert touched == [hebei.own.pk]


def test_action_on_a_foreign_row_answers_like_one_not_there(hebei, touched) -> None:
    client = signed_in(hebei.county)

    theirs = act(client, hebei.own.pk, hebei.foreign.pk)
    nobodys = act(client, hebei.own.pk, code(77))

    assert (theirs.status_code, nobodys.status_code, touched) == (404, 404, [])
    assert without_address(theirs) == without_address(nobodys)


def test_action_across_the_list_stays_inside_it(hebei, touched) -> None:
    act(signed_in(hebei.city), hebei.own.pk, across="1")

    assert touched == sorted(keys(hebei, SEEN["city"]))


def test_action_across_a_filtered_list(hebei, touched) -> None:
    act(signed_in(hebei.province), hebei.own.pk, across="1", query=f"?keeper={LUNAN}")

    assert touched == [hebei.foreign.pk]


def test_action_is_offered_to_who_holds_its_permission(hebei, touched) -> None:
    reader = person(lead(CHANGAN), "reader")

    act(signed_in(reader), hebei.own.pk)

    assert touched == []


def test_action_with_a_key_that_is_none(regions, monkeypatch) -> None:
    @scoped_action(description="试一试", permission=Permission.MANAGE_ACCOUNTS)
    def touch(model_admin, request, queryset):
        pytest.fail("must not be reached")

    monkeypatch.setattr(PostingAdmin, "actions", [touch])
    client = signed_in(person(lead(PROVINCE), "security_admin"))
    given = {"action": "touch", "index": "0", "_selected_action": ["abc"]}

    answer = client.post(url("changelist", model="posting"), given)

    assert answer.status_code == 404


# --- history ---------------------------------------------------------------------------------------------


def test_history_says_who_when_what_and_why(hebei) -> None:
    from roster.services import override_place, register_enterprise

    register_enterprise(
        by=hebei.county, code=hebei.own.pk, given={"name": "长安改名有限公司", "status": "7"},
        source="", on=TODAY, version=1,
    )  # fmt: skip
    override_place(
        by=hebei.county, code=hebei.own.pk, region=CHANGAN, level="county", reason="开发区企业",
        on=TODAY, version=2,
    )  # fmt: skip

    answer = signed_in(hebei.city).get(url("history", hebei.own.pk))

    first, second, *_ = answer.context["rows"]
    assert (first.actor, first.agency, first.what, first.reason) == (
        "county", "130102牵头部门", "人工指定名录", "开发区企业",
    )  # fmt: skip
    assert ("所在名录", "石家庄市长安区（130102）", "石家庄市长安区（130102）") in first.changes
    assert ("登记状态", "存续", "歇业") in second.changes
    assert ("企业名称", "长安甲贸易有限公司", "长安改名有限公司") in second.changes


def test_history_tells_nothing_of_other_objects_of_the_same_act(hebei) -> None:
    with acting("roster.registrations_written", by=hebei.province):
        note(target=hebei.own, reason="批量甲", changes=[("address", "", "长安路1号")])
        note(target=hebei.foreign, reason="批量乙", changes=[("address", "", "路南路2号")])

    body = signed_in(hebei.county).get(url("history", hebei.own.pk)).content.decode()

    assert ("长安路1号" in body, "路南路2号" in body, "批量乙" in body) == (True, False, False)


# --- exports ---------------------------------------------------------------------------------------------


def exported(client, *, query: str = "", model: str = "enterprise", columns=("code", "name")):
    answer = client.post(
        url("export", model=model) + query, {"format": "csv", "columns": list(columns)}
    )
    assert answer.status_code == 200, answer.content[:500]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@OFFICERS
def test_export_holds_the_visible_rows(hebei, officer: str) -> None:
    headings, *rows = exported(signed_in(getattr(hebei, officer)))

    assert headings == ["统一社会信用代码", "企业名称"]
    assert {row[0] for row in rows} == keys(hebei, SEEN[officer])


def test_export_follows_search_and_filter(hebei) -> None:
    client = signed_in(hebei.province)

    assert [row[1] for row in exported(client, query="?q=路南")[1:]] == ["路南丙物流有限公司"]
    assert [row[1] for row in exported(client, query=f"?keeper={PROVINCE}")[1:]] == [
        "长安丁能源有限公司"
    ]


def test_export_of_a_foreign_filter_is_empty(hebei) -> None:
    assert exported(signed_in(hebei.county), query=f"?q={hebei.foreign.pk}")[1:] == []


def test_export_defuses_formulas_and_keeps_codes(regions) -> None:
    register(code(1), name="=HYPERLINK(1)有限公司")

    rows = exported(signed_in(person(lead(CHANGAN), "lead_clerk")))

    assert rows[1] == [code(1), "'=HYPERLINK(1)有限公司"]


def test_export_is_recorded(hebei) -> None:
    exported(signed_in(hebei.county), query="?q=长安")

    event = Event.objects.order_by("-number").first()
    values = event.details["notes"][0]["values"]
    assert (event.act, event.actor, values["rows"], values["columns"]) == (
        "roster.list_exported", "county", 1, ["code", "name"],
    )  # fmt: skip


def test_numbers_of_persons_do_not_come_into_the_chain(hebei) -> None:
    """Somebody searches a list by the paper of a person and takes the file."""
    client = signed_in(hebei.county)
    for asked in (
        "110101199003071233",
        "１１０１０１１９９００３０７１２３３",
        "1101 0119 9003 0712 33",
    ):
        exported(client, query=f"?q={quote(asked)}")
    exported(client, query=f"?q={hebei.own.pk}&region={CHANGAN}")

    events = Event.objects.filter(act="roster.list_exported").order_by("number")
    said = [event.details["notes"][0]["values"]["filters"] for event in events]
    assert said == ["q=%E2%80%A6"] * 3 + [f"q={hebei.own.pk}&region={CHANGAN}"]


def test_export_as_workbook(hebei) -> None:
    import zipfile

    answer = signed_in(hebei.county).post(
        url("export"), {"format": "xlsx", "columns": ["code", "name"]}
    )

    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    text = b"".join(book.read(name) for name in book.namelist()).decode("utf-8", "ignore")
    assert (hebei.own.pk in text, hebei.foreign.pk in text) == (True, False)


def test_export_above_the_limit_is_refused(hebei, monkeypatch) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    client = signed_in(hebei.province)

    page = client.get(url("export"))
    answer = client.post(url("export"), {"format": "csv", "columns": ["code"]})

    assert (page.status_code, answer.status_code) == (200, 409)
    assert "缩小范围" in page.content.decode()
    assert "缩小范围" in answer.content.decode()
    assert len(exported(client, query=f"?keeper={LUNAN}")) == 2


def test_export_of_unknown_columns(hebei) -> None:
    answer = signed_in(hebei.county).post(
        url("export"), {"format": "csv", "columns": ["code", "version"]}
    )

    assert answer.status_code == 200
    assert "attachment" not in answer.headers.get("Content-Disposition", "")


@pytest.mark.parametrize(
    ("model", "role"),
    [
        ("rosterentry", "lead_clerk"), ("region", "reader"), ("reporting", "reader"),
        ("industry", "reader"), ("agency", "reader"), ("user", "security_admin"),
        ("posting", "security_admin"),
    ],
)  # fmt: skip
def test_export_of_every_list(hebei, model: str, role: str) -> None:
    client = signed_in(person(lead(CHANGAN), role))
    page = client.get(url("export", model=model))
    columns = [name for name, _ in page.context["form"].fields["columns"].choices]

    headings, *rows = exported(client, model=model, columns=columns)

    listed = client.get(url("changelist", model=model)).context["cl"].result_count
    assert (len(headings), len(rows)) == (len(columns), listed)


# --- columns from above --------------------------------------------------------------------------------------


def test_column_from_above_is_filled_once_per_page_and_exported(hebei, monkeypatch) -> None:
    asked: list[int] = []

    def values(user, rows):
        asked.append(len(rows))
        return {row.pk: f"A{row.pk[-2:]}" for row in rows}

    monkeypatch.setattr(EnterpriseAdmin, "extra_columns", ())
    EnterpriseAdmin.add_column(Column("trial", "试列", values))
    client = signed_in(hebei.city)

    body = client.get(url("changelist")).content.decode()
    table = exported(client, columns=("code", "trial"))

    assert f"A{hebei.own.pk[-2:]}" in body
    assert table[0] == ["统一社会信用代码", "试列"]
    assert {tuple(row) for row in table[1:]} == {
        (pk, f"A{pk[-2:]}") for pk in keys(hebei, SEEN["city"])
    }
    assert asked == [3, 3]  # once for the page, once for the export


# --- who is let in at all ------------------------------------------------------------------------------------


def test_end_of_a_posting_takes_effect_on_the_next_request(hebei) -> None:
    client = signed_in(hebei.county)
    before = client.get(url("change", hebei.own.pk)).status_code

    hebei.county.postings.update(until=TODAY)
    after = client.get(url("change", hebei.own.pk)).status_code

    assert (before, after) == (200, 302)
    assert signed_in(hebei.county).get(url("change", hebei.own.pk)).status_code == 403


def test_new_posting_takes_effect_on_the_next_request(hebei) -> None:
    client = signed_in(hebei.county)

    post(hebei.county, lead(LUNAN), "lead_clerk", since=LONG_AGO)

    assert client.get(url("changelist")).status_code == 302  # the session is over
    rows = shown(signed_in(hebei.county).get(url("changelist")))
    assert {row.pk for row in rows} == keys(hebei, {"own", "foreign"})


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_administrators_open_no_enterprise(hebei, role: str) -> None:
    client = signed_in(person(lead(PROVINCE), role))

    answers = {
        client.get(address).status_code
        for address in (
            url("changelist"), url("change", hebei.own.pk), url("export"), url("add"),
            url("history", hebei.own.pk), url("changelist", model="rosterentry"),
        )
    }  # fmt: skip

    assert answers == {403}


def test_representative_opens_nothing_of_the_admin(hebei) -> None:
    client = signed_in(speaks_for(hebei.own.pk))

    assert client.get(url("changelist")).status_code == 403
    assert client.get(url("change", hebei.own.pk)).status_code == 403


def test_stranger_is_sent_to_sign_in(client, hebei) -> None:
    answer = client.get(url("change", hebei.own.pk))

    assert (answer.status_code, answer["Location"].startswith("/admin/login/")) == (302, True)


# --- every admin class -----------------------------------------------------------------------------------------


def test_every_admin_class_stands_on_the_layer() -> None:
    wrong = [
        model._meta.label
        for model, found in admin.site._registry.items()
        if not isinstance(found, ScopedAdmin) and model._meta.app_label != "auth"
    ]

    assert wrong == []


def test_every_admin_class_has_rows_somebody_thought_about() -> None:
    from roster.scope import has_scope

    wrong = []
    for model, found in admin.site._registry.items():
        related = [
            model._meta.get_field(name).related_model
            for name in (*found.autocomplete_fields, *found.raw_id_fields)
        ]
        inlines = [inline.model for inline in found.inlines if not inline.with_parent]
        wrong += [one._meta.label for one in (model, *related, *inlines) if not has_scope(one)]

    assert wrong == []
