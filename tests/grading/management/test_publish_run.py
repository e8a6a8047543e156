"""`publish_run`: two named people, and only the parts that are theirs. Source: design §5."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.models import Event
from grading import services
from grading.models import RosterRun
from tests.factories.roster import CHANGAN, LUNAN, lead, person, post


def publish(run, *given: str, reviewed_by: str = "county", by: str = "approver") -> dict:
    out = StringIO()
    call_command(
        "publish_run", str(run.pk), *given, "--reviewed-by", reviewed_by, "--by", by, "--json",
        stdout=out,
    )  # fmt: skip
    return json.loads(out.getvalue())


def refused(run, *given: str, **people: str) -> CommandError:
    with pytest.raises(CommandError) as fault:
        publish(run, *given, **people)
    return fault.value


def test_own_part_is_published_and_the_others_are_reported(office, run):
    said = publish(run)
    part = RosterRun.objects.get(run=run, region=CHANGAN)

    assert (part.state, part.reviewed_by, part.published_by) == ("published", "county", "approver")
    assert (said["run"], said["published"], len(said["left"])) == (run.pk, [CHANGAN], 4)
    assert {item["message"] for item in said["left"]} == {"不是该名录牵头部门的人员，不能发布。"}
    assert RosterRun.objects.filter(state="published").count() == 1


def test_a_part_reviewed_before_is_published(office, run):
    part = RosterRun.objects.get(run=run, region=CHANGAN)
    services.review_part(by=office.hebei.county, part_id=part.pk, digest=part.digest)

    assert publish(run, "--region", CHANGAN)["published"] == [CHANGAN]


def test_second_time_nothing_is_left_to_publish(office, run):
    publish(run)

    assert refused(run).returncode == 1


def test_one_person_cannot_be_both(office, run):
    both = person(lead(CHANGAN), "lead_clerk", username="both")
    post(both, lead(CHANGAN), "lead_approver")
    fault = refused(run, "--region", CHANGAN, reviewed_by="both", by="both")

    assert fault.returncode == 1
    assert not RosterRun.objects.filter(state="published").exists()
    assert Event.objects.filter(act="grading.part_published", outcome="refused").count() == 1


@pytest.mark.parametrize("reviewer", ["city", "other", "market"])
def test_reviewer_of_another_unit_is_refused(office, run, reviewer):
    fault = refused(run, "--region", CHANGAN, reviewed_by=reviewer)

    assert fault.returncode == 1
    assert not RosterRun.objects.exclude(state="computed").exists()


def test_clerk_does_not_publish(office, run):
    assert refused(run, "--region", CHANGAN, reviewed_by="approver", by="county").returncode == 1


def test_region_without_a_part_and_unknown_run_are_wrong_use(office, run):
    assert refused(run, "--region", "130300").returncode == 2
    with pytest.raises(CommandError) as fault:
        call_command("publish_run", "999", "--reviewed-by", "county", "--by", "approver")
    assert fault.value.returncode == 2


def test_two_people_must_be_named(office, run):
    with pytest.raises(CommandError):
        call_command("publish_run", str(run.pk), "--by", "approver")


def test_other_county_keeps_its_part(office, run):
    publish(run)

    assert RosterRun.objects.get(run=run, region=LUNAN).state == "computed"
