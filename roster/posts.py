"""A post: what one open posting lets a person do, and where. Read by `scope`."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps

from .days import in_effect
from .enums import AgencyKind, Permission
from .roles import PERMISSIONS, PROVINCE_ONLY
from .rules.placing import PROVINCE
from .rules.registration import answering


@dataclass(frozen=True)
class Post:
    """One posting in force: role, agency, its region and all regions that report to it."""

    role: str
    agency: int
    agency_name: str
    agency_code: str
    region: str
    is_lead: bool
    subtree: frozenset[str]

    def grants(self, permission: str) -> bool:
        """Whether the role carries the permission here at all."""
        if permission in PROVINCE_ONLY and self.region != PROVINCE:
            return False
        return Permission(permission) in PERMISSIONS[self.role]

    @classmethod
    def held(cls, user, *, on: dt.date) -> tuple[Post, ...]:
        """The posts `user` holds on a day in agencies of that day; none when switched off."""
        if not user.is_active or user.pk is None:
            return ()
        postings = list(
            apps.get_model("roster", "Posting")
            .objects.filter(in_effect(on), in_effect(on, "agency__"), user_id=user.pk)
            .select_related("agency")
            .order_by("pk")
        )
        below = subtrees(on=on) if postings else {}
        return tuple(
            cls(
                role=posting.role,
                agency=posting.agency_id,
                agency_name=posting.agency.name,
                agency_code=posting.agency.code,
                region=posting.agency.region_id,
                is_lead=posting.agency.kind == AgencyKind.LEAD,
                subtree=below.get(posting.agency.region_id, frozenset({posting.agency.region_id})),
            )
            for posting in postings
        )


def listed(codes: Sequence[str]) -> str:
    """Agencies by their codes in one text; each stands between bars, so it can be looked up whole.

    >>> listed(["130102-lead", "130102-market"])
    '|130102-lead|130102-market|'
    """
    return "".join(f"|{code}" for code in dict.fromkeys(codes)) + "|" if codes else ""


def superiors(*, on: dt.date) -> dict[str, str]:
    """For every region the region it reports to on a day; the province has none."""
    links = apps.get_model("roster", "Reporting").objects.filter(in_effect(on))
    return dict(links.values_list("region_id", "superior_id"))


def unit_for(region: str | None, *, on: dt.date) -> str:
    """The region whose unit answers on a day for a place without a roster; two queries."""
    present = apps.get_model("roster", "Region").objects.filter(in_effect(on))
    return answering(
        region, present=set(present.values_list("code", flat=True)), above=superiors(on=on)
    )


def subtrees(*, on: dt.date) -> dict[str, frozenset[str]]:
    """For every region itself and all that report to it, directly or not, on a day."""
    above = superiors(on=on)
    found: dict[str, set[str]] = defaultdict(set)
    for region in set(above) | set(above.values()):
        step: str | None = region
        while step is not None and region not in found[step]:
            found[step].add(region)
            step = above.get(step)
    return {region: frozenset(members) for region, members in found.items()}
