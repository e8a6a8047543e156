"""Who comes in, and what is said to somebody whose password is right but who may not."""

from __future__ import annotations

import datetime as dt

from audit.refusal import Refused

from .days import ever
from .models import Posting, Region, User
from .rules.placing import PROVINCE
from .scope import represented


def turned_away(user: User, *, on: dt.date) -> Refused | None:
    """Why a person may not come in on a day and whom to ask; None who holds a post, speaks for
    an enterprise, or may ask to. Source: R64.
    """
    if user.posts() or represented(user, on=on) or may_ask(user):
        return None
    for rows, code in (
        (user.postings, "roster.post_not_begun"),
        (user.representations, "roster.representation_not_begun"),
    ):
        ahead = rows.filter(ever(), since__gt=on)
        if first := ahead.order_by("since").first():
            return Refused(code, since=str(first.since))
    province = Region.objects.filter(pk=PROVINCE).first()
    last = next(iter(user.deciding()), None)
    if isinstance(last, Posting):
        where = str(last.agency.region)
        return Refused(
            "roster.posts_ended", until=str(last.until), agency=str(last.agency), region=where
        )
    if last is not None:
        return Refused(
            "roster.representation_ended", until=str(last.until), region=str(province or "")
        )
    return Refused("roster.no_post_yet", region=str(user.region or province or ""))


def may_ask(user: User) -> bool:
    """Whether somebody comes in, with nothing yet, to ask to speak for an enterprise: who has
    registered for it and never held a post. Everybody else is given an account for something.
    """
    return user.self_registered and user.is_active and not user.postings.exists()


__all__ = ["may_ask", "turned_away"]
