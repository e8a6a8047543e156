"""Record files that meet a grade in force. Source: design ideas 3 and 4."""

import datetime as dt

import pytest
from django.urls import reverse

from grading import corrections, layouts
from grading.enums import ProposalState
from grading.models import Proposal
from grading.regrading import current_rating
from grading.replay import verify_current
from intake import services
from records.models import Record
from tests.factories.grading import County, code, load_reference
from tests.factories.intake import csv_file
from tests.factories.officers import signed_in
from tests.factories.roster_files import changes, counts, problems, take_in

pytestmark = pytest.mark.django_db
HEADINGS = [
    "企业名称",
    "统一社会信用代码",
    "名单名称",
    "列入原因",
    "列入文号",
    "列入机关",
    "列入日期",
    "移出日期",
    "移出原因",
]


@pytest.fixture
def county():
    load_reference()
    county = County.make()
    county.register([code(1), code(2)])
    return county


def listing(county, number: int = 1, **values: str) -> list[str]:
    given = {
        "企业名称": "", "统一社会信用代码": code(number), "名单名称": "严重失信主体名单", "列入原因": "情节严重",
        "列入文号": "测严字〔2024〕1号", "列入机关": county.authority.name, "列入日期": "2024-05-06", **values,
    }  # fmt: skip
    given["企业名称"] = f"虚构企业{code(number)[-9:]}"
    return [given.get(heading, "") for heading in HEADINGS]


def listings(county, *lines, **more):
    return take_in("listings", [HEADINGS, *lines], by=county.clerk, **more)


REMOVED = {"移出日期": "2025-06-07", "移出原因": "已履行"}


def test_removal_of_a_listing_no_grade_counted_is_written_at_once(county):
    listings(county, listing(county))
    assert counts(listings(county, listing(county, **REMOVED))) == (0, 1, 0, 0)
    assert Record.objects.live().get().ended_on == dt.date(2025, 6, 7)
    assert not Proposal.objects.exists()


def test_removal_of_a_listing_a_grade_in_force_counted_waits_for_a_second_person(county):
    listings(county, listing(county))
    county.publish(county.run())
    assert current_rating(code(1)).grade == "C"
    batch = listings(county, listing(county, **REMOVED))
    assert counts(batch) == (0, 1, 0, 0)
    assert changes(batch)[0] == ("终止日期", "", "2025-06-07")
    assert batch.full_lines.get().label.endswith("待复核后生效")
    proposal = Proposal.objects.get()
    assert (proposal.state, proposal.effect["before"], proposal.effect["after"]) == (
        ProposalState.WAITING, "C", "A",
    )  # fmt: skip
    assert (Record.objects.live().get().ended_on, current_rating(code(1)).grade) == (None, "C")
    corrections.decide_change(
        by=county.approver, proposal_id=proposal.pk, agree=True, reason="", on=dt.date(2026, 3, 3)
    )
    assert current_rating(code(1)).grade == "A"


def test_removal_after_the_reference_date_changes_no_grade_and_is_written_at_once(county):
    """As the removals of every month are."""
    listings(county, listing(county))
    county.publish(county.run())
    later = {"移出日期": "2026-02-15", "移出原因": "已履行"}
    assert counts(listings(county, listing(county, **later))) == (0, 1, 0, 0)
    assert Record.objects.live().get().ended_on == dt.date(2026, 2, 15)
    assert (Proposal.objects.count(), current_rating(code(1)).grade) == (0, "C")
    assert verify_current().ok


@pytest.mark.parametrize("kind", ["adhoc", "quarterly"])
def test_what_is_graded_elsewhere_or_only_estimated_makes_no_removal_wait(county, kind):
    listings(county, listing(county))
    county.publish(county.run())
    other = County.make("130104")
    other.register([code(3, division="130104")])
    (county if kind == "adhoc" else other).run(dt.date(2026, 3, 1), kind=kind)
    later = {"移出日期": "2026-02-15", "移出原因": "已履行"}
    listings(county, listing(county, **later))
    assert (Proposal.objects.count(), Record.objects.live().get().ended_on) == (
        0, dt.date(2026, 2, 15),
    )  # fmt: skip


def test_end_of_what_counts_whether_it_ended_or_not_is_written_at_once(county):
    """经营异常名录 counts by its day alone."""
    abnormal = {"名单名称": "经营异常名录", "列入日期": "2025-05-06"}
    listings(county, listing(county, **abnormal))
    county.publish(county.run())
    listings(county, listing(county, **abnormal, **REMOVED))
    assert Record.objects.live().get().ended_on == dt.date(2025, 6, 7)
    assert (Proposal.objects.count(), current_rating(code(1)).grade) == (0, "B")
    assert verify_current().ok


def test_same_file_twice_proposes_once(county):
    listings(county, listing(county))
    county.publish(county.run())
    listings(county, listing(county, **REMOVED))
    assert counts(listings(county, listing(county, **REMOVED))) == (0, 0, 1, 0)
    batch = listings(county, listing(county, 移出日期="2025-07-08", 移出原因="已履行"))
    assert counts(batch) == (0, 0, 0, 1)
    assert county.clerk.username in problems(batch)[0][3]
    assert Proposal.objects.count() == 1


def test_proposals_of_one_file_are_bounded(county, monkeypatch):
    monkeypatch.setattr(layouts, "MOST_PROPOSALS", 1)
    two = [listing(county, 1), listing(county, 2)]
    listings(county, *two)
    county.publish(county.run())
    assert counts(listings(county, listing(county, 1, **REMOVED), listing(county, 2, **REMOVED))) == (
        0, 1, 0, 1,
    )  # fmt: skip


def test_preview_proposes_nothing(county):
    listings(county, listing(county))
    county.publish(county.run())
    batch = services.receive(
        by=county.clerk, layout_key="listings", name="x", stream=csv_file([HEADINGS, listing(county, **REMOVED)])
    )  # fmt: skip
    assert services.check_batch(batch.pk, pause=0).changed == 1
    assert not Proposal.objects.exists()


def confirm(county, *, agree: bool = True) -> None:
    """The second person's answer to the one correction that waits."""
    corrections.decide_change(
        by=county.approver, proposal_id=Proposal.objects.get(state=ProposalState.WAITING).pk,
        agree=agree, reason="" if agree else "材料不足", on=dt.date(2026, 3, 3),
    )  # fmt: skip


def correct(county, **changes) -> Proposal | Record:
    """A correction on the page of the one live record."""
    return corrections.change_record(
        by=county.clerk, record_id=Record.objects.live().get().pk, kind="correct",
        changes=changes, reason="误录", on=dt.date(2026, 3, 3),
    )  # fmt: skip


def test_correction_of_a_record_no_grade_counted_waits_too(county):
    listings(county, listing(county))
    batch = listings(county, listing(county, 列入日期="2024-05-07"))
    assert counts(batch) == (0, 1, 0, 0)
    assert batch.full_lines.get().label.endswith("待复核后生效")
    assert Record.objects.live().get().decided_on == dt.date(2024, 5, 6)
    confirm(county)
    assert Record.objects.live().get().decided_on == dt.date(2024, 5, 7)


def test_end_that_was_told_is_corrected_by_two_people(county):
    listings(county, listing(county, **REMOVED))
    listings(county, listing(county, 移出日期="2025-07-08"))
    assert Proposal.objects.get().changes == {"ended_on": "2025-07-08"}


def test_removal_on_the_page_of_a_listing_no_grade_counted_is_written_at_once(county):
    listings(county, listing(county))
    assert correct(county, ended_on=dt.date(2025, 6, 7)).ended_on == dt.date(2025, 6, 7)
    assert isinstance(correct(county, ended_on=dt.date(2025, 6, 8)), Proposal)


@pytest.mark.parametrize(
    "changes",
    [
        {"decided_on": dt.date(2024, 5, 1)},
        {"kind_id": "abnormal_operation"},
        {"number": "另号"},
        {"enterprise_id": code(2)},
        {"facts": "另一原因"},
    ],
)
@pytest.mark.parametrize("number", ["测严字〔2024〕1号", ""])
def test_old_file_writes_nothing_after_a_correction(county, changes, number):
    file = [listing(county, 列入文号=number)]
    listings(county, *file)
    if isinstance(correct(county, **changes), Proposal):
        confirm(county)
    assert counts(listings(county, *file)) == (0, 0, 1, 0)
    name, value = next(iter(changes.items()))
    assert getattr(Record.objects.live().get(), name) == value


def test_correction_the_second_person_refused_is_not_proposed_again(county):
    listings(county, listing(county))
    listings(county, listing(county, 列入日期="2024-05-07"))
    confirm(county, agree=False)
    batch = listings(county, listing(county, 列入日期="2024-05-07"))
    assert counts(batch) == (0, 0, 1, 0)
    assert "复核未同意" in batch.full_lines.get().label
    assert Proposal.objects.count() == 1


def test_what_was_not_written_and_why_stands_on_the_page_of_the_file(county):
    listings(county, listing(county))
    correct(county, facts="另一原因")
    batch = listings(county, listing(county))
    page = signed_in(county.clerk).get(reverse("admin:intake_batch_change", args=[batch.pk]))
    assert "更正，未再写入" in page.content.decode()


def test_further_measure_that_raises_the_kind_waits(county):
    headings = [
        "行政相对人名称",
        "统一社会信用代码",
        "决定书文号",
        "处罚类别",
        "处罚决定日期",
        "处罚机关",
    ]
    name = f"虚构企业{code(1)[-9:]}"
    for words in ("罚款", "责令停产停业"):
        line = [name, code(1), "测罚〔2025〕1号", words, "2025-03-04", county.authority.name]
        take_in("penalties", [headings, line], by=county.clerk)
    assert Record.objects.live().get().kind_id == "penalty_other"
    assert Proposal.objects.get().changes == {
        "kind_id": "production_stopped", "measures": "罚款、责令停产停业",
    }  # fmt: skip
