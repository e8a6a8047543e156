from dataclasses import dataclass

import pytest

from grading import reference, services
from grading.models import RosterRun, Run
from roster.models import User
from tests.factories.grading import REFERENCE
from tests.factories.roster import CHANGAN, OPERATOR, TODAY, Hebei, lead, person


@dataclass
class Office:
    """The three officers and what they may see, with the approver of 长安区 and a first scheme."""

    hebei: Hebei
    approver: User

    def open(self, by: User, kind: str = "annual", **values) -> Run:
        """A run that nobody has worked on yet."""
        given = {"kind": kind, "reference_date": REFERENCE, "on": TODAY, **values}
        return services.open_run(by=by, **given)

    def compute(self, by: User, **values) -> Run:
        return services.work(self.open(by, **values).pk)

    def publish(self, part: RosterRun) -> RosterRun:
        """Review and publish a part of 长安区 by its two officers."""
        services.review_part(by=self.hebei.county, part_id=part.pk, digest=part.digest)
        return services.publish_part(by=self.approver, part_id=part.pk, digest=part.digest)


@pytest.fixture
def office(db) -> Office:
    hebei = Hebei()
    reference.load_reference(by=OPERATOR)
    return Office(hebei, person(lead(CHANGAN), "lead_approver", username="approver"))


@pytest.fixture
def run(office: Office) -> Run:
    """The province's yearly run over all five rosters, computed."""
    return office.compute(office.hebei.province)


@pytest.fixture
def part(run: Run) -> RosterRun:
    """The part of 长安区."""
    return part_of(run, CHANGAN)


def part_of(run: Run, region: str) -> RosterRun:
    return run.parts.select_related("run__scheme", "region").get(region=region)
