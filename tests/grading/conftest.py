import pytest

from tests.factories.grading import County, load_reference


@pytest.fixture
def county(db) -> County:
    """长安区 with reference tables, a clerk, an approver and an authority."""
    load_reference()
    return County.make()
