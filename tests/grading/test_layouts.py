"""Record files that meet a grade in force. Source: design ideas 3 and 4."""

import datetime as dt

import pytest

from grading import corrections, layouts
from grading.enums import ProposalState
from grading.models import Proposal
from grading.regrading import current_rating
from intake import services
from records.models import Record
from tests.factories.grading import County, code, load_reference
from tests.factories.intake import csv_file
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
