"""The demo people: who can sign in, as what, where."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

from django.contrib.auth.hashers import make_password

from audit.acts import note
from roster.enums import Role
from roster.models import Agency, Posting, Region, User
from roster.scope import Actor
from roster.services import appoint

from . import names
from .offices import code_of

PASSWORD = "credit-demo"  # noqa: S105  printed for everybody, demo mode only
UNITS = {
    "changan": "130102",
    "hebei": "130000",
    "shijiazhuang": "130100",
    "tangshan": "130200",
    "dingzhou": "130682",
    "rongcheng": "130629",
}
"""Where there are demo people: the province, two cities, three counties."""


@dataclass(frozen=True)
class Seat:
    """One post of a unit: the ending of the account, the role, the field ('' lead agency)."""

    ending: str
    role: Role
    field: str = ""


SEATS = (
    Seat("clerk", Role.LEAD_CLERK),
    Seat("approver", Role.LEAD_APPROVER),
    Seat("reader", Role.READER),
    Seat("market", Role.DEPARTMENT_CLERK, "market"),
    Seat("market2", Role.DEPARTMENT_APPROVER, "market"),
    Seat("supervisor", Role.INSPECTION_SUPERVISOR, "emergency"),
    Seat("inspector", Role.INSPECTOR, "emergency"),
)
ADMINISTRATORS = (
    ("sysadmin", Role.SYSTEM_ADMIN),
    ("secadmin", Role.SECURITY_ADMIN),
    ("auditadmin", Role.AUDIT_ADMIN),
)
CLERK, APPROVER = "changan.clerk", "changan.approver"
REPRESENTATIVE = "enterprise"


def usernames() -> list[str]:
    """The accounts one can sign in with, the demo clerk and the demo approver first."""
    seats = [f"{unit}.{seat.ending}" for unit in UNITS for seat in SEATS]
    return [*seats, *(name for name, _role in ADMINISTRATORS), REPRESENTATIVE]


def are_there() -> bool:
    return User.objects.filter(username=CLERK).exists()


def add_people(*, by: Actor, seed: int, since: dt.date) -> None:
    """Accounts and posts of the demo people, and of two people in every other lead agency.

    The others cannot sign in: they are there so that last year's results were reviewed and
    published by two people of the roster's own lead agency.
    """
    rng = Random(f"people {seed}")
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    wanted = [
        (f"{unit}.{seat.ending}", code_of(region, seat.field), seat.role, True)
        for unit, region in UNITS.items()
        for seat in SEATS
    ]
    wanted += [(name, code_of("130000", ""), role, True) for name, role in ADMINISTRATORS]
    wanted += [
        (f"{region.lower()}.{seat.ending}", code_of(region, ""), seat.role, False)
        for region in Region.objects.exclude(pk__in=UNITS.values()).values_list("pk", flat=True)
        for seat in SEATS[:2]
    ]
    wanted = [item for item in wanted if item[1] in agencies]
    users = _add_users([(name, signs_in) for name, _agency, _role, signs_in in wanted], rng)
    for name, agency, role, signs_in in wanted:
        if signs_in:
            appoint(by=by, user=users[name], agency=agencies[agency], role=role, since=since)
    # The silent ones in one statement: 350 single acts would take as long as all the records.
    silent = Posting.objects.bulk_create(
        Posting(user=users[name], agency=agencies[agency], role=role, since=since)
        for name, agency, role, signs_in in wanted
        if not signs_in
    )
    for posting in silent:
        note(target=posting)


def _add_users(accounts: list[tuple[str, bool]], rng: Random) -> dict[str, User]:
    """One hash for all: the password is public, and hashing it 46 times takes half a minute."""
    known, nobody = make_password(PASSWORD), make_password(None)
    added = User.objects.bulk_create(
        User(username=name, full_name=names.person(rng), password=known if signs_in else nobody)
        for name, signs_in in [*accounts, (REPRESENTATIVE, True)]
    )
    for user in added:
        note(target=user)
    return User.objects.in_bulk([name for name, _signs_in in accounts], field_name="username")
