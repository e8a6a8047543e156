"""Letters are in Chinese, also when the officer works in English. Source: R29."""

import json
import re

import pytest

from notices.models import Letter
from objections import filing, handling
from objections.filing import Item
from roster.models import Agency
from tests.factories.grading import TODAY, code, person
from tests.factories.objections import Office, speaks_for
from tests.languages import in_english


@pytest.fixture
def office(db, tmp_path, settings) -> Office:
    settings.STORE_DIR = tmp_path
    return Office.open()


def english_words() -> list[str]:
    return [word for one in Letter.objects.all() for word in said_in(one)]


def said_in(one: Letter) -> list[str]:
    """Words of English in a letter, its keys and the unified code left aside."""
    text = re.sub(r'"(to|paragraphs|rows|reasons|remedies|title|agency)"', "", one.content)
    return re.findall(r"[A-Za-z]{3,}", re.sub(r"91[0-9A-Z]{16}", "", text))


def test_decision_is_in_chinese(office):
    with in_english():
        office.upheld()

    assert Letter.objects.count() == 2
    assert english_words() == []


def remedy(case) -> str:
    return json.loads(Letter.objects.filter(about_id=case.pk).latest("pk").content)["remedies"][0]


def test_remedy_names_who_reviews_and_where_it_ends(office):
    """Of the province nobody is above; what a review decides, or does not accept, is final here."""
    office.register([code(3)], affiliation="provincial")
    lead = Agency.objects.create(code="l", name="省牵头部门", region_id="130000", kind="lead")
    clerk = person("province-clerk", lead, "lead_clerk")
    given = {"version": None, "code": "outside", "reason": "不属于受理范围", "on": TODAY}
    below = office.file()
    handling.refuse_case(by=office.clerk, case_id=below.pk, **given)
    top = office.file(Item(0, "wrong_year"), by=speaks_for("province-rep", code(3)))
    handling.refuse_case(by=clerk, case_id=top.pk, **given)

    assert "向上一级社会信用体系建设牵头部门申请复核" in remedy(below)
    assert "向本单位申请复核，由未参与本次办理的人员办理" in remedy(top)

    draft = filing.begin_review(by=office.rep, case_id=below.pk, on=TODAY)
    said = filing.Content(items=filing.Content.of(draft).items, statement="不服", committed=True)
    filing.keep_draft(by=office.rep, draft_id=draft.pk, content=said)
    review = filing.file_case(by=office.rep, draft_id=draft.pk, on=TODAY)
    handling.refuse_case(by=office.city_clerk, case_id=review.pk, **given)
    assert remedy(review) == "复核申请不予受理，不再复核。"


def test_refusal_is_in_chinese(office):
    with in_english():
        case = office.file()
        handling.refuse_case(
            by=office.clerk, case_id=case.pk, version=None, code="outside",
            reason="不属于受理范围", on=TODAY,
        )  # fmt: skip

    assert english_words() == []
