"""Acts on the reference tables."""

import pytest

from audit.refusal import Refused
from roster.models import Agency, AgencyName
from roster.tables import save_agency
from tests.factories.roster import CHANGAN, LUNAN, OPERATOR, department, lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder(regions) -> Agency:
    """An agency that was called otherwise before."""
    agency = lead(CHANGAN)
    AgencyName.objects.create(agency=agency, name="长安区（原）信用办")
    return agency


@pytest.mark.parametrize("name", ["130102牵头部门", "130102 牵头部门", "长安区(原)信用办"])
@pytest.mark.parametrize("as_other", [False, True])
def test_name_of_another_agency_is_refused_with_its_holder(holder, name: str, as_other) -> None:
    agency = department(LUNAN)
    names = [name] if as_other else None
    agency.name = agency.name if as_other else name

    with pytest.raises(Refused) as refusal:
        save_agency(by=OPERATOR, agency=agency, names=names)

    assert (refusal.value.code, refusal.value.values) == (
        "roster.agency_name_taken",
        {"name": name, "agency": "130102牵头部门"},
    )


def test_agency_goes_back_to_its_own_former_name(holder) -> None:
    holder.name = "长安区（原）信用办"

    save_agency(by=OPERATOR, agency=holder)

    assert list(holder.other_names.values_list("name", flat=True)) == ["130102牵头部门"]
