"""A county with a roster, two officers and an authority, for tests of runs and ratings."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from stdnum.cn import uscc

from audit.acts import acting, note
from grading import reference as grading_reference
from grading import services
from grading.models import RosterRun, Run
from records import services as records
from records.models import Record
from records.services import Given
from roster import reference as roster_reference
from roster.geography import geography
from roster.models import Agency, Posting, User
from roster.rules.registration import plan
from roster.scope import Operator
from roster.services import standings, write_plans
from workdays.services import load_reference as load_workdays

COUNTY = "130102"
TODAY = dt.date(2026, 3, 2)
REFERENCE = dt.date(2025, 12, 31)
OPERATOR = Operator(username="os:test")


def code(number: int, *, division: str = COUNTY) -> str:
    """The valid unified code of the n-th invented enterprise."""
    base = f"91{division}{number:09d}"
    return base + uscc.calc_check_digit(base)


def load_reference() -> None:
    """All reference tables, as `manage.py reference` loads them."""
    roster_reference.load_reference(by=OPERATOR)
    load_workdays(by=OPERATOR)
    records.load_reference(by=OPERATOR)
    grading_reference.load_reference(by=OPERATOR)


def state_set_up() -> None:
    """State the offices and people made around the acts, as acts that make them would."""
    with acting("tried.set_up", by=OPERATOR):
        for model in (Agency, User, Posting):
            for row in model.objects.all():
                note(target=row)


def person(username: str, agency: Agency, role: str) -> User:
    """An account with one posting since long ago."""
    user = User.objects.create_user(username, password="pass")
    Posting.objects.create(user=user, agency=agency, role=role, since=dt.date(2020, 1, 1))
    return user


@dataclass
class County:
    """A lead agency with a clerk and an approver, and the authority whose records it collects."""

    region: str
    agency: Agency
    authority: Agency
    clerk: User
    approver: User

    @classmethod
    def make(cls, region: str = COUNTY) -> "County":
        agency = Agency.objects.create(
            code=f"lead-{region}", name=f"{region}牵头部门", region_id=region, kind="lead"
        )
        authority = Agency.objects.create(
            code=f"dept-{region}", name=f"{region}市场监管部门", region_id=region, kind="department"
        )
        return cls(
            region,
            agency,
            authority,
            person(f"clerk-{region}", agency, "lead_clerk"),
            person(f"approver-{region}", agency, "lead_approver"),
        )

    def register(self, codes: Sequence[str], **given: object) -> None:
        """Put enterprises on this county's roster, or bring news about them."""
        where, known = geography(on=TODAY), standings(codes)
        facts = {"region_id": self.region, **given}
        plans = [
            plan(
                code=item,
                given={"name": f"虚构企业{item[-9:]}", **facts},
                before=known.get(item),
                geography=where,
                own=None,
                on=TODAY,
            )
            for item in codes
        ]
        write_plans(by=OPERATOR, plans=plans, source="test", on=TODAY)

    def give(
        self, enterprise: str, kind: str, decided_on: str, *, source: str = "test",
        on: dt.date = TODAY, **values: object,
    ) -> Record:  # fmt: skip
        """Give one record; without a number it gets one of its own."""
        count = Record.objects.count()
        given = Given(
            enterprise_id=enterprise,
            kind_id=kind,
            decided_on=dt.date.fromisoformat(decided_on),
            **{
                "authority_id": self.authority.pk,
                "provider_id": self.authority.pk,
                "number": f"测字〔2025〕{count}号",
                **values,
            },
        )
        records.give_records(by=OPERATOR, given=[given], source=source, on=on)
        return Record.objects.get(enterprise=enterprise, identity=given.identity)

    def run(self, reference: dt.date = REFERENCE, kind: str = "annual") -> Run:
        """Open a run of this county and compute it to its end."""
        opened = services.open_run(
            by=OPERATOR,
            kind=kind,
            reference_date=reference,
            on=max(TODAY, reference),
            regions=[self.region],
        )
        return services.work(opened.pk)

    def part(self, run: Run) -> RosterRun:
        return run.parts.select_related("run__scheme").get(region=self.region)

    def publish(self, run: Run) -> RosterRun:
        """Review and publish the county's part by its two officers."""
        part = self.part(run)
        services.review_part(by=self.clerk, part_id=part.pk, digest=part.digest)
        return services.publish_part(by=self.approver, part_id=part.pk, digest=part.digest)
