"""`rate`: one run on the command line, or handed to the workers. Source: design §5."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from audit.models import Event
from grading import engine, services
from grading.models import Run
from tests.factories.roster import CHANGAN, LUNAN, QIAOXI

KEYS = ["run", "state", "scheme", "reference_date", "grades", "verdicts", "digest"]


def rate(*given: str) -> dict:
    out = StringIO()
    call_command("rate", *given, "--json", stdout=out)
    return json.loads(out.getvalue())


def refused(*given: str) -> tuple[int, str, dict]:
    """Exit code, sentence and what was printed."""
    out = StringIO()
    with pytest.raises(CommandError) as fault:
        call_command("rate", *given, "--json", stdout=out)
    return fault.value.returncode, str(fault.value), json.loads(out.getvalue() or "{}")


def test_one_object_with_the_agreed_keys(office):
    said = rate("--as-of", "2025-12-31")
    run = Run.objects.get()

    assert list(said) == KEYS
    assert said == {
        "run": run.pk,
        "state": "computed",
        "scheme": 1,
        "reference_date": "2025-12-31",
        "grades": {"A": 5},
        "verdicts": 1,
        "digest": run.digest,
    }


def test_it_acts_for_the_operating_system_account_by_default(office):
    rate("--as-of", "2025-12-31")

    assert Run.objects.get().started_by.startswith("os:")


def test_it_acts_for_a_named_person_over_that_persons_rosters(office):
    rate("--as-of", "2025-12-31", "--by", "county")

    run = Run.objects.get()
    assert (run.started_by, [part.region_id for part in run.parts.all()]) == ("county", [CHANGAN])


def test_chosen_rosters_kind_and_scheme(office):
    rate(
        *("--as-of", "2025-09-30", "--kind", "quarterly", "--scheme", "1"),
        *("--region", QIAOXI, "--region", LUNAN),
    )
    run = Run.objects.get()

    assert (run.kind, str(run.reference_date)) == ("quarterly", "2025-09-30")
    assert sorted(part.region_id for part in run.parts.all()) == [QIAOXI, LUNAN]


def test_handed_to_the_workers_it_answers_with_run_and_state_only(office):
    said = rate("--as-of", "2025-12-31", "--celery")

    assert said == {"run": Run.objects.get().pk, "state": "opened"}


def test_resume_goes_on_with_a_stopped_run(office):
    run = office.open(office.hebei.province)
    engine.slice_run(run.pk)
    services.stop_run(by=office.hebei.province, run_id=run.pk)
    said = rate("--resume", str(run.pk))

    assert (said["run"], said["state"], said["grades"]) == (run.pk, "computed", {"A": 5})


def test_resume_of_a_finished_run_says_its_result(office, run):
    assert rate("--resume", str(run.pk))["digest"] == run.digest


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("--as-of", "2099-12-31"), "晚于今天"),
        (("--as-of", "2024-02-29"), "2月29日"),
        (("--as-of", "2025-12-31", "--scheme", "7"), "没有第7版评价标准"),
        (("--as-of", "2025-12-31", "--region", "999999"), "999999"),
        (("--as-of", "2025-12-31", "--by", "county", "--region", LUNAN), LUNAN),
        (("--as-of", "2025-12-31", "--by", "market"), "权限"),
        (("--resume", "999"), "权限"),
    ],
)
def test_refused_exits_with_1_and_is_recorded(office, given, sentence):
    returncode, message, said = refused(*given)

    assert returncode == 1
    assert sentence in message
    assert [*said] == [*KEYS, "message"]
    assert (said["run"], said["state"], said["message"]) == (None, "refused", message)
    assert Event.objects.filter(outcome="refused").count() == 1
    assert not Run.objects.exists()


def test_second_run_at_once_is_refused_by_name(office):
    rate("--as-of", "2025-12-31")

    returncode, message, _said = refused("--as-of", "2025-12-31")
    assert returncode == 1
    assert "已有未办结的评价" in message


@pytest.mark.parametrize(
    "given",
    [
        (),
        ("--as-of", "2025-13-01"),
        ("--as-of", "2025-12-31", "--resume", "1"),
        ("--as-of", "2025-12-31", "--kind", "weekly"),
    ],
)
def test_wrong_use_is_said_by_the_parser(office, given):
    with pytest.raises(CommandError):
        call_command("rate", *given)


def test_unknown_person_is_wrong_use(office):
    returncode, message, said = refused("--as-of", "2025-12-31", "--by", "nobody")

    assert (returncode, said) == (2, {})
    assert "nobody" in message


def test_it_waits_while_others_hold_slices(office):
    """A worker that took a slice first finishes it; the command ends when all is done."""
    run = office.open(office.hebei.county)
    engine.slice_run(run.pk)
    taken = engine.take_chunks(run.pk, now=timezone.now())

    done = services.work_to_end(run.pk, wait=lambda: engine.grade_chunks(taken))

    assert done.state == "computed"
