import datetime as dt

import pytest

from records.models import Record
from tests.factories.objections import OWN, Office


@pytest.fixture
def office(db, tmp_path, settings) -> Office:
    """长安区 with a graded enterprise, its representative, the offices and the city above."""
    settings.STORE_DIR = tmp_path
    return Office.open()


@pytest.fixture
def transactional_office(transactional_db, tmp_path, settings) -> Office:
    """The same with real transactions."""
    settings.STORE_DIR = tmp_path
    return Office.open()


@pytest.fixture
def office_of_many(office) -> tuple[Office, list[Record]]:
    """The same with more fines within the year, counted by a newer run."""
    more = [
        office.give(OWN, "penalty_other", f"2025-0{n}-10", measures="罚款") for n in range(3, 9)
    ]
    office.publish(office.run(dt.date(2025, 12, 31), kind="quarterly"))
    return office, [office.severe, office.fine, *more]
