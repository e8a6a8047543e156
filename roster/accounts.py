"""Acts on accounts, posts and representatives, by security administrators. Source: R64; domain facts 7."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import localdate

from audit.actors import is_reserved
from audit.acts import act, note, stamp
from audit.refusal import Refused

from .days import lasts, overlapping
from .enums import AgencyKind, Permission, Role
from .models import Agency, Enterprise, Posting, Representative, User
from .roles import ADMIN_ROLES, LEAD_ROLES
from .saving import store
from .scope import Actor, may, require

DEPARTMENT_ROLES = frozenset({Role.DEPARTMENT_CLERK, Role.DEPARTMENT_APPROVER})


@act("roster.account_opened")
def open_account(
    *, by: Actor, username: str, full_name: str, password: str | None, email: str = ""
) -> User:
    """Open an account; without a post it can do nothing. It belongs to the region that opens it.

    Raises NotPermitted, Refused.
    """
    require(by, Permission.MANAGE_ACCOUNTS)
    if is_reserved(User.normalize_username(username)):
        raise Refused("roster.account_reserved", username=username)
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                username, password, full_name=full_name, email=email, region_id=_opening_region(by)
            )
    except IntegrityError:
        raise Refused("roster.account_exists", username=username) from None
    note(target=user, changes=[("full_name", "", full_name)])
    return user


def _opening_region(by: Actor) -> str | None:
    """Where the opener looks after accounts, of several regions the one with most below it."""
    posts = [post for post in by.posts() if post.grants(Permission.MANAGE_ACCOUNTS)]
    return max(posts, key=lambda post: len(post.subtree)).region if posts else None


@act("roster.account_changed")
def change_account(
    *, by: Actor, user: User, full_name: str, is_active: bool, email: str | None = None
) -> User:
    """Correct the name, where notices are mailed to (None: as it is), switch the account off or on.
    It takes effect at the next request; what was signed in before it was switched off stays signed
    out when it is on again.

    Raises NotPermitted, Refused for switching off oneself.
    """
    current = held_account(by, user)
    if not is_active and current.username == by.username:
        raise Refused("roster.not_oneself")
    new = {
        "full_name": full_name, "is_active": is_active,
        "email": current.email if email is None else email,
    }  # fmt: skip
    changes = [
        (name, str(getattr(current, name)), str(value))
        for name, value in new.items()
        if getattr(current, name) != value
    ]
    ended = {} if is_active else {"sessions_ended_at": stamp()}
    User.objects.filter(pk=current.pk).update(**new, **ended)
    note(target=current, changes=changes)
    return User.objects.get(pk=current.pk)


@act("roster.password_set")
def set_password(*, by: Actor, user: User, password: str) -> None:
    """Give an account a new password; its open sessions end. Raises NotPermitted."""
    current = held_account(by, user)
    current.set_password(password)
    current.save(update_fields=["password"])
    note(target=current)


@act("roster.password_changed")
def change_own_password(*, by: User, password: str) -> User:
    """Somebody who has just typed the old password takes a new one; other sessions end."""
    current = User.objects.select_for_update().get(pk=by.pk)
    current.set_password(password)
    current.save(update_fields=["password"])
    note(target=current)
    return current


def held_account(by: Actor, user: User) -> User:
    """The account as it stands, locked; only for who looks after all its posts."""
    current = User.objects.select_for_update().get(pk=user.pk)
    require(by, Permission.MANAGE_ACCOUNTS, current)
    return current


@act("roster.posted")
def appoint(
    *, by: Actor, user: User, agency: Agency, role: str, since: dt.date,
    until: dt.date | None = None,
) -> Posting:  # fmt: skip
    """Give a person a role in an agency. The three administrators exclude every other role.

    Whoever posts a person looks after the account: a post here would else give away, or take
    over, the account of somebody who belongs elsewhere. Raises NotPermitted (another area's agency
    or account), Refused. Source: domain facts 7 (separated administrators); R64.
    """
    require(by, Permission.MANAGE_ACCOUNTS, agency)
    agency = Agency.objects.select_for_update(of=("self",)).get(pk=agency.pk)
    user = _to_post(by, user)
    _refuse_wrong_agency(agency, role)
    if until is not None and until < since:
        raise Refused("roster.posting_ends_before_it_begins", since=str(since), until=str(until))
    if not lasts(agency, since, until):
        raise Refused(
            "roster.agency_not_in_effect",
            agency=agency.name,
            since=str(agency.since or "—"),
            until=str(agency.until or "—"),
        )
    _refuse_excluded(user, role, since, until)
    _refuse_held(user, agency, role, since, until)
    if user.representations.filter(overlapping(since, until)).exists():
        raise Refused("roster.speaks_for_enterprises", user=str(user))
    posting = Posting(user=user, agency=agency, role=role, since=since, until=until)
    store(posting)
    # Not on the account: its history is read in every area the person is posted in.
    note(
        target=posting,
        user=user.username,
        agency=agency.name,
        role=str(Role(role).label),
        since=str(since),
    )
    return posting


def _to_post(by: Actor, user: User) -> User:
    """The account, locked. Who sees it but does not look after it learns whom to ask."""
    current = User.objects.select_for_update().get(pk=user.pk)
    seen = User.objects.visible_to(by).filter(pk=current.pk).exists()
    if seen and not may(by, Permission.MANAGE_ACCOUNTS, current):
        spoken = any(isinstance(row, Representative) for row in current.deciding())
        code = "roster.account_speaks" if spoken else "roster.account_elsewhere"
        raise Refused(code, user=str(current))
    require(by, Permission.MANAGE_ACCOUNTS, current)
    return current


def _refuse_wrong_agency(agency: Agency, role: str) -> None:
    """A lead role needs a lead agency, a department role a supervising department."""
    values = {"role": str(Role(role).label), "agency": agency.name}
    if role in LEAD_ROLES and agency.kind != AgencyKind.LEAD:
        raise Refused("roster.role_needs_lead", **values)
    if role in DEPARTMENT_ROLES and agency.kind != AgencyKind.DEPARTMENT:
        raise Refused("roster.role_needs_department", **values)


def _refuse_excluded(user: User, role: str, since: dt.date, until: dt.date | None) -> None:
    """Against every post whose time overlaps the new one."""
    meanwhile = user.postings.filter(overlapping(since, until))
    others = set(meanwhile.values_list("role", flat=True)) - {role}
    if others and (role in ADMIN_ROLES or others & ADMIN_ROLES):
        raise Refused("roster.roles_exclude_each_other", user=str(user))


def _refuse_held(
    user: User, agency: Agency, role: str, since: dt.date, until: dt.date | None
) -> None:
    """One post is one line: two that overlap would have to be ended twice."""
    same = user.postings.filter(overlapping(since, until), agency=agency, role=role)
    if held := same.order_by("since").first():
        raise Refused(
            "roster.already_posted",
            user=str(user),
            agency=agency.name,
            role=str(Role(role).label),
            since=str(held.since),
            until=str(held.until or "—"),
        )


def _end(row: Posting | Representative, until: dt.date) -> bool:
    """Let a post or representation that goes on end on a day; whether it still went on."""
    going_on = (
        type(row)
        .objects.filter(pk=row.pk)
        .filter(Q(until__isnull=True) | Q(until__gt=max(until, localdate())))
    )
    return going_on.update(until=until) == 1


@act("roster.posting_ended")
def end_posting(*, by: Actor, posting: Posting, until: dt.date) -> None:
    """End a posting; it is without effect from `until` on, at the next request."""
    require(by, Permission.MANAGE_ACCOUNTS, posting.agency)
    if posting.user.username == by.username:
        raise Refused("roster.not_oneself")
    if until < posting.since:
        raise Refused(
            "roster.posting_ends_before_it_begins", since=str(posting.since), until=str(until)
        )
    if not _end(posting, until):
        raise Refused("roster.posting_already_ended")
    note(
        target=posting,
        user=posting.user.username,
        agency=posting.agency.name,
        role=str(Role(posting.role).label),
        until=str(until),
    )


# --- representatives -----------------------------------------------------------------------------


@act("roster.represented")
def represent(
    *, by: Actor, user: User, code: str, since: dt.date, until: dt.date | None = None
) -> Representative:
    """Let a person speak for the enterprise of a unified code, from a day until before another.

    The account is the person's own as a representative: nobody holds a post with it meanwhile, and
    the province looks after it. Raises NotPermitted, Refused. Source: R32 (企业自查), R64.
    """
    require(by, Permission.MANAGE_REPRESENTATIVES)
    return made_representative(user=user, code=code, since=since, until=until)


def made_representative(
    *, user: User, code: str, since: dt.date, until: dt.date | None = None
) -> Representative:
    """The same for an act that has asked by itself who may. Raises Refused."""
    user = User.objects.select_for_update().get(pk=user.pk)
    _refuse_backwards(since, until)
    if not Enterprise.objects.filter(pk=code).exists():
        raise Refused("roster.unknown_enterprise", code=code)
    if user.postings.filter(overlapping(since, until)).exists():
        raise Refused("roster.representative_is_posted", user=str(user))
    same = user.representations.filter(overlapping(since, until), enterprise=code)
    if same.exists():
        raise Refused("roster.already_represents", user=str(user), code=code)
    row = Representative.objects.create(user=user, enterprise_id=code, since=since, until=until)
    note(
        target=row, user=user.username, enterprise=code, since=str(since), ends=until and str(until)
    )
    return row


@act("roster.representation_ended")
def end_representation(*, by: Actor, representative: Representative, until: dt.date) -> None:
    """End a representation; it is without effect from `until` on, at the next request."""
    require(by, Permission.MANAGE_REPRESENTATIVES)
    ended_representative(representative=representative, until=until)


def ended_representative(*, representative: Representative, until: dt.date) -> None:
    """The same for an act that has asked by itself who may. Raises Refused."""
    _refuse_backwards(representative.since, until)
    if not _end(representative, until):
        raise Refused("roster.representation_already_ended")
    note(
        target=representative,
        user=representative.user.username,
        enterprise=representative.enterprise_id,
        ends=str(until),
    )


def _refuse_backwards(since: dt.date, until: dt.date | None) -> None:
    if until is not None and until < since:
        raise Refused("roster.representation_backwards", since=str(since), until=str(until))


__all__ = [
    "appoint",
    "change_account",
    "change_own_password",
    "end_posting",
    "end_representation",
    "ended_representative",
    "held_account",
    "made_representative",
    "open_account",
    "represent",
    "set_password",
]
