"""Letters are in Chinese, also when the officer works in English. Source: R29."""

import re

import pytest

from notices.models import Letter
from objections import handling
from tests.factories.grading import TODAY
from tests.factories.objections import Office
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


def test_refusal_is_in_chinese(office):
    with in_english():
        case = office.file()
        handling.refuse_case(
            by=office.clerk, case_id=case.pk, version=None, code="outside",
            reason="不属于受理范围", on=TODAY,
        )  # fmt: skip

    assert english_words() == []
