"""评价结果: ratings in force by default, older ones by run; three officers."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.acts import acting
from grading.models import Rating
from grading.regrading import regrade_current
from records import services as records
from records.models import Record
from roster.models import Enterprise
from tests.factories.roster import CHANGAN, OPERATOR, code, register, signed_in
from tests.grading.admin.conftest import part_of
from tests.grading.admin.test_parts import give

LIST = "admin:grading_rating_changelist"


def shown(user, **query) -> list[str]:
    response = signed_in(user).get(reverse(LIST), query)
    assert response.status_code == 200
    return [rating.enterprise_id for rating in response.context["cl"].result_list]


def test_ratings_are_shown_once_published(office, part):
    before = shown(office.hebei.county)
    office.publish(part)

    assert before == []
    assert shown(office.hebei.county) == [code(1)]


@pytest.mark.parametrize(
    ("who", "codes"), [("county", [1]), ("city", [1]), ("market", [1]), ("other", [])]
)
def test_three_officers_and_the_department(office, part, who, codes):
    office.publish(part)

    assert shown(getattr(office.hebei, who)) == [code(number) for number in codes]


@pytest.mark.parametrize(("who", "codes"), [("county", [1]), ("city", [1, 2, 5]), ("market", [])])
def test_unpublished_ratings_of_a_run_are_the_lead_agencies_own(office, run, who, codes):
    found = shown(getattr(office.hebei, who), run=run.pk)

    assert sorted(found) == sorted(code(number) for number in codes)


def test_run_of_others_is_no_choice(office):
    theirs = office.compute(office.hebei.other)

    assert shown(office.hebei.county, run=theirs.pk) == []


@pytest.fixture
def graded(office):
    """长安区 with an A, a B and a C in force."""
    register([code(11), code(12)])
    give(code(11), "penalty_other")
    give(code(12), "production_stopped")
    return office.publish(part_of(office.compute(office.hebei.county), CHANGAN))


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"grade": "A"}, [1]),
        ({"grade": "C"}, [12]),
        ({"rule": "within_limit"}, [11]),
        ({"rule": "within_limit", "grade": "C"}, []),
        ({"region": CHANGAN}, [1, 11, 12]),
        ({"region": "130104"}, []),
        ({"corrected": "yes"}, []),
        ({"corrected": "no"}, [1, 11, 12]),
        ({"q": code(12)}, [12]),
        ({"q": "长安甲"}, [1]),
        ({"q": "没有这家"}, []),
    ],
)
def test_filters_and_search(office, graded, query, codes):
    assert shown(office.hebei.county, **query) == [code(number) for number in codes]


@pytest.mark.parametrize("few", [0, 2, 3, 10_000])
@pytest.mark.parametrize("who", ["county", "city", "province", "market", "other"])
def test_wide_and_narrow_searches_find_the_same(office, graded, monkeypatch, few, who):
    monkeypatch.setattr("grading.admin.ratings.FEW", few)
    user = getattr(office.hebei, who)
    found = [one for one in shown(user) if "公司" in Enterprise.objects.get(pk=one).name]

    assert shown(user, q="公司") == found
    assert bool(found) == (who != "other")


@pytest.mark.parametrize(
    "query", [{"grade": "Z"}, {"run": "x"}, {"run": "9" * 30}, {"region": "'"}]
)
def test_filter_values_that_are_none_find_nothing(office, graded, query):
    assert shown(office.hebei.county, **query) == []


def test_corrected_rating_is_shown_once_with_its_cause(office, graded):
    record = Record.objects.get(enterprise=code(11))
    with acting("grading.trial", by=OPERATOR):
        records.retract_record(by=OPERATOR, record_id=record.pk, reason="重复报送")
        regrade_current(by=OPERATOR, code=code(11), cause="重复报送")
    page = signed_in(office.hebei.county).get(reverse(LIST), {"corrected": "yes"})

    assert [(row.enterprise_id, row.grade) for row in page.context["cl"].result_list] == [
        (code(11), "A")
    ]
    assert "重复报送" in page.content.decode()
    assert shown(office.hebei.county) == [code(1), code(11), code(12)]


def test_row_leads_to_the_explanation(office, graded):
    rating = Rating.objects.get(enterprise=code(12))
    client = signed_in(office.hebei.county)
    address = f"{reverse('admin:grading_rating_explain', args=(code(12),))}?part={graded.pk}"
    page = client.get(reverse("admin:grading_rating_change", args=(rating.pk,)))

    assert address in client.get(reverse(LIST)).content.decode()
    assert page.url == address


def test_rating_of_others_is_not_there(office, graded):
    rating = Rating.objects.get(enterprise=code(12))
    address = reverse("admin:grading_rating_change", args=(rating.pk,))

    assert signed_in(office.hebei.other).get(address).status_code == 404


@pytest.mark.parametrize("who", ["county", "province"])
def test_nobody_types_a_grade(office, graded, who):
    rating = Rating.objects.get(enterprise=code(12))
    client = signed_in(getattr(office.hebei, who))
    address = reverse("admin:grading_rating_change", args=(rating.pk,))
    client.post(address, {"grade": "A"})

    assert client.get(reverse("admin:grading_rating_add")).status_code == 403
    assert Rating.objects.get(pk=rating.pk).grade == "C"


def test_number_of_queries_does_not_grow_with_the_rows(office, graded):
    def queries() -> int:
        client = signed_in(office.hebei.county)
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse(LIST))
        return len(caught)

    few = queries()
    register([code(number) for number in range(20, 40)])
    office.publish(part_of(office.compute(office.hebei.county), CHANGAN))

    assert len(shown(office.hebei.county)) == 23
    assert queries() == few


def test_export_writes_the_words_of_the_rule(office, graded):
    columns = ["code", "grade", "rule", "clause"]
    answer = signed_in(office.hebei.county).post(
        f"{reverse('admin:grading_rating_export')}?grade=C", {"columns": columns, "format": "csv"}
    )
    text = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

    assert text[0] == "统一社会信用代码,等级,依据,政策条款"
    assert text[1].startswith(f"{code(12)},C,1年内被处以暂扣许可证件")
    assert len(text) == 2


def test_export_reads_no_page_of_the_list(office, graded):
    with CaptureQueriesContext(connection) as asked:
        signed_in(office.hebei.county).get(reverse("admin:grading_rating_export"))

    counted = [one["sql"] for one in asked if 'FROM "grading_rating"' in one["sql"]]
    assert len(counted) == 1
