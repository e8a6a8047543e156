"""A record given about the wrong enterprise and put right: the unit of the one and the unit of the
other each read what is theirs. 长安区 keeps the one, 裕华区 the other. Design idea 6."""

import pytest
from django.test import Client
from django.urls import reverse

from grading import corrections
from grading.enums import ProposalKind
from grading.models import Proposal
from records.models import Record
from tests.factories.grading import TODAY, code
from tests.factories.officers import Officers, signed_in

WRONG, RIGHT = code(1), code(2)


@pytest.fixture
def proposal(officers: Officers) -> Proposal:
    """裕华区's authority has given a record about an enterprise of 长安区, and moves it."""
    officers.county.register([WRONG])
    officers.other.register([RIGHT])
    record = officers.other.give(WRONG, "penalty_other", "2025-03-01")
    officers.county.publish(officers.county.run())
    officers.other.publish(officers.other.run())
    return corrections.change_record(
        by=officers.other_department,
        record_id=record.pk,
        kind=ProposalKind.CORRECT,
        changes={"enterprise_id": RIGHT},
        reason="企业有误",
        on=TODAY,
    )


@pytest.fixture
def moved(officers: Officers, proposal: Proposal) -> Record:
    corrections.decide_change(
        by=officers.other.approver, proposal_id=proposal.pk, agree=True, reason="", on=TODAY
    )
    return Record.objects.get(enterprise=RIGHT)


def read(client: Client, page: str, key: object, status: int = 200) -> str:
    answer = client.get(reverse(f"admin:{page}", args=[key]))
    assert answer.status_code == status
    return answer.content.decode()


def test_the_unit_of_the_wrong_enterprise_learns_that_a_record_goes_not_where_to(
    officers: Officers, proposal: Proposal
) -> None:
    here = read(signed_in(officers.county.clerk), "grading_proposal_change", proposal.pk)
    there = read(signed_in(officers.other.approver), "grading_proposal_change", proposal.pk)

    assert ("其他企业" in here, RIGHT in here, "归到另一家企业" in here) == (True, False, False)
    assert (RIGHT in there, "归到另一家企业" in there) == (True, True)


def test_the_old_version_does_not_lead_to_a_foreign_one(
    officers: Officers, proposal: Proposal, moved: Record
) -> None:
    link = reverse("admin:records_record_change", args=[moved.pk])
    pages = {
        "record": ("records_record_change", proposal.record_id),
        "proposal": ("grading_proposal_change", proposal.pk),
        "explanation": ("grading_rating_explain", WRONG),
    }

    def leads(client: Client) -> dict[str, bool]:
        return {name: link in read(client, *page) for name, page in pages.items()}

    assert leads(signed_in(officers.county.clerk)) == dict.fromkeys(pages, False)
    assert leads(signed_in(officers.province_clerk)) == dict.fromkeys(pages, True)
    read(signed_in(officers.county.clerk), "records_record_change", moved.pk, status=404)


def test_the_new_version_does_not_tell_whose_it_was(officers: Officers, moved: Record) -> None:
    """For who keeps the right enterprise alone; the authority and its lead agency know both."""
    keeper = signed_in(officers.county.clerk)
    back = corrections.change_record(
        by=officers.other_department,
        record_id=moved.pk,
        kind=ProposalKind.CORRECT,
        changes={"enterprise_id": WRONG},
        reason="还是原来的",
        on=TODAY,
    )
    corrections.decide_change(
        by=officers.other.approver, proposal_id=back.pk, agree=True, reason="", on=TODAY
    )
    again = Record.objects.get(enterprise=WRONG, retracted_at=None)

    page, history = (
        read(keeper, f"records_record_{name}", again.pk) for name in ("change", "history")
    )

    assert "经更正归到本企业" in page
    assert (RIGHT in page, RIGHT in history, "（他人的）" in history) == (False, False, True)
    known = read(signed_in(officers.other.clerk), "records_record_history", again.pk)
    assert RIGHT in known
