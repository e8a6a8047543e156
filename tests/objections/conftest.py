import pytest

from tests.factories.objections import Office


@pytest.fixture
def office(db, tmp_path, settings) -> Office:
    """长安区 with a graded enterprise, its representative, the offices and the city above."""
    settings.STORE_DIR = tmp_path
    return Office.open()
