"""`take_back`: two people, one effect, what it prints, its exit codes."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.refusal import Refused
from grading.regrading import current_rating
from intake import taking_back
from intake.enums import BatchState
from intake.models import Batch
from tests.factories.grading import County, code, load_reference
from tests.factories.roster_files import OPERATOR, line, roster_file
from tests.factories.taking_back import give_file, weighed

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> County:
    load_reference()
    county = County.make()
    county.register([code(1)])
    return county


def take_back(batch: Batch, asker: str, second: str, *more: str) -> None:
    call_command(
        "take_back", str(batch.pk), "--reason", "发错了文件", "--asked-by", asker, "--by", second,
        *more,
    )  # fmt: skip


def test_takes_a_file_back_and_prints_one_json_object(county, capsys):
    batch = give_file(county, 1)
    county.publish(county.run())
    take_back(batch, county.clerk.username, county.approver.username, "--json")
    assert json.loads(capsys.readouterr().out) == {
        "batch": batch.pk, "retracted": 1, "restored": 0, "kept": 0, "grades": {"C→A": 1},
    }  # fmt: skip
    assert current_rating(code(1)).grade == "A"


def test_file_of_the_operator_is_the_provinces(county, capsys):
    batch = roster_file(line(code(11)), by=OPERATOR)
    province = County.make("130000")
    take_back(batch, province.clerk.username, province.approver.username)
    assert "已撤回：失效 1" in capsys.readouterr().out


@pytest.mark.parametrize("second", ["clerk", "neighbour"])
def test_refused_without_a_second_person_of_the_unit(county, second):
    batch = give_file(county, 1)
    by = {"clerk": county.clerk, "neighbour": County.make("130104").approver}[second]
    with pytest.raises(CommandError) as refused:
        take_back(batch, county.clerk.username, by.username)
    assert refused.value.returncode == 1
    batch.refresh_from_db()
    assert (batch.state, batch.take_backs.count()) == (BatchState.MERGED, 0)


def test_own_request_that_waits_is_taken_up(county):
    batch = give_file(county, 1)
    taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="发错了")
    weighed(batch)
    take_back(batch, county.clerk.username, county.approver.username)
    batch.refresh_from_db()
    assert (batch.state, batch.take_backs.get().reason) == (BatchState.TAKEN_BACK, "发错了")


def test_reason_that_is_too_long_is_refused(county):
    batch = give_file(county, 1)
    with pytest.raises(Refused, match="reason_too_long"):
        taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="长" * 201)


def test_unknown_file_is_used_wrongly(county):
    with pytest.raises(CommandError) as refused:
        take_back(Batch(pk=99), county.clerk.username, county.approver.username)
    assert refused.value.returncode == 2
