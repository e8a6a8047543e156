"""People who meet on a page: of a county, its city, another county, and a department."""

from dataclasses import dataclass

from roster.models import User
from tests.browser import Browser

from .grading import COUNTY, County, person

CITY = "130100"
OTHER = "130108"


@dataclass
class Officers:
    """A county with its roster, its city, another county; each with clerk and approver."""

    county: County
    city: County
    other: County
    department_clerk: User
    department_approver: User
    other_department: User
    reader: User
    province_clerk: User
    auditor: User

    @classmethod
    def make(cls, county: County) -> "Officers":
        other = County.make(OTHER)
        province = County.make("130000")
        return cls(
            county=county,
            city=County.make(CITY),
            other=other,
            department_clerk=person("dept-clerk", county.authority, "department_clerk"),
            department_approver=person("dept-approver", county.authority, "department_approver"),
            other_department=person("dept-other", other.authority, "department_clerk"),
            reader=person("reader", county.agency, "reader"),
            province_clerk=province.clerk,
            auditor=person("auditor", province.agency, "audit_admin"),
        )


def signed_in(user: User) -> Browser:
    """A browser in which a person is signed in."""
    client = Browser()
    client.force_login(user)
    return client


__all__ = ["CITY", "COUNTY", "OTHER", "Officers", "signed_in"]
