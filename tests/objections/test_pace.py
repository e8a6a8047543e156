"""An account that files without end: told to wait, and nothing of it is written."""

from __future__ import annotations

from collections import Counter

import pytest

from audit.once import SEEN
from credit_portal import pace
from credit_portal.models import Tries
from objections.filing import MOST_AN_HOUR, MOST_DRAFTS
from objections.models import Case, Draft
from tests.factories.objections import OWN, speaks_for
from tests.factories.roster import signed_in

APPLY = f"/enterprise/{OWN}/apply/help/"


@pytest.fixture
def rep(office):
    return signed_in(office.rep)


def test_a_thousand_forms_from_one_account_are_a_few_and_a_clear_page(rep):
    answers = [rep.post(APPLY) for _n in range(1_000)]

    told = Counter(one.status_code for one in answers)
    assert told == {302: MOST_DRAFTS, 409: pace.FORMS - MOST_DRAFTS, 429: 1_000 - pace.FORMS}
    assert "请在企业页面" in answers[MOST_DRAFTS].content.decode()
    assert Draft.objects.count() == MOST_DRAFTS
    last = answers[-1]
    assert "请在 15 分钟后再试" in last.content.decode()
    assert 0 < int(last.headers["Retry-After"]) <= 900
    assert rep.get(APPLY).status_code == 200
    assert Tries.objects.count() == 1


def test_another_account_is_not_kept_waiting(rep, office, monkeypatch):
    monkeypatch.setattr(pace, "FORMS", 1)
    assert [rep.post(APPLY).status_code for _n in range(2)] == [302, 429]
    assert signed_in(speaks_for("colleague", OWN)).post(APPLY).status_code == 302


def test_more_cases_in_an_hour_than_one_files_are_refused_with_a_reason(rep, office):
    for _n in range(MOST_AN_HOUR):
        office.file(kind="help")
    draft = office.draft(kind="help")

    answer = rep.press(rep.form(f"/enterprise/drafts/{draft.pk}/check/"))

    assert answer.status_code == 409
    assert f"{MOST_AN_HOUR}" in answer.content.decode()
    assert Case.objects.count() == MOST_AN_HOUR
    draft.refresh_from_db()
    assert draft.case is None


def test_a_flood_of_filings_is_a_few_cases_and_two_clear_pages(rep):
    """Each takes three forms: one begins it, one fills it in, one files it."""
    answers = [filed(rep) for _n in range(MOST_AN_HOUR)]
    page = begun(rep)
    forms = 3 * MOST_AN_HOUR + 2
    answers += [rep.post(f"{page}check/", {SEEN: seen(rep, page)}) for _n in range(forms, 200)]

    told = [one.status_code for one in answers]
    refused = pace.FORMS - forms
    assert Counter(told) == {302: MOST_AN_HOUR, 409: refused, 429: 200 - pace.FORMS}
    assert told == sorted(told)
    assert f"一小时内最多提出 {MOST_AN_HOUR} 件" in answers[MOST_AN_HOUR].content.decode()
    assert "请在 15 分钟后再试" in answers[-1].content.decode()
    assert Case.objects.count() == MOST_AN_HOUR
    assert Draft.objects.filter(case=None).count() == 1


def begun(rep) -> str:
    page = rep.post(APPLY).headers["Location"]
    rep.press(rep.form(page), statement="怎样提高等级？")
    return page


def filed(rep):
    return rep.press(rep.form(f"{begun(rep)}check/"))


def seen(rep, page: str) -> str:
    return rep.form(f"{page}check/").fields[SEEN]
