"""For whom a command acts, and who ran it."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.actors import operating_account
from audit.labels import sentence
from audit.models import Event
from tests.factories.roster import CHANGAN, lead, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store_dir", "regions")]


@pytest.fixture
def roster_file(tmp_path: Path) -> Path:
    path = tmp_path / "名录.csv"
    path.write_text(
        "企业名称,统一社会信用代码,注册地行政区划代码\n长安甲公司,91130102MA00000014,130102\n",
        "utf-8",
    )
    return path


def test_events_of_a_command_say_for_whom_and_by_whom(roster_file) -> None:
    person(lead(CHANGAN), "lead_clerk", username="clerk")
    known = Event.objects.count()

    call_command("import_roster", roster_file, "--by", "clerk")

    events = Event.objects.order_by("number")[known:]
    assert {(event.actor, event.details["ran_by"]) for event in events} == {
        ("clerk", operating_account())
    }
    assert f"由{operating_account()}在服务器上执行" in sentence(events[0])


def test_refusals_of_a_command_say_so_too(roster_file) -> None:
    person(lead(CHANGAN), "reader", username="reader")

    with pytest.raises(CommandError):
        call_command("import_roster", roster_file, "--by", "reader")

    event = Event.objects.refused().get()
    assert (event.actor, event.details["ran_by"]) == ("reader", operating_account())


def test_operator_is_named_once(roster_file) -> None:
    call_command("import_roster", roster_file)

    event = Event.objects.order_by("number").last()
    assert (event.actor, "ran_by" in event.details) == (operating_account(), False)
