"""How an empty portal gets its first security administrator, who posts all the others."""

from __future__ import annotations

import datetime as dt

from audit.acts import act
from audit.refusal import Refused

from .accounts import appoint, open_account
from .enums import AgencyKind, Role
from .models import Agency, Posting, Region, User
from .rules.placing import PROVINCE
from .scope import Operator
from .tables import save_agency

FIRST_ADMIN = "roster.first_admin_posted"


@act(FIRST_ADMIN)
def post_first_admin(
    *, by: Operator, on: dt.date, agency_code: str, agency_name: str, username: str,
    full_name: str, password: str,
) -> User:  # fmt: skip
    """Set up the lead agency of the province and its security administrator, from a day on.

    Once: as soon as anybody has ever held a post, accounts are the security administrators'
    business, and nobody makes one beside them. Raises Refused. Source: R64; domain facts 7.
    """
    province = Region.objects.select_for_update(no_key=True).filter(pk=PROVINCE).first()
    if province is None:
        raise Refused("roster.no_reference")
    if Posting.objects.exists():
        raise Refused("roster.posts_exist")
    new = Agency(code=agency_code, name=agency_name, region=province, kind=AgencyKind.LEAD)
    agency = save_agency(by=by, agency=new, on=on)
    user = open_account(by=by, username=username, full_name=full_name, password=password)
    appoint(by=by, user=user, agency=agency, role=Role.SECURITY_ADMIN, since=on)
    return user


__all__ = ["FIRST_ADMIN", "post_first_admin"]
