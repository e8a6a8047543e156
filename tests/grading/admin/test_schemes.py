"""评价标准: everybody reads the published one, the province's lead agency works on a draft."""

import pytest
from django.urls import reverse
from django.utils import translation

from grading.models import RunSchedule, Scheme
from grading.schemes import copy_scheme
from tests.factories.roster import signed_in
from workdays.models import Limit


@pytest.fixture
def published(office) -> Scheme:
    return Scheme.objects.get(version=1)


@pytest.fixture
def draft(office, published) -> Scheme:
    return copy_scheme(by=office.hebei.province, scheme_id=published.pk)


def address(name: str, scheme: Scheme) -> str:
    return reverse(f"admin:grading_scheme_{name}", args=(scheme.pk,))


def fields_of(page) -> dict[str, object]:
    """What the edit form would send unchanged."""
    form = page.context["form"]
    rows = [form, *form.rows()]
    return {"_seen": page.context["seen"]} | {
        row.add_prefix(name): row.get_initial_for_field(field, name)
        for row in rows for name, field in row.fields.items()
    }  # fmt: skip


@pytest.mark.parametrize("who", ["county", "city", "other", "market", "province"])
def test_everybody_reads_what_counts_and_how_gaps_are_read(office, published, who):
    page = signed_in(getattr(office.hebei, who)).get(address("change", published))
    shown = page.content.decode()

    assert "一般失信行为5次（含5次）" in shown
    assert "不论何时认定，到评价基准日尚未终止（移出）的" in shown
    assert "失信被执行人名单默认计入" in shown
    assert ("复制为草案" in shown) == (who == "province")


@pytest.mark.parametrize("number", ["G1", "G2", "G4", "G5", "G8", "G10", "G11", "G14"])
def test_reading_stands_beside_its_clause(office, published, number):
    shown = signed_in(office.hebei.county).get(address("change", published)).content.decode()

    row = shown.split(f'<tr id="{number}">')[1].split("</tr>")[0]
    assert 'class="clause-link"' in row


def test_copy_leads_to_the_draft(office, published):
    response = signed_in(office.hebei.province).post(address("copy", published))
    draft = Scheme.objects.get(version=2)

    assert response.url == address("edit", draft)
    assert (
        "还不能使用"
        in signed_in(office.hebei.province).get(address("change", draft)).content.decode()
    )


def test_draft_is_edited_and_its_differences_are_shown(office, draft):
    client = signed_in(office.hebei.province)
    sent = fields_of(client.get(address("edit", draft)))
    sent |= {"general_limit": "4", "kind-judgment_defaulter-weight": "none"}
    response = client.post(address("edit", draft), sent)
    shown = client.get(response.url).content.decode()

    assert Scheme.objects.get(pk=draft.pk).general_limit == 4
    assert "1年内有4次以下（含4次）一般失信行为记录且未造成严重后果" in shown
    assert "失信被执行人名单</td>" in shown.split("的不同")[1].split("<h2>")[0]


def test_stale_draft_form_is_refused(office, draft):
    client = signed_in(office.hebei.province)
    sent = fields_of(client.get(address("edit", draft)))
    client.post(address("edit", draft), {**sent, "general_limit": "4"})
    response = client.post(address("edit", draft), {**sent, "general_limit": "7"})

    assert response.status_code == 409
    assert "您这次的填写没有保存" in response.content.decode()
    assert response.context["form"]["general_limit"].value() == "7"
    assert Scheme.objects.get(pk=draft.pk).general_limit == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"window_months": "0"},
        {"general_limit": ""},
        {"grade-A-name": ""},
        {"kind-judgment-weight": "x"},
    ],
)
def test_wrong_draft_is_given_back_with_what_was_typed(office, draft, wrong):
    client = signed_in(office.hebei.province)
    sent = fields_of(client.get(address("edit", draft))) | {"note": "尚未写完"} | wrong
    response = client.post(address("edit", draft), sent)

    assert response.status_code == 200
    assert "尚未写完" in response.content.decode()
    assert Scheme.objects.get(pk=draft.pk).note == ""


@pytest.mark.parametrize("who", ["county", "city", "market"])
def test_others_see_no_draft_and_make_none(office, published, draft, who):
    client = signed_in(getattr(office.hebei, who))

    assert client.get(address("change", draft)).status_code == 404
    assert client.get(address("edit", draft)).status_code == 403
    assert client.post(address("copy", published)).status_code == 403
    assert Scheme.objects.count() == 2


def test_published_version_has_no_edit_page(office, published):
    response = signed_in(office.hebei.province).get(address("edit", published))

    assert response.url == address("change", published)


def test_cycle_is_set_by_the_province_only(office):
    add = reverse("admin:grading_runschedule_add")
    given = {
        "kind": "quarterly",
        "month": "3",
        "day": "31",
        "wait_days": "20",
        "since": "2026-01-01",
        "until": "",
    }
    refused = signed_in(office.hebei.county).post(add, given)
    done = signed_in(office.hebei.province).post(add, given)

    assert (refused.status_code, done.status_code) == (403, 302)
    assert RunSchedule.objects.filter(kind="quarterly").count() == 1


def test_cycle_on_a_leap_day_is_refused_on_the_form(office):
    add = reverse("admin:grading_runschedule_add")
    given = {"kind": "annual", "month": "2", "day": "29", "since": "2026-01-01", "until": ""}
    response = signed_in(office.hebei.province).post(add, given)

    assert "不能是2月29日" in response.content.decode()
    assert RunSchedule.objects.count() == 1


def test_cycle_ends_on_its_page(office):
    schedule = RunSchedule.objects.get()
    page = reverse("admin:grading_runschedule_change", args=(schedule.pk,))
    client = signed_in(office.hebei.province)
    seen = client.get(page).context["seen"]
    client.post(page, {"until": "2027-01-01", "_seen": seen})
    schedule.refresh_from_db()

    assert str(schedule.until) == "2027-01-01"


def test_day_of_a_cycle_is_no_number_of_days_in_english():
    day, unit = RunSchedule._meta.get_field("day"), Limit._meta.get_field("unit")
    with translation.override("en"):
        assert (day.verbose_name, dict(unit.flatchoices)["days"]) == ("Day", "days")
