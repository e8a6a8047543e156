"""Every step of every kind of case, for every role and place: who may take it. Source: R29; facts 7."""

from __future__ import annotations

import pytest

from objections.enums import CaseKind
from objections.rules.workflow import WORKFLOWS
from roster.enums import Permission, Role
from roster.models import Agency, Posting, User
from roster.scope import may
from tests.factories.grading import County, person
from tests.factories.objections import OTHER, OWN, Office, speaks_for

BY_PEOPLE = {
    "own": {"own representative"},
    "handle": {"unit lead_clerk"},
    "verify": {"unit lead_clerk", "source department_clerk", "source department_approver"},
    "decide": {"unit lead_approver"},
}
"""Who, by place and role, takes a kind of step; nobody else."""
WHO = {
    "file": "own", "supply": "own", "withdraw": "own", "ask_review": "own",
    "accept": "handle", "ask_papers": "handle", "refuse": "handle", "refer": "handle",
    "send": "handle", "verify": "handle", "reply": "handle", "close": "handle",
    "extend": "verify", "answer": "verify", "conclude": "verify",
    "decide": "decide", "send_back": "decide", "reviewed": "decide",
}  # fmt: skip
STEPS = [
    pytest.param(step, id=f"{kind} {step.source or 'new'} {step.action}")
    for kind in CaseKind
    for step in WORKFLOWS[kind].steps
]
OF_LEADS = (
    Role.LEAD_CLERK, Role.LEAD_APPROVER, Role.READER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
)  # fmt: skip
OF_DEPARTMENTS = (
    Role.DEPARTMENT_CLERK, Role.DEPARTMENT_APPROVER, Role.READER, Role.INSPECTION_SUPERVISOR,
    Role.INSPECTOR,
)  # fmt: skip


def everybody(office: Office) -> dict[str, User]:
    """A person of every role that a place can have, and two representatives."""
    neighbour = County.make("130104")
    other = Agency.objects.create(
        code="dept-other", name="另一部门", region_id=office.region, kind="department"
    )
    province = Agency.objects.create(
        code="lead-130000", name="省牵头部门", region_id="130000", kind="lead"
    )
    city = Posting.objects.get(user=office.city_clerk).agency
    places = {
        "unit": (office.agency, OF_LEADS), "source": (office.authority, OF_DEPARTMENTS),
        "other department": (other, OF_DEPARTMENTS), "neighbour": (neighbour.agency, OF_LEADS),
        "neighbour's department": (neighbour.authority, OF_DEPARTMENTS), "city": (city, OF_LEADS),
        "province": (province, OF_LEADS),
    }  # fmt: skip
    people = {
        f"{place} {role}": person(f"x-{place}-{role}".replace(" ", "-"), agency, role)
        for place, (agency, roles) in places.items()
        for role in roles
    }
    return people | {
        "own representative": office.rep, "other representative": speaks_for("x-other", OTHER),
    }  # fmt: skip


@pytest.fixture
def world(office):
    case = office.file()
    office.accept(case)
    return office, everybody(office), case, office.send(case)


def test_every_step_has_its_people():
    assert {str(param.values[0].action) for param in STEPS} == set(WHO)


def test_only_these_people_take_each_step(world):
    _office, people, case, asked = world
    wrong = []
    for param in STEPS:
        (step,) = param.values
        held = {Permission.OWN_ENTERPRISE: case.enterprise, Permission.VERIFY_CASES: asked}.get(
            step.permission, case
        )
        able = {name for name, user in people.items() if may(user, step.permission, held)}
        if able != BY_PEOPLE[WHO[step.action]]:
            wrong.append(f"{param.id}: {able ^ BY_PEOPLE[WHO[step.action]]}")

    assert wrong == []
    assert len(people) == 6 * 4 + 5 * 3 + 2
    assert case.enterprise_id == OWN
