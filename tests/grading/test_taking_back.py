"""A file is taken back: what nobody touched since goes, what was built upon stays, grades follow.
Source: R26, R29; design ideas 3 and 4."""

import datetime as dt
from collections.abc import Iterator

import pytest

from audit.models import Event
from audit.recount import recount
from audit.refusal import NotPermitted, Refused, explain
from grading import corrections
from grading import services as grading
from grading.enums import ProposalKind, ProposalState
from grading.models import Proposal, RosterRun
from grading.regrading import current_rating
from grading.replay import verify_current
from intake import services, taking_back
from intake.enums import BatchState
from intake.models import Batch, TakeBack
from records import services as records
from records.enums import MarkKind
from records.models import Record
from roster.models import Enterprise, Region, Registration, RosterEntry
from roster.present import check_enterprises
from roster.services import register_enterprise
from tests.factories.grading import COUNTY, OPERATOR, TODAY, County, code, load_reference
from tests.factories.grading import person as account
from tests.factories.roster_files import HEADINGS as ROSTER_HEADINGS
from tests.factories.roster_files import counts, line, roster_file, take_in
from tests.factories.taking_back import HEADINGS, behaviour, give_file, taken_back, weighed

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Iterator[County]:
    """A county whose enterprises are, after everything, what registration and rosters say."""
    load_reference()
    county = County.make()
    county.register([code(1), code(2), code(3)])
    yield county
    assert check_enterprises().first_bad is None


def kept(asked: TakeBack) -> list[str]:
    return list(asked.kept_rows.values_list("why", flat=True))


def figures(asked: TakeBack) -> tuple[int, int, int]:
    return asked.retracted, asked.restored, asked.staying


# --- sent again ----------------------------------------------------------------------------------


def test_what_went_with_a_file_stands_in_the_way_of_no_later_one(county):
    """Nobody decided that it was wrong: new records, corrections, removals and proposals alike."""
    taken_back(give_file(county, 1, 2), county)
    assert counts(give_file(county, 1, 3)) == (2, 0, 0, 0)

    def sent_twice(**values: str) -> None:
        batch = give_file(county, 1, **values)
        assert counts(batch) == (0, 1, 0, 0)
        taken_back(batch, county)
        assert counts(give_file(county, 1, **values)) == (0, 1, 0, 0)

    sent_twice(内容摘要="另一个事由")
    county.publish(county.run())
    sent_twice(认定日期="2023-06-07")
    assert Proposal.objects.filter(state=ProposalState.WAITING).count() == 1


def test_list_says_of_a_removal_what_was_taken_back_with_a_file(county):
    given = {
        "主体名称": f"虚构企业{code(1)[-9:]}", "统一社会信用代码": code(1),
        "名单名称": "严重失信主体名单", "列入决定机关": county.authority.name, "列入日期": "2025-06-07",
    }  # fmt: skip
    listing = [list(given), list(given.values())]
    assert counts(take_in("listings", listing, by=county.clerk)) == (1, 0, 0, 0)
    removal = [[*row, more] for row, more in zip(listing, ("移出日期", "2025-09-01"), strict=True)]
    batch = take_in("listings", removal, by=county.clerk)
    assert counts(batch) == (0, 1, 0, 0)
    taken_back(batch, county)
    assert Record.objects.live().get().ended_on is None
    assert counts(take_in("listings", removal, by=county.clerk)) == (0, 1, 0, 0)
    assert Record.objects.live().get().ended_on == dt.date(2025, 9, 1)


def test_record_given_again_after_a_run_waits_for_the_next(county):
    batch = give_file(county, 1)
    county.publish(county.run())
    taken_back(batch, county)
    give_file(county, 1)
    assert (current_rating(code(1)).grade, verify_current().first_bad) == ("A", None)
    county.publish(county.run(dt.date(2026, 3, 1), kind="quarterly"))
    assert current_rating(code(1)).grade == "C"


def test_nothing_is_given_about_an_enterprise_that_was_taken_back(county):
    taken_back(roster(county, 11), county)
    rows = [HEADINGS, behaviour(county, 11)]
    assert counts(take_in("behaviours", rows, by=county.clerk)) == (0, 0, 0, 1)


# --- records ------------------------------------------------------------------------------------


def test_records_of_a_file_go_and_the_grades_in_force_follow(county):
    batch = give_file(county, 1, 2)
    part = county.publish(county.run())
    assert current_rating(code(1)).grade == "C"
    asked = taken_back(batch, county)
    assert figures(asked) == (2, 0, 0)
    assert asked.effect == {"C→A": 2}
    assert not Record.objects.live().exists()
    assert [current_rating(code(n)).grade for n in (1, 2, 3)] == ["A", "A", "A"]
    part.refresh_from_db()
    assert part.grades == {"A": 3}
    assert verify_current().ok
    assert recount().ok
    event = Event.objects.get(act="intake.file_taken_back")
    assert event.actor == county.approver.username
    assert "发错了文件" in str(event.details)


def test_weighing_changes_nothing(county):
    batch = give_file(county, 1)
    county.publish(county.run())
    taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="发错了文件")
    events = Event.objects.count()
    asked = weighed(batch)
    assert (figures(asked), asked.effect) == ((1, 0, 0), {"C→A": 1})
    assert (Record.objects.live().count(), current_rating(code(1)).grade) == (1, "C")
    assert Event.objects.count() == events


def test_corrected_version_goes_back_to_the_one_before(county):
    give_file(county, 1)
    before = Record.objects.live().get()
    batch = give_file(county, 1, 内容摘要="另一个事由")
    assert counts(batch) == (0, 1, 0, 0)
    asked = taken_back(batch, county)
    assert figures(asked) == (0, 1, 0)
    now = Record.objects.live().get()
    assert (now.content, now.first_known_at) == ("虚构的事由", before.first_known_at)
    assert now.audit_trail() == [("intake.batch", number) for number in (batch.pk - 1, batch.pk)]


def test_what_was_touched_since_stays_and_is_listed(county):
    batch = give_file(county, 1, 2, 3)
    first, second, third = Record.objects.live().order_by("enterprise")
    records.replace_record(
        by=county.clerk, record_id=first.pk, changes={"content": "更正后"}, reason="录错", on=TODAY
    )
    records.mark_record(
        by=county.clerk, record_id=second.pk, kind=MarkKind.DISPUTED, since=TODAY, reason="异议"
    )
    asked = taken_back(batch, county)
    assert figures(asked) == (1, 0, 2)
    assert "录错" in kept(asked)[0]
    assert "异议" in kept(asked)[1]
    assert not Record.objects.live().filter(pk=third.pk).exists()
    assert Record.objects.live().count() == 2


def test_mark_that_was_set_and_taken_away_again_keeps_the_record(county):
    batch = give_file(county, 1)
    record = Record.objects.live().get()
    records.mark_record(
        by=county.clerk, record_id=record.pk, kind=MarkKind.REPAIRED, since=TODAY, reason="修复"
    )
    records.unmark_record(
        by=county.clerk, record_id=record.pk, kind=MarkKind.REPAIRED, reason="有误"
    )
    assert figures(taken_back(batch, county)) == (0, 0, 1)


def test_record_with_a_correction_that_waits_stays(county):
    batch = give_file(county, 1)
    corrections.change_record(
        by=county.clerk, record_id=Record.objects.live().get().pk, kind=ProposalKind.RETRACT,
        changes={}, reason="不该有", on=TODAY,
    )  # fmt: skip
    asked = taken_back(batch, county)
    assert figures(asked) == (0, 0, 1)
    assert "等待复核" in kept(asked)[0]


def test_record_changed_by_a_later_file_stays(county):
    batch = give_file(county, 1)
    give_file(county, 1, 内容摘要="另一个事由")
    assert figures(taken_back(batch, county)) == (0, 0, 1)
    assert Record.objects.live().get().content == "另一个事由"


def test_two_files_are_taken_back_in_the_reverse_order(county):
    first = give_file(county, 1, 2)
    second = give_file(county, 1, 内容摘要="另一个事由")
    third = give_file(county, 1, 内容摘要="第三个事由")
    for batch in (third, second):
        assert figures(taken_back(batch, county)) == (0, 1, 0)
    assert Record.objects.live().get(enterprise=code(1)).content == "虚构的事由"
    assert figures(taken_back(first, county)) == (2, 0, 0)
    assert not Record.objects.live().exists()
    assert recount().first_bad is None


def test_record_of_which_a_later_file_left_something_stays(county):
    first = give_file(county, 1)
    second = give_file(county, 1, 内容摘要="另一个事由")
    records.mark_record(
        by=county.clerk, record_id=Record.objects.live().get().pk, kind=MarkKind.DISPUTED,
        since=TODAY, reason="异议",
    )  # fmt: skip
    assert figures(taken_back(second, county)) == (0, 0, 1)
    assert figures(taken_back(first, county)) == (0, 0, 1)
    assert Record.objects.live().get().content == "另一个事由"


def test_corrections_a_file_proposed_end_with_it(county):
    give_file(county, 1)
    county.publish(county.run())
    batch = give_file(county, 1, 认定日期="2023-06-07")
    assert counts(batch) == (0, 1, 0, 0)
    asked = taken_back(batch, county)
    assert figures(asked) == (0, 0, 0)
    proposal = Proposal.objects.get()
    assert proposal.state == ProposalState.REFUSED
    assert "文件撤回：发错了文件" in proposal.decision_reason


def test_former_version_whose_place_is_taken_is_not_put_back(county):
    give_file(county, 1, 文号="")
    batch = give_file(county, 1)  # the number of the state that had none
    assert counts(batch) == (0, 1, 0, 0)
    give_file(county, 1, 文号="", 认定日期="2025-06-08")
    last = Record.objects.live().get(number="")
    records.replace_record(
        by=county.clerk, record_id=last.pk, changes={"decided_on": dt.date(2025, 6, 7), "number": "另"},
        reason="录错", on=TODAY,
    )  # fmt: skip
    asked = taken_back(batch, county)
    assert figures(asked) == (0, 0, 1)
    assert "已另有登记" in kept(asked)[0]


# --- rosters ------------------------------------------------------------------------------------


def roster(county: County, *numbers: int, **values: str) -> Batch:
    batch = roster_file(*(line(code(n), **values) for n in numbers), by=county.clerk)
    assert batch.refused == 0
    return batch


def test_enterprises_a_file_brought_in_are_on_no_roster_any_more(county):
    batch = roster(county, 11, 12)
    asked = taken_back(batch, county)
    assert figures(asked) == (2, 0, 0)
    gone = Enterprise.objects.get(pk=code(11))
    assert (gone.keeper_id, gone.get_status_display()) == (None, "随文件撤回")
    assert not Registration.objects.filter(enterprise=code(11), retracted_at=None).exists()
    assert not RosterEntry.objects.filter(enterprise=code(11), retracted_at=None).exists()
    run = county.run()
    assert county.part(run).size == 3


def test_enterprise_taken_back_comes_in_as_if_nothing_had_been_said_of_it(county):
    wrong = {
        "企业名称": "河北误报有限公司",
        "隶属关系": "央企",
        "成立日期": "2001-02-03",
        "行业代码": "06",
    }
    batch = roster_file(line(code(11), **wrong), by=OPERATOR)
    assert Enterprise.objects.get(pk=code(11)).keeper_id == "130000"
    taken_back(batch, County.make("130000"))
    batch = roster(county, 11)
    assert counts(batch) == (1, 0, 0, 0)
    again = Enterprise.objects.get(pk=code(11))
    assert (again.keeper_id, again.get_status_display(), again.affiliation) == (
        COUNTY,
        "存续",
        "other",
    )
    assert (again.former_names, again.industry_id) == ("", "51")
    live = Registration.objects.get(enterprise=code(11), retracted_at=None)
    stay = RosterEntry.objects.current().get(enterprise=code(11))
    assert live.since == stay.joined_on == dt.date(2015, 3, 1)
    run = county.run()
    county.publish(run)
    assert (county.part(run).size, current_rating(code(11)).grade) == (4, "A")
    taken_back(batch, county)
    again.refresh_from_db()
    assert (again.keeper_id, again.get_status_display()) == (None, "随文件撤回")


def test_enterprise_taken_back_may_come_in_at_another_unit(county):
    """A county's mistake does not keep the right county from it, by a file or on the page."""
    other = County.make("130104")
    taken_back(roster(county, 11, 12), county)
    right = roster_file(line(code(11), 注册地行政区划代码="130104"), by=other.clerk)
    assert counts(right) == (1, 0, 0, 0)
    register_enterprise(
        by=other.clerk, code=code(12), given={"name": "页面登记有限公司", "region_id": "130104"},
        source="页面登记", on=TODAY,
    )  # fmt: skip
    found = Enterprise.objects.filter(pk__in=[code(11), code(12)])
    assert set(found.values_list("keeper", flat=True)) == {"130104"}


def test_two_roster_files_are_taken_back_in_the_reverse_order(county):
    first = roster(county, 1, 11, 企业名称="河北甲有限公司")
    second = roster(county, 1, 11, 企业名称="河北乙有限公司")
    third = roster_file(line(code(11), 企业名称="河北乙有限公司", 隶属关系="省属"), by=OPERATOR)
    assert Enterprise.objects.get(pk=code(11)).keeper_id == "130000"
    for batch, by in ((third, County.make("130000")), (second, county), (first, county)):
        taken_back(batch, by)
    for number, said in ((1, ("虚构企业", COUNTY)), (11, ("河北", None))):
        found = Enterprise.objects.get(pk=code(number))
        assert (found.name.startswith(said[0]), found.keeper_id) == (True, said[1])
    assert Enterprise.objects.get(pk=code(11)).get_status_display() == "随文件撤回"
    assert recount().first_bad is None


def test_enterprise_moved_by_a_file_that_was_taken_back_keeps_its_first_stay(county):
    """The first file gave it a name, the second another roster."""
    stay = RosterEntry.objects.current().get(enterprise=code(1))
    first = roster(county, 1, 企业名称="河北甲有限公司")
    second = roster_file(line(code(1), 企业名称="河北甲有限公司", 隶属关系="省属"), by=OPERATOR)
    taken_back(second, County.make("130000"))
    assert figures(taken_back(first, county)) == (0, 1, 0)
    again = RosterEntry.objects.current().get(enterprise=code(1))
    assert (again.region_id, again.joined_on) == (COUNTY, stay.joined_on)


def test_enterprise_is_not_put_back_on_a_roster_that_has_ended(county):
    County.make("130104")
    roster_file(line(code(11), 注册地行政区划代码="130104"), by=OPERATOR)
    batch = roster_file(line(code(11)), by=OPERATOR)
    assert Enterprise.objects.get(pk=code(11)).keeper_id == COUNTY
    Region.objects.filter(pk="130104").update(until=TODAY - dt.timedelta(1))
    asked = taken_back(batch, County.make("130000"))
    assert (figures(asked), "已停用" in kept(asked)[0]) == ((0, 0, 1), True)
    assert Enterprise.objects.get(pk=code(11)).keeper_id == COUNTY


def test_second_person_is_told_whose_grade_stays_and_who_has_none(county):
    batch = roster(county, 11)
    county.publish(county.run())
    asked = taken_back(batch, county)
    assert asked.effect == {"gone:A": 1}

    left = [*line(code(1), 登记状态="注销"), "2026-02-01"]
    batch = roster_file(left, by=county.clerk, headings=[*ROSTER_HEADINGS, "状态日期"])
    county.publish(county.run(dt.date(2026, 3, 1), kind="quarterly"))
    assert current_rating(code(1)) is None
    assert taken_back(batch, county).effect == {"ungraded": 1}


def test_changed_facts_of_an_enterprise_taken_back_are_found(county):
    taken_back(roster(county, 11), county)
    for change in ({"name": "另一名称"}, {"region_id": "130104"}, {"affiliation": "central"}):
        before = Enterprise.objects.get(pk=code(11))
        Enterprise.objects.filter(pk=code(11)).update(**change)
        assert code(11) in check_enterprises().first_bad
        before.save()


def test_changed_enterprise_says_again_what_it_said_and_its_grade_follows(county):
    roster(county, 11)
    before = Enterprise.objects.get(pk=code(11))
    revoked = [*line(code(11), 登记状态="吊销未注销"), "2025-06-07"]
    batch = roster_file(revoked, by=county.clerk, headings=[*ROSTER_HEADINGS, "状态日期"])
    county.publish(county.run())
    assert current_rating(code(11)).grade == "D"
    asked = taken_back(batch, county)
    assert (figures(asked), asked.effect) == ((0, 1, 0), {"D→A": 1})
    after = Enterprise.objects.get(pk=code(11))
    assert (after.status, after.status_on, after.keeper_id, after.version) == (
        before.status, before.status_on, COUNTY, before.version + 2,
    )  # fmt: skip
    live = Registration.objects.get(enterprise=code(11), retracted_at=None)
    assert (live.until, live.status, live.name) == (None, before.status, before.name)
    assert current_rating(code(11)).grade == "A"
    assert verify_current().ok
    assert recount().ok


def test_enterprise_that_left_by_a_file_is_on_its_roster_again(county):
    roster(county, 11)
    stay = RosterEntry.objects.current().get(enterprise=code(11))
    batch = roster(county, 11, 登记状态="注销")
    assert Enterprise.objects.get(pk=code(11)).keeper_id is None
    taken_back(batch, county)
    again = RosterEntry.objects.current().get(enterprise=code(11))
    assert (again.region_id, again.joined_on) == (stay.region_id, stay.joined_on)
    assert Enterprise.objects.get(pk=code(11)).keeper_id == COUNTY


def test_enterprise_changed_since_stays_and_is_listed(county):
    batch = roster(county, 11, 12)
    roster(county, 11, 企业名称="河北虚构改名有限公司")
    asked = taken_back(batch, county)
    assert figures(asked) == (1, 0, 1)
    assert "之后又有变更" in kept(asked)[0]
    assert Enterprise.objects.get(pk=code(11)).keeper_id == COUNTY


def test_enterprise_that_went_away_since_is_listed_by_its_code_alone(county):
    """What another unit calls it and does with it is that unit's business."""
    batch = roster(county, 11)
    County.make("130108")
    moved = {"region_id": "130108", "name": "他处另起的名称"}
    register_enterprise(
        by=OPERATOR, code=code(11), given=moved, source="页面登记", on=TODAY, version=1
    )
    asked = taken_back(batch, county)
    assert list(asked.kept_rows.values_list("label", "why")) == [(code(11), "之后已转到其他名录")]


def test_grade_of_an_enterprise_taken_back_stands_until_the_next_run(county):
    batch = roster(county, 11)
    county.publish(county.run())
    taken_back(batch, county)
    assert current_rating(code(11)).grade == "A"
    assert verify_current().ok
    county.publish(county.run(dt.date(2026, 3, 1), kind="quarterly"))
    assert current_rating(code(11)) is None


# --- who, and how often -------------------------------------------------------------------------


def test_nobody_agrees_to_an_own_request(county):
    both = account("both", county.agency, "lead_approver")
    account_clerk = account("both-clerk", county.agency, "lead_clerk")
    batch = give_file(county, 1)
    taking_back.ask(by=account_clerk, batch_id=batch.pk, reason="错")
    digest = weighed(batch).fates_digest
    with pytest.raises(Refused, match="second_person"):
        taking_back.decide(
            by=account_clerk, batch_id=batch.pk, agree=True, reason="", digest=digest
        )
    taking_back.decide(by=both, batch_id=batch.pk, agree=True, reason="", digest=digest)


@pytest.mark.parametrize("who", ["approver", "neighbour", "department"])
def test_who_may_not_ask(county, who):
    batch = give_file(county, 1)
    other = County.make("130104")
    person = {
        "approver": county.approver,
        "neighbour": other.clerk,
        "department": account("dept", county.authority, "department_clerk"),
    }[who]
    with pytest.raises(NotPermitted):
        taking_back.ask(by=person, batch_id=batch.pk, reason="错")


def test_neighbour_and_department_may_not_decide(county):
    batch = give_file(county, 1)
    taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="错")
    digest = weighed(batch).fates_digest
    for person in (
        County.make("130104").approver,
        account("dept", county.authority, "department_approver"),
    ):
        with pytest.raises(NotPermitted):
            taking_back.decide(by=person, batch_id=batch.pk, agree=True, reason="", digest=digest)


def test_request_needs_a_reason_and_a_merged_file(county):
    batch = give_file(county, 1)
    with pytest.raises(Refused, match="take_back_reason"):
        taking_back.ask(by=county.clerk, batch_id=batch.pk, reason=" ")
    taken_back(batch, county)
    with pytest.raises(Refused, match="not_to_take_back"):
        taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="再撤一次")
    assert taking_back.carry_out(batch.pk).state == BatchState.TAKEN_BACK
    assert Event.objects.filter(act="intake.file_taken_back").count() == 1


@pytest.mark.parametrize("who", ["clerk", "approver"])
def test_dropped_request_leaves_the_file_and_may_come_again(county, who):
    batch = give_file(county, 1)
    taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="错")
    weighed(batch)
    by = getattr(county, who)
    taking_back.decide(by=by, batch_id=batch.pk, agree=False, reason="没有错")
    batch.refresh_from_db()
    assert (batch.state, Record.objects.live().count()) == (BatchState.MERGED, 1)
    taken_back(batch, county)


def test_refusal_needs_a_reason(county):
    batch = give_file(county, 1)
    taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="错")
    weighed(batch)
    with pytest.raises(Refused, match="take_back_reason"):
        taking_back.decide(by=county.approver, batch_id=batch.pk, agree=False, reason="")


def test_effect_that_changed_since_is_weighed_and_asked_for_again(county):
    batch = give_file(county, 1, 2)
    taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="错")
    asked = weighed(batch)
    taking_back.decide(
        by=county.approver, batch_id=batch.pk, agree=True, reason="", digest=asked.fates_digest
    )
    records.retract_record(
        by=county.clerk, record_id=Record.objects.live().first().pk, reason="重复"
    )
    assert taking_back.carry_out(batch.pk).state == BatchState.WEIGHING
    assert Record.objects.live().count() == 1
    again = weighed(batch)
    assert (again.pk, again.weighed_again, figures(again)) == (asked.pk, True, (1, 0, 1))
    with pytest.raises(Refused, match="take_back_changed"):
        taking_back.decide(
            by=county.approver, batch_id=batch.pk, agree=True, reason="", digest=asked.fates_digest
        )
    taking_back.decide(
        by=county.approver, batch_id=batch.pk, agree=True, reason="", digest=again.fates_digest
    )
    assert taking_back.carry_out(batch.pk).state == BatchState.TAKEN_BACK


def test_sweep_announces_a_request_that_nobody_works_on(county, monkeypatch):
    sent = []
    monkeypatch.setattr(services, "send", lambda task, pk: sent.append((task.name, pk)))
    batch = give_file(county, 1)
    taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="错")
    assert services.sweep_batches() == 1
    assert sent == [("intake.tasks.weigh_take_back", batch.pk)]
    Batch.objects.filter(pk=batch.pk).update(announced_at=None)
    digest = weighed(batch).fates_digest
    assert services.sweep_batches() == 0
    taking_back.decide(by=county.approver, batch_id=batch.pk, agree=True, reason="", digest=digest)
    assert services.sweep_batches() == 1
    assert sent[1:] == [("intake.tasks.take_back", batch.pk)]


@pytest.mark.parametrize("reviewed", [False, True])
def test_nobody_is_graded_who_was_taken_back_before_publication(county, reviewed):
    batch = roster(county, 11)
    part = county.part(county.run())
    if reviewed:
        grading.review_part(by=county.clerk, part_id=part.pk, digest=part.digest)
    taken_back(batch, county)
    act, by = (
        (grading.publish_part, county.approver) if reviewed else (grading.review_part, county.clerk)
    )
    with pytest.raises(Refused, match="taken_back_since") as refused:
        act(by=by, part_id=part.pk, digest=part.digest)
    assert code(11) in explain(refused.value)

    grading.ask_withdrawal(by=county.clerk, part_id=part.pk, reason="企业随文件撤回")
    grading.withdraw_part(by=county.approver, part_id=part.pk)
    county.publish(county.run())
    assert current_rating(code(11)) is None
    assert current_rating(code(1)).grade == "A"


def test_publication_after_a_file_was_taken_back_counts_it_no_more(county):
    batch = give_file(county, 1)
    run = county.run()
    taken_back(batch, county)
    county.publish(run)
    assert current_rating(code(1)).grade == "A"
    assert RosterRun.objects.get(run=run).grades == {"A": 3}
