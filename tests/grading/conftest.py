import pytest

from tests.factories.grading import County, load_reference
from tests.factories.officers import Officers


@pytest.fixture
def county(db) -> County:
    """长安区 with reference tables, a clerk, an approver and an authority."""
    load_reference()
    return County.make()


@pytest.fixture
def officers(county: County) -> Officers:
    """The people of 长安区, of 石家庄市 above it, of 裕华区 beside it, and of a department."""
    return Officers.make(county)
