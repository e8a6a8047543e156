import pytest

from roster import reference
from tests.factories.roster import OPERATOR, Hebei


@pytest.fixture
def regions(db) -> None:
    """The real regions and industries, no people, no enterprises."""
    reference.load_reference(by=OPERATOR)


@pytest.fixture
def hebei(db) -> Hebei:
    """Three officers and five enterprises, of which none of the three sees all."""
    return Hebei()
