"""The second step of signing in: a code from an app on the phone, or a recovery code. Source: R64.

The rows are django-allauth's. What changes them ends every session that was opened before.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP

from audit.acts import act, note, stamp
from audit.refusal import Refused

from .accounts import held_account
from .models import User
from .scope import Actor

APP = Authenticator.Type.TOTP
RESET = "roster.second_factor_reset"
CODES = Authenticator.Type.RECOVERY_CODES


def has_second_factor(user: User) -> bool:
    """Whether signing in asks this person for a code."""
    return Authenticator.objects.filter(user=user, type=APP).exists()


@act("roster.second_factor_set_up")
def set_up_second_factor(*, by: User, secret: str) -> User:
    """Bind the app that has just shown a right code for `secret`, and make new recovery codes.

    Raises Refused when one is bound already.
    """
    user = _own(by)
    if has_second_factor(user):
        raise Refused("roster.second_factor_there")
    TOTP.activate(user, secret)
    _new_codes(user)
    return _changed(user)


@act("roster.second_factor_removed")
def remove_second_factor(*, by: User) -> User:
    """Unbind the own app; its recovery codes go with it. Raises Refused when none is bound."""
    user = _own(by)
    _unbind(user)
    return _changed(user)


@act("roster.recovery_codes_made")
def make_recovery_codes(*, by: User) -> User:
    """New recovery codes in place of the former. Raises Refused when no app is bound."""
    user = _own(by)
    if not has_second_factor(user):
        raise Refused("roster.second_factor_missing")
    _new_codes(user)
    return _changed(user)


@act(RESET)
def reset_second_factor(*, by: Actor, user: User) -> User:
    """For somebody who has lost the phone: the next sign-in asks for the password alone, and has
    another app bound. Raises NotPermitted, Refused for oneself and when none is bound.
    """
    current = held_account(by, user)
    if current.username == by.username:
        raise Refused("roster.second_factor_not_own")
    _unbind(current)
    return _changed(current)


def _own(by: User) -> User:
    return User.objects.select_for_update().get(pk=by.pk)


def _unbind(user: User) -> None:
    gone, _rows = Authenticator.objects.filter(user=user).delete()
    if not gone:
        raise Refused("roster.second_factor_missing")


def _new_codes(user: User) -> None:
    Authenticator.objects.filter(user=user, type=CODES).delete()
    RecoveryCodes.activate(user)


def _changed(user: User) -> User:
    user.sessions_ended_at = stamp()
    user.save(update_fields=["sessions_ended_at"])
    note(target=user)
    return user


__all__ = [
    "RESET",
    "has_second_factor",
    "make_recovery_codes",
    "remove_second_factor",
    "reset_second_factor",
    "set_up_second_factor",
]
