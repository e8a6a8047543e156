"""Accounts that people of enterprises make for themselves, and passwords they have forgotten.

Such an account can do nothing but ask to speak for an enterprise. Source: R32, R64.
"""

from __future__ import annotations

import secrets

from django.db import IntegrityError, transaction

from audit.acts import Account, act, note
from audit.refusal import Refused

from .accounts import change_own_password
from .models import User

PREFIX = "QY"
"""企业."""
TRIES = 5


def register_account(*, full_name: str, password: str, email: str = "") -> User:
    """A new account under a name that the portal makes: nobody learns which ones there are.

    Raises Refused when no free name was found, which by 100,000,000 of them is a matter of chance.
    """
    for _try in range(TRIES):
        name = f"{PREFIX}{secrets.randbelow(10**8):08d}"
        if not User.objects.filter(username=name).exists():
            return _register(
                by=Account(username=name), full_name=full_name, password=password, email=email
            )
    raise Refused("roster.registering_failed")


@act("roster.account_registered")
def _register(*, by: Account, full_name: str, password: str, email: str) -> User:
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                by.username, password, full_name=full_name, email=email, self_registered=True
            )
    except IntegrityError:
        raise Refused("roster.registering_failed") from None
    note(target=user)
    return user


@act("roster.password_reset")
def reset_password(*, by: User, password: str) -> User:
    """A new password for who has shown to read the mail of the account; all sessions end."""
    return change_own_password(by=by, password=password)


def may_reset_by_mail(user: User) -> bool:
    """Accounts of enterprises with an address; who holds a post asks the security administrator."""
    return bool(user.is_active and user.email and not user.postings.exists())


__all__ = ["may_reset_by_mail", "register_account", "reset_password"]
