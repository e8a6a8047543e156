import pytest

from intake import layouts
from tests.factories.intake import DayLayout


@pytest.fixture
def days():
    """The small layout, registered for one test."""
    layout = DayLayout()
    layouts._registry.layouts[layout.key] = layout
    yield layout
    del layouts._registry.layouts[layout.key]
