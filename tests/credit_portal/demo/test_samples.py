"""The sample files go through the real imports, as the printed demo clerk sends them."""

import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from credit_portal.demo import people, samples
from grading.enums import RunKind
from grading.models import Rating
from grading.services import open_run, work
from intake.services import take_in
from roster.models import Enterprise, User

RECORDS = ["penalties", "listings", "behaviours"]
EXPECTED = {
    "行政处罚-2019版.csv": (10, 4),
    "行政处罚-现行版.xlsx": (9, 0),
    "名单.csv": (7, 1),
    "其他失信信息.csv": (4, 1),
}


@pytest.fixture
def clerk(demo, store_dir):
    """The demo clerk; what the test takes in is taken back."""
    with transaction.atomic():
        yield User.objects.get(username=people.CLERK)
        transaction.set_rollback(True)


def sent(by, path: Path, layouts):
    with path.open("rb") as stream:
        return take_in(by=by, layout_key=layouts, name=path.name, stream=stream)


def test_roster_file_adds_changes_and_refuses(clerk, folder):
    batch = sent(clerk, folder / "长安区名录.csv", "roster")

    assert (batch.added, batch.changed, batch.refused) == (18, 6, 7)
    assert batch.unchanged > 0


def test_the_same_roster_as_a_workbook_adds_nothing(clerk, folder):
    first = sent(clerk, folder / "长安区名录.csv", "roster")
    again = sent(clerk, folder / "长安区名录.xlsx", "roster")

    assert (again.added, again.changed, again.refused) == (0, 0, first.refused)


@pytest.mark.parametrize("name", EXPECTED)
def test_record_file_is_taken_in_but_for_its_wrong_lines(clerk, folder, name):
    batch = sent(clerk, folder / name, RECORDS)

    assert (batch.added, batch.refused) == EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "reference"),
    [("行政处罚-2019版.csv", "last year"), ("行政处罚-现行版.xlsx", "today")],
)
def test_penalties_turn_the_named_enterprise_into_a_c(clerk, folder, today, name, reference):
    worse = Enterprise.objects.get(name=named_in(folder))
    before = Rating.objects.standing().get(enterprise=worse).grade

    sent(clerk, folder / name, RECORDS)
    day = today if reference == "today" else dt.date(today.year - 1, 12, 31)
    run = open_run(by=clerk, kind=RunKind.ANNUAL, reference_date=day, on=today,
                   regions=[people.UNITS["changan"]])  # fmt: skip
    work(run.pk)

    assert before == "A"
    assert Rating.objects.get(part__run=run, enterprise=worse).grade == "C"


def named_in(folder: Path) -> str:
    """The enterprise the guide promises to become a C."""
    guide = (folder / samples.GUIDE).read_text(encoding="utf-8")
    return guide.split("因责令停产停业")[0].rsplit("“", 1)[1].rstrip("”")


@pytest.mark.django_db
def test_without_enterprises_of_the_county_nothing_is_written(tmp_path, today):
    call_command("reference", stdout=StringIO())

    assert samples.write(tmp_path, today=today) == 0
    assert not list(tmp_path.iterdir())


def test_missing_files_are_written_again(demo, folder, today):
    (folder / "名单.csv").unlink()

    assert samples.write(folder, today=today) == 1
    assert samples.write(folder, today=today) == 0
