"""Accounts that people of enterprises make for themselves, and passwords they have forgotten.

Such an account can do nothing but ask to speak for an enterprise. Source: R32, R64.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.socialaccount.models import SocialAccount
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
    return _register(by=_new_name(), full_name=full_name, password=password, email=email)


def register_signed_on(*, full_name: str, provider: str, uid: str) -> User:
    """The account of somebody whom another sign-on knows, who comes from there for the first time;
    it has no password. Raises Refused, also when the same person was faster in another window.
    """
    return _register_signed_on(by=_new_name(), full_name=full_name, provider=provider, uid=uid)


def _new_name() -> Account:
    for _try in range(TRIES):
        name = f"{PREFIX}{secrets.randbelow(10**8):08d}"
        if not User.objects.filter(username=name).exists():
            return Account(username=name)
    raise Refused("roster.registering_failed")


@act("roster.account_registered")
def _register(*, by: Account, full_name: str, password: str, email: str) -> User:
    with _taken_refuses():
        user = User.objects.create_user(
            by.username, password, full_name=full_name, email=email, self_registered=True
        )
    note(target=user)
    return user


@act("roster.account_signed_on")
def _register_signed_on(*, by: Account, full_name: str, provider: str, uid: str) -> User:
    with _taken_refuses():
        user = User.objects.create_user(by.username, full_name=full_name, self_registered=True)
        SocialAccount.objects.create(user=user, provider=provider, uid=uid, extra_data={})
    note(target=user, provider=provider)
    return user


@contextmanager
def _taken_refuses() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise Refused("roster.registering_failed") from None


@act("roster.password_reset")
def reset_password(*, by: User, password: str) -> User:
    """A new password for who has shown to read the mail of the account; all sessions end."""
    return change_own_password(by=by, password=password)


def may_reset_by_mail(user: User) -> bool:
    """Accounts of enterprises with an address; who holds a post asks the security administrator."""
    return bool(user.is_active and user.email and not user.postings.exists())


__all__ = ["may_reset_by_mail", "register_account", "register_signed_on", "reset_password"]
