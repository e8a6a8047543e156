"""Statistics of the channel: each figure is the number of rows that its link shows. Source: R29."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objections import deciding, filing, handling, statistics
from objections.deciding import Decision
from objections.filing import Content, Item
from objections.models import Case, CaseItem
from objections.statistics import Channel, Period
from tests.factories.grading import TODAY, County
from tests.factories.objections import OWN, Office
from tests.factories.roster import signed_in

PAGE = "/admin/objections/case/statistics/"
YEAR = Period(TODAY.replace(month=1, day=1), TODAY + dt.timedelta(days=60))
LINK = re.compile(r'<a href="([^"]+\?[^"]*submitted_on_after[^"]*)">([\d,]+)</a>')
SHOWN = {"since": str(YEAR.since), "until": str(YEAR.until)}


@pytest.fixture
def many(office: Office) -> Office:
    """One case of each way that a case can go."""
    of_file = [
        office.give(OWN, "penalty_other", f"2025-0{n}-10", source="行政处罚（文件第7号）")
        for n in range(3, 6)
    ]
    for record in of_file[:2]:
        case = office.file(Item(record.pk, "wrong"))
        office.accept(case)
        office.answer(
            office.send(case), corrections={"decided_on": f"2025-0{2 + record.pk % 2}-01"}
        )
        office.decide(case, "correct")
    office.upheld(Item(office.severe.pk, "wrong_subject"))
    rejected = office.file(Item(of_file[2].pk, "wrong"))
    office.accept(rejected)
    office.verify(rejected, "false")
    office.decide(rejected, "reject")
    withdrawn = office.file(Item(office.fine.pk, "wrong"))
    filing.withdraw_case(by=office.rep, case_id=withdrawn.pk, version=None, reason="", on=TODAY)
    refused = office.file(Item(office.fine.pk, "wrong"))
    handling.refuse_case(
        by=office.clerk, case_id=refused.pk, version=None, code="outside", reason="x", on=TODAY
    )
    office.file(Item(office.fine.pk, "wrong"))
    return office


def figures(found: Channel) -> dict[str, list[int]]:
    return {str(row.label): [one.count for one in row.figures] for row in found.kinds}


def channel(office: Office, *, on: dt.date = TODAY) -> Channel:
    return statistics.channel(office.clerk, YEAR, on=on)


def test_counts_how_far_the_cases_came(many):
    assert figures(channel(many))["异议"] == [7, 4, 1, 1, 4, 3, 1, 0]
    assert figures(channel(many))["信用修复"] == [0] * 8


def test_open_cases_are_overdue_once_their_last_day_is_over(many):
    last = Case.objects.open().get().due_on
    assert last is not None
    assert figures(channel(many, on=last))["异议"][-1] == 0
    assert figures(channel(many, on=last + dt.timedelta(days=1)))["异议"][-1] == 1


def test_refusals_are_counted_by_their_reason(many):
    (row,) = channel(many).refused
    assert "行政复议" in str(row.label)
    assert row.figures[0].count == 1


def test_upheld_by_source_and_kind_leaves_out_what_was_not_decided(many):
    rows = {row.label[1]: [one.count for one in row.figures] for row in channel(many).sources}
    assert rows == {many.severe.kind.name: [1, 1], many.fine.kind.name: [3, 2]}


def test_repair_charges_nobody(office):
    office.upheld(
        Item(office.fine.pk, "made_good"), kind="repair", files=["proof"], outcome="repair"
    )
    found = channel(office)
    assert figures(found)["信用修复"][:2] == [1, 1]
    assert not found.sources
    assert not found.causes


def test_same_field_of_one_file_twice_is_a_cause(many):
    (cause,) = channel(many).causes
    assert (cause.source, str(cause.what), cause.batch) == (many.authority.name, "认定日期", 7)
    assert cause.figure.count == 2


def test_days_are_counted_without_those_on_which_the_clock_stood(office):
    friday, monday = dt.date(2026, 3, 6), dt.date(2026, 3, 16)
    case = office.file(on=friday)
    handling.ask_papers(by=office.clerk, case_id=case.pk, version=None, reason="补正", on=friday)
    filing.supply_papers(
        by=office.rep, case_id=case.pk, version=None, files=[], on=monday, statement="补正了"
    )
    office.accept(case, on=monday + dt.timedelta(days=1))
    (accepting, *_rest) = channel(office).durations
    assert (accepting.leg, accepting.count, accepting.median, accepting.worst) == (
        "accept",
        1,
        1,
        1,
    )
    assert accepting.late == 0


def test_late_legs_are_told_and_the_longest_come_first(office):
    monday = dt.date(2026, 3, 2)
    for record, days in ((office.severe, 1), (office.fine, 9)):
        case = office.file(Item(record.pk, "wrong"), on=monday)
        office.accept(case, on=monday + dt.timedelta(days=days))
    (accepting,) = channel(office).durations
    assert (accepting.median, accepting.worst, accepting.late) == (4.0, 7, 1)
    rows = statistics.longest(office.clerk, YEAR, kind="objection", leg="accept")
    assert [(one.days, one.is_late) for one, _case, _agency in rows] == [(7, True), (1, False)]


def test_every_figure_opens_as_many_rows(many):
    clerk = signed_in(many.clerk)
    page = unescape(clerk.get(PAGE, SHOWN).content.decode())
    links = LINK.findall(page)
    assert len(links) == 8 + 1 + 4 + 1  # by kind, by refusal, by source, by cause
    for address, count in links:
        assert clerk.get(address).context["cl"].result_count == int(count), address


def test_every_duration_opens_as_many_legs(many):
    clerk, found = signed_in(many.clerk), channel(many).durations
    assert {one.leg.value for one in found} == {"accept", "alone", "with_source", "provider"}
    for one in found:
        of_leg = {"kind": one.kind, "leg": one.leg, **SHOWN}
        legs = clerk.get(f"{PAGE}leg/", of_leg).context["rows"]
        assert (len(legs), legs[0][0].days) == (one.count, one.worst)


def test_queries_do_not_grow_with_the_cases(many):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            channel(many)
        return len(found)

    before = queries()
    for _n in range(3):
        case = Case.objects.open().first()
        handling.refuse_case(
            by=many.clerk, case_id=case.pk, version=None, code="outside", reason="x", on=TODAY
        )
        many.file(Item(many.fine.pk, "wrong"))
    assert queries() == before


def test_neighbour_sees_none_of_it(many):
    neighbour = signed_in(County.make("130104").clerk)
    text = unescape(neighbour.get(PAGE, SHOWN).content.decode())
    assert not LINK.findall(text)
    assert many.authority.name not in text


def test_enterprise_has_no_statistics(many):
    assert signed_in(many.rep).get(PAGE).status_code in (302, 403, 404)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"since": "2026-02-30"}, "输入一个有效的日期"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "起始日期不能晚于截止日期"),
    ],
)
def test_wrong_period_is_told(office, given, said):
    answer = signed_in(office.clerk).get(PAGE, given)
    assert answer.status_code == 400
    assert said in unescape(answer.content.decode())


def test_lines_lead_to_their_case(many):
    clerk = signed_in(many.clerk)
    item = Case.objects.first().items.first()
    answer = clerk.get(f"/admin/objections/caseitem/{item.pk}/change/")
    assert answer.headers["Location"] == f"/admin/objections/case/{item.case_id}/change/"


def sources(office, who) -> dict[str, list[int]]:
    """By kind of record, how many were decided and upheld."""
    rows = statistics.channel(who, YEAR, on=TODAY).sources
    return {row.label[1]: [figure.count for figure in row.figures] for row in rows}


def test_what_was_upheld_stays_so_whatever_a_review_says_of_the_rest(office):
    first = office.accept(
        office.file(Item(office.severe.pk, "wrong"), Item(office.fine.pk, "wrong"))
    )
    office.verify(first)
    outcomes = {office.severe.pk: "delete", office.fine.pk: "reject"}
    deciding.decide(
        by=office.approver, case_id=first.pk, version=None, reason="经核查", on=TODAY,
        decisions=[Decision(item.pk, outcomes[item.record_id], "理由") for item in first.items.all()],
    )  # fmt: skip
    before = {who.username: sources(office, who) for who in (office.clerk, office.city_clerk)}
    assert sorted(before[office.clerk.username].values()) == [[1, 0], [1, 1]]

    second = office.review(first)
    office.accept(second, by=office.city_clerk)
    office.verify(second, by=office.city_clerk)
    office.decide(second, "reject", by=office.city_approver)

    assert {
        who.username: sources(office, who) for who in (office.clerk, office.city_clerk)
    } == before


def test_what_a_review_upheld_counts_for_the_unit_too(office):
    first = office.upheld(Item(office.fine.pk, "wrong"), outcome="reject")
    second = office.review(first)
    office.accept(second, by=office.city_clerk)
    office.verify(second, by=office.city_clerk, corrections={"fine_wan": "1"})
    office.decide(second, "correct", by=office.city_approver)

    assert list(sources(office, office.clerk).values()) == [[1, 1]]
    (item,) = CaseItem.objects.of_sources()
    assert item.charges == ("fine_wan",)
    assert list(CaseItem.objects.of_sources().charged_to("fine_wan")) == [item]
    assert not CaseItem.objects.of_sources().charged_to("wrong").exists()
    rows = signed_in(office.clerk).get("/admin/objections/caseitem/?outcome=upheld")
    assert "不予支持；复核：更正" in unescape(rows.content.decode())


def test_mistake_that_a_review_found_too_is_one_mistake(office):
    first = office.upheld(Item(office.fine.pk, "wrong"), outcome="reject")
    draft = filing.begin_review(by=office.rep, case_id=first.pk, on=TODAY)
    content = Content(Content.of(draft).items, "不服", "", True)
    filing.keep_draft(by=office.rep, draft_id=draft.pk, content=content)
    second = filing.file_case(by=office.rep, draft_id=draft.pk, on=TODAY)
    office.accept(second, by=office.city_clerk)
    office.verify(second, by=office.city_clerk)
    office.decide(second, "delete", by=office.city_approver)

    above = statistics.channel(office.city_clerk, YEAR, on=TODAY)

    assert [[one.count for one in row.figures] for row in above.sources] == [[1, 1]]
    assert not above.causes
